//! The codes of what can be taken over.

use crate::diagnostic::Code;

/// One factor alone seizes an account.
pub const ONE_FACTOR: Code = Code("A1051");
/// Somebody takes over a factor, and nobody else is told.
pub const TAKEN_IN_SILENCE: Code = Code("A1052");
/// Whoever has just become the owner can replace an address at once.
pub const NO_COOLDOWN: Code = Code("A1053");
/// There are too many states to look at takeover while checking.
pub const NOT_LOOKED_AT: Code = Code("A1054");
