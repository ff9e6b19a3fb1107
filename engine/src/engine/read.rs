//! Looking: accounts, journals, attempts, quotas.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::journal::Journal;
use super::request::session_facts;
use super::{Engine, EngineError};
use crate::account::{Account, Attempt, Denial, Entry, QuotaKey, Revision};
use crate::decide::may_read;
use crate::expr::Type;
use crate::lifecycle::model::Quota;
use crate::name::{AccountId, AttemptId, Name};
use crate::policy::Principal;
use crate::quota::{Admission, Cells, Rule, Window};
use crate::time::{Timestamp, format_duration};

/// How much of a quota an account has used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaUse {
    /// The quota.
    pub quota: Name,
    /// Most per window.
    pub limit: u32,
    /// Used in the window that ends now.
    pub used: u32,
    /// Left in it.
    pub remaining: u32,
    /// The window, as it is written.
    pub window: String,
    /// When the next use is admitted, where none is now.
    pub next_free_at: Option<Timestamp>,
}

impl Engine {
    /// An account, read by its store's owner or by a principal that the policies allow to.
    ///
    /// # Errors
    /// [`EngineError::UnknownAccount`] to the owner; a principal gets a denial instead, inside.
    pub fn read(
        &self,
        id: &AccountId,
        reader: Option<&Principal>,
        context: &BTreeMap<String, String>,
    ) -> Result<Result<Account, Box<Denial>>, EngineError> {
        let account = self.store.snapshot()?.account(id)?;
        let Some(reader) = reader else {
            return account
                .map(|account| Ok(Arc::unwrap_or_clone(account)))
                .ok_or_else(|| EngineError::UnknownAccount(id.clone()));
        };
        let bundle = self.bundle();
        let context = session_facts(&bundle, context)?;
        let now = self.clock.now();
        Ok(may_read(&bundle, account, reader, &context, now).map(Arc::unwrap_or_clone))
    }

    /// Up to `limit` account ids after `after`, in order.
    ///
    /// # Errors
    /// When the store cannot be read; so for all methods below.
    pub fn accounts(
        &self,
        after: Option<&AccountId>,
        limit: usize,
    ) -> Result<Vec<AccountId>, EngineError> {
        Ok(self.store.snapshot()?.accounts(after, limit)?)
    }

    /// Up to `limit` journal records of an account after a revision, oldest first. Of those that
    /// were written before the account was erased only the envelope can be read.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn history(
        &self,
        id: &AccountId,
        after: Revision,
        limit: usize,
    ) -> Result<Vec<Entry>, EngineError> {
        let snapshot = self.store.snapshot()?;
        let mut journal = Journal::open(snapshot.as_ref(), &self.keys, id, after)?;
        Ok(journal.page(snapshot.as_ref(), &self.keys, limit)?)
    }

    /// An open attempt.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn attempt(&self, id: &AttemptId) -> Result<Option<Attempt>, EngineError> {
        Ok(self.store.snapshot()?.attempt(id)?)
    }

    /// The open attempts of an account, by transition.
    ///
    /// # Errors
    /// When the store cannot be read, or there is no such account.
    pub fn attempts(&self, id: &AccountId) -> Result<Vec<Attempt>, EngineError> {
        let snapshot = self.store.snapshot()?;
        let account = snapshot.account(id)?;
        let account = account.ok_or_else(|| EngineError::UnknownAccount(id.clone()))?;
        let mut attempts = Vec::new();
        for attempt in account.attempts.values() {
            attempts.extend(snapshot.attempt(attempt)?);
        }
        Ok(attempts)
    }

    /// What has been used of the quotas that are counted by an account: for itself, or, where that
    /// ever happened, by its id among others, as callers are counted. One that is counted by
    /// something else, an address say, is left out.
    ///
    /// # Errors
    /// When the store cannot be read, or there is no such account.
    pub fn quotas(&self, id: &AccountId) -> Result<Vec<QuotaUse>, EngineError> {
        let snapshot = self.store.snapshot()?;
        let account = snapshot.account(id)?;
        let account = account.ok_or_else(|| EngineError::UnknownAccount(id.clone()))?;
        let bundle = self.bundle();
        let now = self.clock.now();
        let mut uses = Vec::new();
        for (name, quota) in &bundle.lifecycle.quotas {
            let cells = if quota.is_per_account() {
                Some(account.quotas.get(name).cloned().unwrap_or_default())
            } else if *quota.key.ty() == Type::AccountId {
                let (quota, key, own) = (name.clone(), id.to_string(), false);
                let among_others = snapshot.shared(&QuotaKey { quota, key, own })?;
                (among_others.revision > 0).then_some(among_others.cells)
            } else {
                None
            };
            uses.extend(cells.and_then(|cells| usage(name, quota, &cells, now)));
        }
        Ok(uses)
    }
}

/// How much of a quota is used; `None` for a rule that loading would have refused.
fn usage(name: &Name, quota: &Quota, cells: &Cells, now: Timestamp) -> Option<QuotaUse> {
    let rule = Rule::new(quota.limit, quota.window.clone()).ok()?;
    let remaining = rule.remaining(cells, now);
    Some(QuotaUse {
        quota: name.clone(),
        limit: quota.limit,
        used: quota.limit.saturating_sub(remaining),
        remaining,
        window: match &quota.window {
            Window::Rolling(length) => format_duration(*length),
            Window::Day(zone) => format!("day in {}", zone.name()),
        },
        next_free_at: match rule.admit(cells, now) {
            Admission::Admitted { .. } => None,
            Admission::Refused { retry_at, .. } => Some(retry_at),
        },
    })
}
