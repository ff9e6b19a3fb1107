//! Files that are replaced as a whole or not at all.

use std::io::Write as _;
use std::path::Path;

/// Writes a file by way of another beside it, so that whoever reads it sees the old text or the new
/// one. Its folder is made where there is none.
///
/// # Errors
/// When the folder or the file cannot be written.
pub fn write(path: &Path, text: &str) -> std::io::Result<()> {
    replace(path, text, 0o644)
}

/// As [`write`], a file that nobody else may read, for it may hold personal data.
///
/// # Errors
/// As [`write`].
pub fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    replace(path, text, 0o600)
}

/// Makes a file that nobody else may read, where there is none.
///
/// # Errors
/// [`AlreadyExists`](std::io::ErrorKind::AlreadyExists) where there is one; otherwise when it cannot
/// be written.
pub fn create_private(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    Ok(())
}

#[cfg_attr(
    not(unix),
    expect(unused_variables, reason = "files have no modes there")
)]
fn replace(path: &Path, text: &str, mode: u32) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // Temporary files are private; those that are kept are as open as the one before.
        let mode = std::fs::metadata(path).map_or(mode, |it| it.permissions().mode());
        let permissions = std::fs::Permissions::from_mode(mode);
        file.as_file().set_permissions(permissions)?;
    }
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_with_its_folder_made() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a/b.txt");
        write(&path, "one").unwrap();
        write(&path, "two").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(
            std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
            1
        );
    }
}
