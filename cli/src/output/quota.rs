//! Quotas of an account, as scripts read them.

use schemars::JsonSchema;
use serde::Serialize;
use stateward::engine::QuotaUse;
use stateward::name::AccountId;
use stateward::time::Timestamp;

use super::{Document, values};

/// `stateward/quota-list/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct QuotaDocument {
    /// The account.
    pub account: String,
    /// The quotas that are counted by account.
    pub quotas: Vec<QuotaLine>,
    /// The instant that people are told times relative to.
    #[serde(skip)]
    pub now: Timestamp,
}

/// `stateward/quota/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct QuotaLine {
    /// The quota.
    pub quota: String,
    /// Most per window.
    pub limit: u32,
    /// Used in the window that ends now.
    pub used: u32,
    /// Left in it.
    pub remaining: u32,
    /// The window, as it is written.
    pub window: String,
    /// When the next use is admitted, where none is now.
    pub next_free_at: Option<String>,
}

impl Document for QuotaDocument {
    const SCHEMA: &'static str = "stateward/quota-list/v1";

    fn items(&self) -> Option<(&'static str, Vec<serde_json::Value>)> {
        Some(("stateward/quota/v1", values(&self.quotas)))
    }
}

impl QuotaDocument {
    /// What an account has used.
    pub fn new(account: &AccountId, uses: &[QuotaUse], now: Timestamp) -> Self {
        let line = |used: &QuotaUse| QuotaLine {
            quota: used.quota.to_string(),
            limit: used.limit,
            used: used.used,
            remaining: used.remaining,
            window: used.window.clone(),
            next_free_at: used.next_free_at.map(|at| at.to_string()),
        };
        Self {
            account: account.to_string(),
            quotas: uses.iter().map(line).collect(),
            now,
        }
    }
}
