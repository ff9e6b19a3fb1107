//! Refusals, as scripts read them.

use schemars::JsonSchema;
use serde::Serialize;
use stateward::account::Gate;
use stateward::policy::{Effect, Principal, Stage};

use super::decision::About;

/// Why a request was refused.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Denial {
    /// The gate that refused.
    pub gate: &'static str,
    /// The diagnostic code, for `explain`.
    pub code: String,
    /// The domain's own error code, where the lifecycle declares one.
    pub deny_code: Option<String>,
    /// `ExplicitDeny` or `ImplicitDeny`, where policies refused.
    pub effect: Option<String>,
    /// What happened.
    pub message: String,
    /// When it is worth asking again.
    pub retry_at: Option<String>,
    /// `file:line:column` of the rule that decided.
    pub place: Option<String>,
}

impl From<&stateward::account::Denial> for Denial {
    fn from(denial: &stateward::account::Denial) -> Self {
        Self {
            gate: denial.gate.name(),
            code: denial.code.clone(),
            deny_code: denial.deny_code.clone(),
            effect: denial.effect.clone(),
            message: denial.message.clone(),
            retry_at: denial.retry_at.map(|at| at.to_string()),
            place: denial.place.clone(),
        }
    }
}

/// The fields of RAM's `AccessDeniedDetail` that are known here, in RAM's own spelling.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct AccessDenied {
    /// The permission that was asked for.
    pub auth_action: Option<String>,
    /// The kind of the principal: `SubUser`, `AssumedRoleUser`, … or the lifecycle's own word.
    pub auth_principal_type: Option<String>,
    /// `ExplicitDeny` or `ImplicitDeny`.
    pub no_permission_type: Option<String>,
    /// Which class of policies refused.
    pub policy_type: &'static str,
}

impl AccessDenied {
    /// The detail of a denial by policies; none of any other gate, which is not RAM's business.
    pub fn new(denial: &stateward::account::Denial, about: &About) -> Option<Self> {
        (denial.gate == Gate::Policy).then(|| Self {
            auth_action: about.permission.clone(),
            auth_principal_type: about.principal_kind.as_deref().map(principal_type),
            no_permission_type: denial.effect.clone(),
            policy_type: "AccountLevelIdentityBasedPolicy",
        })
    }

    /// The detail of a refusal at a stage.
    pub fn of_stage(action: &str, principal: &Principal, effect: Effect, stage: &Stage) -> Self {
        Self {
            auth_action: Some(action.to_owned()),
            auth_principal_type: Some(principal_type(principal.kind.as_str())),
            no_permission_type: Some(effect.to_string()),
            policy_type: match stage {
                Stage::ControlPolicy { .. } => "ControlPolicy",
                Stage::Session => "SessionPolicy",
                Stage::ResourceGroup { .. } => "ResourceGroupLevelIdentityBasedPolicy",
                Stage::ResourceBased => "ResourceBasedPolicy",
                Stage::Identity | Stage::Ownership => "AccountLevelIdentityBasedPolicy",
            },
        }
    }
}

/// RAM's word for a kind of principal, where it has one.
fn principal_type(kind: &str) -> String {
    match kind {
        "ram_user" => "SubUser",
        "ram_role" => "AssumedRoleUser",
        "sso_session" => "Federated",
        own => own,
    }
    .to_owned()
}
