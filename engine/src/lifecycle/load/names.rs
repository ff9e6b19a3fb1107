//! Finding what a name refers to.

use std::collections::BTreeSet;

use super::scope::{Findings, Scope};
use crate::diagnostic::{Code, Diagnostic};
use crate::lifecycle::codes;
use crate::name::{Name, TransitionName};
use crate::source::{Place, Span};

/// What one kind of name can refer to.
pub(super) struct Section<'a> {
    code: Code,
    what: &'static str,
    /// Where such things are declared, for the reader: "`callers:` in account.yaml".
    declared: String,
    /// The mapping that declares them.
    place: Option<Place<'a>>,
    known: Vec<&'a Name>,
}

impl Section<'_> {
    /// Whether a name is known here. If it is not, that is reported, unless it is declared and the
    /// mistake in its declaration was.
    pub(super) fn resolve(&self, name: &Name, at: Place<'_>, out: &mut Findings) -> bool {
        self.resolve_at(name, at.text(), out)
    }

    /// The same for a name that is written as a key.
    pub(super) fn resolve_key(&self, name: &Name, at: Place<'_>, out: &mut Findings) -> bool {
        self.resolve_at(name, at.head(), out)
    }

    fn resolve_at(&self, name: &Name, span: Span, out: &mut Findings) -> bool {
        if self.known.contains(&name) {
            return true;
        }
        let is_declared = self
            .place
            .is_some_and(|place| place.get(name.as_str()).is_some());
        if !is_declared {
            let message = format!("unknown {} `{name}`", self.what);
            let declared = &self.declared;
            out.push(
                Diagnostic::error(self.code, span, message)
                    .label(format!("not among {declared}"))
                    .did_you_mean(name.as_str(), self.known.iter().map(|name| name.as_str())),
            );
        }
        false
    }

    /// Resolves every name of a list and reports what is listed twice; the names that are known.
    pub(super) fn resolve_all(
        &self,
        names: &[Name],
        at: Place<'_>,
        out: &mut Findings,
    ) -> Vec<Name> {
        check_repeats(names, at, out);
        names
            .iter()
            .enumerate()
            .filter(|(index, name)| self.resolve(name, at.item(*index), out))
            .map(|(_, name)| name.clone())
            .collect()
    }
}

pub(super) fn check_repeats<T: Ord + std::fmt::Display>(
    items: &[T],
    at: Place<'_>,
    out: &mut Findings,
) {
    let mut seen = BTreeSet::new();
    for (index, item) in items.iter().enumerate() {
        if !seen.insert(item) {
            let message = format!("`{item}` is listed twice");
            let place = at.item(index).text();
            out.push(Diagnostic::error(codes::LISTED_TWICE, place, message).help("remove one"));
        }
    }
}

pub(super) fn check_not_empty<T>(items: &[T], what: &str, at: Place<'_>, out: &mut Findings) {
    if items.is_empty() {
        let message = format!("{what} lists nothing");
        out.push(Diagnostic::error(codes::EMPTY_LIST, at.span(), message).label("at least one"));
    }
}

impl<'a> Scope<'a> {
    fn section<T>(
        &self,
        code: Code,
        what: &'static str,
        key: &str,
        known: &'a std::collections::BTreeMap<Name, T>,
    ) -> Section<'a> {
        Section {
            code,
            what,
            declared: format!("`{key}:` in account.yaml"),
            place: self.account.place.get(key),
            known: known.keys().collect(),
        }
    }

    pub(super) fn kinds(&self) -> Section<'a> {
        let known = &self.account.form.principal_kinds;
        let what = "kind of principal";
        self.section(codes::UNKNOWN_KIND, what, "principal_kinds", known)
    }

    pub(super) fn callers(&self) -> Section<'a> {
        let known = &self.account.form.callers;
        self.section(codes::UNKNOWN_CALLER, "caller", "callers", known)
    }

    pub(super) fn verifications(&self) -> Section<'a> {
        let known = &self.account.form.verifications;
        let code = codes::UNKNOWN_VERIFICATION;
        self.section(code, "verification", "verifications", known)
    }

    /// The authenticators that verifications enrol.
    pub(super) fn authenticators(&self) -> Section<'a> {
        let all = self.account.form.verifications.values();
        Section {
            code: codes::UNKNOWN_VERIFICATION,
            what: "authenticator",
            declared: "the verifications with `enrol: true`".to_owned(),
            place: None,
            known: all
                .filter(|form| form.enrol)
                .filter_map(|form| form.totp.as_ref())
                .collect(),
        }
    }

    pub(super) fn quotas(&self) -> Section<'a> {
        let known = &self.account.form.quotas;
        self.section(codes::UNKNOWN_QUOTA, "quota", "quotas", known)
    }

    pub(super) fn parameters(&self) -> Section<'a> {
        let known = &self.account.form.parameters;
        self.section(codes::UNKNOWN_PARAMETER, "parameter", "parameters", known)
    }

    pub(super) fn throttles(&self) -> Section<'a> {
        let known = &self.account.form.throttles;
        self.section(codes::UNKNOWN_THROTTLE, "throttle", "throttles", known)
    }

    pub(super) fn messages(&self) -> Section<'a> {
        let known = &self.account.form.messages;
        self.section(codes::UNKNOWN_MESSAGE, "message", "messages", known)
    }

    pub(super) fn workflow_names(&self) -> Section<'a> {
        Section {
            code: codes::UNKNOWN_TRANSITION,
            what: "workflow",
            declared: "the workflows of this folder".to_owned(),
            place: None,
            known: self.workflows.keys().copied().collect(),
        }
    }

    pub(super) fn attributes(&self) -> Section<'a> {
        let known = &self.account.form.attributes;
        self.section(codes::UNKNOWN_ATTRIBUTE, "attribute", "attributes", known)
    }

    /// The states of a workflow; nothing where it has none, which is reported as such.
    pub(super) fn states(&self, workflow: &Name) -> Option<Section<'a>> {
        let workflow = self.workflows.get(workflow)?;
        if workflow.form.states.is_empty() {
            return None;
        }
        Some(Section {
            code: codes::UNKNOWN_STATE,
            what: "state",
            declared: format!("`states:` of `{}`", workflow.form.workflow),
            place: workflow.place.get("states"),
            known: workflow.form.states.keys().collect(),
        })
    }

    /// Whether a transition exists. If not, that is reported, unless its file or its declaration
    /// was found broken.
    pub(super) fn resolve_transition(
        &self,
        name: &TransitionName,
        at: Place<'_>,
        out: &mut Findings,
    ) -> bool {
        if self.transitions.contains_key(name) {
            return true;
        }
        let workflow = self.workflows.get(&name.workflow);
        let is_broken = match workflow {
            None => self.stems.contains(name.workflow.as_str()),
            Some(workflow) => {
                let place = workflow.place.get("transitions");
                place.is_some_and(|place| place.get(name.transition.as_str()).is_some())
            }
        };
        if !is_broken {
            let (message, label) = match workflow {
                None => (
                    format!("unknown workflow `{}`", name.workflow),
                    "no such workflow",
                ),
                Some(_) => (format!("unknown transition `{name}`"), "no such transition"),
            };
            let known: Vec<String> = self.transitions.keys().map(ToString::to_string).collect();
            out.push(
                Diagnostic::error(codes::UNKNOWN_TRANSITION, at.text(), message)
                    .label(label)
                    .did_you_mean(&name.to_string(), known.iter().map(String::as_str)),
            );
        }
        false
    }
}
