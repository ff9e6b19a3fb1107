//! The strict pass over a document's events: builds the tree of nodes and refuses what is not
//! accepted, going on after each mistake as far as it can.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::document::{Content, Node, Scalar};
use super::{Limits, YamlError, YamlProblem, scalar};
use crate::source::{FileId, Span};

/// Most mistakes reported before the text is the wrong one altogether.
const ERRORS_MAX: usize = 100;

pub(super) fn read(file: FileId, text: &str, limits: &Limits) -> (Option<Node>, Vec<YamlError>) {
    if text.len() > limits.bytes {
        let span = Span::new(file, 0..text.lines().next().map_or(0, str::len));
        let message = format!("the file is larger than {} bytes", limits.bytes);
        let error = YamlError::new(YamlProblem::Limit, span, message);
        return (None, vec![error.help("split it, or move data out of it")]);
    }
    let invisible = invisible_characters(file, text);
    if !invisible.is_empty() {
        return (None, invisible);
    }
    let mut reader = Reader::new(file, text, limits);
    let complete = reader.run().is_continue();
    let root = if complete { reader.root.take() } else { None };
    if root.is_none() && reader.errors.is_empty() {
        let error = YamlError::new(
            YamlProblem::Form,
            Span::new(file, 0..0),
            "the file is empty",
        );
        reader.errors.push(error);
    }
    (root, reader.errors)
}

/// Control characters break terminals and diffs; directional ones make text read otherwise than it
/// is written (CVE-2021-42574).
fn invisible_characters(file: FileId, text: &str) -> Vec<YamlError> {
    let allowed = |at: usize, c: char| match c {
        '\n' | '\r' | '\t' => true,
        '\u{feff}' => at == 0,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => false,
        _ => !c.is_control(),
    };
    text.char_indices()
        .filter(|(at, c)| !allowed(*at, *c))
        .take(ERRORS_MAX)
        .map(|(at, c)| {
            let span = Span::new(file, at..at + c.len_utf8());
            let message = format!(
                "the invisible character U+{:04X} is not accepted",
                u32::from(c)
            );
            YamlError::new(YamlProblem::Character, span, message).help("remove it")
        })
        .collect()
}

/// A sequence or mapping whose end has not been read.
struct Open {
    start: usize,
    content: OpenContent,
}

enum OpenContent {
    Sequence(Vec<Node>),
    Mapping(BTreeMap<String, Node>, Pending),
}

/// What a mapping waits for.
enum Pending {
    Key,
    Value(PendingKey),
    /// The value of a key that cannot stand.
    Discarded,
}

struct PendingKey {
    key: String,
    span: Range<usize>,
    /// Whether a mistake in the key was reported; what it names then counts as known but absent.
    mistaken: bool,
}

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    limits: &'a Limits,
    /// Byte offset of each character, where the two differ: the parser counts characters.
    offsets: Option<Vec<usize>>,
    open: Vec<Open>,
    root: Option<Node>,
    nodes: usize,
    documents: usize,
    errors: Vec<YamlError>,
}

impl<'a> Reader<'a> {
    fn new(file: FileId, text: &'a str, limits: &'a Limits) -> Self {
        let offsets = || text.char_indices().map(|(at, _)| at).collect();
        Self {
            file,
            text,
            limits,
            offsets: (!text.is_ascii()).then(offsets),
            open: Vec::new(),
            root: None,
            nodes: 0,
            documents: 0,
            errors: Vec::new(),
        }
    }

