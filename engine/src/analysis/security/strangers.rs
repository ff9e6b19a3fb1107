//! Refusals that tell of an account to somebody who may not read it.

use std::collections::{BTreeMap, BTreeSet};

use crate::bundle::Bundle;
use crate::diagnostic::Diagnostic;
use crate::expr::Truth;
use crate::lifecycle::model::{Access, Lifecycle, Transition, Trigger};
use crate::name::Name;
use crate::policy::PrincipalName;
use crate::source::Span;
use crate::workbench::who_can::{Asking, On, Who, who_can};

use super::codes;

pub(super) fn check(bundle: &Bundle, out: &mut Vec<Diagnostic>) {
    let lifecycle = &bundle.lifecycle;
    let Some(read) = &lifecycle.read else { return };
    let strangers = among(bundle, read, |may| may == Truth::False);
    let mut told: BTreeMap<&Name, (Told<'_>, BTreeSet<PrincipalName>)> = BTreeMap::new();
    for transition in lifecycle.transitions.values() {
        let Trigger::Request {
            access,
            caller: Some(caller),
            ..
        } = &transition.trigger
        else {
            continue;
        };
        let Some(why) = depends_on_account(lifecycle, transition) else {
            continue;
        };
        let Some(rule) = lifecycle.callers.get(caller) else {
            continue;
        };
        let askers = among(bundle, access, |may| may != Truth::False);
        let learn = askers.intersection(&strangers);
        let learn: Vec<_> = learn
            .filter(|it| rule.kinds.contains(it.kind()))
            .cloned()
            .collect();
        if !learn.is_empty() {
            let first = Told {
                transition,
                rule: rule.span,
                why,
            };
            told.entry(caller)
                .or_insert((first, BTreeSet::new()))
                .1
                .extend(learn);
        }
    }
    out.extend(
        told.iter()
            .map(|(caller, (told, who))| told.finding(caller, who)),
    );
}

/// The listed principals of whom an access is possible, certain or refused. An owner is no stranger
/// to its account.
fn among(
    bundle: &Bundle,
    access: &Access,
    is_it: impl Fn(Truth) -> bool,
) -> BTreeSet<PrincipalName> {
    let nothing = BTreeMap::new();
    let asking = Asking {
        bundle,
        action: &access.permission,
        on: On::Access(access),
        account: None,
        context: &nothing,
        inputs: &nothing,
        at: None,
    };
    let candidates = who_can(&asking).unwrap_or_default();
    let those = candidates.into_iter().filter(|it| is_it(it.may()));
    let names = those.filter_map(|it| match it.who {
        Who::Listed(name) => Some(name),
        Who::Owner { .. } => None,
    });
    names.collect()
}

/// What an answer depends on, before anything is proved.
struct Told<'l> {
    transition: &'l Transition,
    /// Where the caller rule is declared.
    rule: Span,
    why: Span,
}

/// Where a transition says for which accounts it is: it leaves from some states only, or has a
/// condition on the account.
fn depends_on_account(lifecycle: &Lifecycle, transition: &Transition) -> Option<Span> {
    let workflow = lifecycle.workflows.get(&transition.name.workflow)?;
    if transition.from.len() < workflow.states.len() {
        return Some(transition.span);
    }
    let of_account = |slot: &crate::expr::Slot| {
        let fact = lifecycle.vocabulary.fact(*slot);
        fact.is_some_and(|it| it.path.starts_with("account.") || it.path.starts_with("state."))
    };
    let mut guards = transition.guards.iter().map(|guard| &guard.condition);
    let guard = guards.find(|condition| condition.reads().iter().any(of_account))?;
    Some(guard.span())
}

impl Told<'_> {
    fn finding(&self, caller: &Name, who: &BTreeSet<PrincipalName>) -> Diagnostic {
        let few: Vec<String> = who.iter().take(3).map(|name| format!("`{name}`")).collect();
        let few = few.join(", ");
        let says = format!("a refusal tells `{caller}` of accounts that it may not read");
        Diagnostic::warning(codes::STRANGERS_LEARN, self.rule, says)
            .label(format!("such as {few}"))
            .also(
                self.why,
                format!(
                    "`{}` is refused or not by what the account is",
                    self.transition.name
                ),
            )
            .help(
                "let it read the account, or let the transition be asked for in every state and \
                 demand a proof",
            )
    }
}
