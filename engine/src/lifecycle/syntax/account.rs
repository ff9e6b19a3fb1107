//! `account.yaml`: what all workflows of a lifecycle share.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::forms::{ExpressionText, OneOrMany, Per, Period, ScalarText, Short, ShortForm};
use crate::lifecycle::model::Channel;
use crate::name::{ConditionKey, Name};
use crate::time::parse_duration;

/// What all workflows of a lifecycle share.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountFile {
    /// The lifecycle's name: the name of this folder.
    pub lifecycle: Name,
    /// Which dated set of rules this is, for example `2024-05`.
    pub edition: String,
    /// What the lifecycle is for.
    pub about: Option<String>,
    /// The IANA time zone of `now.hour`, `now.minute` and `now.weekday`; UTC by default.
    pub zone: Option<String>,
    /// Where accounts come in that have lived elsewhere, besides the initial states of all workflows:
    /// what is analysed begins there, too.
    #[serde(default)]
    pub begins: BTreeMap<Name, BeginForm>,
    /// Lengths of time that transitions name: what rules leave open, or change from time to time.
    #[serde(default)]
    pub parameters: BTreeMap<Name, Short<ParameterForm>>,
    /// Facts about the session that a request may bring, read as `context.<name>`; always optional.
    #[serde(default)]
    pub context: BTreeMap<Name, Short<FactForm>>,
    /// What is known of an account, read as `account.<name>`.
    #[serde(default)]
    pub attributes: BTreeMap<Name, Short<AttributeForm>>,
    /// The kinds of principals there are.
    #[serde(default)]
    pub principal_kinds: BTreeMap<Name, PrincipalKindForm>,
    /// Rules on who may ask, demanded by transitions besides the policy.
    #[serde(default)]
    pub callers: BTreeMap<Name, CallerForm>,
    /// Proofs that transitions can demand.
    #[serde(default)]
    pub verifications: BTreeMap<Name, VerificationForm>,
    /// The rules of every one-time code, unless its verification says otherwise.
    pub codes: Option<CodesForm>,
    /// Durable limits that codes spend.
    #[serde(default)]
    pub quotas: BTreeMap<Name, QuotaForm>,
    /// Limits that shed bursts of requests before anything else is looked at.
    #[serde(default)]
    pub throttles: BTreeMap<Name, ThrottleForm>,
    /// Texts that are sent, with `${expression}` in them.
    #[serde(default)]
    pub messages: BTreeMap<Name, String>,
    /// What reading an account asks of policies.
    pub read: Option<ReadForm>,
}

/// A way in which accounts come in.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginForm {
    /// Which accounts come in so.
    pub about: Option<String>,
    /// The state of a workflow, or several of which it may be any; the initial one where left out.
    pub states: BTreeMap<Name, OneOrMany<Name>>,
}

/// A length of time with a name; its short form is the length.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ParameterForm {
    /// How long.
    pub length: Period,
    /// What it is, and where it is from.
    pub about: Option<String>,
}

impl ShortForm for ParameterForm {
    const EXPECTED: &'static str = "a length of time such as 45d, or a mapping with `length:`";

    fn short(text: String) -> Result<Self, String> {
        let length = parse_duration(&text).map_err(|error| error.to_string())?;
        Ok(Self {
            length: Period(length),
            about: None,
        })
    }
}

/// A session fact; its short form is its type.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FactForm {
    /// The type: text, int, bool, time, duration, phone, email, country, account_id, ip.
    #[serde(rename = "type")]
    pub ty: Option<String>,
    /// The words it can be, in place of a type.
    pub one_of: Option<Vec<Name>>,
    /// What policy documents call it, such as `acs:SourceIp`, in any case: `context["acs:SourceIp"]`
    /// is then the same as `context.<name>`. `acs:CurrentTime` is `now` already.
    #[serde(default)]
    pub key: OneOrMany<ConditionKey>,
    /// What it says.
    pub about: Option<String>,
}

impl ShortForm for FactForm {
    const EXPECTED: &'static str = "a type, or a mapping with `type:` or `one_of:`";

    fn short(text: String) -> Result<Self, String> {
        Ok(Self {
            ty: Some(text),
            ..Self::default()
        })
    }
}

/// An attribute of an account; its short form is its type.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttributeForm {
    /// The type: text, int, bool, time, duration, phone, email, country, account_id, ip, secret.
    #[serde(rename = "type")]
    pub ty: Option<String>,
    /// The words it can be, in place of a type.
    pub one_of: Option<Vec<Name>>,
    /// Whether an account may lack it.
    #[serde(default)]
    pub optional: bool,
    /// Whether it never changes after the account is created.
    #[serde(default)]
    pub immutable: bool,
    /// Whether only transitions give it: no account is created with one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub set_only: bool,
    /// Whether it is masked in output.
    #[serde(default)]
    pub personal: bool,
    /// Whether no two accounts may hold the same value.
    #[serde(default)]
    pub unique: bool,
    /// How many accounts may hold the same value.
    pub shared_by_at_most: Option<u32>,
    /// The value of an account that is created without one.
    pub default: Option<ScalarText>,
    /// The error code of a value that too many accounts hold.
    pub deny_code: Option<String>,
    /// What it is.
    pub about: Option<String>,
}

