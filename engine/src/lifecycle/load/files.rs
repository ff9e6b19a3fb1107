//! Which files make a lifecycle, and reading them.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;

use super::scope::Findings;
use crate::diagnostic::yaml::{self, Read};
use crate::diagnostic::{Diagnostic, Suggestion};
use crate::lifecycle::codes;
use crate::lifecycle::syntax::{AccountFile, WorkflowFile};
use crate::name::Name;
use crate::source::{FileId, Place, SourceFile, SourceMap, Span};

/// The YAML files of a lifecycle's folder that are no workflows.
const NOT_WORKFLOWS: [&str; 2] = ["account", "properties"];
/// Most workflows of a lifecycle.
const WORKFLOWS_MAX: usize = 128;

/// The files of a lifecycle, read into their forms.
pub(super) struct Files {
    pub(super) account: Read<AccountFile>,
    pub(super) workflows: Vec<Read<WorkflowFile>>,
    pub(super) functions: Option<(SourceFile, FileId)>,
    /// Names of all files that are workflows, also of those that could not be read.
    pub(super) stems: BTreeSet<String>,
}

impl Files {
    pub(super) fn read(sources: &SourceMap, folder: &str, out: &mut Findings) -> Option<Self> {
        let prefix = format!("workflows/{folder}/");
        let functions = find(sources, &format!("{prefix}functions.rhai"));
        let account = account(sources, folder, &prefix, out);
        let mut workflows = Vec::new();
        let mut stems = BTreeSet::new();
        for file in sources.files() {
            let stem = file.path.strip_prefix(&prefix).and_then(workflow_stem);
            let (Some(stem), Some(id)) = (stem, sources.id(&file.path)) else {
                continue;
            };
            stems.insert(stem.to_owned());
            if stems.len() > WORKFLOWS_MAX {
                let message = format!("a lifecycle has at most {WORKFLOWS_MAX} workflows");
                out.push(Diagnostic::error(yaml::LIMIT, Span::new(id, 0..0), message));
                break;
            }
            let Some(read) = read::<WorkflowFile>(id, &file.text, out) else {
                continue;
            };
            let place = read.document.root().key("workflow");
            check_name(&read.value.workflow, stem, "file", place, out);
            workflows.push(read);
        }
        let account = account?;
        if stems.is_empty() {
            let place = account.document.root().key("lifecycle");
            let error =
                Diagnostic::error(codes::MISSING_FILE, place.head(), "there is no workflow");
            let help = "put one into this folder, for example `membership.yaml`";
            out.push(error.label("a lifecycle needs one").help(help));
        }
        Some(Self {
            account,
            workflows,
            functions,
            stems,
        })
    }
}

fn account(
    sources: &SourceMap,
    folder: &str,
    prefix: &str,
    out: &mut Findings,
) -> Option<Read<AccountFile>> {
    let path = format!("{prefix}account.yaml");
    let Some((file, id)) = find(sources, &path) else {
        let first = sources.files().find(|file| file.path.starts_with(prefix));
        let id = first.and_then(|file| sources.id(&file.path));
        let span = Span::new(id.unwrap_or(FileId::NONE), 0..0);
        let message = format!("there is no `{path}`");
        let help = "it declares what all workflows of the lifecycle share";
        out.push(Diagnostic::error(codes::MISSING_FILE, span, message).help(help));
        return None;
    };
    let read = read::<AccountFile>(id, &file.text, out)?;
    let place = read.document.root().key("lifecycle");
    check_name(&read.value.lifecycle, folder, "folder", place, out);
    Some(read)
}

fn find(sources: &SourceMap, path: &str) -> Option<(SourceFile, FileId)> {
    let id = sources.id(path)?;
    Some((sources.file(id)?.clone(), id))
}

/// The name of a workflow's file without its ending; none of another file.
fn workflow_stem(path: &str) -> Option<&str> {
    let stem = path.strip_suffix(".yaml")?;
    (!stem.contains('/') && !NOT_WORKFLOWS.contains(&stem)).then_some(stem)
}

fn read<T: DeserializeOwned>(id: FileId, text: &str, out: &mut Findings) -> Option<Read<T>> {
    let (read, diagnostics) = yaml::read(id, text);
    out.extend(diagnostics);
    read
}

fn check_name(name: &Name, expected: &str, what: &str, place: Place<'_>, out: &mut Findings) {
    if name.as_str() == expected {
        return;
    }
    let message = format!("the {what} is called `{expected}`, but this says `{name}`");
    let span = place.text();
    let mut error = Diagnostic::error(codes::FILE_NAME, span, message)
        .label(format!("not `{expected}`"))
        .help(format!(
            "call both the same: by the {what}'s name others find it"
        ));
    error.suggestion = Some(Suggestion {
        span,
        replacement: expected.to_owned(),
    });
    out.push(error);
}
