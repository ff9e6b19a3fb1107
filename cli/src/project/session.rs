//! An opened project: the engine with its store, key, clock, entropy and couriers.

use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use stateward::bundle::Bundle;
use stateward::engine::{Engine, EngineBuilder, Migration, Pumped};
use stateward::entropy::EntropySource;
use stateward::policy::Principal;
use stateward::store::{Header, RedbOptions, RedbStore, Store, StoreError};
use stateward::time::{Clock, Timestamp};

use super::{Project, atomic, courier, development, key};
use crate::config::{KeepAnswers, STATE};
use crate::env::Env;
use crate::error::CliError;
use crate::output::veil::Veil;
use crate::ui::Ui;

/// How long a command waits for a store that another one has, unless it is told otherwise.
pub const PATIENCE: Duration = Duration::from_secs(2);
/// How long between two tries.
const PAUSE: Duration = Duration::from_millis(20);

/// Most messages that one command sends besides its own.
const PUMP_MAX: usize = 256;

/// What commands that touch accounts work with.
pub struct Session {
    /// The engine.
    pub engine: Engine,
    /// The definition in force.
    pub bundle: Arc<Bundle>,
    clock: Arc<dyn Clock>,
    has_courier: bool,
}

impl Session {
    /// Opens a project. Its store and key are made if there are none: a store that is made by the
    /// way is never one for development.
    ///
    /// # Errors
    /// When a part of it cannot be read, does not load or does not fit the others.
    pub fn open(project: &Project, env: &Env, wait: Duration) -> Result<Self, CliError> {
        if !project.path(&project.config.store).exists() {
            project.bundle()?;
            create(project, env, false)?;
        }
        let parts = Parts::open(project, env, wait)?;
        Ok(Self {
            engine: parts.builder.build()?,
            bundle: parts.bundle,
            clock: parts.clock,
            has_courier: parts.has_courier,
        })
    }

    /// A migration of the project's store to its definition.
    ///
    /// # Errors
    /// When a part of it cannot be read, does not load or does not fit the others.
    pub fn migration(project: &Project, env: &Env, wait: Duration) -> Result<Migration, CliError> {
        let parts = Parts::open(project, env, wait)?;
        Ok(parts.builder.migration()?)
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Masking by the lifecycle in force.
    pub fn veil(&self, reveal: bool) -> Veil<'_> {
        Veil::new(&self.bundle.lifecycle, reveal)
    }

    /// A principal by its name.
    ///
    /// # Errors
    /// When nobody has the name.
    pub fn principal(&self, name: &str) -> Result<Principal, CliError> {
        principal(&self.bundle, name)
    }

    /// Sends what was committed. What cannot be sent stays and is tried again: that is told, and
    /// changes nothing of the decision.
    ///
    /// # Errors
    /// When the store fails.
    pub fn send(&self, ui: &mut Ui) -> Result<(), CliError> {
        if !self.has_courier {
            ui.hint("no courier is set up: messages wait; see `courier:` in stateward.yaml");
            return Ok(());
        }
        let Pumped { failed, .. } = self.engine.pump(PUMP_MAX)?;
        for (id, error) in failed {
            ui.warn(&format!("message {id} was not delivered: {error}"));
            ui.hint(if error.is_permanent() {
                "it is kept and tried again in an hour, which is of no use unless this is mended"
            } else {
                "`stateward pump` tries again"
            });
        }
        Ok(())
    }

    /// Whether messages can be sent at all.
    ///
    /// # Errors
    /// When no courier is set up.
    pub fn needs_courier(&self) -> Result<(), CliError> {
        if self.has_courier {
            return Ok(());
        }
        let problem = "none is set up".to_owned();
        Err(CliError::Courier {
            channel: "messages",
            problem,
        })
    }
}

/// What an engine is put together from.
struct Parts {
    builder: EngineBuilder,
    bundle: Arc<Bundle>,
    clock: Arc<dyn Clock>,
    has_courier: bool,
}

impl Parts {
    fn open(project: &Project, env: &Env, wait: Duration) -> Result<Self, CliError> {
        let bundle = project.bundle()?;
        let store = open_store(&project.path(&project.config.store), wait)?;
        let development = store.header()?.development;
        let keys = key::read(&project.path(&project.config.key))?;
        let clock = development::clock(env, development)?;
        let (couriers, has_courier) = courier::of_project(project, development, &clock)?;
        let mut builder = Engine::builder()
            .bundle(bundle.clone())
            .store(Arc::new(store))
            .clock(clock.clone())
            .courier(Arc::new(couriers))
            .entropy(entropy(project, env, development)?)
            .keys(keys)
            .denials(project.config.denials.into());
        if let Some(KeepAnswers(how_long)) = project.config.keep_answers {
            builder = builder.keep_answers(how_long);
        }
        Ok(Self {
            builder,
            bundle,
            clock,
            has_courier,
        })
    }
}

/// A principal of a definition, by its name.
///
/// # Errors
/// When nobody has the name.
pub fn principal(bundle: &Bundle, name: &str) -> Result<Principal, CliError> {
    let resolved = bundle.principals.resolve(name);
    resolved.map_err(|unknown| {
        let hint = match unknown.closest {
            Some(closest) => format!("did you mean `{closest}`?"),
            None => "principals are listed in policies/principals.yaml".to_owned(),
        };
        CliError::Unknown {
            what: "principal",
            wanted: unknown.asked,
            hints: vec![hint],
        }
    })
}

/// Opens a store. Another command may have it: commands are short, so that is worth a moment.
///
/// # Errors
/// When there is none, it cannot be read, or another process has it for longer than that.
pub fn open_store(path: &Path, wait: Duration) -> Result<RedbStore, CliError> {
    let begun = Instant::now();
    loop {
        match RedbStore::open(path, &RedbOptions::default()) {
            Err(StoreError::Locked { .. }) if begun.elapsed() < wait => sleep(PAUSE),
            opened => return Ok(opened?),
        }
    }
}

/// Makes a project's store and key where there are none; whether the store is new.
///
/// # Errors
/// When one of them cannot be written.
pub fn create(project: &Project, env: &Env, development: bool) -> Result<bool, CliError> {
    let state = project.root.join(STATE);
    std::fs::create_dir_all(&state).map_err(CliError::file("create", &state))?;
    hide(&state)?;
    let path = project.path(&project.config.store);
    if path.exists() {
        return Ok(false);
    }
    let source = entropy(project, env, development)?;
    let keys = key::generate(&project.path(&project.config.key), source.as_ref())?;
    let header = Header {
        lifecycle: project.config.lifecycle.clone(),
        development,
        created_at: development::clock(env, development)?.now(),
        key_id: keys.current().id(),
    };
    RedbStore::create(path, &header, &RedbOptions::default())?;
    Ok(true)
}

fn entropy(
    project: &Project,
    env: &Env,
    development: bool,
) -> Result<Arc<dyn EntropySource>, CliError> {
    development::entropy(
        env,
        development,
        &project.root.join(STATE).join("seeds-drawn"),
    )
}

/// Keeps the store and the key out of version control.
fn hide(state: &Path) -> Result<(), CliError> {
    let path = state.join(".gitignore");
    if path.exists() {
        return Ok(());
    }
    atomic::write(&path, "*\n").map_err(CliError::file("write", path))
}
