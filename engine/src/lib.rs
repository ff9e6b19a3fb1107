//! Stateward.

pub mod account;
pub mod challenge;
pub mod diagnostic;
pub mod entropy;
pub mod expr;
mod gcra;
mod hex;
mod keyed;
pub mod lifecycle;
pub mod name;
pub mod policy;
pub mod quota;
pub mod source;
pub mod store;
pub mod throttle;
pub mod time;
pub mod value;
