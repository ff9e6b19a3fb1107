//! Cases: single requests, each with the answer that policies are expected to give.
//!
//! A case that cannot be asked as it is written is an error of its file, never a pass: unknown
//! names, values of another type, and facts that the answer depends on and the case leaves open.

mod account;
mod actions;
mod load;
mod open;
mod parts;
mod principal;
mod run;
mod syntax;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use load::load;
pub use syntax::{
    AccountForm, CaseFile, CaseForm, Expected, GivenForm, PrincipalForm, StageWord, schema,
};

use crate::account::Account;
use crate::bundle::Bundle;
use crate::expr::{Facts, Slot};
use crate::name::Name;
use crate::policy::Principal;
use crate::situation::{Asked, Situation};
use crate::source::{FileId, Span};
use crate::time::Timestamp;
use crate::value::Value;
use crate::workbench::trace::{Question, Suppose, Trace};

/// A checked file of cases.
#[derive(Debug)]
pub struct Cases {
    /// The file.
    pub file: FileId,
    /// The accounts that it names, as far as they have an id.
    pub accounts: BTreeMap<Name, Account>,
    /// The cases; a table is as many as it stands for.
    pub cases: Vec<Case>,
}

/// One request with the expected answer.
#[derive(Debug)]
pub struct Case {
    /// What it shows; of a table, with what sets this request apart.
    pub name: String,
    /// Who asks.
    pub principal: Principal,
    /// The account that is asked about.
    pub account: Option<Account>,
    /// What is asked for.
    pub action: Arc<str>,
    /// Over which resources.
    pub resources: Vec<String>,
    /// What is known of the session.
    pub context: BTreeMap<Name, Value>,
    /// What the request brings.
    pub inputs: BTreeMap<Name, Value>,
    /// When it is asked.
    pub now: Timestamp,
    /// The expected answer.
    pub expected: Expected,
    /// What is expected to decide.
    pub by: Option<Decider>,
    /// Where on the way it is expected to be decided, and where that is written.
    pub stage: Option<(StageWord, Span)>,
    /// Where its name is written.
    pub span: Span,
    /// Where the expected answer is written.
    pub expected_span: Span,
}

/// What is expected to decide.
#[derive(Debug, Clone)]
pub struct Decider {
    /// The policy.
    pub policy: Arc<str>,
    /// The line where the statement is written, if one statement is meant.
    pub line: Option<u32>,
    /// Where that is expected.
    pub span: Span,
}

impl Case {
    /// What policies see of it.
    pub fn situation(&self) -> Situation<'_> {
        Situation {
            account: self.account.as_ref(),
            asked: Asked {
                principal: Some(&self.principal),
                context: &self.context,
                inputs: &self.inputs,
            },
            now: self.now,
        }
    }

    /// Why policies answer it as they do, as far as that follows from the known facts.
    pub(super) fn trace(
        &self,
        bundle: &Bundle,
        facts: &Facts<'_>,
        known: &dyn Fn(Slot) -> bool,
    ) -> Trace {
        let question = Question {
            bundle,
            principal: &self.principal,
            action: &self.action,
            facts,
            known,
            // Nothing of a case is anybody's secret.
            hidden: &|_| false,
            suppose: Suppose::NOTHING,
        };
        question.trace(&self.resources())
    }

    /// Its resources, as policies are asked about them.
    pub fn resources(&self) -> Vec<&str> {
        self.resources.iter().map(String::as_str).collect()
    }
}
