//! What can be taken over, as scripts read it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use stateward::analysis::takeover::{
    Answer, Attack, Factor, Hand, Recipient, Seizure, Step, Takeover, With,
};
use stateward::time::format_duration;

use super::{Document, values};

/// `stateward/takeover/v1`: what falls to whoever controls something.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TakeoverDocument {
    /// The lifecycle.
    pub lifecycle: String,
    /// What everybody but the attacker does: `wait` or `assist`.
    pub others: &'static str,
    /// How many states an account can come to: the attacker strikes in any of them.
    pub states: usize,
    /// Whether those are all. If not, what does not fall here may still fall.
    pub complete: bool,
    /// What falls to whom.
    pub answers: Vec<AnswerLine>,
    /// The least that seizes an account; absent, where something particular was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sets: Option<Sets>,
    /// A picture of it, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drawing: Option<String>,
}

/// Sets of factors that seize an account while none of their parts does.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Sets {
    /// The most factors that were tried together.
    pub up_to: usize,
    /// The sets.
    pub sets: Vec<Vec<String>>,
}

/// `stateward/takeover-answer/v1`: what falls to whoever controls something.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AnswerLine {
    /// What is controlled: attributes that are addresses, kinds of owners, principals.
    pub factors: Vec<String>,
    /// Principals that may ask for the same as the one that is controlled.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alike: Vec<String>,
    /// The factors that fall.
    pub falls: Vec<FallLine>,
    /// How an account is seized; absent, where it cannot be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seizure: Option<SeizureLine>,
}

/// A factor that falls.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FallLine {
    /// Which.
    pub factor: String,
    /// In how many steps.
    pub steps: usize,
    /// Whether for certain: nothing has to hold besides.
    pub certain: bool,
}

/// How an account is seized.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SeizureLine {
    /// What it comes to.
    pub aim: String,
    /// Whether for certain: nothing has to hold besides.
    pub certain: bool,
    /// What has to hold besides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub provided: Vec<String>,
    /// In how many of the states it is possible.
    pub states: usize,
    /// The states of workflows in which it is possible, where that is not all of them.
    pub only: BTreeMap<String, Vec<String>>,
    /// Whether it is possible in every combination of those.
    pub exact: bool,
    /// How, in the fewest steps.
    pub steps: Vec<StepLine>,
    /// The transition that lets it happen.
    pub at: String,
    /// Why the risk is accepted, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<String>,
}

/// One step.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StepLine {
    /// The transition.
    pub transition: String,
    /// As whom it is asked for; absent, where it happens by itself or others do it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What is proved.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<ProofLine>,
    /// What the attacker gains.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gains: Vec<String>,
    /// Who is told.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<ToldLine>,
    /// How long has to be waited for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits: Option<String>,
}

/// A proof.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProofLine {
    /// The verification.
    pub verification: String,
    /// What it is proved with: a factor, `own address`, `acknowledged`, or who approves.
    pub with: String,
}

/// A notice.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ToldLine {
    /// Which message.
    pub message: String,
    /// Whom it reaches: an address of the owner's, `attacker` or `other`.
    pub to: String,
}

impl Document for TakeoverDocument {
    const SCHEMA: &'static str = "stateward/takeover/v1";

    fn items(&self) -> Option<(&'static str, Vec<serde_json::Value>)> {
        Some(("stateward/takeover-answer/v1", values(&self.answers)))
    }
}

/// The factors of a hand, by name.
pub fn names(takeover: &Takeover<'_, '_>, hand: Hand) -> Vec<String> {
    let factors = takeover.factors().in_hand(hand);
    factors.map(ToString::to_string).collect()
}

impl AnswerLine {
    /// An answer; `because` says why the risk at a transition is accepted.
    pub fn new(
        takeover: &Takeover<'_, '_>,
        answer: &Answer,
        because: &dyn Fn(&str) -> Option<String>,
    ) -> Self {
        let alike = takeover.factors().in_hand(answer.hand).flat_map(|factor| {
            let alike = match factor {
                Factor::Asker { alike, .. } => alike.as_slice(),
                Factor::Address(_) | Factor::Owner(_) => &[],
            };
            alike.iter().map(ToString::to_string)
        });
        let falls = answer.falls.iter().map(|fall| FallLine {
            factor: names(takeover, Hand::of(fall.factor)).concat(),
            steps: fall.attack.steps.len(),
            certain: fall.attack.is_certain(),
        });
        let seizure = answer.seizure.as_ref();
        Self {
            factors: names(takeover, answer.hand),
            alike: alike.collect(),
            falls: falls.collect(),
            seizure: seizure.map(|seizure| SeizureLine::new(takeover, seizure, because)),
        }
    }
}

impl SeizureLine {
    fn new(
        takeover: &Takeover<'_, '_>,
        seizure: &Seizure,
        because: &dyn Fn(&str) -> Option<String>,
    ) -> Self {
        let Seizure { attack, scope, .. } = seizure;
        let lifecycle = &takeover.product().model().bundle().lifecycle;
        let decisive = attack.decisive();
        let at = decisive.map(|step| step.transition.to_string());
        let at = at.unwrap_or_default();
        let only = scope.only.iter().map(|(workflow, states)| {
            let states = states.iter().map(ToString::to_string);
            (workflow.to_string(), states.collect())
        });
        Self {
            aim: takeover.aim(seizure.as_owner),
            certain: attack.is_certain(),
            provided: provided(attack, lifecycle),
            states: scope.states,
            only: only.collect(),
            exact: scope.is_exact,
            steps: attack
                .steps
                .iter()
                .map(|step| StepLine::new(takeover, step))
                .collect(),
            accepted: because(&at),
            at,
        }
    }
}

fn provided(attack: &Attack, lifecycle: &stateward::lifecycle::model::Lifecycle) -> Vec<String> {
    let provisos = attack.provisos().into_iter();
    provisos.map(|proviso| proviso.text(lifecycle)).collect()
}

impl StepLine {
    fn new(takeover: &Takeover<'_, '_>, step: &Step) -> Self {
        let proofs = step.proofs.iter().map(|proof| ProofLine {
            verification: proof.verification.to_string(),
            with: match proof.with {
                With::Word => "acknowledged".to_owned(),
                With::OwnAddress => "own address".to_owned(),
                With::Factor(factor) => names(takeover, Hand::of(factor)).concat(),
                With::Approver(id) => takeover
                    .who(id)
                    .map(ToString::to_string)
                    .unwrap_or_default(),
            },
        });
        let told = step.told.iter().map(|told| ToldLine {
            message: told.message.to_string(),
            to: match &told.to {
                Recipient::Owner(attribute) => attribute.to_string(),
                Recipient::Attacker => "attacker".to_owned(),
                Recipient::Other => "other".to_owned(),
            },
        });
        Self {
            transition: step.transition.to_string(),
            by: step.by.as_ref().map(ToString::to_string),
            proofs: proofs.collect(),
            gains: names(takeover, step.gains),
            told: told.collect(),
            waits: step.waits.map(format_duration),
        }
    }
}
