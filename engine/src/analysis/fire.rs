//! From a product state to what a transition makes of it: every way in which it can fire.

use std::collections::BTreeMap;

use super::asker::{Asker, AskerId};
use super::firing::{Firing, Open};
use super::model::{Model, Rule, reads_principal};
use super::space::{Held, Of, Packed};
use super::view::View;
use crate::expr::{Expression, Knowledge, Partial, Truth};
use crate::lifecycle::model::{Access, Method, Transition, Trigger};
use crate::name::{Name, TransitionName};
use crate::value::Value;
use crate::workbench::trace::{Question, Suppose, Trace};

/// What a firing does to every product state that is alike in what it depends on.
#[derive(Debug, Clone)]
pub(super) struct Effect {
    pub(super) firing: Firing,
    /// The bits that are written, and what is written there.
    pub(super) written: u128,
    pub(super) bits: u128,
}

impl Effect {
    pub(super) fn on(&self, state: Packed) -> Packed {
        Packed((state.0 & !self.written) | self.bits)
    }
}

/// Who may ask.
pub(super) type Askers = Vec<(AskerId, Truth)>;

/// One way in which things go on.
#[derive(Debug, Clone)]
struct Branch {
    state: Packed,
    written: u128,
    firing: Firing,
}

/// Who may ask for a transition in a product state: whom policies allow it and the caller rule
/// admits, and of whom its guards say nothing else.
pub(super) fn may_ask(model: &Model<'_>, rule: &Rule<'_>, state: Packed) -> Askers {
    let Trigger::Request { access, caller, .. } = &rule.transition.trigger else {
        return Vec::new();
    };
    let lifecycle = &model.bundle().lifecycle;
    let may = |asker: &Asker| {
        let view = View::of_asker(model, state, rule.transition, asker);
        let called = caller
            .as_ref()
            .map_or(Truth::True, |rule| is_called(model, &view, asker, rule));
        let guards = rule.transition.guards.iter().map(|guard| &guard.condition);
        let guards = guards.filter(|guard| reads_principal(lifecycle, guard));
        let may = guards.fold(called, |may, guard| may.and(view.truth(guard)));
        match may {
            Truth::False => may,
            _ => may.and(is_allowed(model, &view, asker, access)),
        }
    };
    let asked = model.askers().map(|(id, asker)| (id, may(asker)));
    asked.filter(|(_, may)| *may != Truth::False).collect()
}

fn is_called(model: &Model<'_>, view: &View<'_>, asker: &Asker, rule: &Name) -> Truth {
    let Some(caller) = model.bundle().lifecycle.callers.get(rule) else {
        return Truth::False;
    };
    if !caller.kinds.contains(&asker.principal.kind) {
        return Truth::False;
    }
    let at_home = caller
        .of
        .as_ref()
        .map_or(Truth::True, |of| match view.value(of) {
            Partial::Value(home) => {
                Truth::from(home == Some(Value::AccountId(asker.principal.account.clone())))
            }
            Partial::Set | Partial::Open => Truth::Unknown,
        });
    let holds = |condition: &Expression| view.truth(condition);
    at_home.and(caller.when.as_ref().map_or(Truth::True, holds))
}

fn is_allowed(model: &Model<'_>, view: &View<'_>, asker: &Asker, access: &Access) -> Truth {
    let Ok(resources) = model.bundle().resources(access, view.facts()) else {
        return Truth::Unknown;
    };
    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
    ask(model, view, asker, access, |question| {
        question.possible(&resources).allows()
    })
}

/// Why policies say to an asker what they do about a transition in a product state; `None` where
/// nobody asks, or a resource has no name.
pub(super) fn trace(
    model: &Model<'_>,
    transition: &Transition,
    state: Packed,
    asker: &Asker,
) -> Option<Trace> {
    let Trigger::Request { access, .. } = &transition.trigger else {
        return None;
    };
    let view = View::of_asker(model, state, transition, asker);
    let resources = model.bundle().resources(access, view.facts()).ok()?;
    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
    Some(ask(model, &view, asker, access, |question| {
        question.trace(&resources)
    }))
}

