//! `principals.yaml`, shipped and wrong.

use super::domain::shipped;
use super::world::World;
use crate::policy::{Kinds, Principals};

fn kinds() -> Kinds {
    [
        ("root", true),
        ("ram_user", false),
        ("ram_role", false),
        ("sso_session", false),
        ("visitor", false),
        ("reviewer", false),
        ("service", false),
    ]
    .into_iter()
    .map(|(kind, owns)| (kind.parse().unwrap(), owns))
    .collect()
}

pub(super) fn load(mut world: World, text: &str) -> (World, Principals) {
    let file = world.sources.add("policies/principals.yaml", text);
    let principals = Principals::load(
        file,
        text,
        kinds(),
        &world.vocabulary,
        &world.policies,
        &mut world.findings,
    );
    (world, principals)
}

fn shipped_principals() -> (World, Principals) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../policies/principals.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    load(shipped(), &text)
}

#[test]
fn the_shipped_principals_are_in_order() {
    let (world, principals) = shipped_principals();
    assert_eq!(world.report(), "");
    let lin = principals.resolve("ram-user/ops-lin").unwrap();
    assert_eq!(lin.name.as_str(), "ram_user/ops-lin");
    assert_eq!(
        (lin.kind.as_str(), lin.account.as_str()),
        ("ram_user", "1000")
    );
    assert_eq!(lin.policies, ["AliyunResourceDirectoryFullAccess".into()]);
    assert_eq!(lin.groups, ["operators".into()]);
    for name in ["full", "ro", "alice", "none", "ra1-admin"] {
        assert!(
            principals.resolve(&format!("ram_user/{name}")).is_ok(),
            "{name}"
        );
    }
    assert!(principals.resolve("ram_role/auditor").is_ok());
}

#[test]
fn owners_exist_by_themselves() {
    let principals = Principals::of_kinds(kinds());
    for text in ["root/1000", "root@1000"] {
        let root = principals.resolve(text).unwrap();
        assert_eq!(root.name.as_str(), "root/1000");
        assert_eq!(root.account.as_str(), "1000");
        assert!(root.policies.is_empty());
    }
    assert!(principals.owns_account(&"root".parse().unwrap()));
    assert!(principals.resolve("ram_user/1000").is_err());
}

#[test]
fn an_unknown_principal_comes_with_the_closest_one() {
    let (_, principals) = shipped_principals();
    for (asked, closest) in [
        ("ram_user/ops-li", Some("ram_user/ops-lin")),
        ("ram-user/alise", Some("ram_user/alice")),
        ("auditor", Some("ram_role/auditor")),
        ("zebra", None),
        ("", None),
    ] {
        let error = principals.resolve(asked).unwrap_err();
        assert_eq!(error.closest.as_deref(), closest, "{asked}");
    }
}

#[test]
fn policies_in_effect_are_each_there_once() {
    let world = World::of(&[
        ("a", "allow all;"),
        ("b", "allow all;"),
        ("c", "allow all;"),
    ]);
    let (world, principals) = load(
        world,
        "groups: { g: { policies: [b, c, b] }, h: { policies: [c] } }\n\
         principals: { ram_user/x: { account: \"1\", policies: [a, b], groups: [h, g] } }\n",
    );
    assert_eq!(world.report(), "");
    let x = principals.resolve("ram_user/x").unwrap();
    assert_eq!(x.policies, ["a".into(), "b".into(), "c".into()]);
    assert_eq!(x.groups, ["h".into(), "g".into()]);
}

