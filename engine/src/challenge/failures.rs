//! How many wrong codes one account may see, over all its attempts.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Failures within [`RECENT`] from which on each one is followed by a wait.
const FREE: usize = 20;
/// How long a failure counts towards the wait.
const RECENT: Duration = Duration::from_secs(24 * 60 * 60);
/// The wait after the first failure too many; it doubles with each further one.
const WAIT_FIRST: Duration = Duration::from_secs(30);
/// The longest wait.
const WAIT_MAX: Duration = Duration::from_secs(60 * 60);
/// As many failures as it takes to reach the longest wait: more need not be remembered.
const REMEMBERED: usize = FREE + 7;
/// Failures in a row that stop the account's codes until an operator lifts the stop.
const CONSECUTIVE_MAX: u32 = 100;

/// The failed codes of one account: what guards a six-digit code against patient guessing.
///
/// The attempt's own limit stops five guesses; a new attempt would allow five more. So failures
/// are counted over all attempts of the account, too, each as part of the commit that answered it:
///
/// - After 20 failures within 24 hours every further one is followed by a wait, of 30 seconds at
///   first, then twice as long each time, up to an hour (Twilio Verify, Ory Kratos). A success does
///   not forgive them: an attacker guesses between the owner's own successes.
/// - After 100 failures without a success in between no code is accepted any more, until an
///   operator clears the record (NIST SP 800-63B-4, section 3.2.2: no more than 100 in a row).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Failures {
    /// Failures since the last success.
    consecutive: u32,
    /// The latest failures, oldest first.
    recent: Vec<Timestamp>,
}

/// Until when an account's codes are not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocked {
    /// Until this instant.
    Until(Timestamp),
    /// Until an operator lifts the stop.
    Forever,
}

impl Failures {
    /// The record after one more failure.
    #[must_use]
    pub fn after_failure(&self, now: Timestamp) -> Self {
        // A failure dated later than `now` was noted by a clock that has been set back since; it
        // happened no later than now.
        let mut recent: Vec<_> = self.recent.iter().map(|at| (*at).min(now)).collect();
        recent.retain(|at| now.since(*at) < RECENT);
        recent.push(now);
        recent.drain(..recent.len().saturating_sub(REMEMBERED));
        Self {
            consecutive: self.consecutive.saturating_add(1),
            recent,
        }
    }

    /// The record after a success.
    #[must_use]
    pub fn after_success(&self) -> Self {
        Self {
            consecutive: 0,
            recent: self.recent.clone(),
        }
    }

    /// Failures since the last success.
    pub fn consecutive(&self) -> u32 {
        self.consecutive
    }

    /// Whether codes are refused at `now`, and until when.
    ///
    /// A wait whose end lies further ahead than any wait lasts belongs to a clock that has been set
    /// back: it is not waited for. The limit of failures in a row holds whatever clocks do.
    pub fn blocked_until(&self, now: Timestamp) -> Option<Blocked> {
        if self.consecutive >= CONSECUTIVE_MAX {
            return Some(Blocked::Forever);
        }
        let last = *self.recent.last()?;
        let wait = wait(self.within(last));
        let until = last.after(wait);
        // Without a wait nobody waits, also while a clock that was set back shows less than `last`.
        let waits = !wait.is_zero() && now < until && until.since(now) <= WAIT_MAX;
        waits.then_some(Blocked::Until(until))
    }

    /// Failures that counted when the last one happened.
    fn within(&self, last: Timestamp) -> usize {
        let counts = |at: &&Timestamp| last.since(**at) < RECENT;
        self.recent.iter().filter(counts).count()
    }
}

/// The wait that follows a failure which is the `count`-th of its day.
fn wait(count: usize) -> Duration {
    let Some(doublings) = count.checked_sub(FREE) else {
        return Duration::ZERO;
    };
    let factor = u32::try_from(doublings)
        .ok()
        .and_then(|doublings| 1_u32.checked_shl(doublings))
        .unwrap_or(u32::MAX);
    WAIT_FIRST.saturating_mul(factor).min(WAIT_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000;
    const HOUR: i64 = 3_600 * SECOND;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms)
    }

    fn after(count: u32, start: i64, step: i64) -> (Failures, Timestamp) {
        let mut failures = Failures::default();
        let mut now = start;
        for index in 0..count {
            now = start + i64::from(index) * step;
            failures = failures.after_failure(at(now));
        }
        (failures, at(now))
    }

    fn waits(failures: &Failures, now: Timestamp) -> Option<u64> {
        match failures.blocked_until(now)? {
            Blocked::Until(until) => Some(until.since(now).as_secs()),
            Blocked::Forever => Some(u64::MAX),
        }
    }

    #[test]
    fn a_few_failures_block_nobody_whatever_the_clock_does() {
        let (failures, last) = after(19, 24 * HOUR, SECOND);
        for back in [0, 1, SECOND, HOUR, 12 * HOUR] {
            assert_eq!(waits(&failures, at(last.as_ms() - back)), None, "{back}");
        }
    }

    #[test]
    fn the_wait_begins_at_the_twentieth_failure_and_doubles_to_an_hour() {
        let seen: Vec<_> = [19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 99]
            .map(|count| {
                let (failures, now) = after(count, 0, SECOND);
                waits(&failures, now)
            })
            .to_vec();
        let expected = [None]
            .into_iter()
            .chain([30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600].map(Some));
        assert_eq!(seen, expected.collect::<Vec<_>>());
    }

    #[test]
    fn failures_of_yesterday_do_not_count() {
        let (failures, _) = after(20, 0, SECOND);
        let next_day = failures.after_failure(at(25 * HOUR));
        assert_eq!(next_day.blocked_until(at(25 * HOUR)), None);
        assert_eq!(next_day.consecutive(), 21);
    }

    #[test]
    fn a_hundred_in_a_row_stop_the_account_for_good() {
        let (failures, now) = after(100, 0, 2 * HOUR);
        assert_eq!(failures.blocked_until(now), Some(Blocked::Forever));
        assert_eq!(
            failures.blocked_until(now.after(Duration::from_secs(1 << 40))),
            Some(Blocked::Forever)
        );
        let (failures, now) = after(99, 0, 2 * HOUR);
        assert_eq!(failures.blocked_until(now), None);
        let failures = failures.after_success().after_failure(now);
        assert_eq!(failures.blocked_until(now), None);
    }

    #[test]
    fn a_success_does_not_end_the_wait() {
        let (failures, now) = after(20, 0, SECOND);
        assert_eq!(waits(&failures.after_success(), now), Some(30));
        assert_eq!(failures.after_success().consecutive(), 0);
    }

    #[test]
    fn a_clock_that_was_ahead_for_years_does_not_block_for_years() {
        let (failures, _) = after(40, 90_000 * HOUR, SECOND);
        assert_eq!(failures.blocked_until(at(0)), None);
        // But what it counted still counts: the next failure is followed by the longest wait.
        assert_eq!(waits(&failures.after_failure(at(0)), at(0)), Some(3_600));
    }

    #[test]
    fn the_record_stays_small() {
        let (failures, _) = after(10_000, 0, SECOND);
        assert_eq!(failures.recent.len(), REMEMBERED);
    }
}
