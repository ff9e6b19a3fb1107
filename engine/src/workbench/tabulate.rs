//! Fills the decision matrix: asks the policies about every principal, permission and account.
//!
//! What a table cannot fix - the session, the inputs, the time - is left unknown. A condition on it
//! is taken both ways: if that makes a difference, the answer is open. Both ways are enough, because
//! what one more `allow` that applies, or one more `deny` that does not, can do is only to widen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::matrix::{Answer, Cell, Key, Matrix, OWNERSHIP};
use crate::account::{Account, Occupancy};
use crate::bundle::Bundle;
use crate::expr::{EvalError, Expression, Facts, Slot, Truth, Val};
use crate::lifecycle::model::{Access, Trigger};
use crate::name::{AccountId, Name};
use crate::policy::{DecidedBy, Effect, Principal, PrincipalName, Ruling, Statement, Verb};
use crate::situation::{Asked, Situation};
use crate::time::Timestamp;

/// An account that a matrix is about.
#[derive(Debug, Clone)]
pub struct Scene {
    /// What it is called.
    pub name: String,
    /// The account.
    pub account: Account,
}

/// Most combinations of states that one account is looked at in. Where there are more, its states are
/// not known, and what depends on them is open.
const VARIANTS_MAX: usize = 256;

/// The decision matrix over these accounts.
///
/// Principals are the listed ones and the owners of the accounts and of the principals' accounts.
/// Permissions are those that the lifecycle asks for. An account appears in each of the states that
/// a condition of some policy reads, and else under its name alone.
pub fn matrix(bundle: &Bundle, scenes: &[Scene]) -> Matrix {
    let Scenes { scenes, fix_states } = in_their_states(bundle, scenes);
    let mut matrix = Matrix::over(scenes.iter().map(|scene| scene.name.clone()));
    let permissions = permissions(bundle);
    for principal in principals(bundle, &scenes) {
        for scene in &scenes {
            let unknown = unknown(bundle, &scene.account, fix_states);
            for (permission, access) in &permissions {
                let key = Key {
                    principal: principal.name.to_string(),
                    permission: permission.clone(),
                    situation: scene.name.clone(),
                };
                matrix.set(key, cell(bundle, &principal, scene, access, &unknown));
            }
        }
    }
    matrix
}

/// How many decisions it takes to make the [`matrix`].
pub fn decisions(bundle: &Bundle, scenes: &[Scene]) -> usize {
    let Scenes { scenes, .. } = in_their_states(bundle, scenes);
    // Each is decided at its widest and at its strictest.
    2 * scenes.len() * principals(bundle, &scenes).len() * permissions(bundle).len()
}

/// Accounts in the states that a table tells apart.
struct Scenes {
    scenes: Vec<Scene>,
    /// Whether they are in the states that they are said to be in: else there were too many.
    fix_states: bool,
}

/// Every account in each combination of the states that policies read.
fn in_their_states(bundle: &Bundle, scenes: &[Scene]) -> Scenes {
    let states = states_read(bundle);
    let many = states
        .iter()
        .try_fold(1_usize, |many, (_, states)| many.checked_mul(states.len()));
    let fix_states = many.is_some_and(|many| many <= VARIANTS_MAX);
    let scenes = match fix_states {
        true => scenes.iter().flat_map(|it| variants(it, &states)).collect(),
        false => scenes.to_vec(),
    };
    Scenes { scenes, fix_states }
}

/// The workflows whose states conditions of policies read, with all their states.
fn states_read(bundle: &Bundle) -> Vec<(Name, Vec<Name>)> {
    let statements = bundle
        .policies
        .iter()
        .flat_map(|policy| policy.statements());
    let read: BTreeSet<Slot> = statements
        .flat_map(|it| it.when().into_iter().chain(it.unless()))
        .flat_map(|condition| condition.reads().iter().copied())
        .collect();
    let workflows = bundle.lifecycle.workflows.iter();
    workflows
        .filter(|(_, workflow)| read.contains(&workflow.slot))
        .map(|(name, workflow)| (name.clone(), workflow.states.keys().cloned().collect()))
        .collect()
}

