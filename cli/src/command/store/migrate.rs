//! `stateward store migrate`: bringing every account under the project's definition.

use std::collections::BTreeMap;

use stateward::engine::{MigrateError, StateMap};
use stateward::name::Name;
use stateward::store::{RedbOptions, RedbStore, StoreError};

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::store::MigrateDocument;
use crate::project::{Project, Session, open_store};

/// Bring every account under the project's definition
///
/// Each account that has to change gets one record in its journal: states go where the edition's
/// migration map says, timers of new transitions are armed, values that only so many accounts may
/// hold now are claimed, attempts at transitions that read otherwise now are closed. Nothing is
/// changed where anything stands against it. When it was interrupted, running it again goes on.
///
/// A store that an older version wrote is brought to the format of this version before.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Say what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Where accounts go that are in a state which is gone, as `workflow.old=new`
    #[arg(long, value_name = "STATE=STATE", value_parser = place)]
    map: Vec<Place>,
}

/// Where accounts of one state go.
#[derive(Debug, Clone)]
struct Place {
    workflow: Name,
    old: Name,
    new: Name,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let project = Project::find(app.globals.project.as_deref())?;
    let upgraded = upgrade(&project, args, app)?;
    let migration = Session::migration(&project, &app.env, app.globals.wait)?;
    let migration = migration.with_map(map(&args.map));
    let definition = migration.definition();
    let progress = app.ui.gauge("looking at accounts");
    let survey = migration.survey(&mut |seen| progress.at(seen))?;
    progress.end();
    let stands = !survey.conflicts.is_empty();
    if !stands && !args.dry_run {
        let progress = app.ui.gauge("bringing accounts over");
        progress.of(survey.accounts);
        let run = migration.run(&mut |done| progress.at(done));
        progress.end();
        run?;
    }
    let dry_run = args.dry_run || stands;
    let mut document = MigrateDocument::new(&definition, dry_run, &survey);
    document.upgraded_from = upgraded;
    app.ui.emit(&document)?;
    if stands {
        let conflicts = CliError::from(MigrateError::Conflicts(Box::new(survey)));
        app.ui.deny(conflicts.code(), &conflicts.to_string());
        conflicts.hints().iter().for_each(|hint| app.ui.hint(hint));
        return Ok(Exit::Findings);
    }
    if args.dry_run && survey.changing > 0 {
        app.ui.hint("`stateward store migrate` does it");
    }
    Ok(Exit::Done)
}

/// Brings the store to the format of this version; the format that it had, if that was another.
fn upgrade(project: &Project, args: &Args, app: &App) -> Result<Option<u32>, CliError> {
    let path = project.path(&project.config.store);
    match open_store(&path, app.globals.wait) {
        Err(CliError::Store(StoreError::Older { found, .. })) if !args.dry_run => {
            let progress = app.ui.gauge("numbering records");
            let options = RedbOptions::default();
            let upgraded = RedbStore::upgrade(&path, &options, &mut |seen| progress.at(seen));
            progress.end();
            upgraded.map(drop)?;
            Ok(Some(found))
        }
        opened => opened.map(|_| None),
    }
}

fn map(places: &[Place]) -> StateMap {
    let mut map: StateMap = BTreeMap::new();
    for place in places.iter().cloned() {
        let states = map.entry(place.workflow).or_default();
        states.insert(place.old, place.new);
    }
    map
}

/// Reads `workflow.old=new`, or `workflow.old=workflow.new`.
fn place(text: &str) -> Result<Place, String> {
    let form = || "write workflow.old=new".to_owned();
    let (from, to) = text.split_once('=').ok_or_else(form)?;
    let (workflow, old) = from.split_once('.').ok_or_else(form)?;
    let new = match to.split_once('.') {
        Some((other, new)) if other == workflow => new,
        Some(_) => return Err("a state's accounts stay in their workflow".to_owned()),
        None => to,
    };
    let name = |text: &str| text.parse().map_err(|error| format!("{error}"));
    Ok(Place {
        workflow: name(workflow)?,
        old: name(old)?,
        new: name(new)?,
    })
}
