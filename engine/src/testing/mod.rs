//! For tests of programs that embed the engine, and of the definitions that they run.
//!
//! - [`ManualClock`] stands still until it is set.
//! - [`requests`], [`principals`] and [`policy_sets`] are strategies for proptest: what fails is shrunk
//!   to the smallest request. [`with_policies`] loads a bundle with policies that were made up.
//! - [`decision_matrix`] is every decision as a table, for a snapshot.
//! - [`Disk`] is a disk that loses power, tears writes, fails and fills up; stores run on it
//!   ([`RedbStore::create_on`](crate::store::RedbStore::create_on)). [`Chance`] repeats itself.
//!
//! ```
//! use proptest::prelude::*;
//! use proptest::test_runner::TestRunner;
//! use stateward::bundle::{Bundle, read_sources};
//! use stateward::testing::requests;
//!
//! # let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
//! let sources = read_sources(root.as_ref(), "resource_account")?;
//! let bundle = Bundle::load(sources, "resource_account")?;
//! // Whoever is at the logon page gets a password or confirms an address, and nothing else.
//! let open = ["account:RetrievePassword", "account:ConfirmEmail"];
//! let mut runner = TestRunner::new(ProptestConfig::with_cases(64));
//! runner.run(&requests(&bundle), |request| {
//!     // Where an account lacks what its resource is named by, nobody is allowed anything.
//!     let Ok(answered) = request.answer(&bundle) else {
//!         return Ok(());
//!     };
//!     if request.principal.kind.as_str() == "visitor" && answered.ruling.is_allowed() {
//!         prop_assert!(open.contains(&&*answered.permission));
//!     }
//!     Ok(())
//! })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod chance;
#[cfg(feature = "redb")]
mod disk;
mod matrix;
mod policies;
mod strategies;

pub use chance::Chance;
#[cfg(feature = "redb")]
pub use disk::{Disk, DiskFile, Failure, Faults, Operation};
pub use matrix::decision_matrix;
pub use policies::{PolicyText, policy_sets, with_policies};
pub use strategies::{principals, requests, requests_of_anybody};

pub use crate::time::ManualClock;
pub use crate::workbench::properties::{Answered, Request, Requests};
