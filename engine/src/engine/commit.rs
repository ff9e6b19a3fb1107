//! The one loop of the engine: snapshot, decide, commit, and again where something changed meanwhile.

use std::collections::BTreeMap;
use std::time::Duration;

use super::changes::{Deciding, Sealing, changes};
use super::once::Once;
use super::{Definition, Engine, EngineError, Explanation};
use crate::account::{
    Actor, Answer, Command, DataKey, Denial, Digest, Gate, GateReport, GateStatus, Outcome,
    Request, Revision,
};
use crate::challenge::AppSecret;
use crate::decide::{Decision, Need, View, decide, reports_of, throttled};
use crate::entropy::Entropy;
use crate::expr::{Facts, Val};
use crate::lifecycle::model::{Throttle, Trigger};
use crate::name::{AccountId, AttemptId, TransitionName};
use crate::policy::Principal;
use crate::store::{CommitError, KeyChange, Snapshot};
use crate::time::Timestamp;

/// Builds the request on a snapshot; what is wrong with it where it names an attempt that is not
/// there.
type MakeRequest<'m> =
    &'m dyn Fn(&dyn Snapshot) -> Result<Result<Request, Box<Unfounded>>, EngineError>;

/// A request about an attempt that is not there, or that the actor has no say in.
pub(super) struct Unfounded {
    pub(super) actor: Actor,
    pub(super) command: Command,
    /// Whose the attempt is, where there is one. Whoever asked is not told.
    pub(super) account: Option<AccountId>,
    pub(super) denial: Denial,
}

/// Tries before an account counts as contended. Each lost race means that another caller won one.
pub(super) const TRIES: u32 = 64;

/// A decision, with everything it was made from.
pub(super) struct Decided {
    pub(super) decision: Decision,
    pub(super) deciding: Deciding,
}

impl Engine {
    /// Decides a request and makes its changes durable.
    pub(super) fn carry_out(
        &self,
        make: MakeRequest<'_>,
        once: Option<&Once>,
    ) -> Result<Answer, EngineError> {
        self.carry_out_with(make, once, None)
    }

    /// The same for a request that brings the secret of an app, which is sealed as one that is drawn.
    pub(super) fn carry_out_with(
        &self,
        make: MakeRequest<'_>,
        once: Option<&Once>,
        brought: Option<&AppSecret>,
    ) -> Result<Answer, EngineError> {
        let definition = self.definition();
        for lost in 0..TRIES {
            let now = self.clock.now();
            let (request, decided, sealing, enrolment) = {
                let snapshot = self.store.snapshot()?;
                let kept = once.map(|once| once.kept(snapshot.as_ref())).transpose()?;
                if let Some(answer) = kept.flatten() {
                    return Ok(answer);
                }
                let mut request = match make(snapshot.as_ref())? {
                    Ok(request) => request,
                    Err(unfounded) => {
                        drop(snapshot);
                        let asked = (&unfounded.actor, &unfounded.command);
                        let known = unfounded.account.as_ref();
                        self.keep_denial(asked, known, known, &unfounded.denial)?;
                        return Ok(refused(None, unfounded.denial));
                    }
                };
                // Bursts are shed before anything else is looked at, and a retry is no new request.
                if lost == 0
                    && let Some(answer) =
                        self.shed(&definition, snapshot.as_ref(), &request, now)?
                {
                    let exists = snapshot.account(&request.account)?.is_some();
                    drop(snapshot);
                    self.keep_refusal(&request, exists, &answer)?;
                    return Ok(answer);
                }
                let drawn = self.draw(&definition, snapshot.as_ref(), &mut request, brought)?;
                let decided = self.decide_on(&definition, snapshot.as_ref(), &request, now)?;
                if decided.decision.events.is_empty() {
                    drop(snapshot);
                    let exists = decided.deciding.revision.is_some();
                    let answer = answer(&request, &decided.decision, &decided.deciding);
                    self.keep_refusal(&request, exists, &answer)?;
                    return Ok(answer);
                }
                let (sealing, enrolment) = match drawn {
                    Some(drawn) => drawn.told(&definition, &request, &decided.decision),
                    None => {
                        let revision = decided.deciding.revision;
                        let id = &request.account;
                        (self.sealing(snapshot.as_ref(), id, revision)?, None)
                    }
                };
                (request, decided, sealing, enrolment)
            };
            let mut answer = answer(&request, &decided.decision, &decided.deciding);
            let remember = once.map(|once| once.keep(&answer, now));
            answer.enrolment = enrolment;
            let key = sealing.key.clone();
            let changes = changes(&definition, request, decided, sealing, now, remember)?;
            let (id, revision) = (changes.account.id.clone(), changes.record.revision);
            let is_news = !changes.timers_armed.is_empty() || !changes.queued.is_empty();
            match self.store.commit(changes) {
                Ok(()) => {
                    self.data_keys.keep(&id, revision, key);
                    if is_news {
                        self.bell.ring();
                    }
                    return Ok(answer);
                }
                Err(CommitError::Conflict) => std::thread::sleep(backoff(lost)),
                Err(CommitError::Busy) => return Err(EngineError::Busy),
                Err(CommitError::Store(error)) => return Err(error.into()),
            }
        }
        Err(EngineError::Contended)
    }

