//! The project: found upward from where the command is started, and opened as far as it is needed.

pub mod atomic;
pub mod courier;
pub mod development;
pub mod key;
mod session;
pub mod side;
pub mod snapshots;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use stateward::bundle::{Bundle, LoadError, read_sources};
use stateward::source::SourceMap;

pub use development::clock;
pub use key::read as read_key;
pub use session::{PATIENCE, Session, create, open_store, principal};

use crate::config::{self, Config};
use crate::error::{CliError, Findings};

/// A directory with a project file.
#[derive(Debug, Clone)]
pub struct Project {
    /// The directory.
    pub root: PathBuf,
    /// What the file says.
    pub config: Config,
}

impl Project {
    /// The project of a directory that was named, or of the nearest one upward from here.
    ///
    /// # Errors
    /// When there is none, or its file does not read.
    pub fn find(named: Option<&Path>) -> Result<Self, CliError> {
        let from = match named {
            Some(directory) => directory.to_owned(),
            None => std::env::current_dir().map_err(CliError::file("enter", "."))?,
        };
        // A directory that was named is meant itself, not one above it.
        let depth = if named.is_some() { 1 } else { usize::MAX };
        let holds = |directory: &&Path| directory.join(config::FILE).is_file();
        let root = from.ancestors().take(depth).find(holds).map(Path::to_owned);
        let upward = named.is_none();
        let root = root.ok_or(CliError::NoProject { from, upward })?;
        let file = root.join(config::FILE);
        let text = std::fs::read_to_string(&file).map_err(CliError::file("read", file))?;
        let config = Config::parse(&text)?;
        Ok(Self { root, config })
    }

    /// A path of the project file: relative ones are meant from the project's directory.
    pub fn path(&self, path: &Path) -> PathBuf {
        self.root.join(path)
    }

    /// The files of the definition.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn sources(&self) -> Result<SourceMap, CliError> {
        Ok(read_sources(&self.root, &self.config.definition())?)
    }

    /// The definition.
    ///
    /// # Errors
    /// When it cannot be read, or does not load.
    pub fn bundle(&self) -> Result<Arc<Bundle>, CliError> {
        load(self.sources()?, &self.config.definition())
    }
}

/// Loads a definition from its files.
///
/// # Errors
/// With every finding, when it does not load.
pub fn load(sources: SourceMap, lifecycle: &str) -> Result<Arc<Bundle>, CliError> {
    let loaded = Bundle::load(sources, lifecycle);
    loaded.map(Arc::new).map_err(does_not_load)
}

fn does_not_load(error: LoadError) -> CliError {
    CliError::Definition(Box::new(Findings {
        sources: error.sources,
        diagnostics: error.diagnostics,
    }))
}
