//! Faults of the other shipped lifecycles.

use super::Fault;

/// One for each property of newsletters.
pub(super) const NEWSLETTER: &[Fault] = &[
    (
        "nobody is subscribed who did not prove the address",
        &[(
            "workflows/newsletter/subscription.yaml",
            "    verify: [address]\n",
            "",
        )],
    ),
    (
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
    (
        "a reader can always leave",
        &[(
            "workflows/newsletter/subscription.yaml",
            "from: [reading, paused]",
            "from: reading",
        )],
    ),
    (
        "a pause ends by itself",
        &[(
            "workflows/newsletter/subscription.yaml",
            "  resume: { from: paused, to: reading, after: 30d }\n",
            "",
        )],
    ),
];

/// One for each property of member accounts of AWS.
pub(super) const AWS_MEMBER: &[Fault] = &[
    (
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
    (
        "the management account is not closed by its operators",
        &[(
            "workflows/aws_member/account_state.yaml",
            "      - check: account.id != account.management_account
        because: the management account is closed by its own root user, elsewhere
        deny_code: ConstraintViolationException\n",
            "      - check: account.name != \"management\"\n",
        )],
    ),
    (
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
    (
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
    (
        "no address changes that was not proved",
        &[(
            "workflows/aws_member/primary_email.yaml",
            "    verify: [new_email]\n",
            "",
        )],
    ),
    (
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
    (
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
];

/// One for each property of projects at Google Cloud.
pub(super) const GCP_PROJECT: &[Fault] = &[
    (
        "a project that is shut down can be restored",
        &[(
            "policies/gcp_project/Owner.rhai",
            "    \"cloudresourcemanager:UndeleteProject\",\n",
            "",
        )],
    ),
    (
        "a project that is shut down is deleted in time",
        &[(
            "workflows/gcp_project/lifecycle_state.yaml",
            "  purge: { from: delete_requested, to: deleted, after: recovery }",
            "  purge: { from: delete_requested, to: deleted, after: recovery, when: has(account.technical_contact) }",
        )],
    ),
    (
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
    (
        "editors neither shut down nor restore",
        &[(
            "policies/gcp_project/Editor.rhai",
            "\"cloudresourcemanager:UpdateProject\"",
            "\"cloudresourcemanager:UpdateProject\", \"cloudresourcemanager:DeleteProject\"",
        )],
    ),
    (
        "nothing becomes of a project that is shut down",
        &[(
            "workflows/gcp_project/lifecycle_state.yaml",
            "    freezes: { deny_code: FAILED_PRECONDITION, because: the project is shut down }\n",
            "",
        )],
    ),
];