impl ShortForm for AttributeForm {
    const EXPECTED: &'static str = FactForm::EXPECTED;

    fn short(text: String) -> Result<Self, String> {
        Ok(Self {
            ty: Some(text),
            ..Self::default()
        })
    }
}

/// A kind of principal.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrincipalKindForm {
    /// Whether it owns its account: it then needs no policy on its own account's resources.
    #[serde(default)]
    pub owns_account: bool,
    /// Whether anyone can be one, as somebody at a logon page who has only named an account. Nothing
    /// but analysis reads it.
    #[serde(default)]
    pub anyone: bool,
}

/// A rule on the asking principal.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallerForm {
    /// The kinds of principals that satisfy it.
    pub kinds: Vec<Name>,
    /// The account the principal must belong to.
    pub of: Option<ExpressionText>,
    /// What must hold besides.
    pub when: Option<ExpressionText>,
    /// The error code for others.
    pub deny_code: Option<String>,
    /// Who is meant.
    pub about: Option<String>,
}

/// A proof: one of `code:` with `to:`, `acknowledge:` and `approval:`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["code", "to"] },
    { "required": ["acknowledge"] },
    { "required": ["approval"] },
    { "required": ["totp"] },
]))]
pub struct VerificationForm {
    /// Proved by a code; how the code travels.
    pub code: Option<Channel>,
    /// The address the code is sent to.
    pub to: Option<ExpressionText>,
    /// Proved by stating that this risk is understood.
    pub acknowledge: Option<String>,
    /// Proved by another principal's consent; the caller rule that principal satisfies.
    pub approval: Option<Name>,
    /// Proved by a code of an app: the authenticator of the account that has this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totp: Option<Name>,
    /// Whether another app is enrolled: a new secret is shown once, and a code of it proves that an
    /// app has it. It is the account's from when the transition is made.
    #[serde(default, skip_serializing_if = "is_false")]
    pub enrol: bool,
    /// When it can be used; always, if left out.
    pub available: Option<ExpressionText>,
    /// The error code where it cannot be provided.
    pub deny_code: Option<String>,
    /// What it is for.
    pub about: Option<String>,
    /// Length of the code, 6 to 10.
    pub digits: Option<u8>,
    /// Life of a code, at most 10m.
    pub valid_for: Option<Period>,
    /// Wrong codes until the attempt is locked, 1 to 10.
    pub attempts: Option<u32>,
    /// Wait before the 2nd, 3rd, … sending; the last one repeats.
    pub resend_after: Option<OneOrMany<Period>>,
    /// Most sendings per attempt, 1 to 10.
    pub sends: Option<u32>,
    /// The quotas that every sending spends.
    pub quota: Option<OneOrMany<Name>>,
}

/// The rules of one-time codes.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodesForm {
    /// Length of a code, 6 to 10; 6 by default.
    pub digits: Option<u8>,
    /// Life of a code, at most 10m; 10m by default.
    pub valid_for: Option<Period>,
    /// Wrong codes until the attempt is locked, 1 to 10; 5 by default.
    pub attempts: Option<u32>,
    /// Wait before the 2nd, 3rd, … sending; the last one repeats. By default
    /// `[30s, 60s, 120s, 300s]`.
    pub resend_after: Option<OneOrMany<Period>>,
    /// Most sendings per attempt, 1 to 10; 5 by default.
    pub sends: Option<u32>,
    /// The quotas that every sending spends.
    #[serde(default)]
    pub quota: OneOrMany<Name>,
    /// The error code of a code that is wrong, expired or unknown.
    pub deny_code: Option<String>,
}

/// A durable limit.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuotaForm {
    /// Most per window.
    pub limit: u32,
    /// The window: any stretch of this length (`24h`), or calendar days (`day`).
    pub per: Per,
    /// The IANA time zone of `per: day`; the lifecycle's zone by default.
    pub zone: Option<String>,
    /// What is counted separately, for example `account.id`.
    pub key: ExpressionText,
    /// The error code when it is used up.
    pub deny_code: Option<String>,
    /// What it is for.
    pub about: Option<String>,
}

/// An in-memory limit.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThrottleForm {
    /// Most per period, also at once.
    pub limit: u32,
    /// The period.
    pub per: Period,
    /// What is limited separately; reads only the principal, for example `principal.account`.
    pub key: ExpressionText,
    /// The error code of a request that is shed.
    pub deny_code: Option<String>,
}

/// What reading an account asks of policies.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadForm {
    /// The permission, written `service:Action`.
    pub permission: String,
    /// The resource names that it is asked over, with `${expression}` in them.
    pub resource: OneOrMany<String>,
}

fn is_false(flag: &bool) -> bool {
    !flag
}
