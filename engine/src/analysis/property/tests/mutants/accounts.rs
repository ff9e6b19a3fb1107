//! Faults of the lifecycle of resource accounts.

use super::Fault;

/// One for each of its properties.
pub(super) const FAULTS: &[Fault] = &[
    (
        "the root user is enabled exactly while the account is a cloud account",
        &[(
            "workflows/resource_account/root_user.yaml",
            "  resume:    { from: suspended, to: active,    triggered_by: member_type.switch_to_cloud }\n",
            "",
        )],
    ),
    (
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
    (
        "whoever enables the root user has acknowledged what that means",
        &[(
            "workflows/resource_account/member_type.yaml",
            "    verify: [root_risk]\n",
            "",
        )],
    ),
    (
        "whoever disables the root user has proved to speak for the account",
        &[(
            "workflows/resource_account/member_type.yaml",
            "      - any: [old_phone, old_email]          # [ours] the published rules do not name the channel\n",
            "",
        )],
    ),
    (
        "every switch to cloud can be switched back",
        &[(
            "workflows/resource_account/member_type.yaml",
            "account.manager != account.id",
            "account.manager == account.id",
        )],
    ),
    (
        "a resource account has no AccessKey of its root user that works",
        &[(
            "workflows/resource_account/member_type.yaml",
            "      - check: state.root_access_key != \"active\"
        because: an AccessKey of the root user would outlive the root user
        deny_code: PrimaryAkInUse\n",
            "",
        )],
    ),
    (
        "a bound number is never lost by a type switch",
        &[(
            "workflows/resource_account/mobile_phone.yaml",
            "transitions:\n",
            "transitions:
  release: { from: bound, to: unbound, triggered_by: member_type.switch_to_resource }\n",
        )],
    ),
    (
        "an account whose number is bound has one",
        &[(
            "workflows/resource_account/mobile_phone.yaml",
            "    verify: [old_email, new_phone]
    set: { phone: input.phone }\n",
            "    verify: [old_email, new_phone]\n",
        )],
    ),
    (
        "no number is bound that was not proved",
        &[(
            "workflows/resource_account/mobile_phone.yaml",
            "    verify: [number_to_bind]\n",
            "",
        )],
    ),
    (
        "no number changes without proof of the old identity, then of the new number",
        &[(
            "workflows/resource_account/mobile_phone.yaml",
            "      - any: [old_phone, old_email]          # first who you are,\n",
            "",
        )],
    ),
    (
        "no logon address changes without proof of the old identity, then of the new address",
        &[(
            "workflows/resource_account/logon_email.yaml",
            "      - any: [old_phone, old_email]
      - new_email\n",
            "      - new_email
      - any: [old_phone, old_email]\n",
        )],
    ),
    (
        "only the root user itself does what the Account Center is for",
        &[(
            "workflows/resource_account/logon_email.yaml",
            "caller: root_user",
            "caller: account_operator",
        )],
    ),
    (
        "a first password is set only by whoever has the account's number or address",
        &[(
            "workflows/resource_account/root_user.yaml",
            "    caller: visitor
    verify: [{ any: [old_phone, old_email] }]\n",
            "    caller: visitor\n",
        )],
    ),
    (
        "nobody retrieves the password of somebody else's account",
        &[(
            "workflows/resource_account/account.yaml",
            "{ kinds: [visitor], of: account.id }",
            "{ kinds: [visitor] }",
        )],
    ),
    (
        "whoever may be enabled can also log on",
        &[(
            "workflows/resource_account/root_user.yaml",
            "    caller: visitor\n",
            "    caller: visitor
    when: account.join_method == \"created\"\n",
        )],
    ),
    (
        "no AccessKey of the root user works that was not proved anew",
        &[(
            "workflows/resource_account/root_access_key.yaml",
            "    verify: [{ any: [old_phone, old_email] }]
    notify: [{ message: access_key_active",
            "    notify: [{ message: access_key_active",
        )],
    ),
    (
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
    (
        "an enterprise that asks for a review can be verified",
        &[(
            "workflows/resource_account/identity_verification.yaml",
            "from: [enterprise_in_review, upgrade_in_review]",
            "from: enterprise_in_review",
        )],
    ),
    (
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
    (
        "a verified enterprise stays one",
        &[(
            "workflows/resource_account/identity_verification.yaml",
            "  refuse_upgrade:
    from: upgrade_in_review",
            "  refuse_upgrade:
    from: [upgrade_in_review, verified_enterprise]",
        )],
    ),
    (
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
    (
        "a member of one directory never manages another",
        &[(
            "workflows/resource_account/directory.yaml",
            "      - check: account.manager == account.id
        because: a member of one directory cannot open another
        deny_code: NotSupport.AccountInAnotherResourceDirectory\n",
            "",
        )],
    ),
    (
        "only verified enterprises open a directory",
        &[(
            "workflows/resource_account/directory.yaml",
            "verified_enterprise",
            "verified_personal",
        )],
    ),
    (
        "nobody opens a directory without proof of a number",
        &[(
            "workflows/resource_account/directory.yaml",
            "    verify: [directory_phone]\n",
            "",
        )],
    ),
    (
        "auditors change nothing",
        &[(
            "policies/principals.yaml",
            "ram_role/auditor: { account: \"1000\", policies: [AliyunResourceDirectoryReadOnlyAccess] }",
            "ram_role/auditor: { account: \"1000\", policies: [AliyunResourceDirectoryFullAccess] }",
        )],
    ),
    (
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
    (
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
    (
        "only verified enterprises join by invitation",
        &[(
            "workflows/resource_account/membership.yaml",
            "verified_enterprise",
            "verified_personal",
        )],
    ),
    (
        "an invitation ends by itself",
        &[(
            "workflows/resource_account/membership.yaml",
            "    after: invitation_validity\n",
            "    triggered_by: directory.enable\n",
        )],
    ),
    (
        "only cloud accounts are let go, and knowingly",
        &[(
            "workflows/resource_account/membership.yaml",
            "    verify: [removal_risk]\n",
            "",
        )],
    ),
    (
        "a resource account is never on its own",
        &[(
            "workflows/resource_account/membership.yaml",
            "      - check: state.member_type == \"cloud\"      # [ours] also of one that was created as a resource
        because: nobody could enter a resource account that stands by itself
        deny_code: AccountTypeOrStatusMismatch\n",
            "",
        )],
    ),
    (
        "nobody is given an address that nobody there agreed to",
        &[(
            "workflows/resource_account/email_change.yaml",
            "    verify: [pending_email]\n",
            "    verify: [old_email]\n",
        )],
    ),
    (
        "a change of address that nobody confirms ends by itself",
        &[(
            "workflows/resource_account/email_change.yaml",
            "    after: email_link_validity\n",
            "    triggered_by: logon_email.change\n",
        )],
    ),
    (
        "whoever lets an account go does not name its address any more",
        &[(
            "workflows/resource_account/email_change.yaml",
            "triggered_by: [membership.remove, deletion.check]",
            "triggered_by: deletion.check",
        )],
    ),
    (
        "only resource accounts that were created in the directory are deleted",
        &[(
            "workflows/resource_account/deletion.yaml",
            "      - check: account.join_method == \"created\"
        because: only accounts that were created in the directory are deleted
        deny_code: MemberTypeError.DeleteAccount\n",
            "",
        )],
    ),
    (
        "no root user deletes a member",
        &[(
            "workflows/resource_account/deletion.yaml",
            "    caller: management_operator
    throttle: delete_account\n",
            "    caller: management_account
    throttle: delete_account\n",
        )],
    ),
    (
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
    (
        "what is deleted stays as it is",
        &[(
            "workflows/resource_account/deletion.yaml",
            "freezes: { because: the account was deleted }",
            "freezes: { except: [notices], because: the account was deleted }",
        )],
    ),
    (
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
    (
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
];
