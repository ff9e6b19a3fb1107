//! Damaged cells and foreign changes: an error, never a panic, and never cells that admit more.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use super::super::{CellChange, Cells, CellsError, Rule, Window};
use super::{ms, rolling, used};
use crate::time::Zone;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// 2,000 cases: bytes that are no cells are refused, and cells with some bytes changed are
    /// refused or still decide.
    #[test]
    fn bytes_decode_or_are_refused(
        bytes in vec(any::<u8>(), 0..60),
        places in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        now: i64,
    ) {
        let mut cells = Cells::default();
        for at in 0..4 {
            used(&rolling(3, 2), &mut cells, ms(at));
        }
        let mut damaged = rmp_serde::to_vec_named(&cells).unwrap();
        for (place, byte) in places {
            let place = place.index(damaged.len());
            damaged[place] = byte;
        }
        for bytes in [bytes, damaged] {
            if let Ok(cells) = rmp_serde::from_slice::<Cells>(&bytes) {
                let _ = rolling(3, 2).admit(&cells, ms(now));
                let days = Rule::new(1, Window::Day(Zone::UTC)).unwrap();
                let _ = days.admit(&cells, ms(now));
            }
        }
    }
}

#[test]
fn damage_is_named() {
    let decode = |stored: serde_json::Value| {
        serde_json::from_value::<Cells>(stored)
            .unwrap_err()
            .to_string()
    };
    let gaps = vec![0; 10_000];
    for (stored, error) in [
        (
            json!({"rolling": {"first": 0, "gaps": gaps}}),
            CellsError::TooMany,
        ),
        (
            json!({"rolling": {"first": 1, "gaps": [i64::MAX]}}),
            CellsError::Instant,
        ),
        (
            json!({"days": {"zone": "UTC", "used": {"2026-02-30": 1}}}),
            CellsError::Date,
        ),
    ] {
        assert_eq!(decode(stored), error.to_string());
    }
    let dates: serde_json::Map<_, _> = (10..18)
        .map(|day| (format!("2026-11-{day}"), json!(1)))
        .collect();
    assert_eq!(
        decode(json!({"days": {"zone": "UTC", "used": dates}})),
        CellsError::TooMany.to_string()
    );
}

#[test]
fn a_change_of_other_cells_is_refused_and_changes_nothing() {
    let mut ring = Cells::default();
    used(&rolling(3, 10), &mut ring, ms(0));
    let mut days = Cells::default();
    used(
        &Rule::new(3, Window::Day(Zone::UTC)).unwrap(),
        &mut days,
        ms(0),
    );
    let one = |forget| CellChange::Used { at: ms(1), forget };
    let date = CellChange::UsedOn {
        date: "2026-11-22".parse().unwrap(),
    };
    for (cells, change, error) in [
        (&ring, &one(2), CellsError::Forgets),
        (&ring, &date, CellsError::OtherWindow),
        (&days, &one(0), CellsError::OtherWindow),
        (&Cells::default(), &date, CellsError::OtherWindow),
        (&Cells::default(), &one(1), CellsError::Forgets),
    ] {
        let mut changed = cells.clone();
        assert_eq!(changed.apply(change), Err(error));
        assert_eq!(changed, *cells);
    }
}

/// A hundred uses within a day, as a store keeps them; a store's format may grow, not change.
#[test]
fn cells_are_small_and_their_form_is_frozen() {
    let mut cells = Cells::default();
    let rule = rolling(100, 86_400_000);
    for use_ in 0..100 {
        used(&rule, &mut cells, ms(1_793_491_200_000 + use_ * 60_000));
    }
    assert!(rmp_serde::to_vec_named(&cells).unwrap().len() < 350);

    let mut cells = Cells::default();
    assert_eq!(serde_json::to_value(&cells).unwrap(), json!("unused"));
    for at in [5, 7, 6] {
        used(&rule, &mut cells, ms(at));
    }
    assert_eq!(
        serde_json::to_value(&cells).unwrap(),
        json!({"rolling": {"first": 5, "gaps": [2, -1]}})
    );
    let mut cells = Cells::default();
    let singapore = Window::Day("Asia/Singapore".parse().unwrap());
    used(&Rule::new(3, singapore).unwrap(), &mut cells, ms(0));
    assert_eq!(
        serde_json::to_value(&cells).unwrap(),
        json!({"days": {"zone": "Asia/Singapore", "used": {"1970-01-01": 1}}})
    );
}
