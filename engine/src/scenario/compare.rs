//! Holding what happened against what a scenario says.

use std::fmt::Display;

use super::act::Act;
use super::play::Seen;
use super::{After, Expect, Notice, OutcomeWord, Said, Sent, Step, codes};
use crate::account::{Answer, Closing, Denial, Event, Outcome};
use crate::diagnostic::Diagnostic;
use crate::lifecycle::model::{Channel, Lifecycle};
use crate::name::{Name, TransitionName};
use crate::source::Span;
use crate::value::{Value, ValueType};

/// What of a step went otherwise than it says.
pub(super) fn answer(
    lifecycle: &Lifecycle,
    reveal: bool,
    step: &Step,
    act: &Act,
) -> Vec<Diagnostic> {
    let what = format!("step {}{}", act.step + 1, time(act.times, step.times));
    let mut found: Vec<Diagnostic> = outcome(&what, step, act).into_iter().collect();
    // What follows from another answer says nothing more.
    if !found.is_empty() {
        return found;
    }
    let expect = &step.expect;
    let moves = act.moves();
    let fired = moves.iter().map(|moved| &moved.transition);
    found.extend(list(&what, "fires", expect.fires.as_ref(), fired));
    let reminded = act.events.iter().filter_map(|(_, event)| match event {
        Event::ObligationReminded { owed } => Some(owed),
        _ => None,
    });
    found.extend(list(
        &what,
        "reminds of",
        expect.reminded.as_ref(),
        reminded,
    ));
    let lapsed = act.events.iter().filter_map(|(_, event)| match event {
        Event::AttemptClosed {
            transition,
            how: Closing::Expired,
            ..
        } => Some(transition),
        _ => None,
    });
    let lapses = "ends attempts by lapse";
    found.extend(list(&what, lapses, expect.lapsed.as_ref(), lapsed));
    if let Some(said) = &expect.sent {
        found.extend(sent(lifecycle, reveal, &what, said, &act.sent));
    }
    found
}

/// Which time it is of several.
fn time(time: u32, times: u32) -> String {
    if times == 1 {
        return String::new();
    }
    format!(" ({time} of {times})")
}

fn failed(span: Span, says: String, expected: impl Display) -> Diagnostic {
    Diagnostic::error(codes::FAILED, span, says).label(format!("expected {expected}"))
}

fn outcome(what: &str, step: &Step, act: &Act) -> Option<Diagnostic> {
    let expect = &step.expect;
    let Some(answer) = &act.answer else {
        return unasked(what, expect);
    };
    let (span, expected) = if let Some(denied) = &expect.denied {
        let by = denied.value.name();
        let is_it = denial(answer).is_some_and(|denial| denial.gate == denied.value);
        (!is_it).then(|| (denied.span, format!("to be denied by the {by} gate")))
    } else if let Some(waits_for) = &expect.waits_for {
        let name = &waits_for.value;
        let is_it = waiting(answer) == Some(name);
        (!is_it).then(|| (waits_for.span, format!("to wait for `{name}`")))
    } else if let Some(outcome) = &expect.outcome {
        let is_it = outcome.value.is(answer);
        (!is_it).then(|| (outcome.span, outcome.value.words().to_owned()))
    } else {
        let is_good = denial(answer).is_none() || expect.code.is_some();
        (!is_good).then(|| (step.span, "not to be denied".to_owned()))
    }
    .or_else(|| code(expect, answer))?;
    let says = format!("{what} {}", words(answer));
    let mut finding = failed(span, says, expected);
    if let Some(denial) = denial(answer) {
        let ours = &denial.code;
        let code = denial.deny_code.as_ref();
        let code = code.map_or_else(|| ours.clone(), |theirs| format!("{theirs} ({ours})"));
        finding = finding.help(format!("{code}: {}", denial.message));
        if let Some(place) = &denial.place {
            finding = finding.help(format!("decided at {place}"));
        }
    }
    Some(finding)
}

