//! Policies and requests, made so that they have much to do with each other.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// What a request brings.
#[derive(Debug, Clone)]
pub struct Request {
    pub action: String,
    pub resource: String,
    /// Which of the policies the principal has.
    pub held: Vec<usize>,
    pub country: &'static str,
    pub level: i64,
    pub member_type: &'static str,
    pub note: Option<String>,
    pub kind: String,
    pub groups: Vec<&'static str>,
    pub mfa: Option<bool>,
    pub risk: Option<i64>,
    pub source_ip: Option<&'static str>,
    pub tags: Option<Vec<&'static str>>,
    pub hour: i64,
    pub now: &'static str,
}

const WORDS: [&str; 5] = ["a", "b", "ab", "\u{fc}", "*"];
const TIMES: [&str; 4] = [
    "2026-11-22T08:30:00Z",
    "2026-11-22T08:30:00.5Z",
    "1969-12-31T23:59:59.999Z",
    "2030-01-01T00:00:00Z",
];
const ADDRESSES: [&str; 6] = [
    "192.0.2.1",
    "192.0.2.200",
    "10.1.2.3",
    "2001:db8::1",
    "::1",
    "fe80::ff",
];
const NETWORKS: [&str; 7] = [
    "192.0.2.0/24",
    "192.0.2.1",
    "10.0.0.0/8",
    "2001:db8::/32",
    "::/0",
    "::ffff:192.0.2.0/120",
    "::ffff:10.0.0.0/90",
];

/// A text that conditions compare with, and that requests bring.
fn text() -> impl Strategy<Value = String> {
    let part = select(vec![
        "a", "b", "*", "?", "\\", "\"", "\u{fc}", "/", ":", "'", "${", "\n",
    ]);
    vec(part, 0..4).prop_map(|parts| parts.concat())
}

/// The same, as rhai reads it. `$` is doubled nowhere: only backticks interpolate.
fn quoted(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    format!("\"{escaped}\"")
}

fn literal() -> impl Strategy<Value = String> {
    text().prop_map(|text| quoted(&text))
}

/// A pattern; seldom with the wildcard that Cedar lacks.
fn pattern() -> impl Strategy<Value = String> {
    let plain = text().prop_map(|text| quoted(&text.replace('?', "*")));
    prop_oneof![30 => plain, 1 => Just("\"a?\"".to_owned())]
}

fn list(element: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    vec(element, 1..4).prop_map(|elements| format!("[{}]", elements.join(", ")))
}

fn comparison() -> impl Strategy<Value = &'static str> {
    select(vec!["==", "!=", "<", "<=", ">", ">="])
}

fn equality() -> impl Strategy<Value = &'static str> {
    select(vec!["==", "!="])
}

/// A number that is always there.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("now.hour".to_owned()),
        Just("account.level".to_owned()),
        (-2_i64..4).prop_map(|number| format!("(context.risk ?? {number})")),
        (-2_i64..26).prop_map(|number| number.to_string()),
    ]
}

/// A text that is always there.
fn some_text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("principal.kind".to_owned()),
        Just("resource".to_owned()),
        Just("permission".to_owned()),
        literal().prop_map(|other| format!("(account.note ?? {other})")),
    ]
}

/// Conditions on one thing, without a name that can be unset.
fn atom() -> impl Strategy<Value = String> {
    let of_text = (some_text(), prop_oneof![pattern(), list(pattern())]);
    let of_word = (select(WORDS.to_vec()), select(vec!["principal.groups"]));
    prop_oneof![
        (number(), comparison(), number()).prop_map(|(a, is, b)| format!("{a} {is} {b}")),
        (number(), list(number())).prop_map(|(a, list)| format!("{a} in {list}")),
        (some_text(), equality(), literal()).prop_map(|(a, is, b)| format!("{a} {is} {b}")),
        (some_text(), list(literal())).prop_map(|(a, list)| format!("{a} in {list}")),
        of_text.prop_map(|(text, pattern)| format!("like({text}, {pattern})")),
        (
            select(vec!["starts_with", "ends_with", "contains"]),
            some_text(),
            literal()
        )
            .prop_map(|(function, text, part)| format!("{function}({text}, {part})")),
        of_word.prop_map(|(word, texts)| format!("\"{word}\" in {texts}")),
        Just("principal.kind in principal.groups".to_owned()),
        (equality(), select(vec!["SG", "DE", "CN"]))
            .prop_map(|(is, country)| format!("account.country {is} \"{country}\"")),
        (equality(), select(vec!["resource", "cloud"]))
            .prop_map(|(is, word)| format!("state.member_type {is} \"{word}\"")),
        (comparison(), select(TIMES.to_vec()))
            .prop_map(|(is, at)| format!("now {is} time(\"{at}\")")),
        any::<bool>().prop_map(|truth| format!("(context.mfa ?? {truth})")),
        select(vec![
            "has(context.mfa)",
            "has(account.note)",
            "has(account.level)",
            "true"
        ])
        .prop_map(str::to_owned),
        Just("number_fits(now.hour, account.level)".to_owned()),
    ]
}

/// Conditions on a name that can be unset, to be asked only where it is set.
fn guarded() -> impl Strategy<Value = (&'static str, String)> {
    let networks = prop_oneof![
        select(NETWORKS.to_vec()).prop_map(|network| format!("\"{network}\"")),
        list(select(NETWORKS.to_vec()).prop_map(|network| format!("\"{network}\""))),
    ];
    prop_oneof![
        Just(("context.mfa", "context.mfa".to_owned())),
        (comparison(), -1_i64..4)
            .prop_map(|(is, risk)| ("context.risk", format!("context.risk {is} {risk}"))),
        networks.prop_map(|list| (
            "context.source_ip",
            format!("ip_in(context.source_ip, {list})")
        )),
        pattern().prop_map(|form| ("account.note", format!("like(account.note, {form})"))),
        select(WORDS.to_vec())
            .prop_map(|word| ("context.tags", format!("\"{word}\" in context.tags"))),
    ]
}

