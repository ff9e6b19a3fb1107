//! What each shipped property is there for: a fault in the shipped definition that it alone finds.

use std::fmt::Write as _;
use std::sync::LazyLock;

use super::{checked, read, shipped_properties, tell};
use crate::bundle::{Bundle, read_sources};
use crate::source::SourceMap;

/// A small change of the shipped files, and the property that must no longer hold.
struct Mutant {
    lifecycle: &'static str,
    property: &'static str,
    /// File, text that is there once, text in its place.
    edits: &'static [(&'static str, &'static str, &'static str)],
}

const fn account(
    property: &'static str,
    edits: &'static [(&'static str, &'static str, &'static str)],
) -> Mutant {
    Mutant {
        lifecycle: "resource_account",
        property,
        edits,
    }
}

const fn newsletter(
    property: &'static str,
    edits: &'static [(&'static str, &'static str, &'static str)],
) -> Mutant {
    Mutant {
        lifecycle: "newsletter",
        property,
        edits,
    }
}

const fn aws(
    property: &'static str,
    edits: &'static [(&'static str, &'static str, &'static str)],
) -> Mutant {
    Mutant {
        lifecycle: "aws_member",
        property,
        edits,
    }
}

const fn gcp(
    property: &'static str,
    edits: &'static [(&'static str, &'static str, &'static str)],
) -> Mutant {
    Mutant {
        lifecycle: "gcp_project",
        property,
        edits,
    }
}

