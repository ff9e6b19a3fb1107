//! What an account comes to owe, and what happens by itself, when definitions change or a
//! transition is made again.

use std::time::Duration;

use super::*;
use crate::account::Timer;

const ACCOUNT: &str = r#"
lifecycle: demo
edition: 2026-01
attributes: { phone: { type: phone, default: "+6591234567" } }
principal_kinds: { user: {} }
messages: { late: "It is still open." }
"#;

const DOOR: &str = r#"
workflow: door
initial: shut
states: { shut: {}, open: { privileged: true } }
transitions:
  open:
    from: [shut, open]
    to: open
    permission: demo:Open
    resource: "acs:demo:*:*:door"
    restore: { by: door.close, within: 1h, notify: [{ message: late, to: account.phone, by: sms }] }
  prop:
    from: [shut, open]
    to: open
    permission: demo:Open
    resource: "acs:demo:*:*:door"
    restore: { by: door.close, within: 10m }
  close: { from: open, to: shut, permission: demo:Close, resource: "acs:demo:*:*:door" }
"#;

const BELL: &str = r#"
workflow: bell
initial: still
states: { still: {}, ringing: {} }
transitions:
  ring: { from: still, to: ringing, triggered_by: door.open, cooldown: 1h }
  stop: { from: ringing, to: still, after: 1m, cooldown: [{ after: door.open, wait: 5m }] }
"#;

const PRINCIPALS: &str = "principals: { user/own: { account: a1, policies: [Demo] } }\n";

fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

fn load_all(workflows: &[&str]) -> Bundle {
    load(ACCOUNT, workflows, "allow \"demo:*\";\n", PRINCIPALS)
}

fn world() -> World {
    let mut world = World::of(load_all(&[DOOR, BELL]));
    world.create(&[]);
    world
}

impl World {
    #[track_caller]
    fn makes(&mut self, transition: &str, at: Timestamp) {
        let asked = request("acc", self.principal("user/own"), run(transition, &[]));
        let made = self.commit(&asked, at);
        assert!(matches!(made.outcome, Outcome::Applied { .. }), "{made:?}");
    }

    fn fires(&mut self, timer: &Timer, at: Timestamp) -> Decision {
        let timer = timer.clone();
        self.commit(&request("acc", Actor::System, Command::Fire { timer }), at)
    }

    fn state_of(&self, workflow: &str) -> &str {
        let workflow = workflow.parse().unwrap();
        self.account().state(&workflow).unwrap().as_str()
    }
}

fn overdue() -> Timer {
    Timer::Overdue("door.close".parse().unwrap())
}

/// Opening once more is no way to put the day of reckoning off.
#[test]
fn what_is_owed_is_owed_once_and_stays_due() {
    let mut world = world();
    world.makes("door.open", now());
    world.makes("door.open", now().after(minutes(50)));

    let due = now().after(minutes(60));
    let owed: Vec<_> = world.account().obligations.iter().map(|o| o.due).collect();
    assert_eq!(owed, [due]);
    assert_eq!(world.account().timers[&overdue()], due);
}

#[test]
fn what_is_owed_sooner_is_due_sooner() {
    let mut world = world();
    world.makes("door.open", now());
    world.makes("door.prop", now());

    let due = now().after(minutes(10));
    let owed: Vec<_> = world.account().obligations.iter().map(|o| o.due).collect();
    assert_eq!(owed, [due]);
    assert_eq!(world.account().timers[&overdue()], due);
    world.makes("door.close", now());
    assert!(world.account().obligations.is_empty());
    assert!(!world.account().timers.contains_key(&overdue()));
}

/// A reminder whose words were taken out of the definition must not be tried for ever.
#[test]
fn a_reminder_that_is_defined_no_more_is_settled() {
    let mut world = world();
    world.makes("door.open", now());
    let renamed = DOOR.replacen("  open:\n", "  unlock:\n", 1);
    let bell = BELL.replace("door.open", "door.unlock");
    world.bundle = load_all(&[&renamed, &bell]);

    let reminded = world.fires(&overdue(), now().after(minutes(60)));

    assert!(
        matches!(reminded.outcome, Outcome::Applied { .. }),
        "{reminded:?}"
    );
    assert!(!world.account().timers.contains_key(&overdue()));
}

/// A timer that a former definition armed has nothing to wait for where its transition does not
/// leave from.
#[test]
fn a_timer_of_another_state_is_taken_back() {
    let mut world = world();
    world.makes("door.open", now());
    let stop = Timer::After("bell.stop".parse().unwrap());
    assert!(world.account().timers.contains_key(&stop));
    let bell = BELL.replace(
        "stop: { from: ringing, to: still",
        "stop: { from: still, to: still",
    );
    world.bundle = load_all(&[DOOR, &bell]);

    let fired = world.fires(&stop, now().after(minutes(6)));

    assert!(
        matches!(fired.outcome, Outcome::Applied { .. }),
        "{fired:?}"
    );
    assert_eq!(world.state_of("bell"), "ringing");
    assert!(!world.account().timers.contains_key(&stop));
}

#[test]
fn what_happens_by_itself_keeps_to_its_cool_down() {
    let mut world = world();
    world.makes("door.open", now());
    let stop = Timer::After("bell.stop".parse().unwrap());
    let early = world.fires(&stop, now().after(minutes(1)));
    assert_eq!(denied(&early), (Gate::Guard, "D0008", None));
    world.fires(&stop, now().after(minutes(5)));
    assert_eq!(world.state_of("bell"), "still");

    world.makes("door.open", now().after(minutes(30)));
    assert_eq!(world.state_of("bell"), "still", "it rang within the hour");
    world.makes("door.open", now().after(minutes(60)));
    assert_eq!(world.state_of("bell"), "ringing");
}
