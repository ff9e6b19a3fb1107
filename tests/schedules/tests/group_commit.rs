//! Thousands of schedules of the group commit; `SCHEDULES` sets another number.

use std::panic::catch_unwind;

use schedules::{
    Syncs, group, group_that_begins_together, group_that_calls_nobody,
    group_that_keeps_room_to_itself, group_that_waits_for_nobody, group_that_wakes_nobody,
    group_that_wakes_one,
};

/// Changes of thread at which bugs are looked for first: few suffice for most.
const DEPTH: usize = 3;

fn schedules() -> usize {
    let asked = std::env::var("SCHEDULES").ok();
    asked.map_or(3_000, |asked| asked.parse().expect("a number"))
}

#[test]
fn nothing_is_answered_before_it_is_durable_and_everything_is_done_once() {
    shuttle::check_random(|| group(Syncs::InTime), schedules());
    shuttle::check_pct(|| group(Syncs::InTime), schedules(), DEPTH);
}

/// The model can fail: each fault that it is to find is planted once, and found.
#[test]
fn faults_that_are_planted_are_found() {
    type Planted = (&'static str, fn());
    let planted: [Planted; 7] = [
        ("syncs late", || group(Syncs::Late)),
        ("begins together", || {
            group_that_begins_together(Syncs::InTime)
        }),
        ("waits for nobody", || {
            group_that_waits_for_nobody(Syncs::InTime)
        }),
        ("calls nobody", || group_that_calls_nobody(Syncs::InTime)),
        ("wakes nobody", || group_that_wakes_nobody(Syncs::InTime)),
        ("wakes one", || group_that_wakes_one(Syncs::InTime)),
        ("keeps room to itself", || {
            group_that_keeps_room_to_itself(Syncs::InTime)
        }),
    ];
    let is_missed = |(_, schedule): &Planted| {
        let schedule = *schedule;
        catch_unwind(|| shuttle::check_random(schedule, schedules())).is_ok()
    };
    let missed: Vec<_> = planted
        .iter()
        .filter(|it| is_missed(it))
        .map(|it| it.0)
        .collect();
    assert_eq!(missed, [""; 0]);
}
