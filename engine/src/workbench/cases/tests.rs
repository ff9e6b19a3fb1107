//! Cases: what they catch, and what they refuse to be.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;

use super::load;
use crate::bundle::{Bundle, read_sources};
use crate::diagnostic::{Diagnostic, all};
use crate::source::SourceMap;

/// The shipped lifecycle with its policies.
static SHIPPED: LazyLock<Bundle> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    Bundle::load(
        read_sources(&root, "resource_account").unwrap(),
        "resource_account",
    )
    .unwrap()
});

/// The names of the cases of a file, and what reading and running it finds.
fn run(text: &str) -> (Vec<String>, SourceMap, Vec<Diagnostic>) {
    let mut sources = SHIPPED.sources.clone();
    let file = sources.add("policies/tests/t.yaml", text);
    let mut findings = Vec::new();
    let cases = load(&SHIPPED, &sources, file, &mut findings);
    let names = cases.iter().flat_map(|file| &file.cases);
    let names = names.map(|case| case.name.clone()).collect();
    findings.extend(cases.iter().flat_map(|cases| cases.run(&SHIPPED)));
    (names, sources, findings)
}

/// The findings of a file, each with its place, the other places and the help.
fn found(text: &str) -> String {
    let (_, sources, findings) = run(text);
    let mut out = String::new();
    let place = |span| sources.locate(span).unwrap();
    for it in findings {
        let at = place(it.primary.span);
        writeln!(out, "{} {}:{} {}", it.code, at.line, at.column, it.message).unwrap();
        for other in it.secondary {
            writeln!(out, "  {}: {}", place(other.span), other.text).unwrap();
        }
        for help in it.help {
            writeln!(out, "  help: {help}").unwrap();
        }
    }
    out
}

/// The example under a heading of an explain page.
fn example<'p>(page: &'p str, heading: &str) -> Option<&'p str> {
    let (_, rest) = page.split_once(&format!("\n## {heading}\n"))?;
    let (_, rest) = rest.split_once("```yaml\n")?;
    rest.split("```").next()
}

#[test]
fn each_page_fails_with_its_code_and_is_mended() {
    let mut seen = 0;
    for page in all().iter().filter(|page| page.code.0.starts_with("P04")) {
        let (Some(fails), Some(fixed)) = (example(page.page, "Fails"), example(page.page, "Fixed"))
        else {
            continue;
        };
        let codes = |text| {
            let (_, _, findings) = run(text);
            findings.iter().map(|it| it.code.0).collect::<Vec<_>>()
        };
        assert_eq!(codes(fails), [page.code.0]);
        assert_eq!(codes(fixed), [""; 0], "{}", page.code);
        seen += 1;
    }
    assert_eq!(seen, 8);
}

#[test]
fn the_cases_in_the_readme_pass() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let mut blocks = readme.split("```yaml\n");
    let cases = blocks.find(|block| block.starts_with("# policies/tests/"));
    let (names, _, findings) = run(cases.unwrap().split("```").next().unwrap());
    assert_eq!((names.len(), findings), (2, Vec::new()));
}

