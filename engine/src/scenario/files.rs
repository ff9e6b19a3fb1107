//! Where scenarios are.

use std::path::Path;

use crate::bundle::{Bundle, ReadError, add_folder};
use crate::source::{FileId, SourceMap};

/// The folder of a lifecycle's scenarios, below the project's root.
pub fn folder(bundle: &Bundle) -> String {
    format!("workflows/{}/scenarios", bundle.lifecycle.name)
}

/// Adds the scenarios of a folder to other files, by name; none, where there is no such folder.
///
/// # Errors
/// When a file cannot be read, is too large or is not text.
pub fn read_folder(
    sources: &mut SourceMap,
    root: &Path,
    folder: &str,
) -> Result<Vec<FileId>, ReadError> {
    if !root.join(folder).is_dir() {
        return Ok(Vec::new());
    }
    add_folder(sources, root, folder, &["yaml"])
}
