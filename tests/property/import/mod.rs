//! Imported documents decide as the documents do: the engine over the imported script against an
//! evaluator of the JSON itself.

mod documents;
mod evaluator;

use std::cell::RefCell;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use stateward::expr::{Compiler, Facts, Slot, Type, Val, Vocabulary};
use stateward::policy::document::{Key, Kind, Options, import};
use stateward::policy::{PolicySet, Query};
use stateward::source::SourceMap;
use stateward::time::Timestamp;

use self::documents::{all_operators, document, request};
use self::evaluator::{Fact, Request, Seen, decide};

/// A small lifecycle's names, and a compiler over them.
struct World {
    vocabulary: Vocabulary,
    compiler: Compiler,
}

const NAMES: [(&str, &str); 9] = [
    ("x:Text", "context.text"),
    ("x:Other", "context.other"),
    ("x:Arn", "context.arn"),
    ("x:Level", "context.level"),
    ("x:Count", "context.count"),
    ("x:Since", "context.since"),
    ("acs:CurrentTime", "now"),
    ("acs:MFAPresent", "context.mfa"),
    ("acs:SourceIp", "context.source_ip"),
];

fn type_of(key: &str) -> Type {
    match key {
        "x:Level" => Type::OneOf(["low", "high"].map(|word| word.parse().unwrap()).into()),
        "x:Count" => Type::Int,
        "x:Since" | "acs:CurrentTime" => Type::Time,
        "acs:MFAPresent" => Type::Bool,
        "acs:SourceIp" => Type::Ip,
        _ => Type::Text,
    }
}

impl World {
    fn new() -> Self {
        let mut vocabulary = Vocabulary::default();
        for (key, name) in NAMES {
            vocabulary.declare(name, type_of(key), name != "now");
        }
        for (name, ty) in [
            ("principal.account", Type::AccountId),
            ("principal.name", Type::Text),
            ("permission", Type::Text),
            ("resource", Type::Text),
        ] {
            vocabulary.declare(name, ty, false);
        }
        let compiler = Compiler::new(&vocabulary, None).unwrap();
        Self {
            vocabulary,
            compiler,
        }
    }

    /// The policy that a document is imported as, and its script.
    fn import(&self, document: &Value, kind: Kind) -> (PolicySet, String) {
        let mut sources = SourceMap::default();
        let text = serde_json::to_string_pretty(document).unwrap();
        let file = sources.add("document.json", &text);
        let key = |name: &str| {
            let (key, name) = NAMES.iter().find(|(key, _)| *key == name)?;
            Some(Key {
                name: Arc::from(*name),
                ty: type_of(key),
                optional: true,
            })
        };
        let options = Options {
            kind,
            lenient: false,
            key: &key,
            has_kind: &|_| true,
        };
        let mut findings = Vec::new();
        let imported = import(file, sources.file(file).unwrap(), &options, &mut findings);
        let imported = imported.unwrap_or_else(|| panic!("{findings:#?}\n{text}"));
        let file = sources.add("policies/imported.rhai", &imported.script);
        let (compiler, vocabulary) = (&self.compiler, &self.vocabulary);
        let set = PolicySet::load(&[file], &sources, compiler, vocabulary, &mut findings);
        assert!(
            set.get("imported").is_some(),
            "{findings:#?}\n{}",
            imported.script
        );
        (set, imported.script)
    }

    fn slot(&self, name: &str) -> Slot {
        self.vocabulary.slot(name).unwrap()
    }

    /// What the imported policy says to a request.
    fn decide(&self, set: &PolicySet, request: &Request, aws: bool) -> String {
        let mut facts = Facts::new(&self.vocabulary);
        for (key, name) in NAMES {
            let value = match request.facts.get(key) {
                None => Val::Unset,
                Some(Fact::Text(text)) => Val::Text(text),
                Some(Fact::Number(number)) => Val::Int(*number),
                Some(Fact::Truth(truth)) => Val::Bool(*truth),
                Some(Fact::Moment(ms)) => Val::Time(Timestamp::from_ms(*ms)),
                Some(Fact::Address(text)) => Val::Ip(text.parse().unwrap()),
            };
            facts.set(self.slot(name), value);
        }
        // A principal is named by its kind here, which differs for users of AWS.
        let cloud = if aws { "iam" } else { "ram" };
        let name = match request.principal.split_once('/') {
            Some((kind, own)) => format!("{cloud}_{kind}/{own}"),
            None => format!("service/{}", request.principal),
        };
        facts.set(self.slot("principal.account"), Val::Text(&request.account));
        facts.set(self.slot("principal.name"), Val::Text(&name));
        let policies = [Arc::from("imported")];
        let resources = [request.resource.as_str()];
        let query = Query {
            policies: &policies,
            owner_of: None,
            action: &request.action,
            resources: &resources,
        };
        let ruling = set.rule(&query, &mut facts);
        assert!(ruling.error.is_none(), "{:?}", ruling.error);
        ruling.effect.to_string()
    }
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
    let world = World::new();
    let seen = RefCell::new([Seen::default(), Seen::default()]);
    let case = (document(), vec(request(false), 6), vec(request(true), 6));
    let outcome = runner.run(&case, |((document, kind), ram, aws)| {
        let (set, script) = world.import(&document, kind);
        let is_aws = document["Version"] != "1";
        let requests = if is_aws { aws } else { ram };
        for request in &requests {
            let seen = &mut seen.borrow_mut()[usize::from(is_aws)];
            let expected = decide(&document, request, seen);
            let found = world.decide(&set, request, is_aws);
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