/// A scene in every combination of these states.
fn variants(scene: &Scene, states: &[(Name, Vec<Name>)]) -> Vec<Scene> {
    let mut scenes = vec![scene.clone()];
    for (workflow, states) in states {
        let into_each = |scene: Scene| {
            states.iter().map(move |state| {
                let mut scene = scene.clone();
                let occupancy = Occupancy {
                    state: state.clone(),
                    since: scene.account.created_at,
                };
                scene.account.states.insert(workflow.clone(), occupancy);
                scene.name.push_str(&format!(" {workflow}={state}"));
                scene
            })
        };
        scenes = scenes.into_iter().flat_map(into_each).collect();
    }
    scenes
}

/// The permissions of transitions and of reading. Where one is asked for over different resources,
/// the transitions tell them apart.
fn permissions(bundle: &Bundle) -> Vec<(String, &Access)> {
    let lifecycle = &bundle.lifecycle;
    let transitions = lifecycle.transitions.values();
    let requested = transitions.filter_map(|transition| match &transition.trigger {
        Trigger::Request { access, .. } => Some((transition.name.to_string(), access)),
        _ => None,
    });
    let read = lifecycle
        .read
        .iter()
        .map(|access| ("read".to_owned(), access));
    let mut by_permission: BTreeMap<&Arc<str>, Vec<(String, &Access)>> = BTreeMap::new();
    for (name, access) in requested.chain(read) {
        let alike = by_permission.entry(&access.permission).or_default();
        let known = |(_, other): &(String, &Access)| texts(other) == texts(access);
        if !alike.iter().any(known) {
            alike.push((name, access));
        }
    }
    let label = |permission: &str, many: bool, name: &str| match many {
        true => format!("{permission} ({name})"),
        false => permission.to_owned(),
    };
    let each = by_permission.into_iter().flat_map(|(permission, alike)| {
        let many = alike.len() > 1;
        let named = alike.into_iter();
        named.map(move |(name, access)| (label(permission, many, &name), access))
    });
    each.collect()
}

/// What the resources of an access depend on, as text.
fn texts(access: &Access) -> Vec<String> {
    access
        .resources
        .iter()
        .map(|resource| resource.text())
        .collect()
}

/// Everybody who can ask.
fn principals(bundle: &Bundle, scenes: &[Scene]) -> Vec<Principal> {
    let listed = bundle.principals.listed();
    let listed: Vec<Principal> = listed.map(|it| it.principal.clone()).collect();
    let homes = listed.iter().map(|principal| &principal.account);
    let accounts: BTreeSet<&AccountId> = homes
        .chain(scenes.iter().map(|scene| &scene.account.id))
        .collect();
    let kinds = bundle.lifecycle.principal_kinds.iter();
    let owning = kinds.filter(|(_, kind)| kind.owns_account);
    let owners = owning.flat_map(|(kind, _)| {
        accounts.iter().filter_map(move |account| {
            let name = PrincipalName::new(kind, account.as_str()).ok()?;
            Some(Principal::new(name, (*account).clone()))
        })
    });
    let owners: Vec<Principal> = owners.collect();
    listed.iter().cloned().chain(owners).collect()
}

/// What policies say in one place of the table.
fn cell(
    bundle: &Bundle,
    principal: &Principal,
    scene: &Scene,
    access: &Access,
    unknown: &BTreeSet<Slot>,
) -> Cell {
    let nothing = BTreeMap::new();
    let situation = Situation {
        account: Some(&scene.account),
        asked: Asked {
            principal: Some(principal),
            context: &nothing,
            inputs: &nothing,
        },
        now: Timestamp::from_ms(0),
    };
    let mut facts = situation.facts(&bundle.lifecycle);
    let resources = match resources(bundle, access, &facts, unknown) {
        Ok(resources) => resources,
        Err(unnamed) => {
            return Cell {
                answer: Answer::Open,
                by: unnamed,
            };
        }
    };
    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
    let known = |slot: Slot| !unknown.contains(&slot);
    let mut ruled = |widest: bool| {
        let judge = |statement: &Statement, facts: &Facts<'_>| {
            let unknown = (statement.verb() == Verb::Allow) == widest;
            judge(statement, facts, &known, unknown)
        };
        bundle.rule_assuming(
            principal,
            &access.permission,
            &resources,
            &mut facts,
            &judge,
        )
    };
    let (widest, strictest) = (ruled(true), ruled(false));
    described(&widest, &strictest)
}

