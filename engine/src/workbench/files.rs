//! The workbench's own files, and where they are.

use std::path::Path;

use crate::bundle::{Bundle, ReadError, add_folder};
use crate::source::{FileId, SourceMap};

/// A folder of the workbench, in the folder of the policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Folder {
    /// Cases: single requests with the expected answer.
    Tests,
    /// Properties: what must hold of every request.
    Properties,
    /// Snapshots: all decisions, as they were last accepted.
    Snapshots,
}

impl Folder {
    /// Its path below the project's root.
    pub fn path(self, bundle: &Bundle) -> String {
        let name = match self {
            Self::Tests => "tests",
            Self::Properties => "properties",
            Self::Snapshots => "snapshots",
        };
        format!("{}/{name}", bundle.policy_folder())
    }

    /// Adds its files to others, by name; none, where there is no such folder.
    ///
    /// # Errors
    /// When a file cannot be read, is too large or is not text.
    pub fn read(
        self,
        bundle: &Bundle,
        root: &Path,
        sources: &mut SourceMap,
    ) -> Result<Vec<FileId>, ReadError> {
        let path = self.path(bundle);
        if !root.join(&path).is_dir() {
            return Ok(Vec::new());
        }
        let ending = match self {
            Self::Tests => "yaml",
            Self::Properties => "rhai",
            Self::Snapshots => "snap",
        };
        add_folder(sources, root, &path, &[ending])
    }
}
