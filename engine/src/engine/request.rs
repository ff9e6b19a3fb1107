//! What callers ask of the engine.

use std::collections::{BTreeMap, BTreeSet};

use super::commit::Unfounded;
use super::once::Once;
use super::{Engine, EngineError};
use crate::account::{Actor, Answer, Attempt, Command, Event, InputText, Proof, Request};
use crate::bundle::Bundle;
use crate::challenge::seal;
use crate::courier::SecretText;
use crate::decide::no_such_attempt;
use crate::lifecycle::model::{Transition, Trigger};
use crate::name::{AccountId, AttemptId, ConditionKey, IdempotencyKey, Name, TransitionName};
use crate::policy::Principal;
use crate::store::Snapshot;
use crate::value::{Value, ValueType};

/// Creates an account.
#[derive(Clone)]
pub struct Create {
    /// Its id.
    pub account: AccountId,
    /// Its attributes, as text.
    pub attributes: BTreeMap<String, String>,
    /// The states it is in already, by workflow, for an account that has lived elsewhere; those
    /// left out are initial.
    pub states: BTreeMap<Name, Name>,
    /// Under which the same request of the same actor gets the same answer, once it had an effect; for
    /// as long as [answers are kept](super::EngineBuilder::keep_answers).
    pub key: Option<IdempotencyKey>,
}

impl std::fmt::Debug for Create {
    /// Without the attributes, which may be personal or secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Create")
            .field("account", &self.account)
            .field("states", &self.states)
            .finish_non_exhaustive()
    }
}

impl Create {
    /// A new account, in its initial states.
    pub fn new(account: AccountId, attributes: BTreeMap<String, String>) -> Self {
        Self {
            account,
            attributes,
            states: BTreeMap::new(),
            key: None,
        }
    }
}

/// Asks for a transition.
#[derive(Clone)]
pub struct Run {
    /// Who asks.
    pub principal: Principal,
    /// The account.
    pub account: AccountId,
    /// The transition.
    pub transition: TransitionName,
    /// Its inputs, as text.
    pub inputs: BTreeMap<String, String>,
    /// Acknowledged risks: names of verifications.
    pub acknowledged: BTreeSet<Name>,
    /// The verification to use where there is a choice.
    pub prefer: Option<Name>,
    /// Facts about the session, as text.
    pub context: BTreeMap<String, String>,
    /// Under which the same request of the same actor gets the same answer, once it had an effect; for
    /// as long as [answers are kept](super::EngineBuilder::keep_answers).
    pub key: Option<IdempotencyKey>,
}

impl std::fmt::Debug for Run {
    /// Without the inputs, which may be personal or secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run")
            .field("principal", &self.principal.name)
            .field("account", &self.account)
            .field("transition", &self.transition)
            .finish_non_exhaustive()
    }
}

impl Run {
    /// A request without inputs, acknowledgements or session facts.
    pub fn new(principal: Principal, account: AccountId, transition: TransitionName) -> Self {
        Self {
            principal,
            account,
            transition,
            inputs: BTreeMap::new(),
            acknowledged: BTreeSet::new(),
            prefer: None,
            context: BTreeMap::new(),
            key: None,
        }
    }
}

/// Proves the step that an attempt waits for.
#[derive(Debug, Clone)]
pub struct Confirm {
    /// The attempt.
    pub attempt: AttemptId,
    /// Who proves; `None` for the store's owner on behalf of the requester.
    pub by: Option<Principal>,
    /// The proof.
    pub proof: Presented,
    /// Under which the same request of the same actor gets the same answer, once it had an effect; for
    /// as long as [answers are kept](super::EngineBuilder::keep_answers).
    pub key: Option<IdempotencyKey>,
}

/// A proof as it is presented.
#[derive(Debug, Clone)]
pub enum Presented {
    /// A code.
    Code(SecretText),
    /// Acknowledged risks: names of verifications.
    Acknowledge(BTreeSet<Name>),
    /// The acting principal's consent, in a session of its own.
    Approve {
        /// Facts about that session, as text.
        context: BTreeMap<String, String>,
    },
}

