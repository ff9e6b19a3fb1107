//! A chosen way, told step by step: who, by which right, proving what, and what comes of it.

use std::collections::BTreeMap;

use petgraph::graph::NodeIndex;

use super::Plan;
use super::search::{Chosen, Cost, method, way};
use crate::analysis::fire::trace;
use crate::analysis::{Firing, Open, Packed, Product, Who};
use crate::expr::Truth;
use crate::lifecycle::model::{Channel, Method, Transition};
use crate::name::{Name, TransitionName};
use crate::policy::{Principal, StatementId};
use crate::value::Value;

/// One step of a plan.
#[derive(Debug, Clone)]
pub struct Step {
    /// The transition.
    pub transition: TransitionName,
    /// Who asks for it; nobody, where its time comes.
    pub by: Option<Who>,
    /// Who asks for it, as a principal, where the account is known.
    pub principal: Option<Principal>,
    /// The others who may as well.
    pub or: Vec<Who>,
    /// What allows it.
    pub granted: Option<Granted>,
    /// What has to be supplied; the value, where the goal says which.
    pub inputs: BTreeMap<Name, Option<Value>>,
    /// What is proved, in order.
    pub proofs: Vec<Prove>,
    /// What it spends of quotas.
    pub quotas: BTreeMap<Name, u32>,
    /// What is sent besides codes.
    pub notices: Vec<Notice>,
    /// The transitions that it triggers.
    pub triggered: Vec<TransitionName>,
    /// The transition that is owed after it.
    pub owed: Option<TransitionName>,
    /// What must hold for it and is not known to: conditions, as they are written.
    pub provided: Vec<String>,
    /// The states that it changes, by workflow: from, and to.
    pub states: BTreeMap<Name, (Name, Name)>,
    /// Whether the account is privileged after it.
    pub privileged: bool,
}

/// What allows a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Granted {
    /// A statement of a policy.
    Statement {
        /// The policy.
        policy: String,
        /// The statement.
        id: StatementId,
    },
    /// That the account is the asker's own.
    Ownership,
}

/// A proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prove {
    /// The verification.
    pub verification: Name,
    /// Others that would do, where they are available.
    pub or: Vec<Name>,
    /// How a code travels, if it is one by code.
    pub code: Option<Channel>,
    /// Who has to approve, if somebody has to.
    pub approval_by: Option<Name>,
}

/// A message that is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Which.
    pub message: Name,
    /// How.
    pub by: Channel,
    /// To where, as it is written.
    pub to: String,
}

pub(super) fn plan(
    product: &Product<'_>,
    start: NodeIndex,
    cost: Cost,
    chosen: &[Chosen],
    assumed: Vec<String>,
) -> Plan {
    let mut at = start;
    let mut steps = Vec::new();
    for chosen in chosen {
        let Some((_, to)) = product.graph().edge_endpoints(chosen.0) else {
            continue;
        };
        steps.extend(step(product, product.state(at), product.state(to), chosen));
        at = to;
    }
    if let Some(first) = steps.first_mut() {
        first.provided.extend(assumed);
    }
    let privileged = |step: &Step| step.privileged;
    let from = steps.iter().position(privileged);
    let to = steps.iter().rposition(privileged);
    Plan {
        privileged: from.zip(to).map(|(from, to)| (from + 1, to + 1)),
        steps,
        cost,
    }
}

fn step(
    product: &Product<'_>,
    before: Packed,
    after: Packed,
    (edge, asker): &Chosen,
) -> Option<Step> {
    let model = product.model();
    let firing = product.firing_of(*edge)?;
    let lifecycle = &model.bundle().lifecycle;
    let transition = lifecycle.transitions.get(&firing.transition)?;
    let chosen = asker.and_then(|id| model.asker(id));
    let others = firing
        .askers
        .iter()
        .filter(|(id, may)| Some(*id) != *asker && *may == Truth::True);
    let proofs: Vec<Prove> = firing
        .proofs
        .iter()
        .filter_map(|ways| prove(product, ways))
        .collect();
    let made = || {
        firing
            .transitions()
            .filter_map(|name| lifecycle.transitions.get(name))
    };
    let inputs = transition.inputs.iter().filter_map(|(name, input)| {
        let known = model.profile().inputs.get(name);
        (known.is_some() || !input.optional).then(|| (name.clone(), known.cloned()))
    });
    Some(Step {
        transition: firing.transition.clone(),
        by: chosen.map(|asker| asker.who.clone()),
        principal: chosen
            .filter(|_| model.profile().id.is_some())
            .map(|asker| asker.principal.clone()),
        or: others
            .filter_map(|(id, _)| Some(model.asker(*id)?.who.clone()))
            .collect(),
        granted: chosen.and_then(|asker| granted(product, transition, before, asker)),
        inputs: inputs.collect(),
        quotas: quotas(product, transition, &proofs),
        proofs,
        notices: made().flat_map(|made| notices(made)).collect(),
        triggered: firing.triggered.clone(),
        owed: made()
            .find_map(|made| made.restore.as_ref())
            .map(|restore| restore.by.clone()),
        provided: provided(product, firing, asker.is_some()),
        states: changed(product, before, after),
        privileged: model.is_privileged(after),
    })
}

