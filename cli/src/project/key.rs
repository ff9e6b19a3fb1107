//! The key file: made once, readable by its owner alone.

use std::io::ErrorKind;
use std::path::Path;

use stateward::challenge::{CodeKey, KeyRing};
use stateward::entropy::EntropySource;

use super::atomic;
use crate::error::CliError;

/// Reads the keys.
///
/// # Errors
/// When the file is missing, open to others, or not a key.
pub fn read(path: &Path) -> Result<KeyRing, CliError> {
    let refuse = |problem: String, hint: &str| CliError::Key {
        path: path.to_owned(),
        problem,
        hint: hint.to_owned(),
    };
    if !path.exists() {
        let hint =
            "put the key back that the store was made with: without it no code can be derived";
        return Err(refuse("is missing".to_owned(), hint));
    }
    let mode = mode(path).map_err(CliError::file("read", path))?;
    if mode & 0o077 != 0 {
        let hint = format!("`chmod 600 {}`", path.display());
        return Err(refuse(
            format!("is open to others (mode {:o})", mode & 0o777),
            &hint,
        ));
    }
    let text = std::fs::read_to_string(path).map_err(CliError::file("read", path))?;
    text.parse()
        .map_err(|error| refuse(format!("cannot be used: {error}"), "it is one key a line"))
}

/// Makes a new key file, complete or not at all. One that is there already is kept, and is what is
/// answered.
///
/// # Errors
/// When it cannot be written, or there is no randomness.
pub fn generate(path: &Path, source: &dyn EntropySource) -> Result<KeyRing, CliError> {
    if path.exists() {
        return read(path);
    }
    let key = CodeKey::generate(source)?;
    let ring = KeyRing::new(key);
    match atomic::create_private(path, &ring.reveal()) {
        // Another command was quicker.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => read(path),
        created => created
            .map(|()| ring)
            .map_err(CliError::file("create", path)),
    }
}

/// The file's permissions; private where the system has no such notion.
#[cfg(unix)]
fn mode(path: &Path) -> std::io::Result<u32> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::metadata(path)?.permissions().mode())
}

#[cfg(not(unix))]
fn mode(_path: &Path) -> std::io::Result<u32> {
    Ok(0o600)
}

#[cfg(test)]
mod tests {
    use stateward::entropy::SeededEntropy;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        assert!(read(&path).unwrap_err().to_string().ends_with("is missing"));
        let made = generate(&path, &SeededEntropy::new(1)).unwrap();
        let again = generate(&path, &SeededEntropy::new(2)).unwrap();
        assert_eq!(made.current().id(), again.current().id());
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        generate(&path, &SeededEntropy::new(1)).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let error = read(&path).unwrap_err();
        assert!(
            error.to_string().ends_with("is open to others (mode 640)"),
            "{error}"
        );
        assert!(error.hints().iter().any(|hint| hint.contains("chmod 600")));
    }
}
