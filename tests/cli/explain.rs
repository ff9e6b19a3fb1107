//! Explaining diagnostic codes.

use insta::assert_snapshot;

use crate::common::Project;

#[test]
fn a_code_is_explained() {
    assert_snapshot!(Project::empty().run("explain d0003"), @r"
    D0003: no policy allows it

    No statement of the principal's policies allows the permission over every one of the resources, or a
    control policy above the account does not. What is not allowed is denied.

    ## What to do

    `stateward why` shows the permission and the resources that were asked for. Attach a policy that
    allows them, or ask as a principal who has one.
    ");
}

#[test]
fn an_unknown_code_has_a_suggestion() {
    assert_snapshot!(Project::empty().run("explain W010"), @r"
    --- stderr ---
    error[C0008]: there is no diagnostic code `W010`
    hint: did you mean `W0310`?
    [exit status: 2]
    ");
}

#[test]
fn every_code_is_listed() {
    let list = Project::empty().run("explain --all").exits(0);
    for family in ["W0", "P0", "D0", "V0", "Q0", "S0", "C0"] {
        assert!(
            list.stdout.contains(&format!("\n  {family}"))
                || list.stdout.starts_with(&format!("  {family}")),
            "{family}"
        );
    }
}
