//! Rules that are changed while their cells are in use.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::{Admission, CellChange, Cells, Rule, Window};
use super::{ms, restarted, rolling, used};
use crate::time::Zone;

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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// 1,000 cases of up to 80 decisions, under a rule that changes its limit, its window and its
    /// zone: a use is never forgotten, so the rule in force is never exceeded; and what was lost to
    /// reading it strictly is back within two days.
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
        let (mut cells, mut uses, mut now) = (Cells::default(), Vec::new(), 1_793_491_200_000);
        let mut current = rule(None, 3);
        for (gap, zone, limit, change) in steps {
            now += gap;
            if change == 0 {
                current = rule(zone, limit);
                cells = restarted(&cells);
            }
            if used(&current, &mut cells, ms(now)) {
                uses.push(now);
                prop_assert!(sharing(&current, &uses, now) <= current.limit() as usize);
            }
        }
        prop_assert!(used(&current, &mut cells, ms(now + 2 * LONGEST)));
    }
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
