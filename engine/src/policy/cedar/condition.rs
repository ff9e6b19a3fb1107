//! Conditions in Cedar's words, or why there are none.
//!
//! Cedar passes over a policy whose condition fails; here a failing condition denies. So nothing is
//! exported that can fail: what can be unset is read only behind `has`, which loading has checked,
//! and `&&`, `||` and `if` stop at the same places in both languages.

use std::net::IpAddr;

use super::names::Names;
use super::term::Term;
use crate::expr::portable::{Form, Part};
use crate::expr::{Expression, Slot, Val};
use crate::network::Network;
use crate::time::Timestamp;

/// The most parts of one condition: Cedar goes down one level for each of a chain.
pub(super) const PARTS_MAX: usize = 256;

/// Why a condition is not exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// What Cedar lacks, and what it says or offers instead.
    Lacks(String, &'static str),
    TooLarge,
}

fn lacks(what: impl Into<String>, help: &'static str) -> Refusal {
    Refusal::Lacks(what.into(), help)
}

/// Writes a condition.
pub(super) fn condition(expression: &Expression, names: &mut Names<'_>) -> Result<Term, Refusal> {
    let mut writer = Writer { names };
    let term = writer.form(expression.form())?;
    if term.size() > PARTS_MAX {
        return Err(Refusal::TooLarge);
    }
    Ok(term)
}

struct Writer<'w, 'v> {
    names: &'w mut Names<'v>,
}

impl Writer<'_, '_> {
    fn part(&mut self, part: Part<'_>) -> Result<Term, Refusal> {
        self.form(part.form())
    }

    fn parts(&mut self, parts: &[Part<'_>]) -> Result<Vec<Term>, Refusal> {
        parts.iter().map(|part| self.part(*part)).collect()
    }

    fn form(&mut self, form: Form<'_>) -> Result<Term, Refusal> {
        match form {
            Form::Value(value) => constant(value),
            Form::Name(slot) => self.name(slot),
            Form::Not(part) => Ok(self.part(part)?.not()),
            Form::All(parts) => Ok(Term::all(self.parts(&parts)?)),
            Form::Any(parts) => self.any(&parts),
            Form::FirstSet(parts) => self.first_set(&parts),
            Form::If {
                condition,
                then,
                otherwise,
            } => {
                let (condition, then) = (self.part(condition)?, self.part(then)?);
                Ok(Term::choice(&condition, &then, &self.part(otherwise)?))
            }
            Form::Compare {
                symbol,
                left,
                right,
            } => Ok(self.part(left)?.relation(symbol, &self.part(right)?)),
            Form::In { list, .. } if list.is_empty() => Ok(Term::truth(false)),
            Form::In { item, list } => {
                let list = Term::set(&self.parts(&list)?);
                Ok(list.method("contains", &self.part(item)?))
            }
            Form::Among { item, texts } => {
                Ok(self.part(texts)?.method("contains", &self.part(item)?))
            }
            Form::Call {
                function,
                arguments,
            } => self.call(function.name, &arguments),
            Form::Related {
                function,
                value,
                texts,
            } => self.related(function.name, value, &texts),
            // What stands before is exported only to see that it cannot fail.
            Form::After { first, then } => {
                self.parts(&first)?;
                self.part(then)
            }
            Form::Negate(_) => Err(lacks("`-` of a name", OVERFLOW)),
            Form::Calculate { symbol, .. } => Err(lacks(format!("`{symbol}`"), OVERFLOW)),
            Form::Interpreted { name } => Err(lacks(
                format!("the function `{name}`"),
                "a function of a single expression is put in its place, and exports with it",
            )),
        }
    }

    /// Whether any is. What stands behind `!has(x) ||` may read `x`, which Cedar's validator proves
    /// of `if x is set then … else true` alone.
    fn any(&mut self, parts: &[Part<'_>]) -> Result<Term, Refusal> {
        let guard = parts.iter().enumerate().find_map(|(index, part)| {
            let asked = asked_first(&part.form())?;
            let rest = parts.get(index + 1..)?;
            (!rest.is_empty()).then_some((index, asked, rest))
        });
        let Some((index, asked, rest)) = guard else {
            return Ok(Term::any(self.parts(parts)?));
        };
        let mut terms = self.parts(parts.get(..index).unwrap_or_default())?;
        let (asked, rest) = (self.part(asked)?, self.any(rest)?);
        terms.push(Term::choice(&asked, &rest, &Term::truth(true)));
        Ok(Term::any(terms))
    }

    fn name(&mut self, slot: Slot) -> Result<Term, Refusal> {
        let place = self.names.place(slot);
        place
            .map(|place| place.value())
            .map_err(|ty| lacks(format!("a name of type {ty}"), NO_DURATION))
    }

    /// `a ?? b`: names that can be unset, and what stands in where they all are.
    fn first_set(&mut self, parts: &[Part<'_>]) -> Result<Term, Refusal> {
        let Some((first, others)) = parts.split_first() else {
            return Err(lacks("`??` without a value", "give one"));
        };
        if others.is_empty() || self.is_always_set(&first.form()) {
            return self.part(*first);
        }
        match first.form() {
            Form::Name(slot) => {
                let value = self.name(slot)?;
                let is_set = self.is_set(slot)?;
                Ok(Term::choice(&is_set, &value, &self.first_set(others)?))
            }
            Form::FirstSet(inner) => {
                let flat: Vec<_> = inner.iter().chain(others).copied().collect();
                self.first_set(&flat)
            }
            Form::Value(Val::Unset) => self.first_set(others),
            _ => Err(lacks(
                "`??` behind anything but a name",
                "write `if has(name) { ... } else { ... }`",
            )),
        }
    }

    fn is_set(&mut self, slot: Slot) -> Result<Term, Refusal> {
        let place = self.names.place(slot);
        place
            .map(|place| place.is_set())
            .map_err(|ty| lacks(format!("a name of type {ty}"), NO_DURATION))
    }

    /// Whether a value is never unset.
    fn is_always_set(&mut self, form: &Form<'_>) -> bool {
        match form {
            Form::Value(value) => *value != Val::Unset,
            Form::Name(slot) => self.names.place(*slot).is_ok_and(|place| !place.optional),
            Form::If {
                then, otherwise, ..
            } => self.is_always_set(&then.form()) && self.is_always_set(&otherwise.form()),
            Form::FirstSet(parts) => parts.iter().any(|part| self.is_always_set(&part.form())),
            Form::After { then, .. } => self.is_always_set(&then.form()),
            Form::Interpreted { .. } => false,
            _ => true,
        }
    }

    fn call(&mut self, name: &str, arguments: &[Part<'_>]) -> Result<Term, Refusal> {
        match (name, arguments) {
            ("has", [asked]) => match asked.form() {
                Form::Name(slot) => self.is_set(slot),
                _ => Err(lacks("`has` of anything but a name", "ask about a name")),
            },
            ("starts_with" | "ends_with" | "contains", [text, pattern]) => {
                let pattern = written(name, *pattern)?;
                let text = self.part(*text)?;
                Ok(match name {
                    "starts_with" => text.like([pattern, ""]),
                    "ends_with" => text.like(["", pattern]),
                    _ => text.like(["", pattern, ""]),
                })
            }
            _ => Err(no_function(name)),
        }
    }

    /// Whether a value is related to any of the texts.
    fn related(
        &mut self,
        name: &str,
        value: Part<'_>,
        texts: &[Part<'_>],
    ) -> Result<Term, Refusal> {
        let value = self.part(value)?;
        let related = |text: &Part<'_>| {
            let text = written(name, *text)?;
            match name {
                "like" if text.contains('?') => {
                    let what = format!("`?` in the pattern \"{text}\"");
                    Err(lacks(what, super::NO_SINGLE))
                }
                "like" => Ok(value.like(text.split('*'))),
                "ip_in" => network(text).map(|network| value.method("isInRange", &network)),
                _ => Err(no_function(name)),
            }
        };
        let any: Result<_, _> = texts.iter().map(related).collect();
        Ok(Term::any(any?))
    }
}

/// Of `!c` the `c`, where that asks whether names are set.
fn asked_first<'e>(form: &Form<'e>) -> Option<Part<'e>> {
    let Form::Not(asked) = form else { return None };
    let asked = *asked;
    asks_has(&asked.form()).then_some(asked)
}

fn asks_has(form: &Form<'_>) -> bool {
    match form {
        Form::Call { function, .. } => function.name == "has",
        Form::All(parts) => parts.iter().any(|part| asks_has(&part.form())),
        _ => false,
    }
}

/// The text that stands in the policy.
fn written<'e>(function: &str, part: Part<'e>) -> Result<&'e str, Refusal> {
    match part.form() {
        Form::Value(Val::Text(text)) => Ok(text),
        _ => Err(lacks(
            format!("`{function}` with a text of the request"),
            "Cedar compares with what stands in the policy",
        )),
    }
}

