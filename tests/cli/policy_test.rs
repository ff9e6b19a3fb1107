//! Testing policies.

use std::fmt;

use insta::assert_snapshot;

use crate::common::{Answer, Project, Watching};

/// An answer with its times left out.
struct Timeless(Answer);

impl fmt::Display for Timeless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        text.lines()
            .try_for_each(|line| writeln!(f, "{}", timeless(line)))
    }
}

/// A line with `_` in the place of every time.
fn timeless(line: &str) -> String {
    let mut shown = Vec::new();
    let mut words = line.split(' ').peekable();
    while let Some(word) = words.next() {
        let next = words.peek().copied().unwrap_or_default();
        let (unit, comma) = next
            .strip_suffix([',', ';'])
            .map_or((next, ""), |unit| (unit, &next[unit.len()..]));
        if word.parse::<f64>().is_ok() && ["µs", "ms", "s"].contains(&unit) {
            words.next();
            shown.push(format!("_{comma}"));
        } else {
            shown.push(word.to_owned());
        }
    }
    shown.join(" ")
}

fn test(project: &Project, arguments: &str) -> Timeless {
    Timeless(project.run(&format!("policy test {arguments}")))
}

#[test]
fn a_new_project_has_cases_that_pass() {
    assert_snapshot!(test(&Project::new(), ""), @r"
      policies/tests/accounts.yaml    39 cases       ok  _
      policies/tests/directory.yaml   45 cases       ok  _
      policies/tests/members.yaml     12 cases       ok  _
      policies/properties             12 properties  ok  _
      any set of policies             5 properties   ok  _
      policies/snapshots/matrix.snap  740 decisions  ok  _
    853 passed; 6996 decisions in _, _ each; 2000 made-up requests in _
    ");
}

#[test]
fn shipped_policies_are_covered_as_a_whole() {
    for lifecycle in ["resource_account", "newsletter"] {
        let project = Project::empty();
        project
            .run(&format!("init --dev --lifecycle {lifecycle}"))
            .exits(0);
        project.run("policy test --min-coverage 100").exits(0);
    }
    assert_snapshot!(test(&Project::new(), "--coverage"), @r"
      policies/tests/accounts.yaml    39 cases       ok  _
      policies/tests/directory.yaml   45 cases       ok  _
      policies/tests/members.yaml     12 cases       ok  _
      policies/properties             12 properties  ok  _
      any set of policies             5 properties   ok  _
      policies/snapshots/matrix.snap  740 decisions  ok  _
    coverage 100.0 %, 19 of 19 branches
    853 passed; 6996 decisions in _, _ each; 2000 made-up requests in _
    ");
}

const CASES: &str = r#"
about: Of a test.
given: { principal: ram_user/alice }
cases:
  - name: alice takes an invitation back
    action: resourcemanager:CancelHandshake
    resource: acs:resourcemanager:*:1000:handshake/h-1
    expect: allow
  - name: alice sees it
    action: resourcemanager:GetHandshake
    resource: acs:resourcemanager:*:1000:handshake/h-1
    expect: allow
    by: AliyunResourceDirectoryFullAccess
  - name: nobody sees it
    principal: ram_user/none
    action: resourcemanager:GetHandshake
    resource: acs:resourcemanager:*:1000:handshake/h-1
    expect: allow
"#;

/// A project whose only cases are these, without a snapshot.
fn with_cases(cases: &str) -> Project {
    let project = Project::new();
    for folder in ["policies/tests", "policies/snapshots"] {
        std::fs::remove_dir_all(project.file(folder)).unwrap();
    }
    project.write("policies/tests/mine.yaml", cases);
    project
}

#[test]
fn what_fails_is_shown_with_what_decided() {
    let project = with_cases(CASES);
    assert_snapshot!(test(&project, ""), @r"
      policies/tests/mine.yaml  3 cases        3 failed  _
      policies/properties       12 properties  ok        _
      any set of policies       5 properties   ok        _
    17 passed, 3 failed; 3 decisions in _, _ each; 2000 made-up requests in _
    --- stderr ---
    error[P0408]: `alice takes an invitation back` expects allow, policies say explicit deny
       ╭▸ policies/tests/mine.yaml:8:13
       │
     8 │     expect: allow
       │             ━━━━━ expected
       │
       ⸬  policies/FolderAdministrator.rhai:35:1
       │
    35 │ deny [
       │ ────── `FolderAdministrator` decides
       │
       ├ help: ram_user/alice asks for `resourcemanager:CancelHandshake` on `acs:resourcemanager:*:1000:handshake/h-1`
       ╰ help: denied by `FolderAdministrator`: what the whole directory shares is for its own administrators to change

    error[P0408]: `alice sees it` gets allow as it expects, but not by `AliyunResourceDirectoryFullAccess`
       ╭▸ policies/tests/mine.yaml:13:9
       │
    13 │     by: AliyunResourceDirectoryFullAccess
       │         ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ does not decide
       │
       ⸬  policies/FolderAdministrator.rhai:14:1
       │
    14 │ allow [
       │ ─────── `FolderAdministrator` decides
       │
       ├ help: ram_user/alice asks for `resourcemanager:GetHandshake` on `acs:resourcemanager:*:1000:handshake/h-1`
       ╰ help: allowed by `FolderAdministrator`

    error[P0408]: `nobody sees it` expects allow, policies say implicit deny
       ╭▸ policies/tests/mine.yaml:18:13
       │
    18 │     expect: allow
       │             ━━━━━ expected
       │
       ├ help: ram_user/none asks for `resourcemanager:GetHandshake` on `acs:resourcemanager:*:1000:handshake/h-1`
       ╰ help: no policy allows `resourcemanager:GetHandshake` here

    [exit status: 8]
    ");
}

#[test]
fn what_is_not_covered_is_listed_and_can_fail() {
    let project = with_cases(CASES);
    project.replace(
        "policies/tests/mine.yaml",
        "expect: allow\n  - name: alice sees",
        "expect: deny\n  - name: alice sees",
    );
    project.replace(
        "policies/tests/mine.yaml",
        "    by: AliyunResourceDirectoryFullAccess\n",
        "",
    );
    project.write(
        "policies/IdentityReview.rhai",
        "allow \"account:ReviewIdentity\"\n    when now.hour >= 8 && (context.mfa ?? false);\n",
    );
    let text = project.read("policies/tests/mine.yaml");
    let (kept, _) = text.split_once("  - name: nobody").unwrap();
    let more = "  - name: by night\n    principal: reviewer/kim\n    now: \"2026-11-22T03:00:00Z\"\n    \
        action: account:ReviewIdentity\n    resource: acs:account:*:1001:identity\n    expect: deny\n";
    project.write("policies/tests/mine.yaml", &format!("{kept}{more}"));
    assert_snapshot!(test(&project, "--min-coverage 50"), @r"
      policies/tests/mine.yaml  3 cases        ok  _
      policies/properties       12 properties  ok  _
      any set of policies       5 properties   ok  _
      policies/AdministratorAccess.rhai:5:1                    allow  no case asks for what it covers
      policies/AliyunResourceDirectoryFullAccess.rhai:6:1      allow  no case asks for what it covers
      policies/AliyunResourceDirectoryReadOnlyAccess.rhai:5:1  allow  no case asks for what it covers
      policies/ControlPolicyAdministrator.rhai:8:1             allow  no case asks for what it covers
      policies/ControlPolicyAdministrator.rhai:11:1            allow  no case asks for what it covers
      policies/DirectoryGuardrail.rhai:5:1                     deny   no case asks for what it covers
      policies/DirectoryInvitee.rhai:5:1                       allow  no case asks for what it covers
      policies/FolderAdministrator.rhai:8:1                    allow  no case asks for what it covers
      policies/FullAliyunAccess.rhai:6:1                       allow  no case asks for what it covers
      policies/IdentityReview.rhai:1:1                         allow  never decided
      policies/IdentityReview.rhai:2:10                        allow  `now.hour >= 8` was never true
      policies/IdentityReview.rhai:2:28                        allow  `context.mfa ?? false` was never true
      policies/IdentityReview.rhai:2:28                        allow  `context.mfa ?? false` was never false
      policies/LandingZoneSystemAdmin.rhai:5:1                 allow  no case asks for what it covers
      policies/LandingZoneSystemAdmin.rhai:7:1                 allow  no case asks for what it covers
      policies/LogonPage.rhai:5:1                              allow  no case asks for what it covers
      policies/PlatformDirectory.rhai:3:1                      allow  no case asks for what it covers
      policies/PlatformNotices.rhai:3:1                        allow  no case asks for what it covers
    coverage 13.0 %, 3 of 23 branches, less than the 50 % that it must be
    20 passed; 3 decisions in _, _ each; 2000 made-up requests in _
    [exit status: 8]
    ");
}

#[test]
fn a_file_that_cannot_be_asked_is_never_a_pass() {
    let project =
        with_cases("cases:\n  - name: one\n    principl: ram_user/alice\n    expect: allow\n");
    assert_snapshot!(test(&project, ""), @r"
      policies/tests/mine.yaml  not run        2 errors
      policies/properties       12 properties  ok        _
      any set of policies       5 properties   ok        _
    17 passed, 1 file not run; 2000 made-up requests in _
    --- stderr ---
    error[W0106]: unknown key `principl`
      ╭▸ policies/tests/mine.yaml:3:5
      │
    3 │     principl: ram_user/alice
      │     ━━━━━━━━
      ╰╴
    help: did you mean `principal`?
      ╭╴
    3 │     principal: ram_user/alice
      ╰╴           +

    error[P0401]: this case asks for nothing
      ╭▸ policies/tests/mine.yaml:2:11
      │
    2 │   - name: one
      │           ━━━
      │
      ╰ help: write `action:` with `resource:`, or `transition:` with `account:`

    [exit status: 8]
    ");
}

#[test]
fn files_and_cases_can_be_chosen() {
    let project = Project::new();
    assert_snapshot!(test(&project, "accounts.yaml --filter P11"), @r"
      policies/tests/accounts.yaml  8 cases  ok  _
    8 passed; 8 decisions in _, _ each
    ");
    assert_snapshot!(test(&project, "--filter P99"), @r"
    --- stderr ---
    error[C0001]: no case or property has `P99` in its name
    [exit status: 2]
    ");
    assert_snapshot!(test(&project, "acounts.yaml"), @r"
    --- stderr ---
    error[C0008]: there is no file of cases or properties `acounts.yaml`
    hint: did you mean `accounts.yaml`?
    [exit status: 2]
    ");
    let project = with_cases("cases: []\n");
    std::fs::remove_dir_all(project.file("policies/tests")).unwrap();
    assert_snapshot!(test(&project, ""), @r"
      policies/properties  12 properties  ok  _
      any set of policies  5 properties   ok  _
    17 passed; 2000 made-up requests in _
    --- stderr ---
    hint: there are no cases in policies/tests; `stateward schema cases` tells their form
    ");
}

#[test]
fn watching_tells_of_every_change() {
    let project = with_cases(CASES);
    let mut watching = Watching::start(&project, &["policy", "test", "--watch"]);
    watching.until("3 failed");
    project.write("policies/tests/mine.yaml", "cases: [\n");
    watching.until("error[W0101]");
    project.replace("policies/PlatformNotices.rhai", "allow \"", "alow \"");
    watching.until("error[P0101]: no statement begins with `alow`");
    project.replace("policies/PlatformNotices.rhai", "alow \"", "allow \"");
    watching.until("error[W0101]");
    let right = CASES.replace("expect: allow", "expect: deny");
    let right = right.split("  - name: alice sees").next().unwrap();
    project.write("policies/tests/mine.yaml", right);
    watching.until("mine.yaml  1 case");
}

#[test]
fn watching_answers_many_times() {
    let answer = Project::new().run("policy test --watch -o json").exits(2);
    let says = "error[C0001]: `--watch` answers many times, and `-o json` once: take `-o jsonl`\n";
    assert_eq!(answer.stderr, says);
}

#[test]
fn scripts_read_the_same() {
    let project = with_cases(CASES);
    let answer = project.run("policy test --coverage -o json").exits(8);
    let document = answer.json();
    assert_eq!(document["schema"], "stateward/policy-test/v1");
    assert_eq!(document["sections"][0]["checks"], 3);
    assert_eq!(document["sections"][1]["checks"], 12);
    assert_eq!(document["checks"], 20);
    assert_eq!(document["failed"], 3);
    let finding = &document["sections"][0]["findings"][0];
    assert_eq!(finding["code"], "P0408");
    assert_eq!(finding["place"]["line"], 8);
    let decided = &finding["related"][0]["place"]["path"];
    assert_eq!(decided, "policies/FolderAdministrator.rhai");
    let coverage = &document["coverage"];
    assert!(coverage["taken"].as_u64() < coverage["branches"].as_u64());
    let schema = project.run("schema policy-test/v1").exits(0).json();
    assert!(schema["properties"]["coverage"].is_object());
    let schema = project.run("schema cases").exits(0).json();
    assert!(schema["properties"]["cases"].is_object());
}
