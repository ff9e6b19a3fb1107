//! Apps that show codes: enrolled on the command line, and asked for from then on.

use insta::assert_snapshot;
use stateward::challenge::AppSecret;
use stateward::time::Timestamp;

use crate::common::{Project, wrong};

const NOW: &str = "2026-11-22T08:00:00Z";
const MFA: &str = "\
workflow: mfa
initial: none
states: { none: {}, bound: {} }
transitions:
  bind:
    from: none
    to: bound
    permission: resourcemanager:BindSecureMobilePhone
    resource: acs:resourcemanager:*:${account.manager}:account/${account.path}
    caller: management_operator
    verify: [new_app]
  unbind:
    from: bound
    to: none
    permission: resourcemanager:BindSecureMobilePhone
    resource: acs:resourcemanager:*:${account.manager}:account/${account.path}
    caller: management_operator
    verify: [app]
    forgets: app
";
const BIND: &str = "--as ram_user/ops-lin run 1001 mfa.bind";
const UNBIND: &str = "--as ram_user/ops-lin run 1001 mfa.unbind -o json";

/// A project whose operators prove with an app, and an account.
fn with_apps() -> Project {
    let mut project = Project::new();
    project.at(NOW);
    let apps = "\nverifications:\n  app: { totp: app }\n  new_app: { totp: app, enrol: true }\n";
    let account = "workflows/resource_account/account.yaml";
    project.replace(account, "\nverifications:\n", apps);
    project.write("workflows/resource_account/mfa.yaml", MFA);
    project.create("1001").exits(0);
    project
}

/// What the app shows at an instant.
fn code(app: &AppSecret, now: &str) -> String {
    let now: Timestamp = now.parse().unwrap();
    format!("{}\n", app.code(now).as_str())
}

fn confirm(project: &Project, attempt: &str, code: &str) -> i32 {
    let confirm = format!("confirm {attempt} --code-file -");
    project.run_with(&confirm, code).code.unwrap()
}

/// Begins a transition, and tells the attempt and the secret that was shown, if one was.
fn begin(project: &Project, run: &str) -> (String, Option<AppSecret>) {
    let told = project.run(run).exits(4).json();
    let shown = told["waiting"]["enrolment"].as_str();
    let secret = shown.map(|uri| AppSecret::of_uri(uri).unwrap());
    (told["attempt"].as_str().unwrap().to_owned(), secret)
}

