//! Which message is tried when, for a driver: each is read when it comes, and again when its time has
//! come.
//!
//! While a courier is out of order, messages wait by the thousand, each for a time of its own. To read
//! all of them whenever one more comes, or one may be tried, would cost what waits and not what is due.

use std::collections::BTreeSet;

use super::drive::Pumped;
use super::{Engine, EngineError};
use crate::store::Place;
use crate::time::Timestamp;

/// New messages read at a time.
const PAGE: usize = 64;
/// No message waits longer.
const EVER: Timestamp = Timestamp::from_ms(i64::MAX);

/// The messages that wait, as one driver knows them. It may be behind: what others did with a message
/// shows when its time has come.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    /// Up to where the outbox was read.
    read: Option<Place>,
    /// What waits there, and from when on it may be tried.
    waiting: BTreeSet<(Timestamp, Place)>,
}

impl Agenda {
    /// When a message may be tried next, of those that were read.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.waiting.first().map(|(at, _)| *at)
    }
}

impl Engine {
    /// Hands up to `limit` messages to the courier: those that are new since the agenda was used last,
    /// in their order, and those whose time has come.
    ///
    /// # Errors
    /// As [`pump`](Engine::pump).
    pub(super) fn pump_by(&self, agenda: &mut Agenda, limit: usize) -> Result<Pumped, EngineError> {
        let now = self.clock.now();
        let mut pumped = Pumped::default();
        let mut left = limit;
        while left > 0 {
            let snapshot = self.store.snapshot()?;
            let page = snapshot.outbox(EVER, agenda.read, left.min(PAGE))?;
            drop(snapshot);
            if page.is_empty() {
                break;
            }
            for queued in &page {
                let again = match queued.message.not_before {
                    later if later > now => Some(later),
                    _ => {
                        left -= 1;
                        self.deliver(queued.place, &queued.message, now, &mut pumped)?
                    }
                };
                agenda.waiting.extend(again.map(|at| (at, queued.place)));
                agenda.read = Some(queued.place);
            }
        }
        while left > 0
            && let Some((at, place)) = agenda.waiting.first().copied()
            && at <= now
        {
            let message = self.store.snapshot()?.message(place)?;
            let again = match message {
                // Somebody else delivered it, or tried it since.
                None => None,
                Some(message) if message.not_before > now => Some(message.not_before),
                Some(message) => {
                    left -= 1;
                    self.deliver(place, &message, now, &mut pumped)?
                }
            };
            agenda.waiting.remove(&(at, place));
            agenda.waiting.extend(again.map(|at| (at, place)));
        }
        Ok(pumped)
    }
}
