//! The files of cases of a project, for commands that need what they name.

use std::collections::BTreeMap;

use stateward::account::Account;
use stateward::bundle::Bundle;
use stateward::workbench::tabulate::Scene;
use stateward::workbench::{Folder, cases};

use crate::error::{CliError, Findings};
use crate::project::Project;

/// The accounts that the project's cases name. One whose name stands for different accounts in
/// different files is told apart by the file: `ra1 of refunds`.
///
/// # Errors
/// When a file cannot be read, or is mistaken.
pub fn accounts(project: &Project, bundle: &Bundle) -> Result<Vec<Scene>, CliError> {
    let mut sources = bundle.sources.clone();
    let files = Folder::Tests.read(bundle, &project.root, &mut sources)?;
    let mut diagnostics = Vec::new();
    let mut found: BTreeMap<String, Vec<(String, Account)>> = BTreeMap::new();
    for file in files {
        let Some(cases) = cases::load(bundle, &sources, file, &mut diagnostics) else {
            continue;
        };
        let path = sources.file(file).map_or("", |file| &file.path);
        let stem = path.rsplit('/').next().unwrap_or(path);
        let stem = stem.strip_suffix(".yaml").unwrap_or(stem);
        for (name, account) in cases.accounts {
            let alike = found.entry(name.to_string()).or_default();
            if !alike.iter().any(|(_, known)| *known == account) {
                alike.push((stem.to_owned(), account));
            }
        }
    }
    let findings = Findings {
        sources,
        diagnostics,
    };
    if findings.errors() > 0 {
        return Err(CliError::Definition(Box::new(findings)));
    }
    let scenes = found.into_iter().flat_map(|(name, alike)| {
        let many = alike.len() > 1;
        alike.into_iter().map(move |(file, account)| Scene {
            name: if many {
                format!("{name} of {file}")
            } else {
                name.clone()
            },
            account,
        })
    });
    Ok(scenes.collect())
}
