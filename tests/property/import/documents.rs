//! Generated documents and requests, over few letters, so that they meet often.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};
use stateward::policy::document::Kind;

use super::evaluator::{Fact, Request};

/// Condition keys by the form of their values.
const KEYS: [(&str, &str); 9] = [
    ("x:Text", "text"),
    ("x:Other", "text"),
    ("x:Arn", "arn"),
    ("x:Level", "word"),
    ("x:Count", "number"),
    ("x:Since", "moment"),
    ("acs:CurrentTime", "moment"),
    ("acs:MFAPresent", "truth"),
    ("acs:SourceIp", "address"),
];

const TEXTS: [&str; 8] = ["a", "b", "A", "ab", "aB", "", "a\"\\\n", "é"];
const TEXT_PATTERNS: [&str; 9] = ["*", "a*", "*b", "?", "a?", "", "a", "*?*", "A*"];
const ARNS: [&str; 6] = [
    "arn:aws:iam::1:role/r",
    "arn:aws:iam::2:role/r",
    "arn:aws:iam::1:role/s:t",
    "arn:aws:iam::1:user/r",
    "arn:aws:iam:eu:1:role/r",
    "arn:aws:iam",
];
const ARN_PATTERNS: [&str; 6] = [
    "arn:aws:iam::1:role/*",
    "arn:aws:iam::1:*",
    "arn:aws:iam::2:role/?",
    "arn:aws:iam::1:role/r",
    "arn:aws:iam::1:*:t",
    "arn:aws:iam::1:",
];
const NUMBERS: [i64; 6] = [-1, 0, 1, 2, 10, i64::MAX];
const MOMENTS: [&str; 8] = [
    "2012-11-11T23:59:59Z",
    "2012-11-11T23:59:58Z",
    "2012-11-11T23:59:59.001Z",
    "2012-11-11T23:59:59.5Z",
    "2012-11-12T07:59:59+08:00",
    "2012-11-12T00:00:00Z",
    "2012-02-29T12:00:00-00:30",
    "2012-03-01T00:00:00Z",
];
const MOMENTS_MS: [i64; 8] = [
    1_352_678_399_000,
    1_352_678_398_000,
    1_352_678_399_001,
    1_352_678_399_500,
    1_352_678_399_999,
    1_352_678_400_000,
    1_330_518_600_000,
    1_330_560_000_000,
];
const ADDRESSES: [&str; 8] = [
    "192.0.2.9",
    "192.0.2.128",
    "192.0.3.0",
    "203.0.113.2",
    "203.0.113.3",
    "2001:db8::1",
    "2001:db9::1",
    "::1",
];
const BLOCKS: [&str; 10] = [
    "192.0.2.0/24",
    "192.0.2.77/25",
    "203.0.113.2",
    "203.0.113.2/31",
    "0.0.0.0/0",
    "::/0",
    "2001:db8::/32",
    "2001:db8::1",
    "2001:db8::/31",
    "192.0.2.9/32",
];

const ACTIONS: [&str; 8] = [
    "a:Get", "a:GET", "A:GetX", "b:Get", "b:Put", "ab:G", "a:Get:X", "b:",
];
const ACTION_PATTERNS: [&str; 12] = [
    "*", "a:*", "A:G*", "*:get", "a:Ge?", "a:get", "b:P*", "?b:*", "*:*t*", "a*:*", "b:?*", "*:G*X",
];

/// Operators over keys of one form that both languages have.
fn operators(form: &str) -> Vec<&'static str> {
    match form {
        "text" | "arn" | "word" => vec![
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
        ],
        "number" => vec![
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ],
        "moment" => vec![
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ],
        "truth" => vec!["Bool"],
        "address" => vec!["IpAddress", "NotIpAddress"],
        other => panic!("no form: {other}"),
    }
}

