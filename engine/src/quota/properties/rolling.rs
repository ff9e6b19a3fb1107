//! Rolling windows: equal to a sliding log, and never over when the clock is set back.

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Admission, Cells, most_in_any_window, ms, restarted, rolling, used};

const CASES: u32 = 500;

/// Windows from one millisecond to a day.
fn window() -> impl Strategy<Value = i64> {
    prop_oneof![Just(1), Just(10), Just(1_000), Just(86_400_000)]
}

/// A length relative to the window, with a liking for the edges: none, a limit's share, all of it,
/// and a millisecond on either side.
fn gap() -> impl Strategy<Value = (i64, i64)> {
    let share = prop_oneof![
        4 => Just(0_i64),
        2 => Just(1_000),
        3 => 0..400_i64,
        1 => 0..3_000_i64,
    ];
    (share, -1..=1_i64)
}

fn length((share, shift): (i64, i64), window: i64) -> i64 {
    (window * share / 1_000 + shift).max(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    /// 500 cases of up to 150 decisions: for a clock that runs forwards every decision is that of
    /// a sliding log, neither more nor fewer, over restarts and over changes of the limit.
    #[test]
    fn rolling_equals_a_sliding_log(
        window in window(),
        steps in vec((gap(), any::<bool>(), 1..=6_u32, 0..8_u8), 1..150),
    ) {
        let (mut cells, mut log, mut now, mut limit) = (Cells::default(), Vec::new(), 0, 3);
        for (gap, restart, new_limit, change_limit) in steps {
            now += length(gap, window);
            if change_limit == 0 {
                limit = new_limit;
            }
            if restart {
                cells = restarted(&cells);
            }
            let rule = rolling(limit, window);
            let live = log.iter().filter(|at| now - **at < window).count();
            let expected = live < limit as usize;
            prop_assert_eq!(rule.remaining(&cells, ms(now)), limit.saturating_sub(live as u32));
            if let Admission::Refused { retry_at, correction } = rule.admit(&cells, ms(now)) {
                prop_assert_eq!(retry_at, ms(log[log.len() - limit as usize] + window));
                prop_assert_eq!(correction, None);
            }
            prop_assert_eq!(used(&rule, &mut cells, ms(now)), expected);
            if expected {
                log.push(now);
            }
        }
    }

    /// 500 cases of up to 150 decisions: a clock that jumps forwards at will and back by up to
    /// one window from the latest instant it has shown never has a window of its readings hold more
    /// than the limit.
    #[test]
    fn rolling_is_never_over_by_the_clock_it_was_told(
        window in window(),
        limit in 1..=6_u32,
        steps in vec((gap(), 0..=1_000_i64, any::<bool>()), 1..150),
    ) {
        let rule = rolling(limit, window);
        let (mut cells, mut uses, mut latest) = (Cells::default(), Vec::new(), 0);
        for (gap, back, restart) in steps {
            let now = latest + length(gap, window) - window * back / 1_000;
            latest = latest.max(now);
            if restart {
                cells = restarted(&cells);
            }
            if used(&rule, &mut cells, ms(now)) {
                uses.push(now);
            }
        }
        prop_assert!(most_in_any_window(&uses, window) <= limit as usize);
    }

    /// 500 cases of up to 150 decisions: a clock that is set back again and again, by anything up
    /// to a thousand windows, never has a window of real time hold more than the limit, whether or
    /// not corrections are committed.
    #[test]
    fn rolling_is_never_over_in_real_time_when_the_clock_is_set_back(
        window in window(),
        limit in 1..=6_u32,
        steps in vec((gap(), set_back(), any::<bool>(), any::<bool>()), 1..150),
    ) {
        let rule = rolling(limit, window);
        let (mut cells, mut uses, mut real, mut behind) = (Cells::default(), Vec::new(), 0, 0);
        for (gap, back, restart, commits) in steps {
            real += length(gap, window);
            behind += back * window / 1_000;
            let now = ms(real - behind);
            if restart {
                cells = restarted(&cells);
            }
            match rule.admit(&cells, now) {
                Admission::Admitted { change, .. } => {
                    cells.apply(&change).unwrap();
                    uses.push(real);
                }
                Admission::Refused { correction: Some(change), .. } if commits => {
                    cells.apply(&change).unwrap();
                }
                Admission::Refused { .. } => {}
            }
        }
        prop_assert!(most_in_any_window(&uses, window) <= limit as usize);
    }

    /// 500 cases: whatever the clock did before, a refusal says exactly when the wait is over,
    /// and that is within two windows; after a correction, within one.
    #[test]
    fn rolling_never_waits_longer_than_two_windows(
        window in window(),
        limit in 1..=6_u32,
        readings in vec(-1_000_000..=1_000_000_i64, 1..60),
        now in -1_000_000..=1_000_000_i64,
    ) {
        let rule = rolling(limit, window);
        let mut cells = Cells::default();
        for reading in readings {
            used(&rule, &mut cells, ms(reading * window / 1_000));
        }
        let now = now * window / 1_000;
        if let Admission::Refused { retry_at, correction } = rule.admit(&cells, ms(now)) {
            let wait = retry_at.as_ms() - now;
            prop_assert!((1..=2 * window).contains(&wait));
            if let Some(correction) = correction {
                prop_assert!(wait <= window);
                cells.apply(&correction).unwrap();
            }
            prop_assert!(!used(&rule, &mut cells.clone(), ms(retry_at.as_ms() - 1)));
            prop_assert!(used(&rule, &mut cells, retry_at));
        }
    }
}

fn set_back() -> impl Strategy<Value = i64> {
    prop_oneof![8 => Just(0_i64), 2 => 0..1_500_i64, 1 => 0..1_000_000_i64]
}

/// The example of the documentation, at its full size.
#[test]
fn a_ring_of_100_a_day_admits_exactly_100_within_any_day() {
    const DAY: i64 = 86_400_000;
    let rule = rolling(100, DAY);
    let (mut cells, mut uses) = (Cells::default(), Vec::new());
    // Every 7 minutes for three days, where plain GCRA would have admitted 199 in the first.
    for now in (0..3 * DAY).step_by(7 * 60_000) {
        while used(&rule, &mut cells, ms(now)) {
            uses.push(now);
        }
    }
    assert_eq!(most_in_any_window(&uses, DAY), 100);
    assert_eq!(uses.len(), 300);
}

#[test]
fn an_instant_at_either_end_of_time_is_decided() {
    let rule = rolling(1, 86_400_000);
    for ends in [[i64::MIN, i64::MAX], [i64::MAX, i64::MIN]] {
        let mut cells = Cells::default();
        for now in ends {
            let _ = rule.admit(&cells, ms(now));
            let _ = used(&rule, &mut cells, ms(now / 2));
            cells = restarted(&cells);
        }
    }
}