/// What a proof tells besides, for the digest of the request.
#[derive(serde::Serialize)]
#[serde(untagged)]
enum Told<'c> {
    Risks(&'c BTreeSet<Name>),
    Session(&'c BTreeMap<Name, Value>),
}

/// Asks for another code.
#[derive(Debug, Clone)]
pub struct Resend {
    /// The attempt.
    pub attempt: AttemptId,
    /// Who asks; `None` for the store's owner on behalf of the requester.
    pub by: Option<Principal>,
    /// The verification to use where there is a choice.
    pub prefer: Option<Name>,
    /// Under which the same request of the same actor gets the same answer, once it had an effect; for
    /// as long as [answers are kept](super::EngineBuilder::keep_answers).
    pub key: Option<IdempotencyKey>,
}

/// Gives an attempt up.
#[derive(Debug, Clone)]
pub struct Cancel {
    /// The attempt.
    pub attempt: AttemptId,
    /// Who asks; `None` for the store's owner on behalf of the requester.
    pub by: Option<Principal>,
    /// Under which the same request of the same actor gets the same answer, once it had an effect; for
    /// as long as [answers are kept](super::EngineBuilder::keep_answers).
    pub key: Option<IdempotencyKey>,
}

/// What a request would lead to.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The answer it would get.
    pub answer: Answer,
    /// What it would change.
    pub events: Vec<Event>,
}

impl Engine {
    /// Creates an account, as the store's owner.
    ///
    /// # Errors
    /// When the engine cannot answer; a denial is an answer.
    pub fn create(&self, create: &Create) -> Result<Answer, EngineError> {
        let bundle = self.bundle();
        let declared = &bundle.lifecycle.attributes;
        let types = |name: &str| declared.get(name).map(|attribute| &attribute.ty);
        let request = Request {
            account: create.account.clone(),
            actor: Actor::Owner,
            context: BTreeMap::new(),
            command: Command::Create {
                attributes: self.sealed(&create.account, &create.attributes, &types),
                states: create.states.clone(),
            },
            drawn: None,
        };
        let asked = (&request.account, &request.command);
        let once = Once::of(create.key.as_ref(), &request.actor, &asked)?;
        self.carry_out(&|_| Ok(Ok(request.clone())), once.as_ref())
    }

    /// Asks for a transition.
    ///
    /// # Errors
    /// When the engine cannot answer; a denial is an answer.
    pub fn run(&self, run: &Run) -> Result<Answer, EngineError> {
        let request = self.run_request(&self.bundle(), run)?;
        let asked = (&request.account, &request.context, &request.command);
        let once = Once::of(run.key.as_ref(), &request.actor, &asked)?;
        self.carry_out(&|_| Ok(Ok(request.clone())), once.as_ref())
    }

