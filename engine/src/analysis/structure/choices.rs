//! Several transitions of one trigger: whether two can happen at once, or none.

use std::collections::BTreeMap;
use std::time::Duration;

use petgraph::graph::EdgeIndex;

use crate::analysis::found::Found;
use crate::analysis::view::View;
use crate::analysis::{Held, Of, Packed, Path, Product};
use crate::diagnostic::Diagnostic;
use crate::expr::{Expression, Slot, Truth};
use crate::lifecycle::model::{Lifecycle, Transition, Trigger};
use crate::name::{Name, TransitionName};

use super::codes;
use super::table::Table;

/// Looks at every choice: the transitions of one workflow that one trigger makes from one state.
pub(super) fn check(product: &Product<'_>, out: &mut Vec<Found>) {
    let lifecycle = &product.model().bundle().lifecycle;
    for (key, options) in choices(lifecycle) {
        let choice = Choice {
            product,
            lifecycle,
            key,
            options,
        };
        if choice.options.len() < 2 {
            continue;
        }
        let moments = choice.moments();
        out.extend(choice.both(&moments));
        out.extend(choice.none(&moments));
    }
}

/// What makes a choice, in which workflow and from which state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'l> {
    trigger: By<'l>,
    workflow: &'l Name,
    from: &'l Name,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum By<'l> {
    Cause(&'l TransitionName),
    After(Duration),
}

fn choices(lifecycle: &Lifecycle) -> BTreeMap<Key<'_>, Vec<&Transition>> {
    let mut choices: BTreeMap<Key<'_>, Vec<&Transition>> = BTreeMap::new();
    for transition in lifecycle.transitions.values() {
        let triggers: Vec<By<'_>> = match &transition.trigger {
            Trigger::Request { .. } => continue,
            Trigger::TriggeredBy(causes) => causes.iter().map(By::Cause).collect(),
            Trigger::After(after) => vec![By::After(*after)],
        };
        for trigger in triggers {
            for from in &transition.from {
                let workflow = &transition.name.workflow;
                let key = Key {
                    trigger,
                    workflow,
                    from,
                };
                choices.entry(key).or_default().push(transition);
            }
        }
    }
    choices
}

struct Choice<'p, 'b> {
    product: &'p Product<'b>,
    lifecycle: &'b Lifecycle,
    key: Key<'b>,
    options: Vec<&'b Transition>,
}

/// A way to the choice, and which of its options hold there.
struct Moment {
    path: Path,
    options: Vec<Truth>,
}

impl Choice<'_, '_> {
    /// Where the choice is made, once for all places that are alike in what holds.
    fn moments(&self) -> Vec<Moment> {
        let mut moments: Vec<Moment> = Vec::new();
        let mut add = |options: Vec<Truth>, path: &dyn Fn() -> Option<Path>| {
            if !moments.iter().any(|known| known.options == options) {
                moments.extend(path().map(|path| Moment { path, options }));
            }
        };
        let product = self.product;
        match self.key.trigger {
            By::After(_) => {
                for node in product
                    .nodes()
                    .filter(|node| self.is_here(product.state(*node)))
                {
                    let holding = self.holding(product.state(node), &[]);
                    add(holding, &|| Some(product.path_to(node)));
                }
            }
            By::Cause(cause) => {
                for edge in product.graph().edge_indices() {
                    if let Some((state, unsure)) = self.after(cause, edge) {
                        add(self.holding(state, &unsure), &|| product.path_through(edge));
                    }
                }
            }
        }
        moments
    }

    fn is_here(&self, state: Packed) -> bool {
        let space = self.product.model().space();
        space.state(self.key.workflow, state) == Some(self.key.from)
    }

    /// What the options are looked at in, if an edge makes the cause happen where they leave from: the
    /// state as it was, with everything made up to the cause, and the names of which the commit may
    /// make something else before the options are looked at.
    fn after(&self, cause: &TransitionName, edge: EdgeIndex) -> Option<(Packed, Vec<Slot>)> {
        let product = self.product;
        let firing = product.firing_of(edge)?;
        let place = firing.transitions().position(|made| made == cause)?;
        let (from, _) = product.graph().edge_endpoints(edge)?;
        let mut state = product.state(from);
        let space = product.model().space();
        for made in firing.transitions().take(place + 1) {
            let workflow = Of::Workflow(made.workflow.clone());
            let variable = space.variable(&workflow)?;
            let to = self.lifecycle.transitions.get(made)?.to.clone();
            let bits = variable.bits(&Held::State(to))?;
            state = Packed((state.0 & !variable.mask()) | bits);
        }
        let later = firing.transitions().skip(place + 1);
        let moved = later.filter_map(|made| self.lifecycle.workflows.get(&made.workflow));
        let set = firing
            .sets
            .iter()
            .filter_map(|name| self.lifecycle.attributes.get(name));
        let unsure = moved.map(|it| it.slot).chain(set.map(|it| it.slot));
        self.is_here(state).then(|| (state, unsure.collect()))
    }

