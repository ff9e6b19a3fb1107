//! A file of properties as it is written.
//!
//! The documentation of each field is what editors show while a file is written: it becomes the
//! description in the JSON Schema.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::lifecycle::syntax::{ExpressionText, OneOrMany, ScalarText, Short, ShortForm};
use crate::name::{Name, TransitionName};

/// Properties: what must hold of every account that follows a lifecycle.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PropertiesFile {
    /// What the properties are about.
    pub about: Option<String>,
    /// The properties.
    pub properties: Vec<PropertyForm>,
}

/// A property: a name and one claim.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["always"] },
    { "required": ["never"] },
    { "required": ["leads_to"] },
    { "required": ["requires"] },
    { "required": ["only"] },
]))]
pub struct PropertyForm {
    /// What it says, in a few words; unlike that of any other property of the file.
    pub name: String,
    /// Why it must hold.
    pub because: Option<String>,
    /// What is known of the account at its beginning: attributes by name (`unset`: it has none), and
    /// its `id`. Nothing is taken for granted of the others.
    #[serde(default, rename = "for")]
    pub given: BTreeMap<Name, ScalarText>,
    /// Where the account begins, by workflow; elsewhere in the initial state.
    #[serde(default)]
    pub starting_in: BTreeMap<Name, Name>,
    /// Holds in every state that an account can come to. Reads `account` and `state`.
    pub always: Option<ExpressionText>,
    /// Holds in no state that an account can come to; or a step that is never made.
    pub never: Option<Short<NeverForm>>,
    /// From every state where one thing holds, another can still be brought about.
    pub leads_to: Option<LeadsToForm>,
    /// A step demands proofs, whichever way it is made.
    pub requires: Option<RequiresForm>,
    /// A step is made by some alone.
    pub only: Option<OnlyForm>,
}

/// Declares forms that describe a step, each with keys of its own.
macro_rules! step_forms {
    ($($(#[$doc:meta])* $form:ident { $($(#[$key_doc:meta])* $key:ident: $ty:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
            #[serde(deny_unknown_fields)]
            pub struct $form {
                $($(#[$key_doc])* pub $key: $ty,)*
                /// The transitions that are meant: `workflow.transition`, all of a workflow
                /// (`workflow.*`), or `any`. What they trigger counts as part of them.
                #[serde(default)]
                pub does: OneOrMany<String>,
                /// Steps that give one of these attributes another value.
                #[serde(default)]
                pub changes: OneOrMany<Name>,
                /// Steps after which this holds, where it did not hold before.
                pub enters: Option<ExpressionText>,
                /// Steps before which this holds.
                pub when: Option<ExpressionText>,
            }

            impl $form {
                /// The step that it describes.
                pub(super) fn step(&self) -> StepParts<'_> {
                    StepParts {
                        does: &self.does.0,
                        changes: &self.changes.0,
                        enters: self.enters.as_ref(),
                        when: self.when.as_ref(),
                    }
                }
            }
        )*
    };
}

/// What every description of a step has.
#[derive(Clone, Copy)]
pub(super) struct StepParts<'f> {
    pub(super) does: &'f [String],
    pub(super) changes: &'f [Name],
    pub(super) enters: Option<&'f ExpressionText>,
    pub(super) when: Option<&'f ExpressionText>,
}

step_forms! {
    /// What never is: an expression (the short form), or a step that nobody makes, or not these.
    NeverForm {
        /// What holds in no state. In place of a step.
        state: Option<ExpressionText>,
        /// Who never makes the step; nobody, if left out.
        #[serde(default)]
        by: OneOrMany<Short<WhoForm>>,
    }
    /// A step and the proofs that it demands.
    RequiresForm {
        /// The proofs, every one: a verification, or one of several.
        proof: OneOrMany<Short<ProofForm>>,
        /// Whether they are demanded in this order.
        #[serde(default)]
        in_order: bool,
    }
    /// A step and those who alone make it.
    OnlyForm {
        /// Who alone makes it.
        who: OneOrMany<Short<WhoForm>>,
    }
}

impl ShortForm for NeverForm {
    const EXPECTED: &'static str = "an expression, or a mapping that describes a step";

    fn short(text: String) -> Result<Self, String> {
        Ok(Self {
            state: Some(ExpressionText(text)),
            ..Self::default()
        })
    }
}

/// From wherever one thing holds, there is a lawful way to where the other holds.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeadsToForm {
    /// Where the way begins: every state in which this holds. A condition on attributes that the way
    /// does not change holds along the way as well.
    pub from: ExpressionText,
    /// Where it must be able to end.
    pub to: ExpressionText,
    /// Whose steps the way is made of; anybody's, if left out.
    #[serde(default)]
    pub by: OneOrMany<Short<WhoForm>>,
    /// Transitions that the way does without, written as in `does`.
    #[serde(default)]
    pub without: OneOrMany<String>,
}

/// Those who make a step; the short form is a listed principal, as `ram_user/alice`, or `time`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WhoForm {
    /// Listed principals by their full names, or `time`: what happens by itself.
    #[serde(default)]
    pub principal: OneOrMany<String>,
    /// All principals of these kinds.
    #[serde(default)]
    pub kind: OneOrMany<Name>,
    /// Whoever a transition admits under these caller rules.
    #[serde(default)]
    pub caller: OneOrMany<Name>,
}

impl ShortForm for WhoForm {
    const EXPECTED: &'static str =
        "a principal, or a mapping with `principal:`, `kind:` or `caller:`";

    fn short(text: String) -> Result<Self, String> {
        Ok(Self {
            principal: OneOrMany(vec![text]),
            ..Self::default()
        })
    }
}

/// A proof that is always demanded: one of these verifications. The short form is one of them.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProofForm {
    /// These verifications.
    #[serde(default)]
    pub any: OneOrMany<Name>,
    /// All verifications whose codes go to one of these addresses, such as `account.phone`.
    #[serde(default)]
    pub code_to: OneOrMany<String>,
}

impl ShortForm for ProofForm {
    const EXPECTED: &'static str = "a verification, or a mapping with `any:` or `code_to:`";

    fn short(text: String) -> Result<Self, String> {
        let name = text.parse().map_err(|error| format!("{error}"))?;
        Ok(Self {
            any: OneOrMany(vec![name]),
            ..Self::default()
        })
    }
}

/// Which transitions a text of `does:` or `without:` means.
pub(super) enum Named {
    Any,
    OfWorkflow(Name),
    One(TransitionName),
}

impl Named {
    /// Reads one; nothing, where it has none of the three forms.
    pub(super) fn read(text: &str) -> Option<Self> {
        match text.split_once('.') {
            None => (text == "any").then_some(Self::Any),
            Some((workflow, "*")) => workflow.parse().ok().map(Self::OfWorkflow),
            Some(_) => text.parse().ok().map(Self::One),
        }
    }
}

/// The JSON Schema of a file of properties.
pub fn schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(PropertiesFile).to_value();
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("title".to_owned(), "Stateward properties".into());
    }
    schema
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// The committed schema is the one that the types say; `UPDATE=1` writes it anew.
    #[test]
    fn the_committed_schema_is_current() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let path = root.join("workflows/properties.schema.json");
        let current = serde_json::to_string_pretty(&super::schema()).unwrap() + "\n";
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &current).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == current,
            "workflows/properties.schema.json is stale: \
             run `UPDATE=1 cargo test -p stateward schema`"
        );
    }
}
