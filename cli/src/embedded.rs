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
        "workflows/resource_account/directory.yaml",
        "workflows/resource_account/functions.rhai",
        "workflows/resource_account/identity_verification.yaml",
        "workflows/resource_account/logon_email.yaml",
        "workflows/resource_account/member_type.yaml",
        "workflows/resource_account/mobile_phone.yaml",
        "workflows/resource_account/notices.yaml",
        "workflows/resource_account/profile.yaml",
        "workflows/resource_account/root_access_key.yaml",
        "workflows/resource_account/root_user.yaml",
        "policies/AdministratorAccess.rhai",
        "policies/AliyunResourceDirectoryFullAccess.rhai",
        "policies/AliyunResourceDirectoryReadOnlyAccess.rhai",
        "policies/ControlPolicyAdministrator.rhai",
        "policies/DirectoryInvitee.rhai",
        "policies/FolderAdministrator.rhai",
        "policies/IdentityReview.rhai",
        "policies/LandingZoneSystemAdmin.rhai",
        "policies/LogonPage.rhai",
        "policies/PlatformNotices.rhai",
        "policies/principals.yaml",
    ],
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn everything_that_is_shipped_is_embedded() {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let embedded: BTreeSet<String> = RESOURCE_ACCOUNT
            .files
            .iter()
            .map(|(path, _)| (*path).to_owned())
            .collect();
        let mut shipped = BTreeSet::new();
        for folder in ["workflows/resource_account", "policies"] {
            for entry in std::fs::read_dir(workspace.join(folder)).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                if name.ends_with(".yaml") || name.ends_with(".rhai") {
                    shipped.insert(format!("{folder}/{name}"));
                }
            }
        }
        assert_eq!(embedded, shipped);
    }
}
