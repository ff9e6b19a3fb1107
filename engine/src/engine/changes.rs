//! From a decision to the rows that it changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::commit::Decided;
use super::{Definition, EngineError};
use crate::account::{
    Account, Attempt, ClaimKey, DataKey, Digest, Event, QuotaKey, Record, RecordKey, Request,
    Revision, Timer,
};
use crate::decide::View;
use crate::name::{AttemptId, IdempotencyKey};
use crate::store::{Changes, KeyChange, Remembered};
use crate::time::Timestamp;

/// What a decision was made from.
pub(super) struct Deciding {
    pub(super) view: View,
    /// The account's revision in the view; `None` where there was no account.
    pub(super) revision: Option<Revision>,
    pub(super) shared_revisions: BTreeMap<QuotaKey, u64>,
    pub(super) seed: Digest,
}

/// What a record is sealed under, and what becomes of the row that keeps it.
pub(super) struct Sealing {
    pub(super) key: DataKey,
    pub(super) change: KeyChange,
}

/// The changes of a decision, with everything it relied on.
pub(super) fn changes(
    definition: &Definition,
    request: Request,
    decided: Decided,
    sealing: Sealing,
    at: Timestamp,
    remember: Option<(IdempotencyKey, Remembered)>,
) -> Result<Changes, EngineError> {
    let Decided { decision, deciding } = decided;
    let Some(account) = decision.account else {
        return Err(EngineError::Record("events without an account".to_owned()));
    };
    let mut account = Arc::unwrap_or_clone(account);
    let before = deciding.view.account.as_deref();
    let timers = timer_rows(before, &account);
    let attempts = attempt_rows(&decision.events);
    // An attempt's id tells nobody what was asked; its transition does.
    let attempt = deciding.view.attempt.as_ref();
    let subject = attempt.map(|attempt| attempt.transition.to_string());
    let record = Record {
        revision: deciding.revision.unwrap_or_default().next(),
        at,
        previous: before.map_or_else(Digest::default, |account| account.head),
        bundle: definition.bundle.fingerprint,
        seed: deciding.seed,
        request,
        outcome: decision.outcome,
        gates: decision.gates,
        events: decision.events,
        kept_under: remember.as_ref().map(|(key, _)| key.clone()),
    };
    account.revision = record.revision;
    let key = RecordKey::Data(sealing.key.sealing());
    let stored = record
        .seal(&account.id, subject, key)
        .map_err(|error| EngineError::Record(error.to_string()))?;
    account.head = stored.digest();
    let revision_of = |key: &QuotaKey| deciding.shared_revisions.get(key).copied();
    let (claimed, released) = claim_rows(&record.events);
    Ok(Changes {
        expected: deciding.revision,
        bundle: definition.stored.clone(),
        attempts_put: attempts.0,
        attempts_removed: attempts.1,
        timers_armed: timers.0,
        timers_disarmed: timers.1,
        queued: record
            .events
            .iter()
            .filter_map(|event| match event {
                Event::Queued(message) => Some(message.as_ref().clone()),
                _ => None,
            })
            .collect(),
        shared: decision
            .shared
            .into_iter()
            .map(|(key, cells)| (key.clone(), revision_of(&key).unwrap_or_default(), cells))
            .collect(),
        claims_seen: deciding.view.holders.into_iter().collect(),
        claimed,
        released,
        account,
        record: stored,
        data_key: sealing.change,
        remember,
        forgotten: Vec::new(),
        dropped: Vec::new(),
    })
}

/// Rows of the index of due timers.
pub(super) type TimerRows = Vec<(Timestamp, Timer)>;

/// Timers to add to the index and to take out of it: what differs between before and after.
pub(super) fn timer_rows(before: Option<&Account>, after: &Account) -> (TimerRows, TimerRows) {
    let nothing = BTreeMap::new();
    let before = before.map_or(&nothing, |account| &account.timers);
    let only = |these: &BTreeMap<Timer, Timestamp>, those: &BTreeMap<Timer, Timestamp>| {
        let lacks = |(timer, due): &(&Timer, &Timestamp)| those.get(timer) != Some(due);
        these
            .iter()
            .filter(lacks)
            .map(|(timer, due)| (*due, timer.clone()))
            .collect()
    };
    (only(&after.timers, before), only(before, &after.timers))
}

/// Attempts to write and to remove: the last word on each counts.
fn attempt_rows(events: &[Event]) -> (Vec<Attempt>, Vec<AttemptId>) {
    let mut last: BTreeMap<&AttemptId, Option<&Attempt>> = BTreeMap::new();
    for event in events {
        match event {
            Event::AttemptPut(attempt) => last.insert(&attempt.id, Some(attempt)),
            Event::AttemptClosed { attempt, .. } => last.insert(attempt, None),
            _ => None,
        };
    }
    let put = last.values().copied().flatten().cloned().collect();
    let open = |(_, attempt): &(&&AttemptId, &Option<&Attempt>)| attempt.is_none();
    let removed = last
        .iter()
        .filter(open)
        .map(|(id, _)| (*id).clone())
        .collect();
    (put, removed)
}

/// Values that the account came to hold, and values that it let go of: the last word on each counts,
/// since one transition may let go of what another one in the same commit had it hold.
fn claim_rows(events: &[Event]) -> (Vec<ClaimKey>, Vec<ClaimKey>) {
    let mut last: BTreeMap<&ClaimKey, bool> = BTreeMap::new();
    for event in events {
        match event {
            Event::Claimed(claim) => last.insert(claim, true),
            Event::Released(claim) => last.insert(claim, false),
            _ => None,
        };
    }
    let rows = |wanted: bool| {
        let rows = last.iter().filter(|(_, held)| **held == wanted);
        rows.map(|(claim, _)| (*claim).clone()).collect()
    };
    (rows(true), rows(false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn a_value_that_was_held_only_in_passing_is_not_held() {
        let value = |value: &str| ClaimKey {
            attribute: "phone".parse().unwrap(),
            value: Value::Phone(value.into()),
        };
        let (old, passing) = (value("+6591234567"), value("+6591234568"));
        let events = [
            Event::Released(old.clone()),
            Event::Claimed(passing.clone()),
            Event::Released(passing.clone()),
            Event::Claimed(old.clone()),
        ];
        assert_eq!(claim_rows(&events), (vec![old], vec![passing]));
    }
}
