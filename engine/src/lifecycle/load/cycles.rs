//! Transitions that trigger each other in a circle.

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use super::scope::{Findings, Scope};
use crate::diagnostic::Diagnostic;
use crate::lifecycle::codes;
use crate::name::TransitionName;
use crate::source::Span;

/// Reports each circle once, at its first transition. Whether guards would end it in time is not
/// asked: a commit has to end for reasons that can be read off the files.
pub(super) fn check(scope: &Scope<'_>, out: &mut Findings) {
    let mut graph: DiGraphMap<&TransitionName, ()> = DiGraphMap::new();
    for (name, source) in &scope.transitions {
        for cause in source.form.triggered_by.iter().flat_map(|causes| &causes.0) {
            graph.add_edge(cause, name, ());
        }
    }
    for mut circle in tarjan_scc(&graph) {
        circle.sort();
        let is_circle = circle.len() > 1
            || circle
                .first()
                .is_some_and(|only| graph.contains_edge(only, only));
        let Some((first, others)) = circle.split_first().filter(|_| is_circle) else {
            continue;
        };
        let message = match others {
            [] => format!("`{first}` triggers itself"),
            _ => format!("`{first}` triggers itself by way of other transitions"),
        };
        let mut error = Diagnostic::error(codes::TRIGGER_CYCLE, trigger_of(scope, first), message);
        for other in others {
            error = error.also(
                trigger_of(scope, other),
                format!("`{other}` is part of the circle"),
            );
        }
        out.push(error.help("take one trigger out of the circle"));
    }
}

fn trigger_of(scope: &Scope<'_>, name: &TransitionName) -> Span {
    let source = scope.transitions.get(name);
    source.map_or(scope.account.place.head(), |source| {
        source.place.key("triggered_by").head()
    })
}
