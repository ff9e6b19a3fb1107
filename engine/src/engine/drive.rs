//! Letting time pass and messages out: due timers and the outbox. Both are idempotent: they may be
//! stopped anywhere and run again, also by several processes at once.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Engine, EngineError};
use crate::account::{Actor, Answer, Command, Gate, OutboxBody, OutboxMessage, Outcome, Request};
use crate::challenge::{UnknownKey, derive};
use crate::courier::{self, CourierError, SecretText};
use crate::decide::NOT_DUE;
use crate::name::MessageId;
use crate::store::{Delivery, Due, Place};
use crate::time::Timestamp;

/// What a tick did.
#[derive(Debug, Clone, Default)]
pub struct Ticked {
    /// The timers that had their effect, each with the engine's answer.
    pub fired: Vec<(Due, Answer)>,
    /// Timers that were due and could not have their effect, because a guard does not hold: they
    /// were put off.
    pub waiting: Vec<Due>,
    /// Timers of accounts that were changed too often just then. They are due still.
    pub contended: Vec<Due>,
    /// Rows that were removed because they can have no effect any more: kept answers, and cells of
    /// quotas that accounts share.
    pub swept: usize,
}

/// What a pump did.
#[derive(Debug, Clone, Default)]
pub struct Pumped {
    /// Messages that a courier accepted.
    pub delivered: Vec<MessageId>,
    /// Messages that it did not, and why. They stay, and are tried again later.
    pub failed: Vec<(MessageId, DeliveryError)>,
    /// Messages that were dropped, because the code they carry had expired unsent.
    pub expired: Vec<MessageId>,
}

/// Why a message did not go out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// The courier did not take it.
    #[error(transparent)]
    Courier(#[from] CourierError),
    /// The code that it carries cannot be derived.
    #[error(transparent)]
    Code(#[from] UnknownKey),
}

impl DeliveryError {
    /// Whether trying again is of no use until somebody has changed something: the message, the
    /// courier's settings, the keys.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Courier(error) => error.is_permanent(),
            Self::Code(_) => true,
        }
    }
}

/// Rows read at a time.
const PAGE: usize = 64;

/// Waits between deliveries of one message: 5 s, doubled at each failure, at most an hour, and that
/// at once where trying again is of no use. No message is given up: whoever mends what is wrong
/// finds it waiting.
const RETRY_FIRST: Duration = Duration::from_secs(5);
const RETRY_MAX: Duration = Duration::from_secs(3_600);

impl Engine {
    /// Lets up to `limit` due timers have their effect. Those that wait for a guard do not count, so
    /// that they cannot hold up the ones behind them. Once a minute, some of what can have no effect
    /// any more is removed besides.
    ///
    /// # Errors
    /// When the engine cannot answer; what has happened by then has happened.
    pub fn tick(&self, limit: usize) -> Result<Ticked, EngineError> {
        self.tick_looking_at(limit, usize::MAX)
    }

    /// The same, looking at so many timers at most, whether they have their effect or not.
    pub(super) fn tick_looking_at(
        &self,
        limit: usize,
        mut looks: usize,
    ) -> Result<Ticked, EngineError> {
        let now = self.clock.now();
        let mut ticked = Ticked::default();
        let mut last: Option<Due> = None;
        loop {
            let left = limit.saturating_sub(ticked.fired.len()).min(looks);
            let page = self
                .store
                .snapshot()?
                .due(now, last.as_ref(), left.min(PAGE))?;
            let Some(newest) = page.last() else { break };
            last = Some(newest.clone());
            looks = looks.saturating_sub(page.len());
            for due in page {
                self.fire(due, &mut ticked)?;
            }
        }
        ticked.swept = self.sweep(now)?;
        Ok(ticked)
    }

