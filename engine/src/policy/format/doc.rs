//! A text with the places where its lines may be broken, and the choice of those that are.
//!
//! A group is written on one line where it fits into [`WIDTH`], otherwise all of its own breaks are
//! taken; the groups within it choose for themselves.

/// Most columns of a line.
pub(super) const WIDTH: usize = 100;
/// Columns of one step of indentation.
const STEP: usize = 4;

/// A part of a laid out text.
#[derive(Debug, Clone)]
pub(super) enum Doc<'t> {
    /// Text as it is; a literal may hold line breaks.
    Text(&'t str),
    /// A blank, except at the end of a line.
    Blank,
    /// A break in a group that does not fit; otherwise a blank, or nothing if it is soft.
    Break { soft: bool },
    /// A new line, unless one has just begun.
    NewLine,
    /// A new line after an empty one.
    EmptyLine,
    /// A comment where it stands; behind one for the end of the line, on a new line.
    Comment(&'t str),
    /// A comment that goes to the end of the line, wherever that comes.
    LineEnd(&'t str),
    /// Text that only a broken group has.
    IfBroken(&'static str),
    /// Parts that are indented by one more step.
    Indented(Vec<Doc<'t>>),
    /// Parts that share one choice.
    Group { parts: Vec<Doc<'t>>, broken: bool },
}

impl<'t> Doc<'t> {
    pub(super) const BREAK: Self = Self::Break { soft: false };
    pub(super) const SOFT: Self = Self::Break { soft: true };

    /// A group; what cannot be on one line is broken whether it fits or not.
    pub(super) fn group(parts: Vec<Self>) -> Self {
        let broken = parts.iter().any(Self::needs_lines);
        Self::Group { parts, broken }
    }

    /// Whether this cannot be on one line with what follows it.
    pub(super) fn needs_lines(&self) -> bool {
        match self {
            Self::NewLine | Self::EmptyLine | Self::LineEnd(_) => true,
            Self::Indented(parts) => parts.iter().any(Self::needs_lines),
            Self::Group { broken, .. } => *broken,
            _ => false,
        }
    }

    /// The text.
    pub(super) fn write(&self) -> String {
        let mut writer = Writer::default();
        let mut left = vec![Place {
            doc: self,
            indent: 0,
            broken: true,
        }];
        while let Some(place) = left.pop() {
            let place = place.chosen(&writer, &left);
            writer.put(&place);
            place.parts().rev().for_each(|part| left.push(part));
        }
        writer.end()
    }
}

/// A part that is still to be written.
#[derive(Clone, Copy)]
struct Place<'d, 't> {
    doc: &'d Doc<'t>,
    indent: usize,
    broken: bool,
}

impl<'d, 't> Place<'d, 't> {
    /// The parts in it, in order.
    fn parts(self) -> impl DoubleEndedIterator<Item = Self> {
        let (parts, step): (&[Doc<'_>], _) = match self.doc {
            Doc::Indented(parts) => (parts, STEP),
            Doc::Group { parts, .. } => (parts, 0),
            _ => (&[], 0),
        };
        parts.iter().map(move |doc| Self {
            doc,
            indent: self.indent + step,
            ..self
        })
    }

    /// The same part, with the choice made if it is a group's.
    fn chosen(self, writer: &Writer<'_>, after: &[Self]) -> Self {
        match self.doc {
            Doc::Group { broken, .. } => {
                let flat = Self {
                    broken: false,
                    ..self
                };
                let broken = *broken || !flat.fits(writer.room(self.indent), after);
                Self { broken, ..self }
            }
            _ => self,
        }
    }

    /// Whether this, and what follows it on the same line, takes no more columns than there are.
    fn fits(self, mut room: usize, after: &[Self]) -> bool {
        let mut left = vec![self];
        let mut after = after.iter().rev();
        while let Some(place) = left.pop().or_else(|| after.next().copied()) {
            let width = match place.doc {
                Doc::NewLine | Doc::EmptyLine => return true,
                Doc::Break { .. } if place.broken => return true,
                Doc::Break { soft } => usize::from(!soft),
                Doc::Blank => 1,
                Doc::Text(text) | Doc::Comment(text) => match text.split_once('\n') {
                    Some((first, _)) => return first.chars().count() <= room,
                    None => text.chars().count(),
                },
                Doc::IfBroken(text) if place.broken => text.len(),
                Doc::IfBroken(_) | Doc::LineEnd(_) => 0,
                Doc::Indented(_) | Doc::Group { .. } => 0,
            };
            if width > room {
                return false;
            }
            room -= width;
            place.parts().rev().for_each(|part| left.push(part));
        }
        true
    }
}

/// The text so far.
#[derive(Default)]
struct Writer<'t> {
    text: String,
    /// Columns that the present line has.
    column: usize,
    /// Whether a blank belongs before what comes next on the line.
    blank: bool,
    /// Comments for the end of the present line. Two do not share it, as the second would become
    /// part of the first: it goes before what comes next.
    line_end: Vec<&'t str>,
}

impl<'t> Writer<'t> {
    /// Columns that are left on the line.
    fn room(&self, indent: usize) -> usize {
        let taken = if self.column == 0 {
            indent
        } else {
            self.column + usize::from(self.blank)
        };
        WIDTH.saturating_sub(taken)
    }

    fn put(&mut self, place: &Place<'_, 't>) {
        match place.doc {
            Doc::Text(text) => self.write(text, place.indent),
            Doc::Comment(text) => {
                if !self.line_end.is_empty() {
                    self.new_line();
                }
                self.write(text, place.indent);
            }
            Doc::IfBroken(text) if place.broken => self.write(text, place.indent),
            Doc::Blank => self.blank = true,
            Doc::Break { .. } if place.broken => self.new_line(),
            Doc::Break { soft } => self.blank |= !soft,
            Doc::NewLine => self.new_line(),
            Doc::EmptyLine => {
                self.new_line();
                self.text.push('\n');
            }
            Doc::LineEnd(comment) => self.line_end.push(comment),
            Doc::IfBroken(_) | Doc::Indented(_) | Doc::Group { .. } => {}
        }
    }

    fn write(&mut self, text: &str, indent: usize) {
        if self.column == 0 {
            for comment in std::mem::take(&mut self.line_end) {
                self.append(comment, indent);
                self.end_line();
            }
        }
        self.append(text, indent);
    }

    fn append(&mut self, text: &str, indent: usize) {
        if self.column == 0 {
            self.text.extend(std::iter::repeat_n(' ', indent));
            self.column = indent;
        } else if self.blank {
            self.text.push(' ');
            self.column += 1;
        }
        self.blank = false;
        self.text.push_str(text);
        self.column = match text.rsplit_once('\n') {
            Some((_, last)) => last.chars().count().max(1),
            None => self.column + text.chars().count(),
        };
    }

    fn new_line(&mut self) {
        if self.column > 0 && !self.line_end.is_empty() {
            let comment = self.line_end.remove(0);
            self.blank = true;
            self.append(comment, 0);
        }
        self.end_line();
    }

    fn end_line(&mut self) {
        self.blank = false;
        if self.column > 0 {
            self.text.push('\n');
            self.column = 0;
        }
    }

    fn end(mut self) -> String {
        self.new_line();
        self.write("", 0);
        self.text
    }
}
