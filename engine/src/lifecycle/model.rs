//! The checked model of a lifecycle: what loading produces and everything else reads.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use petgraph::graph::{DiGraph, NodeIndex};
use serde::{Deserialize, Serialize};

pub use crate::challenge::CodeRules;
use crate::expr::{Expression, Slot, Template, Vocabulary};
use crate::name::{ConditionKey, Name, TransitionName};
use crate::quota::Window;
use crate::source::{FileId, Span};
use crate::value::{Value, ValueType};

/// A whole lifecycle: what `account.yaml` declares, and its workflows.
#[derive(Debug)]
pub struct Lifecycle {
    /// Its name; the folder's name.
    pub name: Name,
    /// Which dated set of rules this is, for example `2024-05`.
    pub edition: Arc<str>,
    /// What it is for.
    pub about: Option<Arc<str>>,
    /// Where accounts come in that have lived elsewhere, besides the initial states.
    pub begins: BTreeMap<Name, Begin>,
    /// How accounts come into it, where it is an edition beside the one of the lifecycle's folder.
    pub migration: Option<Migration>,
    /// The file of its functions.
    pub functions: Option<FileId>,
    /// The account's attributes, by name.
    pub attributes: BTreeMap<Name, Attribute>,
    /// Facts about the session that a request may bring (`context.mfa`), with their types.
    pub context: BTreeMap<Name, ContextFact>,
    /// The kinds of principals there are.
    pub principal_kinds: BTreeMap<Name, PrincipalKind>,
    /// Named rules on who may ask, besides the policy.
    pub callers: BTreeMap<Name, Caller>,
    /// Proofs that transitions can demand.
    pub verifications: BTreeMap<Name, Verification>,
    /// The domain's own error code for a code that is wrong, expired or unknown: one for all, so that
    /// they cannot be told apart.
    pub wrong_code: Option<Arc<str>>,
    /// Durable limits.
    pub quotas: BTreeMap<Name, Quota>,
    /// In-memory limits.
    pub throttles: BTreeMap<Name, Throttle>,
    /// Texts that are sent.
    pub messages: BTreeMap<Name, Message>,
    /// What reading an account asks of policies, where the reader is a principal.
    pub read: Option<Access>,
    /// The workflows, by name.
    pub workflows: BTreeMap<Name, Workflow>,
    /// Every transition of every workflow, by its full name.
    pub transitions: BTreeMap<TransitionName, Arc<Transition>>,
    /// Every name that expressions use.
    pub vocabulary: Vocabulary,
    /// Slots that every decision fills.
    pub slots: CommonSlots,
    /// The zone of `now.hour`, `now.minute` and `now.weekday`.
    pub zone: crate::time::Zone,
}

impl Lifecycle {
    /// The name that it is loaded by: with the edition, where that is not the folder's own.
    pub fn full_name(&self) -> String {
        match &self.migration {
            Some(_) => format!("{}@{}", self.name, self.edition),
            None => self.name.to_string(),
        }
    }

    /// The session fact of a condition key such as `acs:SourceIp`, in any case up to a `/`.
    pub fn context_key(&self, key: &str) -> Option<(&Name, &ContextFact)> {
        let mut facts = self.context.iter();
        facts.find(|(_, fact)| fact.keys.iter().any(|known| known.is(key)))
    }
}

/// How accounts of one edition come into another.
#[derive(Debug)]
pub struct Migration {
    /// The edition that they come from.
    pub from: Arc<str>,
    /// Each old state that has another name now, by workflow.
    pub states: BTreeMap<Name, BTreeMap<Name, Name>>,
    /// Where it is declared.
    pub span: Span,
}

impl Migration {
    /// Where an account goes that is in a state of the old edition.
    pub fn target<'n>(&'n self, workflow: &Name, state: &'n Name) -> &'n Name {
        let renamed = self.states.get(workflow).and_then(|names| names.get(state));
        renamed.unwrap_or(state)
    }
}

