//! From a file of cases to requests that can be asked.

use std::collections::BTreeMap;

use super::account::Accounts;
use super::actions::Known;
use super::open::Unsaid;
use super::parts::{Parts, Row};
use super::syntax::{CaseFile, CaseForm, GivenForm};
use super::{Case, Cases};
use crate::bundle::Bundle;
use crate::diagnostic::{Code, Diagnostic, Severity, yaml};
use crate::source::{FileId, Place, SourceMap, Span};
use crate::time::Timestamp;
use crate::workbench::codes;

/// Most requests that one case stands for.
const TABLE_MAX: usize = 10_000;

/// Reads a file of cases. What is wrong is added to `findings`; with an error there are no cases,
/// since nobody knows what the others rely on.
pub fn load(
    bundle: &Bundle,
    sources: &SourceMap,
    file: FileId,
    findings: &mut Vec<Diagnostic>,
) -> Option<Cases> {
    let (read, errors) = yaml::read::<CaseFile>(file, &sources.file(file)?.text);
    let mut found = errors;
    let cases = read.map(|read| {
        let place = read.document.root();
        let lifecycle = &bundle.lifecycle;
        let forms = read.value.accounts;
        let accounts = Accounts::read(lifecycle, forms, place.key("accounts"), &mut found);
        let mut loading = Loading {
            bundle,
            given: read.value.given,
            given_place: place.key("given"),
            accounts,
            actions: Known::of(bundle),
            findings: &mut found,
        };
        let cases = loading.cases(&read.value.cases, place.key("cases"));
        (loading.accounts.all(), cases)
    });
    // A mistake in what is given for all cases was found with each.
    let mut seen: Vec<Diagnostic> = Vec::with_capacity(found.len());
    found.retain(|finding| {
        let is_new = !seen.contains(finding);
        seen.extend(is_new.then(|| finding.clone()));
        is_new
    });
    let is_sound = found.iter().all(|it| it.severity < Severity::Error);
    findings.extend(found);
    let (accounts, cases) = cases.filter(|_| is_sound)?;
    Some(Cases {
        file,
        accounts,
        cases,
    })
}

/// The file on its way to cases.
pub(super) struct Loading<'a> {
    pub(super) bundle: &'a Bundle,
    /// What holds for every case that does not say otherwise.
    pub(super) given: GivenForm,
    pub(super) given_place: Place<'a>,
    pub(super) accounts: Accounts<'a>,
    /// The actions that there are, as far as anything speaks of them.
    pub(super) actions: Known<'a>,
    pub(super) findings: &'a mut Vec<Diagnostic>,
}

impl Loading<'_> {
    pub(super) fn error(&mut self, code: Code, span: Span, says: impl Into<String>) {
        self.findings.push(Diagnostic::error(code, span, says));
    }

    fn cases(&mut self, forms: &[CaseForm], place: Place<'_>) -> Vec<Case> {
        let mut names = BTreeMap::new();
        let mut tables = Vec::with_capacity(forms.len());
        for (index, form) in forms.iter().enumerate() {
            let place = place.item(index);
            let name = place.key("name").text();
            if let Some(first) = names.insert(form.name.as_str(), name) {
                let says = format!("there is another case `{}`", form.name);
                let finding = Diagnostic::error(codes::NAME_TAKEN, name, says);
                self.findings.push(finding.also(first, "the other one"));
            }
            let parts = self.parts(form, place);
            let many = parts.len();
            if many > TABLE_MAX {
                let says = format!("this case stands for {many} requests, of at most {TABLE_MAX}");
                self.error(codes::TOO_MANY, name, says);
            }
            tables.push((form, place, parts));
        }
        // What was mistaken looks as if it had been left open.
        if self
            .findings
            .iter()
            .any(|it| it.severity == Severity::Error)
        {
            return Vec::new();
        }
        let tables = tables.iter();
        let cases = tables.flat_map(|(form, place, parts)| self.table(form, parts, *place));
        cases.collect()
    }

    /// The requests that a case stands for.
    fn table(&mut self, form: &CaseForm, parts: &Parts<'_>, place: Place<'_>) -> Vec<Case> {
        let cases = parts.rows().map(|row| self.case(form, parts, &row, place));
        cases
            .collect::<Result<_, _>>()
            .unwrap_or_else(|open: Box<Diagnostic>| {
                self.findings.push(*open);
                Vec::new()
            })
    }

    /// One request, unless it leaves open what the answer depends on.
    fn case(
        &self,
        form: &CaseForm,
        parts: &Parts<'_>,
        row: &Row<'_, '_>,
        place: Place<'_>,
    ) -> Result<Case, Box<Diagnostic>> {
        let lifecycle = &self.bundle.lifecycle;
        let mut case = Case {
            name: parts.name_of(&form.name, row),
            principal: row.principal.clone(),
            account: row.sketch.and_then(|sketch| sketch.account(lifecycle)),
            action: row.question.action(),
            resources: form.resource.0.clone(),
            context: parts.context.clone(),
            inputs: parts.inputs.clone(),
            now: parts.now.unwrap_or(Timestamp::from_ms(0)),
            expected: form.expect,
            by: parts.by.clone(),
            stage: form.stage.map(|stage| (stage, place.key("stage").text())),
            span: place.key("name").text(),
            expected_span: place.key("expect").text(),
        };
        let unsaid = Unsaid {
            bundle: self.bundle,
            parts,
            row,
        };
        unsaid.name_resources(&mut case)?;
        unsaid.check(&case)?;
        Ok(case)
    }
}
