//! The codes of what is wrong with the shape of a lifecycle.

use crate::diagnostic::Code;

/// No account comes to a state.
pub(super) const UNREACHABLE: Code = Code("A0001");
/// A transition never fires.
pub(super) const NEVER_FIRES: Code = Code("A0002");
/// A state cannot be left any more.
pub(super) const TRAP: Code = Code("A0003");
/// Two transitions of one trigger can both hold.
pub(super) const BOTH_HOLD: Code = Code("A0004");
/// None of several transitions of one trigger holds.
pub(super) const NONE_HOLDS: Code = Code("A0005");
/// A state ends by itself before a code that is sent in it.
pub(super) const STATE_SHORTER_THAN_CODE: Code = Code("A0006");
/// A state waits for somebody else, for ever.
pub(super) const WAITS_FOR_EVER: Code = Code("A0007");
/// An attribute is read, and nothing sets it.
pub(super) const READ_AND_NEVER_SET: Code = Code("A0008");
/// An attribute is set, and nothing reads it.
pub(super) const SET_AND_NEVER_READ: Code = Code("A0009");
/// Time moves an account for ever.
pub(super) const RESTLESS: Code = Code("A0010");
/// A verification is never available.
pub(super) const NEVER_AVAILABLE: Code = Code("A0011");