/// Slots of the names that do not depend on what the lifecycle declares.
#[derive(Debug, Clone, Copy)]
pub struct CommonSlots {
    /// `account.id`
    pub account_id: Slot,
    /// `account.created_at`
    pub account_created_at: Slot,
    /// `principal.kind`
    pub principal_kind: Slot,
    /// `principal.account`
    pub principal_account: Slot,
    /// `principal.name`, in full: `ram_user/ops-lin`
    pub principal_name: Slot,
    /// `principal.groups`
    pub principal_groups: Slot,
    /// `now`
    pub now: Slot,
    /// `now.hour`
    pub now_hour: Slot,
    /// `now.minute`
    pub now_minute: Slot,
    /// `now.weekday`, Monday is 1
    pub now_weekday: Slot,
    /// `permission`: the action being decided, in policies
    pub permission: Slot,
    /// `resource`: the resource being decided, in policies
    pub resource: Slot,
    /// `address`: where a code is being sent, in quota keys
    pub address: Slot,
}

/// A way in which accounts come in.
#[derive(Debug)]
pub struct Begin {
    /// Which accounts come in so.
    pub about: Option<Arc<str>>,
    /// The states that they may be in, by workflow; initial ones where left out.
    pub states: BTreeMap<Name, Vec<Name>>,
    /// Where it is declared.
    pub span: Span,
}

/// One attribute of an account.
#[derive(Debug)]
pub struct Attribute {
    /// Its type.
    pub ty: ValueType,
    /// Whether an account may lack it.
    pub optional: bool,
    /// Whether it never changes after creation.
    pub immutable: bool,
    /// Whether no account is created with it.
    pub set_only: bool,
    /// Whether it is masked in output.
    pub personal: bool,
    /// How many accounts of the store may hold the same value: 1 for `unique`.
    pub shared_by_at_most: Option<u32>,
    /// The value of an account that is created without one.
    pub default: Option<Value>,
    /// The domain's own error code when the value is held by too many accounts.
    pub deny_code: Option<Arc<str>>,
    /// What it is.
    pub about: Option<Arc<str>>,
    /// `account.<name>`
    pub slot: Slot,
    /// Where it is declared.
    pub span: Span,
}

/// One declared session fact.
#[derive(Debug)]
pub struct ContextFact {
    /// Its type.
    pub ty: ValueType,
    /// What policy documents call it: `acs:SourceIp`.
    pub keys: Vec<ConditionKey>,
    /// What it says.
    pub about: Option<Arc<str>>,
    /// `context.<name>`; always optional.
    pub slot: Slot,
    /// Where it is declared.
    pub span: Span,
}

/// One kind of principal.
#[derive(Debug)]
pub struct PrincipalKind {
    /// Whether it is its account's owner: such a principal needs no policy on its own account's
    /// resources.
    pub owns_account: bool,
    /// Whether anyone can be one: that somebody is one proves nothing.
    pub anyone: bool,
    /// Where it is declared.
    pub span: Span,
}

/// A rule on the asking principal.
#[derive(Debug)]
pub struct Caller {
    /// The kinds that satisfy it.
    pub kinds: Vec<Name>,
    /// The account the principal must belong to.
    pub of: Option<Expression>,
    /// What must hold besides.
    pub when: Option<Expression>,
    /// The domain's own error code for others.
    pub deny_code: Option<Arc<str>>,
    /// What it is for.
    pub about: Option<Arc<str>>,
    /// Where it is declared.
    pub span: Span,
}

/// How messages reach people.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A text message to a phone number.
    Sms,
    /// A mail to an address.
    Email,
}

/// A declared proof.
#[derive(Debug)]
pub struct Verification {
    /// How it is proved.
    pub method: Method,
    /// When it can be used; always, if absent.
    pub available: Option<Expression>,
    /// The domain's own error code where it cannot be provided.
    pub deny_code: Option<Arc<str>>,
    /// What it is for.
    pub about: Option<Arc<str>>,
    /// Where it is declared.
    pub span: Span,
}

