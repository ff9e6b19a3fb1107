//! `edition.yaml`: an edition that lays its files over those of the lifecycle's folder.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::name::Name;

/// Another edition of a lifecycle: the files beside this one stand in the place of those of their
/// names in the lifecycle's folder.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EditionFile {
    /// Which dated set of rules this is: the name of this folder, for example `2025-12`.
    pub edition: String,
    /// What has changed in it.
    pub about: Option<String>,
    /// How accounts come into it.
    pub migration: MigrationForm,
}

/// How accounts of another edition come into this one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MigrationForm {
    /// The edition that they come from: the one of the lifecycle's folder.
    pub from: String,
    /// By workflow, the new name of each old state. A state that is still there needs none.
    #[serde(default)]
    pub states: BTreeMap<Name, BTreeMap<Name, Name>>,
}
