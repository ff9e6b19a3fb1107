//! What every step of loading shares: the forms with their places, and the findings so far.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::files::{Edition, Files};
use crate::diagnostic::{Diagnostic, Severity};
use crate::lifecycle::codes;
use crate::lifecycle::syntax::{AccountFile, TransitionForm, WorkflowFile};
use crate::name::{Name, TransitionName};
use crate::source::Place;
use crate::time::Zone;

/// The findings so far.
#[derive(Default)]
pub(super) struct Findings(Vec<Diagnostic>);

impl Findings {
    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    pub(super) fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.0.extend(diagnostics);
    }

    pub(super) fn has_errors(&self) -> bool {
        self.0.iter().any(|found| found.severity == Severity::Error)
    }

    /// By file and place; what was found twice, once.
    pub(super) fn sorted(mut self) -> Vec<Diagnostic> {
        self.0.sort_by(|a, b| {
            let key = |found: &Diagnostic| (found.primary.span, found.code);
            key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
        });
        self.0.dedup();
        self.0
    }
}

/// A form and where it is written.
pub(super) struct Source<'a, F> {
    pub(super) form: &'a F,
    pub(super) place: Place<'a>,
}

impl<F> Clone for Source<'_, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Source<'_, F> {}

/// Everything the files declare.
pub(super) struct Scope<'a> {
    pub(super) account: Source<'a, AccountFile>,
    pub(super) workflows: BTreeMap<&'a Name, Source<'a, WorkflowFile>>,
    /// Every transition of every workflow.
    pub(super) transitions: BTreeMap<TransitionName, Source<'a, TransitionForm>>,
    /// Names of workflow files, also of those that could not be read.
    pub(super) stems: &'a BTreeSet<String>,
    /// States that accounts of another edition come into, with their workflows.
    pub(super) arrivals: BTreeSet<(&'a Name, &'a Name)>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(files: &'a Files) -> Self {
        let workflows: BTreeMap<&Name, Source<'_, WorkflowFile>> = files
            .workflows
            .iter()
            .map(|read| {
                let place = read.document.root();
                let form = &read.value;
                (&form.workflow, Source { form, place })
            })
            .collect();
        let transitions = workflows.values().flat_map(transitions_of).collect();
        Self {
            account: Source {
                form: &files.account.value,
                place: files.account.document.root(),
            },
            workflows,
            transitions,
            stems: &files.stems,
            arrivals: files.edition.iter().flat_map(arrivals).collect(),
        }
    }

    /// The zone of a `zone:` key; UTC where it is unknown or not given.
    pub(super) fn account_zone(&self, out: &mut Findings) -> Zone {
        let place = self.account.place.key("zone");
        self.account
            .form
            .zone
            .as_deref()
            .and_then(|name| zone(name, place, out))
            .unwrap_or(Zone::UTC)
    }
}

fn arrivals(edition: &Edition) -> impl Iterator<Item = (&Name, &Name)> {
    let states = edition.own.value.migration.states.iter();
    states.flat_map(|(workflow, map)| map.values().map(move |to| (workflow, to)))
}

fn transitions_of<'a>(
    workflow: &Source<'a, WorkflowFile>,
) -> impl Iterator<Item = (TransitionName, Source<'a, TransitionForm>)> {
    let Source { form, place } = *workflow;
    form.transitions.iter().map(move |(name, transition)| {
        let full = TransitionName {
            workflow: form.workflow.clone(),
            transition: name.clone(),
        };
        let source = Source {
            form: transition,
            place: place.key("transitions").key(name.as_str()),
        };
        (full, source)
    })
}

pub(super) fn zone(name: &str, place: Place<'_>, out: &mut Findings) -> Option<Zone> {
    let zone = name.parse().ok();
    if zone.is_none() {
        let message = format!("the time zone `{name}` is unknown");
        out.push(
            Diagnostic::error(codes::UNKNOWN_ZONE, place.text(), message)
                .help("write its IANA name, such as UTC or Asia/Singapore"),
        );
    }
    zone
}

/// Optional text as the model keeps it.
pub(super) fn text(text: Option<&str>) -> Option<Arc<str>> {
    text.map(Arc::from)
}
