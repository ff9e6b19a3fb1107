//! `stateward policy fmt [FILE…]`: policies in their one style.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use similar::TextDiff;
use stateward::diagnostic::Diagnostic;
use stateward::policy::Formatter;
use stateward::source::SourceMap;

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::check::Finding;
use crate::output::policy::fmt::{FmtDocument, FmtLine, Style};
use crate::project::{Project, atomic};
use crate::ui::snippet;

/// Put policies into their style
///
/// Only white space changes, and the commas and semicolons that end lists and statements. A file
/// that is no policy's script is left alone, and it is said why.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The files, `-` for standard input to standard output; without any, the project's policies
    files: Vec<PathBuf>,
    /// Write nothing, and end with code 8 if a file is in another style
    #[arg(long)]
    check: bool,
    /// Write nothing, and show what would change
    #[arg(long)]
    diff: bool,
}

/// A script, and where it is read from and written to.
struct Script {
    name: String,
    /// The file; `None` for standard input.
    path: Option<PathBuf>,
    text: String,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let scripts = scripts(args, app)?;
    let (mut sources, formatter) = (SourceMap::default(), Formatter::default());
    let mut findings: Vec<Diagnostic> = Vec::new();
    let mut files = Vec::new();
    for script in &scripts {
        let file = sources.add(&script.name, &script.text);
        let mut line = FmtLine::new(&script.name, Style::Unknown);
        match formatter.format(file, &script.text) {
            Ok(text) => args.apply(script, text, &mut line, app)?,
            Err(found) => findings.extend(found),
        }
        files.push(line);
    }
    if app.ui.is_text() {
        app.ui.say(&snippet::render(&sources, &findings));
    }
    let in_style = |line: &FmtLine| !matches!(line.style, Style::Other | Style::Unknown);
    let fails = !findings.is_empty() || args.check && !files.iter().all(in_style);
    let reads_stdin = scripts.iter().any(|script| script.path.is_none());
    let finding = |it| Finding::new(&sources, it);
    let document = FmtDocument {
        files,
        findings: findings.iter().map(finding).collect(),
    };
    // What is formatted has been printed instead.
    if args.writes_nothing() || !reads_stdin || !app.ui.is_text() {
        app.ui.emit(&document)?;
    }
    if fails && findings.is_empty() {
        app.ui
            .hint("`stateward policy fmt` puts them into their style");
    }
    Ok(if fails { Exit::Findings } else { Exit::Done })
}

impl Args {
    fn writes_nothing(&self) -> bool {
        self.check || self.diff
    }

    /// Writes a formatted script, or shows how it differs.
    fn apply(
        &self,
        script: &Script,
        text: String,
        line: &mut FmtLine,
        app: &mut App,
    ) -> Result<(), CliError> {
        let differs = script.text != text;
        line.style = match (differs, self.writes_nothing()) {
            (false, _) => Style::Same,
            (true, true) => Style::Other,
            (true, false) => Style::Formatted,
        };
        line.diff = (differs && self.diff).then(|| diff(script, &text));
        match &script.path {
            _ if self.writes_nothing() => {}
            None if app.ui.is_text() => app.ui.print(&text)?,
            None => line.text = Some(text),
            Some(path) if differs => {
                atomic::write(path, &text).map_err(CliError::file("write", path))?;
            }
            Some(_) => {}
        }
        Ok(())
    }
}

fn diff(script: &Script, text: &str) -> String {
    let (old, new) = (format!("a/{}", script.name), format!("b/{}", script.name));
    TextDiff::from_lines(script.text.as_str(), text)
        .unified_diff()
        .header(&old, &new)
        .to_string()
}

fn scripts(args: &Args, app: &mut App) -> Result<Vec<Script>, CliError> {
    if args.files.is_empty() {
        return of_project(&Project::find(app.globals.project.as_deref())?);
    }
    let is_stdin = |path: &PathBuf| path.as_path() == Path::new("-");
    if args.files.iter().any(is_stdin) {
        if args.files.len() > 1 {
            return Err(CliError::usage("`-` stands alone"));
        }
        let mut text = String::new();
        let read = app.stdin.read_to_string(&mut text);
        read.map_err(CliError::file("read", "-"))?;
        let name = "(standard input)".to_owned();
        return Ok(vec![Script {
            name,
            path: None,
            text,
        }]);
    }
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).map_err(CliError::file("read", path))?;
        let (name, path) = (path.display().to_string(), Some(path.clone()));
        Ok(Script { name, path, text })
    };
    args.files.iter().map(read).collect()
}

/// The policies that the project's bundle has.
fn of_project(project: &Project) -> Result<Vec<Script>, CliError> {
    let sources = project.sources()?;
    let is_policy = |path: &str| path.starts_with("policies/") && path.ends_with(".rhai");
    let policies = sources.files().filter(|file| is_policy(&file.path));
    let script = |file: &stateward::source::SourceFile| Script {
        name: file.path.to_string(),
        path: Some(project.path(Path::new(&*file.path))),
        text: file.text.to_string(),
    };
    Ok(policies.map(script).collect())
}
