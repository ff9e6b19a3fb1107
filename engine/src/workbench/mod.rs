//! The author's workbench: what shows that policies say what they are meant to say.
//!
//! Its files lie in folders beside the policies. Bundles do not read them, so that nothing here can
//! take part in a decision.
//!
//! - [`cases`] are single requests with the expected answer; [`coverage`] tells what of the policies
//!   they have put to the test.
//! - The [`matrix`] is every decision as a table, which [`tabulate`] fills: kept as a snapshot and
//!   reviewed when it changes.
//! - [`diff`] tells who gains and who loses what by a change of policies.
//! - `properties` say what must hold of every request (feature `properties`).
//! - [`trace`] tells why policies answer a request as they do, statement by statement; [`remedy`] what
//!   would have to change for it to pass, [`who_can`] who it passes for.
//! - A [`sketch`] is an account that is described: cases name such, and questions suppose them.
//! - A [`Report`] is what all checks of one run found, section by section.

pub mod cases;
pub mod codes;
pub mod coverage;
pub mod diff;
mod files;
pub mod matrix;
#[cfg(any(test, feature = "properties"))]
pub mod properties;
pub mod remedy;
mod report;
#[cfg(test)]
mod sample;
pub mod sketch;
pub mod tabulate;
pub mod trace;
pub mod who_can;

pub use files::Folder;
pub use report::{Kind, Report, Section};
