//! The decision: a pure function of the bundle, what the store knew, the request, an instant and a
//! seed. No clock, no randomness, no I/O: the same inputs give the same bytes.

mod admission;
mod asker;
mod attempt;
mod create;
mod effect;
mod enrol;
mod gates;
mod migrate;
mod principal;
mod proof;
mod scene;
mod send;
mod step;
#[cfg(test)]
mod tests;
mod timer;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::account::{
    Account, Actor, Attempt, ClaimKey, Command, Denial, Event, Gate, GateReport, Outcome, QuotaKey,
    Request,
};
use crate::bundle::Bundle;
use crate::challenge::KeyId;
use crate::entropy::Entropy;
use crate::name::{AccountId, Name};
use crate::policy::Principal;
use crate::quota::{CellChange, Cells};
use crate::situation::Asked;
use crate::time::Timestamp;
use crate::value::Value;
use gates::Gates;
use scene::Scene;

pub use attempt::no_such_attempt;
use gates::denial;
pub use gates::{reports_of, throttled};
pub use timer::NOT_DUE;

/// What the store knew, at one revision.
#[derive(Debug, Clone)]
pub struct View {
    /// Id of the key that codes are derived with; the key itself stays outside.
    pub key_id: KeyId,
    /// The account; `None` where there is none.
    pub account: Option<Arc<Account>>,
    /// The attempt that the request names.
    pub attempt: Option<Attempt>,
    /// Cells of quota keys that accounts share.
    pub shared: BTreeMap<QuotaKey, Cells>,
    /// Who holds the values that only so many may hold.
    pub holders: BTreeMap<ClaimKey, Vec<AccountId>>,
}

/// A fact that the decision turned out to depend on and that the view does not hold. Read it and
/// decide again: which facts matter follows from expressions, so only deciding can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// Cells of a shared quota key.
    Shared(QuotaKey),
    /// The holders of a value.
    Holders(ClaimKey),
}

/// What was decided.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The answer.
    pub outcome: Outcome,
    /// What each gate said.
    pub gates: Vec<GateReport>,
    /// What changes; a denial changes something where a wrong code is counted.
    pub events: Vec<Event>,
    /// The account after the events, where there is one.
    pub account: Option<Arc<Account>>,
    /// Shared quota cells after the events, where they were spent.
    pub shared: BTreeMap<QuotaKey, Cells>,
}

/// Decides a request.
///
/// Total: whatever the request, the answer is a decision, or the one fact that is missing to make it.
///
/// # Errors
/// [`Need`] where the view lacks a fact; with it added, ask again with the same seed.
pub fn decide(
    bundle: &Bundle,
    view: &View,
    request: &Request,
    now: Timestamp,
    entropy: &mut Entropy,
) -> Result<Decision, Need> {
    let mut case = Case {
        bundle,
        view,
        request,
        now,
        entropy,
        account: view.account.clone(),
        shared: BTreeMap::new(),
        events: Vec::new(),
        corrections: Vec::new(),
        gates: Gates::default(),
    };
    let outcome = match case.dispatch() {
        Ok(outcome) => {
            case.look_again();
            outcome
        }
        Err(Stop::Need(need)) => return Err(need),
        Err(Stop::Denied(denial)) => {
            // A refused proof leaves that it was tried, and a timer that waits when it is tried again.
            if !matches!(
                request.command,
                Command::Confirm { .. } | Command::Fire { .. }
            ) {
                case.rollback();
            }
            case.gates.fail(&denial);
            case.correct();
            Outcome::Denied(denial)
        }
    };
    let gates = case.gates.into_reports();
    let (events, account, shared) = (case.events, case.account, case.shared);
    Ok(Decision {
        outcome,
        gates,
        events,
        account,
        shared,
    })
}

/// The account, if a principal may read it: the lifecycle's `read` permission, decided by policies.
///
/// # Errors
/// The denial; to whoever may not read, an account that is not there looks like one that is.
pub fn may_read(
    bundle: &Bundle,
    account: Option<Arc<Account>>,
    reader: &Principal,
    context: &BTreeMap<Name, Value>,
    now: Timestamp,
) -> Result<Arc<Account>, Box<Denial>> {
    let Some(access) = &bundle.lifecycle.read else {
        let message = "the lifecycle declares no permission to read";
        return Err(Box::new(denial(Gate::Policy, "D0003", message)));
    };
    let nothing = BTreeMap::new();
    let asked = Asked {
        principal: Some(reader),
        context,
        inputs: &nothing,
    };
    let scene = Scene::new(bundle, account.as_deref(), asked, now);
    let allowed = principal::ask_policies(bundle, access, &scene);
    match (allowed, account) {
        (Ok(_), Some(account)) => Ok(account),
        (Err(_), Some(_)) => may_read(bundle, None, reader, context, now),
        (Err(refused), None) => Err(refused.denial),
        (Ok(_), None) => Err(Box::new(denial(
            Gate::State,
            "D0011",
            "there is no such account",
        ))),
    }
}

