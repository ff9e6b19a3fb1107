//! The decision as a function: the order of gates, what a stranger can learn, sameness, and that it
//! ends for whatever is asked.

mod admission;
mod approval;
mod constructs;
mod counting;
mod owed;
mod sending;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Decision, Need, View, decide};
use crate::account::{
    Account, Actor, Command, Event, Gate, GateStatus, InputText, Outcome, Proof, Request, Revision,
};
use crate::bundle::Bundle;
use crate::challenge::CodeKey;
use crate::entropy::Entropy;
use crate::source::SourceMap;
use crate::time::Timestamp;

const ACCOUNT: &str = r#"
lifecycle: demo
edition: 2026-01
attributes:
  owner: account_id
  phone: { type: phone, optional: true, personal: true, shared_by_at_most: 1 }
principal_kinds: { user: {} }
callers:
  own_user: { kinds: [user], of: account.owner, deny_code: NotYours }
verifications:
  number: { code: sms, to: input.phone }
  risk: { acknowledge: "It cannot be undone." }
codes: { quota: codes }
quotas:
  codes: { limit: 2, per: 24h, key: account.id, deny_code: TooMany }
messages:
  done: "Done for ${account.owner}."
read: { permission: "demo:Read", resource: "acs:demo:*:${account.owner}:thing" }
"#;

const WORKFLOW: &str = r#"
workflow: phone
initial: unbound
states: { unbound: {}, bound: {} }
transitions:
  bind:
    from: unbound
    to: bound
    permission: demo:Bind
    resource: "acs:demo:*:${account.owner}:thing"
    caller: own_user
    input: { phone: phone }
    when: [{ check: phone_country(input.phone) == "SG", deny_code: WrongCountry }]
    verify: [risk, number]
    set: { phone: input.phone }
    notify: [{ message: done, to: input.phone, by: sms }]
    deny_code: { state: BoundAlready, input: BadInput }
  unbind:
    from: bound
    to: unbound
    permission: demo:Bind
    resource: "acs:demo:*:${account.owner}:thing"
    caller: own_user
    set: { phone: unset }
"#;

const PRINCIPALS: &str = r#"
principals:
  user/own: { account: "a1", policies: [Demo] }
  user/other: { account: "b2", policies: [Demo] }
  user/none: { account: "a1" }
"#;

fn bundle() -> Bundle {
    load(ACCOUNT, &[WORKFLOW], "allow \"demo:*\";\n", PRINCIPALS)
}

fn now() -> Timestamp {
    "2026-03-01T08:00:00Z".parse().unwrap()
}

fn request(account: &str, actor: Actor, command: Command) -> Request {
    Request {
        account: account.parse().unwrap(),
        actor,
        context: BTreeMap::new(),
        command,
        drawn: None,
    }
}

fn texts(texts: &[(&str, &str)]) -> BTreeMap<String, InputText> {
    let plain = |(name, text): &(&str, &str)| {
        let text = InputText::Plain((*text).to_owned());
        ((*name).to_owned(), text)
    };
    texts.iter().map(plain).collect()
}

fn run(transition: &str, inputs: &[(&str, &str)]) -> Command {
    Command::Run {
        transition: transition.parse().unwrap(),
        inputs: texts(inputs),
        acknowledged: BTreeSet::new(),
        prefer: None,
    }
}

/// The bundle of a lifecycle `demo` with one policy.
fn load(account: &str, workflows: &[&str], policy: &str, principals: &str) -> Bundle {
    let mut sources = SourceMap::default();
    sources.add("workflows/demo/account.yaml", account);
    for workflow in workflows {
        let mut lines = workflow.lines();
        let name = lines.find_map(|line| line.strip_prefix("workflow: "));
        sources.add(&format!("workflows/demo/{}.yaml", name.unwrap()), workflow);
    }
    sources.add("policies/Demo.rhai", policy);
    sources.add("policies/principals.yaml", principals);
    Bundle::load(sources, "demo").unwrap_or_else(|error| panic!("{:#?}", error.diagnostics))
}

fn bind(phone: &str, acknowledged: bool) -> Command {
    Command::Run {
        transition: "phone.bind".parse().unwrap(),
        inputs: texts(&[("phone", phone)]),
        acknowledged: if acknowledged {
            ["risk".parse().unwrap()].into()
        } else {
            BTreeSet::new()
        },
        prefer: None,
    }
}

/// A store of one account, kept in a view.
struct World {
    bundle: Bundle,
    view: View,
    seed: u8,
}

impl World {
    fn new() -> Self {
        Self::of(bundle())
    }

    /// A store without accounts, under some definition.
    fn of(bundle: Bundle) -> Self {
        let key_id = CodeKey::from_bytes([7; 32]).id();
        let (shared, holders) = (BTreeMap::new(), BTreeMap::new());
        let view = View {
            key_id,
            account: None,
            attempt: None,
            shared,
            holders,
        };
        Self {
            bundle,
            view,
            seed: 0,
        }
    }

    fn with_account() -> Self {
        let mut world = Self::new();
        world.create(&[("owner", "a1")]);
        world
    }

