//! A file of cases as it is written.
//!
//! The documentation of each field is what editors show while a file is written: it becomes the
//! description in the JSON Schema.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::lifecycle::syntax::{OneOrMany, ScalarText, Short, ShortForm};
use crate::name::{Name, TransitionName};

/// Cases: requests with the answer that policies are expected to give.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    /// What the cases show.
    pub about: Option<String>,
    /// What holds for every case that does not say otherwise.
    #[serde(default)]
    pub given: GivenForm,
    /// Accounts that cases name.
    #[serde(default)]
    pub accounts: BTreeMap<Name, AccountForm>,
    /// The cases.
    pub cases: Vec<CaseForm>,
}

/// What holds for every case that does not say otherwise.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenForm {
    /// Who asks.
    #[serde(default)]
    pub principal: OneOrMany<Short<PrincipalForm>>,
    /// The account that is asked about.
    #[serde(default)]
    pub account: OneOrMany<Short<AccountForm>>,
    /// Facts about the session; a case adds its own.
    #[serde(default)]
    pub context: BTreeMap<Name, ScalarText>,
    /// What the request brings; a case adds its own.
    #[serde(default)]
    pub input: BTreeMap<Name, ScalarText>,
    /// When it is asked, as RFC 3339 in quotes: "2026-11-22T08:30:00Z".
    pub now: Option<String>,
}

/// A case: a request and the expected answer. Lists of principals, accounts, actions or transitions
/// stand for a request of each with each.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["action"] },
    { "required": ["transition"] },
]))]
pub struct CaseForm {
    /// What it shows, in a few words; unlike that of any other case of the file.
    pub name: String,
    /// Who asks: a listed principal (`ram_user/ops-lin`), an account's owner (`root/1001`), or one
    /// that is described here.
    #[serde(default)]
    pub principal: OneOrMany<Short<PrincipalForm>>,
    /// The action, written `service:Action`.
    #[serde(default)]
    pub action: OneOrMany<String>,
    /// The resources of the action: all of them must be allowed.
    #[serde(default)]
    pub resource: OneOrMany<String>,
    /// In place of action and resources: a transition, whose permission is asked for.
    #[serde(default)]
    pub transition: OneOrMany<TransitionName>,
    /// The account that is asked about: one of `accounts:`, or one that is described here.
    #[serde(default)]
    pub account: OneOrMany<Short<AccountForm>>,
    /// Facts about the session, such as `mfa: true`.
    #[serde(default)]
    pub context: BTreeMap<Name, ScalarText>,
    /// What the request brings.
    #[serde(default)]
    pub input: BTreeMap<Name, ScalarText>,
    /// When it is asked, as RFC 3339 in quotes: "2026-11-22T08:30:00Z".
    pub now: Option<String>,
    /// The answer.
    pub expect: Expected,
    /// The policy that decides, or one statement of it by its line: `FolderAdministrator:34`.
    pub by: Option<String>,
    /// The stage at which it is decided.
    pub stage: Option<StageWord>,
}

/// A stage that requests pass.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum StageWord {
    /// The control policies of a node of the directory.
    ControlPolicy,
    /// The policies that bound the session.
    Session,
    /// The principal owns the account of the resource.
    Ownership,
    /// The policies of the principal and its groups; also where nothing allows.
    Identity,
    /// The policies that the principal has in a resource group.
    ResourceGroup,
    /// The policies of the resource itself.
    ResourceBased,
}

/// An answer that is expected.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// Something allows it and nothing denies it.
    Allow,
    /// It is not allowed, for either reason.
    Deny,
    /// A statement denies it.
    ExplicitDeny,
    /// Nothing allows it.
    ImplicitDeny,
}

/// A principal that is described; its short form is the name of one that exists.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrincipalForm {
    /// Its full name, `kind/name`.
    pub name: String,
    /// The account that it belongs to. Without one, the name is that of a principal that exists.
    pub account: Option<String>,
    /// The policies that it has.
    #[serde(default)]
    pub policies: Vec<String>,
    /// The groups that it is in; it has their policies too.
    #[serde(default)]
    pub groups: Vec<String>,
    /// The policies that it has in resource groups.
    #[serde(default)]
    pub resource_groups: BTreeMap<String, Vec<String>>,
    /// The policies that bound its session; also of a principal that exists.
    pub session: Option<Vec<String>>,
    /// Whether it is linked to a service, so that control policies do not bind it.
    #[serde(default)]
    pub service_linked: bool,
}

impl ShortForm for PrincipalForm {
    const EXPECTED: &'static str = "a principal's name, or a mapping with `name:` and `account:`";

    fn short(name: String) -> Result<Self, String> {
        Ok(Self {
            name,
            account: None,
            policies: Vec::new(),
            groups: Vec::new(),
            resource_groups: BTreeMap::new(),
            session: None,
            service_linked: false,
        })
    }
}

/// A hypothetical account; its short form is the name of one under `accounts:`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountForm {
    /// The one of `accounts:` that it is like, where it does not say otherwise.
    pub like: Option<Name>,
    /// Its id.
    pub id: Option<String>,
    /// When it was created, as RFC 3339.
    pub created_at: Option<String>,
    /// Its attributes. Only those are needed that answers depend on.
    #[serde(default)]
    pub attributes: BTreeMap<Name, ScalarText>,
    /// Its states, by workflow; elsewhere it is in the initial one.
    #[serde(default)]
    pub states: BTreeMap<Name, Name>,
}

impl ShortForm for AccountForm {
    const EXPECTED: &'static str = "the name of an account, or a mapping that describes one";

    fn short(text: String) -> Result<Self, String> {
        let like = text.parse().map_err(|error| format!("{error}"))?;
        Ok(Self {
            like: Some(like),
            ..Self::default()
        })
    }
}

/// The JSON Schema of a file of cases.
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(CaseFile).to_value();
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("title".to_owned(), "Stateward policy cases".into());
    }
    schema
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// The committed schema is the one that the types say; `UPDATE=1` writes it anew.
    #[test]
    fn the_committed_schema_is_current() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/tests/schema.json");
        let current = serde_json::to_string_pretty(&super::schema()).unwrap() + "\n";
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &current).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == current,
            "policies/tests/schema.json is stale: run `UPDATE=1 cargo test -p stateward schema`"
        );
    }
}
