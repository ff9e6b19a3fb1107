//! `stateward simulate [FILE|DIR…]`: plays scenarios, and tells what goes otherwise than they say.

mod generate;

use std::path::{Path, PathBuf};
use std::time::Instant;

use stateward::bundle::Bundle;
use stateward::diagnostic::Diagnostic;
use stateward::scenario::{self, Home, PlayError};
use stateward::source::{FileId, SourceMap};

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::simulate::{ScenarioLine, SimulateDocument};
use crate::output::veil::Veil;
use crate::project::Project;
use crate::ui::snippet;

/// Play scenarios: what is done with accounts, and what is expected to come of it
///
/// A scenario is played on the real engine, over a store that is thrown away, with a clock that moves
/// only when a step lets time pass. It is played up to the first step that goes otherwise than it
/// says.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Scenarios, by path, folder or name; by default all of workflows/<lifecycle>/scenarios
    #[arg(value_name = "FILE|DIR")]
    files: Vec<PathBuf>,
    /// Tell every step, also of scenarios that go as they say
    #[arg(short, long)]
    verbose: bool,
    /// Where accounts live meanwhile
    #[arg(long, value_enum, default_value_t, value_name = "HOME")]
    store: StoreArg,
    /// Make scenarios instead, which together make every transition
    #[arg(long, conflicts_with_all = ["files", "verbose", "store"])]
    generate: bool,
    /// The folder to write them to
    #[arg(long, requires = "generate", value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Where accounts live while a scenario is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum StoreArg {
    /// In memory
    #[default]
    Memory,
    /// In a file that is removed afterwards
    Disk,
}

impl StoreArg {
    fn home(self) -> Home {
        match self {
            Self::Memory => Home::Memory,
            Self::Disk => Home::Disk,
        }
    }
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let project = Project::find(app.globals.project.as_deref())?;
    let bundle = project.bundle()?;
    if args.generate {
        return generate::run(app, &bundle, args.out.as_deref());
    }
    let mut sources = bundle.sources.clone();
    let files = args.chosen(&project, &bundle, &mut sources)?;
    if files.is_empty() {
        let folder = scenario::folder(&bundle);
        app.ui.hint(&format!(
            "there are no scenarios in {folder}; `stateward schema scenario` tells their form"
        ));
    }
    let veil = Veil::new(&bundle.lifecycle, app.globals.reveal);
    let mut document = SimulateDocument::new(bundle.lifecycle.name.as_str());
    for file in files {
        let start = Instant::now();
        let mut findings = Vec::new();
        let scenario = scenario::load(&bundle, &sources, file, &mut findings);
        let played = scenario.as_ref().map(|scenario| {
            let played = scenario.play(&bundle, args.store.home(), app.globals.reveal);
            played.map_err(unplayable)
        });
        let played = played.transpose()?;
        let told = scenario.as_ref().zip(played.as_ref());
        findings.extend(told.iter().flat_map(|(_, played)| played.findings.clone()));
        show(app, &sources, &findings);
        let mut line = ScenarioLine::new(&sources, file, told, &findings, veil);
        line.micros = micros(start);
        line.told = args.verbose || !line.good;
        document.scenarios.push(line);
    }
    app.ui.emit(&document)?;
    Ok(if document.is_good() {
        Exit::Done
    } else {
        Exit::Findings
    })
}

fn show(app: &mut App, sources: &SourceMap, findings: &[Diagnostic]) {
    if app.ui.is_text() {
        app.ui.say(&snippet::render(sources, findings));
    }
}

fn micros(start: Instant) -> f64 {
    // To the tenth: more would be noise.
    (start.elapsed().as_secs_f64() * 10_000_000.0).round() / 10.0
}

/// Why the engine could not answer at all.
fn unplayable(error: PlayError) -> CliError {
    match error {
        PlayError::Engine(error) => error.into(),
        PlayError::Build(error) => error.into(),
        PlayError::Store(error) => error.into(),
        PlayError::Folder(error) => CliError::file("create", std::env::temp_dir())(error),
        other => CliError::Bug(other.to_string()),
    }
}

impl Args {
    /// The scenarios that are meant: all, or those that were named.
    fn chosen(
        &self,
        project: &Project,
        bundle: &Bundle,
        sources: &mut SourceMap,
    ) -> Result<Vec<FileId>, CliError> {
        let folder = scenario::folder(bundle);
        let own = scenario::read_folder(sources, &project.root, &folder)?;
        if self.files.is_empty() {
            return Ok(own);
        }
        let mut found = Vec::new();
        for wanted in &self.files {
            if wanted.is_dir() {
                let folder = wanted.to_string_lossy();
                found.extend(scenario::read_folder(sources, Path::new(""), &folder)?);
            } else if wanted.is_file() {
                let text = std::fs::read_to_string(wanted);
                let text = text.map_err(CliError::file("read", wanted))?;
                found.push(sources.add(&wanted.to_string_lossy(), &text));
            } else {
                found.push(named(sources, &own, wanted)?);
            }
        }
        Ok(found)
    }
}

/// A scenario of the project, by the name of its file.
fn named(sources: &SourceMap, own: &[FileId], wanted: &Path) -> Result<FileId, CliError> {
    let path = |file: &FileId| Path::new(sources.file(*file).map_or("", |it| &it.path));
    let is_it = |file: &&FileId| {
        let path = path(file);
        path.ends_with(wanted) || path.file_stem() == Some(wanted.as_os_str())
    };
    own.iter().find(is_it).copied().ok_or_else(|| {
        let names = own
            .iter()
            .filter_map(|file| path(file).file_stem()?.to_str());
        let see = "without a name, all of them are played";
        CliError::unknown("scenario", &wanted.display().to_string(), names, see)
    })
}
