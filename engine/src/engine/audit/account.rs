//! One account: its journal from the first record to the last, and what that makes of it.

use std::collections::{BTreeMap, BTreeSet};

use super::indexes::Timers;
use super::outbox::Waiting;
use super::{PAGE, Stop, Verifier};
use crate::account::{
    Account, Attempt, ClaimKey, DataKey, Digest, Entry, Event, JournalError, RecordKeys, Revision,
};
use crate::name::{AccountId, AttemptId};
use crate::store::{DenialRing, StoreError};

/// What the records so far make.
#[derive(Default)]
struct Folded {
    account: Option<Account>,
    attempts: BTreeMap<AttemptId, Attempt>,
    claims: BTreeSet<ClaimKey>,
    /// The last record of those that do not open, because the account is erased.
    closed: Option<(Revision, Digest)>,
}

impl Verifier<'_> {
    /// An account, its attempts, timers, claims, messages and denials.
    pub(super) fn account(&mut self, id: &AccountId, timers: &Timers) -> Result<(), StoreError> {
        self.found.accounts += 1;
        let looked = self.look(id, timers);
        self.note(Some(id), looked)?;
        let ring = self.ring(&DenialRing::Account(id.clone()));
        self.note(Some(id), ring)
    }

    fn look(&mut self, id: &AccountId, timers: &Timers) -> Result<(), Stop> {
        let mut waiting = self.outbox.take(id);
        let stored = self.snapshot.account(id)?;
        let row = self.snapshot.data_key(id)?;
        let has_key = row.is_some();
        let key = row
            .map(|row| DataKey::unwrap(&row, self.keys, id))
            .transpose();
        let (key, _) = key.map_err(|error| Stop::flaw(error.to_string()))?.unzip();
        let folded = self.journal(id, key.as_ref(), &mut waiting);
        let folded = folded.inspect_err(|_| self.spendings.lose())?;
        let stored = stored.ok_or_else(|| Stop::flaw("it has no account row"))?;
        let account = match (folded.account, folded.closed) {
            (Some(account), _) => account,
            (None, Some((revision, _))) => {
                return Err(Stop::Flaw(
                    Some(revision),
                    "its data key is missing".to_owned(),
                ));
            }
            (None, None) => return Err(Stop::flaw("it has no journal")),
        };
        self.found.erased += u64::from(account.erased_at.is_some());
        if account.erased_at.is_some() && has_key {
            return Err(Stop::flaw("it is erased, and still has a data key"));
        }
        compare(&account, &stored)?;
        let hash = Digest::of(&[id.as_str().as_bytes(), &account.head.0].concat());
        self.heads = Digest::of(&[self.heads.as_slice(), &hash.0].concat())
            .0
            .to_vec();
        self.attempts(&account, &folded.attempts)?;
        timers.check(&account)?;
        waiting.check()?;
        for claim in &folded.claims {
            if !self.snapshot.holders(claim)?.contains(id) {
                let attribute = &claim.attribute;
                return Err(Stop::flaw(format!(
                    "it holds a value of `{attribute}` that is not claimed"
                )));
            }
        }
        Ok(())
    }

    fn journal(
        &mut self,
        id: &AccountId,
        key: Option<&DataKey>,
        waiting: &mut Waiting,
    ) -> Result<Folded, Stop> {
        let keys = RecordKeys {
            data: key.map(DataKey::sealing),
            ring: self.keys,
        };
        let mut folded = Folded::default();
        let mut last = Revision(0);
        loop {
            let page = self.snapshot.history(id, last, PAGE)?;
            if page.is_empty() {
                return Ok(folded);
            }
            for stored in page {
                last = stored.revision;
                let entry = stored.read(id, keys);
                let entry = entry.map_err(|error| Stop::record(last, &error))?;
                self.found.records += 1;
                self.found.clear += u64::from(entry.is_clear);
                let followed = folded.follow(id, &entry);
                followed.map_err(|error| Stop::record(last, &error))?;
                self.spendings.follow(&entry);
                let events = entry.record.iter().flat_map(|record| &record.events);
                events.for_each(|event| waiting.follow(event));
                if !self.bundles.contains(&entry.envelope.bundle) {
                    let what = "the definition that decided it is not kept".to_owned();
                    return Err(Stop::Flaw(Some(last), what));
                }
            }
        }
    }

    /// The open attempts are those that the journal opened last.
    fn attempts(&self, account: &Account, told: &BTreeMap<AttemptId, Attempt>) -> Result<(), Stop> {
        for id in account.attempts.values() {
            if self.snapshot.attempt(id)?.as_ref() != told.get(id) {
                let what = format!("attempt `{id}` is not as the journal tells");
                return Err(Stop::flaw(what));
            }
        }
        Ok(())
    }
}

