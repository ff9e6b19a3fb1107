//! Seeds faults into the shipped lifecycle, one at a time, and counts those that are found: by not
//! loading, by its properties, or by another check.
//!
//! `cargo run -p stateward --example mutation-score` prints every fault that nothing finds.

#![expect(clippy::print_stdout, reason = "it is a program that reports")]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;

use serde_yaml::{Mapping, Value};
use stateward::analysis;
use stateward::bundle::{Bundle, read_sources};
use stateward::source::SourceMap;

const LIFECYCLE: &str = "resource_account";
/// The kind of what only writes a file anew, in which nothing must be found.
const NO_FAULT: &str = "nothing";

/// A fault: which kind of change, where, and the files that it changes.
struct Fault {
    kind: &'static str,
    place: String,
    file: String,
    text: String,
}

/// Files by their paths.
type Files = BTreeMap<String, String>;

/// What is found in a definition.
enum Found {
    /// It does not load.
    Refused,
    /// These findings, by code and what they are about.
    Findings(BTreeSet<String>),
}

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let shipped = read_sources(&root, LIFECYCLE)?;
    let mut checks = Files::new();
    for file in ["accepted.yaml", "properties.yaml"] {
        let path = format!("workflows/{LIFECYCLE}/checks/{file}");
        let text = std::fs::read_to_string(root.join(&path))?;
        checks.insert(path, text);
    }
    let Found::Findings(before) = found(&shipped, None, &checks) else {
        return Err("what is shipped does not load".into());
    };
    let mut tally: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    for fault in faults(&shipped)? {
        if fault.kind == NO_FAULT {
            if !matches!(found(&shipped, Some(&fault), &checks), Found::Findings(it) if it == before)
            {
                return Err(format!("{} reads otherwise when written anew", fault.file).into());
            }
            continue;
        }
        let [seeded, refused, broken, checked] = tally.entry(fault.kind).or_default();
        *seeded += 1;
        match found(&shipped, Some(&fault), &checks) {
            Found::Refused => *refused += 1,
            Found::Findings(findings) => {
                let fresh: Vec<&String> = findings.difference(&before).collect();
                let is_property = |it: &str| it.starts_with("A0051") || it.starts_with("A0052");
                if fresh.iter().any(|it| is_property(it)) {
                    *broken += 1;
                } else if !fresh.is_empty() {
                    *checked += 1;
                } else {
                    println!("not found: {} {}", fault.kind, fault.place);
                }
            }
        }
    }
    report(&tally);
    Ok(())
}

fn report(tally: &BTreeMap<&str, [usize; 4]>) {
    let head = ["seeded", "refused", "properties", "checks", "missed"];
    let [seeded, refused, broken, checked, missed] = head;
    println!(
        "\n{:24} {seeded:>8} {refused:>8} {broken:>11} {checked:>8} {missed:>7}",
        ""
    );
    let mut all = [0; 4];
    let line = |name: &str, [seeded, refused, broken, checked]: [usize; 4]| {
        let missed = seeded - refused - broken - checked;
        println!("{name:24} {seeded:8} {refused:8} {broken:11} {checked:8} {missed:7}");
    };
    for (kind, counts) in tally {
        line(kind, *counts);
        for (sum, count) in all.iter_mut().zip(counts) {
            *sum += count;
        }
    }
    line("all", all);
}

fn found(shipped: &SourceMap, fault: Option<&Fault>, checks: &Files) -> Found {
    let mut sources = SourceMap::default();
    for file in shipped.files() {
        let changed = fault.filter(|fault| *fault.file == *file.path);
        sources.add(&file.path, changed.map_or(&file.text, |fault| &fault.text));
    }
    let Ok(bundle) = Bundle::load(sources, LIFECYCLE) else {
        return Found::Refused;
    };
    let mut sources = bundle.sources.clone();
    for (path, text) in checks {
        sources.add(path, text);
    }
    let report = analysis::check(&bundle, sources);
    let findings = report.open().map(|it| &it.diagnostic);
    let told = findings.map(|it| format!("{} {}", it.code, it.message));
    Found::Findings(told.collect())
}

