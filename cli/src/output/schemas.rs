//! JSON Schemas of the documents, from the types that are written.

use schemars::{JsonSchema, schema_for};
use serde_json::{Value, json};

use super::Document;
use super::account::{AccountDocument, AccountList, AttemptList};
use super::audit::{AuditDenial, AuditList, AuditRecord, ReplayDocument, VerifyDocument};
use super::check::CheckDocument;
use super::decision::{DecisionDocument, WhyDocument};
use super::demo::DemoDocument;
use super::erase::ErasureDocument;
use super::error::ErrorDocument;
use super::explain::{CodeList, ExplainDocument};
use super::graph::GraphDocument;
use super::history::HistoryDocument;
use super::operate::{PumpDocument, TickDocument};
use super::plan::PlanDocument;
use super::policy::diff::DiffDocument;
use super::policy::export::ExportDocument;
use super::policy::fmt::FmtDocument;
use super::policy::import::ImportDocument;
use super::policy::matrix::{MatrixDocument, PendingDocument};
use super::policy::reference::ReferenceDocument;
use super::policy::repl::AnswerDocument;
use super::policy::test::PolicyTestDocument;
use super::policy::who_can::WhoCanDocument;
use super::policy::why::PolicyWhyDocument;
use super::policy::{PolicyDocument, PolicyList};
use super::project::InitDocument;
use super::quota::QuotaDocument;
use super::simulate::{GenerateDocument, SimulateDocument};
use super::store::{
    BackupDocument, CompactDocument, InfoDocument, MigrateDocument, RestoreDocument,
};
use super::takeover::TakeoverDocument;

/// A kind of document and its schema.
pub struct Described {
    /// Its name and version, without the program's name.
    pub name: &'static str,
    /// Its JSON Schema.
    pub schema: fn() -> Value,
}

/// Every kind of document.
pub fn documents() -> Vec<Described> {
    vec![
        of::<AccountDocument>(),
        of::<AccountList>(),
        of::<AttemptList>(),
        of::<AuditDenial>(),
        of::<AuditList>(),
        of::<AuditRecord>(),
        of::<ReplayDocument>(),
        of::<VerifyDocument>(),
        of::<CheckDocument>(),
        of::<CodeList>(),
        of::<DecisionDocument>(),
        of::<DemoDocument>(),
        of::<super::diff::DiffDocument>(),
        of::<ErasureDocument>(),
        of::<ErrorDocument>(),
        of::<ExplainDocument>(),
        of::<GenerateDocument>(),
        of::<GraphDocument>(),
        of::<HistoryDocument>(),
        of::<InitDocument>(),
        of::<FmtDocument>(),
        of::<ImportDocument>(),
        of::<MatrixDocument>(),
        of::<PendingDocument>(),
        of::<PlanDocument>(),
        of::<PolicyDocument>(),
        of::<DiffDocument>(),
        of::<ExportDocument>(),
        of::<PolicyList>(),
        of::<WhoCanDocument>(),
        of::<PolicyWhyDocument>(),
        of::<PolicyTestDocument>(),
        of::<ReferenceDocument>(),
        of::<AnswerDocument>(),
        of::<PumpDocument>(),
        of::<QuotaDocument>(),
        of::<SimulateDocument>(),
        of::<BackupDocument>(),
        of::<CompactDocument>(),
        of::<InfoDocument>(),
        of::<MigrateDocument>(),
        of::<RestoreDocument>(),
        of::<TakeoverDocument>(),
        of::<TickDocument>(),
        of::<WhyDocument>(),
    ]
}

fn of<D: Document + JsonSchema>() -> Described {
    Described {
        name: D::SCHEMA.trim_start_matches("stateward/"),
        schema: schema::<D>,
    }
}

/// The schema of a document in its envelope.
fn schema<D: Document + JsonSchema>() -> Value {
    let mut schema = schema_for!(D).to_value();
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert("schema".to_owned(), json!({ "const": D::SCHEMA }));
    }
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        required.insert(0, json!("schema"));
    }
    schema
}