/// How a verification is proved.
#[derive(Debug)]
pub enum Method {
    /// By a code sent to an address.
    Code {
        /// How the code travels.
        channel: Channel,
        /// The address it is sent to.
        to: Expression,
        /// The rules of the code.
        rules: CodeRules,
    },
    /// By stating that a risk is understood.
    Acknowledge {
        /// The risk.
        text: Arc<str>,
    },
    /// By another principal's consent.
    Approval {
        /// The caller rule that the approving principal satisfies; it also needs the transition's
        /// permission, and is never the requester.
        by: Name,
    },
    /// By a code of an app that shares a secret with the account.
    Totp {
        /// The authenticator, by the name that the account has it under.
        authenticator: Name,
        /// Whether it is enrolled so: the code is one of a new secret.
        enrol: bool,
        /// Wrong codes until an attempt is locked.
        attempts: u32,
    },
}

/// A durable limit.
#[derive(Debug)]
pub struct Quota {
    /// Most per window.
    pub limit: u32,
    /// The window.
    pub window: Window,
    /// What is counted separately.
    pub key: Expression,
    /// The domain's own error code when it is used up.
    pub deny_code: Option<Arc<str>>,
    /// What it is for.
    pub about: Option<Arc<str>>,
    /// Where it is declared.
    pub span: Span,
}

impl Quota {
    /// Whether every account is counted by itself; its cells live in its own record then. Any other
    /// key, also one of the same value, is counted among all accounts.
    pub fn is_per_account(&self) -> bool {
        self.key.text() == "account.id"
    }
}

/// An in-memory limit that sheds bursts before anything else is looked at.
#[derive(Debug)]
pub struct Throttle {
    /// Most per period, also at once.
    pub limit: u32,
    /// The period.
    pub per: Duration,
    /// What is limited separately; reads only the principal.
    pub key: Expression,
    /// The domain's own error code.
    pub deny_code: Option<Arc<str>>,
    /// Where it is declared.
    pub span: Span,
}

/// A text that is sent.
#[derive(Debug)]
pub struct Message {
    /// The text.
    pub text: Template,
    /// The expressions' source.
    pub source: Arc<str>,
    /// Where it is declared.
    pub span: Span,
}

/// What policies are asked: a permission over one or more resources, all of which must be allowed.
#[derive(Debug)]
pub struct Access {
    /// The action name.
    pub permission: Arc<str>,
    /// The resource names.
    pub resources: Vec<Template>,
    /// Where the permission is written.
    pub span: Span,
}

/// One state machine over one aspect of the account.
#[derive(Debug)]
pub struct Workflow {
    /// Its name.
    pub name: Name,
    /// What it is about.
    pub about: Option<Arc<str>>,
    /// The state of a new account.
    pub initial: Name,
    /// Its states, by name.
    pub states: BTreeMap<Name, State>,
    /// The same states as nodes, transitions as edges from each of their `from` states.
    pub graph: DiGraph<Name, TransitionName>,
    /// `state.<workflow>`
    pub slot: Slot,
    /// Where it is declared.
    pub span: Span,
}

/// One state.
#[derive(Debug)]
pub struct State {
    /// What it means.
    pub about: Option<Arc<str>>,
    /// Whether being in it is a privilege.
    pub privileged: bool,
    /// Whether it is meant to be the end.
    pub is_final: bool,
    /// Its node.
    pub node: NodeIndex,
    /// Where it is declared.
    pub span: Span,
}

/// A condition of a transition, with what to say when it does not hold.
#[derive(Debug)]
pub struct Guard {
    /// What must hold.
    pub condition: Expression,
    /// The domain's own error code.
    pub deny_code: Option<Arc<str>>,
    /// Why it must hold.
    pub because: Option<Arc<str>>,
    /// Whether a state of another workflow makes it, by freezing the account.
    pub is_freeze: bool,
}

