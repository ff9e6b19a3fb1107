//! Imported documents decide as the documents do: the engine over the imported script against an
//! evaluator of the JSON itself.

mod damaged;
mod documents;
mod evaluator;
mod shipped;

use std::cell::RefCell;

use acceptance::documents::{Documents, KEYS};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use stateward::expr::Val;
use stateward::policy::PolicySet;
use stateward::policy::document::Kind;
use stateward::time::Timestamp;

use self::documents::{all_operators, document, request};
use self::evaluator::{Fact, Request, Seen, decide};

/// The policy `imported` that a document is imported as, and its script.
fn imported(documents: &Documents, document: &Value, kind: Kind) -> (PolicySet, String) {
    let text = serde_json::to_string_pretty(document).unwrap();
    // A control policy may only be so long; otherwise it is written as one of users is.
    let kind = match kind {
        Kind::Control if text.chars().count() > 4_096 => Kind::Identity,
        kind => kind,
    };
    let read = documents.import(&text, kind, false);
    let script = match read.imported {
        Some(imported) => imported.script,
        None => panic!("{:#?}\n{text}", read.findings),
    };
    let (set, findings) = documents.load(&[("imported", &script)]);
    assert!(set.get("imported").is_some(), "{findings:#?}\n{script}");
    (set, script)
}

/// What the imported policy says to a request.
fn answer(documents: &Documents, set: &PolicySet, request: &Request, aws: bool) -> String {
    let value = |key: &str| match request.facts.get(key) {
        None => Val::Unset,
        Some(Fact::Text(text)) => Val::Text(text),
        Some(Fact::Number(number)) => Val::Int(*number),
        Some(Fact::Truth(truth)) => Val::Bool(*truth),
        Some(Fact::Moment(ms)) => Val::Time(Timestamp::from_ms(*ms)),
        Some(Fact::Address(text)) => Val::Ip(text.parse().unwrap()),
    };
    // A principal is named by its kind here, which differs for users of AWS.
    let cloud = if aws { "iam" } else { "ram" };
    let name = match request.principal.split_once('/') {
        Some((kind, own)) => format!("{cloud}_{kind}/{own}"),
        None => format!("service/{}", request.principal),
    };
    let mut given: Vec<_> = KEYS.map(|(key, name)| (name, value(key))).into();
    given.push(("principal.account", Val::Text(&request.account)));
    given.push(("principal.name", Val::Text(&name)));
    documents.ask(
        set,
        "imported",
        (&request.action, &request.resource),
        &given,
    )
}

#[test]
fn imported_policies_decide_as_their_documents_do() {
    let config = Config::default();
    let mut runner = TestRunner::new(Config {
        cases: config.cases.max(1_000),
        failure_persistence: None,
        max_shrink_time: 20_000,
        ..config
    });
    let documents = Documents::default();
    let seen = RefCell::new([Seen::default(), Seen::default()]);
    let case = (document(), vec(request(false), 6), vec(request(true), 6));
    let outcome = runner.run(&case, |((document, kind), ram, aws)| {
        let (set, script) = imported(&documents, &document, kind);
        let is_aws = document["Version"] != "1";
        let requests = if is_aws { aws } else { ram };
        for request in &requests {
            let seen = &mut seen.borrow_mut()[usize::from(is_aws)];
            let expected = decide(&document, request, seen);
            let found = answer(&documents, &set, request, is_aws);
            prop_assert_eq!(found, expected, "{:?}\n{:#}\n{}", request, document, script);
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    for (seen, aws) in seen.borrow().iter().zip([false, true]) {
        enough_was_seen(seen, aws);
    }
}

/// All three effects often, and each operator matching and not, with its key there and missing.
fn enough_was_seen(seen: &Seen, aws: bool) {
    let asked: u64 = seen.effects.values().sum();
    for effect in ["Allow", "ExplicitDeny", "ImplicitDeny"] {
        let times = seen.effects.get(effect).copied().unwrap_or_default();
        assert!(times * 20 > asked, "{effect}: {times} of {asked}");
    }
    for operator in all_operators(aws) {
        let was = |outcome, there| {
            let key = (operator.clone(), outcome, there);
            seen.operators.contains(&key)
        };
        assert!(was(true, true) && was(false, true), "{operator}");
        let negated = operator.contains("Not") || operator.ends_with("IfExists");
        assert!(
            was(negated, false) || operator == "Null",
            "{operator} without its key"
        );
    }
}
