//! The model of a definition: which variables tell product states apart, and which of them each
//! transition depends on.

use std::collections::{BTreeMap, BTreeSet};

use super::asker::{Asker, AskerId, askers};
use super::profile::Profile;
use super::space::{BITS, Held, Of, Packed, Space};
use crate::bundle::Bundle;
use crate::expr::{Expression, Facts, Knowledge, Slot, Truth, Type, Val};
use crate::lifecycle::model::{Attribute, Lifecycle, Method, Transition, Trigger, Verification};
use crate::name::{Name, TransitionName};
use crate::value::Value;

/// The most values of an attribute that are told apart.
const VALUES_MAX: usize = 64;
/// The most product states that an exploration may start from. What is not known of the account
/// beyond that is not told apart, which loses precision and no soundness.
const STARTS_MAX: usize = 1024;

/// What to tell apart besides what conditions read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tracking {
    /// Attributes of which is told whether they still have the value of the start.
    pub changes: BTreeSet<Name>,
    /// Values that attributes are to be told to have.
    pub wanted: Vec<(Name, Value)>,
}

impl Tracking {
    /// Nothing besides.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Every attribute that a transition can change.
    pub fn every_change(lifecycle: &Lifecycle) -> Self {
        Self {
            changes: settable(lifecycle).into_iter().cloned().collect(),
            wanted: Vec::new(),
        }
    }
}

/// Why a definition has no model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// Its states and attributes have too many combinations.
    #[error("its workflows and attributes have more than 2^{BITS} combinations")]
    TooWide,
    /// The profile names a state that there is not.
    #[error("workflow `{workflow}` has no state `{state}`")]
    UnknownState {
        /// The workflow.
        workflow: Name,
        /// The state.
        state: Name,
    },
}

/// A definition with what is known of an account, ready to be explored.
#[derive(Debug)]
pub struct Model<'b> {
    bundle: &'b Bundle,
    profile: Profile,
    known: BTreeMap<Name, Option<Value>>,
    space: Space,
    askers: Vec<Asker>,
    rules: Vec<Rule<'b>>,
}

/// A transition, and the bits of a product state that matter to it.
#[derive(Debug)]
pub(super) struct Rule<'b> {
    pub(super) transition: &'b Transition,
    /// What all of it depends on, what it triggers included.
    pub(super) reads: u128,
    /// What those depend on who may ask for it.
    pub(super) asks: u128,
    /// The bits of its workflow, and those of the states that it leaves from.
    pub(super) place: u128,
    pub(super) from: Vec<u128>,
}

impl<'b> Model<'b> {
    /// The model of a definition for an account of which this is known.
    ///
    /// # Errors
    /// When there are too many combinations to tell apart, or the profile does not fit.
    pub fn new(
        bundle: &'b Bundle,
        profile: Profile,
        tracking: &Tracking,
    ) -> Result<Self, ModelError> {
        let lifecycle = &bundle.lifecycle;
        for (workflow, state) in &profile.states {
            let declared = lifecycle.workflows.get(workflow);
            if declared.is_none_or(|declared| !declared.states.contains_key(state)) {
                let (workflow, state) = (workflow.clone(), state.clone());
                return Err(ModelError::UnknownState { workflow, state });
            }
        }
        let space = space(bundle, &profile, tracking)?;
        let changing = settable(lifecycle);
        let is_told_apart = |name: &Name| {
            let attribute = lifecycle.attributes.get(name);
            let variable = attribute.and_then(|attribute| space.of_slot(attribute.slot));
            variable.is_some() || !changing.contains(name)
        };
        let known = profile.attributes.iter();
        let known = known.filter(|(name, _)| is_told_apart(name));
        let mut model = Self {
            bundle,
            askers: askers(bundle, &profile),
            known: known
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            profile,
            space,
            rules: Vec::new(),
        };
        let rules = lifecycle.transitions.values();
        model.rules = rules.map(|transition| model.rule(transition)).collect();
        Ok(model)
    }

