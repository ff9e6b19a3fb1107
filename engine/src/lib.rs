//! Stateward.

pub mod account;
pub mod bundle;
pub mod challenge;
pub mod courier;
pub mod decide;
pub mod diagnostic;
pub mod engine;
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
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod throttle;
pub mod time;
pub mod value;
