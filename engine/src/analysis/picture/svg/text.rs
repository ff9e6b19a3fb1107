//! How wide text is, before anybody draws it.
//!
//! A viewer draws with whatever font it has. So every line is measured by one table, Helvetica's, and
//! written with that length: a wider font is drawn narrower, never over something else.

use super::geometry::{Size, size};
use crate::analysis::picture::Emphasis;

/// One line of text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) style: Style,
}

/// What a line of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// The name of the whole picture.
    Title,
    /// The name of a cluster.
    Heading,
    /// A state.
    State,
    /// A transition.
    Name,
    /// Anything that is said of them.
    Note,
}

impl Style {
    pub(super) fn font_size(self) -> f64 {
        match self {
            Self::Title => 18.0,
            Self::Heading | Self::State => 13.0,
            Self::Name => 12.0,
            Self::Note => 10.5,
        }
    }

    pub(super) fn is_bold(self) -> bool {
        !matches!(self, Self::Note)
    }

    pub(super) fn line_height(self) -> f64 {
        (self.font_size() * 1.3).round()
    }
}

impl Line {
    pub(super) fn new(text: impl Into<String>, style: Style) -> Self {
        let text = text.into();
        Self { text, style }
    }

    pub(super) fn width(&self) -> f64 {
        let em: f64 = self.text.chars().map(advance).sum::<f64>() / 1000.0;
        // Bold is about a sixteenth wider; so are the fonts that most systems have instead.
        let wider = if self.style.is_bold() { 1.12 } else { 1.06 };
        em * self.style.font_size() * wider
    }
}

/// Lines that belong together, and others below them.
pub(super) type Blocks = Vec<(Emphasis, Vec<Line>)>;

/// The room between blocks.
pub(super) const BETWEEN_BLOCKS: f64 = 5.0;

/// How large blocks are, one below the other.
pub(super) fn extent_of_blocks(blocks: &Blocks) -> Size {
    let mut all = Size::default();
    for (index, (_, lines)) in blocks.iter().enumerate() {
        let own = extent(lines);
        let gap = if index == 0 { 0.0 } else { BETWEEN_BLOCKS };
        all = size(all.width.max(own.width), all.height + gap + own.height);
    }
    all
}

/// How large lines are, one below the other.
pub(super) fn extent(lines: &[Line]) -> Size {
    let width = lines.iter().map(Line::width).fold(0.0, f64::max);
    let height = lines.iter().map(|line| line.style.line_height()).sum();
    size(width, height)
}

/// Text in lines of at most some width, broken between words.
pub(super) fn wrapped(text: &str, style: Style, width: f64) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for word in text.split_whitespace() {
        let longer = lines
            .last()
            .map(|line| Line::new(format!("{} {word}", line.text), style))
            .filter(|line| line.width() <= width);
        match (longer, lines.last_mut()) {
            (Some(longer), Some(last)) => *last = longer,
            _ => lines.push(Line::new(word, style)),
        }
    }
    lines
}

/// The advance of a character in thousandths of the font size.
fn advance(c: char) -> f64 {
    let index = u32::from(c).checked_sub(u32::from(' '));
    let known = index.and_then(|index| ASCII.get(usize::try_from(index).ok()?));
    match known {
        Some(width) => f64::from(*width),
        None if is_wide(c) => 1000.0,
        None => 720.0,
    }
}

/// Characters that fill a square: those of Chinese, Japanese and Korean, and pictures.
fn is_wide(c: char) -> bool {
    matches!(u32::from(c), 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x1F000..=0x1FAFF | 0x20000..=0x3FFFD)
}

/// Helvetica's advances from the space to the tilde.
const ASCII: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wider_text_is_wider() {
        let width = |text: &str| Line::new(text, Style::Note).width();
        assert!(width("iii") < width("nnn") && width("nnn") < width("mmm"));
        assert!(width("移动电话") > width("abcd"));
        assert_eq!(width(""), 0.0);
    }

    #[test]
    fn text_is_broken_between_words_and_nowhere_else() {
        let text = "one two three four_that_is_far_too_long five";
        let lines = wrapped(text, Style::Note, 60.0);
        let lines: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(
            lines,
            ["one two", "three", "four_that_is_far_too_long", "five"]
        );
    }
}