    /// Which options hold in a product state of which these names are not sure.
    fn holding(&self, state: Packed, unsure: &[Slot]) -> Vec<Truth> {
        let view = View::of_nobody(self.product.model(), state);
        let truth = |condition: &Expression| {
            let is_sure = condition.reads().iter().all(|slot| !unsure.contains(slot));
            if is_sure {
                view.truth(condition)
            } else {
                Truth::Unknown
            }
        };
        let holds = |option: &&Transition| {
            let guards = option.guards.iter().map(|guard| truth(&guard.condition));
            guards.fold(Truth::True, Truth::and)
        };
        self.options.iter().map(holds).collect()
    }

    /// Two options that hold at once: the first by name is made, which nobody has said.
    fn both(&self, moments: &[Moment]) -> Option<Found> {
        let all = || self.options.iter().enumerate();
        for (first, one) in all() {
            for (second, other) in all().skip(first + 1) {
                let table = Table::of(self.lifecycle, &[one, other]);
                if table.excludes() {
                    continue;
                }
                let holds = |moment: &Moment| {
                    let at = |index: usize| moment.options.get(index).copied();
                    let (Some(one), Some(other)) = (at(first), at(second)) else {
                        return Truth::False;
                    };
                    one.and(other)
                };
                let certain = moments.iter().find(|it| holds(it) == Truth::True);
                let open = || moments.iter().find(|it| holds(it) == Truth::Unknown);
                if let Some(moment) = certain.or_else(open) {
                    let verb = if certain.is_some() {
                        "both hold"
                    } else {
                        "may both hold"
                    };
                    return Some(self.found_both(one, other, verb, moment));
                }
            }
        }
        None
    }

    fn found_both(&self, one: &Transition, other: &Transition, verb: &str, at: &Moment) -> Found {
        let says = format!("`{}` and `{}` {verb}", one.name, other.name);
        let finding = Diagnostic::warning(codes::BOTH_HOLD, other.span, says)
            .label(format!("from `{}`, {}", self.key.from, self.when()))
            .also(
                one.span,
                "the other one, which is made: its name is the first",
            )
            .help("let the condition of one exclude that of the other");
        Found::along(finding, self.product, &at.path)
    }

    /// None of several options holds, though they look as if they left nothing out.
    fn none(&self, moments: &[Moment]) -> Option<Found> {
        let is_open = self.options.iter().any(|option| option.guards.is_empty());
        if is_open || Table::of(self.lifecycle, &self.options).exhausts() {
            return None;
        }
        let none = |moment: &&Moment| moment.options.iter().all(|it| *it == Truth::False);
        let perhaps = |moment: &&Moment| moment.options.iter().all(|it| *it != Truth::True);
        let certain = moments.iter().find(none);
        let moment = certain.or_else(|| moments.iter().find(perhaps))?;
        let (first, others) = self.options.split_first()?;
        let verb = if certain.is_some() {
            "holds"
        } else {
            "may hold"
        };
        let says = match certain {
            Some(_) => format!("nothing is made from `{}`, {}", self.key.from, self.when()),
            None => format!(
                "it may be that nothing is made from `{}`, {}",
                self.key.from,
                self.when()
            ),
        };
        let mut finding = Diagnostic::warning(codes::NONE_HOLDS, first.span, says)
            .label(format!("none of these {verb}"));
        for other in others {
            finding = finding.also(other.span, "nor this");
        }
        let finding =
            finding.help("let the conditions leave nothing out, or say what else is made");
        Some(Found::along(finding, self.product, &moment.path))
    }

    fn when(&self) -> String {
        match self.key.trigger {
            By::Cause(cause) => format!("when `{cause}` is made"),
            By::After(after) => format!("after {}", crate::time::format_duration(after)),
        }
    }
}