fn ask<T>(
    model: &Model<'_>,
    view: &View<'_>,
    asker: &Asker,
    access: &Access,
    answer: impl FnOnce(&Question<'_>) -> T,
) -> T {
    answer(&Question {
        bundle: model.bundle(),
        principal: &asker.principal,
        action: &access.permission,
        facts: view.facts(),
        known: &|slot| view.known(slot) == Knowledge::Value,
        hidden: &|_| false,
        suppose: Suppose::NOTHING,
    })
}

/// Every way in which a transition fires in a product state; none, where it cannot. `lasting` tells
/// of the verifications that an attempt may have used before they ceased to be available.
pub(super) fn fire(
    model: &Model<'_>,
    rule: &Rule<'_>,
    state: Packed,
    askers: &Askers,
    lasting: &dyn Fn(&Name) -> bool,
) -> Vec<Effect> {
    let transition = rule.transition;
    let is_requested = matches!(transition.trigger, Trigger::Request { .. });
    if matches!(transition.trigger, Trigger::TriggeredBy(_)) || (is_requested && askers.is_empty())
    {
        return Vec::new();
    }
    let mut branch = Branch {
        state,
        written: 0,
        firing: Firing {
            transition: transition.name.clone(),
            askers: askers.clone(),
            proofs: Vec::new(),
            approvers: BTreeMap::new(),
            open: Vec::new(),
            triggered: Vec::new(),
            sets: Vec::new(),
        },
    };
    if is_requested && askers.iter().all(|(_, may)| *may != Truth::True) {
        branch.firing.open.push(Open::Asker);
    }
    let view = match is_requested {
        true => View::of_request(model, state, transition),
        false => View::of_nobody(model, state),
    };
    if !branch.guards(model, &view, transition)
        || !branch.proofs(model, &view, transition, askers, lasting)
    {
        return Vec::new();
    }
    let mut ways = apply(model, &view, transition, branch);
    ways = settle(model, transition, ways);
    let effect = |way: Branch| Effect {
        bits: way.state.0 & way.written,
        written: way.written,
        firing: way.firing,
    };
    ways.into_iter().map(effect).collect()
}

impl Branch {
    /// Whether the conditions of a transition may hold; what is not known is noted.
    fn guards(&mut self, model: &Model<'_>, view: &View<'_>, transition: &Transition) -> bool {
        let lifecycle = &model.bundle().lifecycle;
        for (index, guard) in transition.guards.iter().enumerate() {
            // Those are asked of each asker.
            if reads_principal(lifecycle, &guard.condition) {
                continue;
            }
            match view.truth(&guard.condition) {
                Truth::True => {}
                Truth::False => return false,
                Truth::Unknown => self.firing.open.push(Open::Guard {
                    transition: transition.name.clone(),
                    index,
                    supplied: is_supplied(model, view, &guard.condition),
                }),
            }
        }
        true
    }

    /// Whether every step of verification may be proved.
    fn proofs(
        &mut self,
        model: &Model<'_>,
        view: &View<'_>,
        transition: &Transition,
        askers: &Askers,
        lasting: &dyn Fn(&Name) -> bool,
    ) -> bool {
        let last = transition.verify.len().saturating_sub(1);
        for (step, declared) in transition.verify.iter().enumerate() {
            let usable = |name: &Name| match available(model, view, transition, name, askers) {
                // It may have been available when it was used.
                Truth::False if step < last && lasting(name) => Truth::Unknown,
                truth => truth,
            };
            let ways = declared.any.iter().map(|name| (name.clone(), usable(name)));
            let ways: Vec<_> = ways.filter(|(_, usable)| *usable != Truth::False).collect();
            if ways.is_empty() {
                return false;
            }
            if ways.iter().all(|(_, usable)| *usable == Truth::Unknown) {
                self.firing.open.push(Open::Proof { step });
            }
            for (name, _) in &ways {
                let declared = model.bundle().lifecycle.verifications.get(name);
                if let Some(Method::Approval { by }) = declared.map(|it| &it.method) {
                    let who = approvers(model, view, transition, by);
                    self.firing.approvers.insert(name.clone(), who);
                }
            }
            self.firing.proofs.push(ways);
        }
        true
    }
}

/// Whether what requesters bring takes part in deciding a condition.
fn is_supplied(model: &Model<'_>, view: &View<'_>, condition: &Expression) -> bool {
    let vocabulary = &model.bundle().lifecycle.vocabulary;
    let brought = |path: &str| {
        let groups = ["input.", "context.", "now."];
        path == "now" || groups.iter().any(|group| path.starts_with(group))
    };
    condition.reads().iter().any(|slot| {
        let is_open = view.known(*slot) != Knowledge::Value;
        let fact = vocabulary.fact(*slot).filter(|_| is_open);
        fact.is_some_and(|fact| brought(&fact.path))
    })
}

/// Whether a way of proving is open.
pub(super) fn available(
    model: &Model<'_>,
    view: &View<'_>,
    transition: &Transition,
    name: &Name,
    askers: &Askers,
) -> Truth {
    let Some(declared) = model.bundle().lifecycle.verifications.get(name) else {
        return Truth::False;
    };
    let open = declared.available.as_ref();
    let open = open.map_or(Truth::True, |available| view.truth(available));
    if open == Truth::False {
        return open;
    }
    open.and(match &declared.method {
        Method::Acknowledge { .. } | Method::Totp { enrol: true, .. } => Truth::True,
        // Whether the account has an app is not told apart.
        Method::Totp { enrol: false, .. } => Truth::Unknown,
        Method::Code { to, .. } => match view.value(to) {
            Partial::Value(None) => Truth::False,
            Partial::Value(Some(_)) | Partial::Set => Truth::True,
            Partial::Open => Truth::Unknown,
        },
        Method::Approval { by } => is_approved(&approvers(model, view, transition, by), askers),
    })
}

/// Who may approve of a transition: whoever the rule is satisfied by, and may ask for the same.
fn approvers(model: &Model<'_>, view: &View<'_>, transition: &Transition, by: &Name) -> Askers {
    let Trigger::Request { access, .. } = &transition.trigger else {
        return Vec::new();
    };
    let may = |approver: &Asker| match is_called(model, view, approver, by) {
        Truth::False => Truth::False,
        may => may.and(is_allowed(model, view, approver, access)),
    };
    let asked = model.askers().map(|(id, approver)| (id, may(approver)));
    asked.filter(|(_, may)| *may != Truth::False).collect()
}

/// Whether there is somebody to approve of what another one asks for.
fn is_approved(approvers: &Askers, askers: &Askers) -> Truth {
    approvers.iter().fold(Truth::False, |found, (id, may)| {
        let others = askers.iter().filter(|(other, _)| other != id);
        let another = others.fold(Truth::False, |any, (_, may)| any.or(*may));
        found.or(may.and(another))
    })
}

/// Makes one transition: the move, and what it sets. What is set to one of several values goes on
/// with each.
fn apply(
    model: &Model<'_>,
    before: &View<'_>,
    transition: &Transition,
    branch: Branch,
) -> Vec<Branch> {
    let mut branch = branch;
    let workflow = Of::Workflow(transition.name.workflow.clone());
    branch.write(model, &workflow, &Held::State(transition.to.clone()));
    let mut ways = vec![branch];
    for (attribute, assignment) in &transition.set {
        for way in &mut ways {
            if !way.firing.sets.contains(attribute) {
                way.firing.sets.push(attribute.clone());
            }
        }
        let of = Of::Attribute(attribute.clone());
        let Some(variable) = model.space().variable(&of) else {
            continue;
        };
        let possible = possible(
            &variable.values,
            before.value(&assignment.value),
            model,
            attribute,
        );
        let with = |way: &Branch| -> Vec<Branch> {
            let each = possible.iter().map(|held| {
                let mut way = way.clone();
                way.write(model, &of, held);
                way
            });
            each.collect()
        };
        ways = ways.iter().flat_map(with).collect();
    }
    ways
}

/// The values that a variable may have once it is set to something.
fn possible(values: &[Held], set: Partial, model: &Model<'_>, attribute: &Name) -> Vec<Held> {
    let given = model.profile().attributes.get(attribute);
    // What an account is known to begin without is never what it began with.
    let all = values.iter();
    let all = all.filter(|held| !(**held == Held::Given && given == Some(&None)));
    match set {
        Partial::Value(None) => vec![Held::Unset],
        Partial::Value(Some(value)) => {
            let held = Held::Value(value.clone());
            if values.contains(&held) {
                vec![held]
            } else if given == Some(&Some(value)) || !values.contains(&Held::New) {
                vec![Held::Given]
            } else if given.is_some() {
                vec![Held::New]
            } else {
                vec![Held::Given, Held::New]
            }
        }
        Partial::Set => all.filter(|held| **held != Held::Unset).cloned().collect(),
        Partial::Open => all.cloned().collect(),
    }
}

impl Branch {
    fn write(&mut self, model: &Model<'_>, of: &Of, held: &Held) {
        let Some(variable) = model.space().variable(of) else {
            return;
        };
        let bits = variable.bits(held).unwrap_or_default();
        self.state = Packed((self.state.0 & !variable.mask()) | bits);
        self.written |= variable.mask();
    }
}

/// Makes all that a transition triggers, to a fixpoint, as deciding does: cause by cause, of each
/// workflow the first that may.
fn settle(model: &Model<'_>, cause: &Transition, ways: Vec<Branch>) -> Vec<Branch> {
    let mut open: Vec<(Branch, Vec<&TransitionName>)> = ways
        .into_iter()
        .map(|way| (way, vec![&cause.name]))
        .collect();
    let mut done = Vec::new();
    let mut left = model
        .bundle()
        .lifecycle
        .transitions
        .len()
        .saturating_mul(64);
    while let Some((way, causes)) = open.pop() {
        let Some((cause, later)) = causes.split_first() else {
            done.push(way);
            continue;
        };
        // Loading refuses trigger cycles; the bound makes that a promise of this function too.
        let Some(rest) = left.checked_sub(1) else {
            done.push(way);
            continue;
        };
        left = rest;
        for (way, fired) in triggered(model, cause, way) {
            let mut ways = vec![way];
            for next in &fired {
                let each = ways.into_iter().flat_map(|mut way| {
                    let before = View::of_nobody(model, way.state);
                    way.firing.triggered.push(next.name.clone());
                    apply(model, &before, next, way)
                });
                ways = each.collect();
            }
            let causes: Vec<_> = later
                .iter()
                .copied()
                .chain(fired.iter().map(|next| &next.name))
                .collect();
            open.extend(ways.into_iter().map(|way| (way, causes.clone())));
        }
    }
    done
}

/// What a transition triggers, where it is not known in every way.
fn triggered<'m>(
    model: &'m Model<'_>,
    cause: &TransitionName,
    way: Branch,
) -> Vec<(Branch, Vec<&'m Transition>)> {
    let mut found = vec![(way, Vec::<&Transition>::new())];
    for rule in model.rules() {
        let next = rule.transition;
        let Trigger::TriggeredBy(causes) = &next.trigger else {
            continue;
        };
        if !causes.contains(cause) {
            continue;
        }
        let mut split = Vec::new();
        for (way, fired) in found {
            let taken = fired
                .iter()
                .any(|other| other.name.workflow == next.name.workflow);
            let leaves = rule.from.contains(&(way.state.0 & rule.place));
            if taken || !leaves {
                split.push((way, fired));
                continue;
            }
            let view = View::of_nobody(model, way.state);
            let mut made = way.clone();
            if !made.guards(model, &view, next) {
                split.push((way, fired));
                continue;
            }
            let certain =
                made.firing.open.len() == way.firing.open.len() && next.cooldown.is_empty();
            if !next.cooldown.is_empty() {
                made.firing.open.push(Open::Cooldown {
                    transition: next.name.clone(),
                });
            }
            if !certain {
                let mut not_made = way;
                not_made.firing.open.push(Open::NotTriggered {
                    transition: next.name.clone(),
                });
                split.push((not_made, fired.clone()));
            }
            let mut fired = fired;
            fired.push(next);
            split.push((made, fired));
        }
        found = split;
    }
    found
}
