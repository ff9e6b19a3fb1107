//! Quotas that one whole flow exceeds.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::lifecycle::model::{CodeRules, Lifecycle, Method, Quota, Transition, VerifyStep};
use crate::name::Name;

use super::codes;

pub(super) fn check(lifecycle: &Lifecycle, out: &mut Vec<Diagnostic>) {
    for (name, quota) in &lifecycle.quotas {
        let flows = lifecycle.transitions.values();
        let flows = flows.map(|transition| (transition, needs(lifecycle, transition, name, quota)));
        // The longest flow tells for all.
        let Some((transition, needs)) = flows.max_by_key(|(_, needs)| *needs) else {
            continue;
        };
        if needs.at_most <= quota.limit {
            continue;
        }
        let (says, help) = if needs.at_least > quota.limit {
            let says = format!("`{name}` is used up before `{}` is proved", transition.name);
            (
                says,
                "raise the limit: nobody can ever make this transition",
            )
        } else {
            let says = format!(
                "`{name}` may be used up before `{}` is proved",
                transition.name
            );
            (says, "raise the limit, or lower `sends`")
        };
        let label = format!(
            "{} a window, of {} that one flow may send",
            quota.limit, needs.at_most
        );
        out.push(
            Diagnostic::warning(codes::QUOTA_TOO_SMALL, quota.span, says)
                .label(label)
                .also(transition.span, "the longest flow that spends it")
                .help(help),
        );
    }
}

/// How many codes of a quota one flow sends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Needs {
    /// If every code is sent as often as it may be.
    at_most: u32,
    /// If every code arrives.
    at_least: u32,
}

fn needs(lifecycle: &Lifecycle, transition: &Transition, quota: &Name, of: &Quota) -> Needs {
    // Each address has a count of its own, where the quota's key says so.
    let by_address = of.key.reads().contains(&lifecycle.slots.address);
    let mut by_key: BTreeMap<&str, Needs> = BTreeMap::new();
    for step in &transition.verify {
        let Some((address, sends)) = dearest(lifecycle, step, quota) else {
            continue;
        };
        let needs = by_key
            .entry(if by_address { address } else { "" })
            .or_default();
        needs.at_most = needs.at_most.saturating_add(sends);
        // Another proof of the step may spend nothing.
        let always = step
            .any
            .iter()
            .all(|name| rules(lifecycle, name, quota).is_some());
        needs.at_least = needs.at_least.saturating_add(u32::from(always));
    }
    by_key.into_values().max().unwrap_or_default()
}

/// The proof of a step that sends most codes of a quota: where to, and how many.
fn dearest<'l>(
    lifecycle: &'l Lifecycle,
    step: &VerifyStep,
    quota: &Name,
) -> Option<(&'l str, u32)> {
    let proofs = step
        .any
        .iter()
        .filter_map(|name| rules(lifecycle, name, quota));
    let sends = proofs.map(|(address, rules)| (address, rules.sends));
    sends.max_by_key(|(_, sends)| *sends)
}

/// The rules of a code that spends a quota, and where it is sent.
fn rules<'l>(
    lifecycle: &'l Lifecycle,
    verification: &Name,
    quota: &Name,
) -> Option<(&'l str, &'l CodeRules)> {
    match &lifecycle.verifications.get(verification)?.method {
        Method::Code { to, rules, .. } if rules.quotas.contains(quota) => Some((to.text(), rules)),
        _ => None,
    }
}
