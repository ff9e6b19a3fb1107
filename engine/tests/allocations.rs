//! A decision allocates nothing, where conditions run natively: neither over many statements and
//! several policies, nor under control policies.
//!
//! A file of its own, because what counts is the allocator of the whole program.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test without its fixture cannot run"
)]

#[path = "../benches/scenario/mod.rs"]
mod scenario;

use stateward::policy::Effect;

use scenario::{OF_A_FOLDER, Scenario, Shape};

/// What every request of a shape allocates, and how they are answered.
fn decide(shape: Shape) -> (u64, Vec<Effect>) {
    // Loading is not what is counted.
    let scenario = Scenario::new(shape);
    let asked = scenario.asked();
    let mut facts: Vec<_> = asked.iter().map(|asked| asked.facts()).collect();
    let mut effects = Vec::with_capacity(asked.len());
    let counted = allocation_counter::measure(|| {
        for (asked, facts) in asked.iter().zip(&mut facts) {
            effects.push(asked.rule(facts).effect);
        }
    });
    (counted.count_total, effects)
}

const PLAIN: Shape = Shape {
    statements: OF_A_FOLDER,
    policies: 1,
    control: false,
    interpreted: false,
};

#[test]
fn a_decision_allocates_nothing_where_conditions_are_lowered() {
    let (_, expected) = decide(PLAIN);
    for effect in [Effect::Allow, Effect::ExplicitDeny, Effect::ImplicitDeny] {
        assert!(
            expected.contains(&effect),
            "no request is answered with {effect}"
        );
    }
    let more = 10 * OF_A_FOLDER;
    for shape in [
        PLAIN,
        Shape {
            policies: 5,
            ..PLAIN
        },
        Shape {
            control: true,
            ..PLAIN
        },
        Shape {
            statements: more,
            ..PLAIN
        },
        Shape {
            statements: more,
            policies: 5,
            control: true,
            ..PLAIN
        },
    ] {
        assert_eq!(decide(shape), (0, expected.clone()), "{shape:?}");
    }
}

/// What counts allocations counts: the interpreter cannot do without.
#[test]
fn an_interpreted_condition_is_counted() {
    let (count, effects) = decide(Shape {
        interpreted: true,
        ..PLAIN
    });
    assert!(count > 0);
    assert_eq!(effects, decide(PLAIN).1);
}
