//! Decisions, as scripts read them.

use schemars::JsonSchema;
use serde::Serialize;
use stateward::account::{
    Answer, Denial as Refusal, Enrolment, GateReport, GateStatus, Outcome, Revision,
};
use stateward::name::{AccountId, Name, TransitionName};
use stateward::time::Timestamp;

use super::Document;
use super::change::Change;
use super::denial::{AccessDenied, Denial};
use super::plan::PlanBody;
use super::policy::help::HelpLine;
use super::policy::why::{ClauseLine, PolicyTrace};

/// `stateward/run/v1`: the decision on a request, and of everything that moves an attempt on.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DecisionDocument {
    /// `applied`, `pending` or `denied`.
    pub decision: &'static str,
    /// The account, where one is known.
    pub account: Option<String>,
    /// The transition that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transition: Option<String>,
    /// The attempt that waits, or that this was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<String>,
    /// What the attempt waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// The states that were left and entered.
    pub moves: Vec<Move>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denial: Option<Denial>,
    /// Why policies refused, in the words of RAM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_denied_detail: Option<AccessDenied>,
    /// What would lead to what was asked for, where the account's state or a condition stands in the
    /// way, as far as whoever asks may know the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanBody>,
    /// What each gate said.
    pub gates: Vec<Gate>,
    /// The account's revision after the decision.
    pub revision: u64,
    /// The instant that people are told times relative to.
    #[serde(skip)]
    pub now: Timestamp,
    /// Whether people are spared the gates: the store's owner passes them all.
    #[serde(skip)]
    pub brief: bool,
}

impl Document for DecisionDocument {
    const SCHEMA: &'static str = "stateward/run/v1";
}

/// What a decision was about, as far as the answer does not say it.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// The transition.
    pub transition: Option<TransitionName>,
    /// The attempt.
    pub attempt: Option<String>,
    /// The kind of the principal that asked.
    pub principal_kind: Option<String>,
    /// The permission that the transition asks for.
    pub permission: Option<String>,
    /// Whether it was the store's owner who asked.
    pub by_owner: bool,
}

impl DecisionDocument {
    /// An answer, with what it was about.
    pub fn new(answer: &Answer, about: About, now: Timestamp) -> Self {
        let mut document = Self {
            decision: "applied",
            account: answer.account.as_ref().map(ToString::to_string),
            transition: about.transition.as_ref().map(ToString::to_string),
            attempt: about.attempt.clone(),
            waiting: None,
            moves: Vec::new(),
            denial: None,
            access_denied_detail: None,
            plan: None,
            gates: answer.gates.iter().map(Gate::from).collect(),
            revision: answer.revision.0,
            now,
            brief: about.by_owner,
        };
        match &answer.outcome {
            Outcome::Applied { moves } => {
                document.moves = moves.iter().map(Move::from).collect();
            }
            Outcome::Pending { attempt, waiting } => {
                document.decision = "pending";
                document.attempt = Some(attempt.to_string());
                let waiting = Waiting::from(waiting.as_ref());
                document.waiting = Some(waiting.enrolling(answer.enrolment.as_ref()));
            }
            Outcome::Denied(denial) => {
                document.decision = "denied";
                document.denial = Some(Denial::from(denial.as_ref()));
                document.access_denied_detail = AccessDenied::new(denial, &about);
            }
        }
        document
    }
}

impl DecisionDocument {
    /// The refusal of a principal who would read an account.
    pub fn of_read(account: &AccountId, denial: &Refusal, about: About, now: Timestamp) -> Self {
        let answer = Answer {
            account: Some(account.clone()),
            outcome: Outcome::Denied(Box::new(denial.clone())),
            gates: Vec::new(),
            revision: Revision::default(),
            enrolment: None,
        };
        Self::new(&answer, about, now)
    }
}

