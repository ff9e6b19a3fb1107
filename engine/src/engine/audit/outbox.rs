//! Messages that wait: each is one that a record of its account queued, word for word.

use std::collections::BTreeMap;

use super::{PAGE, Stop, Verifier};
use crate::account::{Event, OutboxMessage};
use crate::name::AccountId;
use crate::store::{Place, StoreError};
use crate::time::Timestamp;

/// The messages that wait, by account, as far as no record was found that queued them.
#[derive(Default)]
pub(super) struct Outbox(BTreeMap<AccountId, Waiting>);

/// The messages of one account.
#[derive(Default)]
pub(super) struct Waiting(Vec<OutboxMessage>);

impl Outbox {
    /// Takes out what waits for an account.
    pub(super) fn take(&mut self, id: &AccountId) -> Waiting {
        self.0.remove(id).unwrap_or_default()
    }
}

impl Waiting {
    /// Forgets the message that an event queued.
    pub(super) fn follow(&mut self, event: &Event) {
        if let Event::Queued(queued) = event
            && let Some(place) = self.0.iter().position(|waiting| says(queued, waiting))
        {
            self.0.swap_remove(place);
        }
    }

    /// Nothing is left.
    pub(super) fn check(&self) -> Result<(), Stop> {
        self.0.first().map_or(Ok(()), |message| {
            let id = &message.id;
            Err(Stop::flaw(format!(
                "message `{id}` waits, and is not as the journal tells"
            )))
        })
    }
}

/// Whether a message that waits is the one that was queued; tries that failed do not matter.
fn says(queued: &OutboxMessage, waiting: &OutboxMessage) -> bool {
    let untried = OutboxMessage {
        failures: queued.failures,
        not_before: queued.not_before,
        ..waiting.clone()
    };
    untried == *queued
}

impl Verifier<'_> {
    /// The outbox, or as much of it as is of some accounts.
    pub(super) fn outbox(&mut self, only: &[AccountId]) -> Result<(), StoreError> {
        let mut last: Option<Place> = None;
        loop {
            let page = self
                .snapshot
                .outbox(Timestamp::from_ms(i64::MAX), last, PAGE);
            let page = self.listed(page)?;
            let Some(newest) = page.last() else {
                return Ok(());
            };
            last = Some(newest.place);
            for queued in page {
                let message = queued.message;
                if only.is_empty() || only.contains(&message.account) {
                    let of = self.outbox.0.entry(message.account.clone()).or_default();
                    of.0.push(message);
                }
            }
        }
    }

    /// No message is of an account that there is not.
    pub(super) fn messages_of_nobody(&mut self) -> Result<(), StoreError> {
        for id in std::mem::take(&mut self.outbox).0.keys() {
            let nobody = Stop::flaw("it has messages and no account");
            self.note(Some(id), Err(nobody))?;
        }
        Ok(())
    }
}