#[test]
fn every_mistake_is_named_at_its_place() {
    let world = World::of(&[("Readers", "allow all;")]);
    let (world, principals) = load(
        world,
        "groups:\n  ops: { policies: [Reader] }\nprincipals:\n  \
         ram_user/a: { account: \"1\", groups: [op], policies: [Readers, Nonsense] }\n  \
         ram_usr/b: { account: \"1\" }\n  lin: { account: \"1\" }\n  \
         root/1: { account: \"1\" }\n  ram_user/c: { account: \"a b\" }\n  \
         ram_user/d: { acount: \"1\" }\n  ram_user/e: { account: \"1\" }\n",
    );
    assert_eq!(
        world.report(),
        "\
W0106 9:17 unknown key `acount` [acount]
  help: did you mean `account`?
P0201 2:21 there is no policy `Reader` [Reader]
  help: did you mean `Readers`?
P0203 6:3 `lin` is not a principal's name [lin]
  help: write `kind/name`, such as `ram_user/ops-lin`, \
the name in 1 to 128 of A-Z, a-z, 0-9, '-', '_', '.' and '@'
P0201 4:65 there is no policy `Nonsense` [Nonsense]
P0202 4:40 there is no group `op` [op]
  help: did you mean `ops`?
P0205 8:26 `a b` is not an account id [\"a b\"]
  help: use 1 to 128 of A-Z, a-z, 0-9, '-', '_', '.' and '@'
P0204 5:3 `ram_usr` is not a kind of principal [ram_usr/b]
  help: did you mean `ram_user`?
P0206 7:3 `root/1` is listed, but owners exist by themselves [root/1]
  help: remove it: an owner has no policies
"
    );
    assert!(principals.resolve("ram_user/e").is_ok());
}

/// What is begun and not filled in would switch a bound off.
#[test]
fn a_bound_with_nothing_behind_it_is_refused() {
    let world = World::of(&[("Readers", "allow all;")]);
    let (world, _) = load(
        world,
        "principals:\n  ram_user/a:\n    account: \"1\"\n    policies: [Readers]\n    session:\n\
         control_policies:\n",
    );
    let help = "  help: remove the key, or write its value: `[]` and `{}` are empty ones";
    assert_eq!(
        world.report(),
        format!(
            "W0108 6:1 nothing is written behind `control_policies` [control_policies]\n{help}\n\
             W0108 5:5 nothing is written behind `session` [session]\n{help}\n"
        )
    );
}

#[test]
fn two_spellings_of_one_principal_are_refused() {
    let world = World::of(&[("Readers", "allow all;")]);
    let (world, _) = load(
        world,
        "principals:\n  ram_user/a: { account: \"1\" }\n  \
         ram-user/a: { account: \"1\", policies: [Readers] }\n",
    );
    assert_eq!(
        world.report(),
        "\
W0104 3:3 the principal `ram_user/a` is written twice [ram-user/a]
  first written here [ram_user/a]
  help: remove one of them
"
    );
}

#[test]
fn every_mistake_in_what_is_attached_elsewhere_is_named_at_its_place() {
    let world = World::of(&[("Readers", "allow all;")]);
    let (world, principals) = load(
        world,
        "\
resource_groups:
  logs: { resources: [\"acs:oss:*:*:logs\", \"a b\"] }
resource_policies:
  - { resources: \"\", policies: [Reader] }
principals:
  ram_user/a:
    account: \"1\"
    resource_groups: { log: [Reader] }
    session: [Readers, Reader]
control_policies:
  root: rd//r
  place: account.pth
  manager: account.country
  default: [Readers, Reader]
  attached:
    rd//rest: [Readers]
    rx/r: [Readers]
",
    );
    assert_eq!(
        world.report(),
        "\
P0106 2:43 ` ` cannot be part of a name [\"a b\"]
  help: write a resource name, such as `acs:service:region:account:path`
P0106 4:18 the pattern is empty [\"\"]
  help: write a resource name, such as `acs:service:region:account:path`
P0201 4:33 there is no policy `Reader` [Reader]
  help: did you mean `Readers`?
P0208 12:10 `account.pth` is not an attribute of accounts [account.pth]
  help: did you mean `account.path`?
P0208 13:12 `account.country` is of type country, but `manager` takes one of type account_id or text \
[account.country]
P0211 11:9 `rd//r` is not the path of a root [rd//r]
  help: write the whole path from the directory on, such as `rd-3G/r-Wm/fd-A`, without a `/` at an \
end
P0201 14:22 there is no policy `Reader` [Reader]
  help: did you mean `Readers`?
P0211 16:5 `rd//rest` does not lie below the root `rd//r` [rd//rest]
  help: write the whole path from the directory on, such as `rd-3G/r-Wm/fd-A`, without a `/` at an \
end
P0211 17:5 `rx/r` does not lie below the root `rd//r` [rx/r]
  help: write the whole path from the directory on, such as `rd-3G/r-Wm/fd-A`, without a `/` at an \
end
P0201 8:30 there is no policy `Reader` [Reader]
  help: did you mean `Readers`?
P0207 8:24 there is no resource group `log` [log]
  help: did you mean `logs`?
P0201 9:24 there is no policy `Reader` [Reader]
  help: did you mean `Readers`?
"
    );
    assert!(principals.attachments().control().is_none());
}

#[test]
fn levels_go_from_a_place_up_to_the_root() {
    let world = World::of(&[("Full", "allow all;"), ("Own", "allow all;")]);
    let (world, principals) = load(
        world,
        "control_policies:\n  root: rd/r\n  place: account.path\n  default: [Full]\n  \
         attached: { rd/r/a: [Own] }\n",
    );
    assert_eq!(world.report(), "");
    let control = principals.attachments().control().unwrap();
    let levels = |place| -> Vec<(String, bool)> {
        let level = |level: crate::policy::Level<'_>| (level.node.to_owned(), level.is_default);
        control.levels(place).map(level).collect()
    };
    let expected = [
        ("rd/r/a/b/1", true),
        ("rd/r/a/b", true),
        ("rd/r/a", false),
        ("rd/r", true),
    ];
    assert_eq!(
        levels("rd/r/a/b/1"),
        expected.map(|(node, own)| (node.to_owned(), own))
    );
    assert_eq!(levels("rd/r"), [("rd/r".to_owned(), true)]);
}
