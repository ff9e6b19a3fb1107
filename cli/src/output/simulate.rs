//! What scenarios led to, as scripts read it.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;
use stateward::account::{Closing, Event, Outcome};
use stateward::diagnostic::Diagnostic;
use stateward::scenario::{Act, Action, CodeWord, Generated, Played, Scenario, Sent, Suite};
use stateward::source::{FileId, SourceMap};
use stateward::time::format_duration;

use super::change::channel;
use super::check::Finding;
use super::decision::Move;
use super::denial::Denial;
use super::veil::Veil;
use super::{Document, values};

/// `stateward/simulate/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct SimulateDocument {
    /// The lifecycle.
    pub lifecycle: String,
    /// The scenarios, in the order they were played.
    pub scenarios: Vec<ScenarioLine>,
}

/// `stateward/scenario/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScenarioLine {
    /// Its file.
    pub file: String,
    /// What it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Whether everything went as it says.
    pub good: bool,
    /// Whether it could be read.
    pub read: bool,
    /// How many steps it has.
    pub steps: usize,
    /// How long it took, in microseconds.
    pub micros: f64,
    /// What was done, as far as it came.
    pub acts: Vec<ActLine>,
    /// What went otherwise than it says, or kept it from being read.
    pub findings: Vec<Finding>,
    /// Whether people are told every step.
    #[serde(skip)]
    pub told: bool,
}

/// A step that was done.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ActLine {
    /// Which one, from 1.
    pub step: usize,
    /// When it ended.
    pub at: String,
    /// What it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// What was done, in words.
    pub says: String,
    /// How often.
    pub times: u32,
    /// `applied`, `pending` or `denied`, if something was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<&'static str>,
    /// The verification that is waited for then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<String>,
    /// The refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denial: Option<Denial>,
    /// The states that were left for others.
    pub moves: Vec<Move>,
    /// The messages that were sent.
    pub sent: Vec<SentLine>,
    /// The overdue transitions that were reminded of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reminded: Vec<String>,
    /// The transitions whose attempts lapsed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lapsed: Vec<String>,
}

/// A message that was sent.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SentLine {
    /// Which message of the lifecycle it is.
    pub message: String,
    /// How it travelled.
    pub by: &'static str,
    /// Where it arrived.
    pub to: String,
}

impl Document for SimulateDocument {
    const SCHEMA: &'static str = "stateward/simulate/v1";

    fn items(&self) -> Option<(&'static str, Vec<serde_json::Value>)> {
        Some(("stateward/scenario/v1", values(&self.scenarios)))
    }
}

impl SimulateDocument {
    /// A run of which nothing is known yet.
    pub fn new(lifecycle: &str) -> Self {
        Self {
            lifecycle: lifecycle.to_owned(),
            scenarios: Vec::new(),
        }
    }

    /// Whether every scenario went as it says.
    pub fn is_good(&self) -> bool {
        self.scenarios.iter().all(|scenario| scenario.good)
    }
}

impl ScenarioLine {
    /// A scenario that was played, or that could not be read.
    pub fn new(
        sources: &SourceMap,
        file: FileId,
        played: Option<(&Scenario, &Played)>,
        findings: &[Diagnostic],
        veil: Veil<'_>,
    ) -> Self {
        let path = sources.file(file).map_or("", |file| &file.path);
        let acts = played.iter().flat_map(|(scenario, played)| {
            let acts = played.acts.iter();
            acts.map(|act| ActLine::new(scenario, act, veil))
        });
        let scenario = played.map(|(scenario, _)| scenario);
        Self {
            file: path.to_owned(),
            about: scenario.and_then(|it| Some(it.about.as_ref()?.to_string())),
            good: played.is_some_and(|(_, played)| played.is_good()),
            read: scenario.is_some(),
            steps: scenario.map_or(0, |scenario| scenario.steps.len()),
            micros: 0.0,
            acts: acts.collect(),
            findings: findings
                .iter()
                .map(|finding| Finding::new(sources, finding))
                .collect(),
            told: false,
        }
    }
}