/// Every operator of a language.
pub fn all_operators(aws: bool) -> Vec<String> {
    let mut all: Vec<String> = ["text", "number", "moment", "truth", "address"]
        .iter()
        .flat_map(|form| operators(form))
        .map(str::to_owned)
        .collect();
    if aws {
        all.extend(["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"].map(str::to_owned));
        let more: Vec<_> = all.iter().map(|name| format!("{name}IfExists")).collect();
        all.extend(more);
        all.push("Null".to_owned());
    }
    all
}

/// A value that an operator takes of a key.
fn value(operator: &str, form: &str) -> BoxedStrategy<Value> {
    let texts = |of: &'static [&'static str]| select(of).prop_map(|text| json!(text)).boxed();
    if operator.starts_with("Arn") {
        return texts(&ARN_PATTERNS);
    }
    match (form, operator.contains("Like")) {
        ("word", true) => texts(&["*", "l*", "high", "?o?"]),
        ("word", false) if operator.contains("IgnoreCase") => texts(&["LOW", "high"]),
        ("word", false) => texts(&["low", "high"]),
        ("arn", true) => texts(&ARN_PATTERNS),
        ("arn", false) => texts(&ARNS),
        ("text", true) => texts(&TEXT_PATTERNS),
        ("text", false) if operator.contains("IgnoreCase") => texts(&["a", "B", "AB", "ab", ""]),
        ("text", false) => texts(&TEXTS),
        ("number", _) => select(&NUMBERS[..])
            .prop_map(|number| json!(number.to_string()))
            .boxed(),
        ("moment", _) => texts(&MOMENTS),
        ("truth", _) => texts(&["true", "false"]),
        ("address", _) => texts(&BLOCKS),
        other => panic!("no values: {other:?}"),
    }
}

/// One operator with one key and its values.
fn test(aws: bool) -> impl Strategy<Value = (String, String, Value)> {
    let key = select(&KEYS[..]);
    let choice = key.prop_flat_map(move |(key, form)| {
        let mut names: Vec<String> = operators(form).into_iter().map(str::to_owned).collect();
        if aws {
            if form == "arn" {
                names.extend(
                    ["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"].map(str::to_owned),
                );
            }
            let more: Vec<_> = names.iter().map(|name| format!("{name}IfExists")).collect();
            names.extend(more);
            if key != "acs:CurrentTime" {
                names.push("Null".to_owned());
            }
        }
        (Just(key), Just(form), select(names))
    });
    choice.prop_flat_map(move |(key, form, operator)| {
        let one = match operator.as_str() {
            "Null" => select(vec![
                json!("true"),
                json!("false"),
                json!(true),
                json!(false),
            ])
            .boxed(),
            _ => value(&operator, form),
        };
        let bare = aws && (form == "number" || form == "truth");
        // Many values get a list with a name.
        let many = prop_oneof![90 => 1_usize..4, 9 => 16_usize..18, 1 => 257_usize..260];
        let ordered = operator.contains("Than") || operator.starts_with("Date");
        let many = many.prop_map(move |many| if ordered { many.min(17) } else { many });
        let values = many.prop_flat_map(move |many| vec(one.clone(), many));
        let values = (values, any::<bool>(), any::<bool>());
        let key = if aws {
            aws_key(key)
        } else {
            Just(key.to_owned()).boxed()
        };
        (key, Just(operator), values).prop_map(move |(key, operator, (mut values, list, plain))| {
            if bare && plain {
                let parsed = |value: Value| match &value {
                    Value::String(text) => serde_json::from_str(text).unwrap(),
                    _ => value,
                };
                values = values.into_iter().map(parsed).collect();
            }
            let values = match (values.as_slice(), list) {
                ([single], false) => single.clone(),
                _ => Value::Array(values),
            };
            (operator, key, values)
        })
    })
}

/// The global keys under AWS's names, too.
fn aws_key(key: &'static str) -> BoxedStrategy<String> {
    let names = match key {
        "acs:SourceIp" => vec!["aws:SourceIp", "aws:sourceip"],
        "acs:CurrentTime" => vec!["aws:CurrentTime"],
        "acs:MFAPresent" => vec!["aws:MultiFactorAuthPresent", "AWS:multifactorauthpresent"],
        own => vec![own],
    };
    select(names).prop_map(str::to_owned).boxed()
}

