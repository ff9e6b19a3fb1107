//! The shipped definitions, embedded so that a new project has something to begin with.

/// A lifecycle with the policies and principals that go with it.
#[derive(Debug, Clone, Copy)]
pub struct Shipped {
    /// The lifecycle's name.
    pub lifecycle: &'static str,
    /// Paths relative to a project, and texts.
    pub files: &'static [(&'static str, &'static str)],
}

/// Files of the workspace by their paths.
macro_rules! files {
    ($($path:literal,)*) => {
        &[$(($path, include_str!(concat!("../../", $path)))),*]
    };
}

/// Member accounts of a resource directory.
pub const RESOURCE_ACCOUNT: Shipped = Shipped {
    lifecycle: "resource_account",
    files: files![
        "workflows/resource_account/account.yaml",
        "workflows/resource_account/checks/accepted.yaml",
        "workflows/resource_account/checks/properties.yaml",
        "workflows/resource_account/deletion.yaml",
        "workflows/resource_account/directory.yaml",
        "workflows/resource_account/editions/2025-12/checks/accepted.yaml",
        "workflows/resource_account/editions/2025-12/edition.yaml",
        "workflows/resource_account/editions/2025-12/mobile_phone.yaml",
        "workflows/resource_account/email_change.yaml",
        "workflows/resource_account/functions.rhai",
        "workflows/resource_account/identity_verification.yaml",
        "workflows/resource_account/logon_email.yaml",
        "workflows/resource_account/member_type.yaml",
        "workflows/resource_account/membership.yaml",
        "workflows/resource_account/mobile_phone.yaml",
        "workflows/resource_account/notices.yaml",
        "workflows/resource_account/profile.yaml",
        "workflows/resource_account/root_access_key.yaml",
        "workflows/resource_account/root_user.yaml",
        "workflows/resource_account/scenarios/a_hundred_codes_a_day.yaml",
        "workflows/resource_account/scenarios/add_a_number.yaml",
        "workflows/resource_account/scenarios/an_access_key_keeps_an_account_cloud.yaml",
        "workflows/resource_account/scenarios/another_logon_address.yaml",
        "workflows/resource_account/scenarios/bind_a_number.yaml",
        "workflows/resource_account/scenarios/change_a_number.yaml",
        "workflows/resource_account/scenarios/change_the_logon_email.yaml",
        "workflows/resource_account/scenarios/delete_a_member.yaml",
        "workflows/resource_account/scenarios/join_by_invitation.yaml",
        "workflows/resource_account/scenarios/switch_and_back.yaml",
        "workflows/resource_account/scenarios/ten_codes_a_second.yaml",
        "workflows/resource_account/scenarios/verify_an_enterprise.yaml",
        "policies/AdministratorAccess.rhai",
        "policies/AliyunResourceDirectoryFullAccess.rhai",
        "policies/AliyunResourceDirectoryReadOnlyAccess.rhai",
        "policies/ControlPolicyAdministrator.rhai",
        "policies/DirectoryGuardrail.rhai",
        "policies/DirectoryInvitee.rhai",
        "policies/FolderAdministrator.rhai",
        "policies/FullAliyunAccess.rhai",
        "policies/IdentityReview.rhai",
        "policies/LandingZoneSystemAdmin.rhai",
        "policies/LogonPage.rhai",
        "policies/PlatformDirectory.rhai",
        "policies/PlatformNotices.rhai",
        "policies/principals.yaml",
        "policies/properties/directory.rhai",
        "policies/properties/platform.rhai",
        "policies/snapshots/matrix.snap",
        "policies/tests/accounts.yaml",
        "policies/tests/directory.yaml",
        "policies/tests/members.yaml",
    ],
};

/// Readers who subscribe and leave: the smallest lifecycle that is useful.
const NEWSLETTER: Shipped = Shipped {
    lifecycle: "newsletter",
    files: files![
        "workflows/newsletter/account.yaml",
        "workflows/newsletter/checks/properties.yaml",
        "workflows/newsletter/scenarios/join_pause_and_leave.yaml",
        "workflows/newsletter/scenarios/nobody_joins_for_another.yaml",
        "workflows/newsletter/subscription.yaml",
        "policies/newsletter/principals.yaml",
        "policies/newsletter/snapshots/matrix.snap",
        "policies/newsletter/tests/readers.yaml",
    ],
};

/// Member accounts of an organization at AWS.
const AWS_MEMBER: Shipped = Shipped {
    lifecycle: "aws_member",
    files: files![
        "workflows/aws_member/account.yaml",
        "workflows/aws_member/account_state.yaml",
        "workflows/aws_member/checks/accepted.yaml",
        "workflows/aws_member/checks/properties.yaml",
        "workflows/aws_member/primary_email.yaml",
        "workflows/aws_member/scenarios/another_primary_address.yaml",
        "workflows/aws_member/scenarios/close_and_reopen.yaml",
        "policies/aws_member/OrganizationAdministrator.rhai",
        "policies/aws_member/Platform.rhai",
        "policies/aws_member/principals.yaml",
        "policies/aws_member/tests/members.yaml",
    ],
};

/// Projects at Google Cloud.
const GCP_PROJECT: Shipped = Shipped {
    lifecycle: "gcp_project",
    files: files![
        "workflows/gcp_project/account.yaml",
        "workflows/gcp_project/checks/accepted.yaml",
        "workflows/gcp_project/checks/properties.yaml",
        "workflows/gcp_project/details.yaml",
        "workflows/gcp_project/lifecycle_state.yaml",
        "workflows/gcp_project/scenarios/shut_down_and_restore.yaml",
        "policies/gcp_project/Editor.rhai",
        "policies/gcp_project/Owner.rhai",
        "policies/gcp_project/principals.yaml",
        "policies/gcp_project/tests/projects.yaml",
    ],
};

/// Everything that is shipped, the usual one first.
pub const ALL: [Shipped; 4] = [RESOURCE_ACCOUNT, NEWSLETTER, AWS_MEMBER, GCP_PROJECT];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn everything_that_is_shipped_is_embedded() {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let embedded: BTreeSet<String> = ALL
            .iter()
            .flat_map(|shipped| shipped.files)
            .map(|(path, _)| (*path).to_owned())
            .collect();
        let mut shipped = BTreeSet::new();
        for folder in ["workflows", "policies"] {
            collect(workspace, folder, &mut shipped);
        }
        assert_eq!(embedded, shipped);
    }

    /// The files of a folder and those below it, by their paths in the workspace.
    fn collect(workspace: &Path, folder: &str, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(workspace.join(folder)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                collect(workspace, &path, found);
            } else if [".yaml", ".rhai", ".snap"]
                .iter()
                .any(|it| path.ends_with(it))
            {
                found.insert(path);
            }
        }
    }
}