impl ActLine {
    fn new(scenario: &Scenario, act: &Act, veil: Veil<'_>) -> Self {
        let step = scenario.steps.get(act.step);
        let mut line = Self {
            step: act.step + 1,
            at: act.at.to_string(),
            about: step.and_then(|step| Some(step.about.as_ref()?.to_string())),
            says: step.map_or_else(String::new, |step| says(&step.action, act, veil)),
            times: act.times,
            decision: None,
            waits_for: None,
            denial: None,
            moves: act.moves().iter().map(Move::from).collect(),
            sent: act
                .sent
                .iter()
                .map(|sent| SentLine::new(sent, veil))
                .collect(),
            reminded: Vec::new(),
            lapsed: Vec::new(),
        };
        match act.answer.as_ref().map(|answer| &answer.outcome) {
            Some(Outcome::Applied { .. }) => line.decision = Some("applied"),
            Some(Outcome::Pending { waiting, .. }) => {
                line.decision = Some("pending");
                line.waits_for = Some(waiting.verification.to_string());
            }
            Some(Outcome::Denied(denial)) => {
                line.decision = Some("denied");
                line.denial = Some(Denial::from(denial.as_ref()));
            }
            None => {}
        }
        for (_, event) in &act.events {
            match event {
                Event::ObligationReminded { owed } => line.reminded.push(owed.to_string()),
                Event::AttemptClosed {
                    transition,
                    how: Closing::Expired,
                    ..
                } => line.lapsed.push(transition.to_string()),
                _ => {}
            }
        }
        line
    }
}

impl SentLine {
    fn new(sent: &Sent, veil: Veil<'_>) -> Self {
        Self {
            message: sent.message.to_string(),
            by: channel(sent.by),
            to: veil.address(sent.by, &sent.to),
        }
    }
}

/// What was done, in words.
fn says(action: &Action, act: &Act, veil: Veil<'_>) -> String {
    let who = act.who.as_ref();
    let who = who.map_or_else(|| "nobody".to_owned(), |who| who.name.to_string());
    let account = act.account.as_ref();
    let account = account.map_or_else(String::new, |id| format!(" of {id}"));
    match action {
        Action::Run(run) => {
            let brings = brings(run, veil);
            format!("{who} asks for {}{account}{brings}", run.transition)
        }
        Action::Rehearse(run) => {
            let brings = brings(run, veil);
            format!("{who} would ask for {}{account}{brings}", run.transition)
        }
        Action::Confirm {
            verification, with, ..
        } => {
            let with = match with {
                Some(CodeWord::Wrong) => " with a wrong code",
                Some(CodeWord::Previous) => " with the code before the last",
                None => "",
            };
            format!("{who} confirms {verification}{with}")
        }
        Action::Resend { .. } => format!("{who} has the code sent again"),
        Action::Cancel(_) => format!("{who} gives the attempt up"),
        Action::Create(create) => format!("account {} is created", create.account),
        Action::Wait(time) => format!("{} pass", format_duration(*time)),
        Action::Restart => "the engine starts again".to_owned(),
    }
}

/// The inputs and acknowledgements of a request.
fn brings(run: &stateward::engine::Run, veil: Veil<'_>) -> String {
    let mut parts: Vec<String> = run
        .inputs
        .iter()
        .map(|(name, text)| format!("{name}={}", veil.input_text(&run.transition, name, text)))
        .collect();
    parts.extend(
        run.acknowledged
            .iter()
            .map(|risk| format!("acknowledging {risk}")),
    );
    if parts.is_empty() {
        return String::new();
    }
    format!(", {}", parts.join(", "))
}

/// `stateward/generate/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct GenerateDocument {
    /// The lifecycle.
    pub lifecycle: String,
    /// The folder that they were written to, if they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// The scenarios.
    pub scenarios: Vec<GeneratedLine>,
    /// The transitions that none of them makes.
    pub missing: Vec<MissingLine>,
}

/// `stateward/generated/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct GeneratedLine {
    /// The name of its file.
    pub name: String,
    /// How many steps it has.
    pub steps: usize,
    /// The transitions that no scenario before it makes.
    pub covers: Vec<String>,
    /// Its text.
    pub text: String,
}

/// A transition that no generated scenario makes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MissingLine {
    /// Which.
    pub transition: String,
    /// Why not.
    pub reason: String,
}

impl Document for GenerateDocument {
    const SCHEMA: &'static str = "stateward/generate/v1";

    fn items(&self) -> Option<(&'static str, Vec<serde_json::Value>)> {
        Some(("stateward/generated/v1", values(&self.scenarios)))
    }
}

impl GenerateDocument {
    /// Scenarios that were generated, and where they were written.
    pub fn new(lifecycle: &str, suite: &Suite, folder: Option<&Path>) -> Self {
        let line = |generated: &Generated| GeneratedLine {
            name: generated.name.clone(),
            steps: generated.drafted.form.steps.len(),
            covers: generated.covers.iter().map(ToString::to_string).collect(),
            text: generated.drafted.text(),
        };
        let missing = suite.missing.iter().map(|(name, why)| MissingLine {
            transition: name.to_string(),
            reason: why.clone(),
        });
        Self {
            lifecycle: lifecycle.to_owned(),
            folder: folder.map(|folder| folder.display().to_string()),
            scenarios: suite.scenarios.iter().map(line).collect(),
            missing: missing.collect(),
        }
    }
}
