//! Source files, the places within them, and strictly read YAML.

mod yaml;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

pub use yaml::{Document, Limits, Place, YamlError, YamlProblem};

/// One file of a definition: its path relative to the project, and its text.
#[derive(Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Path relative to the project's root, with forward slashes.
    pub path: Arc<str>,
    /// The whole text.
    pub text: Arc<str>,
}

impl fmt::Debug for SourceFile {
    /// Only its path: a whole file drowns whatever it is printed with.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.path, f)
    }
}

/// Which file a place belongs to; an index into its [`SourceMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

impl FileId {
    /// The id of no file: for findings about files that are not there.
    pub const NONE: Self = Self(u32::MAX);
}

/// A range of bytes in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A range of bytes of a file.
    pub fn new(file: FileId, range: std::ops::Range<usize>) -> Self {
        let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self {
            file,
            start: clamp(range.start),
            end: clamp(range.end),
        }
    }

    /// The part of this span that lies `range` bytes into it.
    #[must_use]
    pub fn within(self, range: std::ops::Range<usize>) -> Self {
        let clamp = |at: usize| {
            u32::try_from(at)
                .unwrap_or(u32::MAX)
                .saturating_add(self.start)
                .min(self.end)
        };
        Self {
            file: self.file,
            start: clamp(range.start),
            end: clamp(range.end),
        }
    }
}

/// A place as people read it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// Path relative to the project's root.
    pub path: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path, self.line, self.column)
    }
}

/// All files of one definition, so that a [`Span`] can be shown.
#[derive(Clone, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
    /// Where the lines of each file begin.
    lines: Vec<Box<[usize]>>,
    ids: BTreeMap<Arc<str>, FileId>,
}

impl fmt::Debug for SourceMap {
    /// The paths.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.files).finish()
    }
}

impl SourceMap {
    /// Adds a file; a second file of the same path replaces nothing and gets the first one's id.
    pub fn add(&mut self, path: &str, text: &str) -> FileId {
        if let Some(id) = self.ids.get(path) {
            return *id;
        }
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        let file = SourceFile {
            path: path.into(),
            text: text.into(),
        };
        let after_newlines = text.match_indices('\n').map(|(newline, _)| newline + 1);
        self.lines
            .push(std::iter::once(0).chain(after_newlines).collect());
        self.ids.insert(file.path.clone(), id);
        self.files.push(file);
        id
    }

    /// The file of an id.
    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(usize::try_from(id.0).ok()?)
    }

    /// The id of a path.
    pub fn id(&self, path: &str) -> Option<FileId> {
        self.ids.get(path).copied()
    }

    /// Every file, in the order they were added.
    pub fn files(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter()
    }

    /// Where a span begins.
    pub fn locate(&self, span: Span) -> Option<Location> {
        let file = self.file(span.file)?;
        let lines = self.lines.get(usize::try_from(span.file.0).ok()?)?;
        let start = usize::try_from(span.start).ok()?;
        let line = lines.partition_point(|begin| *begin <= start);
        let begin = *lines.get(line.checked_sub(1)?)?;
        let column = file.text.get(begin..start)?.chars().count() + 1;
        Some(Location {
            path: file.path.clone(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_paths_and_no_text() {
        let mut map = SourceMap::default();
        map.add("a.yaml", "one: 1");
        assert_eq!(format!("{map:?}"), r#"["a.yaml"]"#);
    }

    #[test]
    fn a_span_is_located_by_line_and_character() {
        let mut map = SourceMap::default();
        let id = map.add("a.yaml", "one: 1\ntwö: zwei\n");
        let place = map.locate(Span::new(id, 13..17)).unwrap();
        assert_eq!(place.to_string(), "a.yaml:2:6");
    }
}
