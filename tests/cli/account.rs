//! Accounts: creating, listing, showing, their history and quotas.

use insta::assert_snapshot;

use crate::common::Project;

#[test]
fn an_account_is_created_and_shown() {
    let project = Project::new();
    assert_snapshot!(project.create("1001"), @"Done: account 1001 is at revision 1");
    assert_snapshot!(project.run("account show 1001"), @r"
    1001   revision 1   created 2026-11-22T08:00:00Z
    states
      deletion               none        since 2026-11-22T08:00:00Z
      directory              none        since 2026-11-22T08:00:00Z
      email_change           none        since 2026-11-22T08:00:00Z
      identity_verification  unverified  since 2026-11-22T08:00:00Z
      logon_email            virtual     since 2026-11-22T08:00:00Z
      member_type            resource    since 2026-11-22T08:00:00Z
      membership             member      since 2026-11-22T08:00:00Z
      mobile_phone           unbound     since 2026-11-22T08:00:00Z
      notices                ready       since 2026-11-22T08:00:00Z
      profile                shown       since 2026-11-22T08:00:00Z
      root_access_key        none        since 2026-11-22T08:00:00Z
      root_user              disabled    since 2026-11-22T08:00:00Z
    attributes
      avatar_colour         blue
      country               SG
      display_name          payments
      email                 1***@rd-3g.virtual.example
      join_method           created
      legal_entity          Example
      manager               1000
      manager_legal_entity  Example
      member_deletion       disabled
      path                  rd-3G/r-Wm/fd-A/1001
      site                  intl
    ");
}

#[test]
fn an_account_that_has_lived_elsewhere_comes_with_its_states() {
    let project = Project::new();
    let attributes = "-a display_name=x -a country=SG -a site=intl -a path=p -a manager=1000 \
        -a legal_entity=e -a manager_legal_entity=e -a email=root@x.example -a phone=65-91234567";
    let states = "--state mobile_phone=bound --state logon_email=real";
    project
        .run(&format!("account create 1005 {attributes} {states}"))
        .exits(0);
    let document = project.run("account show 1005 -o json").exits(0).json();
    assert_eq!(document["states"]["mobile_phone"]["state"], "bound");
    let wrong = project.run(&format!(
        "account create 1006 {attributes} --state mobile_phone=bond"
    ));
    assert_snapshot!(wrong.exits(7).verdict(), @"Denied at gate 4 of 7, state: `mobile_phone` has no state `bond`; did you mean `bound`?");
}

#[test]
fn mistakes_in_attributes_are_named() {
    let project = Project::new();
    let said = |attribute: &str| {
        let answer = project.run(&format!("account create 1001 -a {attribute}"));
        answer.exits(7).verdict().to_owned()
    };
    assert_snapshot!(said("displayname=x"), @"Denied at gate 4 of 7, state: there is no attribute `displayname`; did you mean `display_name`?");
    assert_snapshot!(said("country=Atlantis"), @"Denied at gate 4 of 7, state: attribute `country`: expected an ISO 3166-1 alpha-2 country code such as SG");
    assert_snapshot!(said("display_name=x"), @"Denied at gate 4 of 7, state: attribute `country` (country) is missing");
    project.run("account create 1001 -a display_name").exits(2);
}

#[test]
fn ids_are_unique_and_so_are_attributes_that_are_meant_to_be() {
    let project = Project::with_account();
    assert_snapshot!(project.create("1001").verdict(), @"Denied at gate 4 of 7, state: account `1001` exists");
    project.create("1002").exits(0);
    assert_snapshot!(project.run("account list"), @r"
    1001
    1002
    ");
    assert_snapshot!(project.run("account list --limit 1"), @r"
    1001
    --- stderr ---
    hint: there may be more: `stateward account list --after 1001`
    ");
    assert_snapshot!(project.run("account list --after 1001 -o jsonl"), @r#"{"schema":"stateward/account-id/v1","account":"1002"}"#);
}

#[test]
fn history_tells_every_decision_that_changed_something() {
    let project = Project::with_account();
    let (attempt, code) = project.bind();
    project
        .run_with(&format!("confirm {attempt} --code-file -"), "000000")
        .exits(5);
    project
        .run_with(&format!("confirm {attempt} --code-file -"), &code)
        .exits(0);
    assert_snapshot!(project.run("account history 1001"), @r"
    1  2026-11-22T08:00:00Z  owner  create: applied
        + account   avatar_colour=blue country=SG display_name=payments email=1***@rd-3g.virtual.example join_method=created legal_entity=Example manager=1000 manager_legal_entity=Example member_deletion=disabled path=rd-3G/r-Wm/fd-A/1001 site=intl
        + states    deletion=none directory=none email_change=none identity_verification=unverified logon_email=virtual member_type=resource membership=member mobile_phone=unbound notices=ready profile=shown root_access_key=none root_user=disabled
        + holds email 1***@rd-3g.virtual.example
    2  2026-11-22T08:00:00Z  ram_user/ops-lin  run mobile_phone.bind: pending
        - 1 of quota verification_codes of 1001
        > verification_code to +65-****4567 by sms
        + timer: end of attempt att_bk1rqgqhk8b6dbg9   2026-11-22T08:30:00Z
        + attempt att_bk1rqgqhk8b6dbg9   lapses 2026-11-22T08:30:00Z
    3  2026-11-22T08:00:00Z  owner  confirm att_bk1rqgqhk8b6dbg9: denied
        V0002: the code is wrong or no longer valid
        ! wrong code
        + attempt att_bk1rqgqhk8b6dbg9   lapses 2026-11-22T08:30:00Z
    4  2026-11-22T08:00:00Z  owner  confirm att_bk1rqgqhk8b6dbg9: applied
        = right code
        - timer: end of attempt att_bk1rqgqhk8b6dbg9
        - attempt att_bk1rqgqhk8b6dbg9   applied
        ~ mobile_phone   unbound -> bound   by mobile_phone.bind
        + holds phone +65-****4567
        ~ phone   -> +65-****4567
        > phone_bound to +65-****4567 by sms
    ");
    assert_snapshot!(project.run("account history 1001 --after 1 --limit 1"), @r"
    2  2026-11-22T08:00:00Z  ram_user/ops-lin  run mobile_phone.bind: pending
        - 1 of quota verification_codes of 1001
        > verification_code to +65-****4567 by sms
        + timer: end of attempt att_bk1rqgqhk8b6dbg9   2026-11-22T08:30:00Z
        + attempt att_bk1rqgqhk8b6dbg9   lapses 2026-11-22T08:30:00Z
    --- stderr ---
    hint: there may be more: `stateward account history 1001 --after 2`
    ");
    let lines = project.run("account history 1001 -o jsonl").exits(0);
    assert_eq!(lines.stdout.lines().count(), 4);
}

#[test]
fn quotas_are_shown() {
    let project = Project::with_account();
    project.bind();
    assert_snapshot!(project.run("quota show 1001"), @r"
    quota               used  limit  window  next free
    verification_codes  1     100    1d      now
    ");
    let document = project.run("quota show 1001 -o json").exits(0).json();
    assert_eq!(document["schema"], "stateward/quota-list/v1");
}

#[test]
fn reading_as_a_principal_is_for_policies_to_allow() {
    let project = Project::with_account();
    project.run("--as ram_user/ro account show 1001").exits(0);
    assert_snapshot!(project.run("--as ram_user/none account show 1001"), @r"
    Denied at policy: no policy allows `resourcemanager:GetAccount` here
      D0003 · ImplicitDeny
    --- stderr ---
    hint: `stateward explain D0003` tells more
    [exit status: 3]
    ");
    for command in [
        "account history 1001",
        "quota show 1001",
        "attempt list 1001",
    ] {
        project
            .run(&format!("--as ram_user/none {command}"))
            .exits(3);
    }
    let denied = project
        .run("--as ram_user/none account show 1001 -o json")
        .exits(3)
        .json();
    assert_eq!(denied["decision"], "denied");
    assert_eq!(
        denied["access_denied_detail"]["AuthAction"],
        "resourcemanager:GetAccount"
    );
}

#[test]
fn an_unknown_account_is_named_to_its_owner_only() {
    let project = Project::with_account();
    assert_snapshot!(project.run("account show 1999"), @r"
    --- stderr ---
    error[C0008]: there is no account `1999`
    hint: `stateward account list` lists them
    [exit status: 2]
    ");
    let stranger = project.run("--as ram_user/none account show 1999").exits(3);
    let known = project.run("--as ram_user/none account show 1001").exits(3);
    assert_eq!(stranger.stdout.replace("1999", "1001"), known.stdout);
}
