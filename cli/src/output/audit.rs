//! Audits, as scripts read them.

use schemars::JsonSchema;
use serde::Serialize;
use stateward::account::{Entry, Outcome};
use stateward::engine::KeptDenial;
use stateward::engine::audit::Verified;
use stateward::engine::replay::{Again, Redecided};
use stateward::name::AccountId;

use super::history::RecordLine;
use super::veil::Veil;
use super::{Document, values};

/// `stateward/audit-verify/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct VerifyDocument {
    /// Accounts that were looked at.
    pub accounts: u64,
    /// How many of them are erased: of their records only the chain can be checked.
    pub erased: u64,
    /// Journal records.
    pub records: u64,
    /// How many of them are in the clear, as the first versions wrote them.
    pub clear_records: u64,
    /// Denials.
    pub denials: u64,
    /// Digest of the ids and heads of all accounts that were looked at.
    pub head: String,
    /// What does not hold together, the first of each account.
    pub flaws: Vec<FlawLine>,
}

/// Something that does not hold together.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FlawLine {
    /// Whose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The first record of the journal that is broken, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
    /// What does not hold.
    pub what: String,
}

impl Document for VerifyDocument {
    const SCHEMA: &'static str = "stateward/audit-verify/v1";
}

impl VerifyDocument {
    /// What a verification found.
    pub fn new(verified: &Verified) -> Self {
        let flaws = verified.flaws.iter().map(|flaw| FlawLine {
            account: flaw.account.as_ref().map(ToString::to_string),
            revision: flaw.revision.map(|revision| revision.0),
            what: flaw.what.clone(),
        });
        Self {
            accounts: verified.accounts,
            erased: verified.erased,
            records: verified.records,
            clear_records: verified.clear,
            denials: verified.denials,
            head: verified.head.to_string(),
            flaws: flaws.collect(),
        }
    }
}

/// `stateward/audit-replay/v1`
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct ReplayDocument {
    /// Records that were decided again.
    pub records: u64,
    /// How many of them came out the same.
    pub same: u64,
    /// Records that could not be opened, because their accounts are erased.
    pub closed: u64,
    /// Those that came out otherwise.
    pub differs: Vec<DifferentLine>,
    /// Those of which it cannot be told.
    pub unknown: Vec<DifferentLine>,
}

/// A decision that did not come out the same.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DifferentLine {
    /// Whose.
    pub account: String,
    /// Which record.
    pub revision: u64,
    /// When it was made.
    pub at: String,
    /// Who asked.
    pub by: String,
    /// What was asked.
    pub command: String,
    /// Of what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What differs, or why it cannot be told.
    pub what: String,
}

impl Document for ReplayDocument {
    const SCHEMA: &'static str = "stateward/audit-replay/v1";
}

impl ReplayDocument {
    /// Adds a record that was decided again.
    pub fn add(&mut self, redecided: &Redecided<'_>) {
        self.records += 1;
        let (list, what) = match &redecided.again {
            Again::Same => {
                self.same += 1;
                return;
            }
            Again::Other { outcome, .. } => {
                let (was, now) = (kind(&redecided.record.outcome), kind(outcome));
                let what = match was == now {
                    true => format!("it is {now} still, with other words"),
                    false => format!("it was {was} and would be {now}"),
                };
                (&mut self.differs, what)
            }
            Again::OtherEffects { gone, come } => {
                let list = |effects: &[_]| {
                    let told: Vec<String> = effects.iter().map(ToString::to_string).collect();
                    told.join(", ")
                };
                let what = match (gone.as_slice(), come.as_slice()) {
                    ([], []) => "it would record other events".to_owned(),
                    (gone, []) => format!("no more: {}", list(gone)),
                    ([], come) => format!("new: {}", list(come)),
                    (gone, come) => format!("no more: {}; new: {}", list(gone), list(come)),
                };
                (&mut self.differs, what)
            }
            Again::Unknown(reason) => (&mut self.unknown, (*reason).to_owned()),
        };
        let (record, request) = (redecided.record, &redecided.record.request);
        list.push(DifferentLine {
            account: redecided.account.to_string(),
            revision: record.revision.0,
            at: record.at.to_string(),
            by: request.actor.told(),
            command: request.command.word().to_owned(),
            subject: request.command.subject(),
            what,
        });
    }
}

fn kind(outcome: &Outcome) -> &'static str {
    stateward::account::AnswerKind::from(outcome).name()
}

