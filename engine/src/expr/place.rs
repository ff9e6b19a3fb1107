//! From rhai's positions (line and character) to spans (bytes of a file).

use rhai::Position;

use crate::source::{FileId, Span};

/// Text that rhai parses, with what it takes to turn rhai's positions into spans. Make one per file
/// and share it: it indexes the lines once.
#[derive(Debug, Clone)]
pub struct SourceText<'t> {
    text: &'t str,
    line_starts: Vec<usize>,
    /// Whether every character is a byte, so that columns need not be counted.
    ascii: bool,
    place: Place,
}

/// How bytes of the text map to bytes of the file.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// The text is the file's bytes from the span's start.
    Exact(Span),
    /// The text was decoded on the way (YAML escapes, folded lines): only the whole has a place.
    Whole(Span),
}

impl<'t> SourceText<'t> {
    /// A whole file.
    pub fn file(file: FileId, text: &'t str) -> Self {
        Self::part(text, Span::new(file, 0..text.len()))
    }

    /// A part of a file. Where `span` has not the text's length, the text was decoded on the way,
    /// and every place in it is the whole span.
    pub fn part(text: &'t str, span: Span) -> Self {
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let exact = span.end.checked_sub(span.start) == Some(length);
        let newlines = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            line_starts: std::iter::once(0).chain(newlines).collect(),
            ascii: text.is_ascii(),
            place: if exact {
                Place::Exact(span)
            } else {
                Place::Whole(span)
            },
        }
    }

    /// The text.
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// What is written at a place of the file; nothing, where the place is not in the text.
    pub fn slice(&self, span: Span) -> &'t str {
        let (Place::Exact(whole) | Place::Whole(whole)) = self.place;
        let at = |byte: u32| usize::try_from(byte.checked_sub(whole.start)?).ok();
        let range = at(span.start).zip(at(span.end));
        let text = range.and_then(|(start, end)| self.text.get(start..end));
        text.unwrap_or_default()
    }

    /// The byte of the text that a position points at; the end, where it points past it.
    pub fn offset(&self, position: Position) -> usize {
        let Some(line) = position.line() else {
            return 0;
        };
        let start = self.line_starts.get(line - 1).copied();
        let start = start.unwrap_or(self.text.len());
        let characters_before = position.position().map_or(0, |column| column - 1);
        if self.ascii {
            return (start + characters_before).min(self.text.len());
        }
        let rest = self.text.get(start..).unwrap_or("");
        let within = rest.char_indices().nth(characters_before);
        start + within.map_or(rest.len(), |(at, _)| at)
    }

    /// The span of a range of the text's bytes.
    pub fn span(&self, range: std::ops::Range<usize>) -> Span {
        match self.place {
            Place::Exact(span) => span.within(range),
            Place::Whole(span) => span,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;

    #[test]
    fn a_position_counts_characters_and_a_span_bytes() {
        let text = "eins\nzwö x";
        let file = SourceMap::default().add("a.rhai", text);
        let source = SourceText::file(file, text);
        let at = source.offset(Position::new(2, 5));
        assert_eq!(text.get(at..), Some("x"));
        assert_eq!(source.offset(Position::NONE), 0);
        assert_eq!(source.offset(Position::new(9, 9)), text.len());
        assert_eq!(source.span(at..at + 1), Span::new(file, 10..11));
    }

    #[test]
    fn decoded_text_has_one_place() {
        let file = SourceMap::default().add("a.yaml", "\"a \\u0026 b\"");
        let whole = Span::new(file, 0..12);
        let source = SourceText::part("a & b", whole);
        assert_eq!(source.span(2..3), whole);
    }
}
