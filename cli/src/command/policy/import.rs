//! `stateward policy import FILE…`: documents of RAM and AWS IAM as policies.

use std::path::{Path, PathBuf};

use stateward::bundle::Bundle;
use stateward::diagnostic::{Diagnostic, Severity};
use stateward::expr::Type;
use stateward::lifecycle::model::Lifecycle;
use stateward::policy::document::{self, Key, Kind, Options};
use stateward::source::{FileId, SourceMap};

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::check::Finding;
use crate::output::policy::import::{ImportDocument, ImportedPolicy};
use crate::project::{Project, atomic};
use crate::ui::snippet;

/// Import JSON policy documents, of RAM or AWS IAM
///
/// Each becomes a policy that decides exactly as its document does. What no policy can say is
/// refused with its place, and then nothing is written.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The documents
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// What they are attached to
    #[arg(long, value_enum, default_value_t)]
    kind: KindArg,
    /// Accept comments and trailing commas, and `Sid` in documents of RAM
    #[arg(long)]
    lenient: bool,
    /// The policy's name; by default its file's
    #[arg(long)]
    name: Option<String>,
    /// The directory to write to, `-` for standard output; by default the project's policies
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace policies that are there
    #[arg(long)]
    force: bool,
}

/// What a document is attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum KindArg {
    /// Users, groups and roles
    #[default]
    Identity,
    /// Folders and accounts of a directory
    Control,
    /// Resources and roles: it names principals
    Trust,
}

impl From<KindArg> for Kind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::Identity => Self::Identity,
            KindArg::Control => Self::Control,
            KindArg::Trust => Self::Trust,
        }
    }
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let to_stdout = args.out.as_deref() == Some(Path::new("-"));
    let names = args.names(to_stdout && app.ui.is_text())?;
    let project = Project::find(app.globals.project.as_deref())?;
    let bundle = project.bundle()?;
    let mut sources = SourceMap::default();
    let mut findings = Vec::new();
    let mut policies = Vec::new();
    for (path, name) in args.files.iter().zip(names) {
        let text = std::fs::read_to_string(path).map_err(CliError::file("read", path))?;
        let file = sources.add(&path.display().to_string(), &text);
        policies.extend(args.import(&bundle.lifecycle, &sources, file, name, &mut findings));
    }
    if !is_failed(&findings)
        && let Some(wrong) = wrong_with(&project, &bundle, &policies)
    {
        (sources, findings) = wrong;
    }
    let failed = is_failed(&findings);
    if failed {
        policies.clear();
    }
    if !failed && !to_stdout {
        args.write(&project, &bundle.policy_folder(), &mut policies)?;
    }
    if app.ui.is_text() {
        app.ui.say(&snippet::render(&sources, &findings));
    }
    let finding = |it| Finding::new(&sources, it);
    let document = ImportDocument {
        policies,
        findings: findings.iter().map(finding).collect(),
    };
    match document.policies.as_slice() {
        [policy] if to_stdout && app.ui.is_text() => app.ui.print(&policy.script)?,
        _ => app.ui.emit(&document)?,
    }
    match findings.first() {
        Some(first) if failed => app
            .ui
            .hint(&format!("`stateward explain {}` tells more", first.code)),
        None if args.out.is_none() => app
            .ui
            .hint("principals.yaml beside it says who has a policy; `stateward check` checks them"),
        _ => {}
    }
    Ok(if failed { Exit::Findings } else { Exit::Done })
}

impl Args {
    /// The names of the policies, each once; with `as_text` there can only be one.
    fn names(&self, as_text: bool) -> Result<Vec<String>, CliError> {
        if self.files.len() > 1 && self.name.is_some() {
            let message = "several policies cannot have one name";
            return Err(usage(message, "give one file, or leave out `--name`"));
        }
        if self.files.len() > 1 && as_text {
            let message = "several policies cannot be one text";
            return Err(usage(message, "give one file, or ask for `-o json`"));
        }
        let mut names = Vec::new();
        for path in &self.files {
            let name = self.policy_name(path)?;
            if names.contains(&name) {
                let message = format!("two documents would be policy `{name}`");
                return Err(usage(
                    message,
                    "import one of them by itself, with `--name`",
                ));
            }
            names.push(name);
        }
        Ok(names)
    }

