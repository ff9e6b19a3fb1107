//! Sending a code: the limits on it, the challenge it stands for, and the message that carries it.

use super::gates::denial;
use super::step::count;
use super::{Case, Need, Stop};
use crate::account::{Attempt, Denial, Event, Gate, OutboxBody, OutboxMessage, QuotaKey};
use crate::challenge::{Blocked, Challenge, CodeRules};
use crate::expr::{Facts, Val};
use crate::lifecycle::model::{Channel, Quota, Transition};
use crate::name::Name;
use crate::quota::{Admission, CellChange, Cells, Rule};
use crate::time::{Timestamp, format_duration};

/// The message that carries codes, where the lifecycle declares its own words for it.
const CODE_MESSAGE: &str = "verification_code";

impl<'a> Case<'a> {
    /// Sends a code: every limit must admit it, and every limit is spent.
    pub(super) fn send(
        &mut self,
        transition: &'a Transition,
        attempt: &mut Attempt,
        verification: &Name,
        (channel, address): (Channel, &str),
        rules: &CodeRules,
        facts: &Facts<'_>,
    ) -> Result<Challenge, Stop> {
        self.check_failures()?;
        if attempt.sends >= rules.sends {
            let message = format!("this attempt has sent its {} codes", rules.sends);
            return Err(denial(Gate::Verification, "V0007", message).into());
        }
        self.pay(rules, address, facts)?;
        attempt.sends = attempt.sends.saturating_add(1);
        let expires_at = self.now.after(rules.valid_for).min(attempt.expires_at);
        let challenge = Challenge {
            transition: transition.name.clone(),
            account: attempt.account.clone(),
            attempt: attempt.id.clone(),
            step: count(attempt.current().map_or(0, |(index, _)| index)),
            verification: verification.clone(),
            address: address.into(),
            nonce: self.entropy.nonce(),
            key_id: self.view.key_id,
            digits: rules.digits,
            sent_at: self.now,
            expires_at,
        };
        let text = self.code_text(transition, rules, facts);
        let body = OutboxBody::Code {
            challenge: Box::new(challenge.clone()),
            text,
        };
        let message = CODE_MESSAGE.parse().map_err(|_| {
            denial(
                Gate::Verification,
                "D0010",
                "the code's message has no name",
            )
        })?;
        self.queue(message, channel, address, body)?;
        Ok(challenge)
    }

    fn code_text(
        &self,
        transition: &'a Transition,
        rules: &CodeRules,
        facts: &Facts<'_>,
    ) -> String {
        let declared = self.bundle.lifecycle.messages.get(CODE_MESSAGE);
        // A code must not fail to go out over its wording: the plain words serve then.
        declared
            .and_then(|message| message.text.render(facts).ok())
            .filter(|text| text.contains("{code}"))
            .unwrap_or_else(|| {
                let life = format_duration(rules.valid_for);
                let name = &transition.name;
                format!(
                    "{{code}} is your code for {name}. It is valid for {life}. Tell it to nobody."
                )
            })
    }

    /// Commits a message to the outbox.
    pub(super) fn queue(
        &mut self,
        message: Name,
        by: Channel,
        to: &str,
        body: OutboxBody,
    ) -> Result<(), Stop> {
        let queued = OutboxMessage {
            id: self.entropy.message_id(),
            account: self.request.account.clone(),
            queued_at: self.now,
            to: to.to_owned(),
            by,
            message,
            body,
            failures: 0,
            not_before: self.now,
        };
        self.emit(Event::Queued(Box::new(queued)))
    }

    /// Spends the quotas of a code.
    fn pay(&mut self, rules: &CodeRules, address: &str, facts: &Facts<'_>) -> Result<(), Stop> {
        if rules.quotas.is_empty() {
            return Ok(());
        }
        let mut facts = facts.clone();
        facts.set(self.bundle.lifecycle.slots.address, Val::Text(address));
        let spent = self.admit_quotas(&rules.quotas, &facts)?;
        self.spend(spent)
    }