/// Why deciding stops before its end.
enum Stop {
    /// The request is refused.
    Denied(Box<Denial>),
    /// The view lacks a fact.
    Need(Need),
}

impl From<Denial> for Stop {
    fn from(denial: Denial) -> Self {
        Self::Denied(Box::new(denial))
    }
}

impl From<Box<Denial>> for Stop {
    fn from(denial: Box<Denial>) -> Self {
        Self::Denied(denial)
    }
}

/// One request on its way through the gates.
struct Case<'a> {
    bundle: &'a Bundle,
    view: &'a View,
    request: &'a Request,
    now: Timestamp,
    entropy: &'a mut Entropy,
    /// The account as the events so far leave it.
    account: Option<Arc<Account>>,
    /// Shared cells as the events so far leave them.
    shared: BTreeMap<QuotaKey, Cells>,
    events: Vec<Event>,
    /// Cells that were dated by a clock that was wrong; put right even where they refuse.
    corrections: Vec<(QuotaKey, CellChange)>,
    gates: Gates,
}

impl<'a> Case<'a> {
    fn dispatch(&mut self) -> Result<Outcome, Stop> {
        let request = self.request;
        match (&request.command, &request.actor) {
            (Command::Create { attributes, states }, Actor::Owner) => {
                self.create(attributes, states)
            }
            (
                Command::Run {
                    transition,
                    inputs,
                    acknowledged,
                    prefer,
                },
                Actor::Principal(asker),
            ) => {
                let choice = attempt::Choice {
                    acknowledged,
                    prefer: prefer.as_ref(),
                };
                self.run(asker, transition, inputs, &choice)
            }
            (Command::Confirm { attempt, proof }, actor) => self.confirm(actor, attempt, proof),
            (Command::Resend { attempt, prefer }, actor) => {
                self.resend(actor, attempt, prefer.as_ref())
            }
            (Command::Cancel { attempt }, actor) => self.cancel(actor, attempt),
            (Command::Fire { timer }, Actor::System) => self.fire(timer),
            (
                Command::Migrate {
                    states,
                    void,
                    released,
                },
                Actor::Owner,
            ) => self.migrate(states, void, released),
            (
                Command::Enrol {
                    authenticator,
                    replace,
                },
                Actor::Owner,
            ) => self.enrol(authenticator, *replace),
            // These commands are open to one kind of actor only; and erasing is no decision: nobody
            // is asked whether it may be.
            (
                Command::Create { .. }
                | Command::Run { .. }
                | Command::Fire { .. }
                | Command::Enrol { .. }
                | Command::Migrate { .. }
                | Command::Erase,
                _,
            ) => {
                let message = "this kind of actor cannot ask for this";
                Err(denial(Gate::Caller, "D0004", message).into())
            }
        }
    }

    /// Records an event and brings the working account up to date with it.
    fn emit(&mut self, event: Event) -> Result<(), Stop> {
        if let Some(account) = &mut self.account {
            let account = Arc::make_mut(account);
            account.apply(&event, self.now).map_err(|error| {
                denial(
                    Gate::State,
                    "D0010",
                    format!("the stored account does not fit: {error}"),
                )
            })?;
        }
        self.events.push(event);
        Ok(())
    }

    /// Keeps what a refusing quota had to correct, lest its wait begin anew at every look.
    fn correct(&mut self) {
        for (key, change) in std::mem::take(&mut self.corrections) {
            // Cells that cannot be corrected stay as they are; the request is refused either way.
            let _ = self.spend_cell(key, change);
        }
    }

    /// What there is to be seen while somebody asks about an account, or nobody does.
    fn scene<'f>(&self, account: Option<&'f Account>, asked: Asked<'f>) -> Scene<'f>
    where
        'a: 'f,
    {
        Scene::new(self.bundle, account, asked, self.now)
    }

    /// The account, for steps that come after its existence was established.
    fn existing(&self) -> Result<&Arc<Account>, Stop> {
        match &self.account {
            Some(account) if account.erased_at.is_some() => Err(self.was_erased().into()),
            Some(account) => Ok(account),
            None => Err(self.no_such_account().into()),
        }
    }

    fn was_erased(&self) -> Denial {
        let message = format!("account `{}` was erased", self.request.account);
        denial(Gate::State, "D0013", message)
    }

    fn no_such_account(&self) -> Denial {
        let message = format!("there is no account `{}`", self.request.account);
        denial(Gate::State, "D0011", message)
    }
}