#[test]
fn a_table_is_a_request_of_each_with_each() {
    let (names, _, findings) = run(r#"
accounts:
  ra1: { id: "1001", attributes: { manager: "1000", path: rd-3G/r-Wm/fd-A/1001 } }
  ra3: { like: ra1, id: "1003", attributes: { path: rd-3G/r-Wm/fd-A/fd-A1/1003 } }
cases:
  - name: operators of the folder
    principal: [ram_user/full, ram_user/alice]
    transition: [mobile_phone.bind, profile.rename]
    account: [ra1, ra3]
    expect: allow
"#);
    assert_eq!(findings, []);
    assert_eq!(names.len(), 8);
    assert_eq!(
        names[0],
        "operators of the folder (ram_user/full, 1001, mobile_phone.bind)"
    );
    assert_eq!(
        names[7],
        "operators of the folder (ram_user/alice, 1003, profile.rename)"
    );
}

#[test]
fn what_is_given_holds_for_all_and_yields_to_a_case() {
    let (names, _, findings) = run(r#"
given:
  principal: ram_user/none
  account: { id: "1001", attributes: { manager: "1000", path: rd-3G/r-Wm/fd-A/1001 } }
  input: { phone: 65-91234567, avatar_colour: red }
cases:
  - { name: nobody, transition: mobile_phone.bind, expect: implicit_deny }
  - { name: full, principal: ram_user/full, transition: mobile_phone.bind, expect: allow }
  - name: root
    principal: root/1005
    account: { id: "1005" }
    transition: profile.set_avatar
    expect: allow
"#);
    assert_eq!(findings, []);
    assert_eq!(names, ["nobody", "full", "root"]);
}

#[test]
fn a_failure_tells_what_came_and_what_decided() {
    insta::assert_snapshot!(found(r#"
given: { principal: ram_user/alice }
cases:
  - name: alice cancels
    action: resourcemanager:CancelHandshake
    resource: acs:resourcemanager:*:1000:handshake/h-1
    expect: allow
  - name: alice is denied elsewhere
    action: resourcemanager:CancelHandshake
    resource: acs:resourcemanager:*:1000:handshake/h-1
    expect: deny
    by: FolderAdministrator:35
  - name: alice gets what no policy mentions
    action: ecs:StopInstance
    resource: acs:ecs:*:1000:instance/i-1
    expect: explicit_deny
  - name: root acts at home
    principal: root/1005
    action: ecs:StopInstance
    resource: acs:ecs:*:1005:instance/i-1
    expect: deny
  - name: none
    principal: ram_user/none
    action: ecs:StopInstance
    resource: acs:ecs:*:1005:instance/i-1
    expect: allow
"#), @r"
    P0408 7:13 `alice cancels` expects allow, policies say explicit deny
      policies/FolderAdministrator.rhai:35:1: `FolderAdministrator` decides
      help: ram_user/alice asks for `resourcemanager:CancelHandshake` on `acs:resourcemanager:*:1000:handshake/h-1`
      help: denied by `FolderAdministrator`: what the whole directory shares is for its own administrators to change
    P0408 16:13 `alice gets what no policy mentions` expects explicit deny, policies say implicit deny
      help: ram_user/alice asks for `ecs:StopInstance` on `acs:ecs:*:1000:instance/i-1`
      help: no policy allows `ecs:StopInstance` here
    P0408 21:13 `root acts at home` expects deny, policies say allow
      help: root/1005 asks for `ecs:StopInstance` on `acs:ecs:*:1005:instance/i-1`
      help: owns the account
    P0408 26:13 `none` expects allow, policies say implicit deny
      help: ram_user/none asks for `ecs:StopInstance` on `acs:ecs:*:1005:instance/i-1`
      help: no policy allows `ecs:StopInstance` here
    ");
}

#[test]
fn a_failure_tells_the_stage_the_conditions_and_what_was_nearest() {
    insta::assert_snapshot!(found(r#"
given: { principal: ram_user/ra1-admin }
accounts:
  ra1: { id: "1001", attributes: { manager: "1000", path: rd-3G/r-Wm/fd-A/1001 } }
cases:
  - name: bounded
    action: actiontrail:StopLogging
    resource: acs:actiontrail:*:1001:trail/t
    account: ra1
    expect: allow
  - name: bounded elsewhere
    action: actiontrail:StopLogging
    resource: acs:actiontrail:*:1001:trail/t
    account: ra1
    expect: deny
    stage: session
  - name: beside the folder
    principal: { name: ram_user/alice, session: [AdministratorAccess] }
    action: resourcemanager:BindSecureMobilePhone
    resource: acs:resourcemanager:*:1000:account/rd-3G/r-Wm/fd-B/1004
    expect: allow
"#), @r#"
    P0408 10:13 `bounded` expects allow, policies say explicit deny
      policies/DirectoryGuardrail.rhai:5:1: `DirectoryGuardrail` decides
      help: ram_user/ra1-admin asks for `actiontrail:StopLogging` on `acs:actiontrail:*:1001:trail/t`
      help: denied by control policy `DirectoryGuardrail` at rd-3G/r-Wm: the directory keeps a trail of its members
      help: unless principal.name ("ram_user/ra1-admin") == "ram_role/directory-audit"
    P0408 16:12 `bounded elsewhere` gets explicit deny as it expects, but by control policies at rd-3G/r-Wm
      policies/DirectoryGuardrail.rhai:5:1: `DirectoryGuardrail` decides
      help: ram_user/ra1-admin asks for `actiontrail:StopLogging` on `acs:actiontrail:*:1001:trail/t`
      help: denied by control policy `DirectoryGuardrail` at rd-3G/r-Wm: the directory keeps a trail of its members
      help: unless principal.name ("ram_user/ra1-admin") == "ram_role/directory-audit"
    P0408 21:13 `beside the folder` expects allow, policies say implicit deny
      policies/FolderAdministrator.rhai:14:1: would allow, but it covers other resources
      help: ram_user/alice asks for `resourcemanager:BindSecureMobilePhone` on `acs:resourcemanager:*:1000:account/rd-3G/r-Wm/fd-B/1004`
      help: no policy allows `resourcemanager:BindSecureMobilePhone` here
    "#);
}

#[test]
fn a_case_is_open_only_where_its_answer_is_not_certain() {
    insta::assert_snapshot!(found(r#"
given: { principal: ram_user/ra1-admin }
accounts:
  nowhere: { id: "1001", attributes: { manager: "1000" } }
cases:
  - name: no control policy denies this anywhere
    action: ecs:StopInstance
    resource: acs:ecs:*:1001:instance/i-1
    expect: allow
  - name: of an account that is not said
    action: actiontrail:StopLogging
    resource: acs:actiontrail:*:1001:trail/t
    expect: deny
  - name: of an account that is nowhere
    action: actiontrail:StopLogging
    resource: acs:actiontrail:*:1001:trail/t
    account: nowhere
    expect: deny
"#), @r"
    P0405 10:11 the answer depends on `account.path`, which the case does not say
      help: write `account:`
    P0405 14:11 the answer depends on `account.path`, which the case does not say
      help: write `path:` under `attributes:` of the account
    ");
}

#[test]
fn every_mistake_of_a_file_is_told_at_its_place() {
    insta::assert_snapshot!(found(r#"
accounts:
  a: { like: b, id: "1" }
  b: { like: a }
  c: { id: "a b", attributes: { pth: x, country: Mars }, states: { member_type: clod, x: z } }
cases:
  - name: one
    principal: [ram_user/alicia, { name: user/x, account: "1", policies: [Folder], groups: [ops] }]
    action: resourcemanager:*
    resource: account/1
    expect: allow
  - name: two
    principal: { name: ram_user/x, policies: [AdministratorAccess] }
    transition: [mobile_phone.bnd, root_user.enable]
    expect: allow
  - name: three
    principal: root/1
    transition: mobile_phone.bind
    account: d
    resource: x
    input: { phone: "1", x: 1 }
    now: today
    expect: allow
    by: Nobody
  - name: four
    action: svc:A
    transition: mobile_phone.bind
    expect: allow
    by: FolderAdministrator:1
  - name: five
    principal: ram_user/alice
    action: resourcemanager:GetAccount
    resource: "*"
    expect: explicit_deny
    by: AdministratorAccess
  - { name: six, expect: alow }
  - name: seven
    principal:
      - name: ram_role/x
        account: "1"
        resource_groups: { prod: [Nobody] }
        session: [AdministratorAcces]
      - { name: ram_user/alice, service_linked: true }
    action: svc:A
    resource: "*"
    expect: deny
    stage: identty
"#), @r"
    W0108 36:26 `alow` is not one of the words known here
      help: did you mean `allow`?
    W0108 47:12 `identty` is not one of the words known here
      help: did you mean `identity`?
    P0403 4:14 account `a` is like itself
    P0404 5:13 expected an account id: 1 to 128 of A-Z, a-z, 0-9, -, _, ., @
    P0404 5:50 expected an ISO 3166-1 alpha-2 country code such as SG
    P0403 5:33 there is no attribute `pth`
      help: did you mean `path`?
    P0403 5:81 there is no state `clod`
      help: did you mean `cloud`?
    P0403 5:87 there is no workflow `x`
    P0401 9:13 `resourcemanager:*` is not an action, written `service:Action`
    P0401 10:15 `account/1` is not a resource
      help: write `acs:service:region:account:path`, or `*`
    P0402 8:17 there is no principal `ram_user/alicia`
      help: did you mean `ram_user/alice`?
    P0403 8:42 there is no kind of principal `user`
    P0403 8:75 there is no policy `Folder`
    P0403 8:93 there is no group `ops`
    P0401 12:11 this case does not say which account its transition is about
      help: write `account:`
    P0403 14:18 there is no transition `mobile_phone.bnd`
      help: did you mean `mobile_phone.bind`?
    P0401 14:36 nobody asks for `root_user.enable`: it happens by itself
    P0402 13:24 this principal is described without an account
      help: write `account:`
    P0401 20:5 a transition says itself which resources it is about
    P0403 19:14 there is no account `d`
    P0404 21:22 expected a phone number with its country code, such as +65 9123 4567 or 65-91234567
    P0403 21:26 there is no input `x`
    P0404 22:10 expected an RFC 3339 time such as 2026-11-22T08:30:00Z
    P0403 24:9 there is no policy `Nobody`
    P0401 25:11 this case asks for an action and for a transition
      help: write `action:` with `resource:`, or `transition:` with `account:`
    P0401 25:11 this case does not say who asks
      help: write `principal:`
    P0406 29:9 no statement of `FolderAdministrator` begins at line 1
    P0406 35:9 there is no `deny` in `AdministratorAccess` there
    P0403 41:35 there is no policy `Nobody`
    P0403 41:28 there is no resource group `prod`
    P0403 42:19 there is no policy `AdministratorAcces`
      help: did you mean `AdministratorAccess`?
    P0402 43:17 this principal is described without an account
      help: write `account:`
    ");
}

#[test]
fn a_table_has_an_end() {
    let many = |letter: &str| {
        let each = (0..101).map(|n| format!("svc:{letter}{n}"));
        each.collect::<Vec<_>>().join(", ")
    };
    let accounts = (0..101).map(|n| format!("{{ id: \"{n}\" }}"));
    let text = format!(
        "cases:\n  - name: all\n    principal: ram_user/ro\n    action: [{}]\n    account: [{}]\n    \
         resource: \"*\"\n    expect: deny\n",
        many("A"),
        accounts.collect::<Vec<_>>().join(", ")
    );
    assert_eq!(
        found(&text),
        "P0409 2:11 this case stands for 10201 requests, of at most 10000\n"
    );
}

#[test]
fn an_action_that_is_likely_mistyped_is_pointed_out() {
    insta::assert_snapshot!(found(r#"
given: { principal: ram_user/none }
cases:
  - name: one letter is missing
    action: resourcemanager:BindSecureMobilPhone
    resource: acs:resourcemanager:*:1000:account/x
    expect: deny
  - name: nothing speaks of it, and nothing is like it
    action: resourcemanager:MoveFolders
    resource: acs:resourcemanager:*:1000:account/x
    expect: deny
  - name: patterns speak of it
    action: [resourcemanager:GetFoldr, "RESOURCEMANAGER:bindsecuremobilephone"]
    resource: acs:resourcemanager:*:1000:account/x
    expect: deny
"#), @r"
    P0403 5:13 neither the lifecycle nor a policy speaks of `resourcemanager:BindSecureMobilPhone`
      help: did you mean `resourcemanager:BindSecureMobilePhone`?
    ");
}