    /// Keeps what an answer says, if it is a denial.
    fn keep_refusal(
        &self,
        request: &Request,
        exists: bool,
        answer: &Answer,
    ) -> Result<(), EngineError> {
        let Outcome::Denied(denial) = &answer.outcome else {
            return Ok(());
        };
        let asked = (&request.actor, &request.command);
        let known = exists.then_some(&request.account);
        self.keep_denial(asked, known, Some(&request.account), denial)
    }

    /// Decides a request and leaves it at that.
    pub(super) fn rehearse(&self, request: &Request) -> Result<Explanation, EngineError> {
        let snapshot = self.store.snapshot()?;
        let now = self.clock.now();
        let decided = self.decide_on(&self.definition(), snapshot.as_ref(), request, now)?;
        let answer = answer(request, &decided.decision, &decided.deciding);
        Ok(Explanation {
            answer,
            events: decided.decision.events,
        })
    }

    /// Decides on a snapshot, reading what the decision turns out to need.
    fn decide_on(
        &self,
        definition: &Definition,
        snapshot: &dyn Snapshot,
        request: &Request,
        now: Timestamp,
    ) -> Result<Decided, EngineError> {
        let account = snapshot.account(&request.account)?;
        let named = attempt_of(&request.command);
        let attempt = named.map(|id| snapshot.attempt(id)).transpose()?.flatten();
        let revision = account.as_ref().map(|account| account.revision);
        let mut view = View {
            key_id: self.keys.current().id(),
            account,
            attempt,
            shared: BTreeMap::new(),
            holders: BTreeMap::new(),
        };
        let mut shared_revisions = BTreeMap::new();
        let seed = self.seed(&request.account, revision.unwrap_or_default())?;
        loop {
            let mut entropy = Entropy::new(seed.0);
            match decide(&definition.bundle, &view, request, now, &mut entropy) {
                Ok(decision) => {
                    let deciding = Deciding {
                        view,
                        revision,
                        shared_revisions,
                        seed,
                    };
                    return Ok(Decided { decision, deciding });
                }
                Err(Need::Shared(key)) => {
                    let shared = snapshot.shared(&key)?;
                    shared_revisions.insert(key.clone(), shared.revision);
                    view.shared.insert(key, shared.cells);
                }
                Err(Need::Holders(claim)) => {
                    let holders = snapshot.holders(&claim)?;
                    view.holders.insert(claim, holders);
                }
            }
        }
    }

    /// What the next record of an account is sealed under: its data key, made now where it has none
    /// yet, and sealed anew where the ring has a newer key.
    pub(super) fn sealing(
        &self,
        snapshot: &dyn Snapshot,
        id: &AccountId,
        at: Option<Revision>,
    ) -> Result<Sealing, EngineError> {
        let (key, is_current) = match self.data_keys.open(snapshot, &self.keys, id, at)? {
            Some(found) => found,
            None => (DataKey::new(&*self.entropy.secret()?, id), false),
        };
        let change = match is_current {
            true => KeyChange::Keep,
            false => {
                let row = key.wrap(&self.keys, id);
                KeyChange::Put(row.map_err(|error| EngineError::Record(error.to_string()))?)
            }
        };
        Ok(Sealing { key, change })
    }

    /// A seed that no other decision has, even where the source of entropy repeats itself: it is
    /// bound to the account and the revision it is used on.
    pub(super) fn seed(&self, id: &AccountId, revision: Revision) -> Result<Digest, EngineError> {
        let mut bytes = self.entropy.seed()?.to_vec();
        bytes.extend(revision.0.to_be_bytes());
        bytes.extend(id.as_str().as_bytes());
        Ok(Digest::of(&bytes))
    }

