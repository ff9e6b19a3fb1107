//! A definition as it is named on the command line, to compare it with another.

use std::path::Path;
use std::sync::Arc;

use stateward::bundle::{Bundle, read_sources};
use stateward::store::Store as _;

use super::{PATIENCE, Project, does_not_load, load, open_store};
use crate::config;
use crate::error::CliError;
use crate::output::diff::short;

/// What begins the name of a definition that the store has kept.
const STORE: &str = "store:";

/// The definition of a name: a directory, an edition in it (`DIR@EDITION`, or `@EDITION` of the
/// project at hand), or one that the store of the project at hand has kept (`store:FINGERPRINT`).
///
/// # Errors
/// When there is none, or it does not load.
pub fn definition(
    name: &str,
    here: &dyn Fn() -> Result<Project, CliError>,
) -> Result<Arc<Bundle>, CliError> {
    if let Some(fingerprint) = name.strip_prefix(STORE) {
        return kept(fingerprint, &here()?);
    }
    let (directory, edition) = match name.rsplit_once('@') {
        // A directory may have the sign in its name.
        Some((directory, edition)) if !Path::new(name).is_dir() => (directory, Some(edition)),
        _ => (name, None),
    };
    if directory.is_empty() {
        return in_directory(here()?, edition);
    }
    let directory = Path::new(directory);
    if directory.join(config::FILE).is_file() {
        return in_directory(Project::find(Some(directory))?, edition);
    }
    // Files without a project of their own are those of the lifecycle at hand.
    in_directory(
        Project {
            root: directory.to_owned(),
            ..here()?
        },
        edition,
    )
}

fn in_directory(mut project: Project, edition: Option<&str>) -> Result<Arc<Bundle>, CliError> {
    if edition.is_some() {
        project.config.edition = edition.map(str::to_owned);
    }
    let name = project.config.definition();
    load(read_sources(&project.root, &name)?, &name)
}

/// A definition that decided something, by the beginning of its fingerprint.
fn kept(wanted: &str, project: &Project) -> Result<Arc<Bundle>, CliError> {
    let store = open_store(&project.path(&project.config.store), PATIENCE)?;
    let snapshot = store.snapshot()?;
    let known = snapshot.bundles()?;
    let mut fitting = known
        .iter()
        .filter(|it| it.to_string().starts_with(wanted) && !wanted.is_empty());
    let (Some(found), None) = (fitting.next(), fitting.next()) else {
        let known: Vec<String> = known.iter().map(short).collect();
        let see = match known.is_empty() {
            true => "the store keeps a definition with its first decision".to_owned(),
            false => format!("the store has kept {}", known.join(", ")),
        };
        return Err(CliError::unknown("kept definition", wanted, [], &see));
    };
    let files = snapshot.bundle(found)?.map(|stored| stored.files);
    let lifecycle = &project.config.lifecycle;
    let loaded = Bundle::load_again(&files.unwrap_or_default(), lifecycle);
    loaded.map(Arc::new).map_err(does_not_load)
}
