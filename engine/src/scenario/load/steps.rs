//! Steps: each says one thing to do.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Loading;
use crate::account::Gate;
use crate::diagnostic::Diagnostic;
use crate::engine::{Create, Run, session_facts};
use crate::lifecycle::model::{Method, Transition, Trigger};
use crate::lifecycle::syntax::ScalarText;
use crate::name::{AccountId, Name, TransitionName};
use crate::policy::Principal;
use crate::scenario::syntax::StepForm;
use crate::scenario::{Action, Pick, Step, codes};
use crate::source::Place;
use crate::time::format_duration;
use crate::value::ValueType;

/// What can be done, with the further keys that go with it.
const VERBS: [(&str, &[&str]); 7] = [
    (
        "run",
        &[
            "as", "account", "input", "context", "ack", "prefer", "dry_run",
        ],
    ),
    ("confirm", &["as", "account", "context", "of", "with"]),
    ("resend", &["as", "account", "prefer"]),
    ("cancel", &["as", "account"]),
    ("create", &["attributes", "states"]),
    ("wait", &["account"]),
    ("restart", &[]),
];
/// Every key that goes with only some of them.
const MODIFIERS: [&str; 11] = [
    "as",
    "account",
    "input",
    "context",
    "ack",
    "prefer",
    "dry_run",
    "of",
    "with",
    "attributes",
    "states",
];
/// Most times that a step is done.
const TIMES_MAX: u32 = 1_000;

