//! Checking a definition: everything that is found in it.

#[cfg(test)]
mod tests;

use std::ops::ControlFlow;
use std::path::Path;

use super::accepted::Accepted;
use super::found::Found;
use super::report::Report;
use super::{
    Limits, Model, Profile, Tracking, codes, explore, property, security, structure, takeover,
};
use crate::bundle::{Bundle, ReadError, add_folder};
use crate::diagnostic::{Diagnostic, Severity};
use crate::lifecycle::edition::{Named, lies_in};
use crate::source::{SourceMap, Span};

/// The file of accepted findings.
const ACCEPTED: &str = "accepted.yaml";
/// The files that a folder of checks has.
const FILES: [&str; 2] = [ACCEPTED, "properties.yaml"];

/// Where the files of the checks lie, below the project's root.
pub fn folder(bundle: &Bundle) -> String {
    format!("workflows/{}/checks", bundle.lifecycle.name)
}

/// The files of a bundle and those of its checks, if it has any.
///
/// # Errors
/// When a file cannot be read, is too large or is not text.
pub fn read_files(bundle: &Bundle, root: &Path) -> Result<SourceMap, ReadError> {
    let mut sources = bundle.sources.clone();
    for folder in folders(bundle) {
        if root.join(&folder).is_dir() {
            add_folder(&mut sources, root, &folder, &["yaml"])?;
        }
    }
    Ok(sources)
}

/// The folder, and that of the edition's own checks, which are read besides.
fn folders(bundle: &Bundle) -> Vec<String> {
    let lifecycle = &bundle.lifecycle;
    let named = Named::read(lifecycle.name.as_str());
    let edition = lifecycle.migration.as_ref();
    let own = edition.map(|_| format!("{}/checks", named.folder_of(&lifecycle.edition)));
    std::iter::once(folder(bundle)).chain(own).collect()
}

/// Everything that is found in a bundle; `sources` are the [files](read_files) to look at.
pub fn check(bundle: &Bundle, sources: SourceMap) -> Report {
    let mut found = bundle.warnings.clone();
    let accepted = accepted(bundle, &sources, &mut found);
    unread_files(bundle, &sources, &mut found);
    structure::of_definition(bundle, &mut found);
    security::of_definition(bundle, &mut found);
    let mut found: Vec<Found> = found.into_iter().map(Found::from).collect();
    explored(bundle, &mut found);
    property::found(bundle, &sources, &mut found);
    Report::new(bundle, sources, found, &accepted)
}

/// What the product of all workflows shows.
fn explored(bundle: &Bundle, found: &mut Vec<Found>) {
    let Ok(model) = Model::new(bundle, Profile::default(), &Tracking::nothing()) else {
        found.extend(too_large(bundle));
        return;
    };
    let product = explore(
        model,
        &Limits::default(),
        &mut |_| ControlFlow::Continue(()),
    );
    structure::of_ways(&product, found);
    security::of_ways(&product, found);
    found.extend(takeover::findings(&product).into_iter().map(Found::from));
    if !product.is_complete() {
        found.extend(too_large(bundle));
    } else if knows_everybody(bundle) {
        structure::of_no_way(&product, found);
        security::of_no_way(&product, found);
    }
}

/// Whether all who may ask are known: otherwise the program that embeds the engine brings them.
fn knows_everybody(bundle: &Bundle) -> bool {
    let file = format!("{}/principals.yaml", bundle.policy_folder());
    bundle.sources.id(&file).is_some()
}

/// That something was not looked at, told at the first workflow.
fn too_large(bundle: &Bundle) -> Option<Found> {
    let first = bundle.lifecycle.workflows.values().next()?;
    let says = "the combinations of all states are too many to look at every one";
    let finding = Diagnostic::warning(codes::NOT_EXPLORED, first.span, says);
    let finding = finding.help("what is found is right; more may be wrong that is not found");
    Some(Found::from(Diagnostic {
        severity: Severity::Info,
        ..finding
    }))
}

/// The accepted findings of a bundle, from its files. What is wrong with them is added to `found`.
pub fn accepted(bundle: &Bundle, sources: &SourceMap, found: &mut Vec<Diagnostic>) -> Accepted {
    let mut accepted = Accepted::default();
    for folder in folders(bundle) {
        let id = sources.id(&format!("{folder}/{ACCEPTED}"));
        if let Some((id, file)) = id.and_then(|id| Some((id, sources.file(id)?))) {
            accepted.read(id, &file.text, found);
        }
    }
    accepted
}

/// A file whose name is mistaken would be passed over.
fn unread_files(bundle: &Bundle, sources: &SourceMap, found: &mut Vec<Diagnostic>) {
    let folders = folders(bundle);
    for file in sources.files() {
        let mut names = folders.iter().map(|folder| lies_in(&file.path, folder));
        let Some(name) = names.find_map(|name| name) else {
            continue;
        };
        if let (false, Some(id)) = (FILES.contains(&name), sources.id(&file.path)) {
            let says = format!("nothing reads the file `{name}`");
            let head = Span::new(id, 0..0);
            let finding = Diagnostic::warning(codes::UNREAD_FILE, head, says);
            found.push(finding.help(match crate::name::closest(name, FILES) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("a folder of checks has {}", FILES.join(" and ")),
            }));
        }
    }
}