    /// Nobody makes other transitions than these from now on; what they trigger still happens.
    pub(super) fn limit_to(&mut self, transitions: &BTreeSet<TransitionName>) {
        let is_left = |transition: &Transition| match transition.trigger {
            Trigger::TriggeredBy(_) => true,
            Trigger::Request { .. } | Trigger::After(_) => transitions.contains(&transition.name),
        };
        self.rules.retain(|rule| is_left(rule.transition));
    }

    /// The definition.
    pub fn bundle(&self) -> &'b Bundle {
        self.bundle
    }

    /// What is known of the account.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// What tells product states apart.
    pub fn space(&self) -> &Space {
        &self.space
    }

    /// The attributes that are known, and either never change or are told apart once they do.
    pub(super) fn known(&self) -> &BTreeMap<Name, Option<Value>> {
        &self.known
    }

    /// Everybody who may ask, with their numbers.
    pub fn askers(&self) -> impl Iterator<Item = (AskerId, &Asker)> {
        (0_u16..).map(AskerId).zip(&self.askers)
    }

    /// Somebody who may ask.
    pub fn asker(&self, id: AskerId) -> Option<&Asker> {
        self.askers.get(usize::from(id.0))
    }

    /// Whether some state that an account is in is a privilege.
    pub(super) fn is_privileged(&self, state: Packed) -> bool {
        self.bundle
            .lifecycle
            .workflows
            .iter()
            .any(|(name, workflow)| {
                let state = self.space.state(name, state);
                let state = state.and_then(|state| workflow.states.get(state));
                state.is_some_and(|state| state.privileged)
            })
    }

    pub(super) fn rules(&self) -> &[Rule<'b>] {
        &self.rules
    }

    /// The product states that an account can begin in, as far as they are told apart, each once.
    pub fn starts(&self) -> Vec<Packed> {
        let mut starts: Vec<Packed> = self
            .ways_in()
            .iter()
            .flat_map(|way| self.starts_by(way))
            .collect();
        let mut seen = BTreeSet::new();
        starts.retain(|start| seen.insert(*start));
        starts
    }

    /// The states that accounts begin in, by workflow; initial ones where left out. What the profile
    /// knows goes before what the lifecycle declares.
    fn ways_in(&self) -> Vec<BTreeMap<Name, Vec<Name>>> {
        let known = self.profile.states.iter();
        let known: BTreeMap<Name, Vec<Name>> = known
            .map(|(workflow, state)| (workflow.clone(), vec![state.clone()]))
            .collect();
        if !known.is_empty() {
            return vec![known];
        }
        let begins = self.bundle.lifecycle.begins.values();
        let declared = begins.map(|begin| begin.states.clone());
        std::iter::once(known).chain(declared).collect()
    }

    fn starts_by(&self, way: &BTreeMap<Name, Vec<Name>>) -> Vec<Packed> {
        let mut starts = vec![Packed::default()];
        for variable in self.space.variables() {
            let begins = match &variable.of {
                Of::Workflow(name) => self.states_by(way, name),
                Of::Attribute(name) => {
                    let declared = self.bundle.lifecycle.attributes.get(name);
                    let begins =
                        |declared| begins_with(name, declared, &variable.values, &self.profile);
                    declared.map(begins).unwrap_or_default()
                }
            };
            let begins: Vec<u128> = begins
                .iter()
                .filter_map(|held| variable.bits(held))
                .collect();
            let each = starts
                .iter()
                .flat_map(|start| begins.iter().map(|bits| Packed(start.0 | bits)));
            starts = each.collect();
        }
        starts
    }

    fn states_by(&self, way: &BTreeMap<Name, Vec<Name>>, workflow: &Name) -> Vec<Held> {
        let declared = self.bundle.lifecycle.workflows.get(workflow);
        let initial = || declared.map(|declared| vec![declared.initial.clone()]);
        let states = way.get(workflow).cloned().or_else(initial);
        states
            .unwrap_or_default()
            .into_iter()
            .map(Held::State)
            .collect()
    }

    fn rule(&self, transition: &'b Transition) -> Rule<'b> {
        let workflow = Of::Workflow(transition.name.workflow.clone());
        let variable = self.space.variable(&workflow);
        let place = variable.map_or(0, |variable| variable.mask());
        let state = |name: &Name| variable?.bits(&Held::State(name.clone()));
        let mut rule = Rule {
            transition,
            reads: 0,
            asks: 0,
            place,
            from: transition.from.iter().filter_map(state).collect(),
        };
        if let Trigger::Request { .. } = transition.trigger {
            rule.asks = self.mask(who(self.bundle, transition));
        }
        rule.reads = rule.asks | place | self.mask(proofs(&self.bundle.lifecycle, transition));
        let mut seen = BTreeSet::new();
        self.add_effects(transition, &mut rule.reads, &mut seen);
        rule
    }

    /// What the guards and assignments of a transition read, and of all that it triggers.
    fn add_effects<'t>(
        &'t self,
        transition: &'t Transition,
        reads: &mut u128,
        seen: &mut BTreeSet<&'t TransitionName>,
    ) {
        if !seen.insert(&transition.name) {
            return;
        }
        let workflow = Of::Workflow(transition.name.workflow.clone());
        *reads |= self
            .space
            .variable(&workflow)
            .map_or(0, |variable| variable.mask());
        let guards = transition.guards.iter().map(|guard| &guard.condition);
        let values = transition.set.values().map(|assignment| &assignment.value);
        *reads |= self.mask(guards.chain(values).flat_map(Expression::reads).copied());
        for next in self.bundle.lifecycle.transitions.values() {
            let Trigger::TriggeredBy(causes) = &next.trigger else {
                continue;
            };
            if causes.contains(&transition.name) {
                self.add_effects(next, reads, seen);
            }
        }
    }

    /// The bits of the variables that names read.
    fn mask(&self, slots: impl IntoIterator<Item = Slot>) -> u128 {
        let mask = |slot| {
            self.space
                .of_slot(slot)
                .map_or(0, |variable| variable.mask())
        };
        slots.into_iter().fold(0, |bits, slot| bits | mask(slot))
    }

    /// The bits of what decides whether a verification is available.
    pub(super) fn availability(&self, verification: &Verification) -> u128 {
        self.mask(availability(verification))
    }
}

