//! Secrets of authenticators: drawn for the requests that may enrol one, or taken over from elsewhere;
//! opened where a code of one is presented, and told once.

use std::collections::BTreeMap;

use super::changes::Sealing;
use super::journal::data_key;
use super::{Definition, Engine, EngineError};
use crate::account::{Actor, Answer, Attempt, Command, Enrolment, Event, Proof, Request, Step};
use crate::bundle::Bundle;
use crate::challenge::{AppSecret, SealedSecret, verify};
use crate::decide::Decision;
use crate::lifecycle::model::{Lifecycle, Method};
use crate::name::{AccountId, Name, TransitionName};
use crate::store::Snapshot;

/// The store's owner takes over an app that somebody has already, from where it was enrolled before.
#[derive(Debug, Clone)]
pub struct Enrol {
    /// The account.
    pub account: AccountId,
    /// Which of the lifecycle's authenticators.
    pub authenticator: Name,
    /// What the app and its account share.
    pub secret: AppSecret,
    /// Whether it takes the place of an app that is enrolled.
    pub replace: bool,
}

/// A secret that was drawn for a request, and what it is sealed under.
pub(super) struct Drawn {
    secret: AppSecret,
    sealing: Sealing,
}

impl Drawn {
    /// What the record is sealed under, and what to tell of the secret where an attempt took it.
    pub(super) fn told(
        self,
        definition: &Definition,
        request: &Request,
        decision: &Decision,
    ) -> (Sealing, Option<Enrolment>) {
        let takes = |secret: &SealedSecret| Some(secret) == request.drawn.as_ref();
        let is_taken = decision.events.iter().any(|event| match event {
            Event::AttemptPut(attempt) => {
                let mut enrolling = attempt.enrolling.values();
                enrolling.any(|it| takes(&it.secret))
            }
            _ => false,
        });
        let issuer = definition.bundle.lifecycle.name.as_str();
        let uri = || Enrolment::new(self.secret.uri(issuer, &request.account));
        let enrolment = is_taken.then(uri);
        (self.sealing, enrolment)
    }
}

impl Engine {
    /// Gives an account an app that somebody has already. Its secret is sealed under the account's
    /// data key, and told nowhere.
    ///
    /// # Errors
    /// When the lifecycle has no such authenticator, or the engine cannot answer; a denial is an answer.
    pub fn enrol(&self, enrol: &Enrol) -> Result<Answer, EngineError> {
        let bundle = self.bundle();
        let known = || authenticators(&bundle.lifecycle);
        if !known().any(|name| *name == enrol.authenticator) {
            let wanted = enrol.authenticator.as_str();
            let closest = crate::name::closest(wanted, known().map(Name::as_str));
            return Err(EngineError::UnknownAuthenticator {
                name: enrol.authenticator.clone(),
                closest: closest.map(str::to_owned),
            });
        }
        let request = Request {
            account: enrol.account.clone(),
            actor: Actor::Owner,
            context: BTreeMap::new(),
            command: Command::Enrol {
                authenticator: enrol.authenticator.clone(),
                replace: enrol.replace,
            },
            drawn: None,
        };
        self.carry_out_with(&|_| Ok(Ok(request.clone())), None, Some(&enrol.secret))
    }

    /// Draws a secret for a request that may enrol an authenticator, unless it brings one. Decisions
    /// see it sealed.
    pub(super) fn draw(
        &self,
        definition: &Definition,
        snapshot: &dyn Snapshot,
        request: &mut Request,
        brought: Option<&AppSecret>,
    ) -> Result<Option<Drawn>, EngineError> {
        let lifecycle = &definition.bundle.lifecycle;
        if brought.is_none() && !may_enrol(lifecycle, snapshot, &request.command)? {
            return Ok(None);
        }
        let Some(account) = snapshot.account(&request.account)? else {
            return Ok(None);
        };
        let sealing = self.sealing(snapshot, &account.id, Some(account.revision))?;
        let secret = match brought {
            Some(secret) => secret.clone(),
            None => AppSecret::new(&*self.entropy.secret()?, &account.id, account.revision.0),
        };
        request.drawn = secret.seal(sealing.key.sealing(), &request.account);
        Ok(Some(Drawn { secret, sealing }))
    }