impl Folded {
    fn follow(&mut self, id: &AccountId, entry: &Entry) -> Result<(), JournalError> {
        let envelope = &entry.envelope;
        let Some(record) = &entry.record else {
            let before = match (&self.account, self.closed) {
                (_, Some(closed)) => closed,
                (Some(account), None) => (account.revision, account.head),
                (None, None) => (Revision(0), Digest::default()),
            };
            if (envelope.revision, envelope.previous) != (before.0.next(), before.1) {
                return Err(JournalError::Broken(envelope.revision));
            }
            self.closed = Some((envelope.revision, entry.digest));
            self.account = None;
            return Ok(());
        };
        self.account = Some(match self.closed {
            None => record.fold(self.account.take(), id, entry.digest)?,
            // Only an erasure can be read after what it closed, and it tells what is left.
            Some(closed) => {
                let [Event::Erased { left }] = record.events.as_slice() else {
                    return Err(JournalError::Broken(envelope.revision));
                };
                if (envelope.revision, envelope.previous) != (closed.0.next(), closed.1) {
                    return Err(JournalError::Broken(envelope.revision));
                }
                let mut account = left.as_ref().clone();
                (account.revision, account.head) = (envelope.revision, entry.digest);
                account
            }
        });
        for event in &record.events {
            match event {
                Event::AttemptPut(attempt) => {
                    self.attempts
                        .insert(attempt.id.clone(), attempt.as_ref().clone());
                }
                Event::AttemptClosed { attempt, .. } => {
                    self.attempts.remove(attempt);
                }
                Event::Claimed(claim) => {
                    self.claims.insert(claim.clone());
                }
                Event::Released(claim) => {
                    self.claims.remove(claim);
                }
                Event::Erased { .. } => {
                    self.attempts.clear();
                    self.claims.clear();
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The account as it is stored is the one that the journal makes; says in what it is not.
fn compare(told: &Account, stored: &Account) -> Result<(), Stop> {
    let head = Some(told.revision);
    let differs = |what: String| {
        Err(Stop::Flaw(
            head,
            format!("the account row differs in {what}"),
        ))
    };
    if told.revision != stored.revision {
        let (told, stored) = (told.revision.0, stored.revision.0);
        return differs(format!(
            "its revision: {stored}, and the journal ends with {told}"
        ));
    }
    for name in told.attributes.keys().chain(stored.attributes.keys()) {
        if told.attributes.get(name) != stored.attributes.get(name) {
            return differs(format!("attribute `{name}`"));
        }
    }
    for name in told.states.keys().chain(stored.states.keys()) {
        if told.states.get(name) != stored.states.get(name) {
            return differs(format!("the state of `{name}`"));
        }
    }
    let parts = [
        ("the hash of its newest record", told.head == stored.head),
        ("when it was created", told.created_at == stored.created_at),
        ("its quotas", told.quotas == stored.quotas),
        ("its wrong codes", told.failures == stored.failures),
        (
            "when transitions were applied",
            told.applied == stored.applied,
        ),
        ("its open attempts", told.attempts == stored.attempts),
        ("what is owed", told.obligations == stored.obligations),
        ("its timers", told.timers == stored.timers),
        ("timers that wait", told.waiting == stored.waiting),
        ("its definition", told.brought_under == stored.brought_under),
        ("its erasure", told.erased_at == stored.erased_at),
    ];
    match parts.iter().find(|(_, same)| !same) {
        Some((what, _)) => differs((*what).to_owned()),
        None if told != stored => differs("something else".to_owned()),
        None => Ok(()),
    }
}