/// Every fault of every kind.
fn faults(shipped: &SourceMap) -> Result<Vec<Fault>, Box<dyn Error>> {
    let mut faults = Vec::new();
    for file in shipped.files().filter(|file| file.path.ends_with(".yaml")) {
        let whole: Value = serde_yaml::from_str(&file.text)?;
        let mut seed = |kind: &'static str, place: &str, changed: Value| {
            if let Ok(text) = serde_yaml::to_string(&changed) {
                faults.push(Fault {
                    kind,
                    place: place.to_owned(),
                    file: file.path.to_string(),
                    text,
                });
            }
        };
        seed(NO_FAULT, &file.path, whole.clone());
        if whole.get("workflow").is_some() {
            in_workflow(&whole, &mut seed);
        } else if whole.get("lifecycle").is_some() {
            in_account(&whole, &mut seed);
        } else {
            in_principals(&whole, &mut seed);
        }
    }
    Ok(faults)
}

type Seed<'s> = dyn FnMut(&'static str, &str, Value) + 's;

fn in_workflow(whole: &Value, seed: &mut Seed<'_>) {
    let workflow = text(whole.get("workflow"));
    let states = keys(whole.get("states"));
    for name in keys(whole.get("transitions")) {
        let at = ["transitions", name.as_str()];
        let place = format!("{workflow}.{name}");
        let Some(transition) = get(whole, &at) else {
            continue;
        };
        seed("transition removed", &place, without(whole, &at));
        for key in ["caller", "restore"] {
            if transition.get(key).is_some() {
                let changed = without(whole, &["transitions", &name, key]);
                seed("rule removed", &format!("{place} {key}"), changed);
            }
        }
        // One other state is enough: the first that it does not have.
        let (mut turned, mut widened) = (false, false);
        for state in &states {
            let place = format!("{place} {state}");
            if !turned && transition.get("to") != Some(&Value::from(state.as_str())) {
                let changed = with(whole, &at, "to", Value::from(state.as_str()));
                seed("target changed", &place, changed);
                turned = true;
            }
            let mut from = many(transition.get("from"));
            if !widened && !from.contains(&Value::from(state.as_str())) {
                widened = true;
                from.push(Value::from(state.as_str()));
                seed(
                    "source widened",
                    &place,
                    with(whole, &at, "from", Value::from(from)),
                );
            }
        }
        for (index, guard) in many(transition.get("when")).iter().enumerate() {
            let mut guards = many(transition.get("when"));
            guards.remove(index);
            let place = format!("{place} when {index}");
            seed(
                "guard removed",
                &place,
                with(whole, &at, "when", Value::from(guards.clone())),
            );
            let check = text(Some(guard.get("check").unwrap_or(guard)));
            guards.insert(index, Value::from(format!("!({check})")));
            seed(
                "guard negated",
                &place,
                with(whole, &at, "when", Value::from(guards)),
            );
        }
        in_proofs(whole, &name, transition, &place, seed);
        for attribute in keys(transition.get("set")) {
            let changed = without(whole, &["transitions", &name, "set", &attribute]);
            seed(
                "assignment removed",
                &format!("{place} {attribute}"),
                changed,
            );
        }
    }
}

