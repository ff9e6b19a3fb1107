//! Plans, as scripts read them and `apply` does.

use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stateward::analysis::plan::{Goal, Granted, Lacking, Missing, Planned, Prove, Step};
use stateward::bundle::Bundle;
use stateward::name::Name;

use super::Document;
use super::change::channel;
use super::veil::Veil;
use crate::error::CliError;

/// `stateward/plan/v1`
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct PlanDocument {
    /// The account, if it is one of the store.
    pub account: Option<String>,
    /// Its revision when the plan was made, or when the last step was.
    pub revision: Option<u64>,
    /// Fingerprint of the definition.
    pub bundle: String,
    /// The step that is next, from 1.
    pub next: usize,
    /// The plan.
    #[serde(flatten)]
    pub plan: PlanBody,
}

impl Document for PlanDocument {
    const SCHEMA: &'static str = "stateward/plan/v1";
}

/// A plan, or what is missing for one.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct PlanBody {
    /// What is to hold in the end.
    pub goal: String,
    /// `way`, `none` or `inconclusive`.
    pub answer: String,
    /// The steps, in order.
    pub steps: Vec<StepLine>,
    /// What the way costs.
    pub cost: Option<CostLine>,
    /// What never holds, where there is no way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<MissingLine>,
}

/// What a plan costs, the part that counts most first.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct CostLine {
    /// Steps that leave the account in a privileged state.
    pub privileged: u32,
    /// The first and the last of them, from 1.
    pub privileged_steps: Option<(usize, usize)>,
    /// Times that somebody else has to go on.
    pub hand_overs: u32,
    /// Codes that have to be confirmed.
    pub codes: u32,
    /// Steps.
    pub steps: u32,
    /// What is spent of quotas.
    pub quotas: BTreeMap<String, u32>,
}

/// One step.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct StepLine {
    /// The transition.
    pub transition: String,
    /// Who asks, in words; `time` where nobody does.
    pub by: String,
    /// Who asks, by name, where the account is known.
    pub principal: Option<String>,
    /// The others who may as well.
    pub or: Vec<String>,
    /// What allows it: a statement (`policy file:line:column#n`) or `ownership`.
    pub granted: Option<String>,
    /// What has to be supplied; the value, where the goal says which.
    pub inputs: BTreeMap<String, Option<String>>,
    /// What is proved, in order.
    pub proofs: Vec<ProofLine>,
    /// The messages that are sent besides codes.
    pub notices: Vec<NoticeLine>,
    /// The transitions that it triggers.
    pub triggered: Vec<String>,
    /// The states that it changes, by workflow.
    pub states: BTreeMap<String, (String, String)>,
    /// The transition that is owed after it.
    pub owed: Option<String>,
    /// What must hold for it and is not known to.
    pub provided: Vec<String>,
    /// Whether the account is privileged after it.
    pub privileged: bool,
}

/// A proof.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ProofLine {
    /// The verification.
    pub verification: String,
    /// `sms`, `email`, `acknowledgement` or `approval`.
    pub kind: String,
    /// Others that would do.
    pub or: Vec<String>,
}

/// A message that is sent.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct NoticeLine {
    /// Which.
    pub message: String,
    /// `sms` or `email`.
    pub by: String,
    /// To where, as the definition writes it.
    pub to: String,
}

/// A part of the goal that never holds.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct MissingLine {
    /// The part.
    pub part: String,
    /// What could bring it about, by transition, with what keeps it from that.
    pub transitions: BTreeMap<String, Vec<String>>,
}

impl PlanDocument {
    /// Reads a plan that was written.
    ///
    /// # Errors
    /// When the file cannot be read, or holds none.
    pub fn read(path: &Path) -> Result<Self, CliError> {
        let text = std::fs::read_to_string(path).map_err(CliError::file("read", path))?;
        serde_json::from_str(&text).map_err(|error| CliError::Plan {
            path: path.to_owned(),
            problem: format!("does not read: {error}"),
        })
    }

    /// The next step; none, where all are done.
    pub fn step(&self) -> Option<&StepLine> {
        self.plan.steps.get(self.next.checked_sub(1)?)
    }

    /// Notes that the next step is done.
    pub fn advance(&mut self, revision: u64) {
        self.next = self.next.saturating_add(1);
        self.revision = Some(revision);
    }
}