    /// The answer to a request that a throttle sheds.
    fn shed(
        &self,
        definition: &Definition,
        snapshot: &dyn Snapshot,
        request: &Request,
        now: Timestamp,
    ) -> Result<Option<Answer>, EngineError> {
        let lifecycle = &definition.bundle.lifecycle;
        let Some((transition, principal)) = asked_for(snapshot, request)? else {
            return Ok(None);
        };
        let trigger = lifecycle
            .transitions
            .get(&transition)
            .map(|known| &known.trigger);
        let Some(Trigger::Request { throttles, .. }) = trigger else {
            return Ok(None);
        };
        for name in throttles {
            let Some(throttle) = lifecycle.throttles.get(name) else {
                continue;
            };
            let key = throttle_key(definition, throttle, &principal, now);
            let checked = self
                .throttles
                .check(name, &key, throttle.limit, throttle.per, now);
            if let Err(retry_at) = checked {
                let place = definition.bundle.locate(throttle.span);
                let code = throttle.deny_code.as_deref();
                let denial = throttled(name.as_str(), code, retry_at, place);
                return Ok(Some(refused(Some(request.account.clone()), denial)));
            }
        }
        Ok(None)
    }
}

/// The transition and the principal that a request's throttles are about. Only asking for a
/// transition or another code is limited so; proving has limits of its own.
fn asked_for(
    snapshot: &dyn Snapshot,
    request: &Request,
) -> Result<Option<(TransitionName, Principal)>, EngineError> {
    match (&request.command, &request.actor) {
        (Command::Run { transition, .. }, Actor::Principal(principal)) => {
            Ok(Some((transition.clone(), principal.clone())))
        }
        (Command::Resend { attempt, .. }, _) => {
            let attempt = snapshot.attempt(attempt)?;
            Ok(attempt.map(|attempt| (attempt.transition, attempt.requester)))
        }
        _ => Ok(None),
    }
}

fn throttle_key(
    definition: &Definition,
    throttle: &Throttle,
    principal: &Principal,
    now: Timestamp,
) -> String {
    let slots = &definition.bundle.lifecycle.slots;
    let known = [
        (slots.principal_kind, Val::Text(principal.kind.as_str())),
        (
            slots.principal_account,
            Val::Text(principal.account.as_str()),
        ),
        (slots.principal_name, Val::Text(principal.name.as_str())),
        (slots.now, Val::Time(now)),
    ];
    let last = known.iter().map(|(slot, _)| *slot).max();
    let mut facts = Facts::up_to(last.unwrap_or(slots.now));
    for (slot, value) in known {
        facts.set(slot, value);
    }
    let key = throttle.key.value(&facts).ok().flatten();
    // A key that cannot be told apart is shared: the limit then holds for all of them together.
    key.map(|key| key.text()).unwrap_or_default()
}

/// The answer to a request that is refused without being decided.
pub(super) fn refused(account: Option<AccountId>, denial: Denial) -> Answer {
    let gates = reports_of(&denial);
    let (outcome, revision) = (Outcome::Denied(Box::new(denial)), Revision::default());
    Answer {
        account,
        outcome,
        gates,
        revision,
        enrolment: None,
    }
}

/// The answer to a request that was decided. Whoever did not come as far as being admitted learns
/// neither how often the account has changed, which would tell that there is one, nor whose an
/// attempt is.
fn answer(request: &Request, decision: &Decision, deciding: &Deciding) -> Answer {
    let before = deciding.revision.unwrap_or_default();
    let told = is_admitted(request, decision);
    let asks_by_account = attempt_of(&request.command).is_none();
    Answer {
        account: (told || asks_by_account).then(|| request.account.clone()),
        outcome: decision.outcome.clone(),
        gates: decision.gates.clone(),
        revision: match decision.events.is_empty() {
            _ if !told => Revision::default(),
            true => before,
            false => before.next(),
        },
        enrolment: None,
    }
}

/// Whether the gates that look at who asks were passed.
fn is_admitted(request: &Request, decision: &Decision) -> bool {
    let passed = |report: &GateReport| {
        report.gate == Gate::Caller && matches!(report.status, GateStatus::Passed)
    };
    match (&request.actor, &decision.outcome) {
        (Actor::Principal(_), Outcome::Denied(_)) => decision.gates.iter().any(passed),
        _ => true,
    }
}

/// The attempt that a command names.
pub(super) fn attempt_of(command: &Command) -> Option<&AttemptId> {
    match command {
        Command::Confirm { attempt, .. }
        | Command::Resend { attempt, .. }
        | Command::Cancel { attempt } => Some(attempt),
        Command::Create { .. }
        | Command::Run { .. }
        | Command::Fire { .. }
        | Command::Enrol { .. }
        | Command::Migrate { .. }
        | Command::Erase => None,
    }
}

/// A little longer after every lost race, so that many callers of one account spread out.
pub(super) fn backoff(lost: u32) -> Duration {
    Duration::from_micros(u64::from(lost.min(20)) * 100)
}
