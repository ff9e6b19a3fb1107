//! Why policies answer as they do, as scripts read it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use stateward::bundle::Bundle;
use stateward::expr::{Clause, Outcome, Truth};
use stateward::name::AccountId;
use stateward::policy::{Actions, DecidedBy, Effect, Principal, Stage};
use stateward::workbench::trace::{Considered, Lack, Missed, OnResource, Passed, Role, Trace};

use super::help::HelpLine;
use crate::output::Document;
use crate::output::denial::AccessDenied;

/// `stateward/policy-why/v1`: why policies answer a request as they do.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PolicyWhyDocument {
    /// Who asks.
    pub principal: String,
    /// The account that it belongs to.
    pub principal_account: String,
    /// The account that the request is about, where one was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What is supposed of the account, by the name that conditions read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub supposed: BTreeMap<String, String>,
    /// What policies say.
    #[serde(flatten)]
    pub policy: PolicyTrace,
    /// What would have to change for policies to allow it, cheapest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub help: Vec<HelpLine>,
    /// What to know of the explanation itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
}

impl Document for PolicyWhyDocument {
    const SCHEMA: &'static str = "stateward/policy-why/v1";
}

/// What is explained, and how much of it.
pub struct Asked<'a> {
    /// The account that was named.
    pub account: Option<&'a AccountId>,
    /// Whether statements about something else are listed, too.
    pub every_statement: bool,
}

impl PolicyWhyDocument {
    /// An explanation.
    pub fn new(bundle: &Bundle, principal: &Principal, trace: &Trace, asked: &Asked<'_>) -> Self {
        Self {
            principal: principal.name.to_string(),
            principal_account: principal.account.to_string(),
            account: asked.account.map(ToString::to_string),
            policy: PolicyTrace::new(bundle, principal, trace, asked.every_statement),
            supposed: BTreeMap::new(),
            help: Vec::new(),
            note: None,
        }
    }
}

/// Said to whoever may not read the account: also where there is none.
pub const STRANGER: &str =
    "whoever asks may not read this account, if there is one: what depends on it is left open";
/// Said where the answer depends on an account, and none was named.
pub const NO_ACCOUNT: &str = "no account was named: what depends on one is left open";
/// Said where the answer depends on what was not said of an account that is described.
pub const DESCRIBED: &str =
    "the account is described in part: what every account has and was not said is left open";

/// What policies say to a request, and why.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PolicyTrace {
    /// The action.
    pub permission: String,
    /// `Allow`, `ExplicitDeny`, `ImplicitDeny`, or `Depends` on what is not known here.
    pub effect: String,
    /// The stage that decides.
    pub stage: Option<String>,
    /// Why, in a few words.
    pub message: String,
    /// Why policies refuse, in the words of RAM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_denied_detail: Option<AccessDenied>,
    /// Each resource on its own; the first is the one that decides.
    pub resources: Vec<ResourceTrace>,
}

/// What policies say about one resource.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ResourceTrace {
    /// The resource; `*` stands for what is not known of its name.
    pub resource: String,
    /// As of the whole.
    pub effect: String,
    /// The stages, in the order in which they are passed.
    pub stages: Vec<StageTrace>,
}

/// What one stage says.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StageTrace {
    /// The stage.
    pub stage: String,
    /// As of the whole.
    pub effect: String,
    /// Whether an earlier stage leaves it a say.
    pub reached: bool,
    /// Whether it is the one that decides.
    pub decides: bool,
    /// Why it could not be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Its statements: those that decide and apply first, then by what they lack.
    pub statements: Vec<StatementTrace>,
    /// How many statements are about something else.
    pub others: usize,
}

/// One statement that was considered.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StatementTrace {
    /// `allow` or `deny`.
    pub effect: String,
    /// The policy.
    pub policy: String,
    /// `file:line:column` of where it is written.
    pub place: String,
    /// Why it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// `decides`, `applies`, `depends`, `nearly` or `apart`.
    pub role: &'static str,
    /// What it lacks.
    pub lacks: Vec<LackLine>,
    /// Its conditions.
    pub conditions: Vec<ConditionLine>,
}

/// Something that a statement lacks.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LackLine {
    /// `action`, `resource`, `when` or `unless`.
    pub part: &'static str,
    /// What is lacking, in words.
    pub text: String,
}