fn in_proofs(whole: &Value, name: &str, transition: &Value, place: &str, seed: &mut Seed<'_>) {
    let at = ["transitions", name];
    let steps = many(transition.get("verify"));
    let mut change = |kind: &'static str, index: usize, steps: Vec<Value>| {
        let place = format!("{place} verify {index}");
        seed(kind, &place, with(whole, &at, "verify", Value::from(steps)));
    };
    for (index, step) in steps.iter().enumerate() {
        let mut fewer = steps.clone();
        fewer.remove(index);
        change("proof removed", index, fewer);
        // An acknowledgement proves nothing of who asks.
        let mut any = step
            .get("any")
            .map_or_else(|| vec![step.clone()], |any| many(Some(any)));
        any.push(Value::from("root_risk"));
        let mut weaker = steps.clone();
        if let Some(place) = weaker.get_mut(index) {
            *place = Value::from(Mapping::from_iter([("any".into(), Value::from(any))]));
        }
        change("proof weakened", index, weaker);
    }
    if steps.len() > 1 {
        let turned = steps.iter().rev().cloned().collect();
        change("proofs turned round", 0, turned);
    }
}

fn in_account(whole: &Value, seed: &mut Seed<'_>) {
    for name in keys(whole.get("callers")) {
        let at = ["callers", name.as_str()];
        for key in ["of", "when"] {
            let Some(_) = get(whole, &["callers", &name, key]) else {
                continue;
            };
            let changed = without(whole, &["callers", &name, key]);
            seed("caller widened", &format!("{name} {key}"), changed);
        }
        let mut kinds = many(get(whole, &["callers", &name, "kinds"]));
        let all = keys(whole.get("principal_kinds"));
        let mut others = all
            .iter()
            .filter(|kind| !kinds.contains(&Value::from(kind.as_str())));
        if let Some(kind) = others.next() {
            kinds.push(Value::from(kind.as_str()));
            let changed = with(whole, &at, "kinds", Value::from(kinds));
            seed("caller widened", &format!("{name} {kind}"), changed);
        }
    }
    for name in keys(whole.get("verifications")) {
        let at = ["verifications", name.as_str()];
        let to = text(get(whole, &["verifications", &name, "to"]));
        let turned = match to.split_once('.') {
            Some(("account", rest)) => format!("input.{rest}"),
            Some(("input", rest)) if !rest.contains(' ') => format!("account.{rest}"),
            _ => continue,
        };
        seed(
            "address exchanged",
            &name,
            with(whole, &at, "to", Value::from(turned)),
        );
    }
}

fn in_principals(whole: &Value, seed: &mut Seed<'_>) {
    for name in keys(whole.get("principals")) {
        let at = ["principals", name.as_str()];
        for policy in ["AdministratorAccess", "AliyunResourceDirectoryFullAccess"] {
            let mut policies = many(get(whole, &["principals", &name, "policies"]));
            if !policies.contains(&Value::from(policy)) {
                policies.push(Value::from(policy));
                let changed = with(whole, &at, "policies", Value::from(policies));
                seed("policy attached", &format!("{name} {policy}"), changed);
            }
        }
    }
}

fn get<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, key| value.get(*key))
}

fn keys(value: Option<&Value>) -> Vec<String> {
    let mapping = value.and_then(Value::as_mapping).into_iter();
    mapping
        .flat_map(Mapping::keys)
        .map(|key| text(Some(key)))
        .collect()
}

fn text(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// What is written as one or as a list.
fn many(value: Option<&Value>) -> Vec<Value> {
    match value {
        None => Vec::new(),
        Some(Value::Sequence(values)) => values.clone(),
        Some(one) => vec![one.clone()],
    }
}

fn with(whole: &Value, path: &[&str], key: &str, value: Value) -> Value {
    let mut changed = whole.clone();
    if let Some(mapping) = mapping(&mut changed, path) {
        mapping.insert(key.into(), value);
    }
    changed
}

fn without(whole: &Value, path: &[&str]) -> Value {
    let mut changed = whole.clone();
    if let Some((key, path)) = path.split_last()
        && let Some(mapping) = mapping(&mut changed, path)
    {
        mapping.remove(*key);
    }
    changed
}

fn mapping<'v>(value: &'v mut Value, path: &[&str]) -> Option<&'v mut Mapping> {
    let place = path
        .iter()
        .try_fold(value, |value, key| value.get_mut(*key));
    place?.as_mapping_mut()
}
