//! What a commit checks and what it writes: one rule for every adapter.

use super::{
    Changes, CommitError, DenialHead, DenialRing, Due, InForce, KeyChange, NewDenial, Place,
    Remembered, SharedCells, StoreError, StoredBundle, Sweep, Swept,
};
use crate::account::{
    Account, Attempt, ClaimKey, OutboxMessage, QuotaKey, Revision, StoredRecord, Timer,
};
use crate::name::{AccountId, AttemptId, IdempotencyKey};
use crate::time::Timestamp;

type Result<T = (), E = StoreError> = std::result::Result<T, E>;

/// The rows of a store within one transaction: reads see what was written through it before.
pub(super) trait Rows {
    fn revision(&mut self, id: &AccountId) -> Result<Option<Revision>>;
    /// Puts the account whose revision was asked for, and adds the record to its journal and to the
    /// records of all accounts.
    fn put_account(&mut self, account: &Account, record: &StoredRecord) -> Result;
    fn put_data_key(&mut self, id: &AccountId, row: &[u8]) -> Result;
    fn remove_data_key(&mut self, id: &AccountId) -> Result;
    fn keep_bundle(&mut self, bundle: &StoredBundle) -> Result;
    fn in_force(&self) -> Result<Option<InForce>>;
    fn put_in_force(&mut self, in_force: InForce) -> Result;
    fn put_attempt(&mut self, attempt: &Attempt) -> Result;
    fn remove_attempt(&mut self, id: &AttemptId) -> Result;
    fn arm(&mut self, due: &Due) -> Result;
    fn disarm(&mut self, due: &Due) -> Result;
    fn queue(&mut self, message: &OutboxMessage) -> Result;
    fn drop_message(&mut self, place: Place) -> Result;
    fn shared_revision(&self, key: &QuotaKey) -> Result<u64>;
    fn put_shared(&mut self, key: &QuotaKey, cells: &SharedCells) -> Result;
    /// The holders of a value, in order of their ids.
    fn holders(&self, key: &ClaimKey) -> Result<Vec<AccountId>>;
    /// Replaces the holders of a value; there is no row where nobody holds it.
    fn put_holders(&mut self, key: &ClaimKey, holders: &[AccountId]) -> Result;
    fn is_remembered(&self, key: &IdempotencyKey) -> Result<bool>;
    fn remember(&mut self, key: &IdempotencyKey, answer: &Remembered) -> Result;
    fn forget(&mut self, key: &IdempotencyKey) -> Result;
    fn remove_shared(&mut self, key: &QuotaKey) -> Result;
    fn put_swept(&mut self, swept: &Swept) -> Result;
    fn denial_head(&self, ring: &DenialRing) -> Result<Option<DenialHead>>;
    fn put_denial_head(&mut self, ring: &DenialRing, head: &DenialHead) -> Result;
    fn put_denial(&mut self, ring: &DenialRing, number: u64, bytes: &[u8]) -> Result;
    fn remove_denial(&mut self, ring: &DenialRing, number: u64) -> Result;
}

/// Applies one decision's changes if all it relied on still holds; otherwise writes nothing, so
/// that the same transaction can go on with another decision's changes.
pub(super) fn apply(rows: &mut impl Rows, changes: &Changes) -> Result<(), CommitError> {
    if !fits_together(changes) {
        let why = "an account and its record must be one revision after the expected one";
        return Err(StoreError::Malformed(why).into());
    }
    if !still_holds(rows, changes)? {
        return Err(CommitError::Conflict);
    }
    write(rows, changes)?;
    Ok(())
}

/// Notes which bundle the accounts are under.
pub(super) fn put_in_force(rows: &mut impl Rows, bundle: &StoredBundle, settled: bool) -> Result {
    rows.keep_bundle(bundle)?;
    // A migration that is gone on with comes from where it began.
    let before = rows.in_force()?.and_then(|noted| match noted.settled {
        true => Some(noted.bundle),
        false => noted.before,
    });
    rows.put_in_force(InForce {
        bundle: bundle.fingerprint,
        settled,
        before: before.filter(|_| !settled),
    })
}

