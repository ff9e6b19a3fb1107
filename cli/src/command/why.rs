//! `stateward why ACCOUNT WORKFLOW.TRANSITION`: what a request would lead to, gate by gate.

use std::collections::BTreeMap;
use std::sync::Arc;

use stateward::account::{Account, Answer, Gate, GateStatus, Outcome};
use stateward::bundle::Bundle;
use stateward::engine::{Explanation, Run, session_facts};
use stateward::lifecycle::model::{Access, Guard, Transition, Trigger};
use stateward::name::Name;
use stateward::policy::Principal;
use stateward::situation::{Asked, Situation};
use stateward::time::Timestamp;
use stateward::value::Value;
use stateward::workbench::remedy::{Remedy, remedies};
use stateward::workbench::trace::Told;

use super::account::may_read;
use super::decide;
use super::policy::bench::known_to;
use super::run::RequestArgs;
use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::change::Change;
use crate::output::decision::{DecisionDocument, GuardLine, WhyDocument};
use crate::output::plan::PlanBody;
use crate::output::policy::help::HelpLine;
use crate::output::policy::why::{ClauseLine, PolicyTrace, STRANGER};
use crate::output::veil::Veil;
use crate::project::Session;

/// Explain what a request would lead to, gate by gate
///
/// Nothing is changed, sent or spent. Where policies or conditions refuse, the statements and clauses
/// that matter are shown with their values, as far as whoever asks may know the account: the store's
/// owner all, a principal what the policies let it read. The exit code is 0 whatever the decision,
/// unless `--exit-code` asks for that of the decision.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    request: RequestArgs,
    /// Explain a request of this principal, to the one of `--as` or else to the store's owner
    #[arg(long = "for", value_name = "PRINCIPAL")]
    subject: Option<String>,
    /// End with the exit code that the request would end with
    #[arg(long)]
    exit_code: bool,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let mut opened = app.open()?;
    let viewer = opened.principal.clone();
    if let Some(subject) = &args.subject {
        // What another would be told of an account is for those who may know it.
        if !may_read(app, &opened, args.request.account())? {
            return Ok(Exit::Denied);
        }
        opened.principal = Some(opened.session.principal(subject)?);
    }
    let request = args.request.request(&opened, None)?;
    let exit = explain(app, &opened.session, &request, viewer.as_ref())?;
    Ok(if args.exit_code { exit } else { Exit::Done })
}

/// Tells what a request would lead to; the exit code is the one it would end with.
pub fn explain(
    app: &mut App,
    session: &Session,
    request: &Run,
    viewer: Option<&Principal>,
) -> Result<Exit, CliError> {
    let Explanation { answer, events } = session.engine.explain(request)?;
    let about = decide::about(session, &request.transition, Some(&request.principal));
    let veil = session.veil(app.globals.reveal);
    let mut decision = DecisionDocument::new(&answer, about, session.now());
    // There is no such attempt: the id is one that might have been drawn.
    decision.attempt = None;
    let seen = Seen::of(session, request, viewer)?;
    let known = seen.account.is_some();
    let changes = events.iter().filter(|_| known);
    let policy = seen.policy(request, &answer, veil);
    // The trace knows the stage, the answer does not.
    if let Some(detail) = policy
        .as_ref()
        .and_then(|it| it.access_denied_detail.clone())
    {
        decision.access_denied_detail = Some(detail);
    }
    decision.plan = seen.plan(&answer, veil);
    let document = WhyDocument {
        decision,
        policy,
        guards: seen.guards(request, &answer, veil),
        help: seen.help(request, &answer),
        changes: changes.map(|event| Change::new(event, veil)).collect(),
        note: (!known).then_some(STRANGER),
    };
    app.ui.emit(&document)?;
    Ok(Exit::of(&answer.outcome))
}

/// What would lead to what a refused request asked for, as far as whoever asked may know the account.
///
/// # Errors
/// When the store fails.
pub fn plan(
    app: &App,
    session: &Session,
    request: &Run,
    answer: &Answer,
) -> Result<Option<PlanBody>, CliError> {
    if !matches!(answer.outcome, Outcome::Denied(_)) {
        return Ok(None);
    }
    let seen = Seen::of(session, request, Some(&request.principal))?;
    Ok(seen.plan(answer, session.veil(app.globals.reveal)))
}

/// What whoever asks may see of a request's situation.
struct Seen<'s> {
    bundle: &'s Bundle,
    transition: Option<&'s Transition>,
    /// The account; none where they may not read it, as if it were not there.
    account: Option<Account>,
    context: BTreeMap<Name, Value>,
    inputs: BTreeMap<Name, Value>,
    now: Timestamp,
}

impl<'s> Seen<'s> {
    fn of(
        session: &'s Session,
        request: &Run,
        viewer: Option<&Principal>,
    ) -> Result<Self, CliError> {
        let bundle = session.bundle.as_ref();
        let transition = bundle.lifecycle.transitions.get(&request.transition);
        let transition = transition.map(AsRef::as_ref);
        let declared = transition.into_iter().flat_map(|it| &it.inputs);
        // The state gate tells of those that are malformed.
        let inputs = declared.filter_map(|(name, input)| {
            let text = request.inputs.get(name.as_str())?;
            Some((name.clone(), input.ty.parse(text).ok()?))
        });
        Ok(Self {
            bundle,
            transition,
            account: known_to(session, viewer, &request.account, &request.context)?,
            context: session_facts(bundle, &request.context)?,
            inputs: inputs.collect(),
            now: session.now(),
        })
    }

