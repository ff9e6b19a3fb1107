//! The accounts that the cases of a project name, for tables of every decision.

use std::collections::BTreeMap;

use stateward::account::Account;
use stateward::bundle::Bundle;
use stateward::workbench::Folder;
use stateward::workbench::cases::{self, Cases};
use stateward::workbench::tabulate::Scene;

use crate::error::{CliError, Findings};
use crate::project::Project;

/// The accounts that files of cases name.
#[derive(Default)]
pub struct Named {
    /// Those of each name, and the files that say so.
    alike: BTreeMap<String, Vec<(String, Account)>>,
}

impl Named {
    /// Adds the accounts of the file at a path.
    pub fn add(&mut self, path: &str, cases: &Cases) {
        let stem = path.rsplit('/').next().unwrap_or(path);
        let stem = stem.strip_suffix(".yaml").unwrap_or(stem);
        for (name, account) in &cases.accounts {
            let alike = self.alike.entry(name.to_string()).or_default();
            if !alike.iter().any(|(_, known)| known == account) {
                alike.push((stem.to_owned(), account.clone()));
            }
        }
    }

    /// All of them. One whose name stands for different accounts in different files is told apart by
    /// the file: `ra1 of refunds`.
    pub fn scenes(self) -> Vec<Scene> {
        let scenes = self.alike.into_iter().flat_map(|(name, alike)| {
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
        scenes.collect()
    }
}

/// The accounts that the project's cases name.
///
/// # Errors
/// When a file cannot be read, or is mistaken.
pub fn accounts(project: &Project, bundle: &Bundle) -> Result<Vec<Scene>, CliError> {
    let mut sources = bundle.sources.clone();
    let files = Folder::Tests.read(bundle, &project.root, &mut sources)?;
    let mut diagnostics = Vec::new();
    let mut named = Named::default();
    for file in files {
        if let Some(cases) = cases::load(bundle, &sources, file, &mut diagnostics) {
            named.add(sources.file(file).map_or("", |file| &file.path), &cases);
        }
    }
    let findings = Findings {
        sources,
        diagnostics,
    };
    if findings.errors() > 0 {
        return Err(CliError::Definition(Box::new(findings)));
    }
    Ok(named.scenes())
}