    /// Creates the account `acc`.
    #[track_caller]
    fn create(&mut self, attributes: &[(&str, &str)]) {
        let create = Command::Create {
            attributes: texts(attributes),
            states: BTreeMap::new(),
        };
        let created = self.commit(&request("acc", Actor::Owner, create), now());
        assert!(
            matches!(created.outcome, Outcome::Applied { .. }),
            "{:?}",
            created.outcome
        );
    }

    /// A listed principal asks for a transition of `acc`, its risks not acknowledged.
    fn run(&mut self, who: &str, transition: &str, inputs: &[(&str, &str)]) -> Decision {
        let asked = request("acc", self.principal(who), run(transition, inputs));
        self.commit(&asked, now())
    }

    fn principal(&self, name: &str) -> Actor {
        Actor::Principal(self.bundle.principals.resolve(name).unwrap())
    }

    /// Decides, with nobody holding any value.
    fn decide(&mut self, request: &Request, at: Timestamp) -> Decision {
        loop {
            let mut entropy = Entropy::new([self.seed; 32]);
            match decide(&self.bundle, &self.view, request, at, &mut entropy) {
                Ok(decision) => return decision,
                Err(Need::Holders(claim)) => {
                    self.view.holders.insert(claim, Vec::new());
                }
                Err(Need::Shared(key)) => {
                    self.view.shared.insert(key, Default::default());
                }
            }
        }
    }

    /// Decides, and keeps what changed.
    fn commit(&mut self, request: &Request, at: Timestamp) -> Decision {
        let decision = self.decide(request, at);
        if !decision.events.is_empty() {
            let before = self.view.account.as_ref().map(|account| account.revision);
            let mut account = Account::clone(decision.account.as_ref().unwrap());
            account.revision = before.unwrap_or_default().next();
            self.view.account = Some(Arc::new(account));
            self.seed += 1;
        }
        for event in &decision.events {
            match event {
                Event::AttemptPut(attempt) => self.view.attempt = Some(attempt.as_ref().clone()),
                Event::AttemptClosed { .. } => self.view.attempt = None,
                _ => {}
            }
        }
        decision
    }

    fn account(&self) -> &Account {
        self.view.account.as_ref().unwrap()
    }
}

/// The gate, our code and the domain's code of a denial.
#[track_caller]
fn denied(decision: &Decision) -> (Gate, &str, Option<&str>) {
    match &decision.outcome {
        Outcome::Denied(denial) => (denial.gate, &denial.code, denial.deny_code.as_deref()),
        other => panic!("expected a denial, got {other:?}"),
    }
}

#[test]
fn each_gate_refuses_with_its_own_code() {
    for (who, phone, acknowledged, expected) in [
        (
            "user/none",
            "65-91234567",
            true,
            (Gate::Policy, "D0003", None),
        ),
        (
            "user/other",
            "65-91234567",
            true,
            (Gate::Caller, "D0004", Some("NotYours")),
        ),
        (
            "user/own",
            "not a phone",
            true,
            (Gate::State, "D0006", Some("BadInput")),
        ),
        (
            "user/own",
            "+447400123456",
            true,
            (Gate::Guard, "D0007", Some("WrongCountry")),
        ),
    ] {
        let mut world = World::with_account();
        let actor = world.principal(who);
        let decision = world.decide(&request("acc", actor, bind(phone, acknowledged)), now());
        assert_eq!(denied(&decision), expected, "{who} {phone}");
        assert!(
            decision.events.is_empty(),
            "a refused request changes nothing"
        );
        let reached: Vec<_> = decision.gates.iter().map(|report| report.status).collect();
        let position = Gate::ALL
            .iter()
            .position(|gate| *gate == expected.0)
            .unwrap();
        assert!(
            reached[..position]
                .iter()
                .all(|status| *status == GateStatus::Passed)
        );
        assert_eq!(reached[position], GateStatus::Failed);
        assert!(
            reached[position + 1..]
                .iter()
                .all(|s| *s == GateStatus::NotReached)
        );
    }
}

#[test]
fn a_stranger_cannot_tell_a_foreign_account_from_none() {
    let policies = [
        "allow \"demo:*\";\n",
        "allow \"demo:*\" when state.phone == \"bound\";\n",
        "allow \"demo:*\" when account.created_at < now - days(1);\n",
        "allow \"demo:*\"; deny \"demo:*\" when state.phone == \"bound\";\n",
    ];
    let all = policies.map(|policy| ["user/none", "user/other"].map(|who| (policy, who)));
    for (policy, who) in all.into_iter().flatten() {
        let bundle = || load(ACCOUNT, &[WORKFLOW], policy, PRINCIPALS);
        let (mut there, mut nowhere) = (World::of(bundle()), World::of(bundle()));
        there.create(&[("owner", "a1")]);
        let command = bind("65-91234567", true);
        let asked = request("acc", there.principal(who), command);
        let (there, nowhere) = (there.decide(&asked, now()), nowhere.decide(&asked, now()));
        assert_eq!(there.outcome, nowhere.outcome, "{who} {policy}");
        let words = |decision: &Decision| -> Vec<_> {
            decision
                .gates
                .iter()
                .map(|report| (report.status, report.detail.clone()))
                .collect()
        };
        assert_eq!(words(&there), words(&nowhere), "{who}");
    }
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let mut world = World::with_account();
    let asked = request(
        "acc",
        world.principal("user/own"),
        bind("65-91234567", true),
    );
    let bytes = |decision: Decision| {
        rmp_serde::to_vec(&(decision.outcome, decision.gates, decision.events)).unwrap()
    };
    assert_eq!(
        bytes(world.decide(&asked, now())),
        bytes(world.decide(&asked, now()))
    );
}

