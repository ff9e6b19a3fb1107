//! Cells of quotas that accounts share: each row is one that the records make.
//!
//! Journals are followed account by account, which does not tell in which order accounts spent what they
//! share; records of older versions have no order at all, and those of erased accounts do not open. So a
//! row is held to what is the same in every order: how often it was spent, which uses it holds, and how
//! many of them. It may be gone, or have begun anew, where all that it held was over when cells were
//! last swept.

use std::collections::BTreeMap;

use super::{PAGE, Stop, Verifier};
use crate::account::{Entry, Event, QuotaKey};
use crate::bundle::Bundle;
use crate::name::Name;
use crate::quota::{CellChange, Reckoning, Window};
use crate::store::{SharedCells, StoreError};
use crate::time::Timestamp;

/// What the records tell of quotas that accounts share.
#[derive(Default)]
pub(super) struct Spendings {
    /// By key: what each record that spent it changed.
    told: BTreeMap<QuotaKey, Vec<Vec<CellChange>>>,
    /// Whether there are records that do not open, so that others may have spent something, too.
    lost: bool,
}

/// The windows that each quota had, by all definitions that are kept.
type Windows = BTreeMap<Name, Vec<Window>>;

/// When cells were swept last.
#[derive(Clone, Copy)]
struct Sweeps<'w> {
    /// What was over at this instant may be gone; nothing, where there is none.
    over: Option<Timestamp>,
    /// How long that takes; it is not known where a definition does not load any more.
    windows: Option<&'w Windows>,
}

impl Spendings {
    /// Notes what a record spent.
    pub(super) fn follow(&mut self, entry: &Entry) {
        let Some(record) = &entry.record else {
            self.lose();
            return;
        };
        let mut spent: BTreeMap<&QuotaKey, Vec<CellChange>> = BTreeMap::new();
        for event in &record.events {
            if let Event::QuotaSpent { key, change } = event
                && !key.own
            {
                spent.entry(key).or_default().push(change.clone());
            }
        }
        for (key, changes) in spent {
            self.told.entry(key.clone()).or_default().push(changes);
        }
    }

    /// Notes that there are records that cannot be followed.
    pub(super) fn lose(&mut self) {
        self.lost = true;
    }
}

impl Verifier<'_> {
    /// Every row of shared cells is one that the records make, and none is missing.
    pub(super) fn shared(&mut self) -> Result<(), StoreError> {
        let mut spendings = std::mem::take(&mut self.spendings);
        let over = self.snapshot.swept()?.over;
        let windows = over.map(|_| self.windows()).transpose()?.flatten();
        let windows = windows.as_ref();
        let sweeps = Sweeps { over, windows };
        let mut last: Option<QuotaKey> = None;
        loop {
            let page = self.listed(self.snapshot.shared_keys(last.as_ref(), PAGE))?;
            let Some((newest, _)) = page.last() else {
                break;
            };
            last = Some(newest.clone());
            for (key, row) in page {
                let told = spendings.told.remove(&key).unwrap_or_default();
                let looked = sweeps.check(&key, &row, &told, spendings.lost);
                self.note(None, looked)?;
            }
        }
        for (key, told) in &spendings.told {
            let looked = sweeps.check(key, &SharedCells::default(), told, spendings.lost);
            self.note(None, looked)?;
        }
        Ok(())
    }

    fn windows(&self) -> Result<Option<Windows>, StoreError> {
        let mut windows = Windows::new();
        for fingerprint in &self.bundles {
            let kept = self.snapshot.bundle(fingerprint)?;
            let loaded = kept.and_then(|it| Bundle::load_again(&it.files, self.lifecycle).ok());
            let Some(bundle) = loaded else {
                return Ok(None);
            };
            for (name, quota) in &bundle.lifecycle.quotas {
                let of = windows.entry(name.clone()).or_default();
                of.push(quota.window.clone());
            }
        }
        Ok(Some(windows))
    }
}

impl Sweeps<'_> {
    /// A row of cells against what each record told that spent them.
    fn check(
        self,
        key: &QuotaKey,
        row: &SharedCells,
        told: &[Vec<CellChange>],
        lost: bool,
    ) -> Result<(), Stop> {
        let flaw = |what: String| Err(Stop::flaw(format!("quota {key:?}: {what}")));
        let all = Reckoning::of(told.iter().flatten());
        let fresh: Vec<_> = told
            .iter()
            .filter(|spent| !self.may_be_gone(&key.quota, spent, &all))
            .collect();
        let times = usize::try_from(row.revision).unwrap_or(usize::MAX);
        // A clock that was wrong by more than a window may have dated what was over long ago.
        if times < fresh.len() && !all.is_remade() {
            let fresh = fresh.len();
            return flaw(format!(
                "it was spent {fresh} times, and its row tells of {times}"
            ));
        }
        if lost {
            return Ok(());
        }
        if times > told.len() {
            let told = told.len();
            return flaw(format!(
                "its row tells of {times} times, and records of {told}"
            ));
        }
        if !all.may_hold(&row.cells) {
            return flaw("its row holds uses that no record tells of".to_owned());
        }
        let begun = Reckoning::of(fresh.iter().copied().flatten());
        // Since when the row is there is known where nothing was swept, or all that could be.
        let made = match times {
            _ if times == told.len() => all.may_make(&row.cells),
            _ if times == fresh.len() => begun.may_make(&row.cells),
            _ => all
                .let_go()
                .is_none_or(|most| begun.lacking(&row.cells) <= most),
        };
        match made {
            true => Ok(()),
            false => flaw("its row holds other uses than records tell of".to_owned()),
        }
    }

    /// Whether what a record spent may have been swept.
    fn may_be_gone(self, quota: &Name, spent: &[CellChange], all: &Reckoning) -> bool {
        let Some(over) = self.over else {
            return false;
        };
        let Some(windows) = self.windows else {
            return true;
        };
        let mut windows = windows.get(quota).into_iter().flatten();
        windows.any(|window| {
            let mut changes = spent.iter();
            changes.all(|change| all.may_be_over(change, window, over))
        })
    }
}
