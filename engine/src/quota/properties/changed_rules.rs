//! Rules that are changed while their cells are in use.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::{Admission, CellChange, Cells, Rule, Window};
use super::dates::{a_day, eve};
use super::{ms, restarted, rolling, used};
use crate::time::{Timestamp, Zone};

const CASES: u32 = 500;
const HOUR: i64 = 3_600_000;
/// Longer than any day of the zones, so that no change makes the window longer.
const LONGEST: i64 = 26 * HOUR;

const ZONES: [Option<&str>; 4] = [
    None,
    Some("UTC"),
    Some("Asia/Singapore"),
    Some("America/New_York"),
];

fn rule(zone: Option<&str>, limit: u32) -> Rule {
    match zone {
        Some(zone) => Rule::new(limit, Window::Day(zone.parse().unwrap())).unwrap(),
        None => rolling(limit, LONGEST),
    }
}

/// Uses that share a window with one at `now`.
fn sharing(rule: &Rule, uses: &[i64], now: i64) -> usize {
    let shares = |at: &&i64| match rule.window() {
        Window::Rolling(_) => now - **at < LONGEST,
        Window::Day(zone) => zone.date(ms(**at)) == zone.date(ms(now)),
    };
    uses.iter().filter(shares).count()
}

/// One decision: the time since the last one, the rule if it is changed, and whether a correction
/// is committed.
type Step = (i64, Option<Rule>, bool);

/// A use is never forgotten, so the rule in force is never exceeded; and what was lost to reading
/// it strictly is back within two days.
fn nothing_is_given_back(
    start: i64,
    steps: impl IntoIterator<Item = Step>,
) -> Result<(), TestCaseError> {
    let (mut cells, mut uses, mut now) = (Cells::default(), Vec::new(), start);
    let mut current = rule(None, 3);
    for (gap, changed, commits) in steps {
        now += gap;
        if let Some(changed) = changed {
            current = changed;
            cells = restarted(&cells);
        }
        if used(&current, &mut cells, ms(now)) {
            uses.push(now);
            prop_assert!(sharing(&current, &uses, now) <= current.limit() as usize);
        } else if commits
            && let Admission::Refused { correction, .. } = current.admit(&cells, ms(now))
        {
            correction
                .map_or(Ok(()), |change| cells.apply(&change))
                .unwrap();
        }
    }
    prop_assert!(used(&current, &mut cells, ms(now + 2 * LONGEST)));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    /// 500 cases of up to 80 decisions, under a rule that changes its limit, its window and its
    /// zone around the end of summer time, and corrections are left alone.
    #[test]
    fn a_changed_rule_gives_nothing_back(
        steps in vec(
            (
                0..4 * HOUR,
                select(ZONES.as_slice()),
                1..=5_u32,
                0..6_u8,
            ),
            1..80,
        ),
    ) {
        let steps = steps.into_iter().map(|(gap, zone, limit, change)| {
            (gap, (change == 0).then(|| rule(zone, limit)), false)
        });
        nothing_is_given_back(1_793_491_200_000, steps)?;
    }

    /// 500 cases of up to 40 decisions, the same around days of all lengths, days that come twice
    /// and days that do not come, whether or not corrections are committed.
    #[test]
    fn a_changed_rule_gives_nothing_back_on_odd_days(
        (home, eve) in eve(),
        steps in vec((0..9 * HOUR, 0..6_usize, 1..=3_u32, any::<bool>()), 1..40),
    ) {
        let away = ZONES.map(|zone| move |limit| rule(zone, limit));
        let steps = steps.into_iter().map(|(gap, choice, limit, commits)| {
            let changed = match choice {
                0 => Some(a_day(limit, &home)),
                _ => away.get(choice - 1).map(|rule| rule(limit)),
            };
            (gap, changed, commits)
        });
        nothing_is_given_back(eve, steps)?;
    }
}

