//! The codes of what is wrong with the shape of a lifecycle.

use crate::diagnostic::Code;

/// A state ends by itself before a code that is sent in it.
pub(super) const STATE_SHORTER_THAN_CODE: Code = Code("A0006");
/// A state waits for somebody else, for ever.
pub(super) const WAITS_FOR_EVER: Code = Code("A0007");
/// An attribute is read, and nothing sets it.
pub(super) const READ_AND_NEVER_SET: Code = Code("A0008");
/// An attribute is set, and nothing reads it.
pub(super) const SET_AND_NEVER_READ: Code = Code("A0009");