/// What fires a transition.
#[derive(Debug)]
pub enum Trigger {
    /// A principal asks.
    Request {
        /// What policies are asked.
        access: Access,
        /// The caller rule.
        caller: Option<Name>,
        /// The in-memory limits.
        throttles: Vec<Name>,
    },
    /// Any of these transitions is applied; fires in the same commit.
    TriggeredBy(Vec<TransitionName>),
    /// The account has been in the `from` state for so long.
    After(Duration),
}

/// Which stage of a decision a domain error code belongs to.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DenyStage {
    /// The policies do not allow it.
    Policy,
    /// The caller rule is not satisfied.
    Caller,
    /// The account is not in a state the transition leaves from.
    State,
    /// An input is missing, unknown or malformed.
    Input,
    /// A guard without a code of its own does not hold.
    Guard,
    /// The cool-down is not over.
    Cooldown,
    /// A verification cannot be provided or failed.
    Verification,
}

/// One transition.
#[derive(Debug)]
pub struct Transition {
    /// Its full name.
    pub name: TransitionName,
    /// What it does.
    pub about: Option<Arc<str>>,
    /// The states it leaves from.
    pub from: Vec<Name>,
    /// The state it leads to.
    pub to: Name,
    /// What fires it.
    pub trigger: Trigger,
    /// What must hold.
    pub guards: Vec<Guard>,
    /// What the requester supplies.
    pub inputs: BTreeMap<Name, Input>,
    /// The quotas that making it spends.
    pub quotas: Vec<Name>,
    /// What must be proved, step by step.
    pub verify: Vec<VerifyStep>,
    /// The attributes it changes; `None` clears one.
    pub set: BTreeMap<Name, Assignment>,
    /// The kind of owner that whoever makes it can act as from then on.
    pub grants: Option<Name>,
    /// The authenticators that it takes from the account.
    pub forgets: Vec<Name>,
    /// The messages it sends.
    pub notify: Vec<Notice>,
    /// Life of an attempt.
    pub within: Duration,
    /// The transition that is owed after this one.
    pub restore: Option<Restore>,
    /// Transitions that must lie back at least so long.
    pub cooldown: Vec<Cooldown>,
    /// The domain's own error codes by stage.
    pub deny_codes: BTreeMap<DenyStage, Arc<str>>,
    /// SHA-256 of what it and everything it refers to says; an attempt opened under another
    /// definition is void.
    pub fingerprint: [u8; 32],
    /// Where it is declared.
    pub span: Span,
}

/// What a requester supplies.
#[derive(Debug)]
pub struct Input {
    /// Its type.
    pub ty: ValueType,
    /// Whether it may be left out.
    pub optional: bool,
    /// Whether it is masked in output: it is, if an attribute that it sets is personal, or its type
    /// is a phone, an e-mail or a secret.
    pub personal: bool,
    /// `input.<name>`; one slot for all inputs of that name, which therefore share a type.
    pub slot: Slot,
    /// Where it is declared.
    pub span: Span,
}

/// One step of verification: any one of these proofs, the first available unless asked otherwise.
#[derive(Debug)]
pub struct VerifyStep {
    /// The proofs.
    pub any: Vec<Name>,
    /// Where it is written.
    pub span: Span,
}

/// A new value for an attribute.
#[derive(Debug)]
pub struct Assignment {
    /// The value, over the account as it was before; an unset result clears the attribute.
    pub value: Expression,
}

/// A message that a transition sends.
#[derive(Debug)]
pub struct Notice {
    /// Which text.
    pub message: Name,
    /// To where; nothing is sent where this is unset.
    pub to: Expression,
    /// How.
    pub by: Channel,
    /// Only when this holds.
    pub when: Option<Expression>,
}

/// An obligation: the transition that undoes a privilege, and until when.
#[derive(Debug)]
pub struct Restore {
    /// What is owed.
    pub by: TransitionName,
    /// How soon.
    pub within: Duration,
    /// The reminder that an overdue obligation sends.
    pub notify: Vec<Notice>,
}

/// A wait after another transition.
#[derive(Debug)]
pub struct Cooldown {
    /// After which transition.
    pub after: TransitionName,
    /// How long.
    pub wait: Duration,
}
