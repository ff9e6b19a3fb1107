//! Reviews, with somebody scripted at the terminal.

use std::collections::VecDeque;
use std::path::Path;

use crate::command::scripted::{self, Ended};
use crate::exit::Exit;
use crate::ui::prompt::Prompts;

/// Somebody who types these lines, and then leaves.
struct Reviewer(VecDeque<&'static str>);

impl Prompts for Reviewer {
    fn secret(&mut self, _question: &str) -> std::io::Result<Option<String>> {
        Ok(None)
    }

    fn line(&mut self, _question: &str) -> std::io::Result<Option<String>> {
        Ok(self.0.pop_front().map(str::to_owned))
    }
}

fn run(project: &Path, command: &str, types: &[&'static str]) -> Ended {
    let reviewer = Reviewer(types.iter().copied().collect());
    scripted::run(project, command, Box::new(reviewer))
}

const CASES: &str = r#"
accounts:
  ra1: { id: "1001", attributes: { manager: "1000", path: rd-3G/r-Wm/fd-A/1001 } }
  rb1: { id: "1004", attributes: { manager: "1000", path: rd-3G/r-Wm/fd-B/1004 } }
cases:
  - { name: alice administers fd-A, principal: ram_user/alice, account: ra1,
      transition: mobile_phone.bind, expect: allow }
"#;

/// A project whose decisions are accepted.
fn accepted() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    std::fs::write(path.join("stateward.yaml"), "lifecycle: resource_account\n").unwrap();
    run(path, "init --dev", &[]);
    for folder in ["policies/tests", "policies/snapshots"] {
        let _ = std::fs::remove_dir_all(path.join(folder));
        std::fs::create_dir(path.join(folder)).unwrap();
    }
    std::fs::write(path.join("policies/tests/cases.yaml"), CASES).unwrap();
    assert_eq!(run(path, "policy matrix --check", &[]).exit, Exit::Findings);
    // Nothing is widened the first time: there is nothing that it could be wider than.
    assert_eq!(run(path, "policy accept", &[]).exit, Exit::Done);
    assert_eq!(run(path, "policy matrix --check", &[]).exit, Exit::Done);
    directory
}

/// The same, and then auditors may bind numbers, mike renames accounts, and Lin does nothing.
fn changed() -> tempfile::TempDir {
    let directory = accepted();
    let edit = |file: &str, from: &str, to: &str| {
        let file = directory.path().join("policies").join(file);
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(file, text.replacen(from, to, 1)).unwrap();
    };
    let reads = r#"allow ["resourcemanager:Get*""#;
    let binds = r#"allow ["resourcemanager:BindSecureMobilePhone", "resourcemanager:Get*""#;
    edit("AliyunResourceDirectoryReadOnlyAccess.rhai", reads, binds);
    let all = "let directory";
    let more = "allow \"resourcemanager:UpdateAccount\" when context.mfa ?? false;\nlet directory";
    edit("ControlPolicyAdministrator.rhai", all, more);
    let lin = r#"ram_user/ops-lin: { account: "1000", groups: [operators] }"#;
    edit(
        "principals.yaml",
        lin,
        r#"ram_user/ops-lin: { account: "1000" }"#,
    );
    let ended = run(directory.path(), "policy matrix --check", &[]);
    assert_eq!(ended.exit, Exit::Findings);
    directory
}

#[test]
fn what_is_widened_is_shown_first_and_accepted_one_by_one() {
    let project = changed();
    // `A` takes this one and all that is not widened; the other widened ones are still asked about.
    let ended = run(project.path(), "policy review", &["?", "t", "A", "r", "s"]);
    insta::assert_snapshot!(ended.err, @r"
    ━━━ 1/19  widened ef2c90aa
      ram_role/auditor  resourcemanager:BindSecureMobilePhone  *
      not allowed -> allow   AliyunResourceDirectoryReadOnlyAccess   <- widened
      a accept   r reject   s skip   t all that is pending   q quit   A/R/S this and the rest
      a accept   r reject   s skip   t all that is pending   q quit   A/R/S this and the rest
    id                    principal         permission                                        situation  was    now    by
    ef2c90aa  + widened   ram_role/auditor  resourcemanager:BindSecureMobilePhone             *          -      allow  AliyunResourceDirectoryReadOnlyAccess
    f26dd4a2  + widened   ram_user/mike     resourcemanager:UpdateAccount                     *          -      open   ControlPolicyAdministrator when context.mfa ?? false
    e5a4ba13  + widened   ram_user/ro       resourcemanager:BindSecureMobilePhone             *          -      allow  AliyunResourceDirectoryReadOnlyAccess
    11de667c  - narrowed  ram_user/ops-lin  resourcemanager:AcceptHandshake                   *          allow  -      AliyunResourceDirectoryFullAccess
    eba26405  - narrowed  ram_user/ops-lin  resourcemanager:BindSecureMobilePhone             *          allow  -      AliyunResourceDirectoryFullAccess
    bee72104  - narrowed  ram_user/ops-lin  resourcemanager:CancelChangeAccountEmail          *          allow  -      AliyunResourceDirectoryFullAccess
    0ded7af7  - narrowed  ram_user/ops-lin  resourcemanager:CancelHandshake                   *          allow  -      AliyunResourceDirectoryFullAccess
    9eaf42cc  - narrowed  ram_user/ops-lin  resourcemanager:ChangeAccountEmail                *          allow  -      AliyunResourceDirectoryFullAccess
    19f4324d  - narrowed  ram_user/ops-lin  resourcemanager:CheckAccountDelete                *          allow  -      AliyunResourceDirectoryFullAccess
    35250e63  - narrowed  ram_user/ops-lin  resourcemanager:CreateResourceAccount             *          allow  -      AliyunResourceDirectoryFullAccess
    ba2dc610  - narrowed  ram_user/ops-lin  resourcemanager:DeclineHandshake                  *          allow  -      AliyunResourceDirectoryFullAccess
    8c1facf2  - narrowed  ram_user/ops-lin  resourcemanager:DeleteAccount                     *          allow  -      AliyunResourceDirectoryFullAccess
    84c5a082  - narrowed  ram_user/ops-lin  resourcemanager:EnableResourceDirectory           *          allow  -      AliyunResourceDirectoryFullAccess
    c3a93bb9  - narrowed  ram_user/ops-lin  resourcemanager:GetAccount                        *          allow  -      AliyunResourceDirectoryFullAccess
    298d8a9a  - narrowed  ram_user/ops-lin  resourcemanager:InviteAccountToResourceDirectory  *          allow  -      AliyunResourceDirectoryFullAccess
    7efa5ba3  - narrowed  ram_user/ops-lin  resourcemanager:RemoveCloudAccount                *          allow  -      AliyunResourceDirectoryFullAccess
    6e4d70d8  - narrowed  ram_user/ops-lin  resourcemanager:RetryChangeAccountEmail           *          allow  -      AliyunResourceDirectoryFullAccess
    f3aac44d  - narrowed  ram_user/ops-lin  resourcemanager:SetMemberDeletionPermission       *          allow  -      AliyunResourceDirectoryFullAccess
    2d01bf7b  - narrowed  ram_user/ops-lin  resourcemanager:UpdateAccount                     *          allow  -      AliyunResourceDirectoryFullAccess
    19 permissions changed, pending review
    ━━━ 2/19  widened f26dd4a2
      ram_user/mike  resourcemanager:UpdateAccount  *
      not allowed -> open   ControlPolicyAdministrator when context.mfa ?? false   <- widened
      a accept   r reject   s skip   t all that is pending   q quit   A/R/S this and the rest
    ━━━ 3/19  widened e5a4ba13
      ram_user/ro  resourcemanager:BindSecureMobilePhone  *
      not allowed -> allow   AliyunResourceDirectoryReadOnlyAccess   <- widened
      a accept   r reject   s skip   t all that is pending   q quit   A/R/S this and the rest
    ");
    insta::assert_snapshot!(ended.out, @r"
    18 changes settled
    id                   principal    permission                             situation  was  now    by
    e5a4ba13  + widened  ram_user/ro  resourcemanager:BindSecureMobilePhone  *          -    allow  AliyunResourceDirectoryReadOnlyAccess
    1 permission changed, pending review
    ");
    assert_eq!(ended.exit, Exit::Findings);
    let left = run(project.path(), "policy pending", &[]).out;
    assert_eq!(
        ended.out.lines().skip(1).collect::<Vec<_>>(),
        left.lines().collect::<Vec<_>>()
    );
}

#[test]
fn whoever_leaves_changes_nothing() {
    let project = changed();
    let before = run(project.path(), "policy pending", &[]).out;
    for types in [&["q"][..], &[]] {
        assert_eq!(
            run(project.path(), "policy review", types).exit,
            Exit::Findings
        );
        assert_eq!(run(project.path(), "policy pending", &[]).out, before);
    }
}

#[test]
fn without_ids_only_what_is_not_widened_is_accepted() {
    let project = changed();
    let ended = run(project.path(), "policy accept", &[]);
    assert_eq!(ended.exit, Exit::Findings);
    insta::assert_snapshot!(ended.out, @r"
    16 changes settled
    id                   principal         permission                             situation  was  now    by
    ef2c90aa  + widened  ram_role/auditor  resourcemanager:BindSecureMobilePhone  *          -    allow  AliyunResourceDirectoryReadOnlyAccess
    f26dd4a2  + widened  ram_user/mike     resourcemanager:UpdateAccount          *          -    open   ControlPolicyAdministrator when context.mfa ?? false
    e5a4ba13  + widened  ram_user/ro       resourcemanager:BindSecureMobilePhone  *          -    allow  AliyunResourceDirectoryReadOnlyAccess
    3 permissions changed, pending review
    ");
    // A rejected change is gone until the next test finds it again.
    assert_eq!(run(project.path(), "policy reject", &[]).exit, Exit::Done);
    assert_eq!(run(project.path(), "policy pending", &[]).exit, Exit::Done);
    assert_eq!(run(project.path(), "policy matrix --check", &[]).out, {
        let settled = ended.out.split_once('\n').unwrap();
        settled.1.to_owned()
    });
}
