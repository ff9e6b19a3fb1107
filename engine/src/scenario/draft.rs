//! Drafts: a path through a lifecycle, written down as a scenario that plays.
//!
//! Whoever finds a path knows the transitions, and perhaps who asks for them and with what. A scenario
//! needs all of it, so what is not known is tried on a real engine until it is answered, and what comes
//! of each step becomes what the scenario expects of it.

mod asking;
mod makeup;
mod telling;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use asking::{Inputs, named};
use makeup::Makeup;

use super::act::{Act, Player};
use super::play::PlayError;
use super::stage::{Home, Stage};
use super::syntax::{PrincipalForm, ScenarioForm, StepForm};
use super::write::Notes;
use super::{Action, BEGINNING, Pick};
use crate::account::{Account, Answer, Outcome, Timer};
use crate::bundle::Bundle;
use crate::engine::Create;
use crate::lifecycle::model::{Method, Transition, Trigger};
use crate::lifecycle::syntax::Period;
use crate::name::{AccountId, Name, TransitionName};
use crate::policy::Principal;
use crate::time::Timestamp;
use crate::value::Value;

/// The id of an account that nobody named.
const SOME_ACCOUNT: &str = "1001";

/// A path through a lifecycle, as far as it is known.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// What it shows, in one line.
    pub about: String,
    /// What is said above it.
    pub heading: Vec<String>,
    /// When it begins; otherwise on some Monday.
    pub now: Option<Timestamp>,
    /// The account that it is about.
    pub account: Start,
    /// What is done, in order.
    pub steps: Vec<Deed>,
}

/// An account at the beginning of a path. What is not known is made up.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// Its id.
    pub id: Option<AccountId>,
    /// Its attributes; `None` for one that it lacks.
    pub attributes: BTreeMap<Name, Option<Value>>,
    /// Attributes that it has, with whatever value.
    pub has: BTreeSet<Name>,
    /// Its states, by workflow; initial ones where left out.
    pub states: BTreeMap<Name, Name>,
}

/// A transition on a path. Time passes until one happens that is due; one that is triggered has
/// happened with the one that triggers it.
#[derive(Debug, Clone)]
pub struct Deed {
    /// Which.
    pub transition: TransitionName,
    /// Who asks for it, whoever is answered first; where it is empty, anybody.
    pub by: Vec<By>,
    /// What the request brings, as far as it is known.
    pub inputs: BTreeMap<Name, Value>,
    /// The verification to use, where there is a choice.
    pub prefer: Option<Name>,
    /// What is said above it.
    pub notes: Vec<String>,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// A principal.
    Principal(Box<Principal>),
    /// The owner of the account, of a kind that owns accounts.
    Owner(Name),
    /// Whoever is answered: those who are listed, the account's owners, and whoever is like one that
    /// is listed and belongs to the account.
    Anybody,
}

impl Deed {
    /// A transition that anybody asks for, with anything.
    pub fn new(transition: TransitionName) -> Self {
        Self {
            transition,
            by: Vec::new(),
            inputs: BTreeMap::new(),
            prefer: None,
            notes: Vec::new(),
        }
    }
}

/// A draft that was played and written down, as far as it came.
#[derive(Debug)]
pub struct Drafted {
    /// The scenario.
    pub form: ScenarioForm,
    /// What is said beside it.
    pub notes: Notes,
    /// Every transition that was made.
    pub made: Vec<TransitionName>,
    /// The account as it is then.
    pub account: Option<Account>,
    /// How many of the draft's steps it has.
    pub reached: usize,
    /// What keeps the next one from being made.
    pub stuck: Option<String>,
}

impl Drafted {
    /// The text of a file, which plays.
    pub fn text(&self) -> String {
        self.form.text(&self.notes)
    }
}

impl Draft {
    /// Plays the draft, making up what it leaves open, and writes down what came of it.
    ///
    /// The answer is the same at every call. It is there also for a path that cannot be played to its
    /// end, such as one that rests on what is not known of the account: it has the steps before
    /// [`stuck`](Drafted::stuck), which its text says in a comment.
    ///
    /// # Errors
    /// When the engine cannot answer at all.
    pub fn write(&self, bundle: &Arc<Bundle>) -> Result<Drafted, PlayError> {
        let mut best = self.rehearse(bundle, Makeup::PLAIN)?;
        for makeup in Makeup::OTHERS {
            if best.stuck.is_none() {
                break;
            }
            let other = self.rehearse(bundle, makeup)?;
            if other.reached > best.reached {
                best = other;
            }
        }
        Ok(best)
    }