impl Loading<'_> {
    pub(super) fn steps(&mut self, forms: &[StepForm], place: Place<'_>) -> Vec<Step> {
        let forms = forms.iter().enumerate();
        let steps = forms.filter_map(|(index, form)| self.step(form, place.item(index)));
        steps.collect()
    }

    fn step(&mut self, form: &StepForm, place: Place<'_>) -> Option<Step> {
        let verb = self.verb(place)?;
        let action = self.action(form, verb, place);
        let times = form.times.unwrap_or(1);
        if !(1..=TIMES_MAX).contains(&times) {
            let says = format!("a step is done 1 to {TIMES_MAX} times");
            self.error(codes::STEP, place.key("times").text(), says);
        }
        let account = match &action {
            Some(Action::Create(create)) => Some(create.account.clone()),
            _ => form.account.clone().or_else(|| self.only.clone()),
        };
        let expect = self.expect(form.expect.as_ref().map(|it| &it.0), account, place);
        Some(Step {
            about: form.about.as_deref().map(Into::into),
            action: action?,
            times,
            every: form.every.map_or(Duration::ZERO, |every| every.0),
            expect,
            span: place.key(verb).head(),
        })
    }

    /// The one thing that a step says to do; everything else must go with it.
    fn verb(&mut self, place: Place<'_>) -> Option<&'static str> {
        let is_there = |key: &str| place.get(key).is_some();
        let said: Vec<_> = VERBS.iter().filter(|(verb, _)| is_there(verb)).collect();
        let (verb, goes_with) = match said.as_slice() {
            [one] => *one,
            [] => {
                let verbs = VERBS.map(|(verb, _)| verb);
                if !verbs.iter().any(|verb| place.explains(verb)) {
                    let says = "this step does nothing";
                    let finding = Diagnostic::error(codes::STEP, place.head(), says);
                    let help = format!("write one of {}", verbs.join(", "));
                    self.findings.push(finding.help(help));
                }
                return None;
            }
            [(first, _), (second, _), ..] => {
                let says = format!("this step says `{first}` and `{second}`");
                let span = place.key(second).head();
                let finding = Diagnostic::error(codes::STEP, span, says);
                self.findings.push(finding.help("make two steps of it"));
                return None;
            }
        };
        for key in MODIFIERS.iter().filter(|key| is_there(key)) {
            if !goes_with.contains(key) {
                let says = format!("`{key}` does not go with `{verb}`");
                self.error(codes::STEP, place.key(key).head(), says);
            }
        }
        Some(verb)
    }

    fn action(&mut self, form: &StepForm, verb: &str, place: Place<'_>) -> Option<Action> {
        let at = place.key(verb);
        if let Some(id) = &form.account {
            self.known_account(id, place.key("account").text());
        }
        match verb {
            "run" => self.run(form, form.run.as_ref()?, place),
            "confirm" => self.confirm(form, form.confirm.as_ref()?, place),
            "resend" => {
                let name = form.resend.as_ref()?;
                self.transition(name, at);
                if let Some(prefer) = &form.prefer {
                    self.verification(prefer, place.key("prefer"));
                }
                Some(Action::Resend {
                    prefer: form.prefer.clone(),
                    attempt: self.pick(form, Some(name), place),
                })
            }
            "cancel" => {
                let name = form.cancel.as_ref()?;
                self.transition(name, at);
                Some(Action::Cancel(self.pick(form, Some(name), place)))
            }
            "create" => {
                let of = (form.create.as_ref()?, &form.attributes, &form.states);
                let create: Create = self.create(of, place);
                Some(Action::Create(Box::new(create)))
            }
            "wait" => Some(Action::Wait(form.wait?.0)),
            _ => self.restart(form, at),
        }
    }

    fn restart(&mut self, form: &StepForm, at: Place<'_>) -> Option<Action> {
        if form.restart == Some(true) {
            return Some(Action::Restart);
        }
        self.error(codes::STEP, at.text(), "write `restart: true`");
        None
    }

    fn pick(
        &mut self,
        form: &StepForm,
        transition: Option<&TransitionName>,
        place: Place<'_>,
    ) -> Pick {
        let who = form.who.as_ref();
        Pick {
            account: form.account.clone(),
            transition: transition.cloned(),
            who: who.and_then(|who| self.principal(who, place.key("as"))),
        }
    }

    fn run(&mut self, form: &StepForm, name: &TransitionName, place: Place<'_>) -> Option<Action> {
        let at = place.key("run");
        let transition = self.transition(name, at);
        if let Some(transition) = transition {
            self.requested(transition, at);
            self.inputs(form, transition, place);
            let named = form.ack.0.iter().enumerate();
            for (index, ack) in named {
                self.verification_of(transition, ack, place.key("ack").item(index));
            }
            if let Some(prefer) = &form.prefer {
                self.verification_of(transition, prefer, place.key("prefer"));
            }
        }
        let who = match &form.who {
            Some(who) => self.principal(who, place.key("as")),
            None => {
                if !place.explains("as") {
                    let finding = Diagnostic::error(codes::STEP, at.head(), "nobody asks");
                    self.findings
                        .push(finding.help("write `as:` with who does, as `kind/name`"));
                }
                None
            }
        };
        let account = form.account.clone().or_else(|| self.only.clone());
        if account.is_none() && !place.explains("account") {
            let says = "this step does not say which account it is about";
            let finding = Diagnostic::error(codes::STEP, at.head(), says);
            self.findings.push(finding.help("write `account:`"));
        }
        let context = self.session(form, place);
        transition?;
        let (who, account): (Principal, AccountId) = (who?, account?);
        let run = Box::new(Run {
            inputs: texts(&form.input),
            acknowledged: form.ack.0.iter().cloned().collect(),
            prefer: form.prefer.clone(),
            context,
            ..Run::new(who, account, name.clone())
        });
        Some(if form.dry_run {
            Action::Rehearse(run)
        } else {
            Action::Run(run)
        })
    }

    fn confirm(&mut self, form: &StepForm, name: &Name, place: Place<'_>) -> Option<Action> {
        self.verification(name, place.key("confirm"));
        self.proof(name, place);
        if let Some(of) = &form.of {
            self.transition(of, place.key("of"));
        }
        Some(Action::Confirm {
            verification: name.clone(),
            with: form.with,
            context: self.session(form, place),
            attempt: self.pick(form, form.of.as_ref(), place),
        })
    }

    /// Reports what is said of a proof that a verification does not ask for: only whoever approves
    /// has a session of its own, and only codes can be wrong.
    fn proof(&mut self, name: &Name, place: Place<'_>) {
        let Some(verification) = self.lifecycle().verifications.get(name) else {
            return;
        };
        let method = &verification.method;
        let is_approval = matches!(method, Method::Approval { .. });
        let is_code = matches!(method, Method::Code { .. } | Method::Totp { .. });
        let goes_with = [
            ("context", is_approval, "an approval"),
            ("with", is_code, "a code"),
        ];
        for (key, fits, kind) in goes_with {
            if !fits && place.get(key).is_some() {
                let says = format!("`{key}` goes with {kind}, and `{name}` asks for none");
                self.error(codes::STEP, place.key(key).head(), says);
            }
        }
    }

    /// What the session tells of itself, each fact as the lifecycle declares it.
    fn session(&mut self, form: &StepForm, place: Place<'_>) -> BTreeMap<String, String> {
        let context = texts(&form.context);
        for (fact, text) in &context {
            let one = BTreeMap::from([(fact.clone(), text.clone())]);
            if let Err(error) = session_facts(self.bundle, &one) {
                let span = place.key("context").key(fact).head();
                self.error(codes::UNKNOWN_NAME, span, error.to_string());
            }
        }
        context
    }

    /// Reports a transition that nobody can ask for.
    fn requested(&mut self, transition: &Transition, at: Place<'_>) {
        let name = &transition.name;
        let help = match &transition.trigger {
            Trigger::Request { .. } => return,
            Trigger::TriggeredBy(causes) => {
                let causes: Vec<String> = causes.iter().map(ToString::to_string).collect();
                format!("it is triggered by {}: run that", causes.join(", "))
            }
            Trigger::After(wait) => {
                let wait = format_duration(*wait);
                format!("it happens by itself: write `wait: {wait}`")
            }
        };
        let says = format!("nobody asks for `{name}`");
        let finding = Diagnostic::error(codes::STEP, at.text(), says);
        self.findings.push(finding.help(help));
    }

    /// Reports inputs that the transition does not take; not where that is the point of the step.
    fn inputs(&mut self, form: &StepForm, transition: &Transition, place: Place<'_>) {
        let expected = form.expect.as_ref().and_then(|expect| expect.0.denied);
        if expected == Some(Gate::State) {
            return;
        }
        for (name, text) in &form.input {
            let at = place.key("input").key(name.as_str());
            match transition.inputs.get(name) {
                Some(input) if input.ty == ValueType::Secret => {}
                Some(input) => {
                    self.value(&input.ty, &text.0, at);
                }
                None => {
                    let whose = format!("`{}` has", transition.name);
                    let known = transition.inputs.keys().map(Name::as_str);
                    self.lacks(&whose, "input", name.as_str(), at.head(), known);
                }
            }
        }
    }

    pub(super) fn verification(&mut self, name: &Name, at: Place<'_>) {
        let known = &self.lifecycle().verifications;
        if !known.contains_key(name) {
            let known = known.keys().map(Name::as_str);
            self.unknown("verification", name.as_str(), at.text(), known);
        }
    }

    fn verification_of(&mut self, transition: &Transition, name: &Name, at: Place<'_>) {
        let known = || transition.verify.iter().flat_map(|step| &step.any);
        if !known().any(|known| known == name) {
            let whose = format!("`{}` has", transition.name);
            let known = known().map(Name::as_str);
            self.lacks(&whose, "verification", name.as_str(), at.text(), known);
        }
    }
}

fn texts(forms: &BTreeMap<Name, ScalarText>) -> BTreeMap<String, String> {
    let pair = |(name, text): (&Name, &ScalarText)| (name.to_string(), text.0.clone());
    forms.iter().map(pair).collect()
}