    fn situation<'a>(&'a self, principal: &'a Principal) -> Situation<'a> {
        Situation {
            account: self.account.as_ref(),
            asked: Asked {
                principal: Some(principal),
                context: &self.context,
                inputs: &self.inputs,
            },
            now: self.now,
        }
    }

    /// What policies say, where they were asked.
    fn policy(&self, request: &Run, answer: &Answer, veil: Veil<'_>) -> Option<PolicyTrace> {
        was_reached(answer, Gate::Policy).then_some(())?;
        let access = self.access()?;
        let situation = self.situation(&request.principal);
        let told = Told::of(self.bundle, &situation);
        let resources = told.resources(access).ok()?;
        let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
        let hidden = |slot| veil.hides(slot);
        let action = &access.permission;
        let trace = told.trace(action, &resources, &hidden)?;
        let principal = &request.principal;
        Some(PolicyTrace::new(self.bundle, principal, &trace, false))
    }

    fn access(&self) -> Option<&'s Access> {
        match &self.transition?.trigger {
            Trigger::Request { access, .. } => Some(access),
            Trigger::TriggeredBy(_) | Trigger::After(_) => None,
        }
    }

    /// What would get the request past the gate that refuses it.
    fn help(&self, request: &Run, answer: &Answer) -> Vec<HelpLine> {
        let Outcome::Denied(denial) = &answer.outcome else {
            return Vec::new();
        };
        if let Some(at) = denial.retry_at {
            return vec![HelpLine::fact(format!("waiting until {at}"))];
        }
        match denial.gate {
            Gate::Policy => self.policy_help(request).unwrap_or_default(),
            Gate::Caller => self.caller_help().into_iter().collect(),
            Gate::State => self.state_help(),
            _ => Vec::new(),
        }
    }

    fn policy_help(&self, request: &Run) -> Option<Vec<HelpLine>> {
        let access = self.access()?;
        let situation = self.situation(&request.principal);
        let told = Told::of(self.bundle, &situation);
        let resources = told.resources(access).ok()?;
        let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
        let found = remedies(&told, &access.permission, &resources);
        // Of a transition the resource is given by its account.
        let others = |it: &&Remedy| !it.is_elsewhere();
        let line = |it: &Remedy| HelpLine::new(self.bundle, it);
        Some(found.iter().filter(others).map(line).collect())
    }

    /// Who the caller rule is about: it says so to everybody.
    fn caller_help(&self) -> Option<HelpLine> {
        let Trigger::Request { caller, .. } = &self.transition?.trigger else {
            return None;
        };
        let rule = self.bundle.lifecycle.callers.get(caller.as_ref()?)?;
        let kinds: Vec<String> = rule.kinds.iter().map(|kind| format!("`{kind}`")).collect();
        let mut text = format!("a principal of kind {}", kinds.join(" or "));
        if let Some(of) = &rule.of {
            text.push_str(&format!(" that belongs to `{}`", of.text()));
        }
        if let Some(when) = &rule.when {
            text.push_str(&format!(", while `{}`", when.text()));
        }
        Some(HelpLine::fact(text))
    }

    /// The transitions that lead from where the account is to where this one leaves from.
    /// What would lead to what is asked for, where the state of the account or a condition stands in
    /// the way.
    fn plan(&self, answer: &Answer, veil: Veil<'_>) -> Option<PlanBody> {
        let (transition, account) = (self.transition?, self.account.as_ref()?);
        super::plan::after_denial(self.bundle, transition, account, &self.inputs, answer, veil)
    }

    fn state_help(&self) -> Vec<HelpLine> {
        let (Some(transition), Some(account)) = (self.transition, &self.account) else {
            return Vec::new();
        };
        let workflow = &transition.name.workflow;
        let state = account.state(workflow);
        let leads = |other: &&Arc<Transition>| {
            other.name.workflow == *workflow
                && transition.from.contains(&other.to)
                && state.is_some_and(|state| other.from.contains(state) && other.to != *state)
        };
        let all = self.bundle.lifecycle.transitions.values().filter(leads);
        let line = |other: &Arc<Transition>| {
            HelpLine::fact(format!(
                "first `{}`, which leads to `{}`",
                other.name, other.to
            ))
        };
        all.map(line).collect()
    }

    /// What the conditions of the transition say, where they were looked at.
    fn guards(&self, request: &Run, answer: &Answer, veil: Veil<'_>) -> Vec<GuardLine> {
        if !was_reached(answer, Gate::Guard) {
            return Vec::new();
        }
        let situation = self.situation(&request.principal);
        let told = Told::of(self.bundle, &situation);
        let hidden = |slot| veil.hides(slot);
        let line = |guard: &Guard| GuardLine {
            because: guard.because.as_deref().map(str::to_owned),
            place: self.bundle.locate(guard.condition.span()),
            clause: ClauseLine::new(&told.condition(&guard.condition, &hidden)),
        };
        // That nothing freezes the account goes without saying.
        let facts = situation.facts(&self.bundle.lifecycle);
        let speaks =
            |guard: &&Guard| !guard.is_freeze || !guard.condition.truth(&facts).unwrap_or_default();
        let guards = self.transition.into_iter().flat_map(|it| &it.guards);
        guards.filter(speaks).map(line).collect()
    }
}

fn was_reached(answer: &Answer, gate: Gate) -> bool {
    let report = answer.gates.iter().find(|report| report.gate == gate);
    report.is_some_and(|report| report.status != GateStatus::NotReached)
}
