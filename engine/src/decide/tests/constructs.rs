//! Constructs that the shipped lifecycles do not use: approval, cool-downs, calendar-day quotas, and
//! timers that wait for their guard.

use std::time::Duration;

use super::{Decision, World, denied, load, now, request, run};
use crate::account::{Actor, Command, Event, Gate, Outcome, Proof, Timer};
use crate::name::AttemptId;
use crate::time::Timestamp;

const ACCOUNT: &str = r#"
lifecycle: demo
edition: 2026-01
attributes:
  owner: account_id
  ready: { type: bool, default: false }
  phone: { type: phone, default: "+6591234567" }
principal_kinds: { clerk: {}, chief: {} }
callers:
  staff: { kinds: [clerk, chief], of: account.owner }
  boss: { kinds: [chief], of: account.owner, deny_code: NotTheBoss }
verifications:
  consent: { approval: boss }
  number: { code: sms, to: account.phone }
codes: { quota: daily, resend_after: 30s }
quotas:
  daily: { limit: 2, per: day, zone: America/New_York, key: account.id }
"#;

const DOOR: &str = r#"
workflow: door
initial: shut
states: { shut: {}, open: {} }
transitions:
  open:
    from: shut
    to: open
    permission: demo:Open
    resource: "acs:demo:*:${account.owner}:door"
    caller: staff
    verify: [consent]
    cooldown: 2h
    deny_code: { cooldown: TooSoon }
  close: { from: open, to: shut, after: 1h, when: account.ready }
  ring:
    from: [shut, open]
    to: shut
    permission: demo:Ring
    resource: "acs:demo:*:${account.owner}:door"
    caller: staff
    verify: [number]
  prepare:
    from: open
    to: open
    permission: demo:Open
    resource: "acs:demo:*:${account.owner}:door"
    caller: staff
    set: { ready: true }
"#;

const PRINCIPALS: &str = r#"
principals:
  clerk/ann: { account: "a1", policies: [Demo] }
  clerk/bob: { account: "a1", policies: [Demo] }
  chief/eve: { account: "a1", policies: [Demo] }
  chief/sam: { account: "a1" }
"#;

fn world() -> World {
    let mut world = World::of(load(ACCOUNT, &[DOOR], "allow \"demo:*\";\n", PRINCIPALS));
    world.create(&[("owner", "a1")]);
    world
}

impl World {
    fn at(&mut self, who: &str, command: Command, at: Timestamp) -> Decision {
        let actor = self.principal(who);
        self.commit(&request("acc", actor, command), at)
    }

    fn tick(&mut self, timer: &str, at: Timestamp) -> Decision {
        let timer = Timer::After(timer.parse().unwrap());
        self.commit(&request("acc", Actor::System, Command::Fire { timer }), at)
    }

    /// Ann asks and Eve consents, at an instant.
    fn open_at(&mut self, at: Timestamp) -> Decision {
        let asked = self.at("clerk/ann", run("door.open", &[]), at);
        let Outcome::Pending { attempt, .. } = asked.outcome else {
            return asked;
        };
        self.at("chief/eve", approve(&attempt), at)
    }
}

fn approve(attempt: &AttemptId) -> Command {
    let (attempt, proof) = (attempt.clone(), Proof::Approve);
    Command::Confirm { attempt, proof }
}

#[track_caller]
fn applied(decision: &Decision) {
    let outcome = &decision.outcome;
    assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
}

fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

#[test]
fn consent_comes_from_somebody_else_who_may_do_it() {
    let mut world = world();
    let asked = world.at("clerk/ann", run("door.open", &[]), now());
    let Outcome::Pending { attempt, waiting } = asked.outcome else {
        panic!("{asked:?}")
    };
    assert_eq!(waiting.approval_by.as_ref().unwrap(), "boss");

    // The requester, one who is not the boss, and one without the permission: all alike.
    for who in ["clerk/ann", "clerk/bob", "chief/sam"] {
        let refused = world.at(who, approve(&attempt), now());
        let expected = (Gate::Verification, "V0005", None);
        assert_eq!(denied(&refused), expected, "{who}");
        assert!(refused.events.is_empty(), "{who}");
    }
    let owner = request("acc", Actor::Owner, approve(&attempt));
    let refused = world.commit(&owner, now());
    assert_eq!(
        denied(&refused).1,
        "V0005",
        "the owner acts for the requester, not against"
    );

    applied(&world.at("chief/eve", approve(&attempt), now()));
}

#[test]
fn a_cool_down_refuses_until_it_is_over() {
    let mut world = world();
    applied(&world.open_at(now()));
    applied(&world.at("clerk/ann", run("door.prepare", &[]), now()));
    let later = now().after(minutes(60));
    applied(&world.tick("door.close", later));

    let early = world.open_at(later);
    assert_eq!(denied(&early), (Gate::Guard, "D0008", Some("TooSoon")));
    let Outcome::Denied(denial) = &early.outcome else {
        panic!("{early:?}")
    };
    assert_eq!(denial.retry_at, Some(now().after(minutes(120))));
    applied(&world.open_at(now().after(minutes(120))));
}

#[test]
fn a_timer_waits_for_its_time_and_for_its_guard() {
    let mut world = world();
    applied(&world.open_at(now()));
    let due = now().after(minutes(60));

    let early = world.tick("door.close", now().after(minutes(59)));
    assert_eq!(denied(&early), (Gate::State, "D0005", None));
    let unready = world.tick("door.close", due);
    assert_eq!(denied(&unready), (Gate::Guard, "D0007", None));
    assert!(!world.account().timers.is_empty(), "it stays due");

    applied(&world.at("clerk/ann", run("door.prepare", &[]), due));
    let rearmed = world.tick("door.close", due);
    assert_eq!(
        denied(&rearmed),
        (Gate::State, "D0005", None),
        "entered anew, armed anew"
    );
    let closed = world.tick("door.close", due.after(minutes(60)));
    applied(&closed);
    assert!(world.account().timers.is_empty());
    let again = world.tick("door.close", due.after(minutes(60)));
    assert_eq!(
        denied(&again),
        (Gate::State, "D0005", None),
        "it fires once"
    );
}

#[test]
fn a_calendar_day_ends_at_midnight_of_its_zone() {
    let mut world = world();
    // Ten minutes before midnight in New York, on the eve of the change to summer time.
    let evening: Timestamp = "2026-03-08T04:50:00Z".parse().unwrap();
    for _ in 0..2 {
        let sent = world.at("clerk/ann", run("door.ring", &[]), evening);
        assert!(
            sent.events
                .iter()
                .any(|event| matches!(event, Event::Queued(_)))
        );
    }
    let third = world.at("clerk/ann", run("door.ring", &[]), evening);
    assert_eq!(denied(&third), (Gate::Quota, "Q0001", None));
    let Outcome::Denied(denial) = &third.outcome else {
        panic!("{third:?}")
    };
    let midnight: Timestamp = "2026-03-08T05:00:00Z".parse().unwrap();
    assert_eq!(denial.retry_at, Some(midnight));
    let sent = world.at("clerk/ann", run("door.ring", &[]), midnight);
    assert!(matches!(sent.outcome, Outcome::Pending { .. }), "{sent:?}");
}
