//! The native form against rhai's interpreter: a sample vocabulary, a generator of well-typed
//! expressions, and the comparison. Shared by the property tests and the fuzz targets.

mod conditions;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use proptest::prelude::*;
use thiserror::Error;

pub use self::conditions::any_condition;
use super::eval::eval;
use super::fault::Fault;
use super::functions::Got;
use super::{
    Compiler, Expected, Expression, Facts, Truth, Type, Val, Vocabulary, interpret, operators,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::name::Name;
use crate::source::{FileId, SourceFile, SourceMap, Span};
use crate::time::Timestamp;

/// Both engines ran, and one of them is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the engines disagree on `{text}`: native {native}, interpreter {interpreted}")]
pub struct Disagreement {
    text: String,
    native: String,
    interpreted: String,
}

/// What became of an expression that was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trial {
    /// It is no valid expression.
    Refused,
    /// Both engines found this for the first set of facts: a value, or an error.
    Agreed {
        /// Whether there was a value.
        value: bool,
        /// Whether all of it ran natively.
        lowered: bool,
    },
}

/// Functions of one expression (put in place) and of several (interpreted).
const FUNCTIONS: &str = r#"
fn same(a, b) { a == b }
fn night(hour) { hour < 6 || hour >= 22 }
fn pick(condition, a, b) { if condition { a } else { b } }
fn first(a, b) { a }
fn grade(n) { let m = n + 1; if m > 10 { return "high"; } "low" }
fn late(hour) { let shifted = hour + 2; shifted > 12 }
fn twice(n) { let m = n; m + m }
fn office(ip) { let nets = ["192.0.2.0/24", "::1"]; ip_in(ip, nets) && ip != "::2" }
fn alike(text, pattern) { let t = text; like(t, [pattern, "x"]) || like_any_case(t, pattern) }
"#;

/// The names of the sample, with their types; `?` marks what is optional.
fn names() -> Vec<(&'static str, Type)> {
    let words = |words: &[&str]| -> Type {
        Type::OneOf(
            words
                .iter()
                .filter_map(|word| word.parse::<Name>().ok())
                .collect(),
        )
    };
    vec![
        ("account.id", Type::AccountId),
        ("account.name", Type::Text),
        ("account.nick?", Type::Text),
        ("account.phone?", Type::Phone),
        ("account.email", Type::Email),
        ("account.country", Type::Country),
        ("account.age", Type::Int),
        ("account.score?", Type::Int),
        ("account.created_at", Type::Time),
        ("account.quiet?", Type::Duration),
        ("account.pin?", Type::Secret),
        ("state.phone", words(&["unbound", "bound"])),
        ("state.member", words(&["resource", "cloud"])),
        ("input.phone", Type::Phone),
        ("context.mfa?", Type::Bool),
        ("context.source_ip?", Type::Ip),
        ("context.issued?", Type::Time),
        ("context.trusted", Type::Bool),
        ("principal.kind", words(&["root", "ram_user"])),
        ("principal.account", Type::AccountId),
        ("principal.name", Type::Text),
        ("principal.groups", Type::Texts),
        ("resource", Type::Text),
        ("now", Type::Time),
        ("now.hour", Type::Int),
    ]
}

/// The condition keys of the sample.
const KEYS: &[(&str, &str)] = &[
    ("now", "acs:CurrentTime"),
    ("context.source_ip", "acs:SourceIp"),
    ("context.mfa", "acs:MFAPresent"),
];

/// A compiler over the sample.
pub fn sample() -> Result<Compiler, Vec<Diagnostic>> {
    let mut vocabulary = Vocabulary::default();
    for (name, ty) in names() {
        let path = name.trim_end_matches('?');
        let slot = vocabulary.declare(path, ty, path != name);
        for (of, key) in KEYS {
            if let Some(key) = key.parse().ok().filter(|_| *of == path) {
                vocabulary.add_key(slot, key);
            }
        }
    }
    let file = SourceFile {
        path: "functions.rhai".into(),
        text: FUNCTIONS.into(),
    };
    let id = SourceMap::default().add(&file.path, &file.text);
    Compiler::new(&vocabulary, Some((&file, id)))
}

