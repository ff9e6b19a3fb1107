//! What there was when a request was decided, rebuilt from the records before it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ReplayError;
use crate::account::{
    Account, Attempt, ClaimKey, Command, Digest, Event, QuotaKey, Record, Request, Step,
};
use crate::bundle::Bundle;
use crate::challenge::KeyId;
use crate::decide::{Decision, Need, View, decide};
use crate::engine::commit::attempt_of;
use crate::engine::journal::damaged;
use crate::entropy::Entropy;
use crate::name::{AccountId, AttemptId};
use crate::quota::Cells;

/// Everything that decisions read, at one instant of the past.
pub(super) struct World {
    /// The key that codes are derived with, where a record does not tell.
    key_id: KeyId,
    accounts: BTreeMap<AccountId, Account>,
    attempts: BTreeMap<AttemptId, Attempt>,
    shared: BTreeMap<QuotaKey, Cells>,
    holders: BTreeMap<ClaimKey, BTreeSet<AccountId>>,
}

impl World {
    /// Before anything was recorded.
    pub(super) fn new(key_id: KeyId) -> Self {
        Self {
            key_id,
            accounts: BTreeMap::new(),
            attempts: BTreeMap::new(),
            shared: BTreeMap::new(),
            holders: BTreeMap::new(),
        }
    }

    pub(super) fn account(&self, id: &AccountId) -> Option<&Account> {
        self.accounts.get(id)
    }

    /// The open attempt that a command names.
    pub(super) fn named(&self, command: &Command) -> Option<&Attempt> {
        self.attempts.get(attempt_of(command)?)
    }

    /// Decides a request in the place of a record's, with the record's seed and instant; on the
    /// account and the attempt as they were, unless others are given. Says also what it looked at that
    /// belongs to other accounts, too.
    pub(super) fn decide(
        &self,
        bundle: &Bundle,
        id: &AccountId,
        record: &Record,
        request: &Request,
        instead: Option<(Option<Account>, Option<Attempt>)>,
    ) -> (Decision, bool) {
        let (account, attempt) = instead.unwrap_or_else(|| {
            let attempt = self.named(&request.command);
            (self.account(id).cloned(), attempt.cloned())
        });
        let mut view = View {
            key_id: key_of(record).unwrap_or(self.key_id),
            account: account.map(Arc::new),
            attempt,
            shared: BTreeMap::new(),
            holders: BTreeMap::new(),
        };
        loop {
            let mut entropy = Entropy::new(record.seed.0);
            match decide(bundle, &view, request, record.at, &mut entropy) {
                Ok(decision) => {
                    let of_others = !view.shared.is_empty() || !view.holders.is_empty();
                    return (decision, of_others);
                }
                Err(Need::Shared(key)) => {
                    let cells = self.cells(bundle, &key, record);
                    view.shared.insert(key, cells);
                }
                Err(Need::Holders(claim)) => {
                    let holders = self.holders.get(&claim).into_iter().flatten();
                    view.holders
                        .insert(claim.clone(), holders.cloned().collect());
                }
            }
        }
    }

    /// The shared cells that a record was decided on. Those that were over had been swept by then, or
    /// not yet: what a record writes of them tells, and it makes no other difference.
    fn cells(&self, bundle: &Bundle, key: &QuotaKey, record: &Record) -> Cells {
        let cells = self.shared.get(key).cloned().unwrap_or_default();
        let quota = bundle.lifecycle.quotas.get(&key.quota);
        let is_over = quota.is_some_and(|quota| quota.window.is_over(&cells, record.at));
        let begins = |event: &Event| match event {
            Event::QuotaSpent { key: spent, change } => spent == key && change.is_first(),
            _ => false,
        };
        match is_over && record.events.iter().any(begins) {
            true => Cells::default(),
            false => cells,
        }
    }

    /// Brings everything to after a record, which its own bundle decided, where that is known.
    pub(super) fn fold(
        &mut self,
        own: Option<&Bundle>,
        id: &AccountId,
        record: &Record,
        digest: Digest,
    ) -> Result<(), ReplayError> {
        let account = record.fold(self.accounts.remove(id), id, digest);
        let account = account.map_err(|error| damaged(id, error))?;
        self.accounts.insert(id.clone(), account);
        for event in &record.events {
            match event {
                Event::QuotaSpent { key, change } if !key.own => {
                    let mut cells = match own {
                        Some(own) => self.cells(own, key, record),
                        None => self.shared.get(key).cloned().unwrap_or_default(),
                    };
                    // Records of older versions may come in another order than they were committed
                    // in: a change that does not fit then is one that makes no difference.
                    let _ = cells.apply(change);
                    self.shared.insert(key.clone(), cells);
                }
                Event::AttemptPut(attempt) => {
                    let attempt = attempt.as_ref().clone();
                    self.attempts.insert(attempt.id.clone(), attempt);
                }
                Event::AttemptClosed { attempt, .. } => {
                    self.attempts.remove(attempt);
                }
                Event::Claimed(claim) => {
                    let holders = self.holders.entry(claim.clone()).or_default();
                    holders.insert(id.clone());
                }
                Event::Released(claim) => {
                    if let Some(holders) = self.holders.get_mut(claim) {
                        holders.remove(id);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The key that a record's code was derived with.
fn key_of(record: &Record) -> Option<KeyId> {
    record.events.iter().rev().find_map(|event| {
        let Event::AttemptPut(attempt) = event else {
            return None;
        };
        let sent = attempt.steps.iter().find_map(|step| match step {
            Step::Put {
                challenge: Some(challenge),
                ..
            } => Some(challenge),
            _ => None,
        })?;
        (sent.sent_at == record.at).then_some(sent.key_id)
    })
}
