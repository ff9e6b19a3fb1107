//! Case L63: authenticator apps, whose codes count once, and no more once another app took their place.

use std::sync::{Arc, OnceLock};

use stateward::account::{Gate, GateStatus};
use stateward::bundle::Bundle;
use stateward::challenge::AppSecret;

use crate::fixture::*;

/// The root user's app. The secret that both share is shown once, to whoever binds it; until a code of
/// the new app is given, the account has the app that it had before.
const MFA: &str = "\
workflow: mfa
initial: none
states: { none: {}, bound: {} }
transitions:
  bind:
    from: [none, bound]
    to: bound
    permission: account:BindMFADevice
    resource: acs:account:*:${account.id}:mfa
    caller: root_user
    verify:
      - any: [old_phone, old_email]
      - new_app
  unbind:
    from: bound
    to: none
    permission: account:UnbindMFADevice
    resource: acs:account:*:${account.id}:mfa
    caller: root_user
    verify:
      - any: [old_phone, old_email]
      - app
    forgets: app
";

/// The shipped definition with apps.
fn with_apps() -> &'static Arc<Bundle> {
    static APPS: OnceLock<Arc<Bundle>> = OnceLock::new();
    APPS.get_or_init(|| {
        let apps = "verifications:\n  app: { totp: app }\n  new_app: { totp: app, enrol: true }\n";
        let account = "workflows/resource_account/account.yaml";
        let shipped = Definition::shipped().edited(account, "verifications:\n", apps);
        shipped
            .with("workflows/resource_account/mfa.yaml", MFA)
            .load()
    })
}

const BIND: &str = "mfa.bind";
const UNBIND: &str = "mfa.unbind";
const WRONG: Option<&str> = Some("Invalid.VerificationCode");

/// The root user asks for a transition and proves by mail who it is.
fn asked(world: &World, what: &str) -> Reply {
    let asked = world.run_by(&root_of(CA1), CA1, what, &[], "old_email");
    world.prove(&root_of(CA1), &asked)
}

/// The secret that the answer shows.
fn app(shown: &Reply) -> AppSecret {
    assert_eq!(shown.waiting().verification, "new_app");
    AppSecret::of_uri(shown.0.enrolment.as_ref().unwrap().reveal()).unwrap()
}

fn present(world: &World, asked: &Reply, app: &AppSecret) -> Reply {
    world.confirm(&root_of(CA1), asked, &app.code(world.now()))
}

fn bound(world: &World) -> AppSecret {
    let shown = asked(world, BIND);
    let app = app(&shown);
    present(world, &shown, &app).applied();
    app
}

fn l63_a_code_of_an_app_counts_once(world: &mut World) {
    let app = bound(world);

    let again = present(world, &asked(world, UNBIND), &app);
    again.refused(Gate::Verification, WRONG);

    world.pass(seconds(30));
    present(world, &asked(world, UNBIND), &app).applied();
    assert!(world.account(CA1).authenticators.is_empty());
}

fn l63_a_code_that_counted_has_counted_after_a_restart(world: &mut World) {
    let app = bound(world);
    let used = app.code(world.now());

    world.restart();

    let asked = asked(world, UNBIND);
    let again = world.confirm(&root_of(CA1), &asked, &used);
    again.refused(Gate::Verification, WRONG);
    // A clock that is set back brings no code back.
    world.set_clock(world.now().before(seconds(30)));
    present(world, &asked, &app).refused(Gate::Verification, WRONG);
    world.pass(seconds(60));
    present(world, &asked, &app).applied();
}

fn l63_an_app_that_was_enrolled_before_is_none(world: &mut World) {
    let old = bound(world);
    let new = bound(world);

    world.pass(seconds(30));
    let asked = asked(world, UNBIND);
    present(world, &asked, &old).refused(Gate::Verification, WRONG);
    present(world, &asked, &new).applied();
}

