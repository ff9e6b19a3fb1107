//! Auditing a store: whether what it says of its past holds together, and whether the decisions
//! that it records come out the same when they are made again.

mod account;
mod denials;
mod indexes;
mod outbox;
mod shared;

use std::collections::BTreeSet;

use self::outbox::Outbox;
use self::shared::Spendings;
use super::replay::{Redecided, Replay, Under};
use super::{Engine, EngineError};
use crate::account::{Digest, JournalError, Revision};
use crate::bundle::fingerprint_of;
use crate::challenge::KeyRing;
use crate::name::{AccountId, Name};
use crate::store::{DenialRing, Snapshot, StoreError};

/// Something that does not hold together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Whose journal, row or denials; `None` where it is nobody's.
    pub account: Option<AccountId>,
    /// The first record of the journal that is broken, where it is one.
    pub revision: Option<Revision>,
    /// What does not hold.
    pub what: String,
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verified {
    /// Accounts that were looked at.
    pub accounts: u64,
    /// How many of them are erased: of their records only the chain can be checked.
    pub erased: u64,
    /// Journal records.
    pub records: u64,
    /// How many of them are in the clear, as the first versions wrote them.
    pub clear: u64,
    /// Denials.
    pub denials: u64,
    /// What does not hold together, the first of each account.
    pub flaws: Vec<Flaw>,
    /// Digest of the ids and heads of all accounts that were looked at. Kept elsewhere it shows, as
    /// long as nothing was decided since, that nobody put an older copy in the store's place.
    pub head: Digest,
}

/// Rows read at a time.
const PAGE: usize = 64;
/// More flaws than that are not listed.
const FLAWS_MAX: usize = 1_000;

/// Verifies a store of a lifecycle's accounts, or only some accounts of it: every record is opened and
/// follows the one before, all of them together make the account as it is stored, and attempts, timers,
/// claims, denials and messages that wait are those that they tell of. Where all accounts are looked
/// at, so are the cells of quotas that they share. `tell` hears how many accounts were looked at so far.
///
/// What a verification cannot know: whether the whole store was replaced by an older copy of itself;
/// keep [`Verified::head`] elsewhere to know that, too. Nor does it look for what may be gone for good
/// reasons: messages that were delivered, and kept answers.
///
/// # Errors
/// When the store cannot be read. What can be read and is damaged is a flaw.
pub fn verify(
    snapshot: &dyn Snapshot,
    (keys, lifecycle): (&KeyRing, &Name),
    only: &[AccountId],
    tell: &mut dyn FnMut(u64),
) -> Result<Verified, StoreError> {
    let mut verifier = Verifier {
        snapshot,
        keys,
        lifecycle,
        found: Verified::default(),
        heads: Vec::new(),
        bundles: BTreeSet::new(),
        outbox: Outbox::default(),
        spendings: Spendings::default(),
    };
    verifier.bundles()?;
    verifier.outbox(only)?;
    let timers = verifier.timers(only)?;
    if only.is_empty() {
        let mut last: Option<AccountId> = None;
        loop {
            let page = verifier.listed(snapshot.accounts(last.as_ref(), PAGE))?;
            let Some(newest) = page.last() else { break };
            last = Some(newest.clone());
            for id in &page {
                verifier.account(id, &timers)?;
                tell(verifier.found.accounts);
            }
        }
        verifier.indexes(&timers)?;
        verifier.messages_of_nobody()?;
        verifier.shared()?;
        verifier.rings()?;
    } else {
        for id in only {
            verifier.account(id, &timers)?;
            tell(verifier.found.accounts);
        }
    }
    verifier.found.head = Digest::of(&verifier.heads);
    Ok(verifier.found)
}

impl Engine {
    /// Verifies the store, or only some accounts of it: see [`verify`].
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn verify(
        &self,
        only: &[AccountId],
        tell: &mut dyn FnMut(u64),
    ) -> Result<Verified, EngineError> {
        let snapshot = self.store.snapshot()?;
        let bundle = self.bundle();
        let known = (&self.keys, &bundle.lifecycle.name);
        Ok(verify(snapshot.as_ref(), known, only, tell)?)
    }

