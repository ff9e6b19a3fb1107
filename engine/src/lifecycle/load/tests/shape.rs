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

#[test]
fn accounts_may_come_in_where_others_come_to() {
    let with = |begins: &str| {
        let account =
            format!("lifecycle: demo\nedition: x\nbegins: {{ old: {{ states: {begins} }} }}\n");
        let w = "workflow: w\ninitial: a\nstates: { a: {}, b: {} }\ntransitions:\n  \
                 stay: { from: a, to: a, after: 1d }\n  back: { from: b, to: a, after: 2d }\n";
        findings(&[
            ("account.yaml".to_owned(), account),
            ("w.yaml".to_owned(), w.to_owned()),
        ])
    };
    insta::assert_snapshot!([
        with("{ w: b }"),
        with("{ w: [a] }"),
        with("{ w: [c, b, b] }"),
        with("{ v: a, w: [b] }"),
        with("{ w: [] }"),
    ].join("\n"), @r"

    w.yaml:3:18 W0203 no transition leads to `b` from the initial state [b] never reached
      w.yaml:2:10 every account begins here [a]
    account.yaml:3:32 W0128 unknown state `c` [c] not among `states:` of `w`
    account.yaml:3:38 W0139 `b` is listed twice [b]
      help: remove one
    account.yaml:3:28 W0129 unknown workflow `v` [v] no such workflow
    account.yaml:3:31 W0137 `w` lists nothing [[]] at least one
    ");
}