fn condition() -> impl Strategy<Value = String> {
    let asked = guarded().prop_flat_map(|(name, test)| {
        prop_oneof![
            Just(format!("has({name}) && {test}")),
            Just(format!("!has({name}) || {test}")),
            Just(format!("if has({name}) {{ {test} }} else {{ false }}")),
            atom().prop_map({
                let test = test.clone();
                move |other| format!("if !has({name}) || {other} {{ true }} else {{ {test} }}")
            }),
        ]
    });
    let leaf = prop_oneof![3 => atom(), 2 => asked.prop_map(|asked| format!("({asked})"))];
    leaf.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|part| format!("!({part})")),
            vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" && "))),
            vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" || "))),
            (inner.clone(), equality(), inner.clone())
                .prop_map(|(a, is, b)| format!("(({a}) {is} ({b}))")),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(a, b, c)| format!("(if {a} {{ {b} }} else {{ {c} }})")),
        ]
    })
}

const ACTION_PATTERNS: [&str; 8] = [
    "ecs:Get*",
    "ECS:getdisk",
    "ecs:*",
    "*",
    "ecs:*Disk*",
    "ram:GetUser",
    "ecs:List*s",
    "ecs:G?tDisk",
];
const RESOURCE_PATTERNS: [&str; 8] = [
    "acs:ecs:*:*:disk/*",
    "acs:ecs::1000:disk/a",
    "acs:ecs:*::disk/*",
    "acs:ecs:cn:1000:*/a*b",
    "*",
    "acs:ecs:*:1000:disk/a",
    "acs:*:image/*",
    "acs:ecs:*:*:disk/ab",
];
const RESOURCES: [&str; 6] = [
    "acs:ecs:cn:1000:disk/a",
    "acs:ecs::1000:disk/a",
    "acs:ecs:*:1000:disk/ab",
    "acs:ecs:cn::disk/acb",
    "acs:ecs:cn:1000:image/a/b",
    "acs:ecs:cn:2000:disk/*",
];

fn statement() -> impl Strategy<Value = String> {
    let actions = || {
        let some = subsequence(ACTION_PATTERNS[..7].to_vec(), 1..4);
        // Seldom the wildcard that Cedar lacks.
        prop_oneof![40 => some, 1 => Just(vec![ACTION_PATTERNS[7]])]
    };
    let covered = prop_oneof![
        4 => actions().prop_map(|actions| format!("{actions:?}")),
        1 => actions().prop_map(|actions| format!("all except {actions:?}")),
        1 => Just("all".to_owned()),
    ];
    let on = option::of(subsequence(RESOURCE_PATTERNS.to_vec(), 1..4));
    let verb = prop_oneof![3 => Just("allow"), 1 => Just("deny")];
    (
        verb,
        covered,
        on,
        option::of(condition()),
        option::weighted(0.2, condition()),
    )
        .prop_map(|(verb, covered, on, when, unless)| {
            let on = on.map_or(String::new(), |on| format!(" on {on:?}"));
            let when = when.map_or(String::new(), |when| format!(" when {when}"));
            let unless = unless.map_or(String::new(), |unless| format!(" unless {unless}"));
            format!("{verb} {covered}{on}{when}{unless};\n")
        })
}

/// One script or more.
pub fn policies() -> impl Strategy<Value = Vec<String>> {
    vec(
        vec(statement(), 1..4).prop_map(|statements| statements.concat()),
        1..3,
    )
}

pub fn requests() -> impl Strategy<Value = Vec<Request>> {
    vec(request(), 8)
}

fn request() -> impl Strategy<Value = Request> {
    let actions = vec![
        "ecs:GetDisk",
        "ECS:GETDISK",
        "ecs:ListDisks",
        "ram:GetUser",
        "ecs:Stop",
    ];
    let asked = (
        select(actions),
        select(RESOURCES.to_vec()),
        subsequence(vec![0, 1], 1..=2),
    );
    let account = (
        select(vec!["SG", "DE", "CN"]),
        -1_i64..25,
        select(vec!["resource", "cloud"]),
        option::of(text()),
    );
    let principal = (text(), subsequence(WORDS.to_vec(), 0..4));
    let session = (
        any::<Option<bool>>(),
        option::of(-1_i64..4),
        option::of(select(ADDRESSES.to_vec())),
        option::of(subsequence(WORDS.to_vec(), 0..3)),
    );
    let when = (0_i64..24, select(TIMES.to_vec()));
    (asked, account, principal, session, when).prop_map(
        |(asked, account, principal, session, when)| Request {
            action: asked.0.to_owned(),
            resource: asked.1.to_owned(),
            held: asked.2,
            country: account.0,
            level: account.1,
            member_type: account.2,
            note: account.3,
            kind: principal.0,
            groups: principal.1,
            mfa: session.0,
            risk: session.1,
            source_ip: session.2,
            tags: session.3,
            hour: when.0,
            now: when.1,
        },
    )
}

/// A request that brings as little as it can.
pub fn plain_request() -> Request {
    Request {
        action: "ecs:Stop".to_owned(),
        resource: RESOURCES[0].to_owned(),
        held: vec![0],
        country: "SG",
        level: 0,
        member_type: "cloud",
        note: None,
        kind: String::new(),
        groups: Vec::new(),
        mfa: None,
        risk: None,
        source_ip: None,
        tags: None,
        hour: 0,
        now: TIMES[0],
    }
}
