//! Looking at policies.

use insta::assert_snapshot;

use crate::common::Project;

#[test]
fn policies_are_listed() {
    assert_snapshot!(Project::new().run("policy list"), @r"
    policy                                 statements  about
    AdministratorAccess                    1           Everything, for the administrators that an account names itself.
    AliyunResourceDirectoryFullAccess      1           Full access to the resource directory.
    AliyunResourceDirectoryReadOnlyAccess  1           Read access to the resource directory.
    ControlPolicyAdministrator             2           Mike, who administers control policies for the whole directory.
    DirectoryGuardrail                     1           A control policy: what nobody may do in a member account, whatever its own policies allow.
    DirectoryInvitee                       1           The least that a principal of an invited account needs to answer an invitation.
    FolderAdministrator                    3           Alice, who administers one folder of the directory and all that lies below it.
    FullAliyunAccess                       1           Everything: the control policy that bounds nothing.
    IdentityReview                         1           The platform's staff who examine identity documents.
    LandingZoneSystemAdmin                 2           The system administrator of a landing zone: every service but identity, directory and billing.
    LogonPage                              1           What somebody at the logon page may ask for who has named an account but proved nothing.
    PlatformDirectory                      1           The platform's own programs, which tell members of their directory and carry deletions out.
    PlatformNotices                        1           The platform's own programs, which report what happened to an account's resources.
    ");
}

#[test]
fn a_policy_is_shown_with_who_has_it() {
    let project = Project::new();
    assert_snapshot!(project.run("policy show AliyunResourceDirectoryFullAccess"), @r"
    AliyunResourceDirectoryFullAccess
      Full access to the resource directory.

      Modelled: the text of the system policy of this name is not published. Its siblings allow every
      action of one service, and so does this.
      allow resourcemanager:*   policies/AliyunResourceDirectoryFullAccess.rhai:6:1
    held by ram_user/full, ram_user/ops-lin, sso_session/ops-lin
    ");
    assert_snapshot!(project.run("policy show LandingZoneSystemAdmin"), @r"
    LandingZoneSystemAdmin
      The system administrator of a landing zone: every service but identity, directory and billing.

      After the published landing-zone templates, which write it with `NotAction`.
      allow all except ram:*, ims:*, resourcemanager:*, bss:*, bssapi:*, efc:*   policies/LandingZoneSystemAdmin.rhai:5:1
      allow ram:GetRole, ram:ListRoles, ram:CreateServiceLinkedRole   policies/LandingZoneSystemAdmin.rhai:7:1
    held by ram_user/sysadmin
    ");
    let document = project
        .run("policy show DirectoryInvitee -o json")
        .exits(0)
        .json();
    assert_eq!(document["statements"][0]["effect"], "allow");
}

#[test]
fn an_unknown_policy_has_a_suggestion() {
    assert_snapshot!(Project::new().run("policy show AdministratorAcess"), @r"
    --- stderr ---
    error[C0008]: there is no policy `AdministratorAcess`
    hint: did you mean `AdministratorAccess`?
    [exit status: 2]
    ");
}
