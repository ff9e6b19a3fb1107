//! States that no account comes to, transitions that never fire, proofs that nobody can ever give.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::analysis::fire::{available, may_ask};
use crate::analysis::found::Found;
use crate::analysis::model::Rule;
use crate::analysis::security::permissions;
use crate::analysis::view::View;
use crate::analysis::{Held, Of, Packed, Product};
use crate::diagnostic::Diagnostic;
use crate::expr::Truth;
use crate::lifecycle::model::{Lifecycle, Transition, Trigger};
use crate::name::{Name, TransitionName};
use crate::source::Span;

use super::codes;

/// Reports what is never reached. All of it is proved: every behaviour is a path of the product.
pub(super) fn check(product: &Product<'_>, out: &mut Vec<Found>) {
    let seeking = Seeking::new(product);
    let never = seeking.never_available();
    for (name, span) in &never {
        let says = format!("`{name}` can never be proved");
        let finding = Diagnostic::warning(codes::NEVER_AVAILABLE, *span, says)
            .label("not available wherever it is demanded");
        let finding = finding.help("see `available`, `to` and, of an approval, who may give it");
        out.push(finding.into());
    }
    let reasons = seeking.reasons(&never);
    let dead = seeking.unreached(&reasons);
    for (workflow, state) in &dead {
        out.extend(seeking.unreachable(workflow, state, &reasons));
    }
    for (name, why) in &reasons {
        out.extend(seeking.never_fires(name, why, &dead));
    }
}

/// Why a transition never fires from a state that accounts come to.
#[derive(Debug, Clone)]
enum Why {
    /// What another finding says already, or nobody can tell.
    Said,
    /// This, at this place.
    Since(String, Option<Span>),
}

type Reasons<'b> = BTreeMap<&'b TransitionName, Why>;
type States = BTreeSet<(Name, Name)>;

struct Seeking<'p, 'b> {
    product: &'p Product<'b>,
    lifecycle: &'b Lifecycle,
    /// The transitions that fire.
    fired: BTreeSet<&'p TransitionName>,
    /// The states that accounts come to, by workflow.
    reached: States,
}

impl<'p, 'b> Seeking<'p, 'b> {
    fn new(product: &'p Product<'b>) -> Self {
        let firings = product.firings();
        Self {
            product,
            lifecycle: &product.model().bundle().lifecycle,
            fired: firings
                .flat_map(|(_, firing)| firing.transitions())
                .collect(),
            reached: reached(product),
        }
    }

    fn is_reached(&self, workflow: &Name, state: &Name) -> bool {
        self.reached.contains(&(workflow.clone(), state.clone()))
    }