fn no_function(name: &str) -> Refusal {
    let what = format!("the function `{name}`");
    lacks(what, "Cedar has nothing that means the same")
}

const OVERFLOW: &str = "Cedar passes over a policy whose arithmetic fails, where a failing condition \
    denies here";
const NO_DURATION: &str = "lengths of time end at zero here and go below it in Cedar";

fn constant(value: Val<'_>) -> Result<Term, Refusal> {
    match value {
        Val::Bool(truth) => Ok(Term::truth(truth)),
        Val::Int(number) => Ok(Term::number(number)),
        Val::Text(text) => Ok(Term::text(text)),
        Val::Time(at) => instant(at),
        Val::Ip(at) => Ok(Term::extension("ip", &address(at))),
        Val::Duration(_) => Err(lacks("a length of time", NO_DURATION)),
        Val::Unset => Err(lacks("`unset`", "Cedar has no value of that kind")),
        Val::Texts(_) => Err(lacks("several texts", "list them after `in`")),
    }
}

/// Cedar reads years of four digits, and milliseconds of three.
fn instant(at: Timestamp) -> Result<Term, Refusal> {
    let text = at.to_string();
    if text.bytes().position(|b| b == b'-') != Some(4) {
        let help = "Cedar reads years of four digits";
        return Err(lacks(format!("the time {text}"), help));
    }
    let text = match text.trim_end_matches('Z').split_once('.') {
        Some((seconds, fraction)) => format!("{seconds}.{fraction:0<3}Z"),
        None => text,
    };
    Ok(Term::extension("datetime", &text))
}

/// An address as Cedar reads it, which does not read `::ffff:192.0.2.1`.
fn address(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let groups = address.segments().map(|group| format!("{group:x}"));
            groups.join(":")
        }
    }
}

fn network(text: &str) -> Result<Term, Refusal> {
    // Loading has read it already.
    let (at, bits) = match Network::parse(text) {
        Some(network) => network.parts(),
        None => {
            return Err(lacks(
                format!("the network `{text}`"),
                "write it as 192.0.2.0/24",
            ));
        }
    };
    Ok(Term::extension("ip", &format!("{}/{bits}", address(at))))
}
