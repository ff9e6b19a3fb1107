//! A read document and the places in it.

use std::collections::BTreeMap;
use std::ops::Range;

use super::scalar::{self, Plain};
use super::{Limits, YamlError, reader};
use crate::name::closest;
use crate::source::{FileId, Span};

/// A strictly read document with the span of every key and value.
#[derive(Debug)]
pub struct Document {
    pub(super) file: FileId,
    pub(super) root: Node,
}

/// A scalar, sequence or mapping.
#[derive(Debug)]
pub(super) struct Node {
    /// Where the value is written.
    pub(super) span: Range<usize>,
    /// Where its key is written, if it is a value of a mapping.
    pub(super) key: Option<Range<usize>>,
    pub(super) content: Content,
    /// Whether a mistake in it was reported: it then counts as absent.
    pub(super) pruned: bool,
}

#[derive(Debug)]
pub(super) enum Content {
    Scalar(Scalar),
    Sequence(Vec<Node>),
    Mapping(BTreeMap<String, Node>),
}

#[derive(Debug)]
pub(super) struct Scalar {
    pub(super) value: String,
    /// Whether it is written without quotes and not as a block.
    pub(super) plain: bool,
    /// The bytes between the quotes, where they are the value byte for byte.
    pub(super) verbatim: Option<Range<usize>>,
}

impl Document {
    /// Reads a file. Every mistake found is returned; the document is there unless the text could
    /// not be read to its end, and lacks what was mistaken.
    pub fn parse(file: FileId, text: &str, limits: &Limits) -> (Option<Self>, Vec<YamlError>) {
        let (root, errors) = reader::read(file, text, limits);
        (root.map(|root| Self { file, root }), errors)
    }

    /// The place of the whole document.
    pub fn root(&self) -> Place<'_> {
        Place {
            file: self.file,
            node: &self.root,
        }
    }
}

impl Node {
    /// The elements of a sequence in which no mistake was reported.
    pub(super) fn items(&self) -> impl Iterator<Item = &Node> {
        let items: &[Node] = match &self.content {
            Content::Sequence(items) => items,
            Content::Scalar(_) | Content::Mapping(_) => &[],
        };
        items.iter().filter(|item| !item.pruned)
    }

    /// The values in it in which no mistake was reported.
    pub(super) fn children(&self) -> impl Iterator<Item = &Node> {
        let values = match &self.content {
            Content::Mapping(entries) => Some(entries.values()),
            Content::Scalar(_) | Content::Sequence(_) => None,
        };
        let values = values.into_iter().flatten();
        self.items().chain(values.filter(|value| !value.pruned))
    }

    /// Whether nothing is written, or a word for it.
    pub(super) fn is_null(&self) -> bool {
        let Content::Scalar(scalar) = &self.content else {
            return false;
        };
        scalar.plain && matches!(scalar::plain(&scalar.value), Ok(Plain::Null))
    }

    /// The value of a key, also where a mistake in it was reported.
    pub(super) fn entry(&self, key: &str) -> Option<&Node> {
        match &self.content {
            Content::Mapping(entries) => entries.get(key),
            Content::Scalar(_) | Content::Sequence(_) => None,
        }
    }

    /// Whether the lack of a key follows from a mistake that was reported: in its value, or in a
    /// key that was probably meant to be it.
    pub(super) fn explains(&self, missing: &str) -> bool {
        let Content::Mapping(entries) = &self.content else {
            return false;
        };
        let mut mistaken = entries.iter().filter(|(_, entry)| entry.pruned);
        mistaken.any(|(key, _)| closest(key, [missing]).is_some())
    }

    /// What to underline when the whole value is meant: the key of a mapping's value (a mapping or
    /// a long list would underline many lines), the first key of a mapping that has none.
    pub(super) fn head(&self) -> Range<usize> {
        if let Some(key) = &self.key {
            return key.clone();
        }
        match &self.content {
            Content::Mapping(entries) => entries
                .values()
                .filter_map(|entry| entry.key.clone())
                .min_by_key(|key| key.start)
                .unwrap_or_else(|| self.span.clone()),
            Content::Scalar(_) | Content::Sequence(_) => self.span.clone(),
        }
    }
}

/// A place in a document: a cheap handle that always has a span. A step to where nothing is stays
/// at the nearest place there is.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    file: FileId,
    node: &'a Node,
}

impl<'a> Place<'a> {
    fn at(self, node: &'a Node) -> Self {
        Self { node, ..self }
    }

    /// The value of a key, if it is there.
    pub fn get(self, key: &str) -> Option<Self> {
        self.node.entry(key).map(|node| self.at(node))
    }

    /// The value of a key, or this place if there is none.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.get(key).unwrap_or(self)
    }

    /// An element of a sequence, or this place: for values written as one or as a list of several.
    #[must_use]
    pub fn item(self, index: usize) -> Self {
        self.node
            .items()
            .nth(index)
            .map_or(self, |node| self.at(node))
    }

    /// Whether the lack of a key here follows from a mistake that was reported already.
    pub fn explains(self, missing: &str) -> bool {
        self.node.explains(missing)
    }

    /// Where the value is written; of an empty value, its key.
    pub fn span(self) -> Span {
        if self.node.span.is_empty() {
            return self.head();
        }
        Span::new(self.file, self.node.span.clone())
    }

    /// What to underline when the whole is meant: its key, or the value where it has none.
    pub fn head(self) -> Span {
        Span::new(self.file, self.node.head())
    }

    /// The bytes of a scalar's text, without quotes, where they are the text byte for byte; else
    /// the whole scalar.
    pub fn text(self) -> Span {
        match &self.node.content {
            Content::Scalar(Scalar {
                verbatim: Some(range),
                ..
            }) => Span::new(self.file, range.clone()),
            Content::Scalar(_) | Content::Sequence(_) | Content::Mapping(_) => self.span(),
        }
    }
}