    /// The verifications that are not available wherever a transition demands them and somebody may
    /// ask for it.
    fn never_available(&self) -> BTreeMap<&'b Name, Span> {
        let model = self.product.model();
        let mut demanded: BTreeMap<&'b Name, bool> = BTreeMap::new();
        for rule in model.rules() {
            let names: BTreeSet<&Name> = rule
                .transition
                .verify
                .iter()
                .flat_map(|it| &it.any)
                .collect();
            if names.is_empty() {
                continue;
            }
            for state in self.product.places(rule) {
                let askers = may_ask(model, rule, state);
                if askers.is_empty() {
                    continue;
                }
                let view = View::of_request(model, state, rule.transition);
                for name in &names {
                    let is_open = available(model, &view, rule.transition, name, &askers);
                    *demanded.entry(*name).or_default() |= is_open != Truth::False;
                }
            }
        }
        let never = demanded.into_iter().filter(|(_, is_open)| !is_open);
        let placed = never
            .filter_map(|(name, _)| Some((name, self.lifecycle.verifications.get(name)?.span)));
        placed.collect()
    }

    /// The transitions that never fire though accounts come to where they leave from, and why.
    fn reasons(&self, never: &BTreeMap<&Name, Span>) -> Reasons<'b> {
        let mut reasons = Reasons::new();
        for rule in self.product.model().rules() {
            let transition = rule.transition;
            let workflow = &transition.name.workflow;
            let mut from = transition.from.iter();
            if !self.fired.contains(&transition.name)
                && from.any(|from| self.is_reached(workflow, from))
            {
                reasons.insert(&transition.name, self.why(rule, never));
            }
        }
        reasons
    }

    fn why(&self, rule: &Rule<'_>, never: &BTreeMap<&Name, Span>) -> Why {
        match &rule.transition.trigger {
            Trigger::TriggeredBy(causes) => {
                let happens = causes.iter().any(|cause| self.fired.contains(cause));
                let says = match happens {
                    true => "its conditions do not hold when it is triggered",
                    false => "what triggers it never happens",
                };
                Why::Since(says.to_owned(), None)
            }
            Trigger::After(_) => self.why_not_admitted(rule, never),
            Trigger::Request { .. } => self
                .why_nobody(rule)
                .unwrap_or_else(|| self.why_not_admitted(rule, never)),
        }
    }

    /// Whether nobody may ask, wherever it leaves from.
    fn why_nobody(&self, rule: &Rule<'_>) -> Option<Why> {
        let model = self.product.model();
        let Trigger::Request { access, caller, .. } = &rule.transition.trigger else {
            return None;
        };
        let mut places = self.product.places(rule).into_iter();
        if places.any(|state| !may_ask(model, rule, state).is_empty()) {
            return None;
        }
        let bundle = model.bundle();
        let caller = caller
            .as_ref()
            .and_then(|name| Some((name, self.lifecycle.callers.get(name)?)));
        let is_somebody = caller.is_none_or(|(_, rule)| permissions::is_somebody(bundle, rule));
        if !is_somebody || !permissions::is_granted(bundle, access) {
            return Some(Why::Said);
        }
        Some(match caller {
            Some((name, rule)) => {
                let says = format!("nobody who is `{name}` is allowed `{}`", access.permission);
                Why::Since(says, Some(rule.span))
            }
            None => Why::Since(format!("nobody is allowed `{}`", access.permission), None),
        })
    }

    /// Which condition or which step of verification is never passed.
    fn why_not_admitted(&self, rule: &Rule<'_>, never: &BTreeMap<&Name, Span>) -> Why {
        let model = self.product.model();
        let transition = rule.transition;
        let is_requested = matches!(transition.trigger, Trigger::Request { .. });
        let mut closed: Vec<bool> = vec![true; transition.guards.len()];
        for state in self.product.places(rule) {
            let view = match is_requested {
                true => View::of_request(model, state, transition),
                false => View::of_nobody(model, state),
            };
            for (guard, closed) in transition.guards.iter().zip(&mut closed) {
                *closed &= view.truth(&guard.condition) == Truth::False;
            }
        }
        let mut guards = transition.guards.iter().zip(closed);
        if let Some((guard, _)) = guards.find(|(_, closed)| *closed) {
            let says = "this never holds there".to_owned();
            return Why::Since(says, Some(guard.condition.span()));
        }
        let steps = transition.verify.iter();
        let mut closed = steps.filter(|step| step.any.iter().all(|name| never.contains_key(name)));
        match closed.next() {
            Some(_) => Why::Said,
            None => Why::Since("all that it asks for never comes together".to_owned(), None),
        }
    }

    /// The states that no account comes to though a transition leads there, but for those of which
    /// the reason is said already.
    fn unreached(&self, reasons: &Reasons<'_>) -> States {
        let all = self.lifecycle.workflows.values().flat_map(|workflow| {
            let states = workflow.states.keys();
            states.map(|state| (workflow.name.clone(), state.clone()))
        });
        let mut dead: States = all.filter(|it| !self.reached.contains(it)).collect();
        loop {
            let is_said = |(workflow, state): &(Name, Name)| {
                let mut into = self.into(workflow, state).peekable();
                into.peek().is_none()
                    || into.any(|it| match reasons.get(&it.name) {
                        Some(Why::Said) => true,
                        Some(Why::Since(..)) => false,
                        // It leaves from states that are not reached either.
                        None => it.from.iter().all(|from| {
                            let from = (workflow.clone(), from.clone());
                            !self.reached.contains(&from) && !dead.contains(&from)
                        }),
                    })
            };
            let kept: States = dead.iter().filter(|it| !is_said(it)).cloned().collect();
            if kept.len() == dead.len() {
                return dead;
            }
            dead = kept;
        }
    }

    /// The transitions into a state from others.
    fn into<'s>(
        &'s self,
        workflow: &'s Name,
        state: &'s Name,
    ) -> impl Iterator<Item = &'b Transition> + 's {
        let transitions = self.lifecycle.transitions.values().map(AsRef::as_ref);
        transitions.filter(move |it: &&Transition| {
            it.name.workflow == *workflow
                && it.to == *state
                && it.from.iter().any(|from| from != state)
        })
    }

    fn unreachable(&self, workflow: &Name, state: &Name, reasons: &Reasons<'_>) -> Option<Found> {
        let declared = self.lifecycle.workflows.get(workflow)?.states.get(state)?;
        let says = format!("no account can ever be `{state}`");
        let mut finding = Diagnostic::warning(codes::UNREACHABLE, declared.span, says)
            .label(format!("a state of `{workflow}`"));
        for transition in self.into(workflow, state) {
            if let Some(Why::Since(why, at)) = reasons.get(&transition.name) {
                finding = finding.also(transition.span, format!("never fires: {why}"));
                finding = match at {
                    Some(at) => finding.also(*at, "because of this"),
                    None => finding,
                };
            }
        }
        Some(finding.help("mend a way into it, or remove it").into())
    }

    /// Unless it would lead where nothing leads: that is one finding, not two.
    fn never_fires(&self, name: &TransitionName, why: &Why, dead: &States) -> Option<Found> {
        let Why::Since(why, at) = why else {
            return None;
        };
        let transition = self.lifecycle.transitions.get(name)?;
        if dead.contains(&(name.workflow.clone(), transition.to.clone())) {
            return None;
        }
        let says = format!("`{name}` can never fire");
        let finding =
            Diagnostic::warning(codes::NEVER_FIRES, transition.span, says).label(why.clone());
        let finding = match at {
            Some(at) => finding.also(*at, "because of this"),
            None => finding,
        };
        Some(finding.help("mend what it asks for, or remove it").into())
    }
}

/// The states that the workflows have in any product state.
fn reached(product: &Product<'_>) -> States {
    let space = product.model().space();
    let mut reached = States::new();
    for variable in space.variables() {
        let Of::Workflow(workflow) = &variable.of else {
            continue;
        };
        let nodes = product.nodes().map(|node| product.state(node));
        let differing: HashSet<u128> = nodes.map(|state| state.0 & variable.mask()).collect();
        let held = differing
            .into_iter()
            .filter_map(|bits| space.held(variable, Packed(bits)));
        reached.extend(held.filter_map(|held| match held {
            Held::State(state) => Some((workflow.clone(), state.clone())),
            _ => None,
        }));
    }
    reached
}
