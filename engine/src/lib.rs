//! Stateward.

pub mod challenge;
pub mod diagnostic;
pub mod expr;
pub mod lifecycle;
pub mod name;
pub mod quota;
pub mod source;
pub mod time;
pub mod value;