/// `stateward/why/v1`: the decision that would be made, and what it would change.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WhyDocument {
    /// The decision.
    #[serde(flatten)]
    pub decision: DecisionDocument,
    /// Why policies answer as they do, where nobody stopped the request before them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyTrace>,
    /// The conditions of the transition, where the request came to them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub guards: Vec<GuardLine>,
    /// What would have to change for the request to get past the gate that refuses it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub help: Vec<HelpLine>,
    /// What would change, as far as whoever asks may know the account.
    pub changes: Vec<Change>,
    /// What to know of the explanation itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
}

impl Document for WhyDocument {
    const SCHEMA: &'static str = "stateward/why/v1";
}

/// A condition of a transition.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GuardLine {
    /// Why it must hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// `file:line:column` of where it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Its clauses.
    #[serde(flatten)]
    pub clause: ClauseLine,
}

/// What one gate said.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Gate {
    /// Which gate.
    pub gate: &'static str,
    /// `passed`, `waiting`, `failed` or `not_reached`.
    pub status: &'static str,
    /// Why, in a few words.
    pub detail: String,
    /// `file:line:column` of the rule that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

impl From<&GateReport> for Gate {
    fn from(report: &GateReport) -> Self {
        Self {
            gate: report.gate.name(),
            status: match report.status {
                GateStatus::Passed => "passed",
                GateStatus::Waiting => "waiting",
                GateStatus::Failed => "failed",
                GateStatus::NotReached => "not_reached",
            },
            detail: report.detail.clone(),
            place: report.place.clone(),
        }
    }
}

/// A state that was left for another.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Move {
    /// The workflow.
    pub workflow: String,
    /// By which transition.
    pub transition: String,
    /// From where.
    pub from: String,
    /// To where.
    pub to: String,
}

impl Move {
    /// A move by a transition.
    pub fn new(transition: &TransitionName, from: &Name, to: &Name) -> Self {
        Self {
            workflow: transition.workflow.to_string(),
            transition: transition.to_string(),
            from: from.to_string(),
            to: to.to_string(),
        }
    }
}

impl From<&stateward::account::Move> for Move {
    fn from(moved: &stateward::account::Move) -> Self {
        Self::new(&moved.transition, &moved.from, &moved.to)
    }
}

/// What an attempt waits for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Waiting {
    /// `code`, `acknowledgement` or `approval`.
    pub kind: &'static str,
    /// The verification.
    pub verification: String,
    /// The step, from 1.
    pub step: u32,
    /// Of how many.
    pub steps: u32,
    /// Where a code was sent, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_to: Option<String>,
    /// When that code expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_expires_at: Option<String>,
    /// The risk to acknowledge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<String>,
    /// The caller rule that an approving principal satisfies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval_by: Option<String>,
    /// The address that an authenticator app is to read; it is shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enrolment: Option<String>,
    /// When the attempt lapses.
    pub expires_at: String,
}

impl Waiting {
    /// With the address that an app is to read, if the step enrols one.
    #[must_use]
    pub fn enrolling(self, enrolment: Option<&Enrolment>) -> Self {
        let enrolment = enrolment.map(|it| it.reveal().to_owned());
        Self { enrolment, ..self }
    }
}

impl From<&stateward::account::Waiting> for Waiting {
    fn from(waiting: &stateward::account::Waiting) -> Self {
        Self {
            kind: match (&waiting.risk, &waiting.approval_by) {
                (Some(_), _) => "acknowledgement",
                (None, Some(_)) => "approval",
                (None, None) => "code",
            },
            verification: waiting.verification.to_string(),
            step: waiting.step,
            steps: waiting.steps,
            sent_to: waiting.sent_to.clone(),
            code_expires_at: waiting.code_expires_at.map(|at| at.to_string()),
            risk: waiting.risk.clone(),
            approval_by: waiting.approval_by.as_ref().map(ToString::to_string),
            enrolment: None,
            expires_at: waiting.expires_at.to_string(),
        }
    }
}