#[test]
fn a_risk_waits_to_be_acknowledged_before_a_code_is_sent() {
    let mut world = World::with_account();
    let own = world.principal("user/own");
    let opened = world.commit(
        &request("acc", own.clone(), bind("65-91234567", false)),
        now(),
    );
    let Outcome::Pending { attempt, waiting } = opened.outcome else {
        panic!("{opened:?}")
    };
    assert_eq!(
        (waiting.verification.as_str(), waiting.step, waiting.steps),
        ("risk", 1, 2)
    );
    assert!(world.account().quotas.is_empty(), "nothing was sent yet");

    let proof = Proof::Acknowledge(["risk".parse().unwrap()].into());
    let confirm = Command::Confirm { attempt, proof };
    let sent = world.commit(&request("acc", own, confirm), now());
    let Outcome::Pending { waiting, .. } = &sent.outcome else {
        panic!("{sent:?}")
    };
    assert_eq!(waiting.sent_to.as_deref(), Some("+65-****4567"));
    assert!(
        sent.events
            .iter()
            .any(|event| matches!(event, Event::Queued(_)))
    );
}

#[test]
fn a_code_binds_and_a_wrong_one_counts() {
    let mut world = World::with_account();
    let own = world.principal("user/own");
    let opened = world.commit(
        &request("acc", own.clone(), bind("65-91234567", true)),
        now(),
    );
    let Outcome::Pending { attempt, .. } = opened.outcome else {
        panic!("{opened:?}")
    };
    let present = |matches| {
        let proof = Proof::Code { matches };
        request(
            "acc",
            own.clone(),
            Command::Confirm {
                attempt: attempt.clone(),
                proof,
            },
        )
    };

    let wrong = world.commit(&present(false), now());
    assert_eq!(denied(&wrong), (Gate::Verification, "V0002", None));
    assert_eq!(world.account().failures.consecutive(), 1);

    let right = world.commit(&present(true), now());
    let Outcome::Applied { moves } = &right.outcome else {
        panic!("{right:?}")
    };
    assert_eq!(moves[0].to, "bound");
    assert_eq!(world.account().attributes["phone"].text(), "+6591234567");
    assert_eq!(world.account().failures.consecutive(), 0);

    let again = world.commit(&present(true), now());
    assert_eq!(
        denied(&again),
        (Gate::Verification, "V0002", None),
        "a code is used once"
    );
}

#[test]
fn a_quota_refuses_and_says_until_when() {
    let mut world = World::with_account();
    let own = world.principal("user/own");
    for _ in 0..2 {
        world.commit(
            &request("acc", own.clone(), bind("65-91234567", true)),
            now(),
        );
    }
    let before = world.account().clone();
    let third = world.commit(&request("acc", own, bind("65-91234567", true)), now());
    assert_eq!(denied(&third), (Gate::Quota, "Q0001", Some("TooMany")));
    let Outcome::Denied(denial) = &third.outcome else {
        panic!()
    };
    assert_eq!(denial.retry_at.unwrap().to_string(), "2026-03-02T08:00:00Z");
    assert_eq!(*world.account(), before);
}

#[test]
fn folding_the_events_gives_the_account() {
    let mut world = World::with_account();
    let own = world.principal("user/own");
    let before = world.account().clone();
    let decision = world.decide(&request("acc", own, bind("65-91234567", true)), now());
    let mut folded = before;
    for event in &decision.events {
        folded.apply(event, now()).unwrap();
    }
    assert_eq!(Some(Arc::new(folded)), decision.account);
}

#[test]
fn whatever_is_asked_of_whatever_account_there_is_an_answer() {
    let mut world = World::with_account();
    let actors = [Actor::Owner, Actor::System, world.principal("user/own")];
    let attempt: crate::name::AttemptId = "att_0000000000000000".parse().unwrap();
    let commands = [
        bind("", false),
        Command::Create {
            attributes: BTreeMap::new(),
            states: BTreeMap::new(),
        },
        Command::Confirm {
            attempt: attempt.clone(),
            proof: Proof::Approve,
        },
        Command::Resend {
            attempt: attempt.clone(),
            prefer: None,
        },
        Command::Cancel { attempt },
    ];
    for actor in &actors {
        for command in &commands {
            for account in ["acc", "nobody"] {
                let asked = request(account, actor.clone(), command.clone());
                let decision = world.decide(&asked, now());
                assert_eq!(decision.gates.len(), Gate::ALL.len());
            }
        }
    }
    assert_eq!(
        world.account().revision,
        Revision(1),
        "nothing of this changed the account"
    );
}
