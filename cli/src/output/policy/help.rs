//! What would help, as scripts read it.

use schemars::JsonSchema;
use serde::Serialize;
use stateward::bundle::Bundle;
use stateward::workbench::remedy::{Change, Remedy};

/// Changes that help together.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HelpLine {
    /// Whether it was found to help for sure; otherwise it may, for some values of what is not known.
    pub certain: bool,
    /// What would have to change, in words.
    pub text: String,
    /// The same for scripts: every one of these.
    pub changes: Vec<ChangeLine>,
}

/// Something that would have to change.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChangeLine {
    /// `context`, `at`, `state`, `resource`, `fact`, `group`, `policy`, `stage` or `statement`.
    pub change: &'static str,
    /// What of that kind.
    pub of: String,
    /// What it would have to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

impl HelpLine {
    /// A remedy.
    pub fn new(bundle: &Bundle, remedy: &Remedy) -> Self {
        let told = remedy.changes.iter().map(|change| told(bundle, change));
        let (words, changes): (Vec<String>, Vec<ChangeLine>) = told.unzip();
        Self {
            certain: remedy.certain,
            text: words.join(", and "),
            changes,
        }
    }

    /// Something that follows from the definition alone.
    pub fn fact(text: String) -> Self {
        Self {
            certain: true,
            text,
            changes: Vec::new(),
        }
    }
}

fn told(bundle: &Bundle, change: &Change) -> (String, ChangeLine) {
    let line = |change, of: String, to: Option<String>| ChangeLine { change, of, to };
    match change {
        Change::Context { name, value } => {
            let value = value.text();
            let words = format!("a session with `{name}={value}`");
            (words, line("context", name.to_string(), Some(value)))
        }
        Change::At(at) => {
            let words = format!("waiting until {at}");
            (words, line("at", at.to_string(), None))
        }
        Change::State { workflow, state } => {
            let words = format!("the account in state `{workflow}.{state}`");
            (
                words,
                line("state", workflow.to_string(), Some(state.to_string())),
            )
        }
        Change::Resource { pattern, example } => {
            let words = format!("a resource of `{pattern}`, such as `{example}`");
            (
                words,
                line("resource", pattern.clone(), Some(example.clone())),
            )
        }
        Change::Fact { path } => {
            let words = format!("another value of `{path}`");
            (words, line("fact", path.to_string(), None))
        }
        Change::Group(group) => {
            let words = format!("membership of group `{group}`");
            (words, line("group", group.to_string(), None))
        }
        Change::Policy(policy) => {
            let words = format!("policy `{policy}` attached");
            (words, line("policy", policy.to_string(), None))
        }
        Change::Stage(stage) => {
            let words = format!("an allow of the {stage}");
            (words, line("stage", stage.to_string(), None))
        }
        Change::Without(statement) => {
            let place = bundle.locate(statement.span());
            let place = place.unwrap_or_else(|| statement.id().location.to_string());
            let words = format!("no longer the deny of `{}` at {place}", statement.policy());
            (words, line("statement", place, None))
        }
    }
}
