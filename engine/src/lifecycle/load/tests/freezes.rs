//! States that freeze, parameters, quotas of transitions, and attributes that only transitions give.

use std::time::Duration;

use super::support::{changed, findings, load_files};
use crate::lifecycle::model::Transition;

const LOCK: &str = "\
workflow: lock
initial: loose
states:
  loose: {}
  tight: { freezes: { deny_code: Locked } }
transitions:
  turn_on:
    from: loose
    to: tight
    permission: demo:Lock
    resource: acs:demo:*:*:lock
    quota: turns
  turn_off: { from: tight, to: loose, after: rest }
";

/// The small lifecycle beside a lock, of which a text is replaced.
fn with_lock(from: &str, to: &str) -> Vec<(String, String)> {
    let account = (
        "throttles:",
        "  turns: { limit: 3, per: 24h, key: account.id }\nparameters: { rest: 2h }\nthrottles:",
    );
    let mut files = changed("account", account.0, account.1);
    assert!(LOCK.contains(from), "{from}");
    files.push(("lock.yaml".to_owned(), LOCK.replacen(from, to, 1)));
    files
}

fn transition(files: &[(String, String)], name: &str) -> std::sync::Arc<Transition> {
    let (_, loaded) = load_files(files);
    let findings = loaded.diagnostics;
    let lifecycle = loaded.lifecycle.unwrap_or_else(|| panic!("{findings:#?}"));
    lifecycle.transitions[&name.parse().unwrap()].clone()
}

#[test]
fn a_freeze_is_the_first_condition_of_every_other_workflows_requests() {
    let files = with_lock("loose", "loose");
    let bind = transition(&files, "phone.bind");
    let [guard] = bind.guards.as_slice() else {
        panic!("{:?}", bind.guards);
    };
    assert_eq!(guard.condition.text(), "state.lock != \"tight\"");
    assert_eq!(guard.deny_code.as_deref(), Some("Locked"));
    assert_eq!(
        guard.because.as_deref(),
        Some("nothing changes while `lock` is `tight`")
    );
    assert!(transition(&files, "lock.turn_on").guards.is_empty());
    assert!(transition(&files, "lock.turn_off").guards.is_empty());
}

#[test]
fn a_workflow_can_be_left_out_of_a_freeze() {
    let freezes = "freezes: { deny_code: Locked";
    let files = with_lock(freezes, &format!("{freezes}, except: phone"));
    assert!(transition(&files, "phone.bind").guards.is_empty());
    let unknown = findings(&with_lock(freezes, &format!("{freezes}, except: [phon]")));
    assert!(
        unknown.contains("W0129 unknown workflow `phon`"),
        "{unknown}"
    );
    let itself = findings(&with_lock(freezes, &format!("{freezes}, except: lock")));
    assert!(
        itself.contains("W0119 `lock` never freezes itself"),
        "{itself}"
    );
}

#[test]
fn a_freeze_is_part_of_what_attempts_are_bound_to() {
    let of = |files: &[(String, String)]| transition(files, "phone.bind").fingerprint;
    let before = of(&with_lock("loose", "loose"));
    let changes = [
        ("deny_code: Locked", "deny_code: Shut"),
        ("{ freezes: { deny_code: Locked } }", "{}"),
    ];
    for (from, to) in changes {
        assert_ne!(of(&with_lock(from, to)), before, "{to}");
    }
    assert_eq!(of(&with_lock("after: rest", "after: 3h")), before);
}

#[test]
fn a_parameter_is_the_length_that_it_names() {
    let files = with_lock("loose", "loose");
    let named = transition(&files, "lock.turn_off");
    let trigger = format!("{:?}", named.trigger);
    assert_eq!(
        trigger,
        format!("After({:?})", Duration::from_secs(2 * 60 * 60))
    );
    let written = transition(&with_lock("after: rest", "after: 2h"), "lock.turn_off");
    assert_eq!(
        named.fingerprint, written.fingerprint,
        "only the length counts"
    );
}

#[test]
fn a_transitions_quota_is_one_that_it_can_count() {
    let files = with_lock("loose", "loose");
    assert_eq!(transition(&files, "lock.turn_on").quotas, ["turns"]);
    let timed = findings(&with_lock("after: rest", "after: rest, quota: turns"));
    assert!(
        timed.contains("W0119 `quota` has no meaning where nobody asks"),
        "{timed}"
    );
    let mut by_address = with_lock("loose", "loose");
    let key = "  turns: { limit: 3, per: 24h, key: a";
    by_address[0].1 =
        by_address[0]
            .1
            .replacen(&format!("{key}ccount.id"), &format!("{key}ddress"), 1);
    let found = findings(&by_address);
    assert!(found.contains("W0119 `turns` counts by address"), "{found}");
}

#[test]
fn what_only_transitions_give_is_not_there_at_first() {
    let of = |form: &str| findings(&changed("account", "optional: true, personal", form));
    assert_eq!(of("optional: true, set_only: true, personal"), "");
    let needed = of("set_only: true, personal");
    assert!(
        needed.contains("W0115 no account could be created"),
        "{needed}"
    );
    let fixed = of("optional: true, set_only: true, immutable: true, personal");
    assert!(fixed.contains("W0115"), "{fixed}");
}
