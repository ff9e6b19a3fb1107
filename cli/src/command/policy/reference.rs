//! `stateward policy reference`: the language of policies on a page.

use stateward::diagnostic;
use stateward::expr::{self, functions::FUNCTIONS};
use stateward::lifecycle;
use stateward::policy::reference;
use stateward::source::SourceMap;

use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::policy::reference::{
    FunctionLine, LimitLine, Meaning, NameLine, ReferenceDocument,
};

/// Print the reference of the language of policies
#[derive(Debug, clap::Args)]
pub struct Args {}

/// A lifecycle that declares one of everything.
const ACCOUNT: &str = "lifecycle: sample
edition: '1'
attributes: { NAME: text }
context: { NAME: text }
principal_kinds: { user: {} }
";
const WORKFLOW: &str = "workflow: NAME
initial: open
states: { open: {}, closed: {} }
transitions:
  close: { from: open, to: closed, permission: 's:Close', resource: '*', input: { NAME: text } }
";

pub fn run(_args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let meaning = |it: reference::Meaning| Meaning {
        word: it.word,
        about: it.about,
    };
    let codes = diagnostic::all()
        .iter()
        .filter(|it| it.code.0.starts_with('P'));
    let document = ReferenceDocument {
        statement: reference::STATEMENT,
        clauses: reference::clauses().map(meaning).collect(),
        names: names()?,
        functions: FUNCTIONS
            .iter()
            .map(|function| FunctionLine {
                signature: function.signature,
                about: function.about,
                example: function.example,
            })
            .collect(),
        operators: expr::operators()
            .map(|(word, about)| Meaning { word, about })
            .collect(),
        script_functions: reference::script_functions().map(meaning).collect(),
        wildcards: reference::WILDCARDS.to_vec(),
        missing: reference::MISSING.to_vec(),
        limits: reference::bounds()
            .map(|(what, most)| LimitLine { what, most })
            .collect(),
        codes: codes
            .map(|it| Meaning {
                word: it.code.0,
                about: it.title(),
            })
            .collect(),
    };
    app.ui.emit(&document)?;
    Ok(Exit::Done)
}

/// The names of a lifecycle; those that it declares itself stand for all of their kind.
fn names() -> Result<Vec<NameLine>, CliError> {
    let mut sources = SourceMap::default();
    sources.add(
        "workflows/sample/account.yaml",
        &ACCOUNT.replace("NAME", "name"),
    );
    sources.add(
        "workflows/sample/name.yaml",
        &WORKFLOW.replace("NAME", "name"),
    );
    let loaded = lifecycle::load(&sources, "sample");
    let lifecycle = loaded.lifecycle.ok_or_else(|| {
        let first = loaded.diagnostics.first().map(|it| it.message.clone());
        CliError::Bug(format!("the sample lifecycle does not load: {first:?}"))
    })?;
    let facts = lifecycle.vocabulary.facts();
    let mut names: Vec<NameLine> = facts
        // An address is known where a code is being sent, not to policies.
        .filter(|(_, fact)| &*fact.path != "address")
        .map(|(_, fact)| {
            let group = fact.path.strip_suffix(".name");
            let declared = group.filter(|group| *group != "principal");
            let kind = *fact.path == *"principal.kind";
            NameLine {
                path: declared.map_or(fact.path.to_string(), |group| format!("{group}.NAME")),
                ty: (declared.is_none() && !kind).then(|| fact.ty.to_string()),
                optional: fact.optional,
            }
        })
        .collect();
    names.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(names)
}
