//! `checks/accepted.yaml`: findings that are meant, each with the reason.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::codes;
use crate::diagnostic::{self, Code, Diagnostic, yaml};
use crate::lifecycle::codes as lifecycle;
use crate::policy::codes as policy;
use crate::source::{FileId, Place, Span};

/// One finding that is accepted, as it is written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptedForm {
    /// The code of the finding.
    code: String,
    /// What it is about: `mobile_phone.change`, a state, an attribute, a caller, a policy. Without
    /// it, every finding of the code is accepted.
    at: Option<String>,
    /// Why it is meant.
    because: String,
}

/// Findings that are accepted.
#[derive(Debug, Default)]
pub struct Accepted {
    entries: Vec<Entry>,
}

/// One line of the file.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) code: Code,
    /// What the finding is about; anything, where absent.
    pub(super) at: Option<Arc<str>>,
    pub(super) because: Arc<str>,
    /// Where the code is written.
    pub(super) span: Span,
    /// Where the place is written.
    pub(super) at_span: Span,
}

impl Accepted {
    /// Reads a file, besides those that were read. What is wrong is added to `findings`, and left out.
    pub fn read(&mut self, file: FileId, text: &str, findings: &mut Vec<Diagnostic>) {
        let (read, errors) = yaml::read::<Vec<AcceptedForm>>(file, text);
        findings.extend(errors);
        let Some(read) = read else { return };
        for (index, form) in read.value.into_iter().enumerate() {
            match entry(form, read.document.root().item(index)) {
                Ok(entry) => self.add(entry, findings),
                Err(wrong) => findings.push(*wrong),
            }
        }
    }

    fn add(&mut self, entry: Entry, findings: &mut Vec<Diagnostic>) {
        let same = |other: &&Entry| other.code == entry.code && other.at == entry.at;
        if let Some(first) = self.entries.iter().find(same) {
            let says = format!("this finding of {} is accepted twice", entry.code);
            let finding = Diagnostic::warning(codes::ACCEPTED_IN_VAIN, entry.span, says);
            findings.push(finding.also(first.span, "accepted here already"));
            return;
        }
        self.entries.push(entry);
    }

    /// Why a finding is accepted, if it is; `at` is what it is about.
    pub fn because(&self, code: Code, at: Option<&str>) -> Option<&Arc<str>> {
        let (_, entry) = self.find(code, at)?;
        Some(&entry.because)
    }

    /// The line that accepts a finding, and its number: one for its place before one for its code.
    pub(super) fn find(&self, code: Code, at: Option<&str>) -> Option<(usize, &Entry)> {
        let of_code = || {
            let all = self.entries.iter().enumerate();
            all.filter(|(_, entry)| entry.code == code)
        };
        let here = at.and_then(|at| of_code().find(|(_, entry)| entry.at.as_deref() == Some(at)));
        here.or_else(|| of_code().find(|(_, entry)| entry.at.is_none()))
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }
}

fn entry(form: AcceptedForm, place: Place<'_>) -> Result<Entry, Box<Diagnostic>> {
    let span = place.key("code").text();
    let Some(known) = diagnostic::explain(&form.code) else {
        let says = format!("there is no code `{}`", form.code);
        let finding = Diagnostic::error(codes::UNKNOWN_CODE, span, says);
        let known = diagnostic::all().iter().map(|it| it.code.0);
        let findings = known.filter(|code| is_found_by_check(code));
        return Err(Box::new(finding.did_you_mean(&form.code, findings)));
    };
    if !is_found_by_check(known.code.0) {
        let says = format!("`{}` is not a finding that can be accepted", known.code);
        let finding = Diagnostic::error(codes::NOT_ACCEPTABLE, span, says);
        return Err(Box::new(finding.help(
            "what keeps a definition from loading has to be mended; warnings of `stateward check` \
             can be accepted",
        )));
    }
    if form.because.trim().is_empty() {
        let place = place.key("because").span();
        let says = "a finding is accepted without a reason";
        let finding = Diagnostic::error(codes::NO_REASON, place, says);
        return Err(Box::new(finding.help("say why it is meant")));
    }
    Ok(Entry {
        code: known.code,
        at: form.at.map(Arc::from),
        because: form.because.trim().into(),
        span,
        at_span: place.key("at").text(),
    })
}

/// Whether a code is one of those that checking finds in a definition that loads.
pub(super) fn is_found_by_check(code: &str) -> bool {
    let of_loading = [
        lifecycle::UNUSED,
        lifecycle::UNUSED_ATTRIBUTE,
        lifecycle::UNREACHABLE_STATE,
        lifecycle::DEAD_END,
        lifecycle::FINAL_LEFT,
        lifecycle::SHORT_WITHIN,
        lifecycle::CODE_WITHOUT_QUOTA,
        lifecycle::UNUSED_INPUT,
        policy::NO_STATEMENTS,
        policy::UNMATCHABLE,
    ];
    // A property that breaks is mended by what it is stated of, or stated otherwise.
    let of_checks = ["A000", "A001", "A002", "A003", "A004", "A10"];
    let is_of_checks = of_checks.iter().any(|family| code.starts_with(family));
    is_of_checks || of_loading.iter().any(|it| it.0 == code)
}