const MUTANTS: &[Mutant] = &[
    account(
        "the root user is enabled exactly while the account is a cloud account",
        &[(
            "workflows/resource_account/root_user.yaml",
            "  resume:    { from: suspended, to: active,    triggered_by: member_type.switch_to_cloud }\n",
            "",
        )],
    ),
    account(
        "nobody else does what operators of the management account do",
        &[(
            "workflows/resource_account/member_type.yaml",
            "    caller: management_operator
    throttle: update_account
    when:
      - check: state.mobile_phone == \"bound\"",
            "    throttle: update_account
    when:
      - check: state.mobile_phone == \"bound\"",
        )],
    ),
    account(
        "whoever enables the root user has acknowledged what that means",
        &[(
            "workflows/resource_account/member_type.yaml",
            "    verify: [root_risk]\n",
            "",
        )],
    ),
    account(
        "whoever disables the root user has proved to speak for the account",
        &[(
            "workflows/resource_account/member_type.yaml",
            "      - any: [old_phone, old_email]          # [ours] the published rules do not name the channel\n",
            "",
        )],
    ),
    account(
        "every switch to cloud can be switched back",
        &[(
            "workflows/resource_account/member_type.yaml",
            "account.manager != account.id",
            "account.manager == account.id",
        )],
    ),
    account(
        "a resource account has no AccessKey of its root user that works",
        &[(
            "workflows/resource_account/member_type.yaml",
            "      - check: state.root_access_key != \"active\"
        because: an AccessKey of the root user would outlive the root user
        deny_code: PrimaryAkInUse\n",
            "",
        )],
    ),
    account(
        "a bound number is never lost by a type switch",
        &[(
            "workflows/resource_account/mobile_phone.yaml",
            "transitions:\n",
            "transitions:
  release: { from: bound, to: unbound, triggered_by: member_type.switch_to_resource }\n",
        )],
    ),
    account(
        "an account whose number is bound has one",
        &[(
            "workflows/resource_account/mobile_phone.yaml",
            "    verify: [old_email, new_phone]
    set: { phone: input.phone }\n",
            "    verify: [old_email, new_phone]\n",
        )],
    ),
    account(
        "no number is bound that was not proved",
        &[(
            "workflows/resource_account/mobile_phone.yaml",
            "    verify: [number_to_bind]\n",
            "",
        )],
    ),
    account(
        "no number changes without proof of the old identity, then of the new number",
        &[(
            "workflows/resource_account/mobile_phone.yaml",
            "      - any: [old_phone, old_email]          # first who you are,\n",
            "",
        )],
    ),
    account(
        "no logon address changes without proof of the old identity, then of the new address",
        &[(
            "workflows/resource_account/logon_email.yaml",
            "      - any: [old_phone, old_email]
      - new_email\n",
            "      - new_email
      - any: [old_phone, old_email]\n",
        )],
    ),
    account(
        "only the root user itself does what the Account Center is for",
        &[(
            "workflows/resource_account/logon_email.yaml",
            "caller: root_user",
            "caller: account_operator",
        )],
    ),
    account(
        "a first password is set only by whoever has the account's number or address",
        &[(
            "workflows/resource_account/root_user.yaml",
            "    caller: visitor
    verify: [{ any: [old_phone, old_email] }]\n",
            "    caller: visitor\n",
        )],
    ),
    account(
        "nobody retrieves the password of somebody else's account",
        &[(
            "workflows/resource_account/account.yaml",
            "{ kinds: [visitor], of: account.id }",
            "{ kinds: [visitor] }",
        )],
    ),
    account(
        "whoever may be enabled can also log on",
        &[(
            "workflows/resource_account/root_user.yaml",
            "    caller: visitor\n",
            "    caller: visitor
    when: account.join_method == \"created\"\n",
        )],
    ),
    account(
        "no AccessKey of the root user works that was not proved anew",
        &[(
            "workflows/resource_account/root_access_key.yaml",
            "    verify: [{ any: [old_phone, old_email] }]
    notify: [{ message: access_key_active",
            "    notify: [{ message: access_key_active",
        )],
    ),
    account(
        "only reviewers say whose account it is",
        &[(
            "workflows/resource_account/identity_verification.yaml",
            "  accept_personal:
    from: personal_in_review
    to: verified_personal
    permission: account:ReviewIdentity
    resource: acs:account:*:${account.id}:identity
    caller: identity_reviewer",
            "  accept_personal:
    from: personal_in_review
    to: verified_personal
    permission: account:ReviewIdentity
    resource: acs:account:*:${account.id}:identity
    caller: root_user",
        )],
    ),
    account(
        "an enterprise that asks for a review can be verified",
        &[(
            "workflows/resource_account/identity_verification.yaml",
            "from: [enterprise_in_review, upgrade_in_review]",
            "from: enterprise_in_review",
        )],
    ),
    account(
        "nobody asks for a review whose answer reaches nobody",
        &[(
            "workflows/resource_account/identity_verification.yaml",
            "    caller: root_user
    when: [{ check: state.logon_email == \"real\", because: the answer is sent by e-mail }]
  submit_enterprise:",
            "    caller: root_user
  submit_enterprise:",
        )],
    ),
    account(
        "a verified enterprise stays one",
        &[(
            "workflows/resource_account/identity_verification.yaml",
            "  refuse_upgrade:
    from: upgrade_in_review",
            "  refuse_upgrade:
    from: [upgrade_in_review, verified_enterprise]",
        )],
    ),
    account(
        "no review waits for ever",
        &[(
            "workflows/resource_account/identity_verification.yaml",
            "    from: [personal_in_review, enterprise_in_review]
    to: unverified
    after: 30d",
            "    from: personal_in_review
    to: unverified
    after: 30d",
        )],
    ),
    account(
        "a member of one directory never manages another",
        &[(
            "workflows/resource_account/directory.yaml",
            "      - check: account.manager == account.id
        because: a member of one directory cannot open another
        deny_code: NotSupport.AccountInAnotherResourceDirectory\n",
            "",
        )],
    ),
    account(
        "only verified enterprises open a directory",
        &[(
            "workflows/resource_account/directory.yaml",
            "verified_enterprise",
            "verified_personal",
        )],
    ),
    account(
        "nobody opens a directory without proof of a number",
        &[(
            "workflows/resource_account/directory.yaml",
            "    verify: [directory_phone]\n",
            "",
        )],
    ),
    account(
        "auditors change nothing",
        &[(
            "policies/principals.yaml",
            "ram_role/auditor: { account: \"1000\", policies: [AliyunResourceDirectoryReadOnlyAccess] }",
            "ram_role/auditor: { account: \"1000\", policies: [AliyunResourceDirectoryFullAccess] }",
        )],
    ),
    account(
        "the platform's programs send notices and nothing else",
        &[
            (
                "policies/principals.yaml",
                "policies: [PlatformNotices]",
                "policies: [PlatformNotices, AliyunResourceDirectoryFullAccess]",
            ),
            (
                "workflows/resource_account/profile.yaml",
                "    caller: management_operator\n",
                "",
            ),
        ],
    ),
    account(
        "nobody joins a directory for somebody else",
        &[(
            "workflows/resource_account/membership.yaml",
            "  accept:
    about: Join the directory that the account was invited to.
    from: invited
    to: member
    permission: resourcemanager:AcceptHandshake
    resource: acs:resourcemanager:*:${account.id}:handshake/*
    caller: account_operator\n",
            "  accept:
    about: Join the directory that the account was invited to.
    from: invited
    to: member
    permission: resourcemanager:AcceptHandshake
    resource: acs:resourcemanager:*:${account.id}:handshake/*
    caller: directory_operator\n",
        )],
    ),
    account(
        "only verified enterprises join by invitation",
        &[(
            "workflows/resource_account/membership.yaml",
            "verified_enterprise",
            "verified_personal",
        )],
    ),
    account(
        "an invitation ends by itself",
        &[(
            "workflows/resource_account/membership.yaml",
            "    after: invitation_validity\n",
            "    triggered_by: directory.enable\n",
        )],
    ),
    account(
        "only cloud accounts are let go, and knowingly",
        &[(
            "workflows/resource_account/membership.yaml",
            "    verify: [removal_risk]\n",
            "",
        )],
    ),
    account(
        "a resource account is never on its own",
        &[(
            "workflows/resource_account/membership.yaml",
            "      - check: state.member_type == \"cloud\"      # [ours] also of one that was created as a resource
        because: nobody could enter a resource account that stands by itself
        deny_code: AccountTypeOrStatusMismatch\n",
            "",
        )],
    ),
    account(
        "nobody is given an address that nobody there agreed to",
        &[(
            "workflows/resource_account/email_change.yaml",
            "    verify: [pending_email]\n",
            "    verify: [old_email]\n",
        )],
    ),
    account(
        "a change of address that nobody confirms ends by itself",
        &[(
            "workflows/resource_account/email_change.yaml",
            "    after: email_link_validity\n",
            "    triggered_by: logon_email.change\n",
        )],
    ),
    account(
        "whoever lets an account go does not name its address any more",
        &[(
            "workflows/resource_account/email_change.yaml",
            "triggered_by: [membership.remove, deletion.check]",
            "triggered_by: deletion.check",
        )],
    ),
    account(
        "only resource accounts that were created in the directory are deleted",
        &[(
            "workflows/resource_account/deletion.yaml",
            "      - check: account.join_method == \"created\"
        because: only accounts that were created in the directory are deleted
        deny_code: MemberTypeError.DeleteAccount\n",
            "",
        )],
    ),
    account(
        "no root user deletes a member",
        &[(
            "workflows/resource_account/deletion.yaml",
            "    caller: management_operator
    throttle: delete_account\n",
            "    caller: management_account
    throttle: delete_account\n",
        )],
    ),
    account(
        "nothing becomes of an account that is being deleted",
        &[(
            "workflows/resource_account/deletion.yaml",
            "Deleting begins by itself.
    freezes:
      except: [notices]",
            "Deleting begins by itself.
    freezes:
      except: [notices, profile]",
        )],
    ),
    account(
        "what is deleted stays as it is",
        &[(
            "workflows/resource_account/deletion.yaml",
            "freezes: { because: the account was deleted }",
            "freezes: { except: [notices], because: the account was deleted }",
        )],
    ),
    account(
        "the platform alone deletes what is in an account",
        &[(
            "workflows/resource_account/deletion.yaml",
            "  finish:
    from: deleting
    to: deleted
    permission: account:ReportDeletion
    resource: acs:account:*:${account.id}:deletion
    caller: platform_service\n",
            "  finish:
    from: deleting
    to: deleted
    permission: resourcemanager:DeleteAccount
    resource: acs:resourcemanager:*:${account.manager}:account/${account.path}
    caller: management_operator\n",
        )],
    ),
    account(
        "silence ends by itself",
        &[(
            "workflows/resource_account/deletion.yaml",
            "  end_silence: { from: silence, to: deleting, after: silence_period }",
            "  end_silence:
    from: silence
    to: deleting
    permission: account:ReportDeletion
    resource: acs:account:*:${account.id}:deletion
    caller: platform_service",
        )],
    ),
    newsletter(
        "nobody is subscribed who did not prove the address",
        &[(
            "workflows/newsletter/subscription.yaml",
            "    verify: [address]\n",
            "",
        )],
    ),
    newsletter(
        "nobody but the reader subscribes, pauses or leaves",
        &[(
            "workflows/newsletter/subscription.yaml",
            "    permission: newsletter:Pause
    resource: acs:newsletter:*:${account.id}:subscription
    caller: reader\n",
            "    permission: newsletter:Pause
    resource: acs:newsletter:*:${account.id}:subscription\n",
        )],
    ),
    newsletter(
        "a reader can always leave",
        &[(
            "workflows/newsletter/subscription.yaml",
            "from: [reading, paused]",
            "from: reading",
        )],
    ),
    newsletter(
        "a pause ends by itself",
        &[(
            "workflows/newsletter/subscription.yaml",
            "  resume: { from: paused, to: reading, after: 30d }\n",
            "",
        )],
    ),
    aws(
        "only operators of the management account close an account",
        &[(
            "workflows/aws_member/account_state.yaml",
            "    permission: organizations:CloseAccount
    resource: acs:organizations:*:${account.management_account}:account/${account.organization}/${account.id}
    caller: management_operator\n",
            "    permission: organizations:CloseAccount
    resource: acs:organizations:*:${account.management_account}:account/${account.organization}/${account.id}\n",
        )],
    ),
    aws(
        "the management account is not closed by its operators",
        &[(
            "workflows/aws_member/account_state.yaml",
            "      - check: account.id != account.management_account
        because: the management account is closed by its own root user, elsewhere
        deny_code: ConstraintViolationException\n",
            "      - check: account.name != \"management\"\n",
        )],
    ),
    aws(
        "what is closed can be opened again",
        &[(
            "workflows/aws_member/account_state.yaml",
            "    from: closed
    to: active
    permission: organizations:ReportState",
            "    from: closed
    to: active
    permission: organizations:CloseAccount",
        )],
    ),
    aws(
        "what is closed is deleted in time",
        &[(
            "workflows/aws_member/account_state.yaml",
            "  delete: { from: closed, to: deleted, after: reopening }",
            "  delete:
    from: closed
    to: deleted
    permission: organizations:ReportState
    resource: acs:organizations:*:${account.management_account}:account/${account.organization}/${account.id}
    caller: platform",
        )],
    ),
    aws(
        "no address changes that was not proved",
        &[(
            "workflows/aws_member/primary_email.yaml",
            "    verify: [new_email]\n",
            "",
        )],
    ),
    aws(
        "nothing changes in an account that is closed or being closed",
        &[
            (
                "workflows/aws_member/account_state.yaml",
                "  closed:             { freezes: { deny_code: ConflictException, because: the account is closed } }",
                "  closed:             {}",
            ),
            (
                "workflows/aws_member/primary_email.yaml",
                "state.account_state == \"active\"",
                "state.account_state in [\"active\", \"closed\"]",
            ),
        ],
    ),
    aws(
        "what is deleted stays so",
        &[
            (
                "workflows/aws_member/account_state.yaml",
                "freezes: { because: the account was deleted } }",
                "about: Gone. }",
            ),
            (
                "workflows/aws_member/primary_email.yaml",
                "state.account_state == \"active\"",
                "state.account_state in [\"active\", \"deleted\"]",
            ),
        ],
    ),
    gcp(
        "a project that is shut down can be restored",
        &[(
            "policies/gcp_project/Owner.rhai",
            "    \"cloudresourcemanager:UndeleteProject\",\n",
            "",
        )],
    ),
    gcp(
        "a project that is shut down is deleted in time",
        &[(
            "workflows/gcp_project/lifecycle_state.yaml",
            "  purge: { from: delete_requested, to: deleted, after: recovery }",
            "  purge: { from: delete_requested, to: deleted, after: recovery, when: has(account.technical_contact) }",
        )],
    ),
    gcp(
        "nothing but time deletes a project",
        &[(
            "workflows/gcp_project/lifecycle_state.yaml",
            "  purge: {",
            "  erase:
    from: delete_requested
    to: deleted
    permission: cloudresourcemanager:DeleteProject
    resource: acs:cloudresourcemanager:*:${account.organization}:projects/${account.id}
    caller: member
  purge: {",
        )],
    ),
    gcp(
        "editors neither shut down nor restore",
        &[(
            "policies/gcp_project/Editor.rhai",
            "\"cloudresourcemanager:UpdateProject\"",
            "\"cloudresourcemanager:UpdateProject\", \"cloudresourcemanager:DeleteProject\"",
        )],
    ),
    gcp(
        "nothing becomes of a project that is shut down",
        &[(
            "workflows/gcp_project/lifecycle_state.yaml",
            "    freezes: { deny_code: FAILED_PRECONDITION, because: the project is shut down }\n",
            "",
        )],
    ),
];

impl Mutant {
    fn bundle(&self) -> Bundle {
        let mut sources = SourceMap::default();
        let mut made = 0;
        for file in read_sources(&super::root(), self.lifecycle)
            .unwrap()
            .files()
        {
            let mut text = file.text.to_string();
            for (path, before, after) in self.edits {
                if *path == &*file.path {
                    assert_eq!(
                        text.matches(before).count(),
                        1,
                        "{}: {before}",
                        self.property
                    );
                    text = text.replace(before, after);
                    made += 1;
                }
            }
            sources.add(&file.path, &text);
        }
        assert_eq!(made, self.edits.len(), "{}", self.property);
        Bundle::load(sources, self.lifecycle).unwrap()
    }
}

static FOUND: LazyLock<String> = LazyLock::new(|| {
    let mut out = String::new();
    for mutant in MUTANTS {
        let bundle = mutant.bundle();
        let (properties, sources, findings) = read(&bundle, &shipped_properties(mutant.lifecycle));
        assert_eq!(findings, [], "{}", mutant.property);
        let properties = properties.unwrap();
        writeln!(out, "{}", mutant.property).unwrap();
        for it in checked(&bundle, &properties) {
            if let Some(finding) = it.finding() {
                tell(&sources, &finding, &mut out);
            }
        }
        writeln!(out).unwrap();
    }
    out
});

#[test]
fn every_shipped_property_has_a_fault_that_it_alone_finds() {
    let mut lifecycles = [
        "resource_account",
        "newsletter",
        "aws_member",
        "gcp_project",
    ]
    .map(|it| (it, shipped_properties(it)));
    for mutant in MUTANTS {
        let (_, text) = lifecycles
            .iter_mut()
            .find(|(name, _)| *name == mutant.lifecycle)
            .unwrap();
        let line = format!("  - name: {}\n", mutant.property);
        assert!(text.contains(&line), "{}", mutant.property);
        *text = text.replacen(&line, "", 1);
    }
    for (lifecycle, text) in &lifecycles {
        assert!(!text.contains("  - name: "), "{lifecycle}: {text}");
    }
    for (mutant, found) in MUTANTS.iter().zip(FOUND.split("\n\n")) {
        let findings: Vec<&str> = found.lines().filter(|line| line.starts_with('A')).collect();
        let [finding] = findings.as_slice() else {
            panic!("{found}");
        };
        assert!(finding.starts_with("A0051"), "{found}");
        assert!(finding.ends_with(mutant.property), "{found}");
    }
}

#[test]
fn the_way_on_which_each_breaks_is_told() {
    insta::assert_snapshot!(*FOUND);
}
