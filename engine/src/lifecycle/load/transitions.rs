//! Transitions: from their forms to what runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::attributes::Types;
use super::compile::{Compilers, Inputs, REQUEST, Site};
use super::messages::{self, Messages};
use super::names::check_not_empty;
use super::quotas::check_length;
use super::scope::{Findings, Scope, Source, text};
use super::verifications::Verifications;
use super::{fingerprint, freezes, triggers, verify};
use crate::diagnostic::{Diagnostic, Severity};
use crate::expr::{Expression, Slot, Type};
use crate::lifecycle::codes;
use crate::lifecycle::model::{
    Assignment, Cooldown, Guard, Input, Notice, Quota, Restore, Transition,
};
use crate::lifecycle::syntax::{NoticeForm, TransitionForm};
use crate::name::{Name, TransitionName};
use crate::source::Place;
use crate::value::ValueType;

/// Life of an attempt whose transition does not say.
const WITHIN: Duration = Duration::from_secs(30 * 60);

/// What transitions refer to.
#[derive(Clone, Copy)]
pub(super) struct Context<'c, 'a> {
    pub(super) scope: &'c Scope<'a>,
    pub(super) types: &'c Types,
    pub(super) compilers: &'c Compilers<'c>,
    pub(super) verifications: &'c Verifications<'a>,
    pub(super) messages: &'c Messages<'a>,
    pub(super) quotas: &'c BTreeMap<Name, Quota>,
}

pub(super) fn transitions(
    context: Context<'_, '_>,
    out: &mut Findings,
) -> BTreeMap<TransitionName, Arc<Transition>> {
    let mut transitions = BTreeMap::new();
    for (name, source) in &context.scope.transitions {
        let inputs = source.form.input.iter();
        let inputs: Inputs = inputs
            .map(|(name, form)| (name.clone(), form.0.optional))
            .collect();
        let mut reader = Reader {
            name,
            source: *source,
            site: Site {
                what: "this transition",
                reads: REQUEST,
                inputs: &inputs,
            },
            context,
            reads: BTreeSet::new(),
        };
        if let Some(transition) = reader.read(out) {
            transitions.insert(name.clone(), Arc::new(transition));
        }
    }
    transitions
}

/// Reads one transition.
pub(super) struct Reader<'r, 'a> {
    pub(super) name: &'r TransitionName,
    pub(super) source: Source<'a, TransitionForm>,
    pub(super) site: Site<'r>,
    pub(super) context: Context<'r, 'a>,
    /// The names that its own expressions read.
    pub(super) reads: BTreeSet<Slot>,
}

impl Reader<'_, '_> {
    fn read(&mut self, out: &mut Findings) -> Option<Transition> {
        let Source { form, place } = self.source;
        self.check_states(out);
        let trigger = triggers::trigger(self, out);
        let mut guards = freezes::guards(self, out);
        guards.extend(self.guards(out));
        let quotas = self.quotas(out);
        let verify = verify::steps(self, out);
        let set = self.set(out);
        let grants = self.grants(out);
        let known = self.context.scope.authenticators();
        known.resolve_all(&form.forgets.0, place.key("forgets"), out);
        let site = self.site;
        let notify = self.notices(&form.notify, "notify", &site, out);
        let restore = self.restore(out);
        let cooldown = self.cooldown(out);
        let within = form.within.as_ref();
        let within = within.and_then(|it| self.context.scope.length(it, place.key("within"), out));
        let inputs = self.inputs(&set, out);
        Some(Transition {
            name: self.name.clone(),
            about: text(form.about.as_deref()),
            from: form.from.0.clone(),
            to: form.to.clone(),
            trigger: trigger?,
            guards,
            inputs,
            quotas,
            verify,
            set,
            forgets: form.forgets.0.clone(),
            grants,
            notify,
            within: within.unwrap_or(WITHIN),
            restore,
            cooldown,
            deny_codes: form
                .deny_code
                .iter()
                .map(|(stage, code)| (*stage, code.as_str().into()))
                .collect(),
            fingerprint: fingerprint::of(self),
            span: place.head(),
        })
    }