/// The code that is expected, where the denial has another one.
fn code(expect: &Expect, answer: &Answer) -> Option<(Span, String)> {
    let code = expect.code.as_ref()?;
    let is_it = denial(answer).is_some_and(|denial| {
        let theirs = [&denial.deny_code, &denial.effect];
        denial.code == code.value || theirs.contains(&&Some(code.value.clone()))
    });
    (!is_it).then(|| (code.span, format!("to be denied with {}", code.value)))
}

/// An answer that is expected of a step that asks nothing.
fn unasked(what: &str, expect: &Expect) -> Option<Diagnostic> {
    let spans = [
        expect.outcome.as_ref().map(|it| it.span),
        expect.waits_for.as_ref().map(|it| it.span),
        expect.denied.as_ref().map(|it| it.span),
        expect.code.as_ref().map(|it| it.span),
    ];
    let span = spans.into_iter().flatten().next()?;
    let says = format!("{what} asks for nothing, so nothing answers");
    Some(failed(span, says, "an answer"))
}

fn denial(answer: &Answer) -> Option<&Denial> {
    match &answer.outcome {
        Outcome::Denied(denial) => Some(denial),
        Outcome::Applied { .. } | Outcome::Pending { .. } => None,
    }
}

fn waiting(answer: &Answer) -> Option<&Name> {
    match &answer.outcome {
        Outcome::Pending { waiting, .. } => Some(&waiting.verification),
        Outcome::Applied { .. } | Outcome::Denied(_) => None,
    }
}

impl OutcomeWord {
    fn is(self, answer: &Answer) -> bool {
        let word = match answer.outcome {
            Outcome::Applied { .. } => Self::Applied,
            Outcome::Pending { .. } => Self::Waiting,
            Outcome::Denied(_) => Self::Denied,
        };
        self == word
    }

    fn words(self) -> &'static str {
        match self {
            Self::Applied => "to be applied",
            Self::Waiting => "to wait for a proof",
            Self::Denied => "to be denied",
        }
    }
}

fn words(answer: &Answer) -> String {
    match &answer.outcome {
        Outcome::Applied { .. } => "is applied".to_owned(),
        Outcome::Pending { waiting, .. } => format!("waits for `{}`", waiting.verification),
        Outcome::Denied(denial) => format!("is denied by the {} gate", denial.gate.name()),
    }
}

/// A list that is not the expected one.
fn list<'t>(
    what: &str,
    does: &str,
    said: Option<&Said<Vec<TransitionName>>>,
    got: impl Iterator<Item = &'t TransitionName>,
) -> Option<Diagnostic> {
    let said = said?;
    let got: Vec<&TransitionName> = got.collect();
    let same = said.value.iter().eq(got.iter().copied());
    let says = format!("{what} {does}: {}", names(&got));
    (!same).then(|| failed(said.span, says, names(&said.value)))
}

