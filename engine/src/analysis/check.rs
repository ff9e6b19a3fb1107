//! Checking a definition: everything that is found in it.

#[cfg(test)]
mod tests;

use std::path::Path;

use super::accepted::Accepted;
use super::report::Report;
use super::{codes, property, security, structure};
use crate::bundle::{Bundle, ReadError, add_folder};
use crate::diagnostic::Diagnostic;
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
    let folder = folder(bundle);
    if root.join(&folder).is_dir() {
        add_folder(&mut sources, root, &folder, &["yaml"])?;
    }
    Ok(sources)
}

/// Everything that is found in a bundle; `sources` are the [files](read_files) to look at.
pub fn check(bundle: &Bundle, sources: SourceMap) -> Report {
    let mut found = bundle.warnings.clone();
    let accepted = accepted(bundle, &sources, &mut found);
    unread_files(bundle, &sources, &mut found);
    structure::check(bundle, &mut found);
    security::check(bundle, &mut found);
    property::found(bundle, &sources, &mut found);
    Report::new(bundle, sources, found, &accepted)
}

fn accepted(bundle: &Bundle, sources: &SourceMap, found: &mut Vec<Diagnostic>) -> Accepted {
    let id = sources.id(&format!("{}/{ACCEPTED}", folder(bundle)));
    let file = id.and_then(|id| Some((id, sources.file(id)?)));
    file.map_or_else(Accepted::default, |(id, file)| {
        Accepted::read(id, &file.text, found)
    })
}

/// A file whose name is mistaken would be passed over.
fn unread_files(bundle: &Bundle, sources: &SourceMap, found: &mut Vec<Diagnostic>) {
    let folder = format!("{}/", folder(bundle));
    for file in sources.files() {
        let Some(name) = file.path.strip_prefix(&folder) else {
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
