//! Shipped policies that are published as documents, too: both say the same.

use std::collections::BTreeSet;
use std::path::Path;

use acceptance::documents::Documents;
use stateward::policy::document::Kind;

const PAIRS: [(&str, &str); 5] = [
    ("read_only.json", "AliyunResourceDirectoryReadOnlyAccess"),
    ("mike.json", "ControlPolicyAdministrator"),
    ("alice.json", "FolderAdministrator"),
    ("invitee.json", "DirectoryInvitee"),
    ("landing_zone.json", "LandingZoneSystemAdmin"),
];

fn file(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::read_to_string(root.join(path)).unwrap()
}

const SERVICES: [&str; 5] = ["resourcemanager", "ResourceManager", "ram", "ecs", "bss"];
const VERBS: [&str; 14] = [
    "Get",
    "List",
    "Update",
    "Create",
    "Delete",
    "Attach",
    "Enable",
    "Disable",
    "Accept",
    "Decline",
    "Cancel",
    "Bind",
    "SendVerificationCodeFor",
    "",
];
const NOUNS: [&str; 19] = [
    "Account",
    "Accounts",
    "ResourceDirectory",
    "Handshake",
    "HandshakesForAccount",
    "ControlPolicy",
    "ControlPolicies",
    "Folder",
    "Parent",
    "MessageContact",
    "Members",
    "TagKeys",
    "Role",
    "Roles",
    "ServiceLinkedRole",
    "SecureMobilePhone",
    "BindSecureMobilePhone",
    "MessageContactUpdate",
    "",
];
const PLACES: [&str; 5] = ["*:1000", ":1000", "cn-hangzhou:1000", ":", "*:*"];
const PATHS: [&str; 13] = [
    "account/rd-3G/r-Wm/fd-A/1001",
    "account/rd-3G/r-Wm/fd-A/fd-A1/1003",
    "account/rd-3G/r-Wm/fd-A",
    "account/rd-3G/r-Wm/fd-B/1004",
    "account/*",
    "folder/rd-3G/r-Wm/fd-A",
    "folder/rd-3G/r-Wm/fd-A/fd-A1",
    "folder/rd-3G/r-Wm/fd-AB",
    "handshake/h-1",
    "handshake/*",
    "policy/controlpolicy/cp-1",
    "messagecontact/m-1",
    "instance/i-1",
];

/// Every action over the words, each on a resource of its own service; which one, goes round with
/// `from`.
fn requests(from: usize) -> impl Iterator<Item = (String, String)> {
    let verbs = VERBS
        .iter()
        .flat_map(|verb| NOUNS.map(|noun| format!("{verb}{noun}")));
    let names: Vec<String> = verbs.collect();
    let actions = SERVICES.iter().flat_map(move |service| {
        let of = |name: &String| (*service, name.clone());
        names.iter().map(of).collect::<Vec<_>>()
    });
    actions.enumerate().map(move |(at, (service, name))| {
        let at = at + from;
        let (place, path) = (PLACES[at % PLACES.len()], PATHS[at % PATHS.len()]);
        let name = if at.is_multiple_of(3) {
            name.to_lowercase()
        } else {
            name
        };
        let owner = service.to_lowercase();
        (
            format!("{service}:{name}"),
            format!("acs:{owner}:{place}:{path}"),
        )
    })
}

#[test]
fn shipped_policies_say_what_their_documents_say() {
    let documents = Documents::default();
    for (document, shipped) in PAIRS {
        let text = file(&format!("tests/fixtures/documents/{document}"));
        let read = documents.import(&text, Kind::Identity, false);
        let imported = read.imported.unwrap().script;
        let script = file(&format!("policies/{shipped}.rhai"));
        let (set, findings) = documents.load(&[("imported", &imported), ("shipped", &script)]);
        assert!(findings.is_empty(), "{findings:?}");

        let mut seen = BTreeSet::new();
        for (action, resource) in (0..8).flat_map(requests) {
            let ask = |policy| documents.ask(&set, policy, (&action, &resource), &[]);
            let effect = ask("imported");
            assert_eq!(effect, ask("shipped"), "{document}: {action} on {resource}");
            seen.insert(effect);
        }
        let denies = imported.contains("\ndeny ");
        assert_eq!(seen.len(), 2 + usize::from(denies), "{document}: {seen:?}");
    }
}