    /// The quota gate: every quota must have room. What its cells become is yet to be spent.
    pub(super) fn admit_quotas(
        &mut self,
        names: &[Name],
        facts: &Facts<'_>,
    ) -> Result<Vec<(QuotaKey, CellChange)>, Stop> {
        let mut spent: Vec<(QuotaKey, CellChange)> = Vec::new();
        let mut least: Option<(u32, &Name)> = None;
        for name in names {
            let quota = self.quota(name)?;
            let key = self.quota_key(name, quota, facts)?;
            let rule = Rule::new(quota.limit, quota.window.clone())
                .map_err(|error| cannot_count(name, &error.to_string()))?;
            match rule.admit(&self.cells(&key)?, self.now) {
                Admission::Admitted { change, remaining } => {
                    if least.is_none_or(|(fewest, _)| remaining < fewest) {
                        least = Some((remaining, name));
                    }
                    spent.push((key, change));
                }
                Admission::Refused {
                    retry_at,
                    correction,
                } => {
                    self.corrections
                        .extend(correction.map(|change| (key, change)));
                    return Err(self.used_up(name, quota, retry_at).into());
                }
            }
        }
        let (detail, place) = match least {
            Some((remaining, name)) => {
                let place = self.bundle.locate(self.quota(name)?.span);
                (format!("{remaining} left of `{name}`"), place)
            }
            None => ("nothing to spend".to_owned(), None),
        };
        self.gates.pass(Gate::Quota, detail, place);
        Ok(spent)
    }

    /// Spends what was admitted.
    pub(super) fn spend(&mut self, spent: Vec<(QuotaKey, CellChange)>) -> Result<(), Stop> {
        for (key, change) in spent {
            self.spend_cell(key, change)?;
        }
        Ok(())
    }

    fn quota(&self, name: &Name) -> Result<&'a Quota, Stop> {
        let declared = self.bundle.lifecycle.quotas.get(name);
        declared.ok_or_else(|| cannot_count(name, "it is not declared").into())
    }

    fn quota_key(&self, name: &Name, quota: &Quota, facts: &Facts<'_>) -> Result<QuotaKey, Stop> {
        let key = self.evaluate(&quota.key, facts, Gate::Quota)?;
        let key = key.ok_or_else(|| cannot_count(name, "it has no key here"))?;
        Ok(QuotaKey {
            quota: name.clone(),
            key: key.text(),
            own: quota.is_per_account(),
        })
    }

    fn used_up(&self, name: &Name, quota: &Quota, retry_at: Timestamp) -> Denial {
        let message = format!("quota `{name}` of {} is used up", quota.limit);
        let mut refused = denial(Gate::Quota, "Q0001", message);
        refused.deny_code = quota.deny_code.as_deref().map(str::to_owned);
        refused.retry_at = Some(retry_at);
        refused.place = self.bundle.locate(quota.span);
        refused
    }

    /// Notes that a cell was used, in the account or among the shared ones.
    pub(super) fn spend_cell(&mut self, key: QuotaKey, change: CellChange) -> Result<(), Stop> {
        if !key.own {
            let mut cells = self.cells(&key)?;
            cells.apply(&change).map_err(|error| {
                denial(
                    Gate::Quota,
                    "D0010",
                    format!("the stored cells do not fit: {error}"),
                )
            })?;
            self.shared.insert(key.clone(), cells);
        }
        self.emit(Event::QuotaSpent { key, change })
    }

    /// The cells of a key as this decision leaves them so far.
    fn cells(&self, key: &QuotaKey) -> Result<Cells, Stop> {
        if key.own {
            return Ok(self
                .existing()?
                .quotas
                .get(&key.quota)
                .cloned()
                .unwrap_or_default());
        }
        let known = self.shared.get(key).or_else(|| self.view.shared.get(key));
        known
            .cloned()
            .ok_or_else(|| Stop::Need(Need::Shared(key.clone())))
    }

    /// Too many wrong codes over all attempts stop sending and proving for a while.
    pub(super) fn check_failures(&self) -> Result<(), Stop> {
        let account = self.existing()?;
        let Some(blocked) = account.failures.blocked_until(self.now) else {
            return Ok(());
        };
        let message = "too many wrong codes were given for this account";
        let mut refused = denial(Gate::Verification, "V0004", message);
        refused.retry_at = match blocked {
            Blocked::Until(until) => Some(until),
            Blocked::Forever => None,
        };
        Err(refused.into())
    }
}

/// The denial of a quota that cannot be counted: what is not counted is not given.
fn cannot_count(name: &Name, reason: &str) -> Denial {
    denial(
        Gate::Quota,
        "D0010",
        format!("quota `{name}` cannot be counted: {reason}"),
    )
}
