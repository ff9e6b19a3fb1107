//! `stateward policy test [FILE…]`: asks policies what their cases ask, tries their properties, and
//! tells what differs.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use stateward::bundle::Bundle;
use stateward::source::{FileId, SourceMap};
use stateward::workbench::coverage::Coverage;
use stateward::workbench::{Folder, Kind, Report, Section};
use stateward::workbench::{cases, tabulate};

use super::cases::Named;
use super::properties::{Meant, TrialArgs};
use super::snapshot;
use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::policy::test::{CoverageDocument, PolicyTestDocument};
use crate::project::snapshots::Snapshots;
use crate::project::{Project, load};
use crate::ui::snippet;
use crate::watch::watch;

/// Test policies: their cases, their properties, and the snapshot of all decisions
///
/// Cases are in policies/tests. Properties are in policies/properties; they are tried on requests
/// that are made up, and so is what every set of policies must have.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files of cases or properties, by path or name; by default all
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only cases and properties that have this text in their names
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Tell which statements and clauses no case has put to the test
    #[arg(long)]
    coverage: bool,
    /// Fail unless so much of a hundred is covered
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    min_coverage: Option<u8>,
    /// Run again whenever a file changes
    #[arg(long)]
    watch: bool,
    #[command(flatten)]
    trial: TrialArgs,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let project = Project::find(app.globals.project.as_deref())?;
    if !args.watch {
        return test(args, app, &project, &*project.bundle()?);
    }
    let mut kept = None;
    watch(app, &project.root, |app| {
        let bundle = current(&project, &mut kept)?;
        test(args, app, &project, &bundle)
    })
}

/// The definition as it is now: the one that is kept, unless a file of it has changed.
fn current(project: &Project, kept: &mut Option<Arc<Bundle>>) -> Result<Arc<Bundle>, CliError> {
    let sources = project.sources()?;
    let same = |bundle: &&mut Arc<Bundle>| bundle.sources.files().eq(sources.files());
    if let Some(bundle) = kept.as_mut().filter(same) {
        return Ok(bundle.clone());
    }
    let bundle = load(sources, &project.config.definition())?;
    Ok(kept.insert(bundle).clone())
}

/// One run over a definition that has loaded.
fn test(args: &Args, app: &mut App, project: &Project, bundle: &Bundle) -> Result<Exit, CliError> {
    let mut sources = bundle.sources.clone();
    let cases = Folder::Tests.read(bundle, &project.root, &mut sources)?;
    let properties = match args.trial.no_properties {
        true => Vec::new(),
        false => Folder::Properties.read(bundle, &project.root, &mut sources)?,
    };
    if cases.is_empty() {
        let folder = Folder::Tests.path(bundle);
        app.ui.hint(&format!(
            "there are no cases in {folder}; `stateward schema cases` tells their form"
        ));
    }
    let known: Vec<FileId> = cases.iter().chain(&properties).copied().collect();
    let chosen = args.chosen(&project.root, &sources, &known)?;
    let (properties, cases): (Vec<_>, Vec<_>) =
        chosen.iter().partition(|file| properties.contains(file));
    let mut bench = Bench {
        args,
        bundle,
        report: Report {
            sources,
            sections: Vec::new(),
        },
        took: Vec::new(),
        coverage: args.wants_coverage().then(|| Coverage::new(bundle)),
        named: Named::default(),
    };
    for file in cases {
        bench.cases(file);
    }
    if !args.trial.no_properties {
        bench.properties(app, project, &properties)?;
    }
    if args.wants_all() {
        bench.snapshot(project)?;
    }
    bench.finish(app)
}

impl Args {
    fn wants_coverage(&self) -> bool {
        self.coverage || self.min_coverage.is_some()
    }

    /// Whether nothing was chosen, so that also what is in no file is meant.
    fn wants_all(&self) -> bool {
        self.files.is_empty() && self.filter.is_none()
    }

    /// The files that are meant: all, or those that were named.
    fn chosen(
        &self,
        root: &Path,
        sources: &SourceMap,
        files: &[FileId],
    ) -> Result<Vec<FileId>, CliError> {
        if self.files.is_empty() {
            return Ok(files.to_vec());
        }
        let path = |file: &FileId| sources.file(*file).map_or("", |file| &file.path);
        let choose = |wanted: &PathBuf| {
            let is_it = |file: &&FileId| {
                let path = Path::new(path(file));
                path.ends_with(wanted) || same_file(&root.join(path), wanted)
            };
            files.iter().find(is_it).copied().ok_or_else(|| {
                let names = files
                    .iter()
                    .filter_map(|file| path(file).rsplit('/').next());
                let known = files.iter().map(path).chain(names);
                let see = "without a file, all of them are run";
                CliError::unknown(
                    "file of cases or properties",
                    &wanted.display().to_string(),
                    known,
                    see,
                )
            })
        };
        self.files.iter().map(choose).collect()
    }
}