/// A name of a resource, or with `patterns` a pattern over names.
fn resource(aws: bool, patterns: bool) -> BoxedStrategy<String> {
    let field = move |plain: &'static [&'static str], wild: &'static [&'static str]| {
        let all: Vec<&str> = if patterns {
            plain.iter().chain(wild).copied().collect()
        } else {
            plain.to_vec()
        };
        select(all)
    };
    let service = field(&["s", "t"], &["*", "?"]);
    let region = field(&["", "cn", "*"], &["?", "c*"]);
    let account = field(&["", "1", "2"], &["*", "?"]);
    let path = field(
        &["x", "x/y", "y", "x:y", "X", ""],
        &["*", "x*", "x/*", "?", "*y", "x?y"],
    );
    let fields = (service, region, account, path).prop_map(move |(s, r, a, p)| match aws {
        true => format!("arn:aws:{s}:{}:{a}:{p}", r.replace('*', "eu")),
        false => format!("acs:{s}:{r}:{a}:{p}"),
    });
    match (patterns, aws) {
        (false, _) => fields.boxed(),
        (true, false) => {
            let odd = select(vec![
                "*",
                "acs:*",
                "acs:s:*",
                "*:x",
                "acs:*:1:*",
                "acs:s:*y",
                "x",
            ]);
            prop_oneof![4 => fields, 1 => odd.prop_map(str::to_owned)].boxed()
        }
        (true, true) => {
            let odd = select(vec![
                "*",
                "arn:*",
                "arn:aws:s*",
                "arn:*:x",
                "arn:aws:*::1:x",
                "arn:aws:*::x",
            ]);
            prop_oneof![4 => fields, 1 => odd.prop_map(str::to_owned)].boxed()
        }
    }
}

fn one_or_more(texts: impl Strategy<Value = String> + 'static) -> BoxedStrategy<Value> {
    (vec(texts, 1..4), any::<bool>())
        .prop_map(|(texts, list)| match (texts.as_slice(), list) {
            ([single], false) => json!(single),
            _ => json!(texts),
        })
        .boxed()
}

fn principal(aws: bool) -> BoxedStrategy<Value> {
    let (own, head) = match aws {
        true => ("AWS", "arn:aws:iam::"),
        false => ("RAM", "acs:ram::"),
    };
    let mut all: Vec<String> = ["1:root", "2:root", "1:user/u", "2:user/u", "1:role/r"]
        .iter()
        .map(|rest| format!("{head}{rest}"))
        .collect();
    all.push("*".to_owned());
    if aws {
        all.push("1".to_owned());
    }
    let services = select(vec!["s", "t.example.com"]).prop_map(str::to_owned);
    let (own_list, service_list) = (one_or_more(select(all)), one_or_more(services));
    let listed =
        (own_list, service_list, 0..3).prop_map(move |(own_list, services, which)| match which {
            0 => json!({ own: own_list }),
            1 => json!({ "Service": services }),
            _ => json!({ own: own_list, "Service": services }),
        });
    prop_oneof![6 => listed, 1 => Just(json!("*"))].boxed()
}

/// Whether a principal of AWS is a whole account.
fn names_account(principal: &Value) -> bool {
    let listed = match &principal["AWS"] {
        Value::Array(listed) => listed.clone(),
        one => vec![one.clone()],
    };
    let mut names = listed.iter().filter_map(Value::as_str);
    names.any(|name| name.ends_with(":root") || !name.contains([':', '*']))
}

