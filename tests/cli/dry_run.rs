//! Explaining without doing.

use insta::assert_snapshot;

use crate::common::{BIND, Project};

#[test]
fn what_would_happen_is_told_and_does_not_happen() {
    let project = Project::with_account();
    let why = BIND.replace("run 1001", "why 1001");
    assert_snapshot!(project.run(&why), @r"
    mobile_phone.bind would wait for `number_to_bind`, step 1 of 1
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                        workflows/resource_account/account.yaml:78:3
      4 state         ✓ `mobile_phone.bind` leaves from `unbound`       workflows/resource_account/mobile_phone.yaml:10:3
      5 guard         ✓ all 2 conditions hold                           workflows/resource_account/mobile_phone.yaml:10:3
      6 quota         ✓ 99 left of `verification_codes`                 workflows/resource_account/account.yaml:164:3
      7 verification  … waits for `number_to_bind`                      workflows/resource_account/account.yaml:108:3
    what would change
        - 1 of quota verification_codes of 1001
        > verification_code to +65-****4567 by sms
        + timer: end of attempt att_bk1rqgqhk8b6dbg9   2026-11-22T08:30:00Z
        + attempt att_bk1rqgqhk8b6dbg9   lapses 2026-11-22T08:30:00Z
    ");
    let dry = project.run(&format!("{BIND} --dry-run")).exits(0);
    let headline = "mobile_phone.bind would wait for `number_to_bind`, step 1 of 1
";
    assert!(dry.stdout.starts_with(headline), "{dry}");
    assert!(dry.stderr.is_empty(), "nothing was sent: {dry}");
    assert!(project.run("attempt list").exits(0).stdout.is_empty());
}

#[test]
fn a_refusal_is_explained_gate_by_gate() {
    let project = Project::with_account();
    let why = BIND
        .replace("run 1001", "why 1001")
        .replace("ops-lin", "alice");
    project.run(&why).exits(0);
    let why = why.replace("65-91234567", "+8613912345678");
    assert_snapshot!(project.run(&why), @r#"
    Denied at gate 5 of 7, guard: the China site takes numbers of China only, the international site all others
      D0007 · InvalidParameter.MobileCountryCode
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `FolderAdministrator`                                               policies/FolderAdministrator.rhai:14:1
      3 caller        ✓ is `management_operator`                                                       workflows/resource_account/account.yaml:78:3
      4 state         ✓ `mobile_phone.bind` leaves from `unbound`                                      workflows/resource_account/mobile_phone.yaml:10:3
      5 guard         ✗ the China site takes numbers of China only, the international site all others  workflows/resource_account/mobile_phone.yaml:23:16
      6 quota         · not reached
      7 verification  · not reached
    what the conditions say
        ✓ state.member_type ("resource") == "resource"   workflows/resource_account/mobile_phone.yaml:20:16
        ✗ phone_country(input.phone (hidden)) == "CN" == (account.site ("intl") == "china")   workflows/resource_account/mobile_phone.yaml:23:16
    nothing leads there: `state.mobile_phone == "bound"` never holds
      mobile_phone.add: nobody who is known may ask for it
      mobile_phone.bind: the China site takes numbers of China only, the international site all others
      mobile_phone.change: it never is in `bound`
    nothing leads there: `has(account.phone) && account.phone == "+86-****5678"` never holds
      mobile_phone.add: nobody who is known may ask for it
      mobile_phone.bind: the China site takes numbers of China only, the international site all others
      mobile_phone.change: it never is in `bound`
    "#);
    project.run(&format!("{why} --exit-code")).exits(3);
}

#[test]
fn an_explanation_is_data_too() {
    let project = Project::with_account();
    let why = BIND.replace("run 1001", "why 1001");
    let document = project.run(&format!("{why} -o json")).exits(0).json();
    assert_eq!(document["schema"], "stateward/why/v1");
    assert_eq!(document["decision"], "pending");
    assert!(document["attempt"].is_null(), "there is no such attempt");
    let changes = document["changes"].as_array().unwrap();
    assert!(
        changes
            .iter()
            .any(|change| change["change"] == "quota_spent")
    );
}
