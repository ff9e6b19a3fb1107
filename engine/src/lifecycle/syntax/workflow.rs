//! A workflow file: one state machine over one aspect of the account.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::forms::{ExpressionText, Length, OneOrMany, Period, Short, ShortForm};
use crate::lifecycle::model::{Channel, DenyStage};
use crate::name::{Name, TransitionName};
use crate::time::parse_duration;

/// One state machine over one aspect of the account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkflowFile {
    /// The workflow's name: the name of this file.
    pub workflow: Name,
    /// What it is about.
    pub about: Option<String>,
    /// The state of a new account.
    pub initial: Name,
    /// The states, by name; the current one is read as `state.<workflow>`.
    pub states: BTreeMap<Name, StateForm>,
    /// The transitions, by name.
    #[serde(default)]
    pub transitions: BTreeMap<Name, TransitionForm>,
}

/// A state.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StateForm {
    /// What it means.
    pub about: Option<String>,
    /// Whether being in it is a privilege.
    #[serde(default)]
    pub privileged: bool,
    /// Whether it is meant to be the end.
    #[serde(default, rename = "final")]
    pub is_final: bool,
    /// While an account is in it, requests of all other workflows are refused.
    pub freezes: Option<FreezeForm>,
}

/// The refusal of everything that is asked of an account while it is in a state. The workflow's own
/// transitions leave from its states as they say, and what nobody asks for goes on.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FreezeForm {
    /// Workflows that are not frozen.
    #[serde(default)]
    pub except: OneOrMany<Name>,
    /// The error code of what is refused.
    pub deny_code: Option<String>,
    /// Why it is refused, told to the requester.
    pub because: Option<String>,
}

/// A transition: requested (`permission:`), triggered (`triggered_by:`) or timed (`after:`).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["permission", "resource"] },
    { "required": ["triggered_by"] },
    { "required": ["after"] },
]))]
pub struct TransitionForm {
    /// What it does.
    pub about: Option<String>,
    /// The states it leaves from.
    pub from: OneOrMany<Name>,
    /// The state it leads to.
    pub to: Name,
    /// Requested by a principal: the permission that policies are asked, written `service:Action`.
    pub permission: Option<String>,
    /// The resource names that the permission is asked over, with `${expression}` in them; policies
    /// must allow every one.
    pub resource: Option<OneOrMany<String>>,
    /// The caller rule that the requester satisfies besides the policy.
    pub caller: Option<Name>,
    /// The throttles that a request passes first.
    pub throttle: Option<OneOrMany<Name>>,
    /// The quotas that making it spends, once everything is proved.
    #[serde(default, skip_serializing_if = "OneOrMany::is_empty")]
    pub quota: OneOrMany<Name>,
    /// Triggered by other transitions, written `workflow.transition`, in the same commit.
    pub triggered_by: Option<OneOrMany<TransitionName>>,
    /// Timed: fires when the account has been in the `from` state for so long.
    pub after: Option<Length>,
    /// What must hold.
    #[serde(default)]
    pub when: OneOrMany<Short<GuardForm>>,
    /// What the requester supplies, read as `input.<name>`.
    #[serde(default)]
    pub input: BTreeMap<Name, Short<InputForm>>,
    /// What must be proved, step by step.
    #[serde(default)]
    pub verify: Vec<Short<StepForm>>,
    /// The attributes it changes; `unset` clears an optional one.
    #[serde(default)]
    pub set: BTreeMap<Name, ExpressionText>,
    /// The authenticators that it takes from the account.
    #[serde(default, skip_serializing_if = "OneOrMany::is_empty")]
    pub forgets: OneOrMany<Name>,
    /// The kind of owner that whoever makes it can act as from then on, as after a new password.
    /// Nothing but analysis reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grants: Option<Name>,
    /// The messages it sends.
    #[serde(default)]
    pub notify: Vec<NoticeForm>,
    /// Life of an attempt that waits for its verifications; 30m by default.
    pub within: Option<Length>,
    /// The transition that is owed after this one, because this one raises privilege.
    pub restore: Option<RestoreForm>,
    /// A wait after this transition (`24h`), or after others (`[{ after: w.t, wait: 24h }]`).
    #[serde(default)]
    pub cooldown: OneOrMany<Short<CooldownForm>>,
    /// The domain's own error codes, by the stage that denies.
    #[serde(default)]
    pub deny_code: BTreeMap<DenyStage, String>,
}

/// A condition; its short form is the expression alone.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GuardForm {
    /// What must hold.
    pub check: ExpressionText,
    /// The error code when it does not.
    pub deny_code: Option<String>,
    /// Why it must hold, told to the requester.
    pub because: Option<String>,
}

impl ShortForm for GuardForm {
    const EXPECTED: &'static str = "an expression, or a mapping with `check:`";

    fn short(text: String) -> Result<Self, String> {
        Ok(Self {
            check: ExpressionText(text),
            deny_code: None,
            because: None,
        })
    }
}

/// An input; its short form is its type.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InputForm {
    /// The type: text, int, bool, time, duration, phone, email, country, account_id, ip, secret.
    #[serde(rename = "type")]
    pub ty: Option<String>,
    /// The words it can be, in place of a type.
    pub one_of: Option<Vec<Name>>,
    /// Whether it may be left out.
    #[serde(default)]
    pub optional: bool,
    /// Whether it is masked in output; phones, e-mails and secrets always are.
    #[serde(default)]
    pub personal: bool,
    /// What it is.
    pub about: Option<String>,
}

impl ShortForm for InputForm {
    const EXPECTED: &'static str = "a type, or a mapping with `type:` or `one_of:`";

    fn short(text: String) -> Result<Self, String> {
        Ok(Self {
            ty: Some(text),
            ..Self::default()
        })
    }
}

/// A step of verification; its short form is one verification.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepForm {
    /// The verifications of which one suffices: the first available, unless the requester prefers
    /// another.
    pub any: Vec<Name>,
}

impl ShortForm for StepForm {
    const EXPECTED: &'static str = "a verification, or a mapping with `any:`";

    fn short(text: String) -> Result<Self, String> {
        let name = text.parse().map_err(|error| format!("{error}"))?;
        Ok(Self { any: vec![name] })
    }
}

/// A message that is sent.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeForm {
    /// Which message.
    pub message: Name,
    /// To where; nothing is sent where this is unset.
    pub to: ExpressionText,
    /// How it travels.
    pub by: Channel,
    /// Only when this holds.
    pub when: Option<ExpressionText>,
}

/// An obligation to undo.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreForm {
    /// The transition that is owed, written `workflow.transition`.
    pub by: TransitionName,
    /// How soon.
    pub within: Period,
    /// The reminders that an overdue obligation sends.
    #[serde(default)]
    pub notify: Vec<NoticeForm>,
}

/// A wait after a transition; its short form is the wait after this very transition.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CooldownForm {
    /// After which transition, written `workflow.transition`; this one, if left out.
    pub after: Option<TransitionName>,
    /// How long.
    pub wait: Period,
}

impl ShortForm for CooldownForm {
    const EXPECTED: &'static str =
        "a length of time such as 24h, or a mapping with `after:` and `wait:`";

    fn short(text: String) -> Result<Self, String> {
        let wait = parse_duration(&text).map_err(|error| error.to_string())?;
        Ok(Self {
            after: None,
            wait: Period(wait),
        })
    }
}
