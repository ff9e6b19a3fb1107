//! Addresses that are changed without their holders, or can be probed.

use std::collections::BTreeSet;

use crate::analysis::expressions::reads;
use crate::diagnostic::Diagnostic;
use crate::expr::{Expression, Slot, Type};
use crate::lifecycle::model::{Attribute, Lifecycle, Method, Transition, Trigger, VerifyStep};
use crate::name::Name;

use super::codes;

pub(super) fn check(lifecycle: &Lifecycle, out: &mut Vec<Diagnostic>) {
    for transition in lifecycle.transitions.values() {
        for (name, assignment) in &transition.set {
            let Some(attribute) = lifecycle.attributes.get(name) else {
                continue;
            };
            let setting = Setting {
                lifecycle,
                transition,
                name,
                attribute,
                value: &assignment.value,
            };
            out.extend(setting.is_probed());
            if setting.is_of_address() && setting.replaces() {
                out.extend(setting.proves_old_identity());
                out.extend(setting.tells_old_address());
            }
        }
    }
}

/// A transition that sets an attribute.
struct Setting<'l> {
    lifecycle: &'l Lifecycle,
    transition: &'l Transition,
    name: &'l Name,
    attribute: &'l Attribute,
    value: &'l Expression,
}

impl Setting<'_> {
    fn is_of_address(&self) -> bool {
        let is_address = matches!(Type::from(&self.attribute.ty), Type::Phone | Type::Email);
        is_address && self.input().is_some()
    }

    /// The input that the value comes from.
    fn input(&self) -> Option<Slot> {
        let inputs = self.transition.inputs.values();
        inputs
            .map(|input| input.slot)
            .find(|slot| reads(self.value, *slot))
    }

    /// Whether there can be an address already: always, or once a transition has set one that leads
    /// to where this one begins.
    fn replaces(&self) -> bool {
        if !self.attribute.optional {
            return true;
        }
        let gives = |it: &&Transition| {
            let assignment = it.set.get(self.name);
            assignment.is_some_and(|it| it.value.text() != "unset")
        };
        let all = || self.lifecycle.transitions.values().map(AsRef::as_ref);
        let workflow = &self.transition.name.workflow;
        let (here, elsewhere): (Vec<_>, Vec<_>) = all()
            .filter(gives)
            .partition(|it| it.name.workflow == *workflow);
        let mut open: Vec<&Name> = here.iter().map(|it| &it.to).collect();
        let mut having: BTreeSet<&Name> = BTreeSet::new();
        while let Some(state) = open.pop() {
            let keeps = |it: &&Transition| {
                it.name.workflow == *workflow
                    && it.from.contains(state)
                    && (gives(it) || !it.set.contains_key(self.name))
            };
            if having.insert(state) {
                open.extend(all().filter(keeps).map(|it| &it.to));
            }
        }
        !elsewhere.is_empty()
            || self
                .transition
                .from
                .iter()
                .any(|from| having.contains(from))
    }

    /// Somebody who holds the new address is asked; whoever the account belongs to is not.
    fn proves_old_identity(&self) -> Option<Diagnostic> {
        let steps = &self.transition.verify;
        let to_new = |step: &&VerifyStep| self.proofs(step).all(|proof| self.is_to_new(proof));
        let first = steps.iter().find(to_new)?;
        if steps
            .iter()
            .any(|step| self.proofs(step).all(|it| self.is_of_old(it)))
        {
            return None;
        }
        let (transition, name) = (&self.transition.name, self.name);
        let says = format!("`{transition}` changes `{name}` on proof of the new one alone");
        Some(
            Diagnostic::warning(codes::OLD_IDENTITY_UNPROVED, self.transition.span, says)
                .also(first.span, "whoever asks holds the new address")
                .help(
                    "first demand a proof that the account's owner can give: a code to an address \
                     that it has, or an approval",
                ),
        )
    }

    fn proofs(&self, step: &VerifyStep) -> impl Iterator<Item = Option<&Method>> {
        let verifications = &self.lifecycle.verifications;
        let proofs: Vec<_> = step
            .any
            .iter()
            .map(|name| verifications.get(name))
            .collect();
        proofs
            .into_iter()
            .map(|proof| proof.map(|proof| &proof.method))
    }

    fn is_to_new(&self, proof: Option<&Method>) -> bool {
        match proof {
            Some(Method::Code { to, .. }) => self.input().is_some_and(|input| reads(to, input)),
            _ => false,
        }
    }

    /// Whether a proof is the account's own, or somebody else's.
    fn is_of_old(&self, proof: Option<&Method>) -> bool {
        match proof {
            Some(Method::Code { .. }) => !self.is_to_new(proof),
            Some(Method::Approval { .. } | Method::Totp { enrol: false, .. }) => true,
            Some(Method::Acknowledge { .. } | Method::Totp { enrol: true, .. }) | None => false,
        }
    }

    /// The holder of the old address would otherwise learn of it by silence.
    fn tells_old_address(&self) -> Option<Diagnostic> {
        let old = self.attribute.slot;
        if self.transition.notify.iter().any(|it| reads(&it.to, old)) {
            return None;
        }
        let (transition, name) = (&self.transition.name, self.name);
        let says = format!("`{transition}` changes `{name}`, and the old one is not told");
        Some(
            Diagnostic::warning(codes::OLD_ADDRESS_NOT_TOLD, self.transition.span, says)
                .also(self.value.span(), "the new one")
                .help(format!(
                    "send a notice to `account.{name}`: there it is still the old one"
                )),
        )
    }

    /// That a value is in use is answered before anything is proved.
    fn is_probed(&self) -> Option<Diagnostic> {
        let Trigger::Request { throttles, .. } = &self.transition.trigger else {
            return None;
        };
        self.input()?;
        if self.attribute.shared_by_at_most.is_none() || !throttles.is_empty() {
            return None;
        }
        let (transition, name) = (&self.transition.name, self.name);
        let says =
            format!("`{transition}` tells at any speed whether a value of `{name}` is in use");
        Some(
            Diagnostic::warning(codes::ADDRESSES_CAN_BE_PROBED, self.transition.span, says)
                .also(self.value.span(), "any value can be tried")
                .also(self.attribute.span, "only so many accounts may hold one")
                .help("slow it down: a `throttle:` keyed by `principal.account`"),
        )
    }
}
