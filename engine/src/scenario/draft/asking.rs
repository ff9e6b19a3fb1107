//! Finding a request that is answered: who asks, in which session, and with what.

use std::collections::BTreeMap;

use super::{By, Deed, Rehearsal};
use crate::account::{Account, Denial, Gate, Outcome};
use crate::engine::Run;
use crate::lifecycle::model::{Method, Transition};
use crate::lifecycle::syntax::{OneOrMany, ScalarText};
use crate::name::Name;
use crate::policy::{Principal, PrincipalName};
use crate::scenario::syntax::StepForm;
use crate::scenario::{PlayError, sample};
use crate::value::ValueType;

/// Most requests that are tried for one transition.
const TRIES_MAX: usize = 4_000;
/// Most values that are tried for one input.
const VALUES_MAX: usize = 8;

/// What a request brings, as text.
pub(super) type Inputs = BTreeMap<String, String>;

impl Rehearsal<'_> {
    /// A request for the transition that is not refused; the refusal that came last on the way
    /// through the gates, where all are.
    pub(super) fn answerable(
        &mut self,
        deed: &Deed,
        transition: &Transition,
    ) -> Result<Result<Run, String>, PlayError> {
        let denial = match self.tried(deed, transition)? {
            Ok(run) => return Ok(Ok(run)),
            Err(denial) => denial,
        };
        let now = self.player.stage.now();
        let Some(at) = denial.retry_at.filter(|at| *at > now) else {
            return Ok(Err(told(&denial)));
        };
        // Whoever waits is answered.
        self.waits(at, &[])?;
        let again = self.tried(deed, transition)?;
        Ok(again.map_err(|denial| told(&denial)))
    }

    fn tried(
        &mut self,
        deed: &Deed,
        transition: &Transition,
    ) -> Result<Result<Run, Box<Denial>>, PlayError> {
        let mut furthest = Box::new(nobody());
        let Some(account) = self.seen()? else {
            return Ok(Err(furthest));
        };
        let brought = self.brought(deed, transition, &account);
        let mut tries = 0;
        for principal in self.askers(&deed.by) {
            for context in self.contexts() {
                for inputs in &brought {
                    tries += 1;
                    if tries > TRIES_MAX {
                        return Ok(Err(furthest));
                    }
                    let run = self.run_of(deed, transition, (&principal, &context, inputs));
                    let answer = self.player.stage.engine()?.explain(&run)?.answer;
                    let Outcome::Denied(denial) = answer.outcome else {
                        return Ok(Ok(run));
                    };
                    let gate = denial.gate;
                    if gate >= furthest.gate {
                        furthest = denial;
                    }
                    // Before the guards, little depends on what the request brings.
                    if gate < Gate::State {
                        break;
                    }
                }
            }
        }
        Ok(Err(furthest))
    }

    fn run_of(
        &self,
        deed: &Deed,
        transition: &Transition,
        (principal, context, inputs): (&Principal, &Inputs, &Inputs),
    ) -> Run {
        let is_risk = |name: &&Name| {
            let known = self.bundle.lifecycle.verifications.get(*name);
            known.is_some_and(|known| matches!(known.method, Method::Acknowledge { .. }))
        };
        let proofs = || transition.verify.iter().flat_map(|step| &step.any);
        let prefer = deed.prefer.clone();
        let name = deed.transition.clone();
        Run {
            inputs: inputs.clone(),
            context: context.clone(),
            acknowledged: proofs().filter(is_risk).cloned().collect(),
            prefer: prefer.filter(|name| proofs().any(|it| it == name)),
            ..Run::new(principal.clone(), self.account.clone(), name)
        }
    }

    /// What the request may bring: each of the values that may do for an input with each of the
    /// others'.
    fn brought(&self, deed: &Deed, transition: &Transition, account: &Account) -> Vec<Inputs> {
        let mut all = vec![Inputs::new()];
        for name in transition.inputs.keys() {
            let choices = self.choices(deed, transition, account, name);
            let with = |inputs: &Inputs, choice: &Option<String>| {
                let mut inputs = inputs.clone();
                inputs.extend(choice.clone().map(|text| (name.to_string(), text)));
                inputs
            };
            let wider = all.iter().flat_map(|inputs| {
                let choices = choices.iter();
                choices.map(move |choice| with(inputs, choice))
            });
            all = wider.take(TRIES_MAX).collect();
        }
        all
    }

    /// What may do for one input; nothing first, where that is enough.
    fn choices(
        &self,
        deed: &Deed,
        transition: &Transition,
        account: &Account,
        name: &Name,
    ) -> Vec<Option<String>> {
        if let Some(known) = deed.inputs.get(name) {
            return vec![Some(known.text())];
        }
        let input = transition.inputs.get(name);
        let absent = input.is_some_and(|input| input.optional).then_some(None);
        let values = sample::for_input(&self.bundle.lifecycle, account, transition, name);
        let values = values.into_iter().take(VALUES_MAX);
        let present = values.map(|value| Some(value.text()));
        absent.into_iter().chain(present).collect()
    }

    /// Sessions to try: one of which nothing is known, and one in which all is well.
    pub(super) fn contexts(&self) -> Vec<Inputs> {
        let facts = self.bundle.lifecycle.context.iter();
        let truths = facts.filter(|(_, fact)| fact.ty == ValueType::Bool);
        let well: Inputs = truths
            .map(|(name, _)| (name.to_string(), "true".to_owned()))
            .collect();
        if well.is_empty() {
            vec![well]
        } else {
            vec![Inputs::new(), well]
        }
    }

    fn askers(&self, by: &[By]) -> Vec<Principal> {
        if by.is_empty() {
            return self.anybody();
        }
        let askers = by.iter().flat_map(|by| match by {
            By::Principal(principal) => vec![principal.as_ref().clone()],
            By::Owner(kind) => self.owner(kind).into_iter().collect(),
            By::Anybody => self.anybody(),
        });
        let mut once: Vec<Principal> = Vec::new();
        for asker in askers {
            if !once.contains(&asker) {
                once.push(asker);
            }
        }
        once
    }

    fn owner(&self, kind: &Name) -> Option<Principal> {
        let name = PrincipalName::new(kind, self.account.as_str()).ok()?;
        Some(Principal::new(name, self.account.clone()))
    }

    /// See [`By::Anybody`].
    pub(super) fn anybody(&self) -> Vec<Principal> {
        let listed = || self.bundle.principals.listed().map(|it| &it.principal);
        let kinds = self.bundle.lifecycle.principal_kinds.keys();
        let owners = kinds.filter(|kind| self.bundle.principals.owns_account(kind));
        let owners = owners.filter_map(|kind| self.owner(kind));
        let at_home = listed().filter_map(|principal| {
            let name = PrincipalName::new(&principal.kind, self.account.as_str()).ok()?;
            let is_new = principal.account != self.account;
            is_new.then(|| Principal {
                name,
                account: self.account.clone(),
                ..principal.clone()
            })
        });
        listed().cloned().chain(owners).chain(at_home).collect()
    }

    /// A request as a step.
    pub(super) fn told_run(&mut self, run: &Run) -> StepForm {
        self.introduce(&run.principal);
        StepForm {
            run: Some(run.transition.clone()),
            who: Some(run.principal.name.to_string()),
            input: named(&run.inputs),
            context: named(&run.context),
            ack: OneOrMany(run.acknowledged.iter().cloned().collect()),
            prefer: run.prefer.clone(),
            ..StepForm::default()
        }
    }
}

/// Texts as they are written in a step.
pub(super) fn named(texts: &Inputs) -> BTreeMap<Name, ScalarText> {
    let pairs = texts.iter();
    pairs
        .filter_map(|(name, text)| Some((name.parse().ok()?, ScalarText(text.clone()))))
        .collect()
}

fn told(denial: &Denial) -> String {
    let (gate, says) = (denial.gate.name(), &denial.message);
    format!("denied by the {gate} gate: {says}")
}

/// What is said where nobody was there to ask.
fn nobody() -> Denial {
    Denial {
        gate: Gate::Throttle,
        code: String::new(),
        deny_code: None,
        effect: None,
        message: "there is nobody to ask".to_owned(),
        retry_at: None,
        place: None,
    }
}
