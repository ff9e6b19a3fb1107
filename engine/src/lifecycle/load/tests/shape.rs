//! Shapes of workflows, circles of triggers, and what nothing uses.

use super::support::{findings, report};

fn workflow(states: &str, transitions: &str) -> String {
    let text =
        format!("workflow: w\ninitial: a\nstates: {{ {states} }}\ntransitions:\n{transitions}");
    let account = "lifecycle: demo\nedition: 2026-11\n";
    findings(&[
        ("account.yaml".to_owned(), account.to_owned()),
        ("w.yaml".to_owned(), text),
    ])
}

#[test]
fn lost_states_and_circles_are_reported() {
    let all = [
        workflow("a: {}, b: {}", "  go: { from: a, to: a, after: 1d }\n"),
        workflow("a: {}, b: {}", "  go: { from: a, to: b, after: 1d }\n"),
        workflow(
            "a: {}, b: { final: true }",
            "  go: { from: a, to: b, after: 1d }\n  back: { from: [b], to: a, after: 1d }\n",
        ),
        workflow(
            "a: {}",
            "  ping: { from: a, to: a, triggered_by: w.pong }\n  pong: { from: a, to: a, triggered_by: [w.ping] }\n  z: { from: a, to: a, triggered_by: w.z }\n",
        ),
        workflow("", "  x: { from: a, to: a, after: 1d }\n"),
    ];
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn what_nothing_uses_is_reported() {
    insta::assert_snapshot!(report(&[
        ("account", "risk:", "other: { acknowledge: Sure. }\n  risk:"),
        ("account", "context:", "  age: int\ncontext:"),
        ("account", "codes: { quota: codes }", "codes: {}"),
        ("account", "  bound:", "  unbound: x\n  bound:"),
        ("phone", "throttle: calls", "within: 5m"),
        (
            "phone",
            "input: { phone: phone }",
            "input: { phone: phone, why: text }"
        ),
        (
            "phone",
            "    caller: operator\n    throttle",
            "    throttle"
        ),
    ]));
}

#[test]
fn a_restoring_transition_may_work_by_what_it_triggers() {
    let account = (
        "account.yaml".to_owned(),
        "lifecycle: demo\nedition: x\n".to_owned(),
    );
    let of = |by: &str| {
        let right = format!(
            "workflow: right\ninitial: off_duty\nstates: {{ off_duty: {{}}, on_duty: {{}} }}\ntransitions:\n  \
             raise: {{ from: off_duty, to: on_duty, after: 1d, restore: {{ by: {by}, within: 1h }} }}\n  \
             lower: {{ from: on_duty, to: off_duty, triggered_by: kind.back }}\n"
        );
        let kind = "workflow: kind\ninitial: a\nstates: { a: {} }\ntransitions:\n  \
                    back: { from: a, to: a, after: 1d }\n  idle: { from: a, to: a, after: 2d }\n";
        findings(&[
            account.clone(),
            ("kind.yaml".to_owned(), kind.to_owned()),
            ("right.yaml".to_owned(), right),
        ])
    };
    assert_eq!(of("right.lower"), "");
    assert_eq!(of("kind.back"), "");
    assert!(
        of("kind.idle").contains("W0136 `kind.idle` does not lead out of `on_duty` [kind.idle]")
    );
}