/// `stateward/audit-record/v1`: a journal record on a line of its own.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AuditRecord {
    /// Whose.
    pub account: String,
    /// Hash of its stored form, which the next record names as `previous`.
    pub digest: String,
    /// The record.
    #[serde(flatten)]
    pub record: RecordLine,
}

impl Document for AuditRecord {
    const SCHEMA: &'static str = "stateward/audit-record/v1";
}

impl AuditRecord {
    /// A record of an account, with what is personal masked.
    pub fn new(account: &AccountId, entry: &Entry, veil: Veil<'_>) -> Self {
        Self {
            account: account.to_string(),
            digest: entry.digest.to_string(),
            record: RecordLine::new(entry, veil),
        }
    }
}

/// `stateward/audit-denial/v1`: a denial that was kept.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AuditDenial {
    /// About which account, as far as it was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Its number, within those of the account, or of accounts that do not exist.
    pub number: u64,
    /// When.
    pub at: String,
    /// Who asked.
    pub by: String,
    /// What was asked: `create`, `run`, `confirm`, `resend` or `cancel`.
    pub command: String,
    /// Of what: a transition or an attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The gate that refused.
    pub gate: &'static str,
    /// The diagnostic code, for `explain`.
    pub code: String,
    /// The domain's own error code, where the lifecycle declares one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deny_code: Option<String>,
    /// Denials since the one before that were counted and not kept, because there were too many.
    pub uncounted: u64,
    /// Fingerprint of the definition that decided.
    pub bundle: String,
}

impl Document for AuditDenial {
    const SCHEMA: &'static str = "stateward/audit-denial/v1";
}

impl From<&KeptDenial> for AuditDenial {
    fn from(kept: &KeptDenial) -> Self {
        let refusal = &kept.refusal;
        Self {
            account: refusal.account.as_ref().map(ToString::to_string),
            number: kept.number,
            at: refusal.at.to_string(),
            by: refusal.by.clone(),
            command: refusal.command.clone(),
            subject: refusal.subject.clone(),
            gate: refusal.gate.name(),
            code: refusal.code.clone(),
            deny_code: refusal.deny_code.clone(),
            uncounted: refusal.uncounted,
            bundle: refusal.bundle.to_string(),
        }
    }
}

/// `stateward/audit-list/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct AuditList {
    /// What was decided, the newest last.
    pub entries: Vec<AuditListLine>,
}

impl Document for AuditList {
    const SCHEMA: &'static str = "stateward/audit-list/v1";

    fn items(&self) -> Option<(&'static str, Vec<serde_json::Value>)> {
        Some(("stateward/audit-entry/v1", values(&self.entries)))
    }
}

/// `stateward/audit-entry/v1`
#[derive(Debug, Serialize, JsonSchema)]
pub struct AuditListLine {
    /// When.
    pub at: String,
    /// About which account, as far as it was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The revision that it brought the account to; none of a denial that changed nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
    /// Who asked.
    pub by: String,
    /// What was asked.
    pub command: String,
    /// Of what: a transition, or what happens by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// `applied`, `pending` or `denied`.
    pub decision: &'static str,
    /// The diagnostic code of a denial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Denials since the one before that were counted and not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncounted: Option<u64>,
}

impl AuditListLine {
    /// A record of an account.
    pub fn new(account: &AccountId, entry: &Entry) -> Self {
        let envelope = &entry.envelope;
        let code = entry.record.as_ref().and_then(|it| match &it.outcome {
            Outcome::Denied(denial) => Some(denial.code.clone()),
            _ => None,
        });
        Self {
            at: envelope.at.to_string(),
            account: Some(account.to_string()),
            revision: Some(envelope.revision.0),
            by: envelope.by.clone(),
            command: envelope.command.clone(),
            subject: envelope.subject.clone(),
            decision: envelope.answer.name(),
            code,
            uncounted: None,
        }
    }
}

impl From<&KeptDenial> for AuditListLine {
    fn from(kept: &KeptDenial) -> Self {
        let refusal = &kept.refusal;
        Self {
            at: refusal.at.to_string(),
            account: refusal.account.as_ref().map(ToString::to_string),
            revision: None,
            by: refusal.by.clone(),
            command: refusal.command.clone(),
            subject: refusal.subject.clone(),
            decision: "denied",
            code: Some(refusal.code.clone()),
            uncounted: (refusal.uncounted > 0).then_some(refusal.uncounted),
        }
    }
}
