//! Doing what a step says, on the real engine.

use std::collections::{BTreeMap, BTreeSet};

use super::play::PlayError;
use super::stage::{Attempted, Happened, Open, Sent, Stage};
use super::{Action, CodeWord, Pick};
use crate::account::{Answer, Event, Move, Outcome};
use crate::courier::SecretText;
use crate::engine::{Cancel, Confirm, Presented, Resend, Run};
use crate::lifecycle::model::Method;
use crate::name::{AccountId, Name};
use crate::policy::Principal;
use crate::time::Timestamp;

/// A step that was done.
#[derive(Debug)]
pub struct Act {
    /// Which one, from 0.
    pub step: usize,
    /// When it ended.
    pub at: Timestamp,
    /// How often it was done.
    pub times: u32,
    /// The account that it was about.
    pub account: Option<AccountId>,
    /// Who did it.
    pub who: Option<Principal>,
    /// How the engine answered, the last time; nothing, where it was not asked.
    pub answer: Option<Answer>,
    /// What changed, the last time.
    pub events: Vec<(AccountId, Event)>,
    /// The messages that were sent, the last time.
    pub sent: Vec<Sent>,
}

impl Act {
    /// The states that changed, in order; of what was only rehearsed, those that would.
    pub fn moves(&self) -> Vec<Move> {
        match self.answer.as_ref().map(|answer| &answer.outcome) {
            Some(Outcome::Applied { moves }) => moves.clone(),
            Some(_) => Vec::new(),
            None => {
                let moved = self.events.iter().filter_map(|(_, event)| match event {
                    Event::Moved {
                        transition,
                        from,
                        to,
                    } => Some(Move {
                        transition: transition.clone(),
                        from: from.clone(),
                        to: to.clone(),
                    }),
                    _ => None,
                });
                moved.collect()
            }
        }
    }
}

/// What keeps a step from being done: the words, and what to do about it.
pub(super) struct Stuck {
    pub(super) says: String,
    pub(super) help: &'static str,
}

/// What a step did.
struct Done {
    account: Option<AccountId>,
    who: Option<Principal>,
    answer: Option<Answer>,
    /// The attempt that it was about.
    attempted: Option<Attempted>,
}

/// Whoever does what steps say.
pub(super) struct Player {
    pub(super) stage: Stage,
}

impl Player {
    /// Does one thing, and tells what came of it.
    pub(super) fn perform(&mut self, action: &Action) -> Result<Result<Act, Stuck>, PlayError> {
        let done = match self.act(action)? {
            Ok(done) => done,
            Err(stuck) => return Ok(Err(stuck)),
        };
        let Happened { events, sent } = self.stage.happened()?;
        if let (Some(attempted), Some(who), Some(answer)) =
            (done.attempted, &done.who, &done.answer)
        {
            self.stage.follow(attempted, who, answer, &sent)?;
        }
        Ok(Ok(Act {
            step: 0,
            at: self.stage.now(),
            times: 1,
            account: done.account,
            who: done.who,
            answer: done.answer,
            events,
            sent,
        }))
    }

    fn act(&mut self, action: &Action) -> Result<Result<Done, Stuck>, PlayError> {
        Ok(match action {
            Action::Run(run) => {
                let answer = self.stage.engine()?.run(run)?;
                let attempted = (run.account.clone(), run.transition.clone());
                Ok(Done::asked(run, answer, Some(attempted)))
            }
            Action::Rehearse(run) => {
                let answer = self.stage.engine()?.explain(run)?.answer;
                Ok(Done::asked(run, answer, None))
            }
            Action::Confirm {
                verification,
                with,
                context,
                attempt,
            } => self.confirm((verification, *with, context), attempt)?,
            Action::Resend { prefer, attempt } => {
                let prefer = prefer.clone();
                self.on_attempt(attempt, |stage, open, by| {
                    let resend = Resend {
                        attempt: open.id.clone(),
                        by,
                        prefer,
                        key: None,
                    };
                    Ok(stage.engine()?.resend(&resend)?)
                })?
            }
            Action::Cancel(attempt) => self.on_attempt(attempt, |stage, open, by| {
                let cancel = Cancel {
                    attempt: open.id.clone(),
                    by,
                    key: None,
                };
                Ok(stage.engine()?.cancel(&cancel)?)
            })?,
            Action::Create(create) => Ok(Done {
                account: Some(create.account.clone()),
                who: None,
                answer: Some(self.stage.create(create)?),
                attempted: None,
            }),
            Action::Wait(time) => {
                self.stage.pass(*time)?;
                Ok(Done::nothing())
            }
            Action::Restart => {
                self.stage.restart()?;
                Ok(Done::nothing())
            }
        })
    }

