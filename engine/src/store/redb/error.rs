//! redb's errors in the words of the port.

use std::io::{self, ErrorKind};

use ::redb::Error;

use crate::store::StoreError;

/// What a store says that failed before.
pub(super) const AFTER_FAILURE: &str = "reading or writing failed before; open the store again";

/// The port's word for an error of redb.
pub(super) fn fault(error: impl Into<Error>) -> StoreError {
    match error.into() {
        Error::Io(error) => input_output(&error),
        Error::PreviousIo => StoreError::Io(AFTER_FAILURE.to_owned()),
        // A table that is missing or of another type is damage: all are made with the store.
        error @ (Error::Corrupted(_)
        | Error::TableDoesNotExist(_)
        | Error::TableTypeMismatch { .. }
        | Error::TableIsMultimap(_)
        | Error::TableIsNotMultimap(_)
        | Error::TypeDefinitionChanged { .. }) => StoreError::Damaged(error.to_string()),
        error => StoreError::Io(error.to_string()),
    }
}

/// The port's word for an error of the operating system, with what to do where that is known.
pub(super) fn input_output(error: &io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            let what = format!("the disk is full ({error}); free some space, then open it again");
            StoreError::Io(what)
        }
        // The file is shorter than it says, or not what redb writes.
        ErrorKind::UnexpectedEof | ErrorKind::InvalidData => StoreError::Damaged(error.to_string()),
        _ => StoreError::Io(error.to_string()),
    }
}
