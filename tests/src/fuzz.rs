//! The bodies of the fuzz targets, so that their corpora can be replayed on stable.

use std::sync::Arc;

use stateward::diagnostic::{Diagnostic, Severity};
use stateward::expr::agreement;
use stateward::lifecycle;
use stateward::policy;
use stateward::policy::document::Kind;
use stateward::source::SourceMap;
use stateward::store::MemoryStore;

use crate::documents::Documents;
use crate::model::{Model, Step};
use crate::world::{START, World, header};

/// What separates the files of a `lifecycle_yaml` input.
const CUT: &str = "\n%%\n";

/// An account file and a workflow file: either they load, or it is said what is wrong.
pub fn lifecycle_yaml(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (account, workflow) = text.split_once(CUT).unwrap_or((text, ""));
    let mut sources = SourceMap::default();
    sources.add("workflows/demo/account.yaml", account);
    sources.add("workflows/demo/thing.yaml", workflow);
    let loaded = lifecycle::load(&sources, "demo");
    assert!(
        loaded.lifecycle.is_some() || !loaded.diagnostics.is_empty(),
        "silently refused"
    );
}

/// A policy script: it ends within its limits, with statements or with findings.
pub fn policy_script(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        policy::fuzz::fuzz_policy(text);
    }
}

/// A policy script in the style of policies has that style, and says what it said.
pub fn policy_format(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        policy::fuzz::fuzz_format(text);
    }
}

/// A pattern and a name: they match as they do in a matcher that is slow and plain.
pub fn pattern_match(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        policy::fuzz::fuzz_pattern(text);
    }
}

/// A policy document: it is imported or it is said what is wrong, at places that it has; what is
/// imported is JSON, means the same however leniently it is read, and loads.
pub fn policy_document(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    thread_local!(static DOCUMENTS: Documents = Documents::default());
    DOCUMENTS.with(|documents| {
        for kind in [Kind::Identity, Kind::Control, Kind::Trust] {
            let strict = imported(documents, text, kind, false);
            let lenient = imported(documents, text, kind, true);
            if let Some(script) = strict {
                assert!(serde_json::from_str::<serde_json::Value>(text).is_ok());
                assert_eq!(Some(&script), lenient.as_ref());
            }
            let Some(script) = lenient else {
                continue;
            };
            let (set, findings) = documents.load(&[("imported", &script)]);
            // A document may ask for more than one condition can hold, and for nothing else.
            let bounds = |it: &Diagnostic| ["P0110", "W0310"].contains(&it.code.0);
            let loaded = set.get("imported").is_some();
            assert!(loaded || findings.iter().all(bounds), "{findings:?}");
        }
    });
}

/// The script of a document, having checked what is said of it.
fn imported(documents: &Documents, text: &str, kind: Kind, lenient: bool) -> Option<String> {
    let read = documents.import(text, kind, lenient);
    for finding in &read.findings {
        let span = finding.primary.span;
        let place = usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap();
        assert!(text.get(place).is_some(), "{finding:?}");
    }
    let failed = read
        .findings
        .iter()
        .any(|it| it.severity == Severity::Error);
    assert_eq!(read.imported.is_none(), failed, "{:?}", read.findings);
    read.imported.map(|imported| imported.script)
}

/// An expression: if both engines run it, they agree.
pub fn expression(data: &[u8]) {
    if let Err(disagreement) = agreement::check_text(data) {
        panic!("the engines disagree: {disagreement:?}");
    }
}

/// A sequence of commands: the engine answers as the reference model does.
pub fn commands(data: &[u8]) {
    let mut world = World::new(Arc::new(MemoryStore::new(header())));
    let mut model = Model::new(START);
    for pair in data.chunks_exact(2).take(200) {
        let step = decode(pair[0], pair[1]);
        if model.failures >= 15 && matches!(step, Step::Code(..)) {
            continue; // Beyond what the model knows: limits over all attempts.
        }
        assert_eq!(world.step(step), model.step(step), "{step:?}");
    }
    for id in model.ids() {
        assert_eq!(world.face(id), model.face(id), "account {id}");
        world.audit(id);
    }
}

/// Every pair of bytes is a step.
fn decode(what: u8, how: u8) -> Step {
    let (account, detail) = (how % 3, how / 3);
    match what % 10 {
        0 => Step::Create(account),
        1 => Step::Bind(account, detail % 4, true),
        2 => Step::Bind(account, detail % 4, false),
        3 => Step::Acknowledge(account),
        4 => Step::Code(account, true),
        5 => Step::Code(account, false),
        6 => Step::Resend(account),
        7 => {
            if detail % 4 == 0 {
                Step::Cancel(account)
            } else {
                Step::Unbind(account)
            }
        }
        8 => Step::Advance(1_000 << (how % 20)),
        _ => Step::Tick,
    }
}
