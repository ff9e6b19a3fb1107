//! Permissions that nobody grants, actions that nobody asks for, and callers that nobody is.

use std::collections::{BTreeMap, BTreeSet};

use crate::bundle::Bundle;
use crate::diagnostic::{Diagnostic, Severity};
use crate::expr::Truth;
use crate::lifecycle::model::{Access, Caller, Trigger};
use crate::name::Name;
use crate::policy::{Actions, Pattern, Policy, Verb};
use crate::workbench::who_can::{Asking, On, Who, who_can};

use super::codes;

/// How much of two names must agree for one to be a mistyping of the other.
const SIMILAR: f64 = 0.85;

pub(super) fn check(bundle: &Bundle, out: &mut Vec<Diagnostic>) {
    let asked = asked_for(bundle);
    for access in asked.values() {
        out.extend(not_granted(bundle, access));
    }
    for policy in bundle.policies.iter() {
        not_asked_for(policy, &asked, out);
    }
    for (name, caller) in &bundle.lifecycle.callers {
        out.extend(nobody(bundle, name, caller));
    }
}

/// The permissions that transitions and readers ask for, in lower case, as policies compare them.
fn asked_for(bundle: &Bundle) -> BTreeMap<String, &Access> {
    let transitions = bundle.lifecycle.transitions.values();
    let requests = transitions.filter_map(|transition| match &transition.trigger {
        Trigger::Request { access, .. } => Some(access),
        Trigger::TriggeredBy(_) | Trigger::After(_) => None,
    });
    let all = requests.chain(&bundle.lifecycle.read);
    let mut asked = BTreeMap::new();
    for access in all {
        asked
            .entry(access.permission.to_ascii_lowercase())
            .or_insert(access);
    }
    asked
}

/// No statement allows it, and no owner has it by owning the account.
fn not_granted(bundle: &Bundle, access: &Access) -> Option<Diagnostic> {
    if is_granted(bundle, access) {
        return None;
    }
    let permission = &access.permission;
    let says = format!("no policy grants `{permission}`");
    let finding = Diagnostic::warning(codes::PERMISSION_NOT_GRANTED, access.span, says);
    let statements = bundle.policies.iter().flat_map(Policy::statements);
    let exact = statements.flat_map(|it| patterns(it.actions()));
    let exact: BTreeSet<&str> = exact
        .filter(|it| it.is_exact())
        .map(Pattern::text)
        .collect();
    Some(match mistyped(permission, exact.into_iter()) {
        Some(near) => finding.help(format!("a policy names `{near}`; is it this one?")),
        None => finding.help("nobody can ask for it: allow it in a policy"),
    })
}

/// Whether a policy allows it to somebody, or an owner has it by owning the account.
pub(in crate::analysis) fn is_granted(bundle: &Bundle, access: &Access) -> bool {
    let statements = bundle.policies.iter().flat_map(Policy::statements);
    let mut allows = statements.filter(|it| it.verb() == Verb::Allow);
    allows.any(|it| it.names(&access.permission)) || owners_have(bundle, access)
}

fn owners_have(bundle: &Bundle, access: &Access) -> bool {
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
    // What cannot be named cannot be ruled out either.
    who_can(&asking).map_or(true, |candidates| {
        let mut owners = candidates
            .iter()
            .filter(|it| matches!(it.who, Who::Owner { .. }));
        owners.any(|owner| owner.may() != Truth::False)
    })
}

/// Patterns of a policy that match no permission: one by one those that are probably mistyped, all
/// others together.
fn not_asked_for(policy: &Policy, asked: &BTreeMap<String, &Access>, out: &mut Vec<Diagnostic>) {
    let (mut idle, mut first, mut all) = (BTreeSet::new(), None, BTreeSet::new());
    for statement in policy.statements() {
        for pattern in patterns(statement.actions()) {
            all.insert(pattern.text());
            if asked.keys().any(|permission| pattern.matches(permission)) {
                continue;
            }
            let known = asked.values().map(|access| &*access.permission);
            let near = mistyped(pattern.text(), known).filter(|_| pattern.is_exact());
            if let Some(near) = near {
                let says = format!("no transition asks for `{}`", pattern.text());
                let finding =
                    Diagnostic::warning(codes::NEARLY_A_PERMISSION, statement.span(), says);
                out.push(finding.help(format!("did you mean `{near}`?")));
            } else if matches!(statement.actions(), Actions::Of(_)) && idle.insert(pattern.text()) {
                first.get_or_insert(statement.span());
            }
        }
    }
    let (Some(span), many) = (first, idle.len()) else {
        return;
    };
    let says = format!(
        "no transition asks for {many} of the {} actions in `{}`",
        all.len(),
        policy.name()
    );
    let finding = Diagnostic::warning(codes::ACTIONS_NOT_ASKED_FOR, span, says);
    out.push(Diagnostic {
        severity: Severity::Info,
        ..finding.help(format!("among them {}", some(&idle)))
    });
}

/// The first few of several names.
fn some(names: &BTreeSet<&str>) -> String {
    let few: Vec<String> = names
        .iter()
        .take(3)
        .map(|name| format!("`{name}`"))
        .collect();
    few.join(", ")
}

fn patterns(actions: &Actions) -> &[Pattern] {
    match actions {
        Actions::Of(patterns) | Actions::AllExcept(patterns) => patterns,
    }
}

/// The action that another is probably meant to be: the same but for a slip or two, in the name or
/// in the service.
fn mistyped<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = wanted.to_ascii_lowercase();
    let (service, name) = lower.split_once(':')?;
    let similar = |known: &&str| {
        let known = known.to_ascii_lowercase();
        known
            .split_once(':')
            .is_some_and(|(its_service, its_name)| {
                let alike = |one: &str, other: &str| {
                    one != other && strsim::normalized_damerau_levenshtein(one, other) >= SIMILAR
                };
                (service == its_service && alike(name, its_name))
                    || (name == its_name && alike(service, its_service))
            })
    };
    known
        .filter(|known| !known.eq_ignore_ascii_case(wanted))
        .find(similar)
}

/// A rule for kinds of which no principal is listed. Where none is listed at all, the program that
/// embeds the engine brings them.
fn nobody(bundle: &Bundle, name: &Name, caller: &Caller) -> Option<Diagnostic> {
    let file = format!("{}/principals.yaml", bundle.policy_folder());
    bundle.sources.id(&file)?;
    if is_somebody(bundle, caller) {
        return None;
    }
    let kinds: Vec<String> = caller
        .kinds
        .iter()
        .map(|kind| format!("`{kind}`"))
        .collect();
    let says = format!("nobody is `{name}`");
    Some(
        Diagnostic::warning(codes::NO_SUCH_CALLER, caller.span, says)
            .label(format!("only for {}", kinds.join(" and ")))
            .help(format!("{file} lists no principal of such a kind")),
    )
}

/// Whether a principal is listed of a kind that a caller rule is for, or such a kind owns accounts.
pub(in crate::analysis) fn is_somebody(bundle: &Bundle, caller: &Caller) -> bool {
    let is_there = |kind: &Name| {
        let owns = bundle.lifecycle.principal_kinds.get(kind);
        let mut listed = bundle.principals.listed();
        owns.is_some_and(|kind| kind.owns_account) || listed.any(|it| it.principal.kind == *kind)
    };
    caller.kinds.iter().any(is_there)
}
