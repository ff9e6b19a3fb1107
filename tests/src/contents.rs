//! Everything that a store holds, and whether it agrees with itself: the journals say what happened,
//! and every other row must be what follows from them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use stateward::account::{
    Account, Attempt, ClaimKey, DataKey, Digest, Event, OutboxMessage, QuotaKey, Record,
    RecordKeys, Revision, StoredRecord,
};
use stateward::challenge::KeyRing;
use stateward::name::{AccountId, AttemptId, IdempotencyKey, MessageId};
use stateward::quota::{CellChange, Cells};
use stateward::store::{
    DenialHead, DenialRing, Due, InForce, Queued, RecordNumber, SharedCells, Snapshot, Store,
    StoreError, StoredDenial,
};
use stateward::time::Timestamp;

/// Everything that a store holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Contents {
    /// Every account with its journal.
    pub accounts: BTreeMap<AccountId, (Account, Vec<StoredRecord>)>,
    /// The rows of data keys.
    pub data_keys: BTreeMap<AccountId, Vec<u8>>,
    /// The open attempts.
    pub attempts: Vec<Attempt>,
    /// The index of what is due.
    pub due: Vec<Due>,
    /// The messages that wait.
    pub outbox: Vec<Queued>,
    /// Quota cells that accounts share, as far as journals name them.
    pub shared: BTreeMap<QuotaKey, SharedCells>,
    /// Who holds each value that few may hold.
    pub holders: BTreeMap<ClaimKey, Vec<AccountId>>,
    /// The answers that are kept: their keys, and when they were given.
    pub answers: Vec<(IdempotencyKey, Option<Timestamp>)>,
    /// The denials that are kept.
    pub denials: BTreeMap<DenialRing, (DenialHead, Vec<StoredDenial>)>,
    /// The bundles that are kept.
    pub bundles: Vec<Digest>,
    /// The bundle that is in force.
    pub in_force: Option<InForce>,
    /// The journals, read.
    pub journals: Journals,
}

/// The end of time, or nearly.
const END: Timestamp = Timestamp::from_ms(i64::MAX);
/// Cells that accounts share are not swept earlier than so long after they were spent.
const SWEPT_AFTER: Duration = Duration::from_secs(24 * 3_600);
/// Everything there is.
const ALL: usize = usize::MAX;

impl Contents {
    /// Reads all of it at one moment.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn read(store: &dyn Store, ring: &KeyRing) -> Result<Self, StoreError> {
        let snapshot = store.snapshot()?;
        let mut contents = Self {
            accounts: BTreeMap::new(),
            data_keys: BTreeMap::new(),
            attempts: snapshot.attempts(None, ALL)?,
            due: snapshot.due(END, None, ALL)?,
            outbox: snapshot.outbox(END, None, ALL)?,
            shared: BTreeMap::new(),
            holders: snapshot.claims(None, ALL)?.into_iter().collect(),
            answers: snapshot.answers(None, ALL)?,
            denials: BTreeMap::new(),
            bundles: snapshot.bundles()?,
            in_force: snapshot.in_force()?,
            journals: Journals::default(),
        };
        for found in snapshot.records(RecordNumber::default(), ALL)? {
            contents.journals.numbers.push(found.number);
            let place = (found.account, found.record.revision);
            contents.journals.order.push(place);
        }
        for id in snapshot.accounts(None, ALL)? {
            contents.read_account(snapshot.as_ref(), ring, id)?;
        }
        for ring in snapshot.denial_rings(None, ALL)? {
            let head = snapshot.denial_head(&ring)?;
            let head = head.ok_or_else(|| damaged("a ring of denials has no head"))?;
            let denials = snapshot.denials(&ring, 0, ALL)?;
            contents.denials.insert(ring, (head, denials));
        }
        Ok(contents)
    }

    fn read_account(
        &mut self,
        snapshot: &dyn Snapshot,
        ring: &KeyRing,
        id: AccountId,
    ) -> Result<(), StoreError> {
        let account = snapshot.account(&id)?;
        let account = account.ok_or_else(|| damaged("an account is listed and not there"))?;
        let row = snapshot.data_key(&id)?;
        let unwrapped = row.as_ref().map(|row| DataKey::unwrap(row, ring, &id));
        let key = unwrapped
            .transpose()
            .map_err(|error| damaged(&error.to_string()))?;
        let data = key.as_ref().map(|(key, _)| key.sealing());
        let stored = snapshot.history(&id, Revision(0), ALL)?;
        let mut records = Vec::new();
        for record in &stored {
            let entry = record.read(&id, RecordKeys { data, ring });
            let entry = entry.map_err(|error| damaged(&error.to_string()))?;
            let record = entry
                .record
                .ok_or_else(|| damaged("a record stays closed"))?;
            records.push((record, entry.digest));
        }
        for event in records.iter().flat_map(|(record, _)| &record.events) {
            if let Event::QuotaSpent { key, .. } = event
                && !key.own
            {
                self.shared.insert(key.clone(), snapshot.shared(key)?);
            }
        }
        if let Some(row) = row {
            self.data_keys.insert(id.clone(), row);
        }
        self.journals.accounts.insert(id.clone(), records);
        self.accounts
            .insert(id, (Arc::unwrap_or_clone(account), stored));
        Ok(())
    }

    /// What does not follow from the journals. Nothing is to be found here, whatever happened.
    pub fn disagreements(&self) -> Vec<String> {
        let mut found = self.journals.disagreements(self);
        let mut told = |holds: bool, what: &dyn Fn() -> String| {
            if !holds {
                found.push(what());
            }
        };
        let accounts = self.accounts.values().map(|(account, _)| account);
        let timers = accounts.flat_map(|account| {
            account.timers.iter().map(|(timer, at)| Due {
                at: *at,
                account: account.id.clone(),
                timer: timer.clone(),
            })
        });
        told(
            timers.collect::<BTreeSet<_>>().iter().eq(&self.due),
            &|| "the index of what is due is not that of the accounts".to_owned(),
        );
        for (ring, (head, denials)) in &self.denials {
            let numbers = denials.iter().map(|denial| denial.number);
            told(numbers.eq(head.oldest..=head.newest), &|| {
                format!("denials of {ring:?} are not those that its head names")
            });
        }
        found
    }

    /// The messages that were committed and wait no more.
    pub fn gone(&self) -> BTreeSet<MessageId> {
        let queued = self.journals.queued().into_keys().cloned();
        let waits = |id: &MessageId| self.outbox.iter().any(|queued| queued.message.id == *id);
        queued.filter(|id| !waits(id)).collect()
    }
}

