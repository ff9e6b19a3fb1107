//! `stateward store restore FILE`: a backup in the place of the store.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use stateward::store::{RedbOptions, RedbStore, Store, StoreCopy, StoreError};
use stateward::time::Timestamp;

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::store::RestoreDocument;
use crate::project::{Project, clock, open_store, read_key};

/// Put a backup in the place of the store
///
/// The backup is looked through first and left as it is. A store that is there is never written over:
/// it is kept under another name beside its place, and you have to say that you mean it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The backup
    file: PathBuf,
    /// The name of the lifecycle, which says that the store that is there is to be replaced
    #[arg(long, value_name = "LIFECYCLE")]
    confirm: Option<String>,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let project = Project::find(app.globals.project.as_deref())?;
    let path = project.path(&project.config.store);
    let progress = app.ui.gauge("copying bytes");
    if let Ok(file) = args.file.metadata() {
        progress.of(file.len());
    }
    let copy = StoreCopy::read(&args.file, &path, &mut |bytes| progress.at(bytes));
    progress.end();
    let copy = copy.map_err(CliError::Backup)?;
    check(&copy, &project)?;
    let accounts = copy.accounts();
    let kept = match path.exists() {
        true => {
            confirmed(args, &project, app)?;
            Some(put_aside(&path, app)?)
        }
        false => None,
    };
    drop(copy.put(&path, &RedbOptions::default())?);
    app.ui.emit(&RestoreDocument {
        file: args.file.display().to_string(),
        accounts,
        kept: kept.map(|path| path.display().to_string()),
    })?;
    Ok(Exit::Done)
}

/// That the backup is of the project's lifecycle and goes with its key.
fn check(copy: &StoreCopy, project: &Project) -> Result<(), CliError> {
    let header = copy.header();
    let wanted = &project.config.lifecycle;
    if header.lifecycle != *wanted {
        let (found, wanted) = (header.lifecycle.clone(), wanted.clone());
        let other = StoreError::OtherLifecycle { found, wanted };
        return Err(CliError::Backup(other));
    }
    let keys = read_key(&project.path(&project.config.key))?;
    if keys.get(header.key_id).is_none() {
        let wanted = header.key_id;
        return Err(CliError::OtherKey(format!(
            "the project's key is not the one that the backup was made with (id {wanted})"
        )));
    }
    Ok(())
}

/// That whoever asks for it means it.
fn confirmed(args: &Args, project: &Project, app: &mut App) -> Result<(), CliError> {
    let name = project.config.lifecycle.as_str();
    let typed = match (&args.confirm, app.prompts.as_mut()) {
        (Some(typed), _) => Some(typed.clone()),
        (None, Some(prompts)) => {
            let question = format!("This replaces the store. Type `{name}` to go on: ");
            let answer = prompts.line(&question);
            answer.map_err(|source| CliError::Prompt {
                what: "name",
                source,
            })?
        }
        (None, None) => None,
    };
    match typed.as_deref() == Some(name) {
        true => Ok(()),
        false => Err(CliError::Unconfirmed {
            what: "there is a store already, and this replaces it",
            name: name.to_owned(),
        }),
    }
}

/// Gives the store that is there another name.
fn put_aside(path: &Path, app: &App) -> Result<PathBuf, CliError> {
    // Nobody may have it open. That it cannot be read is no reason to keep it in its place.
    let development = match open_store(path, app.globals.wait) {
        Ok(store) => store.header()?.development,
        Err(locked @ CliError::Store(StoreError::Locked { .. })) => return Err(locked),
        Err(_) => false,
    };
    let now = clock(&app.env, development).map_or_else(|_| Timestamp::default(), |it| it.now());
    let stamp: String = now
        .to_string()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    let mut aside = OsString::from(path);
    aside.push(format!(".replaced-{stamp}"));
    let aside = PathBuf::from(aside);
    if aside.exists() {
        let path = aside.display().to_string();
        return Err(StoreError::Exists { path }.into());
    }
    for (from, to) in RedbStore::files(path).iter().zip(RedbStore::files(&aside)) {
        if from.exists() {
            std::fs::rename(from, &to).map_err(CliError::file("rename", from))?;
        }
    }
    Ok(aside)
}