#[test]
fn a_use_does_not_count_on_a_date_that_had_not_begun() {
    let begins: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
    let midnight = ms(begins.as_ms() + 16 * HOUR);
    let (mut cells, singapore) = (Cells::default(), rule(Some("Asia/Singapore"), 2));
    assert!(used(&rule(Some("UTC"), 1), &mut cells, begins));
    // All of that date in UTC reaches into the next one of Singapore, but the use was made by now.
    assert!(used(&singapore, &mut cells, begins));
    assert!(!used(&singapore, &mut cells, ms(midnight.as_ms() - 1)));
    assert_eq!(singapore.remaining(&cells, midnight), 2);
}

#[test]
fn a_date_that_a_clock_shows_twice_is_carried_whole() {
    // At one minute past midnight clocks were set back an hour, so this date began twice.
    let begins: Timestamp = "2010-11-07T02:30:00Z".parse().unwrap();
    let after = |hours: i64| ms(begins.as_ms() + hours * HOUR);
    for at in [0, 1, 23] {
        let mut cells = Cells::default();
        assert!(used(
            &rule(Some("America/St_Johns"), 1),
            &mut cells,
            after(at)
        ));
        assert!(!used(
            &rolling(1, 24 * HOUR),
            &mut cells.clone(),
            after(at + 23)
        ));
        assert!(!used(&rule(Some("UTC"), 1), &mut cells.clone(), after(at)));
    }
    // And the other way around: when the earlier date is shown again, the later one was shown too.
    let mut cells = Cells::default();
    assert!(used(&rule(Some("UTC"), 1), &mut cells, after(0)));
    assert!(used(
        &rule(Some("America/St_Johns"), 2),
        &mut cells,
        ms(after(1).as_ms() - 1)
    ));
    assert_eq!(
        rule(Some("America/St_Johns"), 2).remaining(&cells, after(1)),
        1
    );
}

#[test]
fn a_refusal_under_a_changed_rule_keeps_its_promise_once_committed() {
    let mut cells = Cells::default();
    let noon = 12 * HOUR;
    assert!(used(&rule(Some("UTC"), 1), &mut cells, ms(noon)));
    // When on that date it was used is not known: at the latest now.
    let changed = rolling(1, 24 * HOUR);
    let Admission::Refused {
        retry_at,
        correction,
    } = changed.admit(&cells, ms(noon + HOUR))
    else {
        panic!("the use was forgotten");
    };
    assert_eq!(retry_at, ms(noon + 25 * HOUR));
    let correction = correction.unwrap();
    assert!(matches!(correction, CellChange::Replaced(_)));
    cells.apply(&correction).unwrap();
    assert!(!used(&changed, &mut cells, ms(noon + 25 * HOUR - 1)));
    assert!(used(&changed, &mut cells, ms(noon + 25 * HOUR)));
}

#[test]
fn a_limit_that_is_lowered_for_a_while_forgets_nothing() {
    let mut cells = Cells::default();
    for _ in 0..3 {
        assert!(used(&rule(Some("UTC"), 3), &mut cells, ms(0)));
    }
    let Admission::Refused { correction, .. } = rolling(1, 24 * HOUR).admit(&cells, ms(HOUR))
    else {
        panic!("the uses were forgotten");
    };
    cells.apply(&correction.unwrap()).unwrap();
    assert_eq!(rolling(5, 24 * HOUR).remaining(&cells, ms(HOUR)), 2);
}

#[test]
fn a_zone_of_the_same_name_keeps_its_cells() {
    let mut cells = Cells::default();
    let zone: Zone = "Europe/Berlin".parse().unwrap();
    let berlin = Rule::new(2, Window::Day(zone)).unwrap();
    assert!(used(&berlin, &mut cells, ms(0)));
    let Admission::Admitted { change, remaining } = berlin.admit(&restarted(&cells), ms(0)) else {
        panic!("refused");
    };
    assert!(matches!(change, CellChange::UsedOn { .. }));
    assert_eq!(remaining, 0);
}
