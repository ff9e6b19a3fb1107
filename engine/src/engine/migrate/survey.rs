//! What a migration would change, found by deciding it for every account without committing.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{PAGE, Plan};
use crate::account::{Account, ClaimKey, Event, Outcome};
use crate::decide::{Decision, Need, View, decide};
use crate::engine::{Definition, Engine, EngineError};
use crate::entropy::Entropy;
use crate::name::{AccountId, Name, TransitionName};
use crate::store::Snapshot;
use crate::time::Timestamp;

/// Accounts of a kind: how many, and a few of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Affected {
    /// How many.
    pub count: u64,
    /// The first of them, in order of their ids.
    pub examples: Vec<AccountId>,
}

/// Accounts that go from one state to another: the workflow, the state before, the state after;
/// `None` for a workflow that is new, or gone.
pub type Moves = BTreeMap<(Name, Option<Name>, Option<Name>), u64>;

/// What a migration would change, or did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// Accounts that were looked at.
    pub accounts: u64,
    /// Those for which it writes a record.
    pub changing: u64,
    /// Those for which the definition cannot be in force without it.
    pub needing: u64,
    /// Which states they leave and enter.
    pub moves: Moves,
    /// Attributes that are dropped, given a default, or read anew.
    pub attributes: BTreeMap<Name, u64>,
    /// Values that come to be held, by attribute.
    pub claims: BTreeMap<Name, u64>,
    /// Timers that are armed, by their transitions.
    pub armed: BTreeMap<TransitionName, u64>,
    /// Attempts that are closed.
    pub closed: u64,
    /// What stands against it: each kind in words, and whom it concerns.
    pub conflicts: BTreeMap<String, Affected>,
}

/// Examples of accounts that are kept.
const EXAMPLES: usize = 3;

impl Survey {
    /// Accounts that something stands against.
    pub fn refused(&self) -> u64 {
        self.conflicts.values().map(|affected| affected.count).sum()
    }

    fn add(&mut self, id: &AccountId, decision: &Decision) {
        self.accounts += 1;
        if let Outcome::Denied(denial) = &decision.outcome {
            self.needing += 1;
            let affected = self.conflicts.entry(denial.message.clone()).or_default();
            affected.count += 1;
            if affected.examples.len() < EXAMPLES {
                affected.examples.push(id.clone());
            }
            return;
        }
        let mut needed = false;
        for event in &decision.events {
            match event {
                Event::Migrated { workflow, from, to } => {
                    needed |= from.is_some();
                    let kind = (workflow.clone(), from.clone(), to.clone());
                    *self.moves.entry(kind).or_default() += 1;
                }
                Event::Assigned { attribute, .. } => {
                    needed = true;
                    *self.attributes.entry(attribute.clone()).or_default() += 1;
                }
                Event::Claimed(claim) => {
                    needed = true;
                    *self.claims.entry(claim.attribute.clone()).or_default() += 1;
                }
                Event::TimerArmed { timer, .. } => {
                    needed = true;
                    if let crate::account::Timer::After(transition) = timer {
                        *self.armed.entry(transition.clone()).or_default() += 1;
                    }
                }
                Event::AttemptClosed { .. } => self.closed += 1,
                _ => {}
            }
        }
        self.needing += u64::from(needed);
        self.changing += u64::from(!decision.events.is_empty());
    }
}

/// Looks at every account.
pub(super) fn all(
    engine: &Engine,
    plan: &Plan,
    progress: &mut dyn FnMut(u64),
) -> Result<Survey, EngineError> {
    of(engine, &engine.definition(), plan, progress)
}

/// The same, under another definition than the engine's.
pub(super) fn of(
    engine: &Engine,
    definition: &Definition,
    plan: &Plan,
    progress: &mut dyn FnMut(u64),
) -> Result<Survey, EngineError> {
    let snapshot = engine.store.snapshot()?;
    let mut surveyor = Surveyor {
        definition,
        snapshot: snapshot.as_ref(),
        now: engine.clock.now(),
        key_id: engine.keys.current().id(),
        claimed: BTreeMap::new(),
    };
    let mut survey = Survey::default();
    let mut last: Option<AccountId> = None;
    loop {
        let page = snapshot.accounts(last.as_ref(), PAGE)?;
        let Some(newest) = page.last() else { break };
        last = Some(newest.clone());
        for id in page {
            let account = snapshot.account(&id)?;
            // Nothing happens to an account that was erased.
            if let Some(account) = account.filter(|account| account.erased_at.is_none()) {
                let decision = surveyor.look_at(plan, account)?;
                survey.add(&id, &decision);
            }
        }
        progress(survey.accounts);
    }
    Ok(survey)
}

struct Surveyor<'s> {
    definition: &'s Definition,
    snapshot: &'s dyn Snapshot,
    now: Timestamp,
    key_id: crate::challenge::KeyId,
    /// Values that accounts before this one would come to hold.
    claimed: BTreeMap<ClaimKey, Vec<AccountId>>,
}

impl Surveyor<'_> {
    fn look_at(&mut self, plan: &Plan, account: Arc<Account>) -> Result<Decision, EngineError> {
        let bundle = &self.definition.bundle;
        let request = plan.request(&bundle.lifecycle, self.snapshot, &account)?;
        let id = account.id.clone();
        let mut view = View {
            key_id: self.key_id,
            account: Some(account),
            attempt: None,
            shared: BTreeMap::new(),
            holders: BTreeMap::new(),
        };
        let decision = loop {
            // Nothing about a migration is drawn by lot.
            let mut entropy = Entropy::new([0; 32]);
            match decide(bundle, &view, &request, self.now, &mut entropy) {
                Ok(decision) => break decision,
                Err(Need::Shared(key)) => {
                    let shared = self.snapshot.shared(&key)?;
                    view.shared.insert(key, shared.cells);
                }
                Err(Need::Holders(claim)) => {
                    let mut holders = self.snapshot.holders(&claim)?;
                    holders.extend(self.claimed.get(&claim).into_iter().flatten().cloned());
                    view.holders.insert(claim, holders);
                }
            }
        };
        for event in &decision.events {
            if let Event::Claimed(claim) = event {
                let holders = self.claimed.entry(claim.clone()).or_default();
                holders.push(id.clone());
            }
        }
        Ok(decision)
    }
}
