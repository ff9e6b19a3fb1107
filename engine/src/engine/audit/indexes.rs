//! Rows beside the accounts: each timer, attempt and claim belongs to the account that it names.

use std::collections::{BTreeMap, BTreeSet};

use super::{PAGE, Stop, Verifier};
use crate::account::{Account, Attempt, ClaimKey, Timer};
use crate::name::AccountId;
use crate::store::{Due, RecordNumber, StoreError};
use crate::time::Timestamp;

/// What the index of timers holds, by account.
#[derive(Default)]
pub(super) struct Timers(BTreeMap<AccountId, BTreeSet<(Timestamp, Timer)>>);

impl Timers {
    /// An account's timers are those in the index.
    pub(super) fn check(&self, account: &Account) -> Result<(), Stop> {
        let none = BTreeSet::new();
        let indexed = self.0.get(&account.id).unwrap_or(&none);
        for (timer, due) in &account.timers {
            if !indexed.contains(&(*due, timer.clone())) {
                return Err(Stop::flaw(format!("{timer}, due {due}, will never happen")));
            }
        }
        match indexed
            .iter()
            .find(|(at, timer)| account.timers.get(timer) != Some(at))
        {
            Some((due, timer)) => Err(Stop::flaw(format!("{timer}, due {due}, is not its own"))),
            None => Ok(()),
        }
    }
}

impl Verifier<'_> {
    /// The index of timers, or as much of it as is of some accounts.
    pub(super) fn timers(&mut self, only: &[AccountId]) -> Result<Timers, StoreError> {
        let mut timers = Timers::default();
        let mut last: Option<Due> = None;
        loop {
            let page = self
                .snapshot
                .due(Timestamp::from_ms(i64::MAX), last.as_ref(), PAGE);
            let page = self.listed(page)?;
            let Some(newest) = page.last() else { break };
            last = Some(newest.clone());
            for due in page {
                if only.is_empty() || only.contains(&due.account) {
                    let of = timers.0.entry(due.account).or_default();
                    of.insert((due.at, due.timer));
                }
            }
        }
        Ok(timers)
    }

    /// Every attempt, claim, timer and record is of an account that has it.
    pub(super) fn indexes(&mut self, timers: &Timers) -> Result<(), StoreError> {
        for id in timers.0.keys() {
            if !self.exists(id)? {
                self.note(Some(id), Err(Stop::flaw("it has timers and no account")))?;
            }
        }
        let attempts = self.all_attempts();
        self.note(None, attempts)?;
        let claims = self.all_claims();
        self.note(None, claims)?;
        let records = self.all_records();
        self.note(None, records)
    }

    fn all_attempts(&mut self) -> Result<(), Stop> {
        let mut last: Option<Attempt> = None;
        loop {
            let after = last.as_ref().map(|attempt| &attempt.id);
            let page = self.snapshot.attempts(after, PAGE)?;
            if page.is_empty() {
                return Ok(());
            }
            for attempt in &page {
                let account = self.snapshot.account(&attempt.account)?;
                let open = account
                    .as_ref()
                    .and_then(|it| it.attempts.get(&attempt.transition));
                if open != Some(&attempt.id) {
                    let what = format!("attempt `{}` is not one of its open ones", attempt.id);
                    self.note(Some(&attempt.account), Err(Stop::flaw(what)))?;
                }
            }
            last = page.into_iter().next_back();
        }
    }

    fn all_claims(&mut self) -> Result<(), Stop> {
        let mut last: Option<ClaimKey> = None;
        loop {
            let page = self.snapshot.claims(last.as_ref(), PAGE)?;
            if page.is_empty() {
                return Ok(());
            }
            for (claim, holders) in &page {
                for holder in holders {
                    let account = self.snapshot.account(holder)?;
                    let value = account
                        .as_ref()
                        .and_then(|it| it.attributes.get(&claim.attribute));
                    if value != Some(&claim.value) {
                        let attribute = &claim.attribute;
                        let what =
                            format!("it claims a value of `{attribute}` that it does not have");
                        self.note(Some(holder), Err(Stop::flaw(what)))?;
                    }
                }
            }
            last = page.into_iter().next_back().map(|(claim, _)| claim);
        }
    }

    /// Every record is one of its account's journal: where there are as many as were followed account by
    /// account, these are all.
    fn all_records(&mut self) -> Result<(), Stop> {
        let (mut last, mut count) = (RecordNumber::default(), 0_u64);
        loop {
            let page = self.snapshot.records(last, PAGE)?;
            let Some(newest) = page.last() else { break };
            last = newest.number;
            for found in &page {
                count += 1;
                let wrong = match self.snapshot.account(&found.account) {
                    Ok(None) => "it has a journal and no account",
                    Ok(Some(account)) if account.revision < found.record.revision => {
                        "it has a record that is newer than its newest"
                    }
                    Ok(Some(_)) | Err(StoreError::Damaged(_)) => continue,
                    Err(error) => return Err(error.into()),
                };
                self.note(Some(&found.account), Err(Stop::flaw(wrong)))?;
            }
        }
        let known = self.found.records;
        if self.found.flaws.is_empty() && (count, count) != (known, last.0) {
            let what = format!(
                "{count} of {} records are there, and journals have {known}",
                last.0
            );
            return Err(Stop::flaw(what));
        }
        Ok(())
    }
}