    fn check_states(&self, out: &mut Findings) {
        let Source { form, place } = self.source;
        let Some(states) = self.context.scope.states(&self.name.workflow) else {
            return;
        };
        check_not_empty(&form.from.0, "`from`", place.key("from"), out);
        states.resolve_all(&form.from.0, place.key("from"), out);
        states.resolve(&form.to, place.key("to"), out);
    }

    fn guards(&mut self, out: &mut Findings) -> Vec<Guard> {
        let Source { form, place } = self.source;
        let mut guards = Vec::new();
        for (index, guard) in form.when.0.iter().enumerate() {
            let at = place.key("when").item(index).key("check");
            let Some(condition) = self.expression(&guard.0.check.0, at, (Type::Bool, false), out)
            else {
                continue;
            };
            guards.push(Guard {
                condition,
                deny_code: text(guard.0.deny_code.as_deref()),
                because: text(guard.0.because.as_deref()),
                is_freeze: false,
            });
        }
        guards
    }

    /// A transition goes to no address, so what is counted by address cannot be counted here.
    fn quotas(&self, out: &mut Findings) -> Vec<Name> {
        let Source { form, place } = self.source;
        let Context {
            scope, compilers, ..
        } = self.context;
        let at = place.key("quota");
        let known = scope.quotas().resolve_all(&form.quota.0, at, out);
        let address = compilers.common_slots().address;
        for (index, name) in form.quota.0.iter().enumerate() {
            let quota = self.context.quotas.get(name);
            if quota.is_some_and(|quota| quota.key.reads().contains(&address)) {
                let message = format!("`{name}` counts by address, and nothing is sent here");
                let declared = scope.account.place.key("quotas").key(name.as_str());
                out.push(
                    Diagnostic::error(codes::KEY_NOT_HERE, at.item(index).text(), message)
                        .also(declared.key("key").text(), "counted by this")
                        .help("it goes with the codes of a verification"),
                );
            }
        }
        known
    }

    pub(super) fn expression(
        &mut self,
        text: &str,
        place: Place<'_>,
        (ty, optional): (Type, bool),
        out: &mut Findings,
    ) -> Option<Expression> {
        let compilers = self.context.compilers;
        let expected = (Some(ty), optional);
        let compiled = compilers.expression(&self.site, text, place, expected, out)?;
        self.reads.extend(compiled.reads);
        Some(compiled.item)
    }

    fn set(&mut self, out: &mut Findings) -> BTreeMap<Name, Assignment> {
        let Source { form, place } = self.source;
        let Context { scope, types, .. } = self.context;
        let section = place.key("set");
        let mut set = BTreeMap::new();
        for (name, value) in &form.set {
            let at = section.key(name.as_str());
            let attribute = scope.account.form.attributes.get(name);
            let Some(attribute) = attribute else {
                scope.attributes().resolve_key(name, at, out);
                continue;
            };
            if attribute.0.immutable {
                let declared = scope.account.place.key("attributes").key(name.as_str());
                let message = format!("`{name}` never changes after the account is created");
                out.push(
                    Diagnostic::error(codes::SET_IMMUTABLE, at.head(), message)
                        .label("set here")
                        .also(declared.key("immutable").head(), "declared immutable here"),
                );
            }
            let Some(ty) = types.attributes.get(name) else {
                continue;
            };
            let expected = (ty.into(), attribute.0.optional);
            if let Some(value) = self.expression(&value.0, at, expected, out) {
                set.insert(name.clone(), Assignment { value });
            }
        }
        set
    }