    /// What a request would lead to, without committing, sending or spending anything, and without
    /// a throttle. The answer is what the principal would be told; the events are for the store's
    /// owner, since they hold what the account would.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn explain(&self, run: &Run) -> Result<Explanation, EngineError> {
        let request = self.run_request(&self.bundle(), run)?;
        self.rehearse(&request)
    }

    /// Proves the step that an attempt waits for.
    ///
    /// # Errors
    /// When the engine cannot answer; a denial is an answer.
    pub fn confirm(&self, confirm: &Confirm) -> Result<Answer, EngineError> {
        let session = match &confirm.proof {
            Presented::Approve { context } => session_facts(&self.bundle(), context)?,
            Presented::Code(_) | Presented::Acknowledge(_) => BTreeMap::new(),
        };
        let make = |snapshot: &dyn Snapshot| {
            let attempt = snapshot.attempt(&confirm.attempt)?;
            let proof = match &confirm.proof {
                // Also for an attempt that is not there: the work must not tell.
                Presented::Code(code) => {
                    self.proof_of(&self.bundle(), snapshot, attempt.as_ref(), code.reveal())?
                }
                Presented::Acknowledge(risks) => Proof::Acknowledge(risks.clone()),
                Presented::Approve { .. } => Proof::Approve,
            };
            let command = Command::Confirm {
                attempt: confirm.attempt.clone(),
                proof,
            };
            let made = self.on_attempt(attempt, confirm.by.as_ref(), command);
            Ok(made.map(|request| match request.command.is_approval() {
                true => Request {
                    context: session.clone(),
                    ..request
                },
                false => request,
            }))
        };
        // The code itself is no part of what is compared: it is kept nowhere, not even as a digest.
        let (kind, told) = match &confirm.proof {
            Presented::Code(_) => ("code", None),
            Presented::Acknowledge(risks) => ("acknowledge", Some(Told::Risks(risks))),
            Presented::Approve { .. } if session.is_empty() => ("approve", None),
            Presented::Approve { .. } => ("approve", Some(Told::Session(&session))),
        };
        let asked = ("confirm", &confirm.attempt, kind, told);
        let once = Once::of(confirm.key.as_ref(), &actor(confirm.by.as_ref()), &asked)?;
        self.carry_out(&make, once.as_ref())
    }

    /// Sends the code of an attempt again.
    ///
    /// # Errors
    /// When the engine cannot answer; a denial is an answer.
    pub fn resend(&self, resend: &Resend) -> Result<Answer, EngineError> {
        let make = |snapshot: &dyn Snapshot| {
            let command = Command::Resend {
                attempt: resend.attempt.clone(),
                prefer: resend.prefer.clone(),
            };
            let attempt = snapshot.attempt(&resend.attempt)?;
            Ok(self.on_attempt(attempt, resend.by.as_ref(), command))
        };
        let asked = ("resend", &resend.attempt, &resend.prefer);
        let once = Once::of(resend.key.as_ref(), &actor(resend.by.as_ref()), &asked)?;
        self.carry_out(&make, once.as_ref())
    }

    /// Gives an attempt up.
    ///
    /// # Errors
    /// When the engine cannot answer; a denial is an answer.
    pub fn cancel(&self, cancel: &Cancel) -> Result<Answer, EngineError> {
        let make = |snapshot: &dyn Snapshot| {
            let command = Command::Cancel {
                attempt: cancel.attempt.clone(),
            };
            let attempt = snapshot.attempt(&cancel.attempt)?;
            Ok(self.on_attempt(attempt, cancel.by.as_ref(), command))
        };
        let asked = ("cancel", &cancel.attempt);
        let once = Once::of(cancel.key.as_ref(), &actor(cancel.by.as_ref()), &asked)?;
        self.carry_out(&make, once.as_ref())
    }

    /// A request about an attempt; a denial where there is none that the actor has a say in.
    fn on_attempt(
        &self,
        attempt: Option<Attempt>,
        by: Option<&Principal>,
        command: Command,
    ) -> Result<Request, Box<Unfounded>> {
        let actor = actor(by);
        let approves = command.is_approval();
        let account = attempt.as_ref().map(|attempt| attempt.account.clone());
        let Some(attempt) = attempt.filter(|attempt| attempt.has_say(&actor, approves)) else {
            let denial = no_such_attempt(&command, &self.bundle().lifecycle);
            return Err(Box::new(Unfounded {
                actor,
                command,
                account,
                denial,
            }));
        };
        Ok(Request {
            account: attempt.account,
            actor,
            context: attempt.context,
            command,
            drawn: None,
        })
    }

    fn run_request(&self, bundle: &Bundle, run: &Run) -> Result<Request, EngineError> {
        let transition = requested(bundle, &run.transition)?;
        let named = run.acknowledged.iter().chain(&run.prefer);
        for name in named {
            if !transition.verify.iter().any(|step| step.any.contains(name)) {
                let (transition, name) = (run.transition.clone(), name.clone());
                return Err(EngineError::UnknownVerification { transition, name });
            }
        }
        let types = |name: &str| transition.inputs.get(name).map(|input| &input.ty);
        Ok(Request {
            account: run.account.clone(),
            actor: Actor::Principal(run.principal.clone()),
            context: session_facts(bundle, &run.context)?,
            command: Command::Run {
                transition: run.transition.clone(),
                inputs: self.sealed(&run.account, &run.inputs, &types),
                acknowledged: run.acknowledged.clone(),
                prefer: run.prefer.clone(),
            },
            drawn: None,
        })
    }

    /// Supplied texts with the secret ones sealed, so that no secret goes further in than here.
    fn sealed<'t>(
        &self,
        account: &AccountId,
        texts: &BTreeMap<String, String>,
        types: &dyn Fn(&str) -> Option<&'t ValueType>,
    ) -> BTreeMap<String, InputText> {
        let seal_one = |name: &String, text: &String| match (types(name), name.parse::<Name>()) {
            (Some(ValueType::Secret), Ok(label)) => {
                InputText::Sealed(seal(self.keys.current(), account, &label, text))
            }
            _ => InputText::Plain(text.clone()),
        };
        texts
            .iter()
            .map(|(name, text)| (name.clone(), seal_one(name, text)))
            .collect()
    }
}

