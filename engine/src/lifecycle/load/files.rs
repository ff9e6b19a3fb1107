//! Which files make a lifecycle, and reading them.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;

use super::scope::Findings;
use crate::diagnostic::yaml::{self, Read};
use crate::diagnostic::{Diagnostic, Suggestion};
use crate::lifecycle::codes;
use crate::lifecycle::edition::{EDITION_FILE, Named, lies_in};
use crate::lifecycle::syntax::{AccountFile, EditionFile, WorkflowFile};
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
    /// The edition that lays files over others, and what they lie over.
    pub(super) edition: Option<Edition>,
    /// Names of all files that are workflows, also of those that could not be read.
    pub(super) stems: BTreeSet<String>,
}

/// An edition beside the one of the lifecycle's folder.
pub(super) struct Edition {
    pub(super) own: Read<EditionFile>,
    /// The edition of the lifecycle's folder.
    pub(super) before: Option<String>,
    /// The workflows that it has another file for, as they were.
    pub(super) replaced: Vec<Read<WorkflowFile>>,
}

impl Files {
    pub(super) fn read(sources: &SourceMap, named: Named<'_>, out: &mut Findings) -> Option<Self> {
        let account = account(sources, named, out);
        let edition = match named.overlay(sources) {
            Some(folder) => Some(edition(sources, named, &folder, out)?),
            None => None,
        };
        let functions = named.find(sources, "functions.rhai");
        let functions = functions.and_then(|id| Some((sources.file(id)?.clone(), id)));
        let mut workflows = Vec::new();
        let mut stems = BTreeSet::new();
        for (stem, id) in workflow_files(sources, named) {
            let Some(file) = sources.file(id) else {
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
            check_name(read.value.workflow.as_str(), stem, "file", place, out);
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
            edition,
            stems,
        })
    }
}

fn account(sources: &SourceMap, named: Named<'_>, out: &mut Findings) -> Option<Read<AccountFile>> {
    let found = named.find(sources, "account.yaml");
    let Some((id, file)) = found.and_then(|id| Some((id, sources.file(id)?))) else {
        let folder = named.folder();
        let help = "it declares what all workflows of the lifecycle share";
        missing(sources, &folder, "account.yaml", help, out);
        return None;
    };
    let read = read::<AccountFile>(id, &file.text, out)?;
    let place = read.document.root().key("lifecycle");
    let name = read.value.lifecycle.as_str();
    check_name(name, named.lifecycle, "folder", place, out);
    Some(read)
}

/// Reports a file that a folder should have.
fn missing(sources: &SourceMap, folder: &str, name: &str, help: &str, out: &mut Findings) {
    let first = sources.files().find(|file| file.path.starts_with(folder));
    let id = first.and_then(|file| sources.id(&file.path));
    let span = Span::new(id.unwrap_or(FileId::NONE), 0..0);
    let message = format!("there is no `{folder}/{name}`");
    out.push(Diagnostic::error(codes::MISSING_FILE, span, message).help(help));
}

/// What an edition says of itself, and what its files stand in the place of.
fn edition(
    sources: &SourceMap,
    named: Named<'_>,
    folder: &str,
    out: &mut Findings,
) -> Option<Edition> {
    let found = sources.id(&format!("{folder}/{EDITION_FILE}"));
    let Some((id, file)) = found.and_then(|id| Some((id, sources.file(id)?))) else {
        let help = "it names the edition, and says how accounts come into it";
        missing(sources, folder, EDITION_FILE, help, out);
        return None;
    };
    let own = read::<EditionFile>(id, &file.text, out)?;
    let place = own.document.root().key("edition");
    let expected = named.edition.unwrap_or_default();
    check_name(&own.value.edition, expected, "folder", place, out);
    let lower = Named {
        edition: None,
        ..named
    };
    let text = |path: &str| {
        let id = sources.id(path)?;
        Some((id, sources.file(id)?.text.as_ref()))
    };
    let account = text(&format!("{}/account.yaml", named.folder()));
    let account = account.and_then(|(id, text)| yaml::read::<AccountFile>(id, text).0);
    let replaced = workflow_files(sources, lower)
        .filter(|(stem, _)| sources.id(&format!("{folder}/{stem}.yaml")).is_some())
        .filter_map(|(_, id)| read::<WorkflowFile>(id, &sources.file(id)?.text, out))
        .collect();
    Some(Edition {
        own,
        before: account.map(|read| read.value.edition),
        replaced,
    })
}

/// The files of workflows that are in force, with their names without endings.
fn workflow_files<'s>(
    sources: &'s SourceMap,
    named: Named<'s>,
) -> impl Iterator<Item = (&'s str, FileId)> {
    let own = named.overlay(sources);
    let base = named.folder();
    let mut names = BTreeSet::new();
    for file in sources.files() {
        let of_edition = own.as_ref().and_then(|own| lies_in(&file.path, own));
        let name = match of_edition {
            Some(EDITION_FILE) => None,
            Some(name) => Some(name),
            None => lies_in(&file.path, &base),
        };
        names.extend(name.and_then(|name| name.strip_suffix(".yaml")));
    }
    names
        .into_iter()
        .filter(|stem| !NOT_WORKFLOWS.contains(stem))
        .filter_map(move |stem| Some((stem, named.find(sources, &format!("{stem}.yaml"))?)))
}

fn read<T: DeserializeOwned>(id: FileId, text: &str, out: &mut Findings) -> Option<Read<T>> {
    let (read, diagnostics) = yaml::read(id, text);
    out.extend(diagnostics);
    read
}

fn check_name(name: &str, expected: &str, what: &str, place: Place<'_>, out: &mut Findings) {
    if name == expected {
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