/// The names that decide who may ask for a transition.
fn who<'t>(bundle: &'t Bundle, transition: &'t Transition) -> Vec<Slot> {
    let lifecycle = &bundle.lifecycle;
    let mut slots = Vec::new();
    let mut add = |expression: &Expression| slots.extend(expression.reads());
    let Trigger::Request { access, caller, .. } = &transition.trigger else {
        return Vec::new();
    };
    let templates = access
        .resources
        .iter()
        .flat_map(|resource| resource.expressions());
    templates.for_each(&mut add);
    let approvers = transition.verify.iter().flat_map(|step| &step.any);
    let approvers = approvers.filter_map(|name| match &lifecycle.verifications.get(name)?.method {
        Method::Approval { by } => Some(by),
        _ => None,
    });
    for caller in caller.iter().chain(approvers) {
        let declared = lifecycle.callers.get(caller);
        let parts = declared
            .into_iter()
            .flat_map(|caller| caller.of.iter().chain(&caller.when));
        parts.for_each(&mut add);
    }
    // What guards say of who asks is asked of each.
    let guards = transition.guards.iter().map(|guard| &guard.condition);
    guards
        .filter(|guard| reads_principal(lifecycle, guard))
        .for_each(&mut add);
    for statement in bundle
        .policies
        .iter()
        .flat_map(|policy| policy.statements())
    {
        statement
            .when()
            .into_iter()
            .chain(statement.unless())
            .for_each(&mut add);
    }
    let control = bundle.principals.attachments().control();
    slots.extend(control.into_iter().flat_map(|control| control.reads()));
    slots
}