/// A value for a name of the sample.
#[derive(Debug, Clone)]
pub enum Sampled {
    /// Nothing.
    Unset,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A text.
    Text(&'static str),
    /// An instant, in milliseconds.
    Time(i64),
    /// A length of time, in seconds.
    Duration(u64),
    /// An IP address.
    Ip(IpAddr),
    /// Several texts.
    Texts(Vec<Arc<str>>),
}

/// Facts over the sample, from one value for each name.
pub fn facts<'a>(vocabulary: &Vocabulary, values: &'a [Sampled]) -> Facts<'a> {
    let mut facts = Facts::new(vocabulary);
    for ((slot, _), value) in vocabulary.facts().zip(values) {
        let value = match value {
            Sampled::Unset => Val::Unset,
            Sampled::Bool(truth) => Val::Bool(*truth),
            Sampled::Int(number) => Val::Int(*number),
            Sampled::Text(text) => Val::Text(text),
            Sampled::Time(ms) => Val::Time(Timestamp::from_ms(*ms)),
            Sampled::Duration(seconds) => Val::Duration(Duration::from_secs(*seconds)),
            Sampled::Ip(address) => Val::Ip(*address),
            Sampled::Texts(texts) => Val::Texts(texts),
        };
        facts.set(slot, value);
    }
    facts
}

/// Runs an expression in both engines.
///
/// # Errors
/// When they differ: one fails and the other does not, or the values are not the same.
pub fn compare(
    compiler: &Compiler,
    expression: &Expression,
    facts: &Facts<'_>,
) -> Result<Trial, Disagreement> {
    let native = eval(expression.node(), facts)
        .and_then(|got| got.ok_or(Fault::Failed("a value is not known")))
        .and_then(Got::detach);
    let text = expression.text();
    let interpreted = interpret::interpret(text, compiler.vocabulary(), compiler.library(), facts);
    let agreed = match (&native, &interpreted) {
        (Ok(native), Ok(interpreted)) => are_same(native.val(), interpreted.val()),
        (Err(_), Err(_)) => true,
        _ => false,
    };
    if agreed {
        return Ok(Trial::Agreed {
            value: native.is_ok(),
            lowered: expression.is_lowered(),
        });
    }
    Err(Disagreement {
        text: text.to_owned(),
        native: format!("{native:?}"),
        interpreted: format!("{interpreted:?}"),
    })
}

/// Whether two values are the same. An address that is written out is a text in the interpreter.
fn are_same(native: Val<'_>, interpreted: Val<'_>) -> bool {
    let is_address = matches!(native, Val::Ip(_)) && matches!(interpreted, Val::Text(_));
    native == interpreted || (is_address && operators::equal(native, interpreted) == Ok(true))
}

/// Takes arbitrary text for an expression and for a template; where it is one, the engines must
/// agree on it. The body of the fuzz target `expression_text`.
///
/// # Errors
/// As [`compare`].
pub fn check_text(bytes: &[u8]) -> Result<Trial, Disagreement> {
    static SAMPLE: OnceLock<Option<Compiler>> = OnceLock::new();
    let Some(compiler) = SAMPLE.get_or_init(|| sample().ok()) else {
        return Ok(Trial::Refused);
    };
    let text = String::from_utf8_lossy(bytes);
    let _ = compiler.template(&text, span(&text), &|_| Ok(()));
    let Ok(expression) = compile(compiler, &text, None) else {
        return Ok(Trial::Refused);
    };
    let mut first = None;
    for values in plain_facts() {
        let trial = compare(
            compiler,
            &expression,
            &facts(compiler.vocabulary(), &values),
        )?;
        first.get_or_insert(trial);
    }
    Ok(first.unwrap_or(Trial::Refused))
}

fn span(text: &str) -> Span {
    let file: FileId = SourceMap::default().add("expression", text);
    Span::new(file, 0..text.len())
}

/// Compiles a text over the sample; `ty` as in [`Expected`].
pub fn compile(
    compiler: &Compiler,
    text: &str,
    ty: Option<Type>,
) -> Result<Expression, Vec<Diagnostic>> {
    let expected = Expected {
        ty,
        optional: true,
        may_read: &|_| Ok(()),
    };
    compiler.expression(text, span(text), &expected)
}

