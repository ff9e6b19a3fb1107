//! Putting an engine together from its ports.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use super::bell::Bell;
use super::data_keys::DataKeys;
use super::denials::{DenialOptions, Denials};
use super::sweep::Sweeper;
use super::{AdmitError, Definition, Engine, Migration};
use crate::bundle::Bundle;
use crate::challenge::KeyRing;
use crate::courier::Courier;
use crate::entropy::EntropySource;
use crate::name::Name;
use crate::store::{Store, StoreError};
use crate::throttle::Throttles;
use crate::time::Clock;

/// Why an engine cannot be put together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A port was not given.
    #[error("the engine needs a {0}")]
    Missing(&'static str),
    /// The store holds accounts of another lifecycle.
    #[error("the store holds accounts of lifecycle `{found}`, not `{wanted}`")]
    OtherLifecycle {
        /// The store's lifecycle.
        found: Name,
        /// The bundle's lifecycle.
        wanted: Name,
    },
    /// The key is not the one that the store was created with.
    #[error("the key (id {given}) is not the one the store was created with (id {wanted})")]
    OtherKey {
        /// Id of the given key.
        given: String,
        /// Id of the store's key.
        wanted: String,
    },
    /// The store's accounts have to change for the bundle: see [`EngineBuilder::migration`].
    #[error(transparent)]
    Admit(AdmitError),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AdmitError> for BuildError {
    fn from(error: AdmitError) -> Self {
        match error {
            AdmitError::Store(error) => Self::Store(error),
            other => Self::Admit(other),
        }
    }
}

/// Collects an engine's ports. All are needed: the engine never falls back to the wall clock, the
/// network or the environment on its own.
#[derive(Default)]
pub struct EngineBuilder {
    bundle: Option<Arc<Bundle>>,
    store: Option<Arc<dyn Store>>,
    clock: Option<Arc<dyn Clock>>,
    courier: Option<Arc<dyn Courier>>,
    entropy: Option<Arc<dyn EntropySource>>,
    keys: Option<KeyRing>,
    denials: DenialOptions,
    sweeper: Sweeper,
}

impl std::fmt::Debug for EngineBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EngineBuilder").finish_non_exhaustive()
    }
}

impl EngineBuilder {
    /// What decides.
    #[must_use]
    pub fn bundle(mut self, bundle: Arc<Bundle>) -> Self {
        self.bundle = Some(bundle);
        self
    }

    /// Where accounts live.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// What time it is.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Who delivers messages.
    #[must_use]
    pub fn courier(mut self, courier: Arc<dyn Courier>) -> Self {
        self.courier = Some(courier);
        self
    }

    /// Where nonces and ids come from.
    #[must_use]
    pub fn entropy(mut self, entropy: Arc<dyn EntropySource>) -> Self {
        self.entropy = Some(entropy);
        self
    }

    /// The keys that codes are derived with; kept outside the store.
    #[must_use]
    pub fn keys(mut self, keys: KeyRing) -> Self {
        self.keys = Some(keys);
        self
    }

    /// How many denials are kept; the usual number, if this is not called.
    #[must_use]
    pub fn denials(mut self, options: DenialOptions) -> Self {
        self.denials = options;
        self
    }

    /// How long an answer is kept under its idempotency key; a day, if this is not called. Whoever
    /// repeats a request later than that asks anew.
    #[must_use]
    pub fn keep_answers(mut self, how_long: Duration) -> Self {
        self.sweeper = Sweeper::keeping(how_long);
        self
    }

    /// Puts the engine together, and its bundle in force.
    ///
    /// # Errors
    /// When a port is missing, the store belongs to another lifecycle or key, or accounts have to
    /// change for the bundle.
    pub fn build(self) -> Result<Engine, BuildError> {
        let engine = self.assemble()?;
        engine.admit(&engine.definition())?;
        Ok(engine)
    }

    /// A migration that brings the accounts under the bundle, where [`build`](Self::build) says that
    /// they have to change for it.
    ///
    /// # Errors
    /// When a port is missing, or the store belongs to another lifecycle or key.
    pub fn migration(self) -> Result<Migration, BuildError> {
        Ok(Migration::to(self.assemble()?)?)
    }

    fn assemble(self) -> Result<Engine, BuildError> {
        let bundle = self.bundle.ok_or(BuildError::Missing("bundle"))?;
        let store = self.store.ok_or(BuildError::Missing("store"))?;
        let keys = self.keys.ok_or(BuildError::Missing("key ring"))?;
        let header = store.header()?;
        if header.lifecycle != bundle.lifecycle.name {
            let (found, wanted) = (header.lifecycle, bundle.lifecycle.name.clone());
            return Err(BuildError::OtherLifecycle { found, wanted });
        }
        if keys.get(header.key_id).is_none() {
            let (given, wanted) = (keys.current().id().to_string(), header.key_id.to_string());
            return Err(BuildError::OtherKey { given, wanted });
        }
        Ok(Engine {
            definition: RwLock::new(Definition::new(bundle)),
            store,
            clock: self.clock.ok_or(BuildError::Missing("clock"))?,
            courier: self.courier.ok_or(BuildError::Missing("courier"))?,
            entropy: self
                .entropy
                .ok_or(BuildError::Missing("source of entropy"))?,
            keys,
            data_keys: DataKeys::default(),
            throttles: Throttles::default(),
            bell: Bell::default(),
            denials: Denials::new(self.denials),
            sweeper: self.sweeper,
        })
    }
}
