//! Making projects.

use insta::assert_snapshot;

use crate::common::Project;

#[test]
fn a_project_is_made_with_everything_it_needs() {
    let project = Project::empty();
    assert_snapshot!(project.run("init --dev"), @r"
      +  stateward.yaml
      +  workflows/resource_account/account.yaml
      +  workflows/resource_account/checks/accepted.yaml
      +  workflows/resource_account/checks/properties.yaml
      +  workflows/resource_account/deletion.yaml
      +  workflows/resource_account/directory.yaml
      +  workflows/resource_account/editions/2025-12/checks/accepted.yaml
      +  workflows/resource_account/editions/2025-12/edition.yaml
      +  workflows/resource_account/editions/2025-12/mobile_phone.yaml
      +  workflows/resource_account/email_change.yaml
      +  workflows/resource_account/functions.rhai
      +  workflows/resource_account/identity_verification.yaml
      +  workflows/resource_account/logon_email.yaml
      +  workflows/resource_account/member_type.yaml
      +  workflows/resource_account/membership.yaml
      +  workflows/resource_account/mobile_phone.yaml
      +  workflows/resource_account/notices.yaml
      +  workflows/resource_account/profile.yaml
      +  workflows/resource_account/root_access_key.yaml
      +  workflows/resource_account/root_user.yaml
      +  workflows/resource_account/scenarios/a_hundred_codes_a_day.yaml
      +  workflows/resource_account/scenarios/add_a_number.yaml
      +  workflows/resource_account/scenarios/an_access_key_keeps_an_account_cloud.yaml
      +  workflows/resource_account/scenarios/another_logon_address.yaml
      +  workflows/resource_account/scenarios/bind_a_number.yaml
      +  workflows/resource_account/scenarios/change_a_number.yaml
      +  workflows/resource_account/scenarios/change_the_logon_email.yaml
      +  workflows/resource_account/scenarios/delete_a_member.yaml
      +  workflows/resource_account/scenarios/join_by_invitation.yaml
      +  workflows/resource_account/scenarios/switch_and_back.yaml
      +  workflows/resource_account/scenarios/ten_codes_a_second.yaml
      +  workflows/resource_account/scenarios/verify_an_enterprise.yaml
      +  policies/AdministratorAccess.rhai
      +  policies/AliyunResourceDirectoryFullAccess.rhai
      +  policies/AliyunResourceDirectoryReadOnlyAccess.rhai
      +  policies/ControlPolicyAdministrator.rhai
      +  policies/DirectoryGuardrail.rhai
      +  policies/DirectoryInvitee.rhai
      +  policies/FolderAdministrator.rhai
      +  policies/FullAliyunAccess.rhai
      +  policies/IdentityReview.rhai
      +  policies/LandingZoneSystemAdmin.rhai
      +  policies/LogonPage.rhai
      +  policies/PlatformDirectory.rhai
      +  policies/PlatformNotices.rhai
      +  policies/principals.yaml
      +  policies/properties/directory.rhai
      +  policies/properties/platform.rhai
      +  policies/snapshots/matrix.snap
      +  policies/tests/accounts.yaml
      +  policies/tests/directory.yaml
      +  policies/tests/members.yaml
      +  .stateward/key
      +  .stateward/store.redb
    Made a project with a development store in .
    --- stderr ---
    hint: `stateward check` checks the definition, `stateward account create` makes an account
    ");
    assert_snapshot!(project.read("stateward.yaml"), @r"
    # The project file of stateward. `stateward schema project` tells every key.
    lifecycle: resource_account

    # How codes and notices go out. A development store prints them without being told to.
    # courier: { kind: file, path: .stateward/messages.jsonl }
    # couriers:
    #   email: { kind: smtp, host: mail.example.com, from: accounts@example.com,
    #            username: accounts, password_file: .stateward/smtp-password }
    #   sms: { kind: webhook, url: https://sms.example.com/send, secret_file: .stateward/sms-secret }

    # Who asks, where `--as` does not say.
    # principal: ram_user/ops-lin

    # How long a request that is repeated under its key gets its first answer again.
    # keep_answers: 24h
    ");
    project.run("check").exits(0);
}

#[test]
fn what_is_there_is_never_written_over() {
    let project = Project::new();
    let key = project.read(".stateward/key");
    project.write(
        "policies/DirectoryInvitee.rhai",
        "//! Mine.\nallow \"a:B\";\n",
    );
    let again = project.run("init --dev").exits(0);
    assert!(
        again
            .stdout
            .contains("policies/DirectoryInvitee.rhai (kept)"),
        "{again}"
    );
    assert!(!again.stdout.contains('+'), "{again}");
    assert_eq!(project.read(".stateward/key"), key);
    assert!(
        project
            .read("policies/DirectoryInvitee.rhai")
            .contains("Mine")
    );
}

#[test]
fn a_directory_can_be_named() {
    let project = Project::empty();
    project.run("init --dev somewhere").exits(0);
    project.run("-C somewhere account list").exits(0);
    assert_snapshot!(project.run("-C somewhere/policies account list"), @r"
    --- stderr ---
    error[C0002]: there is no stateward.yaml in somewhere/policies
    hint: `stateward init` makes a project here; `--project DIR` names one
    [exit status: 1]
    ");
}

#[test]
fn a_project_is_found_upward() {
    let project = Project::new();
    let output = project
        .command()
        .current_dir(project.file("policies"))
        .arg("check")
        .output();
    project.answer(&output.unwrap()).exits(0);
}

#[cfg(unix)]
#[test]
fn store_and_key_are_their_owners_alone_and_out_of_version_control() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new();
    for file in [".stateward/key", ".stateward/store.redb"] {
        let mode = std::fs::metadata(project.file(file))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    assert_eq!(project.read(".stateward/.gitignore"), "*\n");
}

#[test]
fn without_a_project_there_is_a_way_to_get_one() {
    assert_snapshot!(Project::empty().run("account list"), @r"
    --- stderr ---
    error[C0002]: there is no stateward.yaml in $PROJECT or above it
    hint: `stateward init` makes a project here; `--project DIR` names one
    [exit status: 1]
    ");
}

#[test]
fn the_first_command_makes_the_store_of_a_project_without_one() {
    let project = Project::new().without_variables();
    std::fs::remove_dir_all(project.file(".stateward")).unwrap();
    project.run("account list").exits(0);
    assert!(project.file(".stateward/store.redb").exists());
    assert!(project.file(".stateward/key").exists());
}
