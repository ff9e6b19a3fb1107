//! Definitions that the store's accounts do not fit, and bringing them over.

use insta::assert_snapshot;

use crate::common::Project;

const WORKFLOW: &str = "workflows/newsletter/subscription.yaml";

/// Readers who have left, of the shipped newsletter.
fn newsletter() -> Project {
    let project = Project::empty();
    project.run("init --dev --lifecycle newsletter").exits(0);
    for reader in ["ann", "ben"] {
        let create = format!("account create {reader} -a email={reader}@example.com");
        project.run(&create).exits(0);
    }
    project
}

/// Those who have left are called away, and forgotten after a year.
fn renamed() -> Project {
    let project = newsletter();
    let text = project.read(WORKFLOW).replace("left", "away");
    let forget = "  forget: { from: away, to: gone, after: 365d }\n";
    let text = text.replace("paused: {} }", "paused: {}, gone: { final: true } }");
    project.write(WORKFLOW, &format!("{text}{forget}"));
    project
}

#[test]
fn a_definition_that_accounts_do_not_fit_is_refused() {
    let project = renamed();
    assert_snapshot!(project.run("account list"), @r"
    --- stderr ---
    error[S0011]: 2 of 2 accounts do not fit the definition
    hint: no place is given to accounts in `subscription.left`: 2 accounts
    hint: `stateward store migrate --dry-run` shows what bringing them over would change
    [exit status: 1]
    ");
    assert_snapshot!(project.run("account list -o json"), @r#"
    {
      "schema": "stateward/error/v1",
      "code": "S0011",
      "message": "2 of 2 accounts do not fit the definition",
      "hints": [
        "no place is given to accounts in `subscription.left`: 2 accounts",
        "`stateward store migrate --dry-run` shows what bringing them over would change"
      ],
      "exit": 1
    }
    --- stderr ---
    error[S0011]: 2 of 2 accounts do not fit the definition
    hint: no place is given to accounts in `subscription.left`: 2 accounts
    hint: `stateward store migrate --dry-run` shows what bringing them over would change
    [exit status: 1]
    "#);
}

#[test]
fn a_state_without_a_place_stands_against_a_migration() {
    let project = renamed();
    assert_snapshot!(project.run("store migrate"), @r"
      !  no place is given to accounts in `subscription.left`: 2 accounts (ann, ben)
    Nothing was changed
    --- stderr ---
    error[S0013]: 2 of 2 accounts cannot be brought under the definition
    hint: `stateward explain S0013` tells how to settle it
    [exit status: 8]
    ");
    assert_snapshot!(project.run("store migrate --map subscription.left=gone_away"), @r"
      !  no place is given to accounts in `subscription.gone_away`: 2 accounts (ann, ben)
    Nothing was changed
    --- stderr ---
    error[S0013]: 2 of 2 accounts cannot be brought under the definition
    hint: `stateward explain S0013` tells how to settle it
    [exit status: 8]
    ");
    assert_snapshot!(project.run("store migrate --map subscription"), @r"
    --- stderr ---
    error: invalid value 'subscription' for '--map <STATE=STATE>': write workflow.old=new

    For more information, try '--help'.
    [exit status: 2]
    ");
}

#[test]
fn a_migration_is_rehearsed_made_and_on_record() {
    let project = renamed();
    let map = "--map subscription.left=away";
    assert_snapshot!(project.run(&format!("store migrate --dry-run {map}")), @r"
      ~  subscription left -> away     2 accounts
      +  timer of subscription.forget  2 accounts
    Would bring 2 of 2 accounts under definition a2a4088aeb42
    --- stderr ---
    hint: `stateward store migrate` does it
    ");
    assert_snapshot!(project.run(&format!("store migrate {map}")), @r"
      ~  subscription left -> away     2 accounts
      +  timer of subscription.forget  2 accounts
    Brought 2 of 2 accounts under definition a2a4088aeb42: it is in force
    ");
    assert_snapshot!(project.run("account history ann"), @r"
    1  2026-11-22T08:00:00Z  owner  create: applied
        + account   email=a***@example.com
        + states    subscription=left
        + holds email a***@example.com
    2  2026-11-22T08:00:00Z  owner  migrate: applied
        ~ subscription   left -> away   by migration
        + timer: transition subscription.forget   2027-11-22T08:00:00Z
        = fits definition a2a4088aeb42
    ");
    assert_snapshot!(project.run("account show ann"), @r"
    ann   revision 2   created 2026-11-22T08:00:00Z
    states
      subscription  away  since 2026-11-22T08:00:00Z
    attributes
      email  a***@example.com
    by itself
      transition subscription.forget  in 365 d
    ");
    assert_snapshot!(project.run("store migrate -o json"), @r#"
    {
      "schema": "stateward/store-migrate/v1",
      "definition": "a2a4088aeb4203a6c47b7aa36e0fad0e5679b04dd77ace9fd4a0593f0d095070",
      "dry_run": false,
      "upgraded_from": null,
      "accounts": 2,
      "changing": 0,
      "states": [],
      "attributes": [],
      "claims": [],
      "timers": [],
      "attempts_closed": 0,
      "conflicts": []
    }
    "#);
}

#[test]
fn a_change_that_accounts_need_not_notice_is_just_in_force() {
    let project = newsletter();
    project.replace(WORKFLOW, "after: 30d", "after: 60d");
    project.run("account list").exits(0);
    assert_snapshot!(project.run("store migrate --dry-run"), @"All 2 accounts fit definition f68a1c242821");
}
