//! From the `Condition` of a statement to the tests of a `when` clause.

use jsonc_parser::ast::{ObjectProp, Value};

use super::compare::{Test, guarded};
use super::grammar::{Reader, Text};
use super::json::span_of;
use super::operator::{self, Base, NoOperator, Operator};
use super::write::quoted;
use super::{Dialect, Key, codes};
use crate::diagnostic::Diagnostic;
use crate::expr::Type;
use crate::name::Name;
use crate::network::Network;
use crate::source::Span;
use crate::time::Timestamp;
use crate::value::ValueType;
use crate::wildcard;

/// Global keys of AWS with those of RAM that mean the same.
const SHARED: [(&str, &str); 5] = [
    ("aws:CurrentTime", "acs:CurrentTime"),
    ("aws:MultiFactorAuthPresent", "acs:MFAPresent"),
    ("aws:PrincipalArn", "acs:PrincipalARN"),
    ("aws:SecureTransport", "acs:SecureTransport"),
    ("aws:SourceIp", "acs:SourceIp"),
];

impl Reader<'_> {
    /// The tests of a condition block: all operators, all their keys.
    pub(super) fn conditions(&mut self, block: &Value<'_>) -> Option<Vec<Test>> {
        let mut tests = Vec::new();
        let mut complete = true;
        for property in self.some_entries(block, "`Condition`", "operator")? {
            match self.operator(property) {
                Some(operator) => match self.keys(operator, property) {
                    Some(more) => tests.extend(more),
                    None => complete = false,
                },
                None => complete = false,
            }
        }
        complete.then_some(tests)
    }

    /// The entries of an object that needs some: an empty block reads like a condition, and is none.
    fn some_entries<'v, 't>(
        &mut self,
        value: &'v Value<'t>,
        what: &str,
        lacks: &str,
    ) -> Option<&'v [ObjectProp<'t>]> {
        let entries = self.entries(value, what)?;
        if entries.is_empty() {
            let span = span_of(self.file, value);
            let says = format!("{what} has no {lacks}, so that it is no condition");
            let finding = Diagnostic::error(codes::WRONG_FORM, span, says);
            self.report(finding.help("leave it out, if the statement is to hold in any case"));
            return None;
        }
        Some(entries)
    }

    fn operator(&mut self, property: &ObjectProp<'_>) -> Option<Operator> {
        let name = property.name.as_str();
        let span = span_of(self.file, &property.name);
        let finding = match Operator::of(name, self.dialect) {
            Ok(operator) => return Some(operator),
            Err(NoOperator::Unknown) => {
                let says = format!("there is no condition operator `{name}`");
                let quoted: Vec<_> = operator::names()
                    .map(|name| format!("\"{name}\""))
                    .collect();
                let known = quoted.iter().map(String::as_str);
                Diagnostic::error(codes::UNKNOWN_OPERATOR, span, says)
                    .did_you_mean(&format!("\"{name}\""), known)
            }
            Err(NoOperator::Unsupported(why)) => {
                let named = if name == "Null" || name.ends_with("IfExists") {
                    "IfExists/Null"
                } else {
                    name
                };
                let says = format!("condition operator '{named}' is not supported");
                Diagnostic::error(codes::UNSUPPORTED_OPERATOR, span, says).label(why)
            }
        };
        self.report(finding);
        None
    }

    fn keys(&mut self, operator: Operator, property: &ObjectProp<'_>) -> Option<Vec<Test>> {
        let what = format!("`{}`", property.name.as_str());
        let entries = self.some_entries(&property.value, &what, "condition key")?;
        let tests: Vec<_> = entries
            .iter()
            .map(|entry| self.test(operator, property, entry))
            .collect();
        tests.into_iter().collect()
    }

    /// One operator, one key: any of the values, or none of them where it is negated.
    fn test(
        &mut self,
        operator: Operator,
        property: &ObjectProp<'_>,
        entry: &ObjectProp<'_>,
    ) -> Option<Test> {
        let name = entry.name.as_str();
        let span = span_of(self.file, &entry.name);
        let Some(key) = self.key(name) else {
            let says = format!("the condition key `{name}` is not declared");
            let line = declaration(name, operator);
            let help = format!("add `{line}` to `context:` in account.yaml");
            self.report(Diagnostic::error(codes::UNDECLARED_KEY, span, says).help(help));
            return None;
        };
        if !operator.fits(&key.ty) {
            let says = format!(
                "`{}` compares {} values, and `{name}` is {}",
                property.name.as_str(),
                operator.type_name(),
                key.ty
            );
            let place = span_of(self.file, &property.name);
            let finding = Diagnostic::error(codes::WRONG_OPERATOR, place, says);
            self.report(finding.also(span, format!("read as `{}`", key.name)));
            return None;
        }
        let values = self.values(&entry.value, &format!("`{name}`"))?;
        let texts: Vec<_> = values
            .iter()
            .map(|value| self.value(value, operator))
            .collect();
        let texts: Vec<Text<'_>> = texts.into_iter().collect::<Option<_>>()?;
        if !self.without_variables(&texts) {
            return None;
        }
        if operator.base == Base::Null {
            return self.null(&key, &texts);
        }
        let literals: Vec<_> = texts
            .iter()
            .map(|text| self.literal(operator.base, &key.ty, text))
            .collect();
        let literals: Vec<String> = literals.into_iter().collect::<Option<_>>()?;
        let values = self.literals(operator.base, &key.name, literals);
        Some(guarded(operator, &key, &values))
    }

    /// What a key is here. The time needs no declaration: every condition can read it.
    fn key(&self, name: &str) -> Option<Key> {
        let declared = |name: &str| {
            if !name.eq_ignore_ascii_case("acs:CurrentTime") {
                return (self.options.key)(name);
            }
            Some(Key {
                name: "now".into(),
                ty: Type::Time,
                optional: false,
            })
        };
        let same = |other: &str| match self.dialect {
            Dialect::Ram => name == other,
            Dialect::Aws => name.eq_ignore_ascii_case(other),
        };
        let shared = || SHARED.iter().find(|(aws, _)| same(aws));
        declared(name)
            .or_else(|| shared().and_then(|(aws, ram)| declared(aws).or_else(|| declared(ram))))
    }

    /// A value as text. AWS also writes truth values and numbers as they are.
    fn value<'v>(&mut self, value: &'v Value<'_>, operator: Operator) -> Option<Text<'v>> {
        let text =
            match (value, operator.base, self.dialect) {
                (Value::BooleanLit(truth), Base::Bool | Base::Null, Dialect::Aws) => {
                    if truth.value { "true" } else { "false" }
                }
                (Value::NumberLit(number), Base::Number(_), Dialect::Aws) => number.value,
                _ => return self.text(value, "a condition's value"),
            };
        Some(Text {
            text: text.into(),
            span: span_of(self.file, value),
        })
    }

    /// `Null` asks whether the key is missing.
    fn null(&mut self, key: &Key, texts: &[Text<'_>]) -> Option<Test> {
        let mut tests = Vec::new();
        for text in texts {
            let sign = match self.truth(text)? {
                true => "!",
                false => "",
            };
            if !key.optional {
                let says = format!("`{}` is never missing", key.name);
                self.error(codes::WRONG_OPERATOR, text.span, says);
                return None;
            }
            let test = format!("{sign}has({})", key.name);
            if !tests.contains(&test) {
                tests.push(test);
            }
        }
        Some(Test::any(&tests))
    }

    fn truth(&mut self, text: &Text<'_>) -> Option<bool> {
        match &*text.text {
            "true" => Some(true),
            "false" => Some(false),
            _ => self.bad_value(text.span, "a truth value is `true` or `false`"),
        }
    }

    fn bad_value<T>(&mut self, span: Span, says: impl Into<String>) -> Option<T> {
        self.error(codes::BAD_VALUE, span, says);
        None
    }

    /// The literal of our language for a value.
    fn literal(&mut self, base: Base, ty: &Type, text: &Text<'_>) -> Option<String> {
        match base {
            Base::Text => match word_problem(ty, &text.text) {
                Some(says) => self.bad_value(text.span, says),
                None => Some(quoted(&text.text)),
            },
            Base::AnyCase if text.text.chars().any(has_foreign_case) => self.bad_value(
                text.span,
                "only A to Z can be compared without regard to case",
            ),
            Base::AnyCase | Base::Like => match impossible(base, ty, &text.text) {
                Some(says) => self.bad_value(text.span, says),
                None => Some(quoted(&text.text)),
            },
            Base::Arn if is_safe_arn_pattern(&text.text) => Some(quoted(&text.text)),
            Base::Arn => self.bad_value(
                text.span,
                "only a pattern of six fields with wildcards in the last one can be imported: \
                 ours would match across fields",
            ),
            Base::Number(_) => match text.text.parse::<i64>() {
                // Its digits alone are beyond what an expression can write.
                Ok(i64::MIN) | Err(_) => self.bad_value(text.span, "numbers are whole here"),
                Ok(number) => Some(number.to_string()),
            },
            Base::Date(_) if is_date(&text.text) => Some(format!("time({})", quoted(&text.text))),
            Base::Date(_) => self.bad_value(text.span, "a date is `2012-11-11T23:59:59Z`"),
            Base::Bool => self.truth(text).map(|truth| truth.to_string()),
            Base::Ip if Network::parse(&text.text).is_some() => Some(quoted(&text.text)),
            Base::Ip => self.bad_value(
                text.span,
                "this is no address such as 203.0.113.2 or network such as 192.0.2.0/24",
            ),
            Base::Null => None,
        }
    }
}

