//! The rules of one-time codes: a verification's own, the lifecycle's, or the defaults.

use super::quotas::check_length;
use super::scope::{Findings, Scope};
use crate::challenge::{DIGITS_MAX, DIGITS_MIN, VALID_FOR_MAX};
use crate::diagnostic::Diagnostic;
use crate::lifecycle::codes;
use crate::lifecycle::model::CodeRules;
use crate::lifecycle::syntax::{CodesForm, OneOrMany, Period, VerificationForm};
use crate::name::Name;
use crate::source::Place;
use crate::time::format_duration;

/// Most wrong codes and most sendings per attempt that can be asked for.
const TRIES_MAX: u32 = 10;
/// Most waits between sendings that can be told apart.
const WAITS_MAX: usize = 10;

/// The keys of the rules in one place: under `codes:`, or of one verification.
struct Rules<'f> {
    digits: Option<u8>,
    valid_for: Option<Period>,
    attempts: Option<u32>,
    resend_after: Option<&'f OneOrMany<Period>>,
    sends: Option<u32>,
    quota: Option<&'f OneOrMany<Name>>,
}

impl<'f> From<&'f CodesForm> for Rules<'f> {
    fn from(form: &'f CodesForm) -> Self {
        Self {
            digits: form.digits,
            valid_for: form.valid_for,
            attempts: form.attempts,
            resend_after: form.resend_after.as_ref(),
            sends: form.sends,
            quota: Some(&form.quota),
        }
    }
}

impl<'f> From<&'f VerificationForm> for Rules<'f> {
    fn from(form: &'f VerificationForm) -> Self {
        Self {
            digits: form.digits,
            valid_for: form.valid_for,
            attempts: form.attempts,
            resend_after: form.resend_after.as_ref(),
            sends: form.sends,
            quota: form.quota.as_ref(),
        }
    }
}

/// The rules that hold where a verification says nothing.
pub(super) fn shared(scope: &Scope<'_>, out: &mut Findings) -> CodeRules {
    let mut rules = CodeRules::default();
    if let Some(form) = &scope.account.form.codes {
        override_with(
            &mut rules,
            &form.into(),
            scope,
            scope.account.place.key("codes"),
            out,
        );
    }
    rules
}

/// The rules of one verification.
pub(super) fn of(
    form: &VerificationForm,
    place: Place<'_>,
    shared: &CodeRules,
    scope: &Scope<'_>,
    out: &mut Findings,
) -> CodeRules {
    let mut rules = shared.clone();
    override_with(&mut rules, &form.into(), scope, place, out);
    rules
}

fn override_with(
    rules: &mut CodeRules,
    form: &Rules<'_>,
    scope: &Scope<'_>,
    place: Place<'_>,
    out: &mut Findings,
) {
    check_ranges(form, place, out);
    rules.digits = form.digits.unwrap_or(rules.digits);
    rules.valid_for = form.valid_for.map_or(rules.valid_for, |period| period.0);
    rules.attempts = form.attempts.unwrap_or(rules.attempts);
    rules.sends = form.sends.unwrap_or(rules.sends);
    if let Some(waits) = form.resend_after {
        rules.resend_after = waits.0.iter().map(|wait| wait.0).collect();
    }
    if let Some(quotas) = form.quota {
        rules.quotas = scope
            .quotas()
            .resolve_all(&quotas.0, place.key("quota"), out);
    }
}

fn check_ranges(form: &Rules<'_>, place: Place<'_>, out: &mut Findings) {
    let mut refuse = |key: &str, message: String, help: &str| {
        let error = Diagnostic::error(codes::CODE_RULE, place.key(key).span(), message);
        out.push(error.help(help));
    };
    if form
        .digits
        .is_some_and(|digits| !(DIGITS_MIN..=DIGITS_MAX).contains(&digits))
    {
        let message = format!("a code has {DIGITS_MIN} to {DIGITS_MAX} digits");
        refuse(
            "digits",
            message,
            "fewer can be guessed, more are not typed without mistakes",
        );
    }
    if form.valid_for.is_some_and(|life| life.0 > VALID_FOR_MAX) {
        let longest = format_duration(VALID_FOR_MAX);
        let message = format!("a code lives at most {longest}");
        refuse(
            "valid_for",
            message,
            "its life may only be lowered (NIST SP 800-63B-4)",
        );
    }
    for (key, tries) in [("attempts", form.attempts), ("sends", form.sends)] {
        if tries.is_some_and(|tries| !(1..=TRIES_MAX).contains(&tries)) {
            let message = format!("`{key}` is 1 to {TRIES_MAX}");
            refuse(key, message, "more make guessing or flooding cheap");
        }
    }
    let waits = form.resend_after.map_or(&[][..], |waits| &waits.0);
    if waits.len() > WAITS_MAX {
        let message = format!("at most {WAITS_MAX} waits can be told apart");
        refuse("resend_after", message, "the last one repeats");
    }
    if let Some(life) = form.valid_for {
        check_length(life, place.key("valid_for"), out);
    }
    for (index, wait) in waits.iter().enumerate() {
        check_length(*wait, place.key("resend_after").item(index), out);
    }
}