    /// What a presented code proves to an attempt: that it is the code that was sent or, where the
    /// attempt waits for an app, of which step it is. The code that was sent is compared also where
    /// there is none, so that the work does not tell.
    pub(super) fn proof_of(
        &self,
        bundle: &Bundle,
        snapshot: &dyn Snapshot,
        attempt: Option<&Attempt>,
        code: &str,
    ) -> Result<Proof, EngineError> {
        let sent = verify(&self.keys, attempt.and_then(Attempt::challenge), code);
        let awaited = attempt.and_then(|attempt| {
            let (authenticator, enrol) = awaited(&bundle.lifecycle, attempt)?;
            Some((attempt, authenticator, enrol))
        });
        let Some((attempt, authenticator, enrol)) = awaited else {
            return Ok(Proof::Code { matches: sent });
        };
        let kept = match enrol {
            true => attempt.enrolling.get(authenticator).cloned(),
            false => {
                let account = snapshot.account(&attempt.account)?;
                account.and_then(|it| it.authenticators.get(authenticator).cloned())
            }
        };
        let key = data_key(snapshot, &self.keys, &attempt.account)?;
        let secret = kept.zip(key).and_then(|(kept, (key, _))| {
            let secret = kept.secret;
            secret.open(key.sealing(), &attempt.account)
        });
        let now = self.clock.now();
        let step = secret.and_then(|secret| secret.step_of(code, now));
        Ok(Proof::Totp { step })
    }
}

/// Whether a request may come to a step that enrols an authenticator.
fn may_enrol(
    lifecycle: &Lifecycle,
    snapshot: &dyn Snapshot,
    command: &Command,
) -> Result<bool, EngineError> {
    let mut verifications = lifecycle.verifications.values();
    if !verifications.any(|it| is_enrolling(&it.method)) {
        return Ok(false);
    }
    let transition = match command {
        Command::Run { transition, .. } => Some(transition.clone()),
        Command::Confirm { attempt, .. } | Command::Resend { attempt, .. } => {
            snapshot.attempt(attempt)?.map(|attempt| attempt.transition)
        }
        _ => None,
    };
    Ok(transition.is_some_and(|it| enrols(lifecycle, &it)))
}

/// The authenticators that some verification asks for.
fn authenticators(lifecycle: &Lifecycle) -> impl Iterator<Item = &Name> {
    let methods = lifecycle.verifications.values().map(|it| &it.method);
    methods.filter_map(|method| match method {
        Method::Totp { authenticator, .. } => Some(authenticator),
        _ => None,
    })
}

/// Whether some step of a transition enrols an authenticator.
fn enrols(lifecycle: &Lifecycle, transition: &TransitionName) -> bool {
    let steps = lifecycle.transitions.get(transition);
    let mut names = steps
        .into_iter()
        .flat_map(|it| &it.verify)
        .flat_map(|step| &step.any);
    names.any(|name| method(lifecycle, name).is_some_and(is_enrolling))
}

fn is_enrolling(method: &Method) -> bool {
    matches!(method, Method::Totp { enrol: true, .. })
}

/// The authenticator that an attempt waits for a code of, and whether it is being enrolled.
fn awaited<'l>(lifecycle: &'l Lifecycle, attempt: &Attempt) -> Option<(&'l Name, bool)> {
    let (_, Step::Put { verification, .. }) = attempt.current()? else {
        return None;
    };
    match method(lifecycle, verification)? {
        Method::Totp {
            authenticator,
            enrol,
            ..
        } => Some((authenticator, *enrol)),
        _ => None,
    }
}

fn method<'l>(lifecycle: &'l Lifecycle, verification: &Name) -> Option<&'l Method> {
    Some(&lifecycle.verifications.get(verification)?.method)
}
