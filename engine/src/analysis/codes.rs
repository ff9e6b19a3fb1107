//! The codes of what keeps a check from being whole: what is wrong with its files, or its size.

use crate::diagnostic::Code;

/// An acceptance matches no finding.
pub const ACCEPTED_IN_VAIN: Code = Code("W0251");
/// An acceptance names a code that does not exist.
pub const UNKNOWN_CODE: Code = Code("W0252");
/// An acceptance names a code that cannot be accepted.
pub const NOT_ACCEPTABLE: Code = Code("W0253");
/// An acceptance has no reason.
pub const NO_REASON: Code = Code("W0254");
/// Nothing reads a file among those of the checks.
pub const UNREAD_FILE: Code = Code("W0255");
/// A definition is too large for what is told of its product.
pub const NOT_EXPLORED: Code = Code("A0012");