fn same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// A run in progress.
struct Bench<'b> {
    args: &'b Args,
    bundle: &'b Bundle,
    report: Report,
    /// How long each section took.
    took: Vec<Duration>,
    coverage: Option<Coverage<'b>>,
    /// The accounts that the cases name.
    named: Named,
}

impl Bench<'_> {
    /// Runs those cases of a file that are meant.
    fn cases(&mut self, file: FileId) {
        let mut findings = Vec::new();
        let mut read = cases::load(self.bundle, &self.report.sources, file, &mut findings);
        if let Some(cases) = &mut read {
            let path = self.report.sources.file(file).map_or("", |file| &file.path);
            self.named.add(path, cases);
            if let Some(text) = &self.args.filter {
                cases.cases.retain(|case| case.name.contains(text));
                if cases.cases.is_empty() {
                    return;
                }
            }
        }
        let observed = read.iter().flat_map(|file| &file.cases);
        if let Some(coverage) = &mut self.coverage {
            observed.for_each(|case| coverage.observe(case));
        }
        self.section(|bundle, sources| Section::of_cases(bundle, sources, file, read, findings));
    }

    /// Tries properties: those of these files, and those that every set of policies must have.
    fn properties(
        &mut self,
        app: &mut App,
        project: &Project,
        files: &[FileId],
    ) -> Result<(), CliError> {
        let meant = Meant {
            files,
            filter: self.args.filter.as_deref(),
            built_in: self.args.wants_all(),
        };
        let trial = &self.args.trial;
        let found = trial.run(app, project, self.bundle, &mut self.report.sources, &meant)?;
        for (section, took) in found {
            self.report.sections.push(section);
            self.took.push(took);
        }
        Ok(())
    }

    /// Compares every decision with the snapshot, if the project keeps one. What differs waits for
    /// review.
    fn snapshot(&mut self, project: &Project) -> Result<(), CliError> {
        let snapshots = Snapshots::of(&project.root, self.bundle);
        // The accounts are those that cases name: where cases do not read, there is no table.
        let unread = |section: &Section| section.failed == 0 && !section.is_good();
        if !snapshots.are_kept() || self.report.sections.iter().any(unread) {
            return Ok(());
        }
        let start = Instant::now();
        let scenes = std::mem::take(&mut self.named).scenes();
        let matrix = tabulate::matrix(self.bundle, &scenes);
        let pending = snapshots.propose(&matrix)?;
        let title = snapshots.title(self.bundle);
        let file = self.report.sources.add(&title, "");
        let changed = pending.as_ref().map_or(0, |pending| pending.changes.len());
        let findings = pending.map(|_| snapshot::pending_finding(file, changed));
        self.report.sections.push(Section {
            kind: Kind::Snapshots,
            title,
            checks: matrix.listed().len(),
            failed: changed,
            decisions: tabulate::decisions(self.bundle, &scenes),
            findings: findings.into_iter().collect(),
        });
        self.took.push(start.elapsed());
        Ok(())
    }

    /// Adds a section, and how long it takes to make it.
    fn section(&mut self, make: impl FnOnce(&Bundle, &SourceMap) -> Section) {
        let start = Instant::now();
        let section = make(self.bundle, &self.report.sources);
        self.took.push(start.elapsed());
        self.report.sections.push(section);
    }

    /// Tells what was found.
    fn finish(self, app: &mut App) -> Result<Exit, CliError> {
        if let Some(text) = self
            .args
            .filter
            .as_ref()
            .filter(|_| self.report.sections.is_empty())
        {
            let says = format!("no case or property has `{text}` in its name");
            return Err(CliError::usage(says));
        }
        let lifecycle = self.bundle.lifecycle.name.as_str();
        let mut document = PolicyTestDocument::new(lifecycle, &self.report, &self.took);
        let sources = &self.report.sources;
        if let Some(coverage) = &self.coverage {
            let least = self.args.min_coverage;
            document.coverage = Some(CoverageDocument::new(sources, &coverage.report(), least));
        }
        if app.ui.is_text() {
            let findings = self.report.sections.iter().flat_map(|it| &it.findings);
            app.ui.say(&snippet::render(sources, findings));
        }
        app.ui.emit(&document)?;
        Ok(if document.is_good() {
            Exit::Done
        } else {
            Exit::Findings
        })
    }
}