/// What was shown and never proved is nothing, and the app that there is stays.
fn an_app_is_the_accounts_once_it_is_proved(world: &mut World) {
    let old = bound(world);
    world.pass(seconds(30));
    let shown = asked(world, BIND);
    let never = app(&shown);
    present(world, &shown, &old).refused(Gate::Verification, WRONG);

    let asked = asked(world, UNBIND);
    present(world, &asked, &never).refused(Gate::Verification, WRONG);
    present(world, &asked, &old).applied();
}

fn another_secret_makes_the_one_before_it_worthless(world: &mut World) {
    let shown = asked(world, BIND);
    let first = app(&shown);
    let again = world.resend(&root_of(CA1), &shown);
    let second = app(&again);

    present(world, &again, &first).refused(Gate::Verification, WRONG);
    present(world, &again, &second).applied();
}

fn wrong_codes_of_an_app_lock_the_attempt(world: &mut World) {
    let app = bound(world);
    world.pass(seconds(30));
    let asked = asked(world, UNBIND);
    let right = app.code(world.now());
    let wrong = if right.starts_with('0') { "1" } else { "0" }.repeat(6);
    for _ in 0..5 {
        let refused = world.confirm(&root_of(CA1), &asked, &wrong);
        refused.refused(Gate::Verification, WRONG);
    }

    assert!(world.is_closed(&asked));
    assert_eq!(world.account(CA1).failures.consecutive(), 5);
    present(world, &asked, &app).refused(Gate::Verification, WRONG);
    // Nothing is sent for an app, so that asking again gives no more tries.
    let asked = self::asked(world, UNBIND);
    let resent = world.resend(&root_of(CA1), &asked);
    resent.refused(Gate::Verification, None);
}

fn without_an_app_there_is_none_to_forget(world: &mut World) {
    let refused = world.run(&root_of(CA1), CA1, UNBIND, &[]);

    refused.refused(Gate::State, None);
    assert_eq!(refused.gate(Gate::Caller), GateStatus::Passed);
}

/// The secret is told once, to whoever enrols, and is nowhere else.
fn the_secret_is_told_once(world: &mut World) {
    let shown = asked(world, BIND);
    let uri = shown.0.enrolment.as_ref().unwrap().reveal().to_owned();
    let (_, secret) = uri.split_once("secret=").unwrap();
    let secret = secret.split('&').next().unwrap();
    present(world, &shown, &app(&shown)).applied();

    let engine = world.engine();
    let journal = engine
        .history(&CA1.parse().unwrap(), Default::default(), 100)
        .unwrap();
    let told = format!("{:?} {shown:?} {journal:?}", world.account(CA1));
    assert!(!told.contains(secret));
    let records: Vec<_> = journal
        .iter()
        .map(|it| it.record.as_ref().unwrap())
        .collect();
    let written = serde_json::to_string(&(world.account(CA1), records, &shown.0)).unwrap();
    assert!(!written.contains(secret) && written.contains("authenticators"));
}

fn an_erased_account_has_no_app(world: &mut World) {
    bound(world);
    world
        .run(&full(), RA1, "mobile_phone.bind", &[("phone", BRITISH)])
        .waiting();

    world.engine().erase(&CA1.parse().unwrap()).unwrap();

    assert!(world.account(CA1).authenticators.is_empty());
    assert_eq!(world.verify().flaws, []);
}

/// Runs each case once in memory and once on disk.
macro_rules! with_apps_on_every_store {
    ($($case:ident),* $(,)?) => {
        $(mod $case {
            #[test]
            fn in_memory() {
                super::$case(&mut crate::fixture::World::under(super::with_apps()));
            }

            #[test]
            fn on_disk() {
                super::$case(&mut crate::fixture::World::on_disk_under(super::with_apps()));
            }
        })*
    };
}

with_apps_on_every_store![
    l63_a_code_of_an_app_counts_once,
    l63_a_code_that_counted_has_counted_after_a_restart,
    l63_an_app_that_was_enrolled_before_is_none,
    an_app_is_the_accounts_once_it_is_proved,
    another_secret_makes_the_one_before_it_worthless,
    wrong_codes_of_an_app_lock_the_attempt,
    without_an_app_there_is_none_to_forget,
    the_secret_is_told_once,
    an_erased_account_has_no_app,
];