#[test]
fn an_app_is_enrolled_by_an_address_that_is_shown_once() {
    let project = with_apps();
    assert_snapshot!(project.run(BIND), @r"
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `AliyunResourceDirectoryFullAccess`  policies/AliyunResourceDirectoryFullAccess.rhai:6:1
      3 caller        ✓ is `management_operator`                        workflows/resource_account/account.yaml:78:3
      4 state         ✓ `mfa.bind` leaves from `none`                   workflows/resource_account/mfa.yaml:5:3
      5 guard         ✓ no conditions                                   workflows/resource_account/mfa.yaml:5:3
      6 quota         ✓ nothing to spend
      7 verification  … waits for `new_app`                             workflows/resource_account/account.yaml:109:3
      app  otpauth://totp/resource_account:1001?secret=PCSB6YLZFLNUHSSHC2F44FVORFHFAVTL&issuer=resource_account (shown this once)
    Waiting for `new_app`, step 1 of 1; the attempt lapses in 30 min
    attempt att_bk1rqgqhk8b6dbg9
    --- stderr ---
    hint: `stateward confirm att_bk1rqgqhk8b6dbg9` asks for the code; `--code-file FILE` reads it
    [exit status: 4]
    ");
    assert_snapshot!(project.run("account show 1001"), @r"
    1001   revision 2   created 2026-11-22T08:00:00Z
    states
      deletion               none        since 2026-11-22T08:00:00Z
      directory              none        since 2026-11-22T08:00:00Z
      email_change           none        since 2026-11-22T08:00:00Z
      identity_verification  unverified  since 2026-11-22T08:00:00Z
      logon_email            virtual     since 2026-11-22T08:00:00Z
      member_type            resource    since 2026-11-22T08:00:00Z
      membership             member      since 2026-11-22T08:00:00Z
      mfa                    none        since 2026-11-22T08:00:00Z
      mobile_phone           unbound     since 2026-11-22T08:00:00Z
      notices                ready       since 2026-11-22T08:00:00Z
      profile                shown       since 2026-11-22T08:00:00Z
      root_access_key        none        since 2026-11-22T08:00:00Z
      root_user              disabled    since 2026-11-22T08:00:00Z
    attributes
      avatar_colour         blue
      country               SG
      display_name          payments
      email                 1***@rd-3g.virtual.example
      join_method           created
      legal_entity          Example
      manager               1000
      manager_legal_entity  Example
      member_deletion       disabled
      path                  rd-3G/r-Wm/fd-A/1001
      site                  intl
    open attempts
      att_bk1rqgqhk8b6dbg9  mfa.bind  new_app (1 of 1)  lapses in 30 min
    by itself
      end of attempt att_bk1rqgqhk8b6dbg9  in 30 min
    ");
}

#[test]
fn a_code_counts_once_and_the_next_one_later() {
    let mut project = with_apps();
    let (attempt, app) = begin(&project, &format!("{BIND} -o json"));
    let app = app.unwrap();
    let first = code(&app, NOW);
    assert_eq!(confirm(&project, &attempt, wrong(first.trim())), 5);
    assert_eq!(confirm(&project, &attempt, &first), 0);

    let (attempt, none) = begin(&project, UNBIND);
    assert!(none.is_none(), "nothing is enrolled");
    assert_eq!(confirm(&project, &attempt, &first), 5);
    let later = "2026-11-22T08:00:30Z";
    project.at(later);
    assert_eq!(confirm(&project, &attempt, &code(&app, later)), 0);
    project.run("audit verify").exits(0);
    project.run("audit replay").exits(0);
}

#[test]
fn the_secret_is_nowhere_but_in_the_first_answer() {
    let project = with_apps();
    let shown = project.run(BIND).stdout;
    let (_, secret) = shown.split_once("secret=").unwrap();
    let secret: String = secret.chars().take_while(|it| *it != '&').collect();
    assert_eq!(secret.len(), 32);
    for told in [
        "account show 1001 --reveal",
        "account history 1001 --reveal",
        "attempt list 1001 --reveal",
        "audit export --reveal",
    ] {
        let told = project.run(told).exits(0);
        assert!(!told.stdout.contains(&secret), "{told}");
    }
}

/// The secret of an app that was enrolled elsewhere.
const ELSEWHERE: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY";
const ENROL: &str = "account enrol 1001 app --secret-file -";

/// A project whose account proves with an app from the beginning.
fn with_app_from_elsewhere() -> Project {
    let project = with_apps();
    let bound = "workflows/resource_account/mfa.yaml";
    project.replace(bound, "initial: none", "initial: bound");
    project.create("1002").exits(0);
    project
}

#[test]
fn an_app_from_elsewhere_is_taken_over() {
    let mut project = with_app_from_elsewhere();
    let enrol = "account enrol 1002 app --secret-file -";
    assert_snapshot!(project.run_with(enrol, &format!("{ELSEWHERE}\n")), @r"
    Done: account 1002 is at revision 2
    ");
    assert_snapshot!(project.run_with(enrol, ELSEWHERE), @r"
      1 throttle      ✓ within the limits
      2 policy        ✓ the store's owner
      3 caller        ✓ the store's owner
      4 state         ✗ an app is enrolled as `app` already
      5 guard         · not reached
      6 quota         · not reached
      7 verification  · not reached
    Denied at gate 4 of 7, state: an app is enrolled as `app` already
      D0014
    --- stderr ---
    hint: `stateward explain D0014` tells more
    [exit status: 7]
    ");
    let app = AppSecret::of_base32(ELSEWHERE).unwrap();
    let unbind = UNBIND.replace("1001", "1002");
    let (attempt, _) = begin(&project, &unbind);
    assert_eq!(confirm(&project, &attempt, &code(&app, NOW)), 0);

    // What was unbound can be taken over anew, and another one in its place.
    project.run_with(enrol, ELSEWHERE).exits(0);
    let other = AppSecret::from_bytes(*b"other secret of 20 b");
    let uri = other.uri("x", &"1002".parse().unwrap());
    let text = uri.split(['=', '&']).nth(1).unwrap();
    project.run_with(enrol, text).exits(7);
    project
        .run_with(&format!("{enrol} --replace"), text)
        .exits(0);
    project.at("2026-11-22T08:10:00Z");
    project.run("audit verify").exits(0);
    project.run("audit replay").exits(0);
    assert_snapshot!(project.run("account history 1002 --after 4"), @r"
    5  2026-11-22T08:00:00Z  owner  enrol app: applied
        ~ authenticator app
    6  2026-11-22T08:00:00Z  owner  enrol app: applied
        ~ authenticator app
    refused, and changed nothing
      2026-11-22T08:00:00Z  owner  enrol app  D0014 by state
      2026-11-22T08:00:00Z  owner  enrol app  D0014 by state
    ");
}

#[test]
fn what_is_no_secret_is_refused_and_not_repeated() {
    let project = with_apps();
    assert_snapshot!(project.run_with(ENROL, "gezdgnbvgy3tqojqgezdgnbvgy"), @r"
    --- stderr ---
    error[C0001]: a secret is written in base32: in `A` to `Z` and `2` to `7`, nothing else
    [exit status: 2]
    ");
    assert_snapshot!(project.run_with(ENROL, "GEZDGNBVGY3TQOJQ"), @r"
    --- stderr ---
    error[C0001]: a secret has 16 to 64 bytes, and this one has 10
    [exit status: 2]
    ");
    let unknown = ENROL.replace("app", "ap");
    assert_snapshot!(project.run_with(&unknown, ELSEWHERE), @r"
    --- stderr ---
    error[C0008]: there is no authenticator `ap`
    hint: did you mean `app`?
    [exit status: 2]
    ");
    let nobody = ENROL.replace("1001", "999");
    assert_snapshot!(project.run_with(&nobody, ELSEWHERE), @r"
      1 throttle      ✓ within the limits
      2 policy        · not reached
      3 caller        · not reached
      4 state         ✗ there is no account `999`
      5 guard         · not reached
      6 quota         · not reached
      7 verification  · not reached
    Denied at gate 4 of 7, state: there is no account `999`
      D0011
    --- stderr ---
    hint: `stateward explain D0011` tells more
    [exit status: 7]
    ");
    project.run("account enrol 1001 app").exits(2);
    project.run("account history 1001 -o jsonl").exits(0);
    assert!(
        project
            .run("audit verify")
            .exits(0)
            .stdout
            .contains("1 record")
    );
}

/// Neither in what is told nor in any file, in none of the forms that it has.
#[test]
fn the_secret_from_elsewhere_is_nowhere() {
    let project = with_apps();
    let answer = project.run_with(ENROL, ELSEWHERE).exits(0);
    let told = [
        "account show 1001 --reveal -o json",
        "account history 1001 --reveal -o jsonl",
        "audit export --reveal",
        "audit list",
    ];
    let told = told.map(|told| project.run(told).exits(0));
    let shown: String = [answer]
        .iter()
        .chain(&told)
        .map(ToString::to_string)
        .collect();
    project.run("store backup copy.redb").exits(0);
    let state = std::fs::read_dir(project.file(".stateward")).unwrap();
    let files = state
        .map(|file| file.unwrap().path())
        .chain([project.file("copy.redb")]);
    let files: Vec<Vec<u8>> = files.map(|file| std::fs::read(file).unwrap()).collect();
    let hex: String = b"1234567890123456"
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    for form in [ELSEWHERE, "1234567890123456", &hex] {
        assert!(!shown.contains(form), "{form} is told: {shown}");
        for bytes in &files {
            let within = bytes
                .windows(form.len())
                .any(|part| part == form.as_bytes());
            assert!(!within, "{form} is in a file");
        }
    }
    assert!(files.len() > 3 && shown.contains("authenticator"));
}