/// Who moves an attempt on: a principal, or the store's owner in the requester's place.
fn actor(by: Option<&Principal>) -> Actor {
    by.map_or(Actor::Owner, |by| Actor::Principal(by.clone()))
}

/// A declared transition that principals can request.
pub(super) fn requested<'b>(
    bundle: &'b Bundle,
    name: &TransitionName,
) -> Result<&'b Transition, EngineError> {
    let transitions = &bundle.lifecycle.transitions;
    let Some(transition) = transitions.get(name) else {
        let known: Vec<String> = transitions.keys().map(ToString::to_string).collect();
        let closest = crate::name::closest(&name.to_string(), known.iter().map(String::as_str));
        let (name, closest) = (name.clone(), closest.map(str::to_owned));
        return Err(EngineError::UnknownTransition { name, closest });
    };
    let fires = match &transition.trigger {
        Trigger::Request { .. } => return Ok(transition),
        Trigger::TriggeredBy(causes) => {
            let causes: Vec<String> = causes.iter().map(ToString::to_string).collect();
            format!("it is triggered by {}", causes.join(", "))
        }
        Trigger::After(wait) => {
            format!(
                "it happens {} after its state is entered",
                crate::time::format_duration(*wait)
            )
        }
    };
    Err(EngineError::NotRequested {
        name: name.clone(),
        fires,
    })
}

/// Session facts, read as the lifecycle declares them: by their names or their condition keys.
///
/// # Errors
/// [`EngineError::Context`] for one that it does not declare, or of another type.
pub fn session_facts(
    bundle: &Bundle,
    texts: &BTreeMap<String, String>,
) -> Result<BTreeMap<Name, Value>, EngineError> {
    let declared = &bundle.lifecycle.context;
    let mut values = BTreeMap::new();
    for (name, text) in texts {
        let refuse = |reason: String| EngineError::Context {
            name: name.clone(),
            reason,
        };
        let by_key = || bundle.lifecycle.context_key(name);
        let Some((known, fact)) = declared.get_key_value(name.as_str()).or_else(by_key) else {
            let keys = declared.values().flat_map(|fact| &fact.keys);
            let known = declared.keys().map(Name::as_str);
            let known = known.chain(keys.map(ConditionKey::as_str));
            let hint = crate::name::closest(name, known)
                .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            return Err(refuse(format!("the lifecycle declares no such fact{hint}")));
        };
        let value = fact
            .ty
            .parse(text)
            .map_err(|error| refuse(error.to_string()))?;
        if values.insert(known.clone(), value).is_some() {
            return Err(refuse(
                "it is given twice, by its name and by a key".to_owned(),
            ));
        }
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_attributes() {
        let attributes = BTreeMap::from([("pin".to_owned(), "hunter2".to_owned())]);
        let create = Create::new("1001".parse().unwrap(), attributes);
        let shown = format!("{create:?}");
        assert!(
            shown.contains("1001") && !shown.contains("hunter2"),
            "{shown}"
        );
    }
}