/// The line that declares a key.
fn declaration(key: &str, operator: Operator) -> String {
    let own = key.rsplit([':', '/']).next().unwrap_or(key);
    let mut name = String::new();
    let mut after_small = false;
    for letter in own.chars() {
        if letter.is_ascii_uppercase() && after_small {
            name.push('_');
        }
        after_small = letter.is_ascii_lowercase() || letter.is_ascii_digit();
        let letter = letter.to_ascii_lowercase();
        name.push(if letter.is_ascii_alphanumeric() {
            letter
        } else {
            '_'
        });
    }
    format!("{name}: {{ type: {}, key: {key} }}", operator.type_name())
}

/// Why a text can never equal a value of this type, as it is kept.
fn word_problem(ty: &Type, text: &str) -> Option<String> {
    let kept = |ty: ValueType| match ty.parse(text) {
        Ok(value) if value.text() == text => None,
        Ok(value) => Some(format!("this is kept as `{}`", value.text())),
        Err(error) => Some(format!("this is never {}", error.expected())),
    };
    match ty {
        Type::Phone => kept(ValueType::Phone),
        Type::Email => kept(ValueType::Email),
        Type::Country => kept(ValueType::Country),
        Type::AccountId => kept(ValueType::AccountId),
        Type::OneOf(words) => kept(ValueType::OneOf(words.clone())),
        _ => None,
    }
}