    /// Makes every recorded decision again with the definition that made it, and tells each. Says
    /// how many records could not be opened, because their accounts are erased.
    ///
    /// # Errors
    /// When the store cannot be read, or a journal does not hold together.
    pub fn replay(&self, tell: &mut dyn FnMut(Redecided<'_>)) -> Result<u64, EngineError> {
        let (header, snapshot) = (self.store.header()?, self.store.snapshot()?);
        let mut replay = Replay::new(snapshot.as_ref(), header, &self.keys).knowing(self.bundle());
        replay.run(Under::ItsOwn, tell)?;
        Ok(replay.closed())
    }
}

struct Verifier<'v> {
    snapshot: &'v dyn Snapshot,
    keys: &'v KeyRing,
    lifecycle: &'v Name,
    found: Verified,
    /// The hash of each account's id and head, one after another: bounded, as they are hashed.
    heads: Vec<u8>,
    /// The definitions that are kept.
    bundles: BTreeSet<Digest>,
    /// The messages that wait.
    outbox: Outbox,
    /// What the records looked at so far spent of quotas that accounts share.
    spendings: Spendings,
}

/// Why looking at something ends.
enum Stop {
    Flaw(Option<Revision>, String),
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Damaged(what) => Self::Flaw(None, what),
            other => Self::Store(other),
        }
    }
}

impl Stop {
    /// A record that cannot be read, or does not follow.
    fn record(revision: Revision, error: &JournalError) -> Self {
        Self::Flaw(Some(revision), error.to_string())
    }

    fn flaw(what: impl Into<String>) -> Self {
        Self::Flaw(None, what.into())
    }
}

impl Verifier<'_> {
    /// Notes what stopped looking at something of an account.
    fn note(
        &mut self,
        account: Option<&AccountId>,
        end: Result<(), Stop>,
    ) -> Result<(), StoreError> {
        match end {
            Ok(()) => Ok(()),
            Err(Stop::Store(error)) => Err(error),
            Err(Stop::Flaw(revision, what)) => {
                if self.found.flaws.len() < FLAWS_MAX {
                    self.found.flaws.push(Flaw {
                        account: account.cloned(),
                        revision,
                        what,
                    });
                }
                Ok(())
            }
        }
    }

    /// Whether there is an account; one whose row is damaged is there.
    fn exists(&self, id: &AccountId) -> Result<bool, StoreError> {
        match self.snapshot.account(id) {
            Ok(account) => Ok(account.is_some()),
            Err(StoreError::Damaged(_)) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Rows that were listed; none where one of them is damaged, which is noted.
    fn listed<T>(&mut self, rows: Result<Vec<T>, StoreError>) -> Result<Vec<T>, StoreError> {
        match rows {
            Err(StoreError::Damaged(what)) => {
                self.note(None, Err(Stop::flaw(what)))?;
                Ok(Vec::new())
            }
            other => other,
        }
    }

    /// The definitions that decided are those that their fingerprints name.
    fn bundles(&mut self) -> Result<(), StoreError> {
        for fingerprint in self.listed(self.snapshot.bundles())? {
            let looked = self.bundle(&fingerprint);
            self.note(None, looked)?;
            self.bundles.insert(fingerprint);
        }
        Ok(())
    }

    fn bundle(&self, fingerprint: &Digest) -> Result<(), Stop> {
        let kept = self.snapshot.bundle(fingerprint)?;
        match kept.map(|kept| fingerprint_of(&kept.files)) {
            Some(found) if found == *fingerprint => Ok(()),
            _ => Err(Stop::flaw(format!(
                "the definition {fingerprint} was changed"
            ))),
        }
    }

    /// Every ring of denials that is no account's that was looked at.
    fn rings(&mut self) -> Result<(), StoreError> {
        let strangers = self.ring(&DenialRing::Strangers);
        self.note(None, strangers)?;
        let mut last: Option<DenialRing> = None;
        loop {
            let page = self.listed(self.snapshot.denial_rings(last.as_ref(), PAGE))?;
            let Some(newest) = page.last() else { break };
            last = Some(newest.clone());
            for ring in page {
                let DenialRing::Account(id) = &ring else {
                    continue;
                };
                if !self.exists(id)? {
                    let nobody = Stop::flaw("it has denials and no account");
                    self.note(Some(id), Err(nobody))?;
                }
            }
        }
        Ok(())
    }
}
