//! Scenarios that are read, played, drafted and written.

mod approval;
mod draft;
mod generate;
mod pages;
mod play;
mod write;

use std::path::Path;
use std::sync::{Arc, LazyLock};

use super::{Home, Played, Scenario, load};
use crate::bundle::{Bundle, read_sources};
use crate::diagnostic::Diagnostic;
use crate::source::SourceMap;

fn bundle(lifecycle: &str) -> Arc<Bundle> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let sources = read_sources(&root, lifecycle).unwrap();
    Arc::new(Bundle::load(sources, lifecycle).unwrap())
}

/// The shipped lifecycle of member accounts.
static SHIPPED: LazyLock<Arc<Bundle>> = LazyLock::new(|| bundle("resource_account"));
/// The smallest lifecycle.
static NEWSLETTER: LazyLock<Arc<Bundle>> = LazyLock::new(|| bundle("newsletter"));

fn read(bundle: &Bundle, text: &str) -> Result<Scenario, (SourceMap, Vec<Diagnostic>)> {
    let mut sources = bundle.sources.clone();
    let file = sources.add("scenario.yaml", text);
    let mut findings = Vec::new();
    load(bundle, &sources, file, &mut findings).ok_or((sources, findings))
}

/// A scenario that is read and played.
#[track_caller]
fn played(bundle: &Arc<Bundle>, text: &str) -> Played {
    let scenario =
        read(bundle, text).unwrap_or_else(|(_, findings)| panic!("{findings:#?}\n{text}"));
    scenario.play(bundle, Home::Memory, false).unwrap()
}

/// Findings as lines: code, place and words.
fn told(sources: &SourceMap, findings: &[Diagnostic]) -> String {
    let line = |finding: &Diagnostic| {
        let place = sources.locate(finding.primary.span).unwrap();
        let label = &finding.primary.text;
        let mut text = format!(
            "{} {}:{} {} [{label}]\n",
            finding.code, place.line, place.column, finding.message
        );
        for help in &finding.help {
            text.push_str(&format!("      {help}\n"));
        }
        text
    };
    findings.iter().map(line).collect()
}