/// Why a pattern, or a text in any case, matches no word of this type.
fn impossible(base: Base, ty: &Type, text: &str) -> Option<String> {
    let Type::OneOf(words) = ty else {
        return None;
    };
    let matches = |word: &Name| match base {
        Base::Like => wildcard::matches(text, word.as_str(), wildcard::Case::Kept),
        _ => word.as_str().eq_ignore_ascii_case(text),
    };
    let says = || format!("no word of {ty} is like this");
    (!words.iter().any(matches)).then(says)
}

/// Whether a pattern over names of resources means the same to us, whose `*` and `?` cross colons:
/// six fields, of which only the last, that may hold colons itself, has wildcards.
fn is_safe_arn_pattern(text: &str) -> bool {
    let mut fields = text.splitn(6, ':');
    let plain = fields
        .by_ref()
        .take(5)
        .filter(|field| !field.contains(['*', '?']));
    plain.count() == 5 && fields.next().is_some()
}

/// Whether a text is a moment as documents write it: `2012-11-11T23:59:59Z`, perhaps with
/// milliseconds, or with an offset instead of `Z`.
fn is_date(text: &str) -> bool {
    let shape: String = text
        .chars()
        .map(|letter| if letter.is_ascii_digit() { '0' } else { letter })
        .collect();
    let Some(rest) = shape.strip_prefix("0000-00-00T00:00:00") else {
        return false;
    };
    let offsets = ["Z", "+00:00", "-00:00"];
    let fraction = ["", ".0", ".00", ".000"];
    let regular = fraction.iter().any(|fraction| {
        let rest = rest.strip_prefix(fraction);
        rest.is_some_and(|rest| offsets.contains(&rest))
    });
    let leap = text.get(17..19) == Some("60");
    regular && !leap && text.parse::<Timestamp>().is_ok()
}

/// Whether a letter has another case that `same_text` does not know.
fn has_foreign_case(letter: char) -> bool {
    !letter.is_ascii() && (letter.is_lowercase() || letter.is_uppercase())
}
