//! `stateward init`: makes a project. What is there already is never written over.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::app::App;
use crate::config;
use crate::embedded::{ALL, RESOURCE_ACCOUNT};
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::project::InitDocument;
use crate::project::{Project, create};

/// Make a project: stateward.yaml, a lifecycle, policies, a store and its key
///
/// What is there already is kept as it is.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where; by default here
    directory: Option<PathBuf>,
    /// Make a store for development: it prints codes, and takes STATEWARD_NOW and STATEWARD_SEED
    #[arg(long)]
    dev: bool,
    /// The lifecycle to begin with: resource_account, newsletter, aws_member or gcp_project
    #[arg(long, value_name = "NAME", default_value = RESOURCE_ACCOUNT.lifecycle)]
    lifecycle: String,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let names = ALL.iter().map(|shipped| shipped.lifecycle);
    let wanted = names.clone().find(|name| *name == args.lifecycle);
    let lifecycle = wanted.ok_or_else(|| {
        let see = "`stateward init --help` names them";
        CliError::unknown("shipped lifecycle", &args.lifecycle, names, see)
    })?;
    let named = args.directory.as_ref().or(app.globals.project.as_ref());
    let root = named.cloned().unwrap_or_else(|| PathBuf::from("."));
    let mut document = InitDocument {
        project: root.display().to_string(),
        development: args.dev,
        created: Vec::new(),
        kept: Vec::new(),
    };
    let mut add = |path: &str, text: &str| -> Result<(), CliError> {
        let written = write_new(&root.join(path), text)?;
        let list = if written {
            &mut document.created
        } else {
            &mut document.kept
        };
        list.push(path.to_owned());
        Ok(())
    };
    add(config::FILE, &config::template(lifecycle))?;
    let project = Project::find(Some(&root))?;
    // A project that is there already may run a lifecycle of its own, and then wants none of ours.
    let its_own = ALL
        .iter()
        .filter(|shipped| project.config.lifecycle == shipped.lifecycle);
    for (path, text) in its_own.flat_map(|shipped| shipped.files) {
        add(path, text)?;
    }
    let files = [&project.config.key, &project.config.store].map(|path| path.display().to_string());
    let created = create(&project, &app.env, args.dev)?;
    let list = if created {
        &mut document.created
    } else {
        &mut document.kept
    };
    list.extend(files);
    app.ui.emit(&document)?;
    app.ui.hint(
        "`stateward check` checks the definition, `stateward account create` makes an account",
    );
    Ok(Exit::Done)
}

/// Writes a file unless there is one; whether it did.
fn write_new(path: &Path, text: &str) -> Result<bool, CliError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(CliError::file("create", folder))?;
    }
    let written = File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(CliError::file("write", path)(error)),
    }
}