/// Whether a condition says something of who asks.
pub(super) fn reads_principal(lifecycle: &Lifecycle, condition: &Expression) -> bool {
    let of_principal = |slot: &Slot| {
        let fact = lifecycle.vocabulary.fact(*slot);
        fact.is_some_and(|fact| fact.path.starts_with("principal."))
    };
    condition.reads().iter().any(of_principal)
}

fn proofs(lifecycle: &Lifecycle, transition: &Transition) -> Vec<Slot> {
    let names = transition.verify.iter().flat_map(|step| &step.any);
    let declared = names.filter_map(|name| lifecycle.verifications.get(name));
    declared.flat_map(availability).collect()
}

fn availability(verification: &Verification) -> Vec<Slot> {
    let to = match &verification.method {
        Method::Code { to, .. } => Some(to),
        Method::Acknowledge { .. } | Method::Approval { .. } | Method::Totp { .. } => None,
    };
    let parts = verification.available.iter().chain(to);
    parts.flat_map(Expression::reads).copied().collect()
}

/// The attributes that a transition gives a value, or clears.
fn settable(lifecycle: &Lifecycle) -> BTreeSet<&Name> {
    let transitions = lifecycle.transitions.values();
    transitions
        .flat_map(|transition| transition.set.keys())
        .collect()
}

/// Whether what is known of an account can decide a condition. Of one that reads a single attribute of
/// few words, beside what only requests bring, that can be tried: where no word decides, the attribute
/// need not be told apart for it.
fn may_decide(lifecycle: &Lifecycle, condition: &Expression) -> bool {
    let vocabulary = &lifecycle.vocabulary;
    let is_input = |slot: &Slot| {
        let fact = vocabulary.fact(*slot);
        fact.is_some_and(|fact| fact.path.starts_with("input."))
    };
    let mut others = condition.reads().iter().filter(|slot| !is_input(slot));
    let (Some(only), None) = (others.next(), others.next()) else {
        return true;
    };
    let mut attributes = lifecycle.attributes.values();
    let attribute = attributes.find(|it| it.slot == *only && !it.optional);
    let words = match attribute.map(|it| Type::from(&it.ty)) {
        Some(Type::OneOf(words)) => words,
        _ => return true,
    };
    words.iter().any(|word| {
        let mut facts = Facts::new(vocabulary);
        facts.set(*only, Val::Text(word.as_str()));
        let known = |slot: Slot| match slot == *only {
            true => Knowledge::Value,
            false => Knowledge::Nothing,
        };
        condition.truth_of(&facts, &known) != Truth::Unknown
    })
}

/// The names that firings depend on: those that conditions, proofs and policies read, and those that
/// give a value to what they read, as far as it is told apart.
fn read(bundle: &Bundle, is_told_apart: &dyn Fn(&Name, &Attribute) -> bool) -> BTreeSet<Slot> {
    let lifecycle = &bundle.lifecycle;
    let mut read = BTreeSet::new();
    for transition in lifecycle.transitions.values() {
        let guards = transition.guards.iter().map(|guard| &guard.condition);
        let guards = guards.filter(|guard| may_decide(lifecycle, guard));
        read.extend(guards.flat_map(Expression::reads).copied());
        read.extend(proofs(lifecycle, transition));
        read.extend(who(bundle, transition));
    }
    loop {
        let known = read.len();
        for (name, assignment) in lifecycle.transitions.values().flat_map(|it| &it.set) {
            let declared = lifecycle.attributes.get(name);
            let matters = |it: &&Attribute| is_told_apart(name, it) && read.contains(&it.slot);
            if declared.filter(matters).is_some() {
                read.extend(assignment.value.reads());
            }
        }
        if read.len() == known {
            return read;
        }
    }
}

