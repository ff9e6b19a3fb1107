//! The smallest shipped lifecycle, from an address to a month's pause: nothing in the engine knows
//! which lifecycle it runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use stateward::account::Gate;
use stateward::challenge::{CodeKey, KeyRing};
use stateward::courier::{MemoryCourier, SecretText};
use stateward::engine::{Confirm, Create, Engine, Presented, Run};
use stateward::entropy::SeededEntropy;
use stateward::store::{Header, MemoryStore};
use stateward::testing::ManualClock;
use stateward::time::Timestamp;

use crate::fixture::{Reply, code_in, days, newsletter, principal};

struct Paper {
    engine: Engine,
    clock: Arc<ManualClock>,
    mailbox: Arc<MemoryCourier>,
}

impl Paper {
    fn new() -> Self {
        let (start, key) = (Timestamp::from_ms(0), CodeKey::from_bytes([1; 32]));
        let store = MemoryStore::new(Header {
            lifecycle: "newsletter".parse().unwrap(),
            development: true,
            created_at: start,
            key_id: key.id(),
        });
        let (clock, mailbox) = (Arc::new(ManualClock::new(start)), Arc::default());
        let engine = Engine::builder()
            .bundle(newsletter())
            .store(Arc::new(store))
            .clock(Arc::clone(&clock) as _)
            .courier(Arc::clone(&mailbox) as _)
            .entropy(Arc::new(SeededEntropy::default()))
            .keys(KeyRing::new(key))
            .build()
            .unwrap();
        let email = ("email".to_owned(), "lin@example.com".to_owned());
        let lin = Create::new("lin".parse().unwrap(), BTreeMap::from([email]));
        Reply(engine.create(&lin).unwrap()).applied();
        Self {
            engine,
            clock,
            mailbox,
        }
    }

    fn ask(&self, who: &str, what: &str) -> Reply {
        let reader = principal("reader", who, who, &[]);
        let run = Run::new(reader, "lin".parse().unwrap(), what.parse().unwrap());
        Reply(self.engine.run(&run).unwrap())
    }

    fn state(&self) -> String {
        let account = self
            .engine
            .read(&"lin".parse().unwrap(), None, &BTreeMap::new());
        account.unwrap().unwrap().states["subscription"]
            .state
            .to_string()
    }
}

#[test]
fn a_reader_joins_pauses_and_is_back_after_a_month() {
    let paper = Paper::new();

    let asked = paper.ask("lin", "subscription.join");
    paper.engine.pump(1).unwrap();
    let code = code_in(paper.mailbox.take()[0].text.reveal());
    let confirm = Confirm {
        attempt: asked.attempt(),
        by: Some(principal("reader", "lin", "lin", &[])),
        proof: Presented::Code(SecretText::new(code)),
        key: None,
    };
    Reply(paper.engine.confirm(&confirm).unwrap()).applied();
    assert_eq!(paper.state(), "reading");

    paper.ask("lin", "subscription.pause").applied();
    paper.clock.advance(days(30));
    paper.engine.tick(1).unwrap();
    assert_eq!(paper.state(), "reading");

    paper.ask("lin", "subscription.leave").applied();
    assert_eq!(paper.state(), "left");
}

#[test]
fn nobody_joins_for_another() {
    let paper = Paper::new();

    paper
        .ask("eve", "subscription.join")
        .refused(Gate::Policy, None);

    assert_eq!(paper.state(), "left");
}