/// The journals of a store: every record with its hash.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Journals {
    accounts: BTreeMap<AccountId, Vec<(Record, Digest)>>,
    /// The records of all accounts in the order of their commits, and the numbers that say so.
    order: Vec<(AccountId, Revision)>,
    numbers: Vec<RecordNumber>,
}

impl Journals {
    /// What rows do not follow from them.
    fn disagreements(&self, contents: &Contents) -> Vec<String> {
        let mut found = Vec::new();
        let mut told = |holds: bool, what: &dyn Fn() -> String| {
            if !holds {
                found.push(what());
            }
        };
        for (id, (account, _)) in &contents.accounts {
            let folded = self.fold(id);
            told(folded.as_ref() == Ok(account), &|| match &folded {
                Ok(_) => format!("the journal of {id} folds to another account"),
                Err(why) => format!("the journal of {id}: {why}"),
            });
        }
        told(self.is_numbered(), &|| {
            "the numbers of records are not those of the journals".to_owned()
        });
        let mut bundles = self
            .accounts
            .values()
            .flatten()
            .map(|(record, _)| record.bundle);
        told(
            bundles.all(|bundle| contents.bundles.contains(&bundle)),
            &|| "a bundle that decided is not kept".to_owned(),
        );
        told(self.open().values().eq(&contents.attempts), &|| {
            "the open attempts are not those of the journals".to_owned()
        });
        told(self.held() == contents.holders, &|| {
            "the holders of values are not those of the journals".to_owned()
        });
        for (key, cells) in &contents.shared {
            let revision = cells.revision;
            told(self.was_spent(key, revision), &|| {
                format!("{key:?} was not spent {revision} times")
            });
            told(self.spent(key, revision) == cells.cells, &|| {
                format!("the cells of {key:?} are not what was spent")
            });
        }
        let queued = self.queued();
        for Queued { message, .. } in &contents.outbox {
            let queued = queued.get(&message.id);
            told(queued.is_some_and(|queued| says(queued, message)), &|| {
                format!("{} was never committed so", message.id)
            });
        }
        found
    }

    /// The account that a journal leads to; the chain of hashes is checked with it.
    fn fold(&self, id: &AccountId) -> Result<Account, String> {
        let mut account = None;
        for (record, digest) in self.accounts.get(id).into_iter().flatten() {
            let after = record.fold(account, id, *digest);
            account = Some(after.map_err(|error| error.to_string())?);
        }
        account.ok_or_else(|| "it is empty".to_owned())
    }

    /// The messages that were ever committed.
    pub fn queued(&self) -> BTreeMap<&MessageId, &OutboxMessage> {
        let queued = self.events().filter_map(|(_, _, event)| match event {
            Event::Queued(message) => Some((&message.id, message.as_ref())),
            _ => None,
        });
        queued.collect()
    }

