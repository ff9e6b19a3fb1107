//! `--scenarios DIR`: the ways that findings show, as scenarios to play.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use stateward::analysis::{Finding, Report};
use stateward::bundle::Bundle;
use stateward::scenario::Draft;

use crate::error::CliError;

/// Writes a scenario for each open finding that shows a way, and tells how many there are.
pub fn write(folder: &Path, bundle: &Arc<Bundle>, report: &Report) -> Result<usize, CliError> {
    fs::create_dir_all(folder).map_err(CliError::file("create", folder))?;
    let mut taken = BTreeSet::new();
    for finding in report.open() {
        let Some(way) = &finding.way else { continue };
        let about = format!(
            "{}: {}",
            finding.diagnostic.code, finding.diagnostic.message
        );
        let drafted = Draft::of_way(&about, way, bundle).write(bundle);
        let drafted = drafted.map_err(|error| CliError::Bug(error.to_string()))?;
        let path = folder.join(free_name(finding, &mut taken));
        fs::write(&path, drafted.text()).map_err(CliError::file("write", &path))?;
    }
    Ok(taken.len())
}

/// `a1001-root_user.active.yaml`, with a number where another finding has that name.
fn free_name(finding: &Finding, taken: &mut BTreeSet<String>) -> String {
    let code = finding.diagnostic.code.0.to_ascii_lowercase();
    let stem = match &finding.at {
        Some(at) => format!("{code}-{}", at.replace('/', "-")),
        None => code,
    };
    let numbers = std::iter::successors(Some(2_usize), |number| number.checked_add(1));
    let others = numbers.map(|number| format!("{stem}-{number}.yaml"));
    let mut names = std::iter::once(format!("{stem}.yaml")).chain(others);
    let free = names.find(|name| taken.insert(name.clone()));
    free.unwrap_or(stem)
}