    fn rehearse(&self, bundle: &Arc<Bundle>, makeup: Makeup) -> Result<Drafted, PlayError> {
        let mut rehearsal = Rehearsal::new(self, bundle, makeup)?;
        let mut reached = 0;
        let mut stuck = rehearsal.create()?;
        for deed in &self.steps {
            if stuck.is_some() {
                break;
            }
            stuck = rehearsal.deed(deed)?;
            reached += usize::from(stuck.is_none());
        }
        rehearsal.finish(self, reached, stuck)
    }
}

/// A draft while it is played.
struct Rehearsal<'d> {
    bundle: &'d Arc<Bundle>,
    player: Player,
    account: AccountId,
    form: ScenarioForm,
    notes: Notes,
    made: Vec<TransitionName>,
}

/// Why a deed cannot be done, if it cannot.
type Obstacle = Option<String>;

impl<'d> Rehearsal<'d> {
    fn new(draft: &Draft, bundle: &'d Arc<Bundle>, makeup: Makeup) -> Result<Self, PlayError> {
        let now = draft.now.unwrap_or(BEGINNING);
        let account = match &draft.account.id {
            Some(id) => id.clone(),
            None => SOME_ACCOUNT.parse()?,
        };
        let mut rehearsal = Self {
            bundle,
            player: Player {
                stage: Stage::new(bundle, now, Home::Memory)?,
            },
            account,
            form: ScenarioForm {
                about: Some(draft.about.clone()).filter(|about| !about.is_empty()),
                ..ScenarioForm::default()
            },
            notes: Notes {
                heading: draft.heading.clone(),
                steps: Vec::new(),
            },
            made: Vec::new(),
        };
        rehearsal.form.given.now = Some(now.to_string());
        let start = rehearsal.start(&draft.account, makeup);
        let id = rehearsal.account.clone();
        rehearsal.form.given.accounts.insert(id, start);
        Ok(rehearsal)
    }

    fn create(&mut self) -> Result<Obstacle, PlayError> {
        let Some(form) = self.form.given.accounts.get(&self.account) else {
            return Ok(None);
        };
        let pairs = form.attributes.iter();
        let attributes = pairs.map(|(name, text)| (name.to_string(), text.0.clone()));
        let create = Create {
            states: form.states.clone(),
            ..Create::new(self.account.clone(), attributes.collect())
        };
        let answer = self.player.stage.create(&create)?;
        self.player.stage.happened()?;
        Ok(refusal(&answer).map(|why| format!("the account cannot be created: {why}")))
    }

    fn deed(&mut self, deed: &Deed) -> Result<Obstacle, PlayError> {
        let bundle = self.bundle.clone();
        let Some(transition) = bundle.lifecycle.transitions.get(&deed.transition) else {
            return Ok(Some(format!(
                "there is no transition `{}`",
                deed.transition
            )));
        };
        match &transition.trigger {
            Trigger::Request { .. } => self.request(deed, transition),
            Trigger::After(_) => self.wait_for(deed),
            Trigger::TriggeredBy(_) => Ok((!self.made.contains(&deed.transition))
                .then(|| format!("`{}` was not triggered", deed.transition))),
        }
    }

    fn request(&mut self, deed: &Deed, transition: &Transition) -> Result<Obstacle, PlayError> {
        let run = match self.answerable(deed, transition)? {
            Ok(run) => run,
            Err(why) => return Ok(Some(why)),
        };
        let asker = run.principal.clone();
        let form = self.told_run(&run);
        let step = self.does(form, &Action::Run(Box::new(run)), &deed.notes)?;
        let mut answer = match step {
            Ok(answer) => answer,
            Err(why) => return Ok(Some(why)),
        };
        // One proof after another, at most as many as there are steps.
        for _ in &transition.verify {
            let Outcome::Pending { waiting, .. } = &answer.outcome else {
                break;
            };
            let proof = waiting.verification.clone();
            answer = match self.prove(&proof, &asker)? {
                Ok(answer) => answer,
                Err(why) => return Ok(Some(why)),
            };
        }
        Ok(match answer.outcome {
            Outcome::Applied { .. } => None,
            _ => Some(format!("`{}` waits for more than it says", deed.transition)),
        })
    }

    fn prove(
        &mut self,
        proof: &Name,
        asker: &Principal,
    ) -> Result<Result<Answer, String>, PlayError> {
        let bundle = self.bundle.clone();
        let method = bundle.lifecycle.verifications.get(proof);
        let is_approval =
            method.is_some_and(|known| matches!(known.method, Method::Approval { .. }));
        if !is_approval {
            return self.confirms(proof, None, &Inputs::new());
        }
        let mut why = format!("nobody can approve `{proof}`");
        for approver in self.anybody() {
            if approver.name == asker.name {
                continue;
            }
            for context in self.contexts() {
                match self.confirms(proof, Some(&approver), &context)? {
                    Ok(answer) => return Ok(Ok(answer)),
                    Err(refused) => why = refused,
                }
            }
        }
        Ok(Err(why))
    }

