//! The JSON Schema of a lifecycle's files, for completion and checks in editors.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{AccountFile, EditionFile, WorkflowFile};
use crate::name::{AccountId, ConditionKey, Name, TransitionName};

impl JsonSchema for Name {
    fn schema_name() -> Cow<'static, str> {
        "Name".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$" })
    }
}

impl JsonSchema for TransitionName {
    fn schema_name() -> Cow<'static, str> {
        "TransitionName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A transition's full name: workflow.transition",
            "type": "string",
            "pattern": "^[a-z][a-z0-9_]{0,63}\\.[a-z][a-z0-9_]{0,63}$",
        })
    }
}

impl JsonSchema for AccountId {
    fn schema_name() -> Cow<'static, str> {
        "AccountId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[A-Za-z0-9._@-]{1,128}$" })
    }
}

impl JsonSchema for ConditionKey {
    fn schema_name() -> Cow<'static, str> {
        "ConditionKey".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What policy documents call a fact: service:Name or service:Name/part",
            "type": "string",
            "pattern": "^[A-Za-z][A-Za-z0-9-]*:[A-Za-z][A-Za-z0-9_.-]*(/[!-~]+)?$",
        })
    }
}

/// The JSON Schema of all kinds of files: `account.yaml`, workflows and `edition.yaml`.
pub fn schema() -> serde_json::Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let account = generator.subschema_for::<AccountFile>();
    let edition = generator.subschema_for::<EditionFile>();
    let workflow = generator.subschema_for::<WorkflowFile>();
    serde_json::json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stateward lifecycle",
        "description": "A file of a lifecycle: account.yaml, one workflow, or edition.yaml.",
        "anyOf": [account, workflow, edition],
        "$defs": generator.take_definitions(true),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// The committed schema is the one that the types say; `UPDATE=1` writes it anew.
    #[test]
    fn the_committed_schema_is_current() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../workflows/schema.json");
        let current = serde_json::to_string_pretty(&super::schema()).unwrap() + "\n";
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &current).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == current,
            "workflows/schema.json is stale: run `UPDATE=1 cargo test -p stateward schema`"
        );
    }
}
