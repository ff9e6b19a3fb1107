//! A small lifecycle to change, and findings as plain text.

use crate::diagnostic::{Diagnostic, Severity};
use crate::lifecycle::{Loaded, load};
use crate::source::{SourceMap, Span};

/// A lifecycle in which everything is used and nothing is wrong.
pub(super) const ACCOUNT: &str = "\
lifecycle: demo
edition: 2026-11
attributes:
  name: text
  phone: { type: phone, optional: true, personal: true, shared_by_at_most: 6 }
  manager: { type: account_id, immutable: true }
context: { mfa: bool }
principal_kinds: { owner: { owns_account: true }, operator: {} }
callers:
  operator: { kinds: [operator], of: account.manager }
verifications:
  new_phone: { code: sms, to: input.phone }
  risk: { acknowledge: \"This gives full access.\" }
codes: { quota: codes }
quotas:
  codes: { limit: 100, per: 24h, key: account.id }
throttles:
  calls: { limit: 10, per: 1s, key: principal.account }
messages:
  bound: \"${account.name}: this number is bound.\"
";

pub(super) const PHONE: &str = "\
workflow: phone
initial: unbound
states: { unbound: {}, bound: {} }
transitions:
  bind:
    from: unbound
    to: bound
    permission: demo:BindPhone
    resource: acs:demo:*:${account.manager}:account/${account.id}
    caller: operator
    throttle: calls
    input: { phone: phone }
    verify: [risk, new_phone]
    set: { phone: input.phone }
    notify: [{ message: bound, to: input.phone, by: sms }]
  unbind:
    from: bound
    to: unbound
    permission: demo:UnbindPhone
    resource: acs:demo:*:${account.manager}:account/${account.id}
    caller: operator
    set: { phone: unset }
";

/// The small lifecycle with a text replaced in one of its files: `account` or `phone`.
#[track_caller]
pub(super) fn changed(file: &str, from: &str, to: &str) -> Vec<(String, String)> {
    let text = if file == "account" { ACCOUNT } else { PHONE };
    assert!(text.contains(from), "`{from}` is not in {file}.yaml");
    let mut files = vec![
        ("account.yaml".to_owned(), ACCOUNT.to_owned()),
        ("phone.yaml".to_owned(), PHONE.to_owned()),
    ];
    for (path, text) in &mut files {
        if *path == format!("{file}.yaml") {
            *text = text.replacen(from, to, 1);
        }
    }
    files
}

/// Loads files of a folder `demo`, given by their names in it.
pub(super) fn load_files(files: &[(String, String)]) -> (SourceMap, Loaded) {
    let mut sources = SourceMap::default();
    for (name, text) in files {
        sources.add(&format!("workflows/demo/{name}"), text);
    }
    let loaded = load(&sources, "demo");
    (sources, loaded)
}

/// As [`load_files`]; where there are files of another edition, that one.
pub(super) fn load_edition(files: &[(String, String)]) -> (SourceMap, Loaded) {
    let edition = files.iter().find_map(|(path, _)| {
        let (edition, _) = path.strip_prefix("editions/")?.split_once('/')?;
        Some(edition)
    });
    let Some(edition) = edition else {
        return load_files(files);
    };
    let (sources, _) = load_files(files);
    let loaded = load(&sources, &format!("demo@{edition}"));
    (sources, loaded)
}

/// Every error and warning: `file:line:col code message [underlined] label`, and a line
/// for each further place.
pub(super) fn findings(files: &[(String, String)]) -> String {
    let (sources, loaded) = load_files(files);
    assert_eq!(
        loaded.lifecycle.is_none(),
        loaded
            .diagnostics
            .iter()
            .any(|found| found.severity == Severity::Error)
    );
    let serious = loaded.diagnostics.iter();
    let serious = serious.filter(|found| found.severity > Severity::Info);
    let shown = serious.map(|found| show(&sources, found));
    shown.collect::<Vec<_>>().join("\n")
}

fn show(sources: &SourceMap, found: &Diagnostic) -> String {
    let place = |span: Span| {
        let file = sources.file(span.file).map(|file| &*file.text);
        let under = file.and_then(|text| text.get(span.start as usize..span.end as usize));
        let at = sources.locate(span).map(|at| at.to_string());
        let at = at.unwrap_or_default().replace("workflows/demo/", "");
        (at, under.unwrap_or_default().to_owned())
    };
    let (at, under) = place(found.primary.span);
    let (code, message, label) = (found.code, &found.message, &found.primary.text);
    let mut lines = vec![
        format!("{at} {code} {message} [{under}] {label}")
            .trim_end()
            .to_owned(),
    ];
    for also in &found.secondary {
        let (at, under) = place(also.span);
        lines.push(format!("  {at} {} [{under}]", also.text));
    }
    lines.extend(found.help.iter().map(|help| format!("  help: {help}")));
    if let Some(edit) = &found.suggestion {
        lines.push(format!("  edit: {}", edit.replacement));
    }
    lines.join("\n")
}

/// Each change of the small lifecycle with what is said of it.
#[track_caller]
pub(super) fn report(changes: &[(&str, &str, &str)]) -> String {
    let parts = changes.iter().map(|(file, from, to)| {
        let found = findings(&changed(file, from, to));
        format!("{file}: {from} -> {to}\n{found}\n")
    });
    parts.collect::<Vec<_>>().join("\n")
}
