//! The explain pages of changes: each example, an old and a new definition, is told as exactly its
//! kind of change. And a small lifecycle, changed in ways that weigh differently.

use super::{Change, Difference, Weight, diff};
use crate::bundle::Bundle;
use crate::diagnostic::{Code, all};
use crate::source::SourceMap;

/// What an example leaves out.
const ACCOUNT: &str = "lifecycle: demo\nedition: 2026-11\n";

/// The files of one side of an example: blocks marked with `file=old/…` or `file=new/…`; one marked
/// with neither is on both.
fn side(page: &str, name: &str) -> Option<Vec<(String, String)>> {
    let (_, rest) = page.split_once("\n## Example\n")?;
    let section = rest.split("\n## ").next()?;
    let mut files = Vec::new();
    for block in section.split("```").skip(1).step_by(2) {
        let (head, text) = block.split_once('\n')?;
        let path = head.split_once("file=")?.1;
        let other = if name == "old" { "new" } else { "old" };
        if path.starts_with(&format!("{other}/")) {
            continue;
        }
        let path = path.strip_prefix(&format!("{name}/")).unwrap_or(path);
        files.push((path.to_owned(), text.to_owned()));
    }
    Some(files)
}

fn load(files: &[(String, String)]) -> Bundle {
    let mut sources = SourceMap::default();
    for (path, text) in files {
        sources.add(path, text);
    }
    sources.add("workflows/demo/account.yaml", ACCOUNT);
    Bundle::load(sources, "demo").unwrap_or_else(|error| panic!("{:#?}", error.diagnostics))
}

#[test]
fn each_page_shows_a_change_of_its_kind_and_no_other() {
    let mut wrong = Vec::new();
    let pages = all().iter().filter(|page| page.code.0.starts_with("A20"));
    let mut tried = 0;
    for page in pages {
        let (Some(old), Some(new)) = (side(page.page, "old"), side(page.page, "new")) else {
            wrong.push(format!("{}: no example", page.code));
            continue;
        };
        let found = diff(&load(&old), &load(&new));
        let mut codes: Vec<&str> = found.changes.iter().map(|it| it.code.0).collect();
        codes.dedup();
        if codes != [page.code.0] {
            let says: Vec<String> = found.changes.iter().map(line).collect();
            wrong.push(format!("{}: {codes:?}\n  {}", page.code, says.join("\n  ")));
        }
        tried += 1;
    }
    assert!(wrong.is_empty() && tried >= 19, "\n{}", wrong.join("\n"));
}

fn line(change: &Change) -> String {
    let when = change.when.first().map(|situation| {
        let names = situation.iter().map(|(path, told)| match told.val() {
            Some(crate::expr::Val::Text(text)) => format!("{path} = {text}"),
            Some(crate::expr::Val::Bool(truth)) => format!("{path} = {truth}"),
            _ => format!("{path} …"),
        });
        format!(" when {}", names.collect::<Vec<_>>().join(", "))
    });
    let (weight, code) = (change.weight, change.code);
    let (subject, message) = (&change.subject, &change.message);
    format!(
        "{weight:?} {code} {subject}: {message}{}",
        when.unwrap_or_default()
    )
}

const SHARED: &str = r#"lifecycle: demo
edition: 2026-11
attributes:
  name: text
  phone: { type: phone, optional: true, personal: true, shared_by_at_most: 6 }
  tier: { one_of: [basic, gold], default: basic }
context: { mfa: bool, level: int }
principal_kinds: { owner: { owns_account: true }, operator: {} }
callers:
  operator: { kinds: [operator], of: account.id }
  owner: { kinds: [owner] }
verifications:
  old_phone: { code: sms, to: account.phone, available: state.phone == "bound" }
  new_phone: { code: sms, to: input.phone }
  risk: { acknowledge: "This gives full access." }
codes: { quota: codes }
quotas:
  codes: { limit: 100, per: 24h, key: account.id }
messages:
  bound: "${account.name}: this number is bound."
read: { permission: "demo:Read", resource: "acs:demo:*:1:x" }
"#;

const PHONE: &str = r#"workflow: phone
initial: unbound
states: { unbound: {}, bound: { privileged: true } }
transitions:
  bind:
    from: unbound
    to: bound
    permission: demo:Bind
    resource: acs:demo:*:${account.id}:phone
    caller: operator
    input: { phone: phone }
    when:
      - (context.mfa ?? false) && account.tier == "gold"
      - phone_country(input.phone) == "SG"
    verify: [risk, new_phone]
    set: { phone: input.phone }
    notify: [{ message: bound, to: input.phone, by: sms }]
    cooldown: 1h
  change:
    from: bound
    to: bound
    permission: demo:Change
    resource: acs:demo:*:${account.id}:phone
    caller: owner
    input: { phone: phone }
    verify: [old_phone, new_phone]
    set: { phone: input.phone }
  unbind:
    from: bound
    to: unbound
    permission: demo:Bind
    resource: acs:demo:*:${account.id}:phone
    caller: operator
    set: { phone: unset }
