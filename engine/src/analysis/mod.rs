//! What reasons about a definition before anything runs.
//!
//! Everything stands on one model. A definition with its policies and principals is unfolded into the
//! **product** of all workflows: the states that one account can come to, with the firings that lead
//! from one to the next ([`explore`]). What is not known, such as an input, the hour or an attribute, is
//! three-valued: where a guard depends on it, both ways are taken. So every behaviour of the engine is
//! a path of the product, and that there is no path is a proof. A path whose firings leave nothing
//! open is a behaviour; any other one is possible provided that what is open holds.
//!
//! What is abstracted, and why that is sound:
//!
//! - *Attempts.* A request that waits for proofs changes nothing of the account, and every gate is
//!   passed again when it is confirmed, so it fires at one moment: that of the last proof. Earlier
//!   proofs may have been given where they were still available ([`Model`] tells how that is kept).
//! - *Time.* A timed transition may fire as soon as its state is entered, and later. Cool-downs are
//!   over at some time. Quotas and throttles refill.
//! - *Other accounts.* That a value may be taken by another account is left to whoever chooses it.
//!
//! [`check`] tells everything that is found in a definition. Its files lie in
//! `workflows/<lifecycle>/checks/`, where bundles read nothing, so that none of it can take part in a
//! decision.
//!
//! Beside it, a [`picture`] draws what is declared, and whatever else consists of steps.
//!
//! Sources: explicit-state model checking as in Baier and Katoen, *Principles of Model Checking*
//! (2008), chapters 3 and 4; three-valued abstraction as in Bruns and Godefroid, "Model checking
//! partial state spaces with 3-valued temporal logics" (CAV 1999).

mod accepted;
mod asker;
mod check;
mod codes;
pub mod diff;
mod explore;
mod expressions;
mod fire;
mod firing;
mod found;
mod model;
mod obstacle;
mod path;
pub mod picture;
mod places;
pub mod plan;
mod product;
mod profile;
pub mod property;
mod report;
mod security;
mod space;
mod structure;
pub mod takeover;
#[cfg(test)]
mod tests;
mod view;
mod way;

pub use accepted::{Accepted, AcceptedForm};
pub use asker::{Asker, AskerId, Who};
pub use check::{accepted, check, folder, read_files};
pub use explore::{Limits, Progress, explore};
pub use firing::{Certainty, Firing, FiringId, Open};
pub use model::{Model, ModelError, Tracking};
pub use obstacle::Obstacle;
pub use path::{Path, Step};
pub use product::Product;
pub use profile::Profile;
pub use report::{Finding, Report};
pub use space::{Held, Of, Packed, Space, Variable};
pub use way::{Way, WayStep};
