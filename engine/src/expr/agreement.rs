//! The native form against rhai's interpreter: a sample vocabulary, a generator of well-typed
//! expressions, and the comparison. Shared by the property tests and the fuzz targets.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use proptest::prelude::*;
use thiserror::Error;

use super::eval::eval;
use super::fault::Fault;
use super::functions::Got;
use super::{Compiler, Expected, Expression, Facts, Truth, Type, Val, Vocabulary, interpret};
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
        ("context.trusted", Type::Bool),
        ("principal.kind", words(&["root", "ram_user"])),
        ("principal.account", Type::AccountId),
        ("principal.groups", Type::Texts),
        ("resource", Type::Text),
        ("now", Type::Time),
        ("now.hour", Type::Int),
    ]
}

/// A compiler over the sample.
pub fn sample() -> Result<Compiler, Vec<Diagnostic>> {
    let mut vocabulary = Vocabulary::default();
    for (name, ty) in names() {
        let path = name.trim_end_matches('?');
        vocabulary.declare(path, ty, path != name);
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
        (Ok(native), Ok(interpreted)) => native.val() == interpreted.val(),
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

/// A random well-typed condition, as text.
pub fn any_condition() -> impl Strategy<Value = String> {
    let mut forms = Forms::leaves();
    for _ in 0..DEPTH {
        forms = forms.above();
    }
    forms.condition
}

/// How deep random expressions nest.
const DEPTH: usize = 4;

type Text = BoxedStrategy<String>;

/// Random texts of each type, up to one depth. Clones share, so that a depth is built once.
struct Forms {
    condition: Text,
    int: Text,
    text: Text,
    duration: Text,
    time: Text,
}

/// Fills the `{}` of a form with random parts.
fn form<const N: usize>(form: &'static str, parts: [&Text; N]) -> Text {
    let parts: Vec<Text> = parts.into_iter().cloned().collect();
    let fill = move |parts: Vec<String>| {
        let mut parts = parts.into_iter();
        let mut text = String::new();
        for piece in form.split_inclusive("{}") {
            text.push_str(piece.trim_end_matches("{}"));
            if piece.ends_with("{}") {
                text.push_str(&parts.next().unwrap_or_default());
            }
        }
        text
    };
    parts.prop_map(fill).boxed()
}

fn one_of(texts: &'static [&'static str]) -> Text {
    proptest::sample::select(texts)
        .prop_map(str::to_owned)
        .boxed()
}

impl Forms {
    fn leaves() -> Self {
        let number = any_int().prop_map(|number| match number {
            negative @ ..0 => format!("({negative})"),
            number => number.to_string(),
        });
        Self {
            condition: one_of(CONDITIONS),
            int: prop_oneof![number, one_of(INTS)].boxed(),
            text: one_of(TEXTS),
            duration: one_of(&["minutes(5)", "days(1)", "(account.quiet ?? hours(2))"]),
            time: one_of(&["now", "account.created_at"]),
        }
    }

    /// One level more.
    fn above(&self) -> Self {
        Self {
            condition: self.conditions_above(),
            int: self.ints_above(),
            text: self.texts_above(),
            duration: self.durations_above(),
            time: self.times_above(),
        }
    }

    fn conditions_above(&self) -> Text {
        let (c, i, t) = (&self.condition, &self.int, &self.text);
        let compare = &one_of(&["==", "!=", "<", "<=", ">", ">="]);
        let equal = &one_of(&["==", "!="]);
        let relation = &one_of(&["starts_with", "ends_with", "contains", "like"]);
        prop_oneof![
            2 => c.clone(),
            2 => form("({} && {})", [c, c]),
            2 => form("({} || {})", [c, c]),
            1 => form("!({})", [c]),
            1 => form("(if {} { {} } else { {} })", [c, c, c]),
            2 => form("({} {} {})", [i, compare, i]),
            1 => form("({} {} {})", [&self.time, compare, &self.time]),
            1 => form("({} {} {})", [&self.duration, compare, &self.duration]),
            1 => form("({} {} {})", [t, equal, t]),
            1 => form("{}({}, {})", [relation, t, t]),
            1 => form("({} in [{}, {}, account.name])", [t, t, t]),
            1 => form("({} in [1, {}])", [i, i]),
            1 => form("({} in principal.groups)", [t]),
            1 => form("night({})", [i]),
            1 => form("same({}, {})", [i, i]),
            1 => form("first({}, {})", [c, i]),
            1 => form("pick({}, {}, {})", [c, c, c]),
            1 => form("grade({}) == {}", [i, t]),
        ]
        .boxed()
    }

    fn ints_above(&self) -> Text {
        let (c, i) = (&self.condition, &self.int);
        let operator = &one_of(&["+", "-", "*", "/", "%"]);
        prop_oneof![
            3 => i.clone(),
            2 => form("({} {} {})", [i, operator, i]),
            1 => form("(-{})", [i]),
            1 => form("len({})", [&self.text]),
            1 => form("(if {} { {} } else { {} })", [c, i, i]),
            1 => form("pick({}, {}, {})", [c, i, i]),
            1 => form("twice({})", [i]),
        ]
        .boxed()
    }

    fn texts_above(&self) -> Text {
        let (c, t) = (&self.condition, &self.text);
        prop_oneof![
            3 => t.clone(),
            1 => form("lower({})", [t]),
            1 => form("(if {} { {} } else { {} })", [c, t, t]),
            1 => form("pick({}, {}, {})", [c, t, t]),
        ]
        .boxed()
    }

    fn durations_above(&self) -> Text {
        let (d, time) = (&self.duration, &self.time);
        let unit = &one_of(&["minutes", "hours", "days"]);
        prop_oneof![
            2 => d.clone(),
            2 => form("{}({})", [unit, &self.int]),
            1 => form("({} {} {})", [d, &one_of(&["+", "-"]), d]),
            1 => form("({} - {})", [time, time]),
        ]
        .boxed()
    }

    fn times_above(&self) -> Text {
        let (c, time) = (&self.condition, &self.time);
        let operator = &one_of(&["+", "-"]);
        prop_oneof![
            2 => time.clone(),
            1 => form("({} {} {})", [time, operator, &self.duration]),
            1 => form("(if {} { {} } else { {} })", [c, time, time]),
        ]
        .boxed()
    }
}

const CONDITIONS: &[&str] = &[
    "true",
    "context.trusted",
    "has(account.phone)",
    "has(principal.account)",
    "(has(context.mfa) && context.mfa)",
    "(!has(context.mfa) || context.mfa)",
    "(context.mfa ?? false)",
    "state.phone == \"bound\"",
    "\"unbound\" != state.phone",
    "state.member in [\"resource\", \"cloud\"]",
    "principal.kind !in [\"root\"]",
    "principal.account == account.id",
    "\"ops\" in principal.groups",
    "(has(account.phone) && phone_country(account.phone) == account.country)",
    "(account.country == \"SG\")",
    "input.phone == \"+6591234567\"",
    "(has(account.phone) && account.phone == input.phone)",
    "(if has(account.score) { account.score > 3 } else { context.trusted })",
    "same(account.name, resource)",
    "same(state.phone, \"bound\")",
    "late(now.hour)",
];

const INTS: &[&str] = &[
    "account.age",
    "now.hour",
    "(account.score ?? 7)",
    "len(principal.groups)",
];

const TEXTS: &[&str] = &[
    "account.name",
    "resource",
    "email_domain(account.email)",
    "(account.nick ?? \"none\")",
    "(account.nick ?? resource)",
    "\"rd-3G\"",
    "\"\"",
    "\"*\"",
    "\"r?-*\"",
    "\"low\"",
    "`ops`",
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