fn names<T: Display>(names: &[T]) -> String {
    if names.is_empty() {
        return "nothing".to_owned();
    }
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

fn sent(
    lifecycle: &Lifecycle,
    reveal: bool,
    what: &str,
    said: &Said<Vec<Notice>>,
    sent: &[Sent],
) -> Option<Diagnostic> {
    let mut left: Vec<&Sent> = sent.iter().collect();
    // Whatever says most is found first, lest something vaguer takes its message.
    let mut wanted: Vec<&Notice> = said.value.iter().collect();
    wanted.sort_by_key(|notice| std::cmp::Reverse(notice.precision()));
    let mut missing = Vec::new();
    for notice in wanted {
        match left.iter().position(|sent| notice.is(sent)) {
            Some(at) => {
                left.remove(at);
            }
            None => missing.push(&notice.message),
        }
    }
    if missing.is_empty() && left.is_empty() {
        return None;
    }
    let says = match (missing.is_empty(), left.is_empty()) {
        (false, _) => format!("{what} does not send {} as expected", names(&missing)),
        (true, _) => {
            let more: Vec<&Name> = left.iter().map(|sent| &sent.message).collect();
            format!("{what} also sends {}", names(&more))
        }
    };
    let expected: Vec<&Name> = said.value.iter().map(|notice| &notice.message).collect();
    let mut finding = failed(said.span, says, names(&expected));
    for sent in sent {
        finding = finding.help(format!("sent: {}", told(lifecycle, reveal, sent)));
    }
    Some(finding)
}

/// A message that was sent, in a line.
fn told(lifecycle: &Lifecycle, reveal: bool, sent: &Sent) -> String {
    let (by, value) = match sent.by {
        Channel::Sms => ("sms", Value::Phone(sent.to.as_str().into())),
        Channel::Email => ("email", Value::Email(sent.to.as_str().into())),
    };
    let to = shown(&value, true, reveal);
    // A declared text may say anything of its account.
    let is_code = !lifecycle.messages.contains_key(&sent.message);
    let text = if reveal || is_code {
        format!(": {}", sent.text)
    } else {
        String::new()
    };
    format!("`{}` by {by} to {to}{text}", sent.message)
}

impl Notice {
    fn precision(&self) -> usize {
        let said = [self.by.is_some(), self.to.is_some(), self.text.is_some()];
        said.iter().filter(|said| **said).count()
    }

    fn is(&self, sent: &Sent) -> bool {
        self.message == sent.message
            && self.by.is_none_or(|by| by == sent.by)
            && self.to.as_ref().is_none_or(|to| is_address(to, sent))
            && self.text.as_ref().is_none_or(|text| *text == sent.text)
    }
}

/// Whether an address is the one that a message went to, however it is written.
fn is_address(text: &str, sent: &Sent) -> bool {
    let ty = match sent.by {
        Channel::Sms => ValueType::Phone,
        Channel::Email => ValueType::Email,
    };
    ty.parse(text).is_ok_and(|value| value.text() == sent.to)
}

fn shown(value: &Value, personal: bool, reveal: bool) -> String {
    match value {
        _ if reveal || !personal => value.text(),
        _ => value.masked(),
    }
}

/// What of an account is otherwise than expected.
pub(super) fn account(
    lifecycle: &Lifecycle,
    reveal: bool,
    after: &After,
    seen: Option<&Seen>,
) -> Vec<Diagnostic> {
    let Some(Seen { account, quotas }) = seen else {
        return missing(after).into_iter().collect();
    };
    let id = &account.id;
    let mut found = Vec::new();
    for (workflow, said) in &after.states {
        let state = account.state(workflow);
        if state != Some(&said.value) {
            let state = state.map_or("no state", Name::as_str);
            let says = format!("`{workflow}` of account `{id}` is in `{state}`");
            found.push(failed(said.span, says, format_args!("`{}`", said.value)));
        }
    }
    for (name, said) in &after.attributes {
        let got = account.attributes.get(name);
        if got != said.value.as_ref() {
            let personal = lifecycle.attributes.get(name).is_none_or(|it| it.personal);
            let show = |value: Option<&Value>| {
                value.map_or("unset".to_owned(), |value| shown(value, personal, reveal))
            };
            let says = format!("`{name}` of account `{id}` is {}", show(got));
            found.push(failed(said.span, says, show(said.value.as_ref())));
        }
    }
    let owed = account.obligations.iter().map(|it| &it.owed);
    let what = format!("account `{id}`");
    found.extend(list(&what, "owes", after.owed.as_ref(), owed));
    let attempts = account.attempts.keys();
    let has = "has open attempts";
    found.extend(list(&what, has, after.attempts.as_ref(), attempts));
    for (name, said) in &after.used {
        let used = quotas.iter().find(|it| it.quota == *name);
        let used = used.map_or(0, |used| used.used);
        if used != said.value {
            let says = format!("account `{id}` has used {used} of `{name}`");
            found.push(failed(said.span, says, said.value));
        }
    }
    found
}

/// An account that there is not, where something is expected of it.
fn missing(after: &After) -> Option<Diagnostic> {
    let states = after.states.values().map(|said| said.span);
    let attributes = after.attributes.values().map(|said| said.span);
    let used = after.used.values().map(|said| said.span);
    let owed = after.owed.iter().map(|said| said.span);
    let attempts = after.attempts.iter().map(|said| said.span);
    let mut spans = states.chain(attributes).chain(used);
    let span = spans.next().or_else(|| owed.chain(attempts).next())?;
    let says = "there is no such account".to_owned();
    Some(failed(span, says, "an account"))
}
