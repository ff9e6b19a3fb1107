//! Erasing an account: everything personal goes, and what is left still verifies.

use super::changes::timer_rows;
use super::commit::{TRIES, backoff};
use super::journal::Journal;
use super::{Engine, EngineError};
use crate::account::{
    Account, Actor, ClaimKey, Command, Event, Outcome, Record, RecordKey, Request, Revision,
};
use crate::bundle::Bundle;
use crate::challenge::Failures;
use crate::name::{AccountId, IdempotencyKey};
use crate::store::{Changes, CommitError, KeyChange, Place, Snapshot};
use crate::time::Timestamp;
use crate::value::ValueType;

/// What an erasure did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// When it was made.
    pub at: Timestamp,
    /// Whether it had been made before; nothing was changed then.
    pub before: bool,
    /// Attributes that went.
    pub attributes: usize,
    /// Attempts that were closed.
    pub attempts: usize,
    /// Messages that will not go out.
    pub messages: usize,
    /// Answers that are not given again.
    pub answers: usize,
    /// Journal records that are closed now.
    pub sealed: usize,
    /// Journal records in the clear, which the first versions wrote: they stay as they are.
    pub clear: usize,
}

/// What is found out before an account is erased.
#[derive(Default)]
struct Found {
    answers: Vec<IdempotencyKey>,
    messages: Vec<Place>,
    claims: Vec<ClaimKey>,
    sealed: usize,
    clear: usize,
}

/// Rows read at a time.
const PAGE: usize = 64;

impl Engine {
    /// Erases everything personal about an account, as the store's owner, and destroys the key that
    /// its journal is sealed under. Nobody can undo it. What was delivered is delivered, and a copy
    /// of the store that was made before still holds everything.
    ///
    /// # Errors
    /// [`EngineError::UnknownAccount`], or when the engine cannot answer.
    pub fn erase(&self, id: &AccountId) -> Result<Erasure, EngineError> {
        for lost in 0..TRIES {
            let (changes, erasure) = {
                let snapshot = self.store.snapshot()?;
                let account = snapshot.account(id)?;
                let account = account.ok_or_else(|| EngineError::UnknownAccount(id.clone()))?;
                if let Some(at) = account.erased_at {
                    return Ok(Erasure::made_before(at));
                }
                let found = self.find(snapshot.as_ref(), &account)?;
                self.erasing(&account, found)?
            };
            match self.store.commit(changes) {
                Ok(()) => {
                    self.data_keys.forget(id);
                    return Ok(erasure);
                }
                Err(CommitError::Conflict) => std::thread::sleep(backoff(lost)),
                Err(CommitError::Busy) => return Err(EngineError::Busy),
                Err(CommitError::Store(error)) => return Err(error.into()),
            }
        }
        Err(EngineError::Contended)
    }

    fn find(&self, snapshot: &dyn Snapshot, account: &Account) -> Result<Found, EngineError> {
        let mut found = Found::default();
        let mut journal = Journal::open(snapshot, &self.keys, &account.id, Revision(0))?;
        loop {
            let page = journal.page(snapshot, &self.keys, PAGE)?;
            if page.is_empty() {
                break;
            }
            for entry in page {
                match entry.is_clear {
                    true => found.clear += 1,
                    false => found.sealed += 1,
                }
                found
                    .answers
                    .extend(entry.record.and_then(|it| it.kept_under));
            }
        }
        let mut last = None;
        loop {
            let page = snapshot.outbox(Timestamp::from_ms(i64::MAX), last, PAGE)?;
            let Some(newest) = page.last() else { break };
            last = Some(newest.place);
            let own = page.iter().filter(|it| it.message.account == account.id);
            found.messages.extend(own.map(|queued| queued.place));
        }
        for (attribute, value) in &account.attributes {
            let (attribute, value) = (attribute.clone(), value.clone());
            let claim = ClaimKey { attribute, value };
            if snapshot.holders(&claim)?.contains(&account.id) {
                found.claims.push(claim);
            }
        }
        Ok(found)
    }

    fn erasing(&self, account: &Account, found: Found) -> Result<(Changes, Erasure), EngineError> {
        let (definition, now) = (self.definition(), self.clock.now());
        let mut left = left_of(account, &definition.bundle, now);
        let erasure = Erasure {
            at: now,
            before: false,
            attributes: account.attributes.len() - left.attributes.len(),
            attempts: account.attempts.len(),
            messages: found.messages.len(),
            answers: found.answers.len(),
            sealed: found.sealed,
            clear: found.clear,
        };
        let record = Record {
            revision: account.revision.next(),
            at: now,
            previous: account.head,
            bundle: definition.bundle.fingerprint,
            seed: self.seed(&account.id, account.revision)?,
            request: Request {
                account: account.id.clone(),
                actor: Actor::Owner,
                context: Default::default(),
                command: Command::Erase,
                drawn: None,
            },
            outcome: Outcome::Applied { moves: Vec::new() },
            gates: Vec::new(),
            events: vec![Event::Erased {
                left: Box::new(left.clone()),
            }],
            kept_under: None,
        };
        // It tells nothing personal, and proves the chain when nothing before it opens any more.
        let stored = record.seal(&account.id, None, RecordKey::Ring(&self.keys));
        let stored = stored.map_err(|error| EngineError::Record(error.to_string()))?;
        left.revision = record.revision;
        left.head = stored.digest();
        let (timers_armed, timers_disarmed) = timer_rows(Some(account), &left);
        let changes = Changes {
            account: left,
            expected: Some(account.revision),
            record: stored,
            data_key: KeyChange::Destroy,
            bundle: definition.stored.clone(),
            attempts_put: Vec::new(),
            attempts_removed: account.attempts.values().cloned().collect(),
            timers_armed,
            timers_disarmed,
            queued: Vec::new(),
            shared: Vec::new(),
            claims_seen: Vec::new(),
            claimed: Vec::new(),
            released: found.claims,
            remember: None,
            forgotten: found.answers,
            dropped: found.messages,
        };
        Ok((changes, erasure))
    }
}

impl Erasure {
    fn made_before(at: Timestamp) -> Self {
        Self {
            at,
            before: true,
            attributes: 0,
            attempts: 0,
            messages: 0,
            answers: 0,
            sealed: 0,
            clear: 0,
        }
    }
}

/// What is left of an account: attributes that are declared and neither personal nor secret, its
/// states, and when it did what.
fn left_of(account: &Account, bundle: &Bundle, now: Timestamp) -> Account {
    let mut left = account.clone();
    let declared = &bundle.lifecycle.attributes;
    left.attributes.retain(|name, _| {
        let known = declared.get(name);
        known.is_some_and(|known| !known.personal && known.ty != ValueType::Secret)
    });
    left.failures = Failures::default();
    left.attempts.clear();
    left.obligations.clear();
    left.timers.clear();
    left.waiting.clear();
    left.authenticators.clear();
    left.erased_at = Some(now);
    left
}