    fn confirm(
        &mut self,
        (verification, with, context): (&Name, Option<CodeWord>, &BTreeMap<String, String>),
        pick: &Pick,
    ) -> Result<Result<Done, Stuck>, PlayError> {
        let Some(((account, _), open)) = self.picked(pick) else {
            return Ok(Err(no_attempt(pick)));
        };
        let method = self
            .stage
            .bundle()
            .lifecycle
            .verifications
            .get(verification);
        let proof = match method.map(|it| &it.method) {
            Some(Method::Acknowledge { .. }) => {
                Presented::Acknowledge(BTreeSet::from([verification.clone()]))
            }
            Some(Method::Approval { .. }) => Presented::Approve {
                context: context.clone(),
            },
            Some(Method::Code { .. } | Method::Totp { .. }) | None => {
                let of = |back| {
                    let sent = open.code(verification, back).map(str::to_owned);
                    sent.or_else(|| self.stage.app_code(&account, verification, back))
                };
                let code = match with {
                    Some(CodeWord::Wrong) => Some(self.stage.wrong_code(open)?.to_owned()),
                    Some(CodeWord::Previous) => of(1),
                    None => of(0),
                };
                let Some(code) = code else {
                    let says = format!("no code was sent for `{verification}`");
                    let help =
                        "the attempt waits for another proof, or its code was sent once only";
                    return Ok(Err(Stuck { says, help }));
                };
                Presented::Code(SecretText::new(code))
            }
        };
        self.on_attempt(pick, |stage, open, by| {
            let confirm = Confirm {
                attempt: open.id.clone(),
                by,
                proof,
                key: None,
            };
            Ok(stage.engine()?.confirm(&confirm)?)
        })
    }

    /// Moves an attempt on, in the name of whoever asked for it unless somebody else is said to.
    fn on_attempt(
        &mut self,
        pick: &Pick,
        act: impl FnOnce(&Stage, &Open, Option<Principal>) -> Result<Answer, PlayError>,
    ) -> Result<Result<Done, Stuck>, PlayError> {
        let Some((attempted, open)) = self.picked(pick) else {
            return Ok(Err(no_attempt(pick)));
        };
        let who = pick.who.as_ref().unwrap_or(&open.by);
        let answer = act(&self.stage, open, Some(who.clone()))?;
        let done = Done {
            account: Some(attempted.0.clone()),
            who: Some(who.clone()),
            answer: Some(answer),
            attempted: Some(attempted.clone()),
        };
        self.stage.last = Some(attempted);
        Ok(Ok(done))
    }

    /// The attempt that a step is about.
    fn picked(&self, pick: &Pick) -> Option<(Attempted, &Open)> {
        let last = self.stage.last.as_ref();
        let fits = |(account, transition): &Attempted| {
            pick.account.as_ref().is_none_or(|it| it == account)
                && pick.transition.as_ref().is_none_or(|it| it == transition)
        };
        let key = last.filter(|last| fits(last));
        let key = key.or_else(|| self.stage.attempts.keys().find(|key| fits(key)))?;
        Some((key.clone(), self.stage.attempts.get(key)?))
    }
}

fn no_attempt(pick: &Pick) -> Stuck {
    let of = pick.transition.as_ref();
    let of = of.map_or_else(String::new, |of| format!(" of `{of}`"));
    Stuck {
        says: format!("no step before this one opened an attempt{of}"),
        help: "an attempt is open after a step that is answered by waiting for a proof",
    }
}

impl Done {
    fn asked(run: &Run, answer: Answer, attempted: Option<Attempted>) -> Self {
        Self {
            account: Some(run.account.clone()),
            who: Some(run.principal.clone()),
            answer: Some(answer),
            attempted,
        }
    }

    fn nothing() -> Self {
        Self {
            account: None,
            who: None,
            answer: None,
            attempted: None,
        }
    }
}