    fn fire(&self, due: Due, ticked: &mut Ticked) -> Result<(), EngineError> {
        let request = Request {
            account: due.account.clone(),
            actor: Actor::System,
            context: BTreeMap::new(),
            command: Command::Fire {
                timer: due.timer.clone(),
            },
            drawn: None,
        };
        let answer = match self.carry_out(&|_| Ok(Ok(request.clone())), None) {
            // One account must not keep the others from their time.
            Err(EngineError::Contended) => {
                ticked.contended.push(due);
                return Ok(());
            }
            answer => answer?,
        };
        match &answer.outcome {
            Outcome::Applied { .. } | Outcome::Pending { .. } => ticked.fired.push((due, answer)),
            // Somebody else let it have its effect, or changed the account, after it was listed; or
            // the clock was set back.
            Outcome::Denied(denial) if denial.gate == Gate::State && denial.code == NOT_DUE => {}
            Outcome::Denied(_) => ticked.waiting.push(due),
        }
        Ok(())
    }

    /// Hands up to `limit` committed messages to the courier.
    ///
    /// A message is delivered at least once: if the process dies between the courier's word and the
    /// store's, it goes out again under the same id.
    ///
    /// # Errors
    /// When the store fails; what was delivered by then is delivered.
    pub fn pump(&self, limit: usize) -> Result<Pumped, EngineError> {
        let now = self.clock.now();
        let mut pumped = Pumped::default();
        let mut last: Option<Place> = None;
        let mut left = limit;
        while left > 0 {
            let page = self.store.snapshot()?.outbox(now, last, left.min(PAGE))?;
            let Some(newest) = page.last() else { break };
            last = Some(newest.place);
            left = left.saturating_sub(page.len());
            for queued in &page {
                self.deliver(queued.place, &queued.message, now, &mut pumped)?;
            }
        }
        Ok(pumped)
    }

    /// Hands a message to the courier and settles it; when it is to be tried again, if it is.
    pub(super) fn deliver(
        &self,
        place: Place,
        message: &OutboxMessage,
        now: Timestamp,
        pumped: &mut Pumped,
    ) -> Result<Option<Timestamp>, EngineError> {
        let id = message.id.clone();
        let again = match self.hand_over(message, now) {
            Ok(Some(())) => {
                pumped.delivered.push(id);
                None
            }
            Ok(None) => {
                pumped.expired.push(id);
                None
            }
            Err(error) => {
                let not_before = now.after(wait_after(&error, message.failures));
                pumped.failed.push((id, error));
                Some(not_before)
            }
        };
        let delivery = again.map_or(Delivery::Delivered, |not_before| Delivery::Failed {
            not_before,
        });
        self.store.settle(place, delivery)?;
        Ok(again)
    }

    /// Hands a message to the courier; `None` where it is no longer worth sending.
    fn hand_over(
        &self,
        message: &OutboxMessage,
        now: Timestamp,
    ) -> Result<Option<()>, DeliveryError> {
        let Some(text) = self.text_of(message, now)? else {
            return Ok(None);
        };
        self.courier.deliver(&courier::Delivery {
            id: message.id.clone(),
            account: message.account.clone(),
            to: message.to.clone(),
            by: message.by,
            message: message.message.clone(),
            text,
        })?;
        Ok(Some(()))
    }

    /// What a message says; `None` for a code that has expired. This is the only place where a code
    /// comes into being.
    fn text_of(
        &self,
        message: &OutboxMessage,
        now: Timestamp,
    ) -> Result<Option<SecretText>, UnknownKey> {
        match &message.body {
            OutboxBody::Text(text) => Ok(Some(SecretText::new(text.clone()))),
            OutboxBody::Code { challenge, .. } if challenge.expires_at <= now => Ok(None),
            OutboxBody::Code { challenge, text } => {
                let code = derive(&self.keys, challenge)?;
                Ok(Some(SecretText::new(text.replace("{code}", code.reveal()))))
            }
        }
    }
}

fn wait_after(error: &DeliveryError, failures: u32) -> Duration {
    if error.is_permanent() {
        return RETRY_MAX;
    }
    let doubled = RETRY_FIRST.saturating_mul(1 << failures.min(10));
    doubled.min(RETRY_MAX)
}
