//! What scripts read: every JSON type of the command line, each converted by hand from the engine's
//! types, so that the two can change apart. A document names its schema and version.

pub mod account;
pub mod audit;
pub mod change;
pub mod check;
pub mod decision;
pub mod demo;
pub mod denial;
pub mod diff;
pub mod erase;
pub mod error;
pub mod explain;
pub mod graph;
pub mod history;
pub mod operate;
pub mod plan;
pub mod policy;
pub mod project;
pub mod quota;
pub mod sarif;
pub mod schemas;
pub mod simulate;
pub mod store;
pub mod takeover;
pub mod veil;

use serde::Serialize;
use serde_json::Value;

/// How a command answers on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// Text for people; its form may change with any version.
    #[default]
    Text,
    /// One JSON document, on every way out.
    Json,
    /// One JSON document a line: one per item of a list, otherwise one.
    Jsonl,
    /// One SARIF log, of findings only: what code scanning reads.
    #[value(hide = true)]
    Sarif,
}

/// A document that scripts can rely on.
pub trait Document: Serialize {
    /// Its schema and version: `stateward/run/v1`. Fields are only ever added within a version.
    const SCHEMA: &'static str;

    /// The items of a list with the schema of one, for a line each.
    fn items(&self) -> Option<(&'static str, Vec<Value>)> {
        None
    }
}

/// A document with its schema, as it is written.
#[derive(Serialize)]
struct Envelope<'a, T> {
    schema: &'static str,
    #[serde(flatten)]
    body: &'a T,
}

/// The document as it goes to standard output; empty for a list without items as lines.
///
/// # Errors
/// When a value cannot be JSON, which is a defect of this program.
pub fn to_json<D: Document>(document: &D, format: Format) -> Result<String, serde_json::Error> {
    let schema = D::SCHEMA;
    let mut text = String::new();
    let whole = Envelope {
        schema,
        body: document,
    };
    match (format, document.items()) {
        (Format::Jsonl, Some((schema, items))) => {
            for body in &items {
                text.push_str(&serde_json::to_string(&Envelope { schema, body })?);
                text.push('\n');
            }
            return Ok(text);
        }
        (Format::Jsonl, None) => text.push_str(&serde_json::to_string(&whole)?),
        _ => text.push_str(&serde_json::to_string_pretty(&whole)?),
    }
    text.push('\n');
    Ok(text)
}

/// The items as JSON values; one that cannot be JSON is left out.
pub fn values<T: Serialize>(items: &[T]) -> Vec<Value> {
    items
        .iter()
        .filter_map(|item| serde_json::to_value(item).ok())
        .collect()
}
