//! The engine: reads a snapshot, decides, commits; sends what was committed; lets time pass.

mod agenda;
pub mod audit;
mod bell;
mod builder;
mod changes;
mod commit;
mod data_keys;
mod denials;
mod drive;
mod driver;
mod enrol;
mod erase;
mod error;
mod journal;
mod migrate;
mod once;
mod read;
pub mod replay;
mod request;
mod sweep;
#[cfg(test)]
mod tests;

use std::sync::{Arc, PoisonError, RwLock};

pub use builder::{BuildError, EngineBuilder};
pub use denials::{DenialOptions, KeptDenial};
pub use drive::{DeliveryError, Pumped, Ticked};
pub use driver::{Driver, DriverBuilder, Trouble};
pub use enrol::Enrol;
pub use erase::Erasure;
pub use error::EngineError;
pub use journal::ReadError;
pub use migrate::{AdmitError, Affected, MigrateError, Migration, Moves, StateMap, Survey};
pub use read::QuotaUse;
pub use request::{Cancel, Confirm, Create, Explanation, Presented, Resend, Run, session_facts};

use self::bell::Bell;
use self::data_keys::DataKeys;
use self::denials::Denials;
use self::sweep::Sweeper;
use crate::bundle::Bundle;
use crate::challenge::KeyRing;
use crate::courier::Courier;
use crate::entropy::EntropySource;
use crate::store::{Store, StoredBundle};
use crate::throttle::Throttles;
use crate::time::Clock;

/// Runs one lifecycle over one store. Shared freely between threads.
pub struct Engine {
    definition: RwLock<Definition>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    courier: Arc<dyn Courier>,
    entropy: Arc<dyn EntropySource>,
    keys: KeyRing,
    data_keys: DataKeys,
    throttles: Throttles,
    denials: Denials,
    sweeper: Sweeper,
    /// Rung when something was committed that is to happen by itself.
    bell: Bell,
}

/// The bundle in force, and the form in which the store keeps it.
#[derive(Clone)]
struct Definition {
    bundle: Arc<Bundle>,
    stored: Arc<StoredBundle>,
}

impl Definition {
    fn new(bundle: Arc<Bundle>) -> Self {
        let files = bundle.files();
        let stored = Arc::new(StoredBundle {
            fingerprint: bundle.fingerprint,
            files,
        });
        Self { bundle, stored }
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// A builder, to be given the engine's ports.
    pub fn builder() -> EngineBuilder {
        EngineBuilder::default()
    }

    /// The bundle in force.
    pub fn bundle(&self) -> Arc<Bundle> {
        self.definition().bundle
    }

    /// Puts another bundle in force, for every request from now on. Attempts whose transitions are
    /// defined differently in it are void.
    ///
    /// # Errors
    /// [`AdmitError::Unfit`] where accounts have to change for it: see [`Migration`]. The one before
    /// stays in force then.
    pub fn replace_bundle(&self, bundle: Arc<Bundle>) -> Result<(), AdmitError> {
        let definition = Definition::new(bundle);
        self.admit(&definition)?;
        *self
            .definition
            .write()
            .unwrap_or_else(PoisonError::into_inner) = definition;
        Ok(())
    }

    fn definition(&self) -> Definition {
        self.definition
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
