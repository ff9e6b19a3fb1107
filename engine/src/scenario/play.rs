//! Playing a scenario: each step on the real engine, up to the first that goes otherwise than it
//! says.

use std::sync::Arc;

use super::act::{Act, Player};
use super::stage::Stage;
use super::{Home, Scenario, Step, codes, compare};
use crate::account::{Account, Outcome};
use crate::bundle::Bundle;
use crate::diagnostic::Diagnostic;
use crate::engine::QuotaUse;
use crate::name::AccountId;

pub use super::stage::StageError as PlayError;

/// A scenario that was played.
#[derive(Debug)]
pub struct Played {
    /// What was done, in order, as far as it came.
    pub acts: Vec<Act>,
    /// What went otherwise than the scenario says.
    pub findings: Vec<Diagnostic>,
    /// The accounts as they are then.
    pub accounts: Vec<Account>,
}

impl Played {
    /// Whether everything went as the scenario says.
    pub fn is_good(&self) -> bool {
        self.findings.is_empty()
    }
}

/// How an account is, as far as expectations speak of it.
pub(super) struct Seen {
    pub(super) account: Account,
    pub(super) quotas: Vec<QuotaUse>,
}

impl Scenario {
    /// Plays it. What is personal is masked in findings, unless they are to `reveal` it.
    ///
    /// # Errors
    /// When the engine cannot answer: nothing that a scenario says leads to that.
    pub fn play(
        &self,
        bundle: &Arc<Bundle>,
        home: Home,
        reveal: bool,
    ) -> Result<Played, PlayError> {
        let mut play = Play {
            player: Player {
                stage: Stage::new(bundle, self.now, home)?,
            },
            reveal,
            played: Played {
                acts: Vec::with_capacity(self.steps.len()),
                findings: Vec::new(),
                accounts: Vec::new(),
            },
        };
        play.begin(self)?;
        for (index, step) in self.steps.iter().enumerate() {
            if !play.played.is_good() {
                break;
            }
            play.step(index, step)?;
        }
        if play.played.is_good() {
            play.end(self)?;
        }
        for id in play.player.stage.engine()?.accounts(None, usize::MAX)? {
            play.played.accounts.extend(play.player.stage.account(&id)?);
        }
        Ok(play.played)
    }
}

struct Play {
    player: Player,
    reveal: bool,
    played: Played,
}

impl Play {
    fn begin(&mut self, scenario: &Scenario) -> Result<(), PlayError> {
        for given in &scenario.accounts {
            let answer = self.player.stage.create(&given.value)?;
            if let Outcome::Denied(denial) = answer.outcome {
                let says = format!("account `{}` cannot be created", given.value.account);
                let finding = Diagnostic::error(codes::STUCK, given.span, says);
                self.played.findings.push(finding.help(denial.message));
            }
        }
        self.player.stage.happened()?;
        Ok(())
    }

    fn end(&mut self, scenario: &Scenario) -> Result<(), PlayError> {
        for (id, after) in &scenario.then {
            let seen = self.seen(id)?;
            let lifecycle = &self.player.stage.bundle().lifecycle;
            let found = compare::account(lifecycle, self.reveal, after, seen.as_ref());
            let in_the_end = |finding: Diagnostic| Diagnostic {
                message: format!("in the end, {}", finding.message),
                ..finding
            };
            self.played
                .findings
                .extend(found.into_iter().map(in_the_end));
        }
        Ok(())
    }

    /// Does a step as often as it says, or until it goes otherwise.
    fn step(&mut self, index: usize, step: &Step) -> Result<(), PlayError> {
        for time in 1..=step.times {
            if time > 1 {
                self.player.stage.pass(step.every)?;
            }
            let act = match self.player.perform(&step.action)? {
                Ok(act) => act,
                Err(stuck) => {
                    let finding = Diagnostic::error(codes::STUCK, step.span, stuck.says);
                    self.played.findings.push(finding.help(stuck.help));
                    return Ok(());
                }
            };
            let act = Act {
                step: index,
                times: time,
                ..act
            };
            let found = self.compare(step, &act)?;
            let went_wrong = !found.is_empty();
            self.played.findings.extend(found);
            if time > 1 {
                self.played.acts.pop();
            }
            self.played.acts.push(act);
            if went_wrong {
                break;
            }
        }
        Ok(())
    }

    fn compare(&self, step: &Step, act: &Act) -> Result<Vec<Diagnostic>, PlayError> {
        let lifecycle = &self.player.stage.bundle().lifecycle;
        let mut found = compare::answer(lifecycle, self.reveal, step, act);
        if let Some((id, after)) = &step.expect.after {
            let seen = self.seen(id)?;
            found.extend(compare::account(
                lifecycle,
                self.reveal,
                after,
                seen.as_ref(),
            ));
        }
        Ok(found)
    }

    fn seen(&self, id: &AccountId) -> Result<Option<Seen>, PlayError> {
        let Some(account) = self.player.stage.account(id)? else {
            return Ok(None);
        };
        let quotas = self.player.stage.engine()?.quotas(id)?;
        Ok(Some(Seen { account, quotas }))
    }
}
