//! Property tests of the durable limits against models that count every use.
//!
//! "Restart" means that the cells go through the store's encoding and back between two decisions.

mod changed_rules;
mod damage;
mod dates;
mod reckoning;
mod rolling;

use std::time::Duration;

use super::{Admission, CellChange, Cells, Rule, Window};
use crate::time::Timestamp;

/// What a store does to cells: writes them and reads them again.
fn restarted(cells: &Cells) -> Cells {
    rmp_serde::from_slice(&rmp_serde::to_vec_named(cells).unwrap()).unwrap()
}

/// What a journal does to a change.
fn journaled(change: &CellChange) -> CellChange {
    serde_json::from_str(&serde_json::to_string(change).unwrap()).unwrap()
}

/// Decides and, if admitted, commits; says whether it was admitted.
fn used(rule: &Rule, cells: &mut Cells, now: Timestamp) -> bool {
    match rule.admit(cells, now) {
        Admission::Admitted { change, remaining } => {
            assert_eq!(remaining + 1, rule.remaining(cells, now));
            cells.apply(&journaled(&change)).unwrap();
            assert_eq!(remaining, rule.remaining(cells, now));
            true
        }
        Admission::Refused { retry_at, .. } => {
            assert_eq!(rule.remaining(cells, now), 0);
            assert!(retry_at > now);
            false
        }
    }
}

fn ms(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

fn rolling(limit: u32, window_ms: i64) -> Rule {
    let window = Duration::from_millis(window_ms.unsigned_abs());
    Rule::new(limit, Window::Rolling(window)).unwrap()
}

/// The most uses in any window `[t, t + length)`.
fn most_in_any_window(uses: &[i64], window_ms: i64) -> usize {
    let mut uses = uses.to_vec();
    uses.sort_unstable();
    let within = |start: &i64| {
        let inside = |at: &&i64| (*start..start + window_ms).contains(*at);
        uses.iter().filter(inside).count()
    };
    uses.iter().map(within).max().unwrap_or_default()
}
