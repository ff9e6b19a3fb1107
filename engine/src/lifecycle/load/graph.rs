//! Workflows as graphs, and what is wrong with their shape.

use std::collections::BTreeMap;

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::Dfs;

use super::compile::Compilers;
use super::names::check_not_empty;
use super::scope::{Findings, Scope, Source, text};
use crate::diagnostic::Diagnostic;
use crate::lifecycle::codes;
use crate::lifecycle::model::{State, Workflow};
use crate::lifecycle::syntax::WorkflowFile;
use crate::name::{Name, TransitionName};
use crate::source::Place;

type Graph = DiGraph<Name, TransitionName>;

pub(super) fn workflows(
    scope: &Scope<'_>,
    compilers: &Compilers<'_>,
    out: &mut Findings,
) -> BTreeMap<Name, Workflow> {
    let mut workflows = BTreeMap::new();
    for (name, source) in &scope.workflows {
        let slot = compilers.slot(&format!("state.{name}"));
        let (Some(workflow), Some(slot)) = (workflow(scope, source, out), slot) else {
            continue;
        };
        let Source { form, place } = *source;
        let (states, graph) = workflow;
        let workflow = Workflow {
            name: (*name).clone(),
            about: text(form.about.as_deref()),
            initial: form.initial.clone(),
            states,
            graph,
            slot,
            span: place.key("workflow").text(),
        };
        workflows.insert((*name).clone(), workflow);
    }
    workflows
}

fn workflow(
    scope: &Scope<'_>,
    source: &Source<'_, WorkflowFile>,
    out: &mut Findings,
) -> Option<(BTreeMap<Name, State>, Graph)> {
    let Source { form, place } = *source;
    let names: Vec<&Name> = form.states.keys().collect();
    check_not_empty(&names, "`states`", place.key("states"), out);
    let initial = place.key("initial");
    let is_known = scope
        .states(&form.workflow)
        .is_some_and(|states| states.resolve(&form.initial, initial, out));
    let (states, graph) = build(form, place);
    // Where something is broken, a missing transition may be the reason that a state looks lost.
    if is_known && !out.has_errors() {
        check_reachable(scope, source, &states, &graph, out);
        check_ends(source, &states, &graph, out);
    }
    is_known.then_some((states, graph))
}

fn build(form: &WorkflowFile, place: Place<'_>) -> (BTreeMap<Name, State>, Graph) {
    let mut graph = Graph::new();
    let section = place.key("states");
    let mut states = BTreeMap::new();
    for (name, state) in &form.states {
        let node = graph.add_node(name.clone());
        let state = State {
            about: text(state.about.as_deref()),
            privileged: state.privileged,
            is_final: state.is_final,
            node,
            span: section.key(name.as_str()).head(),
        };
        states.insert(name.clone(), state);
    }
    let node = |name: &Name| -> Option<NodeIndex> { states.get(name).map(|state| state.node) };
    for (name, transition) in &form.transitions {
        let full = TransitionName {
            workflow: form.workflow.clone(),
            transition: name.clone(),
        };
        for from in &transition.from.0 {
            if let (Some(from), Some(to)) = (node(from), node(&transition.to)) {
                graph.add_edge(from, to, full.clone());
            }
        }
    }
    (states, graph)
}

fn check_reachable(
    scope: &Scope<'_>,
    source: &Source<'_, WorkflowFile>,
    states: &BTreeMap<Name, State>,
    graph: &Graph,
    out: &mut Findings,
) {
    let Source { form, place } = *source;
    let begins = scope.account.form.begins.values();
    let come_in = begins.filter_map(|begin| begin.states.get(&form.workflow));
    let come_in = come_in.flat_map(|states| &states.0);
    let by_migration = |state: &Name| scope.arrivals.contains(&(&form.workflow, state));
    let mut reached = vec![false; graph.node_count()];
    let mut search = Dfs::empty(graph);
    for start in std::iter::once(&form.initial).chain(come_in) {
        let Some(start) = states.get(start) else {
            continue;
        };
        search.move_to(start.node);
        while let Some(node) = search.next(graph) {
            if let Some(reached) = reached.get_mut(node.index()) {
                *reached = true;
            }
        }
    }
    for (name, state) in states {
        if reached.get(state.node.index()) == Some(&false) && !by_migration(name) {
            let message = format!("no transition leads to `{name}` from the initial state");
            out.push(
                Diagnostic::warning(codes::UNREACHABLE_STATE, state.span, message)
                    .label("never reached")
                    .also(place.key("initial").text(), "every account begins here"),
            );
        }
    }
}

fn check_ends(
    source: &Source<'_, WorkflowFile>,
    states: &BTreeMap<Name, State>,
    graph: &Graph,
    out: &mut Findings,
) {
    for (name, state) in states {
        let is_left = graph.edges(state.node).next().is_some();
        if !is_left && !state.is_final {
            let message = format!("no transition leads out of `{name}`");
            out.push(
                Diagnostic::warning(codes::DEAD_END, state.span, message)
                    .label("a dead end")
                    .help("if it is meant to be the end, say so: `final: true`"),
            );
        }
    }
    for (name, transition) in &source.form.transitions {
        let place = source
            .place
            .key("transitions")
            .key(name.as_str())
            .key("from");
        for (index, from) in transition.from.0.iter().enumerate() {
            let Some(state) = states.get(from).filter(|state| state.is_final) else {
                continue;
            };
            let message = format!("`{name}` leads out of `{from}`, which is final");
            out.push(
                Diagnostic::warning(codes::FINAL_LEFT, place.item(index).text(), message)
                    .also(state.span, "declared final here"),
            );
        }
    }
}