"#;

const PRINCIPALS: &str = r#"principals:
  operator/ann: { account: "1", policies: [All] }
  operator/bob: { account: "1", policies: [Read] }
"#;

fn small() -> Vec<(String, String)> {
    let files = [
        ("workflows/demo/account.yaml", SHARED),
        ("workflows/demo/phone.yaml", PHONE),
        ("policies/All.rhai", "allow all;"),
        ("policies/Read.rhai", "allow \"demo:Read\";"),
        ("policies/principals.yaml", PRINCIPALS),
    ];
    files
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .into()
}

/// The small lifecycle against itself with a text replaced.
#[track_caller]
fn changed(from: &str, to: &str) -> Difference {
    let mut files = small();
    let file = files.iter_mut().find(|(_, text)| text.contains(from));
    let (_, text) = file.unwrap_or_else(|| panic!("nothing says {from}"));
    *text = text.replacen(from, to, 1);
    diff(&load(&small()), &load(&files))
}

#[track_caller]
fn says(from: &str, to: &str) -> Vec<String> {
    changed(from, to).changes.iter().map(line).collect()
}

#[test]
fn nothing_changed_is_no_change() {
    let found = diff(&load(&small()), &load(&small()));
    assert!(found.changes.is_empty() && !found.weakens(), "{found:?}");
    assert!(says("workflow: phone\n", "# A remark.\nworkflow: phone\n").is_empty());
}

#[test]
fn a_wider_condition_is_told_with_a_situation_that_it_lets_through() {
    assert_eq!(
        says(" && account.tier == \"gold\"", ""),
        ["Weakening A2005 phone.bind: is made where it was refused \
          when account.tier = basic, context.mfa = true"]
    );
    assert_eq!(
        says("(context.mfa ?? false) && account", "account"),
        ["Weakening A2005 phone.bind: is made where it was refused \
          when account.tier = gold, context.mfa …"]
    );
    assert_eq!(
        says("context.mfa ?? false", "context.mfa ?? true"),
        ["Weakening A2005 phone.bind: is made where it was refused \
          when account.tier = gold, context.mfa …"]
    );
}

#[test]
fn a_narrower_condition_strengthens_and_the_same_in_other_words_is_neither() {
    assert_eq!(
        says(
            "account.tier == \"gold\"",
            "account.tier == \"gold\" && (context.level ?? 0) > 3"
        ),
        [
            "Strengthening A2005 phone.bind: is refused where it was made \
          when account.tier = gold, context.level …, context.mfa = true"
        ]
    );
    let same = "account.tier != \"basic\"";
    assert_eq!(
        says("account.tier == \"gold\"", same),
        ["Neutral A2005 phone.bind: is made under the same conditions in other words"]
    );
}

#[test]
fn what_cannot_be_told_apart_may_weaken() {
    let found = says("== \"SG\"", "== \"MY\"");
    assert_eq!(
        found,
        [
            "MayWeaken A2005 phone.bind: is made under other conditions; whether wider ones is open \
          when account.tier = gold, context.mfa = true"
        ]
    );
}

#[test]
fn proofs_that_are_gone_or_easier_weaken() {
    assert_eq!(
        says("[old_phone, new_phone]", "[new_phone]"),
        [
            "Weakening A2006 phone.change: no longer demands old_phone; \
          the phone that the account has proves it no more"
        ]
    );
    assert_eq!(
        says(
            "[old_phone, new_phone]",
            "[{ any: [old_phone, risk] }, new_phone]"
        ),
        ["Weakening A2006 phone.change: demands old_phone or risk, where it demanded old_phone"]
    );
    assert_eq!(
        says("[old_phone, new_phone]", "[new_phone, old_phone]"),
        [
            "MayWeaken A2006 phone.change: demands new_phone, then old_phone, \
          in another order than old_phone, then new_phone"
        ]
    );
    assert_eq!(
        says("[old_phone, new_phone]", "[risk, old_phone, new_phone]"),
        ["Strengthening A2006 phone.change: also demands risk"]
    );
}

#[test]
fn who_gains_a_transition_is_told_with_its_states() {
    assert_eq!(
        says(
            "    from: unbound\n    to: bound",
            "    from: [unbound, bound]\n    to: bound"
        ),
        [
            "Weakening A2003 phone.bind: leaves from unbound, bound, not unbound",
            "Weakening A2018 phone.bind: can be asked for in bound, as `operator`, by operator/ann",
        ]
    );
    assert_eq!(
        says("policies: [Read]", "policies: [Read, All]"),
        [
            // Whoever changes a number is its owner, whatever policies say.
            "Weakening A2018 phone.bind: policies allow it to operator/bob",
            "Weakening A2018 phone.unbind: policies allow it to operator/bob",
        ]
    );
}