fn fits_together(changes: &Changes) -> bool {
    let next = changes.expected.unwrap_or_default().next();
    changes.account.revision == next && changes.record.revision == next
}

fn still_holds(rows: &mut impl Rows, changes: &Changes) -> Result<bool> {
    if rows.revision(&changes.account.id)? != changes.expected {
        return Ok(false);
    }
    if let Some((key, _)) = &changes.remember
        && rows.is_remembered(key)?
    {
        return Ok(false);
    }
    for (key, expected, _) in &changes.shared {
        if rows.shared_revision(key)? != *expected {
            return Ok(false);
        }
    }
    for (key, seen) in &changes.claims_seen {
        if rows.holders(key)? != *seen {
            return Ok(false);
        }
    }
    Ok(true)
}

fn write(rows: &mut impl Rows, changes: &Changes) -> Result {
    let id = &changes.account.id;
    rows.put_account(&changes.account, &changes.record)?;
    match &changes.data_key {
        KeyChange::Keep => {}
        KeyChange::Put(row) => rows.put_data_key(id, row)?,
        KeyChange::Destroy => rows.remove_data_key(id)?,
    }
    rows.keep_bundle(&changes.bundle)?;
    changes
        .attempts_put
        .iter()
        .try_for_each(|attempt| rows.put_attempt(attempt))?;
    changes
        .attempts_removed
        .iter()
        .try_for_each(|attempt| rows.remove_attempt(attempt))?;
    let due = |(at, timer): &(Timestamp, Timer)| Due {
        at: *at,
        account: id.clone(),
        timer: timer.clone(),
    };
    changes
        .timers_disarmed
        .iter()
        .try_for_each(|timer| rows.disarm(&due(timer)))?;
    changes
        .timers_armed
        .iter()
        .try_for_each(|timer| rows.arm(&due(timer)))?;
    changes
        .queued
        .iter()
        .try_for_each(|message| rows.queue(message))?;
    changes
        .dropped
        .iter()
        .try_for_each(|place| rows.drop_message(*place))?;
    for (key, expected, cells) in &changes.shared {
        let cells = SharedCells {
            revision: expected.saturating_add(1),
            cells: cells.clone(),
        };
        rows.put_shared(key, &cells)?;
    }
    for key in &changes.released {
        let mut holders = rows.holders(key)?;
        holders.retain(|holder| holder != id);
        rows.put_holders(key, &holders)?;
    }
    for key in &changes.claimed {
        let mut holders = rows.holders(key)?;
        if let Err(place) = holders.binary_search(id) {
            holders.insert(place, id.clone());
            rows.put_holders(key, &holders)?;
        }
    }
    if let Some((key, answer)) = &changes.remember {
        rows.remember(key, answer)?;
    }
    changes
        .forgotten
        .iter()
        .try_for_each(|key| rows.forget(key))
}

/// Removes what a sweep found, but cells that were spent since.
pub(super) fn sweep(rows: &mut impl Rows, sweep: &Sweep) -> Result {
    let mut answers = sweep.answers.iter();
    answers.try_for_each(|key| rows.forget(key))?;
    for (key, revision) in &sweep.cells {
        if rows.shared_revision(key)? == *revision {
            rows.remove_shared(key)?;
        }
    }
    rows.put_swept(&sweep.swept)
}

/// Keeps a denial if its number is the next of its ring; otherwise writes nothing.
pub(super) fn keep(rows: &mut impl Rows, denial: &NewDenial) -> Result<(), CommitError> {
    let NewDenial { ring, bytes, head } = denial;
    let before = rows.denial_head(ring)?;
    let (oldest, newest) = before.map_or((1, 0), |before| (before.oldest, before.newest));
    if head.newest != newest.saturating_add(1) {
        return Err(CommitError::Conflict);
    }
    if head.oldest < oldest || head.oldest > head.newest {
        let why = "a ring of denials begins where it began, or later, and ends with its newest";
        return Err(StoreError::Malformed(why).into());
    }
    rows.put_denial(ring, head.newest, bytes)?;
    for number in oldest..head.oldest {
        rows.remove_denial(ring, number)?;
    }
    rows.put_denial_head(ring, head)?;
    Ok(())
}