fn space(bundle: &Bundle, profile: &Profile, tracking: &Tracking) -> Result<Space, ModelError> {
    let lifecycle = &bundle.lifecycle;
    let mut space = Space::default();
    for (name, workflow) in &lifecycle.workflows {
        let states = workflow.states.keys().cloned().map(Held::State).collect();
        if !space.add(Of::Workflow(name.clone()), workflow.slot, states) {
            return Err(ModelError::TooWide);
        }
    }
    let settable = settable(lifecycle);
    let values_of = |name: &Name, attribute: &Attribute| {
        let is_known = profile.attributes.contains_key(name);
        values(
            name,
            attribute,
            (settable.contains(name), is_known),
            tracking,
        )
    };
    let read = read(bundle, &|name, attribute| {
        values_of(name, attribute).len() > 1
    });
    let mut starts = 1_usize;
    for (name, attribute) in &lifecycle.attributes {
        let is_settable = settable.contains(name);
        let is_asked = tracking.changes.contains(name)
            || tracking.wanted.iter().any(|(wanted, _)| wanted == name);
        let is_constant_and_known = !is_settable && profile.attributes.contains_key(name);
        if is_constant_and_known || !(is_asked || read.contains(&attribute.slot)) {
            continue;
        }
        let values = values_of(name, attribute);
        let begins = begins_with(name, attribute, &values, profile).len();
        let more = starts.saturating_mul(begins);
        if values.len() < 2 || (more > STARTS_MAX && !is_asked) {
            continue;
        }
        if !space.add(Of::Attribute(name.clone()), attribute.slot, values) {
            return Err(ModelError::TooWide);
        }
        starts = more;
    }
    Ok(space)
}

/// The values of an attribute that are told apart. One that is known at the start and can be set is
/// not known ever after.
fn values(
    name: &Name,
    attribute: &Attribute,
    (is_settable, is_known): (bool, bool),
    tracking: &Tracking,
) -> Vec<Held> {
    let mut values = Vec::new();
    if attribute.optional {
        values.push(Held::Unset);
    }
    let words = match Type::from(&attribute.ty) {
        Type::Bool => vec![Value::Bool(false), Value::Bool(true)],
        Type::OneOf(words) if words.len() <= VALUES_MAX => {
            words.iter().cloned().map(Value::OneOf).collect()
        }
        _ => Vec::new(),
    };
    if !words.is_empty() {
        values.extend(words.into_iter().map(Held::Value));
        return values;
    }
    values.push(Held::Given);
    let wanted = tracking.wanted.iter().filter(|(wanted, _)| wanted == name);
    let wanted: Vec<Held> = wanted
        .map(|(_, value)| Held::Value(value.clone()))
        .collect();
    if is_settable && (is_known || tracking.changes.contains(name) || !wanted.is_empty()) {
        values.push(Held::New);
        values.extend(wanted);
    }
    values
}

/// The values of an attribute that an account can begin with.
fn begins_with(
    name: &Name,
    attribute: &Attribute,
    values: &[Held],
    profile: &Profile,
) -> Vec<Held> {
    match profile.attributes.get(name) {
        None if attribute.set_only => vec![Held::Unset],
        Some(None) => vec![Held::Unset],
        Some(Some(value)) => {
            let same = Held::Value(value.clone());
            vec![if values.contains(&same) {
                same
            } else {
                Held::Given
            }]
        }
        None => {
            let has_given = values.contains(&Held::Given);
            let begins = |held: &&Held| match held {
                Held::New | Held::State(_) => false,
                // A value that is wanted is, unlike one of few words, not one to begin with.
                Held::Value(_) => !has_given,
                Held::Unset | Held::Given => true,
            };
            values.iter().filter(begins).cloned().collect()
        }
    }
}
