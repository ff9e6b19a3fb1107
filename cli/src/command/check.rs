//! `stateward check [DIR]`: loads the definition, reasons about it, and reports every finding.

mod scenarios;

use std::path::PathBuf;
use std::sync::Arc;

use stateward::analysis::{self, Report};
use stateward::bundle::Bundle;
use stateward::diagnostic::{Code, Diagnostic, Severity, all, explain};
use stateward::source::SourceMap;

use crate::app::App;
use crate::error::{CliError, count};
use crate::exit::Exit;
use crate::output::Format;
use crate::output::check::{CheckDocument, Finding};
use crate::output::sarif::Log;
use crate::project::Project;
use crate::ui::snippet;
use crate::watch::watch;

/// Check lifecycle, policies and principals
///
/// Errors keep a definition from loading. Warnings are what it allows and probably should not: mend
/// them, or accept them with the reason in workflows/LIFECYCLE/checks/accepted.yaml. Notes are worth
/// knowing. `-o sarif` answers in the form that code scanning reads.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The project's directory
    directory: Option<PathBuf>,
    /// Fail over these as over errors: `warnings`, or codes
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    deny: Vec<String>,
    /// Accept the findings of these codes, this once
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    allow: Vec<String>,
    /// Write the way that a finding shows as a scenario into this directory
    #[arg(long, value_name = "DIR")]
    scenarios: Option<PathBuf>,
    /// Check again whenever a file changes
    #[arg(long)]
    watch: bool,
}

/// The word for all warnings.
const WARNINGS: &str = "warnings";

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let asked = Asked {
        strictness: Strictness::of(args)?,
        scenarios: args.scenarios.clone(),
    };
    let directory = args.directory.as_ref().or(app.globals.project.as_ref());
    let project = Project::find(directory.map(PathBuf::as_path))?;
    if args.watch {
        return watch(app, &project.root, |app| check(&asked, app, &project));
    }
    check(&asked, app, &project)
}

/// What is asked of a check.
struct Asked {
    strictness: Strictness,
    /// Where to write scenarios.
    scenarios: Option<PathBuf>,
}

/// Which findings count for more, or less, than they are.
struct Strictness {
    warnings: bool,
    denied: Vec<Code>,
    allowed: Vec<Code>,
}

impl Strictness {
    fn of(args: &Args) -> Result<Self, CliError> {
        let is_warnings = |what: &&String| *what == WARNINGS;
        let denied = args.deny.iter().filter(|what| !is_warnings(what));
        Ok(Self {
            warnings: args.deny.iter().any(|what| is_warnings(&what)),
            denied: denied.map(|what| code(what)).collect::<Result<_, _>>()?,
            allowed: args
                .allow
                .iter()
                .map(|what| code(what))
                .collect::<Result<_, _>>()?,
        })
    }

    fn apply(&self, report: &mut Report) {
        for code in &self.allowed {
            report.accept(*code, "allowed on the command line");
        }
        report.deny(|finding| {
            let is_warning = finding.severity == Severity::Warning;
            (self.warnings && is_warning) || self.denied.contains(&finding.code)
        });
    }
}

fn code(text: &str) -> Result<Code, CliError> {
    explain(text).map(|known| known.code).ok_or_else(|| {
        let known = all().iter().map(|page| page.code.0).chain([WARNINGS]);
        let see = "`stateward explain --all` lists them";
        CliError::unknown("diagnostic code", text, known, see)
    })
}

fn check(asked: &Asked, app: &mut App, project: &Project) -> Result<Exit, CliError> {
    let (sources, document) = match Bundle::load(project.sources()?, &project.config.definition()) {
        Ok(bundle) => {
            let bundle = Arc::new(bundle);
            let files = analysis::read_files(&bundle, &project.root)?;
            let mut report = analysis::check(&bundle, files);
            asked.strictness.apply(&mut report);
            show(app, &report.sources, report.open().map(|it| &it.diagnostic));
            if let Some(folder) = &asked.scenarios {
                let many = scenarios::write(folder, &bundle, &report)?;
                let (many, folder) = (count(many, "scenario"), folder.display());
                app.ui.note(&format!("Wrote {many} into {folder}."));
            }
            let document = of_bundle(&bundle, &report);
            (report.sources, document)
        }
        Err(error) => {
            show(app, &error.sources, &error.diagnostics);
            let document = of_files(&error.sources, &error.diagnostics);
            (error.sources, document)
        }
    };
    if app.globals.output == Format::Sarif {
        app.ui
            .print(&Log::new(&sources, &document.findings).to_json()?)?;
    } else {
        app.ui.emit(&document)?;
    }
    advise(app, &document);
    Ok(match document.errors {
        0 => Exit::Done,
        _ => Exit::Findings,
    })
}

fn show<'d>(
    app: &mut App,
    sources: &SourceMap,
    diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
) {
    if app.ui.is_text() {
        app.ui.say(&snippet::render(sources, diagnostics));
    }
}

/// What to do about the first finding that matters.
fn advise(app: &mut App, document: &CheckDocument) {
    let mut open = document.findings.iter().filter(|it| it.accepted.is_none());
    let severity = if document.errors > 0 {
        "error"
    } else {
        "warning"
    };
    let Some(first) = open.find(|it| it.severity == severity) else {
        return;
    };
    app.ui
        .hint(&format!("`stateward explain {}` tells more", first.code));
    if let (Some(lifecycle), "warning") = (&document.lifecycle, severity) {
        app.ui.hint(&format!(
            "what is meant is accepted, with its reason, in \
             workflows/{lifecycle}/checks/accepted.yaml"
        ));
    }
}

fn of_bundle(bundle: &Bundle, report: &Report) -> CheckDocument {
    let lifecycle = &bundle.lifecycle;
    CheckDocument {
        lifecycle: Some(lifecycle.name.to_string()),
        edition: Some(lifecycle.edition.as_ref().to_owned()),
        fingerprint: Some(bundle.fingerprint.to_string()),
        workflows: lifecycle.workflows.len(),
        states: lifecycle
            .workflows
            .values()
            .map(|workflow| workflow.states.len())
            .sum(),
        transitions: lifecycle.transitions.len(),
        policies: bundle.policies.iter().count(),
        errors: report.count(Severity::Error),
        warnings: report.count(Severity::Warning),
        notes: report.count(Severity::Info),
        accepted: report.accepted(),
        findings: report
            .findings
            .iter()
            .map(|finding| Finding::of_check(&report.sources, finding))
            .collect(),
        ..of_files(&bundle.sources, &[])
    }
}

/// As much as can be said of a definition that does not load.
fn of_files(sources: &SourceMap, diagnostics: &[Diagnostic]) -> CheckDocument {
    let many = |severity| {
        diagnostics
            .iter()
            .filter(|d| d.severity == severity)
            .count()
    };
    CheckDocument {
        lifecycle: None,
        edition: None,
        fingerprint: None,
        files: sources.files().count(),
        workflows: 0,
        states: 0,
        transitions: 0,
        policies: 0,
        errors: many(Severity::Error),
        warnings: many(Severity::Warning),
        notes: many(Severity::Info),
        accepted: 0,
        findings: diagnostics
            .iter()
            .map(|finding| Finding::new(sources, finding))
            .collect(),
    }
}
