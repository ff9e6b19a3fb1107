//! Cedar as the oracle of `policy export --to cedar`: generated policies decide alike in both, over
//! generated requests, and nothing that was exported fails, in Cedar's validator or in a decision.
//!
//! `PROPTEST_CASES=50000 cargo test --release --test export` tries more than the usual thousand.

mod generated;
mod world;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use self::generated::{policies, requests};
use self::world::{Verdict, World};

#[test]
fn exported_policies_decide_as_ours() {
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok());
    let mut runner = TestRunner::new(ProptestConfig::with_cases(cases.unwrap_or(1_000)));
    let (mut decided, mut refused) = ([0_u32; 3], 0_u32);
    let unproved = std::cell::Cell::new(0);
    let counts = std::cell::RefCell::new((&mut decided, &mut refused));
    let checked = runner.run(&(policies(), requests()), |(scripts, requests)| {
        let world = World::of(&scripts);
        let mut counts = counts.borrow_mut();
        let exported = match world.exported() {
            Ok(exported) => exported,
            Err(codes) => {
                // Only what has no words in Cedar is refused: here that is `?` in a pattern.
                prop_assert_eq!(codes, true, "{:?}", scripts);
                prop_assert!(
                    scripts.iter().any(|script| script.contains('?')),
                    "{:?}",
                    scripts
                );
                *counts.1 += 1;
                return Ok(());
            }
        };
        unproved.set(unproved.get() + u32::from(!exported.is_proved));
        for request in &requests {
            let (ours, theirs) = (world.verdict(request), exported.verdict(request));
            prop_assert_eq!(ours, theirs, "{:?}\n{}", request, exported.text);
            counts.0[ours as usize] += 1;
        }
        Ok(())
    });
    if let Err(found) = checked {
        panic!("{found}");
    }
    println!(
        "allowed, denied, not allowed: {decided:?}; refused: {refused}; not proved: {}",
        unproved.get()
    );
    // A generator that never allows or never denies would prove nothing.
    for verdict in [Verdict::Allow, Verdict::Deny, Verdict::Nothing] {
        assert!(decided[verdict as usize] > 100, "{decided:?}");
    }
}

/// The largest condition that is exported is not too deep for Cedar.
#[test]
fn what_is_exported_is_never_too_deep_for_cedar() {
    let patterns: Vec<String> = (0..256)
        .map(|number| format!("\"ecs:{number}*\""))
        .collect();
    let world = World::of(&[format!("allow [{}];", patterns.join(", "))]);
    let exported = world.exported().expect("it is exported");
    let mut request = generated::plain_request();
    request.action = "ecs:255x".to_owned();
    assert_eq!(exported.verdict(&request), Verdict::Allow);
    assert_eq!(world.verdict(&request), Verdict::Allow);
}
