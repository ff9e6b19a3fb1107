//! Every decision as a table, and what becomes of it when policies change. How a review goes at a
//! terminal is tested in the program itself.

use insta::assert_snapshot;

use crate::common::Project;

/// A project in which auditors may suddenly bind numbers, and mike may do less.
fn changed() -> Project {
    let project = Project::new();
    let reads = r#"allow ["resourcemanager:Get*""#;
    let binds = r#"allow ["resourcemanager:BindSecureMobilePhone", "resourcemanager:Get*""#;
    let policy = "policies/AliyunResourceDirectoryReadOnlyAccess.rhai";
    project.replace(policy, reads, binds);
    let mike = "policies: [ControlPolicyAdministrator] }";
    project.replace("policies/principals.yaml", mike, "policies: [] }");
    project
}

#[test]
fn a_part_of_the_table_is_shown() {
    let project = Project::new();
    assert_snapshot!(project.run("policy matrix --principal ram_user/a"), @r"
    situations: ca1, ra1, ra2, ra3, rb1

    principal       permission                                situation           decision  by
    ram_user/alice  resourcemanager:AcceptHandshake           *                   allow     FolderAdministrator
    ram_user/alice  resourcemanager:BindSecureMobilePhone     ca1, ra1, ra2, ra3  allow     FolderAdministrator
    ram_user/alice  resourcemanager:CancelChangeAccountEmail  ca1, ra1, ra2, ra3  allow     FolderAdministrator
    ram_user/alice  resourcemanager:CancelHandshake           *                   DENY      FolderAdministrator
    ram_user/alice  resourcemanager:ChangeAccountEmail        ca1, ra1, ra2, ra3  allow     FolderAdministrator
    ram_user/alice  resourcemanager:CheckAccountDelete        ca1, ra1, ra2, ra3  allow     FolderAdministrator
    ram_user/alice  resourcemanager:CreateResourceAccount     ca1, ra1, ra2, ra3  allow     FolderAdministrator
    ram_user/alice  resourcemanager:DeclineHandshake          *                   allow     FolderAdministrator
    ram_user/alice  resourcemanager:DeleteAccount             ca1, ra1, ra2, ra3  allow     FolderAdministrator
    ram_user/alice  resourcemanager:GetAccount                ca1, ra1, ra2, ra3  allow     FolderAdministrator
    ram_user/alice  resourcemanager:RemoveCloudAccount        ca1, ra1, ra2, ra3  allow     FolderAdministrator
    ram_user/alice  resourcemanager:RetryChangeAccountEmail   ca1, ra1, ra2, ra3  allow     FolderAdministrator
    ram_user/alice  resourcemanager:UpdateAccount             ca1, ra1, ra2, ra3  allow     FolderAdministrator
    ");
    let document = project
        .run("policy matrix --permission UpdateAccount -o json")
        .exits(0)
        .json();
    let about = |line: &serde_json::Value| line["permission"] == "resourcemanager:UpdateAccount";
    let decisions = document["decisions"].as_array().unwrap();
    assert!(
        !decisions.is_empty() && decisions.iter().all(about),
        "{document}"
    );
}

#[test]
fn what_is_shipped_is_accepted() {
    let project = Project::new();
    assert_snapshot!(project.run("policy matrix --check"), @r"
    nothing waits to be reviewed
    ");
    assert_snapshot!(project.run("policy review"), @r"
    nothing waits to be reviewed
    ");
}

#[test]
fn a_test_finds_what_changed_and_leaves_it_for_review() {
    let project = changed();
    let test = project.run("policy test").exits(8);
    assert!(
        test.stderr
            .contains("error[P0411]: 3 permissions changed, pending review"),
        "{test}"
    );
    assert_snapshot!(project.run("policy pending"), @r"
    id                    principal         permission                             situation  was    now    by
    ef2c90aa  + widened   ram_role/auditor  resourcemanager:BindSecureMobilePhone  *          -      allow  AliyunResourceDirectoryReadOnlyAccess
    e5a4ba13  + widened   ram_user/ro       resourcemanager:BindSecureMobilePhone  *          -      allow  AliyunResourceDirectoryReadOnlyAccess
    bfeb8d8f  - narrowed  ram_user/mike     resourcemanager:GetAccount             *          allow  -      ControlPolicyAdministrator
    3 permissions changed, pending review
    --- stderr ---
    hint: 2 permissions widened: `stateward policy review` goes through them, `stateward policy accept ID` takes one over
    [exit status: 8]
    ");
}

#[test]
fn a_widened_permission_is_accepted_by_its_id_alone() {
    let project = changed();
    project.run("policy matrix --check").exits(8);
    assert_snapshot!(project.run("policy accept"), @r"
    1 change settled
    id                   principal         permission                             situation  was  now    by
    ef2c90aa  + widened  ram_role/auditor  resourcemanager:BindSecureMobilePhone  *          -    allow  AliyunResourceDirectoryReadOnlyAccess
    e5a4ba13  + widened  ram_user/ro       resourcemanager:BindSecureMobilePhone  *          -    allow  AliyunResourceDirectoryReadOnlyAccess
    2 permissions changed, pending review
    --- stderr ---
    hint: 2 permissions widened: `stateward policy review` goes through them, `stateward policy accept ID` takes one over
    [exit status: 8]
    ");
    assert_snapshot!(project.run("policy accept 00000000"), @r"
    --- stderr ---
    error[C0008]: there is no pending change `00000000`
    hint: `stateward policy pending` lists them
    [exit status: 2]
    ");
    let pending = project.run("policy pending -o json").exits(8).json();
    let ids = pending["changes"].as_array().unwrap().iter();
    let ids: Vec<&str> = ids.map(|change| change["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 2);
    project
        .run(&format!("policy accept {}", ids.join(" ")))
        .exits(0);
    assert!(!project.file("policies/snapshots/matrix.snap.new").exists());
    project.run("policy matrix --check").exits(0);
}

#[test]
fn a_rejected_change_comes_back_until_the_policy_is_mended() {
    let project = changed();
    project.run("policy matrix --check").exits(8);
    let before = project.read("policies/snapshots/matrix.snap");
    assert_snapshot!(project.run("policy reject"), @r"
    3 changes settled
    nothing waits to be reviewed
    --- stderr ---
    hint: the policies still say so: change them, or the next test brings it up again
    ");
    assert_eq!(project.read("policies/snapshots/matrix.snap"), before);
    project.run("policy matrix --check").exits(8);
}

#[test]
fn a_review_takes_a_terminal() {
    let project = changed();
    project.run("policy matrix --check").exits(8);
    assert_snapshot!(project.run("policy review"), @r"
    --- stderr ---
    error[C0001]: there is no terminal to review at
    hint: `stateward policy pending` lists what changed; `accept` and `reject` take its ids
    [exit status: 2]
    ");
}

#[test]
fn a_snapshot_that_is_none_is_told_with_its_line() {
    let project = Project::new();
    let from = "decision  by\n";
    project.replace(
        "policies/snapshots/matrix.snap",
        from,
        "decision  by\nwho  knows\n",
    );
    assert_snapshot!(project.run("policy matrix --check"), @r#"
    --- stderr ---
    error[C0015]: $PROJECT/policies/snapshots/matrix.snap is not a snapshot of the decision matrix: line 4 of the table has not its five columns
    hint: put it back as it was, or delete it: the next `stateward policy matrix --check` proposes every decision anew
    [exit status: 1]
    "#);
}

#[test]
fn what_is_no_longer_so_cannot_be_accepted() {
    let project = changed();
    project.run("policy matrix --check").exits(8);
    let before = project.read("policies/snapshots/matrix.snap");
    let pending = project.run("policy pending -o json").exits(8).json();
    let id = pending["changes"][0]["id"].as_str().unwrap().to_owned();
    let policy = "policies/AliyunResourceDirectoryReadOnlyAccess.rhai";
    project.replace(policy, r#""resourcemanager:BindSecureMobilePhone", "#, "");
    let refused = project.run(&format!("policy accept {id}")).exits(2);
    assert!(
        refused.stderr.contains("there is no pending change"),
        "{refused}"
    );
    assert_eq!(project.read("policies/snapshots/matrix.snap"), before);
    // What mike lost is still so.
    assert!(
        project
            .run("policy accept")
            .exits(0)
            .stdout
            .starts_with("1 change settled")
    );
}

#[test]
fn an_account_more_is_nothing_to_review_but_a_permission_there_is() {
    let project = Project::new();
    let cases = |policy: &str| {
        format!(
            "accounts:\n  zz: {{ id: \"1099\", attributes: {{ manager: \"1000\", \
             path: rd-3G/r-Wm/fd-Z/1099 }} }}\ncases:\n  - {{ name: zz renames, principal: ram_user/ro, \
             account: zz, transition: profile.rename, expect: {policy} }}\n"
        )
    };
    project.write("policies/tests/zz.yaml", &cases("implicit_deny"));
    let check = project.run("policy matrix --check").exits(8);
    // But that its owner may invite the others: whoever owns an account invites in its name.
    let mut widened = check.stdout.lines().filter(|it| it.contains("+ widened"));
    let invites = |line: &str| line.contains("root/1099 ") && line.contains(":InviteAccount");
    assert!(widened.all(invites), "{check}");
    // What nobody was allowed before with any account is widened in the new one as in the others.
    let reads = r#"allow ["resourcemanager:Get*""#;
    let more = r#"allow ["resourcemanager:Upd*", "resourcemanager:Get*""#;
    project.replace(
        "policies/AliyunResourceDirectoryReadOnlyAccess.rhai",
        reads,
        more,
    );
    let check = project.run("policy matrix --check").exits(8);
    let mut widened = check.stdout.lines().filter(|it| it.contains("+ widened"));
    let everywhere = |line: &str| line.contains("ram_user/ro ") && line.contains(" *  ");
    assert!(widened.any(everywhere), "{check}");
}