/// A condition.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConditionLine {
    /// `when` or `unless`.
    pub word: &'static str,
    /// Its clauses.
    #[serde(flatten)]
    pub clause: ClauseLine,
}

/// A clause of a condition.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ClauseLine {
    /// The clause, with the value of each name behind it.
    pub text: String,
    /// `true`, `false`, `failed`, or `open` where it depends on what is not known here.
    pub outcome: &'static str,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Whether evaluation came to it.
    pub reached: bool,
    /// The clauses that it is made of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<ClauseLine>,
}

impl PolicyTrace {
    /// A trace; `every` lists also the statements about something else.
    pub fn new(bundle: &Bundle, principal: &Principal, trace: &Trace, every: bool) -> Self {
        let decided = trace.decided().and_then(OnResource::decided);
        let certain = trace.possible.certain();
        let refused = certain.filter(|effect| *effect != Effect::Allow);
        let mut resources: Vec<_> = trace.resources.iter().collect();
        if trace.decisive < resources.len() {
            resources.swap(0, trace.decisive);
        }
        Self {
            permission: trace.action.clone(),
            effect: word(certain),
            stage: decided.map(|stage| stage.stage.to_string()),
            message: message(&trace.action, certain, decided),
            access_denied_detail: refused.zip(decided).map(|(effect, stage)| {
                AccessDenied::of_stage(&trace.action, principal, effect, &stage.stage)
            }),
            resources: resources
                .into_iter()
                .map(|on| ResourceTrace::new(bundle, on, every))
                .collect(),
        }
    }
}

impl ResourceTrace {
    fn new(bundle: &Bundle, on: &OnResource, every: bool) -> Self {
        let stage = |(index, stage)| StageTrace::new(bundle, stage, index == on.decisive, every);
        Self {
            resource: on.resource.clone(),
            effect: word(on.possible.certain()),
            stages: on.stages.iter().enumerate().map(stage).collect(),
        }
    }
}

impl StageTrace {
    fn new(bundle: &Bundle, stage: &Passed, decides: bool, every: bool) -> Self {
        let mut statements: Vec<&Considered> = stage.statements.iter().collect();
        statements.sort_by_key(|it| (it.role, it.distance()));
        let all = statements.len();
        let nearest = stage.nearest();
        let is_near = |it: &Considered| nearest.iter().any(|near| std::ptr::eq(*near, it));
        statements.retain(|it| every || it.role != Role::Apart || is_near(it));
        Self {
            stage: stage.stage.to_string(),
            effect: word(stage.possible.certain()),
            reached: stage.reached,
            decides,
            problem: stage.blind.clone(),
            others: all - statements.len(),
            statements: statements
                .into_iter()
                .map(|it| StatementTrace::new(bundle, it, is_near(it)))
                .collect(),
        }
    }
}

impl StatementTrace {
    /// A statement; `is_near`, where it is among those that are nearest to allowing.
    fn new(bundle: &Bundle, considered: &Considered, is_near: bool) -> Self {
        let statement = &considered.statement;
        let word = |negated| if negated { "unless" } else { "when" };
        let condition = |it: &stateward::workbench::trace::Condition| ConditionLine {
            word: word(it.negated),
            clause: ClauseLine::new(&it.clause),
        };
        let place = bundle.locate(statement.span());
        Self {
            effect: statement.verb().to_string(),
            policy: statement.policy().as_ref().to_owned(),
            place: place.unwrap_or_else(|| statement.id().location.to_string()),
            because: statement.because().map(str::to_owned),
            role: match considered.role {
                Role::Decides => "decides",
                Role::Applies => "applies",
                Role::Depends => "depends",
                Role::Nearly => "nearly",
                Role::Apart if is_near => "nearly",
                Role::Apart => "apart",
            },
            lacks: considered
                .lacks
                .iter()
                .map(|lack| LackLine::new(lack, considered))
                .collect(),
            conditions: considered.conditions.iter().map(condition).collect(),
        }
    }
}