impl PlanBody {
    /// What planning came to.
    pub fn new(bundle: &Bundle, goal: &Goal, planned: &Planned, veil: Veil<'_>) -> Self {
        // Values that are wanted may be personal.
        let wanted = goal.wanted(&bundle.lifecycle);
        let masked = |text: &str| {
            wanted.iter().fold(text.to_owned(), |text, (name, value)| {
                text.replace(&value.text(), &veil.attribute(name, value))
            })
        };
        let mut body = Self {
            goal: masked(goal.text()),
            answer: "inconclusive".to_owned(),
            steps: Vec::new(),
            cost: None,
            missing: Vec::new(),
        };
        match planned {
            Planned::Way(plan) => {
                body.answer = "way".to_owned();
                let mut quotas: BTreeMap<String, u32> = BTreeMap::new();
                for (quota, spent) in plan.steps.iter().flat_map(|step| &step.quotas) {
                    *quotas.entry(quota.to_string()).or_default() += spent;
                }
                body.cost = Some(CostLine {
                    privileged: plan.cost.privileged,
                    privileged_steps: plan.privileged,
                    hand_overs: plan.cost.hand_offs,
                    codes: plan.cost.codes,
                    steps: plan.cost.steps,
                    quotas,
                });
                body.steps = plan
                    .steps
                    .iter()
                    .map(|step| StepLine::new(step, veil))
                    .collect();
            }
            Planned::None(Missing { parts }) => {
                body.answer = "none".to_owned();
                let missing = parts.iter().map(|part| MissingLine {
                    part: masked(&part.part),
                    ..MissingLine::new(bundle, part)
                });
                body.missing = missing.collect();
            }
            Planned::Inconclusive => {}
        }
        body
    }

    /// Whether there is a way.
    pub fn is_way(&self) -> bool {
        self.answer == "way"
    }
}

impl StepLine {
    fn new(step: &Step, veil: Veil<'_>) -> Self {
        let known = step
            .inputs
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.clone()?)));
        let mut shown = veil.inputs(&step.transition, &known.collect());
        let inputs = step.inputs.keys();
        let inputs = inputs.map(|name| (name.to_string(), shown.remove(name.as_str())));
        let principal = step
            .principal
            .as_ref()
            .map(|principal| principal.name.to_string());
        let by = step.by.as_ref().map(ToString::to_string);
        Self {
            transition: step.transition.to_string(),
            by: principal
                .clone()
                .or(by)
                .unwrap_or_else(|| "time".to_owned()),
            principal,
            or: step.or.iter().map(ToString::to_string).collect(),
            granted: step.granted.as_ref().map(|granted| match granted {
                Granted::Ownership => "ownership".to_owned(),
                Granted::Statement { policy, id } => format!("{policy} {id}"),
            }),
            inputs: inputs.collect(),
            proofs: step.proofs.iter().map(ProofLine::new).collect(),
            notices: step
                .notices
                .iter()
                .map(|notice| NoticeLine {
                    message: notice.message.to_string(),
                    by: channel(notice.by).to_owned(),
                    to: notice.to.clone(),
                })
                .collect(),
            triggered: step.triggered.iter().map(ToString::to_string).collect(),
            states: step
                .states
                .iter()
                .map(|(name, (from, to))| (name.to_string(), (from.to_string(), to.to_string())))
                .collect(),
            owed: step.owed.as_ref().map(ToString::to_string),
            provided: step.provided.clone(),
            privileged: step.privileged,
        }
    }
}

impl ProofLine {
    fn new(proof: &Prove) -> Self {
        let kind = match (proof.code, &proof.approval_by) {
            (Some(by), _) => channel(by),
            (None, Some(_)) => "approval",
            (None, None) => "acknowledgement",
        };
        Self {
            verification: proof.verification.to_string(),
            kind: kind.to_owned(),
            or: proof.or.iter().map(Name::to_string).collect(),
        }
    }
}

impl MissingLine {
    fn new(bundle: &Bundle, lacking: &Lacking) -> Self {
        let transitions = lacking.transitions.iter().map(|(name, obstacles)| {
            let declared = bundle.lifecycle.transitions.get(name);
            let words = obstacles.iter().filter_map(|obstacle| {
                declared.map(|transition| obstacle.describe(transition).to_string())
            });
            (name.to_string(), words.collect())
        });
        Self {
            part: lacking.part.clone(),
            transitions: transitions.collect(),
        }
    }
}
