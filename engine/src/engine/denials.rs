//! Keeping denials: the newest of each account, and of requests about accounts that do not exist.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::{Engine, EngineError, ReadError};
use crate::account::{Actor, Command, Denial, Refusal, prove_head};
use crate::challenge::KeyRing;
use crate::name::{AccountId, Name};
use crate::store::{CommitError, DenialHead, DenialRing, NewDenial, Snapshot};
use crate::throttle::Throttles;
use crate::time::Timestamp;

/// How many denials are kept. More than that nobody can make a store keep by asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DenialOptions {
    /// The newest so many of each account, and of requests about accounts that do not exist; with
    /// none, denials are not kept at all.
    pub kept: u32,
    /// At most so many a minute of one principal about one account; those beyond it are counted, and
    /// the next one that is kept tells how many they were. What is asked about other accounts does
    /// not count, so that nobody can hide one denial behind many.
    pub per_minute: u32,
}

impl Default for DenialOptions {
    /// 100 of each account, 60 a minute of one principal about it.
    fn default() -> Self {
        Self {
            kept: 100,
            per_minute: 60,
        }
    }
}

/// A denial that was kept, with its number in its ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptDenial {
    /// Its number.
    pub number: u64,
    /// What it says.
    pub refusal: Refusal,
}

/// What decides whether a denial is kept, and counts those that are not.
pub(super) struct Denials {
    options: DenialOptions,
    rates: Throttles,
    uncounted: Mutex<BTreeMap<DenialRing, u64>>,
}

/// Tries before a denial is only counted. Each lost race means that another one was kept.
const TRIES: u32 = 4;
/// Rings whose uncounted denials are told apart; beyond them they count as strangers'.
const RINGS_MAX: usize = 10_000;
const MINUTE: Duration = Duration::from_secs(60);

impl Denials {
    pub(super) fn new(options: DenialOptions) -> Self {
        Self {
            options,
            rates: Throttles::new(),
            uncounted: Mutex::default(),
        }
    }

    /// Whether one more denial of somebody is kept in a ring.
    fn admits(&self, ring: &DenialRing, by: &str, now: Timestamp) -> bool {
        let Ok(name) = "denials".parse::<Name>() else {
            return false;
        };
        let rate = self.options.per_minute;
        // No account's id has a blank in it.
        let key = format!("{} {by}", ring_name(ring));
        self.rates.check(&name, &key, rate, MINUTE, now).is_ok()
    }

    fn count(&self, ring: &DenialRing, more: u64) {
        let mut counts = self.counts();
        let is_known = counts.len() < RINGS_MAX || counts.contains_key(ring);
        let ring = if is_known {
            ring
        } else {
            &DenialRing::Strangers
        };
        let count = counts.entry(ring.clone()).or_default();
        *count = count.saturating_add(more);
    }

    fn counts(&self) -> std::sync::MutexGuard<'_, BTreeMap<DenialRing, u64>> {
        self.uncounted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// Keeps a denial, unless there are too many. What the engine asks of itself is not kept: it is
    /// asked again at every tick.
    ///
    /// `known` is the account it is about, where there is one; `named` the one that was asked about.
    pub(super) fn keep_denial(
        &self,
        (actor, command): (&Actor, &Command),
        known: Option<&AccountId>,
        named: Option<&AccountId>,
        denial: &Denial,
    ) -> Result<(), EngineError> {
        if matches!(actor, Actor::System) || self.denials.options.kept == 0 {
            return Ok(());
        }
        let ring = match known {
            Some(id) => DenialRing::Account(id.clone()),
            None => DenialRing::Strangers,
        };
        let now = self.clock.now();
        let bundle = self.definition().bundle.fingerprint;
        let asked = (actor, command);
        let mut refusal = Refusal::new(now, asked, named.cloned(), denial, bundle);
        if !self.denials.admits(&ring, &refusal.by, now) {
            self.denials.count(&ring, 1);
            return Ok(());
        }
        refusal.uncounted = self.denials.counts().remove(&ring).unwrap_or_default();
        let uncounted = refusal.uncounted;
        for _ in 0..TRIES {
            match self.store.keep_denial(self.next(&ring, &refusal)?) {
                Ok(()) => return Ok(()),
                Err(CommitError::Conflict) => {}
                Err(CommitError::Busy) => break,
                Err(CommitError::Store(error)) => return Err(error.into()),
            }
        }
        self.denials.count(&ring, uncounted.saturating_add(1));
        Ok(())
    }

    fn next(&self, ring: &DenialRing, refusal: &Refusal) -> Result<NewDenial, EngineError> {
        let head = self.store.snapshot()?.denial_head(ring)?;
        let (oldest, newest) = head.map_or((1, 0), |head| (head.oldest, head.newest));
        let newest = newest.saturating_add(1);
        let kept = u64::from(self.denials.options.kept);
        let oldest = oldest.max(newest.saturating_sub(kept).saturating_add(1));
        let name = ring_name(ring);
        let bytes = refusal.seal(&self.keys, name, newest);
        Ok(NewDenial {
            ring: ring.clone(),
            bytes: bytes.map_err(|error| EngineError::Record(error.to_string()))?,
            head: DenialHead {
                oldest,
                newest,
                proof: prove_head(&self.keys, name, (oldest, newest)),
            },
        })
    }

    /// Denials that were kept of requests about an account, or, without one, about accounts that do
    /// not exist; oldest first.
    ///
    /// # Errors
    /// When the store cannot be read, or one of them was changed.
    pub fn denials(&self, account: Option<&AccountId>) -> Result<Vec<KeptDenial>, EngineError> {
        let snapshot = self.store.snapshot()?;
        let ring = match account {
            Some(id) => DenialRing::Account(id.clone()),
            None => DenialRing::Strangers,
        };
        Ok(kept(snapshot.as_ref(), &self.keys, &ring)?)
    }
}

/// The denials of a ring, oldest first.
pub(super) fn kept(
    snapshot: &dyn Snapshot,
    keys: &KeyRing,
    ring: &DenialRing,
) -> Result<Vec<KeptDenial>, ReadError> {
    let stored = snapshot.denials(ring, 0, usize::MAX)?;
    let read = stored.into_iter().map(|denial| {
        let (number, name) = (denial.number, ring_name(ring));
        let refusal = Refusal::open(&denial.bytes, keys, name, number);
        refusal
            .map(|refusal| KeptDenial { number, refusal })
            .map_err(|error| ReadError::Denials {
                of: told(ring),
                error,
            })
    });
    read.collect()
}

/// What a ring is called where its denials are proved; no account's id is empty.
pub(super) fn ring_name(ring: &DenialRing) -> &str {
    match ring {
        DenialRing::Strangers => "",
        DenialRing::Account(id) => id.as_str(),
    }
}

/// What a ring is called where people read it.
pub(super) fn told(ring: &DenialRing) -> String {
    match ring {
        DenialRing::Strangers => "accounts that do not exist".to_owned(),
        DenialRing::Account(id) => format!("`{id}`"),
    }
}
