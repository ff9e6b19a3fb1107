//! Scenarios: accounts, what is done with them step by step, and what is expected to come of it.
//!
//! A file of `workflows/<lifecycle>/scenarios/` is one scenario. It is played on the real engine, over
//! a store that is thrown away, with a clock that moves only when a step lets time pass and codes that
//! are read from the messages that carry them. So it says the same at every run.
//!
//! - [`load`] reads a file; every name in it must mean something to the bundle.
//! - [`Scenario::play`] plays it, up to the first step that goes otherwise than it says.
//! - [`Draft::write`] makes one of a path, such as a counterexample: what the path leaves open is made
//!   up.
//! - [`generate`] makes as many as it takes to have made every transition of a lifecycle once.

mod act;
pub mod codes;
mod compare;
mod draft;
mod files;
mod generate;
mod load;
mod play;
mod sample;
mod stage;
mod syntax;
#[cfg(test)]
mod tests;
mod way;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

pub use act::Act;
pub use draft::{By, Deed, Draft, Drafted, Start};
pub use files::{folder, read_folder};
pub use generate::{GenerateError, Generated, Suite, generate};
pub use load::load;
pub use play::{PlayError, Played};
pub use stage::{Home, Sent};
pub use syntax::{
    AccountForm, CodeWord, ExpectForm, GivenForm, OutcomeWord, PrincipalForm, ScenarioForm,
    SentForm, StepForm, ThenForm, schema,
};
pub use write::Notes;

use crate::account::Gate;
use crate::engine::{Create, Run};
use crate::lifecycle::model::Channel;
use crate::name::{AccountId, Name, TransitionName};
use crate::policy::Principal;
use crate::source::{FileId, Span};
use crate::time::Timestamp;
use crate::value::Value;

/// When a scenario begins that does not say when: on a Monday morning.
pub const BEGINNING: Timestamp = Timestamp::from_ms(1_767_600_000_000);

/// A checked scenario.
#[derive(Debug)]
pub struct Scenario {
    /// Its file.
    pub file: FileId,
    /// What it shows.
    pub about: Option<Arc<str>>,
    /// When it begins.
    pub now: Timestamp,
    /// The accounts that there are before the first step, each with the place where it is written.
    pub accounts: Vec<Said<Create>>,
    /// What happens, in order.
    pub steps: Vec<Step>,
    /// What is expected of accounts in the end.
    pub then: BTreeMap<AccountId, After>,
}

/// Something with the place where it is written.
#[derive(Debug, Clone)]
pub struct Said<T> {
    /// What is said.
    pub value: T,
    /// Where.
    pub span: Span,
}

/// One thing that is done, and what is expected to come of it.
#[derive(Debug)]
pub struct Step {
    /// What it shows.
    pub about: Option<Arc<str>>,
    /// What is done.
    pub action: Action,
    /// How often.
    pub times: u32,
    /// The time that passes before each time but the first.
    pub every: Duration,
    /// What is expected to come of it.
    pub expect: Expect,
    /// Where it says what is done.
    pub span: Span,
}

/// What is done.
#[derive(Debug)]
pub enum Action {
    /// A principal asks for a transition.
    Run(Box<Run>),
    /// A principal asks what would come of it.
    Rehearse(Box<Run>),
    /// Somebody proves what an attempt waits for.
    Confirm {
        /// Whose proof is presented.
        verification: Name,
        /// In place of the code that was sent last.
        with: Option<CodeWord>,
        /// What the session of whoever approves tells of itself, as text.
        context: BTreeMap<String, String>,
        /// Which attempt, and by whom.
        attempt: Pick,
    },
    /// Somebody has the code sent again.
    Resend {
        /// The verification to use where there is a choice.
        prefer: Option<Name>,
        /// Which attempt, and by whom.
        attempt: Pick,
    },
    /// Somebody gives the attempt up.
    Cancel(Pick),
    /// The store's owner creates an account.
    Create(Box<Create>),
    /// Time passes.
    Wait(Duration),
    /// The engine ends and another one starts.
    Restart,
}

/// An attempt that a step moves on, and who does it.
#[derive(Debug, Clone)]
pub struct Pick {
    /// The account; otherwise that of the attempt that was moved last.
    pub account: Option<AccountId>,
    /// The transition; otherwise that of the attempt that was moved last.
    pub transition: Option<TransitionName>,
    /// Who does it; otherwise whoever asked for it.
    pub who: Option<Principal>,
}

/// What is expected to come of a step. What is not said is not compared.
#[derive(Debug, Default)]
pub struct Expect {
    /// How it is answered.
    pub outcome: Option<Said<OutcomeWord>>,
    /// The verification that is waited for next.
    pub waits_for: Option<Said<Name>>,
    /// The gate that refuses it.
    pub denied: Option<Said<Gate>>,
    /// The code of the denial.
    pub code: Option<Said<String>>,
    /// The transitions that are made, in order.
    pub fires: Option<Said<Vec<TransitionName>>>,
    /// The messages that are sent, in any order.
    pub sent: Option<Said<Vec<Notice>>>,
    /// The overdue transitions that are reminded of.
    pub reminded: Option<Said<Vec<TransitionName>>>,
    /// The transitions whose attempts lapse.
    pub lapsed: Option<Said<Vec<TransitionName>>>,
    /// How an account is then.
    pub after: Option<(AccountId, After)>,
}

/// A message that is expected.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Which one.
    pub message: Name,
    /// How it travels.
    pub by: Option<Channel>,
    /// The address.
    pub to: Option<String>,
    /// What it says.
    pub text: Option<String>,
}

/// How an account is expected to be.
#[derive(Debug, Default)]
pub struct After {
    /// Its states, by workflow.
    pub states: BTreeMap<Name, Said<Name>>,
    /// Its attributes; `None` is one that it lacks.
    pub attributes: BTreeMap<Name, Said<Option<Value>>>,
    /// The transitions that it owes.
    pub owed: Option<Said<Vec<TransitionName>>>,
    /// The transitions that have an open attempt.
    pub attempts: Option<Said<Vec<TransitionName>>>,
    /// How much of its quotas it has used.
    pub used: BTreeMap<Name, Said<u32>>,
}
