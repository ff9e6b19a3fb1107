//! What changes tell in whatever order they were made, against cells that they made in theirs.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::cells::Content;
use super::super::days::Days;
use super::super::ring::Ring;
use super::super::{Admission, CellChange, Cells, Reckoning, Rule, Window};
use super::{ms, rolling};

const HOUR: i64 = 3_600_000;

/// A step: the time that passes, or is set back, and whether what is over is swept then.
type Step = (i64, bool);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let hours = prop_oneof![
        4 => 0..3_i64,
        2 => -2..0_i64,
        2 => 3..60_i64,
        1 => -60..-2_i64,
        1 => 200..400_i64,
    ];
    let step = (hours.prop_map(|hours| hours * HOUR), any::<bool>());
    vec(step, 1..60)
}

fn rules() -> impl Strategy<Value = Rule> {
    let zones = select(vec!["UTC", "Asia/Singapore"]);
    prop_oneof![
        (1..5_u32).prop_map(|limit| rolling(limit, 24 * HOUR)),
        (1..5_u32, zones).prop_map(|(limit, zone)| {
            Rule::new(limit, Window::Day(zone.parse().unwrap())).unwrap()
        }),
    ]
}

/// Cells with one use fewer.
fn poorer(cells: &Cells) -> Option<Cells> {
    match &cells.0 {
        Content::Unused => None,
        Content::Rolling(ring) => {
            let rest: Vec<_> = ring.uses().skip(1).collect();
            Some(match rest.is_empty() {
                true => Cells::default(),
                false => rest.into_iter().collect::<Ring>().into(),
            })
        }
        Content::Days(days) => {
            let mut used: std::collections::BTreeMap<_, _> = days.dates().collect();
            *used.values_mut().next()? -= 1;
            used.retain(|_, used| *used > 0);
            Some(Days::new(days.zone(), used).into())
        }
    }
}

/// Cells with one use more.
fn richer(cells: &Cells, at: i64) -> Cells {
    let uses = match &cells.0 {
        Content::Rolling(ring) => ring.uses().collect(),
        Content::Unused | Content::Days(_) => Vec::new(),
    };
    let uses = uses.into_iter().chain([ms(at)]);
    uses.collect::<Ring>().into()
}

proptest! {
    #[test]
    fn what_was_made_may_be_made(rule in rules(), steps in steps(), start in 0..20_000_i64) {
        let start = start * 24 * HOUR;
        let (mut cells, mut now) = (Cells::default(), start);
        let (mut all, mut since): (Vec<CellChange>, Vec<CellChange>) = (Vec::new(), Vec::new());
        for (gap, sweeps) in steps {
            now += gap;
            if sweeps && rule.window().is_over(&cells, ms(now)) {
                let told = Reckoning::of(&all);
                for change in &since {
                    let over = told.may_be_over(change, rule.window(), ms(now));
                    prop_assert!(over || told.is_remade(), "{change:?} at {now}");
                }
                (cells, since) = (Cells::default(), Vec::new());
            }
            let change = match rule.admit(&cells, ms(now)) {
                Admission::Admitted { change, .. } => Some(change),
                Admission::Refused { correction, .. } => correction,
            };
            let Some(change) = change else { continue };
            cells.apply(&change).unwrap();
            all.push(change.clone());
            since.push(change);
            let (told, exactly) = (Reckoning::of(&all), Reckoning::of(since.iter().rev()));
            prop_assert!(told.may_hold(&cells));
            prop_assert!(exactly.may_make(&cells), "{since:?} {cells:?}");
            let lacks = exactly.lacking(&cells);
            prop_assert!(told.let_go().is_none_or(|most| lacks <= most), "{since:?} {cells:?}");
            prop_assert!(!told.may_hold(&richer(&cells, start - 1)));
            if !exactly.is_remade() && let Some(poorer) = poorer(&cells) {
                let dates = matches!(cells.0, Content::Days(_));
                prop_assert!(told.may_hold(&poorer));
                prop_assert!(dates || !exactly.may_make(&poorer), "{since:?} {poorer:?}");
            }
        }
    }
}

#[test]
fn a_date_that_was_given_back_is_noticed() {
    let rule = Rule::new(3, Window::Day("UTC".parse().unwrap())).unwrap();
    let (mut cells, mut changes) = (Cells::default(), Vec::new());
    for hour in [1, 2, 30] {
        let Admission::Admitted { change, .. } = rule.admit(&cells, ms(hour * HOUR)) else {
            panic!("there is room");
        };
        cells.apply(&change).unwrap();
        changes.push(change);
    }
    let told = Reckoning::of(&changes);
    assert!(told.may_make(&cells));
    assert!(!told.may_make(&poorer(&cells).unwrap()));
}
