//! Calendar days: the limit on every date, whatever its length and whatever the clock does.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::{Admission, Cells, Rule, Window};
use super::{ms, restarted, used};
use crate::time::{Timestamp, Zone};

const CASES: u32 = 500;
const HOUR: i64 = 3_600_000;

/// Zones and the eve of a day in them that has not 24 hours: 23, 25, 23.5 and 24.5 hours, no day at
/// all, or one that begins twice.
const EVES: [(&str, &str); 10] = [
    ("Asia/Singapore", "2026-03-01T16:00:00Z"),
    ("America/New_York", "2026-03-07T12:00:00Z"),
    ("America/New_York", "2026-10-31T12:00:00Z"),
    ("Europe/Berlin", "2026-03-28T12:00:00Z"),
    ("Europe/Berlin", "2026-10-24T12:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T12:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T12:00:00Z"),
    ("Pacific/Apia", "2011-12-29T12:00:00Z"),
    ("America/St_Johns", "2010-11-06T12:00:00Z"),
    ("Africa/Cairo", "2024-04-25T12:00:00Z"),
];

pub(super) fn eve() -> impl Strategy<Value = (Zone, i64)> {
    select(EVES.as_slice()).prop_map(|(zone, eve)| {
        let eve: Timestamp = eve.parse().unwrap();
        (zone.parse().unwrap(), eve.as_ms())
    })
}

pub(super) fn a_day(limit: u32, zone: &Zone) -> Rule {
    Rule::new(limit, Window::Day(zone.clone())).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    /// 500 cases of up to 120 decisions: with a clock that is wrong by up to three days, now this
    /// way and now that, every date admits exactly the limit, neither more nor fewer, over restarts
    /// and over days of 23, 23.5, 24.5 and 25 hours.
    #[test]
    fn every_date_admits_exactly_the_limit(
        (zone, eve) in eve(),
        limit in 1..=5_u32,
        steps in vec((0..10 * HOUR, -70 * HOUR..=70 * HOUR, 0..3_u8, any::<bool>()), 1..120),
    ) {
        let rule = a_day(limit, &zone);
        let (mut cells, mut per_date, mut real) = (Cells::default(), BTreeMap::new(), eve);
        for (gap, error, wrong, restart) in steps {
            real += gap;
            let now = ms(if wrong == 0 { real + error } else { real });
            if restart {
                cells = restarted(&cells);
            }
            let count: &mut u32 = per_date.entry(zone.date(now)).or_default();
            prop_assert_eq!(rule.used(&cells, now), *count);
            let expected = *count < limit;
            prop_assert_eq!(used(&rule, &mut cells, now), expected);
            *count += u32::from(expected);
        }
    }

    /// 500 cases: a refusal says exactly when the wait is over: there is something left then, and
    /// nothing at any instant before.
    #[test]
    fn a_refusal_says_when_a_date_with_something_left_begins(
        (zone, eve) in eve(),
        uses in vec(0..80 * HOUR, 0..12),
        at in 0..80 * HOUR,
        before in vec(0..=1_000_i64, 20),
    ) {
        let rule = a_day(2, &zone);
        let mut cells = Cells::default();
        for at in uses {
            used(&rule, &mut cells, ms(eve + at));
        }
        let now = eve + at;
        if let Admission::Refused { retry_at, correction } = rule.admit(&cells, ms(now)) {
            prop_assert_eq!(correction, None);
            let wait = retry_at.as_ms() - now;
            for share in before {
                let earlier = now + (wait - 1) * share / 1_000;
                prop_assert!(!used(&rule, &mut cells.clone(), ms(earlier)));
            }
            prop_assert!(used(&rule, &mut cells, retry_at));
        }
    }

    /// 500 cases: a clock that was far off for a while, in years, takes nothing from the dates
    /// around the true one and gives nothing back to them.
    #[test]
    fn a_clock_that_was_years_off_changes_nothing(
        (zone, eve) in eve(),
        errors in vec(-40_000_i64..=40_000, 0..60),
    ) {
        let rule = a_day(1, &zone);
        let mut cells = Cells::default();
        prop_assert!(used(&rule, &mut cells, ms(eve)));
        for days in errors.into_iter().filter(|days| days.abs() > 6).take(6) {
            used(&rule, &mut cells, ms(eve + days * 24 * HOUR));
            cells = restarted(&cells);
        }
        prop_assert!(!used(&rule, &mut cells, ms(eve)));
        prop_assert!(used(&rule, &mut cells, ms(eve + 48 * HOUR)));
        prop_assert!(!used(&rule, &mut cells, ms(eve)));
    }
}

/// The length of a day, in hours, by the instants at which its limit begins anew.
#[test]
fn days_have_the_length_they_have() {
    for (zone, noon, starts, ends) in [
        (
            "Asia/Singapore",
            "2026-03-02T04:00:00Z",
            "2026-03-01T16:00:00Z",
            "2026-03-02T16:00:00Z",
        ),
        // 23 hours and 25 hours.
        (
            "America/New_York",
            "2026-03-08T16:00:00Z",
            "2026-03-08T05:00:00Z",
            "2026-03-09T04:00:00Z",
        ),
        (
            "America/New_York",
            "2026-11-01T17:00:00Z",
            "2026-11-01T04:00:00Z",
            "2026-11-02T05:00:00Z",
        ),
        (
            "Europe/Berlin",
            "2026-10-25T11:00:00Z",
            "2026-10-24T22:00:00Z",
            "2026-10-25T23:00:00Z",
        ),
        // 24 and a half.
        (
            "Australia/Lord_Howe",
            "2026-04-05T02:00:00Z",
            "2026-04-04T13:00:00Z",
            "2026-04-05T13:30:00Z",
        ),
    ] {
        let zone: Zone = zone.parse().unwrap();
        let [noon, starts, ends] = [noon, starts, ends].map(|at| at.parse::<Timestamp>().unwrap());
        let rule = a_day(1, &zone);
        let mut cells = Cells::default();
        let last = |at: Timestamp| ms(at.as_ms() - 1);
        assert!(used(&rule, &mut cells, last(starts)));
        assert!(used(&rule, &mut cells, starts), "{} {starts}", zone.name());
        for full in [noon, last(ends)] {
            let Admission::Refused { retry_at, .. } = rule.admit(&cells, full) else {
                panic!("{} {full} is admitted", zone.name());
            };
            assert_eq!(retry_at, ends, "{}", zone.name());
        }
        assert!(used(&rule, &mut cells, ends), "{} {ends}", zone.name());
    }
}

#[test]
fn a_clock_that_steps_back_over_midnight_does_not_refill_yesterday() {
    let rule = a_day(1, &Zone::UTC);
    let mut cells = Cells::default();
    assert!(used(&rule, &mut cells, ms(23 * HOUR)));
    assert!(used(&rule, &mut cells, ms(24 * HOUR)));
    assert!(!used(&rule, &mut cells, ms(24 * HOUR - 1)));
    // Both dates are full: the wait is until the day after.
    let Admission::Refused { retry_at, .. } = rule.admit(&cells, ms(24 * HOUR - 1)) else {
        panic!("yesterday was refilled");
    };
    assert_eq!(retry_at, ms(48 * HOUR));
}