#[test]
fn limits_and_waits_are_weighed_by_their_direction() {
    let first = |from: &str, to: &str| {
        let found = changed(from, to);
        found.changes.first().map(|it| (it.code, it.weight))
    };
    let is = |code: &'static str, weight: Weight| Some((Code(code), weight));
    for (from, to, code, weight) in [
        ("limit: 100", "limit: 200", "A2014", Weight::Weakening),
        ("limit: 100", "limit: 50", "A2014", Weight::Strengthening),
        ("per: 24h", "per: 12h", "A2014", Weight::Weakening),
        (
            "limit: 100, per: 24h",
            "limit: 50, per: 12h",
            "A2014",
            Weight::MayWeaken,
        ),
        ("per: 24h", "per: day", "A2014", Weight::MayWeaken),
        ("cooldown: 1h", "cooldown: 1m", "A2010", Weight::Weakening),
        ("cooldown: 1h", "within: 1h", "A2010", Weight::Weakening),
        (
            "quota: codes }",
            "quota: codes, digits: 8 }",
            "A2012",
            Weight::Strengthening,
        ),
        (
            "quota: codes }",
            "quota: codes, attempts: 9 }",
            "A2012",
            Weight::Weakening,
        ),
        ("personal: true, ", "", "A2015", Weight::Weakening),
        ("most: 6", "most: 7", "A2015", Weight::Weakening),
        (", of: account.id", "", "A2013", Weight::Weakening),
        (
            "    notify: [{ message: bound, to: input.phone, by: sms }]\n",
            "",
            "A2008",
            Weight::Weakening,
        ),
        (" { privileged: true }", " {}", "A2016", Weight::Weakening),
        (
            "kinds: [owner] ",
            "kinds: [owner, operator] ",
            "A2013",
            Weight::Weakening,
        ),
    ] {
        assert_eq!(first(from, to), is(code, weight), "{from} -> {to}");
    }
}

#[test]
fn a_transition_that_is_gone_is_a_weakening_where_it_was_a_way_out() {
    let gone = &PHONE[PHONE.find("  unbind:").unwrap()..];
    let found = changed(gone, "");
    let first = found.changes.first().unwrap();
    assert_eq!((first.code.0, first.weight), ("A2001", Weight::Weakening));
    // The other way round nobody loses anything by it.
    let mut files = small();
    files[1].1 = PHONE.replacen(gone, "", 1);
    let back = diff(&load(&files), &load(&small()));
    let lines: Vec<String> = back.changes.iter().map(line).collect();
    assert!(
        lines.contains(
            &"Weakening A2018 phone.unbind: can be asked for in bound, as `operator`, by operator/ann".to_owned()
        ),
        "{lines:#?}"
    );
}

/// Every reading of a changed condition: no weakening is missed, whatever the facts are.
#[test]
fn what_is_called_no_weakening_lets_nothing_through() {
    let conditions = [
        "state.phone == \"bound\"",
        "state.phone != \"bound\"",
        "account.tier == \"gold\"",
        "account.tier == \"gold\" && state.phone == \"bound\"",
        "account.tier == \"gold\" || state.phone == \"bound\"",
        "!(account.tier == \"gold\")",
        "context.mfa ?? false",
        "(context.level ?? 0) > 3",
        "(context.level ?? 0) >= 4",
        "(context.level ?? 9) > 3",
        "has(account.phone)",
        "true",
    ];
    let load_with = |condition: &str| {
        let mut files = small();
        let (from, _) = PHONE.split_once("      - (context.mfa").unwrap();
        let (_, rest) = PHONE.split_once("== \"SG\"\n").unwrap();
        files[1].1 = format!("{from}      - {condition}\n{rest}");
        files[1].1 = files[1]
            .1
            .replace("- !", "- check: \"!")
            .replace("\"gold\")\n", "'gold')\"\n");
        load(&files)
    };
    let readings = ["bound", "unbound"].iter().flat_map(|state| {
        ["basic", "gold"]
            .iter()
            .flat_map(move |tier| [None, Some(3), Some(4)].map(|level| (*state, *tier, level)))
    });
    let readings: Vec<_> = readings.collect();
    for one in conditions.iter().filter(|it| !it.starts_with('!')) {
        for other in conditions.iter().filter(|it| !it.starts_with('!')) {
            let (old, new) = (load_with(one), load_with(other));
            let found = diff(&old, &new);
            let lets_more = readings.iter().any(|(state, tier, level)| {
                let holds = |bundle: &Bundle| {
                    let lifecycle = &bundle.lifecycle;
                    let mut facts = crate::expr::Facts::new(&lifecycle.vocabulary);
                    let mut set = |name: &str, value| {
                        facts.set(lifecycle.vocabulary.slot(name).unwrap(), value);
                    };
                    set("state.phone", crate::expr::Val::Text(state));
                    set("account.tier", crate::expr::Val::Text(tier));
                    if let Some(level) = level {
                        set("context.level", crate::expr::Val::Int(*level));
                    }
                    let bind = &lifecycle.transitions[&"phone.bind".parse().unwrap()];
                    bind.guards[0].condition.truth(&facts).unwrap_or(false)
                };
                holds(&new) && !holds(&old)
            });
            assert!(!lets_more || found.weakens(), "{one} -> {other}: {found:?}");
        }
    }
}
