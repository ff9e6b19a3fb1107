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