    /// Only of kinds that own accounts is it known whose principal is meant: the account's.
    fn grants(&self, out: &mut Findings) -> Option<Name> {
        let Source { form, place } = self.source;
        let scope = self.context.scope;
        let (kind, at) = (form.grants.as_ref()?, place.key("grants"));
        if !scope.kinds().resolve(kind, at, out) {
            return None;
        }
        let declared = scope.account.form.principal_kinds.get(kind);
        if declared.is_some_and(|declared| declared.owns_account) {
            return Some(kind.clone());
        }
        let kinds = scope.account.place.key("principal_kinds");
        let message = format!("`grants` has no meaning for `{kind}`, which owns no account");
        out.push(
            Diagnostic::error(codes::KEY_NOT_HERE, at.head(), message)
                .also(kinds.key(kind.as_str()).head(), "declared here")
                .help("name a kind with `owns_account: true`"),
        );
        None
    }

    fn notices(
        &mut self,
        forms: &[NoticeForm],
        key: &str,
        site: &Site<'_>,
        out: &mut Findings,
    ) -> Vec<Notice> {
        let Context {
            scope,
            compilers,
            messages,
            ..
        } = self.context;
        let place = match key {
            "notify" => self.source.place.key("notify"),
            _ => self.source.place.key(key).key("notify"),
        };
        let notices = messages::resolve(forms, place, site, (scope, compilers, messages), out);
        self.reads.extend(notices.reads);
        notices.item
    }

    fn restore(&mut self, out: &mut Findings) -> Option<Restore> {
        let Source { form, place } = self.source;
        let restore = form.restore.as_ref()?;
        let at = place.key("restore");
        let scope = self.context.scope;
        scope.resolve_transition(&restore.by, at.key("by"), out);
        check_length(restore.within, at.key("within"), out);
        let none = Inputs::new();
        let site = messages::reminder_site(&none);
        Some(Restore {
            by: restore.by.clone(),
            within: restore.within.0,
            notify: self.notices(&restore.notify, "restore", &site, out),
        })
    }

    fn cooldown(&self, out: &mut Findings) -> Vec<Cooldown> {
        let Source { form, place } = self.source;
        let mut cooldowns = Vec::new();
        for (index, cooldown) in form.cooldown.0.iter().enumerate() {
            let at = place.key("cooldown").item(index);
            check_length(cooldown.0.wait, at.key("wait"), out);
            let after = cooldown.0.after.as_ref();
            if let Some(after) = after {
                self.context
                    .scope
                    .resolve_transition(after, at.key("after"), out);
            }
            cooldowns.push(Cooldown {
                after: after.unwrap_or(self.name).clone(),
                wait: cooldown.0.wait.0,
            });
        }
        cooldowns
    }

    fn inputs(
        &self,
        set: &BTreeMap<Name, Assignment>,
        out: &mut Findings,
    ) -> BTreeMap<Name, Input> {
        let Source { form, place } = self.source;
        let Context {
            scope,
            types,
            compilers,
            ..
        } = self.context;
        let sets_personal = |slot: Slot| {
            set.iter().any(|(name, assignment)| {
                let attribute = scope.account.form.attributes.get(name);
                attribute.is_some_and(|attribute| attribute.0.personal)
                    && assignment.value.reads().contains(&slot)
            })
        };
        let mut inputs = BTreeMap::new();
        for (name, input) in &form.input {
            let slot = compilers.slot(&format!("input.{name}"));
            let (Some(ty), Some(slot)) = (types.inputs.get(name), slot) else {
                continue;
            };
            let at = place.key("input").key(name.as_str());
            if !self.reads.contains(&slot) && !out.has_errors() {
                let message = format!("nothing reads the input `{name}`");
                let help = "it is still asked for and kept in the journal";
                let finding = Diagnostic::warning(codes::UNUSED_INPUT, at.head(), message);
                out.push(Diagnostic {
                    severity: Severity::Info,
                    ..finding.help(help)
                });
            }
            let is_personal_type =
                matches!(ty, ValueType::Phone | ValueType::Email | ValueType::Secret);
            inputs.insert(
                name.clone(),
                Input {
                    ty: ty.clone(),
                    optional: input.0.optional,
                    personal: input.0.personal || is_personal_type || sets_personal(slot),
                    slot,
                    span: at.head(),
                },
            );
        }
        inputs
    }
}