fn statement(aws: bool, trust: bool) -> impl Strategy<Value = Value> {
    let actions = one_or_more(select(&ACTION_PATTERNS[..]).prop_map(str::to_owned));
    let resources = one_or_more(resource(aws, true));
    let tests = vec(test(aws), 0..4);
    let flags = (any::<bool>(), 0..5, 0..6, principal(aws));
    (actions, resources, tests, flags).prop_map(move |(actions, resources, tests, flags)| {
        let (allow, not_action, not_resource, principal) = flags;
        let mut statement = Map::new();
        let mut put = |name: &str, value| statement.insert(name.to_owned(), value);
        put("Effect", json!(if allow { "Allow" } else { "Deny" }));
        put(
            if not_action == 0 {
                "NotAction"
            } else {
                "Action"
            },
            actions,
        );
        match not_resource {
            0 if aws => drop(put("NotResource", resources)),
            1 if trust => {}
            2 => drop(put("Resource", json!("*"))),
            _ => drop(put("Resource", resources)),
        }
        if trust {
            put("Principal", principal);
        }
        let mut condition = Map::new();
        for (operator, key, values) in tests {
            let block = condition.entry(operator).or_insert_with(|| json!({}));
            block[key] = values;
        }
        if !condition.is_empty() {
            put("Condition", Value::Object(condition));
        }
        // An account of AWS is allowed nothing but to assume roles, which is asked elsewhere.
        if aws && trust && names_account(&statement["Principal"]) {
            statement.insert("Effect".to_owned(), json!("Deny"));
        }
        Value::Object(statement)
    })
}

/// A document with its kind.
pub fn document() -> impl Strategy<Value = (Value, Kind)> {
    let version = select(vec!["1", "2012-10-17", "2008-10-17"]);
    let kind = select(vec![Kind::Identity, Kind::Control, Kind::Trust]);
    (version, kind).prop_flat_map(|(version, kind)| {
        let (aws, trust) = (version != "1", kind == Kind::Trust);
        let statements = (vec(statement(aws, trust), 1..4), any::<bool>());
        statements.prop_map(move |(statements, list)| {
            let statements = match (statements.as_slice(), list) {
                ([single], false) => single.clone(),
                _ => json!(statements),
            };
            (json!({ "Version": version, "Statement": statements }), kind)
        })
    })
}

fn fact(form: &str) -> BoxedStrategy<Fact> {
    let texts = |of: &'static [&'static str]| {
        select(of)
            .prop_map(|text| Fact::Text(text.to_owned()))
            .boxed()
    };
    match form {
        "text" => texts(&TEXTS),
        "arn" => texts(&ARNS),
        "word" => texts(&["low", "high"]),
        "number" => select(&NUMBERS[..]).prop_map(Fact::Number).boxed(),
        "moment" => select(&MOMENTS_MS[..]).prop_map(Fact::Moment).boxed(),
        "truth" => any::<bool>().prop_map(Fact::Truth).boxed(),
        "address" => select(&ADDRESSES[..])
            .prop_map(|text| Fact::Address(text.to_owned()))
            .boxed(),
        other => panic!("no form: {other}"),
    }
}

/// A request about names of RAM, or of AWS.
pub fn request(aws: bool) -> impl Strategy<Value = Request> {
    let all: Vec<_> = KEYS.iter().map(|(_, form)| fact(form)).collect();
    let present = subsequence((0..KEYS.len()).collect::<Vec<_>>(), 0..=KEYS.len());
    let facts = (all, present).prop_map(|(facts, present)| {
        let there = |at: &usize| present.contains(at) || KEYS[*at].0 == "acs:CurrentTime";
        let pairs = KEYS.iter().zip(facts).enumerate();
        pairs
            .filter(|(at, _)| there(at))
            .map(|(_, ((key, _), fact))| (*key, fact))
            .collect::<BTreeMap<_, _>>()
    });
    let who = (
        select(vec!["1", "2"]),
        select(vec!["user/u", "user/v", "role/r", "s", "t.example.com"]),
    );
    let action = select(&ACTIONS[..]);
    (action, resource(aws, false), facts, who).prop_map(|(action, resource, facts, who)| Request {
        action: action.to_owned(),
        resource,
        facts,
        account: who.0.to_owned(),
        principal: who.1.to_owned(),
    })
}