    fn confirms(
        &mut self,
        proof: &Name,
        who: Option<&Principal>,
        context: &Inputs,
    ) -> Result<Result<Answer, String>, PlayError> {
        let form = StepForm {
            confirm: Some(proof.clone()),
            who: who.map(|who| who.name.to_string()),
            context: named(context),
            ..StepForm::default()
        };
        let confirm = Action::Confirm {
            verification: proof.clone(),
            with: None,
            context: context.clone(),
            attempt: Pick {
                account: None,
                transition: None,
                who: who.cloned(),
            },
        };
        let answered = self.does(form, &confirm, &[])?;
        if let (Ok(_), Some(who)) = (&answered, who) {
            self.introduce(who);
        }
        Ok(answered)
    }

    /// Lets time pass until a transition is due.
    fn wait_for(&mut self, deed: &Deed) -> Result<Obstacle, PlayError> {
        let account = self.seen()?;
        let timer = Timer::After(deed.transition.clone());
        let due = account
            .as_ref()
            .and_then(|it| it.timers.get(&timer).copied());
        let Some(due) = due else {
            return Ok(Some(format!(
                "`{}` is not going to be due",
                deed.transition
            )));
        };
        let before = self.made.len();
        self.waits(due, &deed.notes)?;
        let since = self.made.get(before..).unwrap_or_default();
        let is_made = since.contains(&deed.transition);
        Ok((!is_made).then(|| format!("`{}` is due, and is not made", deed.transition)))
    }

    /// Lets time pass until an instant.
    fn waits(&mut self, until: Timestamp, notes: &[String]) -> Result<(), PlayError> {
        let time = until.since(self.player.stage.now());
        let form = StepForm {
            wait: Some(Period(time)),
            ..StepForm::default()
        };
        self.does(form, &Action::Wait(time), notes)?.ok();
        Ok(())
    }

    /// Does something and writes it down, unless it is refused.
    fn does(
        &mut self,
        mut form: StepForm,
        action: &Action,
        notes: &[String],
    ) -> Result<Result<Answer, String>, PlayError> {
        let act: Act = match self.player.perform(action)? {
            Ok(act) => act,
            Err(stuck) => return Ok(Err(stuck.says)),
        };
        if let Some(why) = act.answer.as_ref().and_then(refusal) {
            return Ok(Err(why));
        }
        self.made
            .extend(act.moves().into_iter().map(|moved| moved.transition));
        form.expect = telling::expected(&act);
        self.form.steps.push(form);
        self.notes.steps.push(notes.to_vec());
        let nothing = || "nothing answers".to_owned();
        Ok(act.answer.ok_or_else(nothing))
    }

    fn seen(&self) -> Result<Option<Account>, PlayError> {
        self.player.stage.account(&self.account)
    }

    /// Lists a principal that `principals.yaml` does not.
    fn introduce(&mut self, who: &Principal) {
        let known = self.bundle.principals.resolve(who.name.as_str());
        if known.is_ok_and(|known| known == *who) {
            return;
        }
        let texts = |names: &[Arc<str>]| names.iter().map(ToString::to_string).collect();
        let form = PrincipalForm {
            account: who.account.to_string(),
            policies: texts(&who.policies),
            groups: Vec::new(),
            session: who.session.as_deref().map(texts),
        };
        let principals = &mut self.form.given.principals;
        principals.insert(who.name.to_string(), form);
    }

    fn finish(
        mut self,
        draft: &Draft,
        reached: usize,
        stuck: Obstacle,
    ) -> Result<Drafted, PlayError> {
        if let Some(why) = &stuck {
            let next = draft.steps.get(reached).map(|deed| &deed.transition);
            let next = next.map_or_else(String::new, |next| format!(" before `{next}`"));
            self.notes.heading.push(format!("It ends{next}: {why}"));
        }
        let account = self.seen()?;
        if let Some(account) = &account {
            let given = self.form.given.accounts.get(&self.account);
            let then = telling::then(self.bundle, given, account);
            self.form
                .then
                .extend(then.map(|then| (self.account.clone(), then)));
        }
        Ok(Drafted {
            form: self.form,
            notes: self.notes,
            made: self.made,
            account,
            reached,
            stuck,
        })
    }
}

/// Why something was refused, if it was.
fn refusal(answer: &Answer) -> Option<String> {
    match &answer.outcome {
        Outcome::Denied(denial) => {
            let gate = denial.gate.name();
            Some(format!("denied by the {gate} gate: {}", denial.message))
        }
        Outcome::Applied { .. } | Outcome::Pending { .. } => None,
    }
}
