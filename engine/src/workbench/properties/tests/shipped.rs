//! The shipped properties: they hold, and each fails for a policy that breaks what it says.

use super::support::{broken, changed, many, shipped, shipped_properties};

#[test]
fn the_shipped_properties_hold_of_requests_of_every_kind() {
    let bundle = shipped();
    let (properties, _) = shipped_properties(&bundle);
    let checked = properties.check(&bundle, &many());
    assert_eq!(checked.verdicts.len(), 12);
    for verdict in &checked.verdicts {
        let (title, relevant) = (&verdict.title, verdict.tried.relevant);
        assert!(verdict.holds(), "{title}");
        assert!(relevant > 0, "{title}: {relevant}");
        assert_eq!(verdict.finding, None, "{title}");
    }
}

/// What is said of the one property that fails once a policy is changed.
fn breaks(title: &str, file: &str, old: &str, new: &str) -> String {
    let bundle = changed(&[(file, old, new)]);
    let (properties, sources) = shipped_properties(&bundle);
    let checked = properties.check(&bundle, &many());
    broken(&sources, &checked.verdicts, title)
}

#[test]
fn an_auditor_who_may_tag_is_found() {
    insta::assert_snapshot!(breaks(
        "an auditor changes anything",
        "policies/AliyunResourceDirectoryReadOnlyAccess.rhai",
        "\"resourcemanager:List*\"",
        "\"resourcemanager:List*\", \"resourcemanager:Tag*\"",
    ), @r#"
    P0425 policies/properties/directory.rhai:5:9 "an auditor changes anything" does not hold [r.allowed && !r.reads]
      allowed (true) && !reads (false)
      this is what decides: Allow policies/AliyunResourceDirectoryReadOnlyAccess.rhai:5:1 [allow ["resourcemanager:Get*", "resourcemanager:List*", "resourcemanager:Tag*"]]
      help: the request, as a case:
      - name: an auditor changes anything
        principal: ram_role/auditor
        action: resourcemanager:Tag
        resource: acs:resourcemanager:*:*:a
        expect: deny

      - name: an auditor changes anything
        principal: ram_role/auditor
        action: resourcemanager:Tag
        resource: acs:resourcemanager:*:*:a
        expect: deny
    "#);
}

#[test]
fn a_visitor_who_may_look_into_the_directory_is_found() {
    insta::assert_snapshot!(breaks(
        "an outsider gets anything of the directory",
        "policies/LogonPage.rhai",
        "allow [\"account:RetrievePassword\", ",
        "allow [\"account:RetrievePassword\", \"resourcemanager:Get*\", ",
    ), @r#"
    P0425 policies/properties/directory.rhai:11:9 "an outsider gets anything of the directory" does not hold [r.allowed && !r.owned && !(r.by in ["AdministratorAccess", "DirectoryInvitee"])]
      allowed (true) && !owned (false) && !(by ("LogonPage") in ["AdministratorAccess", "DirectoryInvitee"])
      this is what decides: Allow policies/LogonPage.rhai:5:1 [allow ["account:RetrievePassword", "resourcemanager:Get*", "account:ConfirmEmail"]]
      help: the request, as a case:
      - name: an outsider gets anything of the directory
        principal: visitor/ra2
        action: resourcemanager:GetAccount
        resource: acs:resourcemanager:*:*:a
        expect: deny

      - name: an outsider gets anything of the directory
        principal: visitor/ra2
        action: resourcemanager:GetAccount
        resource: acs:resourcemanager:*:*:a
        expect: deny
    "#);
}

#[test]
fn an_invited_account_that_may_do_more_is_found() {
    insta::assert_snapshot!(breaks(
        "an invited account may answer its invitation, and change nothing else",
        "policies/DirectoryInvitee.rhai",
        "\"resourcemanager:DeclineHandshake\"",
        "\"resourcemanager:*Handshake\"",
    ), @r#"
    P0425 policies/properties/directory.rhai:15:9 "an invited account may answer its invitation, and change nothing else" does not hold [r.permission in ["resourcemanager:AcceptHandshake", "resourcemanager:DeclineHandshake"]]
      permission ("resourcemanager:CancelHandshake") in ["resourcemanager:AcceptHandshake", "resourcemanager:DeclineHandshake"]
      this is what decides: Allow policies/DirectoryInvitee.rhai:5:1 [allow [     "resourcemanager:GetResourceDirectory",     "resourcemanager:ListHandshakesForAccount",     "resourcemanager:GetHandshake",     "resourcemanager:AcceptHandshake",     "resourcemanager:*Handshake", ]]
      help: the request, as a case:
      - name: "an invited account may answer its invitation, and change nothing else"
        principal: ram_user/x1-admin
        action: resourcemanager:CancelHandshake
        resource: acs:resourcemanager:*:*:a
        expect: deny

      - name: "an invited account may answer its invitation, and change nothing else"
        principal: ram_user/x1-admin
        action: resourcemanager:CancelHandshake
        resource: acs:resourcemanager:*:*:a
        expect: deny
    "#);
}

#[test]
fn a_folder_that_ends_too_early_is_found() {
    insta::assert_snapshot!(breaks(
        "the administrator of folder A reaches the account of another",
        "policies/FolderAdministrator.rhai",
        "`${directory}:account/${folder}/*`",
        "`${directory}:account/rd-3G/r-Wm/*`",
    ), @r#"
    P0425 policies/properties/directory.rhai:21:13 "the administrator of folder A reaches the account of another" does not hold [r.allowed             && !(r.permission in [                 "resourcemanager:GetResourceDirectory",                 "resourcemanager:ListTagKeys",                 "resourcemanager:ListTagValues",             ])             && !like(r.resource, `acs:resourcemanager:*:${kind}/${folder}`)             && !like(r.resource, `acs:resourcemanager:*:${kind}/${folder}/*`)]
      allowed (true) && !(permission ("resourcemanager:GetAccount") in ["resourcemanager:GetResourceDirectory", "resourcemanager:ListTagKeys", "resourcemanager:ListTagValues"]) && !like(resource ("acs:resourcemanager:*:*:account/rd-3G/r-Wm/a"), "acs:resourcemanager:*:account/rd-3G/r-Wm/fd-A") && !like(resource ("acs:resourcemanager:*:*:account/rd-3G/r-Wm/a"), "acs:resourcemanager:*:account/rd-3G/r-Wm/fd-A/*")
      this is what decides: Allow policies/FolderAdministrator.rhai:14:1 [allow [     "resourcemanager:*Account*",     "resourcemanager:*Parent*",     "resourcemanager:*Folder*",     "resourcemanager:*Handshake*",     "resourcemanager:*Contact*",     "resourcemanager:*Members*",     "resourcemanager:*ControlPolicy*",     "resourcemanager:*ControlPolicies*",     "resourcemanager:*SendVerificationCodeFor*",     "resourcemanager:*BindSecureMobilePhone*", ]     on [         `${directory}:account/rd-3G/r-Wm/*`,         `${directory}:folder/${folder}`,         `${directory}:folder/${folder}/*`,         `${directory}:handshake/*`,         `${directory}:policy/controlpolicy/*`,         `${directory}:messagecontact/*`,     ]]
      help: the request, as a case:
      - name: the administrator of folder A reaches the account of another
        principal: ram_user/alice
        action: resourcemanager:GetAccount
        resource: acs:resourcemanager:*:*:account/rd-3G/r-Wm/a
        expect: deny

      - name: the administrator of folder A reaches the account of another
        principal: ram_user/alice
        action: resourcemanager:GetAccount
        resource: acs:resourcemanager:*:*:account/rd-3G/r-Wm/a
        expect: deny
    "#);
}

#[test]
fn a_star_without_its_slash_is_found() {
    insta::assert_snapshot!(breaks(
        "the administrator of folder A reaches the folder of another",
        "policies/FolderAdministrator.rhai",
        "`${directory}:folder/${folder}/*`",
        "`${directory}:folder/${folder}*`",
    ), @r#"
    P0425 policies/properties/directory.rhai:21:13 "the administrator of folder A reaches the folder of another" does not hold [r.allowed             && !(r.permission in [                 "resourcemanager:GetResourceDirectory",                 "resourcemanager:ListTagKeys",                 "resourcemanager:ListTagValues",             ])             && !like(r.resource, `acs:resourcemanager:*:${kind}/${folder}`)             && !like(r.resource, `acs:resourcemanager:*:${kind}/${folder}/*`)]
      allowed (true) && !(permission ("resourcemanager:GetAccount") in ["resourcemanager:GetResourceDirectory", "resourcemanager:ListTagKeys", "resourcemanager:ListTagValues"]) && !like(resource ("acs:resourcemanager:*:*:folder/rd-3G/r-Wm/fd-Aa"), "acs:resourcemanager:*:folder/rd-3G/r-Wm/fd-A") && !like(resource ("acs:resourcemanager:*:*:folder/rd-3G/r-Wm/fd-Aa"), "acs:resourcemanager:*:folder/rd-3G/r-Wm/fd-A/*")
      this is what decides: Allow policies/FolderAdministrator.rhai:14:1 [allow [     "resourcemanager:*Account*",     "resourcemanager:*Parent*",     "resourcemanager:*Folder*",     "resourcemanager:*Handshake*",     "resourcemanager:*Contact*",     "resourcemanager:*Members*",     "resourcemanager:*ControlPolicy*",     "resourcemanager:*ControlPolicies*",     "resourcemanager:*SendVerificationCodeFor*",     "resourcemanager:*BindSecureMobilePhone*", ]     on [         `${directory}:account/${folder}/*`,         `${directory}:folder/${folder}`,         `${directory}:folder/${folder}*`,         `${directory}:handshake/*`,         `${directory}:policy/controlpolicy/*`,         `${directory}:messagecontact/*`,     ]]
      help: the request, as a case:
      - name: the administrator of folder A reaches the folder of another
        principal: ram_user/alice
        action: resourcemanager:GetAccount
        resource: acs:resourcemanager:*:*:folder/rd-3G/r-Wm/fd-Aa
        expect: deny

      - name: the administrator of folder A reaches the folder of another
        principal: ram_user/alice
        action: resourcemanager:GetAccount
        resource: acs:resourcemanager:*:*:folder/rd-3G/r-Wm/fd-Aa
        expect: deny
    "#);
}

#[test]
fn a_deny_that_was_left_out_is_found() {
    insta::assert_snapshot!(breaks(
        "the administrator of a folder is denied what the directory shares",
        "policies/FolderAdministrator.rhai",
        "    \"resourcemanager:CancelHandshake\",\n",
        "",
    ), @r#"
    P0425 policies/properties/directory.rhai:43:9 "the administrator of a folder is denied what the directory shares" does not hold [r.effect == "explicit_deny"]
      effect ("implicit_deny") == "explicit_deny"
      help: the request, as a case:
      - name: the administrator of a folder is denied what the directory shares
        principal: ram_user/alice
        action: resourcemanager:CancelHandshake
        resource: acs:resourcemanager:*:*:a
        expect: explicit_deny

      - name: the administrator of a folder is denied what the directory shares
        principal: ram_user/alice
        action: resourcemanager:CancelHandshake
        resource: acs:resourcemanager:*:*:a
        expect: explicit_deny
    "#);
}

#[test]
fn an_exception_that_was_left_out_is_found() {
    let file = "policies/LandingZoneSystemAdmin.rhai";
    insta::assert_snapshot!(breaks(
        "control policies are written by those who administer the directory",
        file,
        "\"resourcemanager:*\", ",
        "",
    ), @r#"
    P0425 policies/properties/directory.rhai:51:9 "control policies are written by those who administer the directory" does not hold [r.owned || r.by in [         "AdministratorAccess",         "AliyunResourceDirectoryFullAccess",         "ControlPolicyAdministrator",         "FolderAdministrator",     ]]
      owned (false) || by ("LandingZoneSystemAdmin") in ["AdministratorAccess", "AliyunResourceDirectoryFullAccess", "ControlPolicyAdministrator", "FolderAdministrator"]
      this is what decides: Allow policies/LandingZoneSystemAdmin.rhai:5:1 [allow all except ["ram:*", "ims:*", "bss:*", "bssapi:*", "efc:*"]]
      help: the request, as a case:
      - name: control policies are written by those who administer the directory
        principal: ram_user/sysadmin
        action: resourcemanager:UpdateControlPolicy
        resource: acs:resourcemanager:*:*:a
        expect: deny

      - name: control policies are written by those who administer the directory
        principal: ram_user/sysadmin
        action: resourcemanager:UpdateControlPolicy
        resource: acs:resourcemanager:*:*:a
        expect: deny
    "#);
    insta::assert_snapshot!(breaks(
        "the system administrator touches identities, the directory or bills",
        file,
        "\"ims:*\", ",
        "",
    ), @r#"
    P0425 policies/properties/directory.rhai:60:9 "the system administrator touches identities, the directory or bills" does not hold [r.allowed         && !(r.permission in ["ram:GetRole", "ram:ListRoles", "ram:CreateServiceLinkedRole"])         && (starts_with(r.permission, "ram:") || starts_with(r.permission, "ims:")             || starts_with(r.permission, "resourcemanager:") || starts_with(r.permission, "bss"))]
      allowed (true) && !(permission ("ims:A") in ["ram:GetRole", "ram:ListRoles", "ram:CreateServiceLinkedRole"]) && (starts_with(permission ("ims:A"), "ram:") || starts_with(permission ("ims:A"), "ims:") || starts_with(permission ("ims:A"), "resourcemanager:") || starts_with(permission ("ims:A"), "bss"))
      this is what decides: Allow policies/LandingZoneSystemAdmin.rhai:5:1 [allow all except ["ram:*", "resourcemanager:*", "bss:*", "bssapi:*", "efc:*"]]
      help: the request, as a case:
      - name: "the system administrator touches identities, the directory or bills"
        principal: ram_user/sysadmin
        action: ims:A
        resource: acs:ims:*:*:a
        expect: deny

      - name: "the system administrator touches identities, the directory or bills"
        principal: ram_user/sysadmin
        action: ims:A
        resource: acs:ims:*:*:a
        expect: deny
    "#);
}

#[test]
fn whoever_has_one_task_and_gets_another_is_found() {
    insta::assert_snapshot!(breaks(
        "a visitor asks for a new password or confirms an address, and nothing else",
        "policies/LogonPage.rhai",
        "\"account:RetrievePassword\"",
        "\"account:Retrieve*\"",
    ), @r#"
    P0425 policies/properties/platform.rhai:5:9 "a visitor asks for a new password or confirms an address, and nothing else" does not hold [r.permission in ["account:RetrievePassword", "account:ConfirmEmail"]]
      permission ("account:Retrieve") in ["account:RetrievePassword", "account:ConfirmEmail"]
      this is what decides: Allow policies/LogonPage.rhai:5:1 [allow ["account:Retrieve*", "account:ConfirmEmail"]]
      help: the request, as a case:
      - name: "a visitor asks for a new password or confirms an address, and nothing else"
        principal: visitor/ra2
        action: account:Retrieve
        resource: acs:account:*:*:a
        expect: deny

      - name: "a visitor asks for a new password or confirms an address, and nothing else"
        principal: visitor/ra2
        action: account:Retrieve
        resource: acs:account:*:*:a
        expect: deny
    "#);
    insta::assert_snapshot!(breaks(
        "a reviewer reviews identities, and nothing else",
        "policies/IdentityReview.rhai",
        "allow \"account:ReviewIdentity\";",
        "allow \"account:*\" when has(context.mfa) && now.hour >= 8;",
    ), @r#"
    P0425 policies/properties/platform.rhai:9:9 "a reviewer reviews identities, and nothing else" does not hold [r.permission == "account:ReviewIdentity"]
      permission ("account:Report") == "account:ReviewIdentity"
      this is what decides: Allow policies/IdentityReview.rhai:3:1 [allow "account:*" when has(context.mfa) && now.hour >= 8]
      help: the request, as a case:
      - name: "a reviewer reviews identities, and nothing else"
        principal: reviewer/kim
        action: account:Report
        resource: acs:account:*:*:a
        context: { mfa: false }
        now: "2026-01-05T08:00:00Z"
        expect: deny

      - name: "a reviewer reviews identities, and nothing else"
        principal: reviewer/kim
        action: account:Report
        resource: acs:account:*:*:a
        context: { mfa: false }
        now: "2026-01-05T08:00:00Z"
        expect: deny
    "#);
    insta::assert_snapshot!(breaks(
        "a service of the platform reports, and nothing else",
        "policies/PlatformNotices.rhai",
        "allow \"account:SendNotice\";",
        "allow all except \"account:SendNotice\" when account.country == \"GB\";",
    ), @r#"
    P0425 policies/properties/platform.rhai:13:9 "a service of the platform reports, and nothing else" does not hold [r.permission == "account:SendNotice" || starts_with(r.permission, "account:Report")]
      permission ("resourcemanager:A") == "account:SendNotice" || starts_with(permission ("resourcemanager:A"), "account:Report")
      this is what decides: Allow policies/PlatformNotices.rhai:3:1 [allow all except "account:SendNotice" when account.country == "GB"]
      help: the request, as a case:
      - name: "a service of the platform reports, and nothing else"
        principal: service/notices
        action: resourcemanager:A
        resource: acs:resourcemanager:*:*:a
        account: { id: "2", attributes: { country: GB, path: a } }
        expect: deny

      - name: "a service of the platform reports, and nothing else"
        principal: service/notices
        action: resourcemanager:A
        resource: acs:resourcemanager:*:*:a
        account: { id: "2", attributes: { country: GB, path: a } }
        expect: deny
    "#);
    insta::assert_snapshot!(breaks(
        "somebody without policies is allowed anything",
        "policies/principals.yaml",
        "ram_user/none: { account: \"1000\" }",
        "ram_user/none: { account: \"1000\", groups: [operators] }",
    ), @r#"
    P0425 policies/properties/platform.rhai:17:9 "somebody without policies is allowed anything" does not hold [r.allowed]
      allowed (true)
      this is what decides: Allow policies/AliyunResourceDirectoryFullAccess.rhai:6:1 [allow "resourcemanager:*"]
      help: the request, as a case:
      - name: somebody without policies is allowed anything
        principal: ram_user/none
        action: resourcemanager:A
        resource: acs:resourcemanager:*:*:a
        expect: deny

      - name: somebody without policies is allowed anything
        principal: ram_user/none
        action: resourcemanager:A
        resource: acs:resourcemanager:*:*:a
        expect: deny
    "#);
}
