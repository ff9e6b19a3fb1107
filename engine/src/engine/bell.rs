//! Waking those who wait for something to be committed.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Counts rings, and lets threads sleep until the next.
#[derive(Debug, Default)]
pub(super) struct Bell {
    rings: Mutex<u64>,
    rung: Condvar,
}

impl Bell {
    /// Wakes everybody.
    pub(super) fn ring(&self) {
        let mut rings = self.rings.lock().unwrap_or_else(PoisonError::into_inner);
        *rings = rings.wrapping_add(1);
        self.rung.notify_all();
    }

    /// How often it rang: to be noted before looking for work, so that no ring is missed.
    pub(super) fn rings(&self) -> u64 {
        *self.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sleeps until it has rung since it had rung `heard` times, or so long.
    pub(super) fn wait(&self, heard: u64, at_most: Duration) {
        let rings = self.rings.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .rung
            .wait_timeout_while(rings, at_most, |rings| *rings == heard);
        drop(waited);
    }

    /// Sleeps so long, whatever rings, unless `over` says that it is over.
    pub(super) fn rest(&self, length: Duration, over: impl Fn() -> bool) {
        let end = Instant::now() + length;
        loop {
            let heard = self.rings();
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || over() {
                break;
            }
            self.wait(heard, left);
        }
    }
}
