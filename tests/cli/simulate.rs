//! Playing scenarios.

use std::fmt;

use insta::assert_snapshot;

use crate::common::{Answer, Project};

/// An answer with its times left out.
struct Timeless(Answer);

impl fmt::Display for Timeless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        text.lines().try_for_each(|line| {
            let units = [" µs", " ms", " s"];
            let took = units.iter().find_map(|unit| line.strip_suffix(unit));
            let kept =
                took.map(|line| line.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.'));
            writeln!(
                f,
                "{}{}",
                kept.unwrap_or(line),
                if took.is_some() { "_" } else { "" }
            )
        })
    }
}

fn simulate(project: &Project, arguments: &str) -> Timeless {
    Timeless(project.run(&format!("simulate {arguments}")))
}

#[test]
fn a_new_project_has_scenarios_that_go_as_they_say() {
    assert_snapshot!(simulate(&Project::new(), ""), @r"
      workflows/resource_account/scenarios/a_hundred_codes_a_day.yaml                 8 steps   ok  _
      workflows/resource_account/scenarios/add_a_number.yaml                          4 steps   ok  _
      workflows/resource_account/scenarios/an_access_key_keeps_an_account_cloud.yaml  10 steps  ok  _
      workflows/resource_account/scenarios/another_logon_address.yaml                 9 steps   ok  _
      workflows/resource_account/scenarios/bind_a_number.yaml                         12 steps  ok  _
      workflows/resource_account/scenarios/change_a_number.yaml                       12 steps  ok  _
      workflows/resource_account/scenarios/change_the_logon_email.yaml                5 steps   ok  _
      workflows/resource_account/scenarios/delete_a_member.yaml                       18 steps  ok  _
      workflows/resource_account/scenarios/join_by_invitation.yaml                    8 steps   ok  _
      workflows/resource_account/scenarios/switch_and_back.yaml                       10 steps  ok  _
      workflows/resource_account/scenarios/ten_codes_a_second.yaml                    4 steps   ok  _
      workflows/resource_account/scenarios/verify_an_enterprise.yaml                  13 steps  ok  _
    12 passed; 113 steps in _
    ");
    let project = Project::empty();
    project.run("init --dev --lifecycle newsletter").exits(0);
    assert_snapshot!(simulate(&project, "--store disk"), @r"
      workflows/newsletter/scenarios/join_pause_and_leave.yaml      6 steps  ok  _
      workflows/newsletter/scenarios/nobody_joins_for_another.yaml  7 steps  ok  _
    2 passed; 13 steps in _
    ");
}

#[test]
fn every_step_is_told_on_request_and_what_is_personal_masked() {
    let project = Project::new();
    assert_snapshot!(simulate(&project, "change_a_number --verbose"), @r"
    workflows/resource_account/scenarios/change_a_number.yaml
      A resource account gets another number the long way round, by way of a cloud account.
      1  ram_user/full asks for mobile_phone.bind of 1002, phone=+65-****5432
         denied by the state gate, AccountSecureMobileAlreadyExists: `mobile_phone.bind` does not leave from `bound`
      2  root/1002 asks for mobile_phone.change of 1002, phone=+65-****5432
         denied by the caller gate, D0004: the principal is not `root_user` of account `1002`, or there is no such account
      3  ram_user/full asks for member_type.switch_to_cloud of 1002, acknowledging root_risk
         applied
         ~ member_type.switch_to_cloud, resource -> cloud
         ~ root_user.enable, disabled -> enabled
         > became_cloud by sms to +65-****4567
      4  visitor/ra2 asks for root_user.retrieve_password of 1002
         waits for old_phone
         > verification_code by sms to +65-****4567
      5  visitor/ra2 confirms old_phone
         applied
         ~ root_user.retrieve_password, enabled -> active
         > password_set by sms to +65-****4567
      6  root/1002 asks for mobile_phone.change of 1002, phone=+44-****3456
         denied by the guard gate, InvalidParameter.MobileCountryCode: a number must be of the country where the account is registered
      7  root/1002 asks for mobile_phone.change of 1002, phone=+65-****5432
         waits for old_phone
         > verification_code by sms to +65-****4567
      8  root/1002 confirms old_phone
         waits for new_phone
         > verification_code by sms to +65-****5432
      9  root/1002 confirms new_phone with a wrong code
         denied by the verification gate, Invalid.VerificationCode: the code is wrong or no longer valid
     10  root/1002 confirms new_phone
         applied
         ~ mobile_phone.change, stays bound
         > phone_bound by sms to +65-****5432
         > phone_replaced by sms to +65-****4567
     11  ram_user/full asks for member_type.switch_to_resource of 1002, acknowledging disable_risk
         waits for old_phone
         > verification_code by sms to +65-****5432
     12  ram_user/full confirms old_phone
         applied
         ~ member_type.switch_to_resource, cloud -> resource
         ~ root_user.suspend, active -> suspended
         > became_resource by sms to +65-****5432

      workflows/resource_account/scenarios/change_a_number.yaml  12 steps  ok  _
    1 passed; 12 steps in _
    ");
    let revealed = project.run("simulate change_a_number --verbose --reveal");
    assert!(revealed.stdout.contains("phone=+6598765432"), "{revealed}");
}

const WRONG: &str = r#"
about: What the author thought the rules were.
given:
  accounts:
    "1001":
      attributes:
        display_name: ra1
        country: SG
        path: rd-3G/r-Wm/fd-A/1001
        manager: "1000"
        email: 1001@rd-3g.virtual.example
steps:
  - run: mobile_phone.bind
    as: ram_user/full
    input: { phone: "+6591234567" }
  - confirm: number_to_bind
    expect: { outcome: applied, attributes: { phone: "+6598765432" } }
  - run: mobile_phone.bind
    as: ram_user/full
    input: { phone: "+6598765432" }
    expect: { waits_for: number_to_bind }
"#;

#[test]
fn what_goes_otherwise_is_shown_with_the_steps_up_to_it() {
    let project = Project::new();
    project.write("wrong.yaml", WRONG);
    assert_snapshot!(simulate(&project, "wrong.yaml"), @r#"
    wrong.yaml
      What the author thought the rules were.
      1  ram_user/full asks for mobile_phone.bind of 1001, phone=+65-****4567
         waits for number_to_bind
         > verification_code by sms to +65-****4567
      2  ram_user/full confirms number_to_bind
         applied
         ~ mobile_phone.bind, unbound -> bound
         > phone_bound by sms to +65-****4567

      wrong.yaml  2 of 3 steps  failed  _
    0 passed, 1 failed; 2 steps in _
    --- stderr ---
    error[A0081]: `phone` of account `1001` is +65-****4567
       ╭▸ wrong.yaml:17:55
       │
    17 │     expect: { outcome: applied, attributes: { phone: "+6598765432" } }
       ╰╴                                                      ━━━━━━━━━━━ expected +65-****5432

    [exit status: 8]
    "#);
    let mended = WRONG.replace("attributes: { phone: \"+6598765432\" }", "owed: []");
    project.write("wrong.yaml", &mended);
    assert_snapshot!(simulate(&project, "wrong.yaml"), @r"
    wrong.yaml
      What the author thought the rules were.
      1  ram_user/full asks for mobile_phone.bind of 1001, phone=+65-****4567
         waits for number_to_bind
         > verification_code by sms to +65-****4567
      2  ram_user/full confirms number_to_bind
         applied
         ~ mobile_phone.bind, unbound -> bound
         > phone_bound by sms to +65-****4567
      3  ram_user/full asks for mobile_phone.bind of 1001, phone=+65-****5432
         denied by the state gate, AccountSecureMobileAlreadyExists: `mobile_phone.bind` does not leave from `bound`

      wrong.yaml  3 of 3 steps  failed  _
    0 passed, 1 failed; 3 steps in _
    --- stderr ---
    error[A0081]: step 3 is denied by the state gate
       ╭▸ wrong.yaml:21:15
       │
    21 │     expect: { waits_for: number_to_bind }
       │               ━━━━━━━━━ expected to wait for `number_to_bind`
       │
       ├ help: AccountSecureMobileAlreadyExists (D0005): `mobile_phone.bind` does not leave from `bound`
       ╰ help: decided at workflows/resource_account/mobile_phone.yaml:10:3

    [exit status: 8]
    ");
}

#[test]
fn what_means_nothing_is_shown_at_its_place() {
    let project = Project::new();
    let misspelt = WRONG.replace("mobile_phone.bind", "mobile_phone.bnd");
    project.write("wrong.yaml", &misspelt);
    assert_snapshot!(simulate(&project, "wrong.yaml"), @r"
      wrong.yaml  not played  2 errors
    0 passed, 1 failed; 0 steps in _
    --- stderr ---
    error[W0212]: there is no transition `mobile_phone.bnd`
       ╭▸ wrong.yaml:13:10
       │
    13 │   - run: mobile_phone.bnd
       │          ━━━━━━━━━━━━━━━━
       ╰╴
    help: did you mean `mobile_phone.bind`?
       ╭╴
    13 │   - run: mobile_phone.bind
       ╰╴                       +

    error[W0212]: there is no transition `mobile_phone.bnd`
       ╭▸ wrong.yaml:18:10
       │
    18 │   - run: mobile_phone.bnd
       │          ━━━━━━━━━━━━━━━━
       ╰╴
    help: did you mean `mobile_phone.bind`?
       ╭╴
    18 │   - run: mobile_phone.bind
       ╰╴                       +

    [exit status: 8]
    ");
    assert_snapshot!(simulate(&project, "change_a_nmber"), @r"
    --- stderr ---
    error[C0008]: there is no scenario `change_a_nmber`
    hint: did you mean `change_a_number`?
    [exit status: 2]
    ");
}

#[test]
fn scripts_read_every_step() {
    let project = Project::empty();
    project.run("init --dev --lifecycle newsletter").exits(0);
    let answer = project
        .run("simulate join_pause_and_leave -o json")
        .exits(0);
    let json = answer.json();
    assert_eq!(json["schema"], "stateward/simulate/v1");
    let scenario = &json["scenarios"][0];
    assert_eq!(scenario["good"], true);
    let acts = scenario["acts"].as_array().unwrap();
    assert_eq!(acts.len(), 6);
    assert_eq!(acts[0]["waits_for"], "address");
    assert_eq!(acts[0]["sent"][0]["to"], "l***@example.com");
    assert_eq!(acts[4]["moves"][0]["transition"], "subscription.resume");
    let lines = project.run("simulate -o jsonl").exits(0).stdout;
    assert_eq!(lines.lines().count(), 2);
}

#[test]
fn scenarios_are_made_for_every_transition_and_go_as_they_say() {
    let project = Project::empty();
    project.run("init --dev --lifecycle newsletter").exits(0);
    assert_snapshot!(project.run("simulate --generate"), @r"
    01_subscription_join.yaml  7 steps
      subscription.join
      subscription.leave
      subscription.pause
      subscription.resume
    1 scenario for 4 of 4 transitions
    --- stderr ---
    hint: `--out DIR` writes them to a folder; `-o json` shows their text
    ");
    assert_snapshot!(project.run("simulate --generate --out made"), @r"
    01_subscription_join.yaml  7 steps
      subscription.join
      subscription.leave
      subscription.pause
      subscription.resume
    1 scenario for 4 of 4 transitions, written to made
    ");
    assert_snapshot!(simulate(&project, "made"), @r"
      made/01_subscription_join.yaml  7 steps  ok  _
    1 passed; 7 steps in _
    ");
    project.write("made/01_subscription_join.yaml", "about: mine\n");
    assert_snapshot!(project.run("simulate --generate --out made"), @r"
    --- stderr ---
    error[C0001]: made/01_subscription_join.yaml was not generated: it is not replaced
    [exit status: 2]
    ");
}

#[test]
fn a_failure_is_an_exit_code() {
    let project = Project::new();
    project.write("wrong.yaml", WRONG);
    project.run("simulate wrong.yaml").exits(8);
    project.run("simulate wrong.yaml -o json").exits(8);
    project.run("simulate nothing.yaml").exits(2);
}