    fn run(&mut self) -> ControlFlow<()> {
        for event in Parser::new_from_str(self.text) {
            match event {
                Ok((event, span)) => {
                    let range = self.byte(span.start.index())..self.byte(span.end.index());
                    self.event(event, range)?;
                }
                Err(error) => {
                    let at = self.byte(error.marker().index());
                    self.syntax_error(error.info(), at);
                    return ControlFlow::Break(());
                }
            }
            if self.errors.len() >= ERRORS_MAX {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    fn byte(&self, character: usize) -> usize {
        let end = self.text.len();
        match &self.offsets {
            None => character.min(end),
            Some(offsets) => offsets.get(character).copied().unwrap_or(end),
        }
    }

    /// The range without the blanks that the parser counts to some tokens.
    fn trimmed(&self, range: Range<usize>) -> Range<usize> {
        let text = self.text.get(range.clone()).unwrap_or_default();
        range.start..range.start + text.trim_end().len()
    }

    fn error(&mut self, problem: YamlProblem, range: Range<usize>, message: impl Into<String>) {
        let span = Span::new(self.file, self.trimmed(range));
        self.errors.push(YamlError::new(problem, span, message));
    }

    fn feature(&mut self, range: Range<usize>, what: &str, help: &str) {
        self.error(
            YamlProblem::Feature,
            range,
            format!("{what} are not accepted"),
        );
        if let Some(error) = self.errors.last_mut() {
            error.help = Some(help.to_owned());
        }
    }

    fn syntax_error(&mut self, message: &str, at: usize) {
        let rest = self.text.get(at..).unwrap_or_default();
        let line = rest.split(['\n', '\r']).next().unwrap_or_default();
        let length = line
            .trim_end()
            .len()
            .max(line.chars().next().map_or(0, char::len_utf8));
        if message.contains("unknown anchor") {
            let help = "write the value out";
            return self.feature(at..at + length, "aliases", help);
        }
        if message.contains("recursion limit") {
            // The parser reads ahead, and meets its own bound before this one.
            return self.too_deep(at..at + 1);
        }
        self.error(
            YamlProblem::Syntax,
            at..at + length,
            format!("this is not YAML: {message}"),
        );
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) -> ControlFlow<()> {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.feature(
                        range,
                        "several documents in one file",
                        "use one file for each",
                    );
                    return ControlFlow::Break(());
                }
            }
            Event::Alias(_) => {
                self.feature(range.clone(), "aliases", "write the value out");
                self.put(pruned(range));
            }
            Event::Scalar(value, style, anchor, tag) => {
                self.count(&range)?;
                self.refuse_properties(&range, anchor, tag.as_deref());
                self.scalar(value, style, range);
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_properties(&range, anchor, tag.as_deref());
                self.start(range, OpenContent::Sequence(Vec::new()))?;
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_properties(&range, anchor, tag.as_deref());
                self.start(range, OpenContent::Mapping(BTreeMap::new(), Pending::Key))?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(range),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        ControlFlow::Continue(())
    }

    fn count(&mut self, range: &Range<usize>) -> ControlFlow<()> {
        self.nodes += 1;
        if self.nodes <= self.limits.nodes {
            return ControlFlow::Continue(());
        }
        let message = format!("the file holds more than {} values", self.limits.nodes);
        self.error(YamlProblem::Limit, range.clone(), message);
        ControlFlow::Break(())
    }

    fn refuse_properties(&mut self, range: &Range<usize>, anchor: usize, tag: Option<&Tag>) {
        if anchor > 0 {
            self.feature(
                range.clone(),
                "anchors",
                "write the value out where it is needed",
            );
        }
        if tag.is_some() {
            self.feature(
                range.clone(),
                "tags",
                "leave it out; types are declared by the format",
            );
        }
    }

    fn start(&mut self, range: Range<usize>, content: OpenContent) -> ControlFlow<()> {
        self.count(&range)?;
        if self.open.len() >= self.limits.depth {
            self.too_deep(range);
            return ControlFlow::Break(());
        }
        let start = range.start;
        self.open.push(Open { start, content });
        ControlFlow::Continue(())
    }

    fn too_deep(&mut self, range: Range<usize>) {
        let message = format!("nested deeper than {} levels", self.limits.depth);
        self.error(YamlProblem::Limit, range, message);
    }

    fn end(&mut self, range: Range<usize>) {
        let Some(Open { start, content }) = self.open.pop() else {
            return;
        };
        // A block collection ends where the next line begins: trim what is not its own.
        let (last, content) = match content {
            OpenContent::Sequence(items) => (
                items.iter().map(|n| n.span.end).max(),
                Content::Sequence(items),
            ),
            OpenContent::Mapping(entries, _) => (
                entries.values().map(end_of).max(),
                Content::Mapping(entries),
            ),
        };
        let is_block = self.text.get(range.clone()).is_none_or(str::is_empty);
        let end = if is_block {
            last.unwrap_or(start)
        } else {
            self.trimmed(range).end
        };
        self.put(Node {
            span: start..end,
            key: None,
            content,
            pruned: false,
        });
    }

    fn scalar(&mut self, value: Cow<'_, str>, style: ScalarStyle, range: Range<usize>) {
        let range = self.trimmed(range);
        let is_plain = style == ScalarStyle::Plain;
        let awaits_key = matches!(
            self.open.last(),
            Some(Open {
                content: OpenContent::Mapping(_, Pending::Key),
                ..
            })
        );
        if awaits_key {
            return self.key(value.into_owned(), is_plain, range);
        }
        let is_trap = is_plain && self.refuse_trap(&value, &range);
        let verbatim = self.verbatim(&value, &range);
        self.put(Node {
            span: range,
            key: None,
            content: Content::Scalar(Scalar {
                value: value.into_owned(),
                plain: is_plain,
                verbatim,
            }),
            pruned: is_trap,
        });
    }

    /// Reports an unquoted word that versions of YAML read differently.
    fn refuse_trap(&mut self, value: &str, range: &Range<usize>) -> bool {
        let Err(reading) = scalar::plain(value) else {
            return false;
        };
        let span = Span::new(self.file, range.clone());
        let message = format!("unquoted, `{value}` can be mistaken");
        let error = YamlError::new(YamlProblem::Ambiguous, span, message)
            .label(reading)
            .help("quote it if it is text; if not, write `true`, `false` or a decimal number")
            .replacement(format!("\"{value}\""));
        self.errors.push(error);
        true
    }

    /// Where a value's bytes stand in the file just as they are.
    fn verbatim(&self, value: &str, range: &Range<usize>) -> Option<Range<usize>> {
        let written = self.text.get(range.clone())?;
        if written == value {
            return Some(range.clone());
        }
        let inner = range.start + 1..range.end.checked_sub(1)?;
        let is_quoted = written.starts_with(['"', '\'']);
        (is_quoted && self.text.get(inner.clone()) == Some(value)).then_some(inner)
    }

    fn key(&mut self, key: String, is_plain: bool, range: Range<usize>) {
        let mut refused = true;
        if is_plain && key == "<<" {
            self.feature(range.clone(), "merge keys", "write the keys out");
        } else if key.is_empty() {
            self.feature(range.clone(), "empty keys", "give the value a key");
        } else {
            refused = self.refuse_duplicate(&key, &range);
        }
        let mistaken = !refused && is_plain && self.refuse_trap(&key, &range);
        if let Some(OpenContent::Mapping(_, pending)) = self.innermost() {
            let span = range;
            *pending = if refused {
                Pending::Discarded
            } else {
                Pending::Value(PendingKey {
                    key,
                    span,
                    mistaken,
                })
            };
        }
    }

    fn refuse_duplicate(&mut self, key: &str, range: &Range<usize>) -> bool {
        let first = match self.innermost() {
            Some(OpenContent::Mapping(entries, _)) => entries.get(key).and_then(|n| n.key.clone()),
            Some(OpenContent::Sequence(_)) | None => None,
        };
        let Some(first) = first else {
            return false;
        };
        let span = Span::new(self.file, range.clone());
        let message = format!("the key `{key}` is written twice");
        let mut error = YamlError::new(YamlProblem::DuplicateKey, span, message);
        error.also = Some((Span::new(self.file, first), "first written here"));
        self.errors.push(error.help("remove one of them"));
        true
    }

    fn innermost(&mut self) -> Option<&mut OpenContent> {
        self.open.last_mut().map(|open| &mut open.content)
    }

    /// Puts a finished node where the innermost open collection wants it.
    fn put(&mut self, mut node: Node) {
        let range = node.span.clone();
        match self.innermost() {
            None => self.root = Some(node),
            Some(OpenContent::Sequence(items)) => items.push(node),
            Some(OpenContent::Mapping(entries, pending)) => {
                match std::mem::replace(pending, Pending::Key) {
                    Pending::Value(pending) => {
                        node.key = Some(pending.span);
                        node.pruned |= pending.mistaken;
                        entries.insert(pending.key, node);
                    }
                    Pending::Discarded => {}
                    Pending::Key => {
                        *pending = Pending::Discarded;
                        self.feature(range, "keys that are not plain text", "use one word");
                    }
                }
            }
        }
    }
}

/// A node that stands for what is not accepted.
fn pruned(span: Range<usize>) -> Node {
    Node {
        span,
        key: None,
        content: Content::Mapping(BTreeMap::new()),
        pruned: true,
    }
}

fn end_of(node: &Node) -> usize {
    let key = node.key.as_ref().map_or(0, |key| key.end);
    node.span.end.max(key)
}
