//! Who gains and who loses what by a change of policies.

use insta::assert_snapshot;

use crate::common::Project;

/// The definition of a project as it was, kept beside it.
fn kept(project: &Project) -> String {
    let old = project.file("old");
    for folder in ["workflows/resource_account", "policies"] {
        std::fs::create_dir_all(old.join(folder)).unwrap();
        for entry in std::fs::read_dir(project.file(folder)).unwrap() {
            let entry = entry.unwrap();
            if entry.path().is_file() {
                let to = old.join(folder).join(entry.file_name());
                std::fs::copy(entry.path(), to).unwrap();
            }
        }
    }
    "old".to_owned()
}

#[test]
fn a_definition_does_not_differ_from_itself() {
    let project = Project::new();
    kept(&project);
    assert_snapshot!(project.run("policy diff old --deny-widening"), @"0 gains, 0 losses, 0 changed statements");
}

#[test]
fn gains_come_first_and_can_fail_the_build() {
    let project = Project::new();
    kept(&project);
    project.replace(
        "policies/FolderAdministrator.rhai",
        "rd-3G/r-Wm/fd-A",
        "rd-3G/r-Wm/fd-B",
    );
    project.replace(
        "policies/AliyunResourceDirectoryFullAccess.rhai",
        "allow \"resourcemanager:*\";",
        "allow \"resourcemanager:*\" when (context.mfa ?? false) && state.member_type == \"resource\";",
    );
    let answer = project.run("policy diff old --deny-widening").exits(8);
    assert_eq!(answer.stdout.lines().next(), Some("gained (widened)"));
    let document = project.run("policy diff old -o json").exits(0).json();
    let of = |list: &str, who: &str| {
        let all = document[list].as_array().unwrap().clone();
        let bind = all.into_iter().find(|it| {
            it["principal"] == who && it["asked_by"] == "mobile_phone.bind" && it["certain"] == true
        });
        bind.map_or_else(|| "nothing".to_owned(), |it| it["when"].to_string())
    };
    assert_snapshot!(of("gains", "ram_user/alice"), @r#"[[{"name":"account.path","value":"rd-3G/r-Wm/fd-B/x"}]]"#);
    assert_snapshot!(of("losses", "ram_user/alice"), @r#"[[{"name":"account.path","value":"rd-3G/r-Wm/fd-A/x"}]]"#);
    assert_snapshot!(of("losses", "ram_user/full"), @r#"[[{"name":"context.mfa","value":"unset"},{"name":"state.member_type","value":"cloud"}],[{"name":"context.mfa","value":"unset"},{"name":"state.member_type","value":"resource"}],[{"name":"context.mfa","value":"true"},{"name":"state.member_type","value":"cloud"}],[{"name":"context.mfa","value":"false"},{"name":"state.member_type","value":"cloud"}],[{"name":"context.mfa","value":"false"},{"name":"state.member_type","value":"resource"}]]"#);
    assert_eq!(of("gains", "ram_user/full"), "nothing");
    assert_snapshot!(document["statements"], @r#"[{"edit":"removed","place":"policies/AliyunResourceDirectoryFullAccess.rhai:6:1","policy":"AliyunResourceDirectoryFullAccess","text":"allow resourcemanager:*"},{"edit":"added","place":"policies/AliyunResourceDirectoryFullAccess.rhai:6:1","policy":"AliyunResourceDirectoryFullAccess","text":"allow resourcemanager:* when (context.mfa ?? false) && state.member_type == \"resource\""},{"edit":"removed","place":"policies/FolderAdministrator.rhai:14:1","policy":"FolderAdministrator","text":"allow resourcemanager:*Account*, resourcemanager:*Parent*, resourcemanager:*Folder*, resourcemanager:*Handshake*, resourcemanager:*Contact*, resourcemanager:*Members*, resourcemanager:*ControlPolicy*, resourcemanager:*ControlPolicies*, resourcemanager:*SendVerificationCodeFor*, resourcemanager:*BindSecureMobilePhone* on acs:resourcemanager:*:*:account/rd-3G/r-Wm/fd-A/*, acs:resourcemanager:*:*:folder/rd-3G/r-Wm/fd-A, acs:resourcemanager:*:*:folder/rd-3G/r-Wm/fd-A/*, acs:resourcemanager:*:*:handshake/*, acs:resourcemanager:*:*:policy/controlpolicy/*, acs:resourcemanager:*:*:messagecontact/*"},{"edit":"added","place":"policies/FolderAdministrator.rhai:14:1","policy":"FolderAdministrator","text":"allow resourcemanager:*Account*, resourcemanager:*Parent*, resourcemanager:*Folder*, resourcemanager:*Handshake*, resourcemanager:*Contact*, resourcemanager:*Members*, resourcemanager:*ControlPolicy*, resourcemanager:*ControlPolicies*, resourcemanager:*SendVerificationCodeFor*, resourcemanager:*BindSecureMobilePhone* on acs:resourcemanager:*:*:account/rd-3G/r-Wm/fd-B/*, acs:resourcemanager:*:*:folder/rd-3G/r-Wm/fd-B, acs:resourcemanager:*:*:folder/rd-3G/r-Wm/fd-B/*, acs:resourcemanager:*:*:handshake/*, acs:resourcemanager:*:*:policy/controlpolicy/*, acs:resourcemanager:*:*:messagecontact/*"}]"#);
}

#[test]
fn a_policy_that_is_attached_is_a_gain() {
    let project = Project::new();
    kept(&project);
    project.replace(
        "policies/principals.yaml",
        "ram_user/none: { account: \"1000\" }",
        "ram_user/none: { account: \"1000\", policies: [IdentityReview] }",
    );
    assert_snapshot!(project.run("policy diff old"), @r"
    gained (widened)
      + ram_user/none  account:ReviewIdentity   identity_verification.accept_enterprise
      + ram_user/none  account:ReviewIdentity   identity_verification.accept_personal
      + ram_user/none  account:ReviewIdentity   identity_verification.refuse
      + ram_user/none  account:ReviewIdentity   identity_verification.refuse_upgrade
    4 gains, 0 losses, 0 changed statements
    ");
    assert_snapshot!(project.run("policy diff . old"), @r"
    lost
      - ram_user/none  account:ReviewIdentity   identity_verification.accept_enterprise
      - ram_user/none  account:ReviewIdentity   identity_verification.accept_personal
      - ram_user/none  account:ReviewIdentity   identity_verification.refuse
      - ram_user/none  account:ReviewIdentity   identity_verification.refuse_upgrade
    0 gains, 4 losses, 0 changed statements
    ");
}
