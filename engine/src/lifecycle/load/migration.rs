//! Which edition it is, and how accounts come into it: every state of the edition before needs a
//! place that is there.

use std::collections::BTreeMap;
use std::sync::Arc;

use petgraph::visit::Dfs;

use super::files::{Edition, Files};
use super::scope::Findings;
use crate::diagnostic::Diagnostic;
use crate::lifecycle::codes;
use crate::lifecycle::edition::Named;
use crate::lifecycle::model::{Migration, Workflow};
use crate::lifecycle::syntax::WorkflowFile;
use crate::name::Name;
use crate::source::Place;

/// The edition of a lifecycle.
pub(super) struct Known {
    pub(super) name: Arc<str>,
    pub(super) migration: Option<Migration>,
}

type Workflows = BTreeMap<Name, Workflow>;

pub(super) fn edition(
    files: &Files,
    named: Named<'_>,
    workflows: &Workflows,
    out: &mut Findings,
) -> Known {
    let account = &files.account;
    let Some(edition) = &files.edition else {
        let declared = account.value.edition.as_str();
        if let Some(asked) = named.edition.filter(|asked| *asked != declared) {
            let message = format!("there is no edition `{asked}`");
            let place = account.document.root().key("edition").text();
            let folder = named.folder_of(asked);
            out.push(
                Diagnostic::error(codes::MISSING_FILE, place, message)
                    .label("this is another")
                    .help(format!("its files would be in `{folder}`")),
            );
        }
        return Known {
            name: declared.into(),
            migration: None,
        };
    };
    let form = &edition.own.value;
    let place = edition.own.document.root().key("migration");
    check_beginning(edition, place, out);
    check_map(files, edition, place.key("states"), workflows, out);
    check_total(edition, place, workflows, out);
    Known {
        name: form.edition.as_str().into(),
        migration: Some(Migration {
            from: form.migration.from.as_str().into(),
            states: form.migration.states.clone(),
            span: place.head(),
        }),
    }
}

fn check_beginning(edition: &Edition, place: Place<'_>, out: &mut Findings) {
    let from = &edition.own.value.migration.from;
    let Some(before) = edition.before.as_ref().filter(|before| *before != from) else {
        return;
    };
    let message = format!("accounts come from edition `{before}`, not from `{from}`");
    let place = place.key("from").text();
    out.push(
        Diagnostic::error(codes::OTHER_EDITION, place, message)
            .label("another edition than the lifecycle's folder is")
            .did_you_mean(from, [before.as_str()]),
    );
}

/// What the map names must be there, and every target a state that accounts can be in.
fn check_map(
    files: &Files,
    edition: &Edition,
    place: Place<'_>,
    workflows: &Workflows,
    out: &mut Findings,
) {
    for (workflow, states) in &edition.own.value.migration.states {
        let here = place.key(workflow.as_str());
        let Some(now) = workflows.get(workflow) else {
            unknown("workflow", workflow, workflows.keys(), here, out);
            continue;
        };
        for (old, new) in states {
            let here = here.key(old.as_str());
            let known = before(edition, workflow).map(|form| form.states.contains_key(old));
            let known = known.unwrap_or_else(|| now.states.contains_key(old));
            if !known {
                let message = format!("`{workflow}` had no state `{old}`");
                out.push(Diagnostic::error(
                    codes::UNKNOWN_STATE,
                    here.head(),
                    message,
                ));
            }
            if !now.states.contains_key(new) {
                unknown("state", new, now.states.keys(), here, out);
            } else if !is_reachable(files, now, new) {
                let message = format!("accounts in `{old}` would go to `{new}`, a lost state");
                let declared = now.states.get(new).map(|state| state.span);
                let found = Diagnostic::error(codes::UNREACHABLE_TARGET, here.text(), message)
                    .label("no transition leads there from the initial state");
                let declared = declared.map(|span| (span, "declared here"));
                out.push(match declared {
                    Some((span, text)) => found.also(span, text),
                    None => found,
                });
            }
        }
    }
}

fn unknown<'n>(
    what: &str,
    name: &Name,
    known: impl Iterator<Item = &'n Name>,
    place: Place<'_>,
    out: &mut Findings,
) {
    let code = match what {
        "state" => codes::UNKNOWN_STATE,
        _ => codes::UNKNOWN_TRANSITION,
    };
    let message = format!("there is no {what} `{name}`");
    let span = match what {
        "state" => place.text(),
        _ => place.head(),
    };
    let found = Diagnostic::error(code, span, message);
    out.push(found.did_you_mean(name.as_str(), known.map(Name::as_str)));
}

/// Every state that accounts may be in must be there still, or be mapped to one that is.
fn check_total(edition: &Edition, place: Place<'_>, workflows: &Workflows, out: &mut Findings) {
    let map = &edition.own.value.migration.states;
    for read in &edition.replaced {
        let workflow = &read.value.workflow;
        let Some(now) = workflows.get(workflow) else {
            continue;
        };
        let mapped = map.get(workflow);
        let is_mapped = |state: &Name| mapped.is_some_and(|map| map.contains_key(state));
        for state in read.value.states.keys() {
            if now.states.contains_key(state) || is_mapped(state) {
                continue;
            }
            let message = format!("accounts in `{workflow}.{state}` have no place to go");
            let was = read.document.root().key("states").key(state.as_str());
            let span = place.key("states").key(workflow.as_str()).head();
            let help = format!("name it: `{workflow}: {{ {state}: … }}` below `states`");
            let found = Diagnostic::error(codes::UNMAPPED_STATE, span, message)
                .label("does not say where they go")
                .also(was.head(), "the state was declared here");
            out.push(found.help(help));
        }
    }
}

/// A workflow as it was, where the edition has another file for it.
fn before<'e>(edition: &'e Edition, workflow: &Name) -> Option<&'e WorkflowFile> {
    let forms = edition.replaced.iter().map(|read| &read.value);
    forms.into_iter().find(|form| form.workflow == *workflow)
}

/// Whether accounts can be in a state: from the initial one, or where others come in.
fn is_reachable(files: &Files, workflow: &Workflow, state: &Name) -> bool {
    let begins = files.account.value.begins.values();
    let come_in = begins.filter_map(|begin| begin.states.get(&workflow.name));
    let come_in = come_in.flat_map(|states| &states.0);
    let mut starts = std::iter::once(&workflow.initial).chain(come_in);
    let node = |name: &Name| workflow.states.get(name).map(|state| state.node);
    starts.any(|start| {
        let (Some(start), Some(wanted)) = (node(start), node(state)) else {
            return false;
        };
        let mut search = Dfs::new(&workflow.graph, start);
        std::iter::from_fn(|| search.next(&workflow.graph)).any(|reached| reached == wanted)
    })
}
