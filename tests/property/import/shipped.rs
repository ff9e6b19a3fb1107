//! Shipped policies that are published as documents, too: both say the same.

use std::collections::BTreeMap;
use std::path::Path;

use acceptance::documents::Documents;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
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

/// Actions that some of the policies name, some match and some do not know, in any case.
fn action() -> impl Strategy<Value = String> {
    let verb = select(vec![
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
    ]);
    let noun = select(vec![
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
    ]);
    let service = select(vec![
        "resourcemanager",
        "ResourceManager",
        "ram",
        "ecs",
        "bss",
        "bssapi",
    ]);
    (service, verb, noun, any::<bool>()).prop_map(|(service, verb, noun, lower)| {
        let action = format!("{service}:{verb}{noun}");
        if lower { action.to_lowercase() } else { action }
    })
}

fn resource() -> impl Strategy<Value = String> {
    let place = select(vec!["*:1000", ":1000", "cn-hangzhou:1000", ":", "*:*"]);
    let path = select(vec![
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
    ]);
    let service = select(vec!["resourcemanager", "ram", "ecs"]);
    (service, place, path)
        .prop_map(|(service, place, path)| format!("acs:{service}:{place}:{path}"))
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

        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        let mut runner = TestRunner::new(Config {
            cases: 2_000,
            failure_persistence: None,
            ..Config::default()
        });
        let outcome = runner.run(&(action(), resource()), |(action, resource)| {
            let ask = |policy| documents.ask(&set, policy, (&action, &resource), &[]);
            prop_assert_eq!(
                ask("imported"),
                ask("shipped"),
                "{} on {}",
                action,
                resource
            );
            Ok(())
        });
        outcome.unwrap_or_else(|failure| panic!("{document}: {failure}"));
        let requests = (action(), resource());
        for _ in 0..500 {
            let tree = requests.new_tree(&mut runner).unwrap();
            let (action, resource) = proptest::strategy::ValueTree::current(&tree);
            let effect = documents.ask(&set, "imported", (&action, &resource), &[]);
            *seen.entry(effect).or_default() += 1;
        }
        let denies = imported.contains("\ndeny ");
        assert_eq!(seen.len(), 2 + usize::from(denies), "{document}: {seen:?}");
    }
}