    fn policy_name(&self, path: &Path) -> Result<String, CliError> {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy());
        let name = self.name.clone();
        let name = name.unwrap_or_else(|| stem.unwrap_or_default().into_owned());
        let word = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if (1..=128).contains(&name.len()) && name.bytes().all(word) {
            return Ok(name);
        }
        let hint = "give it one with `--name`: 1 to 128 of A-Z, a-z, 0-9, '-' and '_'";
        Err(usage(format!("`{name}` is not a policy name"), hint))
    }

    fn import(
        &self,
        lifecycle: &Lifecycle,
        sources: &SourceMap,
        file: FileId,
        name: String,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<ImportedPolicy> {
        let source = sources.file(file)?;
        let key = |name: &str| {
            let (name, fact) = lifecycle.context_key(name)?;
            Some(Key {
                name: format!("context.{name}").into(),
                ty: Type::from(&fact.ty),
                optional: true,
            })
        };
        let has_kind = |kind: &str| {
            let mut kinds = lifecycle.principal_kinds.keys();
            kinds.any(|known| known.as_str() == kind)
        };
        let options = Options {
            kind: self.kind.into(),
            lenient: self.lenient,
            key: &key,
            has_kind: &has_kind,
        };
        let imported = document::import(file, source, &options, findings)?;
        Some(ImportedPolicy {
            policy: name,
            document: source.path.to_string(),
            dialect: imported.dialect.to_string(),
            kind: options.kind.to_string(),
            statements: imported.statements,
            path: None,
            script: imported.script,
        })
    }

    /// Writes the policies; what is there already is not written over.
    fn write(
        &self,
        project: &Project,
        own: &str,
        policies: &mut [ImportedPolicy],
    ) -> Result<(), CliError> {
        // The project's own folder is called as the project calls it, wherever one stands.
        let (folder, called) = match &self.out {
            Some(folder) => (folder.clone(), folder.clone()),
            None => (project.path(Path::new(own)), PathBuf::from(own)),
        };
        let file = |policy: &ImportedPolicy| format!("{}.rhai", policy.policy);
        let mut files = policies.iter().map(file);
        let taken = files.find(|file| folder.join(file).exists());
        if let Some(file) = taken.filter(|_| !self.force) {
            return Err(usage(
                format!("there is {} already", called.join(file).display()),
                "`--force` replaces it, `--name` gives another name",
            ));
        }
        for policy in policies {
            let file = file(policy);
            let path = folder.join(&file);
            atomic::write(&path, &policy.script).map_err(CliError::file("write", path))?;
            policy.path = Some(called.join(file).display().to_string());
        }
        Ok(())
    }
}

fn usage(message: impl Into<String>, hint: &str) -> CliError {
    CliError::Usage {
        message: message.into(),
        hints: vec![hint.to_owned()],
    }
}

fn is_failed(findings: &[Diagnostic]) -> bool {
    findings.iter().any(|it| it.severity == Severity::Error)
}

/// What keeps the project from loading with the policies, wherever they are written to: nothing
/// that is imported is found wanting only later.
fn wrong_with(
    project: &Project,
    bundle: &Bundle,
    policies: &[ImportedPolicy],
) -> Option<(SourceMap, Vec<Diagnostic>)> {
    let folder = bundle.policy_folder();
    let mut sources = SourceMap::default();
    for policy in policies {
        sources.add(&format!("{folder}/{}.rhai", policy.policy), &policy.script);
    }
    // What is there of the same name would be replaced, and a map keeps the first of a path.
    for file in bundle.sources.files() {
        sources.add(&file.path, &file.text);
    }
    let error = Bundle::load(sources, &project.config.definition()).err()?;
    Some((error.sources, error.diagnostics))
}
