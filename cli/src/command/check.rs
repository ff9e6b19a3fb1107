//! `stateward check [DIR]`: loads the definition and reports every finding.

use std::path::PathBuf;

use stateward::bundle::Bundle;
use stateward::diagnostic::{Diagnostic, Severity};
use stateward::source::SourceMap;

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::check::{CheckDocument, Finding};
use crate::project::Project;
use crate::ui::snippet;

/// Check lifecycle, policies and principals
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The project's directory
    directory: Option<PathBuf>,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let directory = args.directory.as_ref().or(app.globals.project.as_ref());
    let project = Project::find(directory.map(PathBuf::as_path))?;
    let document = match Bundle::load(project.sources()?, project.config.lifecycle.as_str()) {
        Ok(bundle) => {
            show(app, &bundle.sources, &bundle.warnings);
            of_bundle(&bundle)
        }
        Err(error) => {
            show(app, &error.sources, &error.diagnostics);
            of_files(&error.sources, &error.diagnostics)
        }
    };
    let errors = document.errors;
    app.ui.emit(&document)?;
    if errors > 0
        && let Some(first) = document.findings.first()
    {
        app.ui
            .hint(&format!("`stateward explain {}` tells more", first.code));
    }
    Ok(if errors == 0 {
        Exit::Done
    } else {
        Exit::Findings
    })
}

fn show(app: &mut App, sources: &SourceMap, diagnostics: &[Diagnostic]) {
    if app.ui.is_text() {
        app.ui.say(&snippet::render(sources, diagnostics));
    }
}

fn of_bundle(bundle: &Bundle) -> CheckDocument {
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
        ..of_files(&bundle.sources, &bundle.warnings)
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
        findings: diagnostics
            .iter()
            .map(|finding| Finding::new(sources, finding))
            .collect(),
    }
}