/// The facts that a table does not fix, and those that this account leaves open.
fn unknown(bundle: &Bundle, account: &Account, fix_states: bool) -> BTreeSet<Slot> {
    let states = (!fix_states).then_some("state");
    let open = ["context", "input", "now"].into_iter().chain(states);
    let open: Vec<&str> = open.collect();
    let vocabulary = &bundle.lifecycle.vocabulary;
    let of_request = vocabulary.facts().filter(|(_, fact)| {
        fact.path
            .split('.')
            .next()
            .is_some_and(|group| open.contains(&group))
    });
    let attributes = bundle.lifecycle.attributes.iter();
    let unset = attributes
        .filter(|(name, attribute)| !attribute.optional && !account.attributes.contains_key(*name))
        .map(|(_, attribute)| attribute.slot);
    of_request.map(|(slot, _)| slot).chain(unset).collect()
}

/// The names of the resources. What the request brings reads `*` in them; of an account too little
/// is known where a name needs what its description leaves out, and then that is said instead.
fn resources(
    bundle: &Bundle,
    access: &Access,
    facts: &Facts<'_>,
    unknown: &BTreeSet<Slot>,
) -> Result<Vec<String>, String> {
    let expressions = access.resources.iter().flat_map(|name| name.expressions());
    let read: BTreeSet<Slot> = expressions
        .flat_map(|it| it.reads().iter().copied())
        .collect();
    let mut facts = facts.clone();
    for slot in read.intersection(unknown) {
        let fact = bundle.lifecycle.vocabulary.fact(*slot);
        match fact.map(|fact| &*fact.path) {
            Some(path) if path.starts_with("account.") => {
                return Err(format!("`{path}` is not known"));
            }
            _ => facts.set(*slot, Val::Text("*")),
        }
    }
    bundle
        .resources(access, &facts)
        .map_err(|error| error.to_string())
}

/// Whether a statement applies; `unknown`, where that is not known.
fn judge(
    statement: &Statement,
    facts: &Facts<'_>,
    known: &dyn Fn(Slot) -> bool,
    unknown: bool,
) -> Result<bool, EvalError> {
    let truth = |condition: Option<&Expression>, absent: Truth| {
        condition.map_or(absent, |condition| condition.truth3(facts, known))
    };
    let when = truth(statement.when(), Truth::True);
    let unless = truth(statement.unless(), Truth::False);
    Ok(match (when, unless) {
        (Truth::False, _) | (_, Truth::True) => false,
        (Truth::True, Truth::False) => true,
        _ => unknown,
    })
}

/// A cell of what is said at the widest and at the strictest.
fn described(widest: &Ruling, strictest: &Ruling) -> Cell {
    let (wide, strict) = (answer(widest), answer(strictest));
    if widest.is_allowed() == strictest.is_allowed() {
        let (answer, by) = match strict {
            // Nothing allows it either way; whether a deny applies besides makes no difference.
            Answer::Deny if wide != Answer::Deny => (wide, who(widest)),
            answer => (answer, who(strictest)),
        };
        return Cell { answer, by };
    }
    let mut by = who(widest);
    by.push_str(&condition(widest));
    if strict == Answer::Deny {
        by.push_str(&format!(
            "; denied by {}{}",
            who(strictest),
            condition(strictest)
        ));
    }
    Cell {
        answer: Answer::Open,
        by,
    }
}

fn answer(ruling: &Ruling) -> Answer {
    match ruling.effect {
        Effect::Allow => Answer::Allow,
        Effect::ExplicitDeny => Answer::Deny,
        Effect::ImplicitDeny => Answer::None,
    }
}

fn who(ruling: &Ruling) -> String {
    match &ruling.by {
        DecidedBy::Statement(statement) => statement.policy().as_ref().to_owned(),
        DecidedBy::Ownership => OWNERSHIP.to_owned(),
        DecidedBy::Nothing => String::new(),
    }
}

/// Under which condition the deciding statement applies.
fn condition(ruling: &Ruling) -> String {
    let Some(statement) = ruling.statement() else {
        return String::new();
    };
    let one_line = |condition: &Expression| {
        let words: Vec<&str> = condition.text().split_whitespace().collect();
        words.join(" ")
    };
    let when = statement.when().map(|it| format!(" when {}", one_line(it)));
    let unless = statement
        .unless()
        .map(|it| format!(" unless {}", one_line(it)));
    when.into_iter().chain(unless).collect()
}

#[cfg(test)]
mod tests;
