//! What erasing an account did, as scripts read it.

use schemars::JsonSchema;
use serde::Serialize;
use stateward::engine::Erasure;
use stateward::name::AccountId;

use super::Document;

/// `stateward/erasure/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct ErasureDocument {
    /// The account.
    pub account: String,
    /// When it was erased.
    pub at: String,
    /// Whether it had been erased before; nothing was changed now.
    pub before: bool,
    /// Attributes that went.
    pub attributes: usize,
    /// Attempts that were closed.
    pub attempts: usize,
    /// Messages that will not go out.
    pub messages: usize,
    /// Answers that are not given again.
    pub answers: usize,
    /// Journal records that are closed now.
    pub sealed_records: usize,
    /// Journal records that the first versions wrote in the clear, and that stay so.
    pub clear_records: usize,
}

impl Document for ErasureDocument {
    const SCHEMA: &'static str = "stateward/erasure/v1";
}

impl ErasureDocument {
    /// What was done to an account.
    pub fn new(id: &AccountId, erasure: &Erasure) -> Self {
        Self {
            account: id.to_string(),
            at: erasure.at.to_string(),
            before: erasure.before,
            attributes: erasure.attributes,
            attempts: erasure.attempts,
            messages: erasure.messages,
            answers: erasure.answers,
            sealed_records: erasure.sealed,
            clear_records: erasure.clear,
        }
    }
}