/// Three sets of facts: everything set, only what must be, nothing but the time.
fn plain_facts() -> [Vec<Sampled>; 3] {
    let value = |name: &str, ty: &Type| match ty {
        Type::Bool => Sampled::Bool(true),
        Type::Int => Sampled::Int(9),
        Type::Time => Sampled::Time(1_700_000_000_000),
        Type::Duration => Sampled::Duration(3_600),
        Type::Texts => Sampled::Texts(vec!["ops".into(), "dev".into()]),
        Type::Phone => Sampled::Text("+6591234567"),
        Type::Email => Sampled::Text("Ops@example.com"),
        Type::Country => Sampled::Text("SG"),
        Type::Ip => Sampled::Ip([192, 0, 2, 1].into()),
        Type::OneOf(_) if name == "state.phone" => Sampled::Text("bound"),
        Type::OneOf(_) if name == "state.member" => Sampled::Text("resource"),
        Type::OneOf(_) => Sampled::Text("root"),
        Type::Text | Type::AccountId | Type::Secret => Sampled::Text("rd-3G"),
    };
    let all = names().iter().map(|(name, ty)| value(name, ty)).collect();
    let needed = |(name, ty): &(&'static str, Type)| match name.ends_with('?') {
        true => Sampled::Unset,
        false => value(name, ty),
    };
    let needed = names().iter().map(needed).collect();
    let none = |(name, ty): &(&'static str, Type)| match *name {
        "now" => value(name, ty),
        _ => Sampled::Unset,
    };
    let none = names().iter().map(none).collect();
    [all, needed, none]
}

/// Random facts. With `complete`, every name that must be set is; the time always is.
pub fn any_facts(complete: bool) -> impl Strategy<Value = Vec<Sampled>> {
    let one = move |(name, ty): (&'static str, Type)| -> BoxedStrategy<Sampled> {
        let value = any_value(&ty);
        let chance_of_nothing = match (name.ends_with('?'), complete) {
            (true, _) => 4,
            (false, false) if name != "now" => 1,
            (false, _) => return value,
        };
        prop_oneof![chance_of_nothing => Just(Sampled::Unset), 9 => value].boxed()
    };
    names().into_iter().map(one).collect::<Vec<_>>()
}

fn any_value(ty: &Type) -> BoxedStrategy<Sampled> {
    let texts = |texts: &'static [&'static str]| {
        proptest::sample::select(texts)
            .prop_map(Sampled::Text)
            .boxed()
    };
    match ty {
        Type::Bool => any::<bool>().prop_map(Sampled::Bool).boxed(),
        Type::Int => any_int().prop_map(Sampled::Int).boxed(),
        Type::Time => prop_oneof![
            4 => (0..2_000_000_000_000_i64).prop_map(Sampled::Time),
            1 => any::<i64>().prop_map(Sampled::Time),
        ]
        .boxed(),
        Type::Duration => (0..9_000_000_u64).prop_map(Sampled::Duration).boxed(),
        Type::Texts => proptest::sample::subsequence(vec!["ops", "dev", "Audit", ""], 0..=4)
            .prop_map(|texts| Sampled::Texts(texts.into_iter().map(Arc::from).collect()))
            .boxed(),
        Type::Phone => texts(&["+6591234567", "+447400123456", "+80012345678", "nonsense"]),
        Type::Email => texts(&["ops@example.com", "Dev@Example.ORG", "none"]),
        Type::Country => texts(&["SG", "GB", "CN"]),
        Type::Ip => proptest::sample::select(&ADDRESSES[..])
            .prop_map(Sampled::Ip)
            .boxed(),
        Type::OneOf(words) => {
            let words: Vec<&'static str> =
                ["unbound", "bound", "resource", "cloud", "root", "ram_user"]
                    .into_iter()
                    .filter(|word| words.iter().any(|name| name == word))
                    .collect();
            proptest::sample::select(words)
                .prop_map(Sampled::Text)
                .boxed()
        }
        Type::Text | Type::AccountId | Type::Secret => {
            texts(&["", "rd-3G", "rd-3g", "acs:ram::1001", "z\u{fc}rich", "10"])
        }
    }
}

fn any_int() -> impl Strategy<Value = i64> {
    prop_oneof![8 => -3..30_i64, 1 => any::<i64>(), 1 => Just(i64::MAX), 1 => Just(i64::MIN + 1)]
}

/// Addresses in and around the networks of random conditions.
const ADDRESSES: [IpAddr; 6] = [
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 3, 0)),
    IpAddr::V4(Ipv4Addr::new(203, 0, 113, 2)),
    IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    IpAddr::V6(Ipv6Addr::LOCALHOST),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
];

/// The mistakes that a random well-typed condition may be refused for.
pub const ACCEPTABLE: [Code; 2] = [super::codes::ALWAYS_FAILS, super::codes::BOUND_EXCEEDED];

/// Whether a three-valued truth holds for facts that agree with what was known.
pub fn holds(truth: Truth, found: Option<bool>) -> bool {
    match truth {
        Truth::True => found == Some(true),
        Truth::False => found == Some(false),
        Truth::Unknown => true,
    }
}
