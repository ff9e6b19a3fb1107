//! Durable limits and throttles.

use std::collections::BTreeMap;
use std::time::Duration;

use super::compile::{Compilers, Inputs, Site};
use super::scope::{Findings, Scope, text, zone};
use crate::diagnostic::Diagnostic;
use crate::gcra::Gcra;
use crate::lifecycle::codes;
use crate::lifecycle::model::{Quota, Throttle};
use crate::lifecycle::syntax::{Length, Per, Period, QuotaForm};
use crate::name::Name;
use crate::quota::{Rule, RuleError, Window};
use crate::source::Place;
use crate::time::Zone;

pub(super) fn quotas(
    scope: &Scope<'_>,
    compilers: &Compilers<'_>,
    account_zone: &Zone,
    out: &mut Findings,
) -> BTreeMap<Name, Quota> {
    let section = scope.account.place.key("quotas");
    let inputs = Inputs::new();
    let site = Site {
        what: "a quota's key",
        reads: &["account", "state", "principal", "address"],
        inputs: &inputs,
    };
    let mut quotas = BTreeMap::new();
    for (name, form) in &scope.account.form.quotas {
        let place = section.key(name.as_str());
        let window = window(form, place, account_zone, out);
        check_rule(form.limit, &window, place, out);
        let expected = (None, false);
        let key = compilers.expression(&site, &form.key.0, place.key("key"), expected, out);
        let Some(key) = key else {
            continue;
        };
        let quota = Quota {
            limit: form.limit,
            window,
            key: key.item,
            deny_code: text(form.deny_code.as_deref()),
            about: text(form.about.as_deref()),
            span: place.head(),
        };
        quotas.insert(name.clone(), quota);
    }
    quotas
}

fn window(form: &QuotaForm, place: Place<'_>, account_zone: &Zone, out: &mut Findings) -> Window {
    let at = place.key("zone");
    match form.per {
        Per::Rolling(Period(period)) => {
            if form.zone.is_some() {
                let message = "a zone has no meaning for a stretch of time";
                let error = Diagnostic::error(codes::KEY_NOT_HERE, at.head(), message);
                out.push(error.help("write `per: day` to count calendar days of a zone"));
            }
            Window::Rolling(period)
        }
        Per::Day => {
            let zone = form.zone.as_deref().and_then(|name| zone(name, at, out));
            Window::Day(zone.unwrap_or_else(|| account_zone.clone()))
        }
    }
}

fn check_rule(limit: u32, window: &Window, place: Place<'_>, out: &mut Findings) {
    let Err(error) = Rule::new(limit, window.clone()) else {
        return;
    };
    let (key, help) = match error {
        RuleError::Limit { .. } => ("limit", "every use is kept until its window is over"),
        RuleError::WindowTooFine => ("per", "write 1s or more"),
        RuleError::WindowTooLong => ("per", "shorten it or lower the limit"),
    };
    refuse(place.key(key), error.to_string(), help, out);
}

fn check_throttle(limit: u32, per: Duration, place: Place<'_>, out: &mut Findings) {
    if limit == 0 {
        let message = "a limit of 0 admits nothing".to_owned();
        return refuse(place.key("limit"), message, "write 1 or more", out);
    }
    if Gcra::new(per / limit, limit).is_none() {
        let message = "the period is too short or too long for this limit".to_owned();
        refuse(
            place.key("per"),
            message,
            "write for example `limit: 10, per: 1s`",
            out,
        );
    }
}

fn refuse(place: Place<'_>, message: String, help: &str, out: &mut Findings) {
    out.push(Diagnostic::error(codes::LIMIT_RANGE, place.span(), message).help(help));
}

pub(super) fn throttles(
    scope: &Scope<'_>,
    compilers: &Compilers<'_>,
    out: &mut Findings,
) -> BTreeMap<Name, Throttle> {
    let section = scope.account.place.key("throttles");
    let inputs = Inputs::new();
    // It is checked before anything is read: whoever is throttled learns nothing of the account.
    let site = Site {
        what: "a throttle's key",
        reads: &["principal"],
        inputs: &inputs,
    };
    let mut throttles = BTreeMap::new();
    for (name, form) in &scope.account.form.throttles {
        let place = section.key(name.as_str());
        check_throttle(form.limit, form.per.0, place, out);
        let expected = (None, false);
        let key = compilers.expression(&site, &form.key.0, place.key("key"), expected, out);
        let Some(key) = key else {
            continue;
        };
        let throttle = Throttle {
            limit: form.limit,
            per: form.per.0,
            key: key.item,
            deny_code: text(form.deny_code.as_deref()),
            span: place.head(),
        };
        throttles.insert(name.clone(), throttle);
    }
    throttles
}

impl Scope<'_> {
    /// A length that is written out, or that of a parameter; what is wrong with it is reported.
    pub(super) fn length(
        &self,
        length: &Length,
        place: Place<'_>,
        out: &mut Findings,
    ) -> Option<Duration> {
        match length {
            Length::Period(period) => check_length(*period, place, out),
            Length::Parameter(name) => {
                self.parameters().resolve(name, place, out);
            }
        }
        self.length_of(length)
    }

    /// The same where it was looked at before.
    pub(super) fn length_of(&self, length: &Length) -> Option<Duration> {
        match length {
            Length::Period(period) => Some(period.0),
            Length::Parameter(name) => {
                let declared = self.account.form.parameters.get(name)?;
                Some(declared.0.length.0)
            }
        }
    }
}

/// Reports parameters without length.
pub(super) fn parameters(scope: &Scope<'_>, out: &mut Findings) {
    let section = scope.account.place.key("parameters");
    for (name, parameter) in &scope.account.form.parameters {
        let place = section.key(name.as_str()).key("length");
        check_length(parameter.0.length, place, out);
    }
}

/// Reports a length of time that is zero.
pub(super) fn check_length(period: Period, place: Place<'_>, out: &mut Findings) {
    if period.0.is_zero() {
        let message = "a wait without length has no effect";
        let error = Diagnostic::error(codes::LIMIT_RANGE, place.span(), message);
        out.push(error.help("write 1s or more, or leave it out"));
    }
}