impl LackLine {
    /// Something that a statement lacks.
    pub fn new(lack: &Lack, considered: &Considered) -> Self {
        let (part, text) = match lack {
            Lack::Action(Missed::Excepted(by)) => ("action", format!("excepted by `{by}`")),
            Lack::Action(Missed::Close(to)) => ("action", format!("only `{to}`, which is close")),
            Lack::Action(Missed::SameService) => ("action", others(considered.statement.actions())),
            Lack::Action(Missed::Unlike) => ("action", "other actions".to_owned()),
            Lack::Resource(covered) => {
                let patterns = considered.statement.resources();
                let named: Vec<String> = patterns.iter().map(|it| format!("`{it}`")).collect();
                let named = match named.as_slice() {
                    [one] => one.clone(),
                    [first, rest @ ..] => format!("{first} and {} more", rest.len()),
                    [] => String::new(),
                };
                let text = match covered {
                    Truth::Unknown => format!("open: only {named}"),
                    _ => format!("only {named}"),
                };
                ("resource", text)
            }
            Lack::Clause { clause, .. } => {
                let of = considered.conditions.iter().find(|condition| {
                    let clauses = condition.clause.preorder();
                    clauses.into_iter().any(|it| it == clause)
                });
                let negated = of.is_some_and(|of| of.negated);
                let line = ClauseLine::new(clause);
                let is = match (line.outcome, line.error) {
                    (_, Some(error)) => format!("fails: {error}"),
                    ("open", _) => "is open".to_owned(),
                    (outcome, _) => format!("is {outcome}"),
                };
                let part = if negated { "unless" } else { "when" };
                (part, format!("{} {is}", line.text))
            }
        };
        Self { part, text }
    }
}

/// The actions that a statement covers instead.
fn others(actions: &Actions) -> String {
    let (Actions::Of(patterns) | Actions::AllExcept(patterns)) = actions;
    match &**patterns {
        [one] => format!("only `{one}`"),
        [first, rest @ ..] => format!("only `{first}` and {} more", rest.len()),
        [] => "other actions of the service".to_owned(),
    }
}

impl ClauseLine {
    /// A clause with those that it is made of.
    pub fn new(clause: &Clause) -> Self {
        let (outcome, error) = match &clause.outcome {
            Outcome::True => ("true", None),
            Outcome::False => ("false", None),
            Outcome::Failed(error) => ("failed", Some(error.clone())),
            Outcome::Unknown => ("open", None),
        };
        Self {
            text: clause.seen.clone(),
            outcome,
            error,
            reached: clause.reached,
            parts: clause.parts.iter().map(Self::new).collect(),
        }
    }
}

impl ClauseLine {
    /// The clauses without parts that are not true; none, where it has no parts itself.
    pub fn blocking(&self) -> Vec<&Self> {
        let below = self
            .parts
            .iter()
            .flat_map(|part| match part.parts.is_empty() {
                true => vec![part],
                false => part.blocking(),
            });
        below
            .filter(|it| it.reached && it.outcome != "true")
            .collect()
    }
}

fn word(certain: Option<Effect>) -> String {
    certain.map_or_else(|| "Depends".to_owned(), |effect| effect.to_string())
}

/// Why, in one lower-case sentence.
fn message(permission: &str, certain: Option<Effect>, stage: Option<&Passed>) -> String {
    let Some((effect, stage)) = certain.zip(stage) else {
        return format!("whether `{permission}` is allowed depends on what is not known here");
    };
    let at = match &stage.stage {
        Stage::ControlPolicy { node } => format!(" at {node}"),
        Stage::ResourceGroup { group } => format!(" in resource group {group}"),
        _ => String::new(),
    };
    match (&stage.by, effect) {
        (DecidedBy::Ownership, _) => "owns the account".to_owned(),
        (DecidedBy::Statement(by), Effect::Allow) => format!("allowed by `{}`{at}", by.policy()),
        (DecidedBy::Statement(by), _) => {
            let because = by
                .because()
                .map_or_else(String::new, |why| format!(": {why}"));
            format!("denied by `{}`{at}{because}", by.policy())
        }
        (DecidedBy::Nothing, _) => match &stage.blind {
            Some(problem) => format!("denied, since {problem}"),
            None => nothing(permission, &stage.stage, &at),
        },
    }
}

fn nothing(permission: &str, stage: &Stage, at: &str) -> String {
    let kind = match stage {
        Stage::Ownership => return format!("an account's owner cannot ask for `{permission}`"),
        Stage::Identity => return format!("no policy allows `{permission}` here"),
        Stage::ControlPolicy { .. } => "control policy",
        Stage::Session => "session policy",
        Stage::ResourceBased => "resource policy",
        Stage::ResourceGroup { .. } => "policy",
    };
    format!("no {kind} allows `{permission}`{at}")
}
