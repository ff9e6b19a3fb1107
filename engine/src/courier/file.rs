//! A courier for development and for hand-over by file: messages are appended as JSON lines.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use super::{Courier, CourierError, Delivery, json};

/// Appends every message to a file as one JSON object on one line, with the keys `id`, `account`,
/// `to`, `by` (`sms` or `email`), `message` and `text`.
///
/// Each line is one write to a file opened for appending, so that several processes can share it.
/// The file is created for its owner only. It holds codes in clear.
#[derive(Debug)]
pub struct FileCourier {
    path: PathBuf,
}

impl FileCourier {
    /// A courier that appends to a file, which is created when it is first needed.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    fn open(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.path)
    }
}

impl Courier for FileCourier {
    fn deliver(&self, delivery: &Delivery) -> Result<(), CourierError> {
        let temporary = |error: io::Error| CourierError::Temporary {
            courier: "file",
            reason: format!("{}: {}", self.path.display(), error.kind()),
        };
        let mut line = json::object(delivery).map_err(|error| temporary(error.into()))?;
        line.push(b'\n');
        self.open()
            .and_then(|mut file| file.write_all(&line))
            .map_err(temporary)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::sample;
    use super::*;
    use crate::lifecycle::model::Channel;

    #[test]
    fn messages_are_appended_as_json_lines_for_the_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("outbox.jsonl");
        FileCourier::new(&path)
            .deliver(&sample("msg_1", Channel::Sms))
            .unwrap();
        FileCourier::new(&path)
            .deliver(&sample("msg_2", Channel::Email))
            .unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(
            lines[0],
            json!({
                "id": "msg_1", "account": "1001", "to": "+6591234567", "by": "sms",
                "message": "phone_code", "text": "Your code is 424242.",
            })
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_file_that_cannot_be_written_is_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let error = FileCourier::new(folder.path())
            .deliver(&sample("msg_1", Channel::Sms))
            .unwrap_err();
        assert!(!error.is_permanent());
        assert!(!error.to_string().contains("424242"));
    }
}