fn prove(product: &Product<'_>, ways: &[(Name, Truth)]) -> Option<Prove> {
    let model = product.model();
    let chosen = way(model, ways)?;
    let (code, approval_by) = match method(model, chosen) {
        Some(Method::Code { channel, .. }) => (Some(*channel), None),
        Some(Method::Approval { by }) => (None, Some(by.clone())),
        _ => (None, None),
    };
    let others = ways.iter().filter(|(name, _)| name != chosen);
    Some(Prove {
        verification: chosen.clone(),
        or: others.map(|(name, _)| name.clone()).collect(),
        code,
        approval_by,
    })
}

fn quotas(product: &Product<'_>, transition: &Transition, proofs: &[Prove]) -> BTreeMap<Name, u32> {
    let own = transition.quotas.iter();
    let mut spent: BTreeMap<Name, u32> = own.map(|quota| (quota.clone(), 1)).collect();
    for proof in proofs {
        if let Some(Method::Code { rules, .. }) = method(product.model(), &proof.verification) {
            for quota in &rules.quotas {
                *spent.entry(quota.clone()).or_default() += 1;
            }
        }
    }
    spent
}

fn granted(
    product: &Product<'_>,
    transition: &Transition,
    state: Packed,
    asker: &crate::analysis::Asker,
) -> Option<Granted> {
    let trace = trace(product.model(), transition, state, asker)?;
    let stage = trace.decided()?.decided()?;
    if stage.is_ownership() {
        return Some(Granted::Ownership);
    }
    let statement = stage.statement()?;
    Some(Granted::Statement {
        policy: statement.policy().to_string(),
        id: statement.id().clone(),
    })
}

fn notices(transition: &Transition) -> impl Iterator<Item = Notice> {
    transition.notify.iter().map(|notice| Notice {
        message: notice.message.clone(),
        by: notice.by,
        to: notice.to.text().to_owned(),
    })
}

/// What a firing rests on, in words of the definition.
fn provided(product: &Product<'_>, firing: &Firing, is_asked: bool) -> Vec<String> {
    let lifecycle = &product.model().bundle().lifecycle;
    let words = |open: &Open| match open {
        Open::Guard {
            transition, index, ..
        } => {
            let guard = lifecycle.transitions.get(transition)?.guards.get(*index)?;
            Some(guard.condition.text().to_owned())
        }
        Open::NotTriggered { transition } => Some(format!("`{transition}` is not triggered")),
        Open::Cooldown { transition } => Some(format!("the cool-down of `{transition}` is over")),
        Open::Proof { step } => {
            let names = firing
                .proofs
                .get(*step)?
                .iter()
                .map(|(name, _)| format!("`{name}`"));
            let names: Vec<String> = names.collect();
            Some(format!("{} is available", names.join(" or ")))
        }
        Open::Asker => {
            is_asked.then(|| "policies and the caller rule admit the principal".to_owned())
        }
    };
    firing.open.iter().filter_map(words).collect()
}

fn changed(product: &Product<'_>, before: Packed, after: Packed) -> BTreeMap<Name, (Name, Name)> {
    let model = product.model();
    let workflows = model.bundle().lifecycle.workflows.keys();
    let changed = workflows.filter_map(|workflow| {
        let from = model.space().state(workflow, before)?;
        let to = model.space().state(workflow, after)?;
        (from != to).then(|| (workflow.clone(), (from.clone(), to.clone())))
    });
    changed.collect()
}