    fn events(&self) -> impl Iterator<Item = (&AccountId, &Record, &Event)> {
        self.accounts.iter().flat_map(|(id, records)| {
            records.iter().flat_map(move |(record, _)| {
                record.events.iter().map(move |event| (id, record, event))
            })
        })
    }

    /// The attempts that are open, by the journals.
    fn open(&self) -> BTreeMap<AttemptId, Attempt> {
        let mut open = BTreeMap::new();
        for (_, _, event) in self.events() {
            match event {
                Event::AttemptPut(attempt) => {
                    open.insert(attempt.id.clone(), attempt.as_ref().clone());
                }
                Event::AttemptClosed { attempt, .. } => {
                    open.remove(attempt);
                }
                _ => {}
            }
        }
        open
    }

    /// The holders of values, by the journals.
    fn held(&self) -> BTreeMap<ClaimKey, Vec<AccountId>> {
        let mut held: BTreeMap<ClaimKey, BTreeSet<AccountId>> = BTreeMap::new();
        for (id, _, event) in self.events() {
            match event {
                Event::Claimed(claim) => {
                    held.entry(claim.clone()).or_default().insert(id.clone());
                }
                Event::Released(claim) => {
                    held.entry(claim.clone()).or_default().remove(id);
                }
                _ => {}
            }
        }
        held.retain(|_, ids| !ids.is_empty());
        let sorted = |(claim, ids): (_, BTreeSet<_>)| (claim, ids.into_iter().collect());
        held.into_iter().map(sorted).collect()
    }

    /// Whether a shared quota was spent so many times, since it was swept at least: for that, the
    /// spend before must have been long ago.
    fn was_spent(&self, key: &QuotaKey, times: u64) -> bool {
        let mut spends: Vec<_> = self.spends(key).into_iter().map(|(at, _)| at).collect();
        spends.sort_unstable();
        let times = usize::try_from(times).expect("a journal in memory");
        let Some(swept) = spends.len().checked_sub(times) else {
            return false;
        };
        let newest = || {
            self.accounts
                .values()
                .flatten()
                .map(|(record, _)| record.at)
                .max()
        };
        let after = spends.get(swept).copied().or_else(newest);
        match swept.checked_sub(1).and_then(|last| spends.get(last)) {
            Some(last) => after.is_some_and(|after| after.since(*last) >= SWEPT_AFTER),
            None => true,
        }
    }

    /// What the cells of a shared quota are after so many spends, the newest ones: it was swept before
    /// them.
    fn spent(&self, key: &QuotaKey, times: u64) -> Cells {
        let spends = self.spends(key);
        let newest = spends.iter().rev();
        let newest = newest.take(usize::try_from(times).expect("a journal in memory"));
        let mut cells = Cells::default();
        for change in newest.rev().flat_map(|(_, changes)| changes) {
            cells
                .apply(change)
                .expect("a change fits what it was made of");
        }
        cells
    }

    /// Every record that spent a shared quota, in the order of their commits: when it did, and how the
    /// cells changed.
    fn spends(&self, key: &QuotaKey) -> Vec<(Timestamp, Vec<&CellChange>)> {
        let records = self.order.iter().filter_map(|place| self.record(place));
        let spends = records.map(|record| {
            let changes = record.events.iter().filter_map(|event| match event {
                Event::QuotaSpent { key: spent, change } if spent == key => Some(change),
                _ => None,
            });
            (record.at, changes.collect::<Vec<_>>())
        });
        spends.filter(|(_, changes)| !changes.is_empty()).collect()
    }

    fn record(&self, (id, revision): &(AccountId, Revision)) -> Option<&Record> {
        let index = usize::try_from(revision.0).ok()?.checked_sub(1)?;
        let (record, _) = self.accounts.get(id)?.get(index)?;
        Some(record)
    }

    /// Whether the records have numbers without a gap, and each account's are in its journal's order.
    fn is_numbered(&self) -> bool {
        let mut revisions: BTreeMap<&AccountId, Revision> = BTreeMap::new();
        let follow = self.order.iter().all(|(id, revision)| {
            let last = revisions.entry(id).or_default();
            let follows = *revision == last.next();
            *last = *revision;
            follows
        });
        let lengths = self.accounts.iter().all(|(id, records)| {
            let newest = revisions.get(id).map_or(0, |newest| newest.0);
            newest == records.len() as u64
        });
        let numbers = self.numbers.iter().map(|number| number.0);
        follow && lengths && numbers.eq(1..=self.order.len() as u64)
    }
}

/// Whether a message that waits is the one that was committed; tries that failed do not matter.
fn says(queued: &OutboxMessage, waiting: &OutboxMessage) -> bool {
    let untried = OutboxMessage {
        failures: queued.failures,
        not_before: queued.not_before,
        ..waiting.clone()
    };
    untried == *queued
}

fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(what.to_owned())
}
