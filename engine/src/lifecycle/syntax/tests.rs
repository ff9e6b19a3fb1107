//! Both ways to write each form, and what is said of wrong ones.

use serde::de::DeserializeOwned;

use super::{AccountFile, WorkflowFile};
use crate::source::{Document, Limits, SourceMap};

fn read<T: DeserializeOwned>(text: &str) -> (Option<T>, Vec<String>) {
    let mut map = SourceMap::default();
    let file = map.add("a.yaml", text);
    let (document, mut errors) = Document::parse(file, text, &Limits::default());
    let value = document.and_then(|mut document| {
        let (value, more) = document.read();
        errors.extend(more);
        value
    });
    let shown = errors.iter().map(|error| {
        let under = &text[error.span.start as usize..error.span.end as usize];
        format!("{} [{under}]", error.message)
    });
    (value, shown.collect())
}

#[test]
fn account_forms_are_read_short_and_long() {
    let (file, errors) = read::<AccountFile>(
        "lifecycle: demo\nedition: 2024-05\nattributes:\n  name: text\n  \
         level: { one_of: [low, high], default: low }\n  active: { type: bool, default: true }\n\
         codes: { resend_after: 60s, quota: day_codes }\n\
         quotas: { day_codes: { limit: 100, per: day, key: account.id } }\n\
         verifications:\n  phone: { code: sms, to: input.phone, resend_after: [30s, 1m], digits: 8 }\n",
    );
    assert_eq!(errors, [""; 0]);
    let file = file.unwrap();
    assert_eq!(file.attributes["name"].0.ty.as_deref(), Some("text"));
    assert_eq!(
        file.attributes["active"].0.default.as_ref().unwrap().0,
        "true"
    );
    assert_eq!(file.codes.unwrap().quota.0.len(), 1);
    let phone = &file.verifications["phone"];
    assert_eq!(phone.resend_after.as_ref().unwrap().0.len(), 2);
}

#[test]
fn workflow_forms_are_read_short_and_long() {
    let (file, errors) = read::<WorkflowFile>(
        "workflow: w\ninitial: a\nstates: { a: {}, b: { final: true } }\ntransitions:\n  go:\n    \
         from: a\n    to: b\n    permission: x:Go\n    resource: acs:x\n    when: true\n    \
         input: { phone: phone, why: { type: text, optional: true } }\n    \
         verify: [one, { any: [two, three] }]\n    set: { level: 3, on_hold: false }\n    \
         cooldown: 24h\n    deny_code: { guard: NotNow }\n  back:\n    from: [a, b]\n    to: a\n    \
         triggered_by: w.go\n    when: [x == 1, { check: y == 2, because: it must }]\n    \
         cooldown: [{ after: w.go, wait: 1h }]\n",
    );
    assert_eq!(errors, [""; 0]);
    let file = file.unwrap();
    let go = &file.transitions["go"];
    assert_eq!(go.when.0[0].0.check.0, "true");
    assert_eq!(go.set["level"].0, "3");
    assert_eq!(go.verify[1].0.any.len(), 2);
    assert!(go.cooldown.0[0].0.after.is_none());
    let back = &file.transitions["back"];
    assert_eq!(back.when.0.len(), 2);
    assert_eq!(back.from.0.len(), 2);
}

#[test]
fn wrong_forms_are_named_at_their_places() {
    let (_, errors) = read::<WorkflowFile>(
        "workflow: Bad Name\ninitial: a\nstates: { A: {}, b: , c: { finl: true } }\ntransitions:\n  go:\n    \
         from: { a: b }\n    to: b\n    after: 14 days\n    when: [{ chek: x }]\n    within: 30\n    \
         verify: one\n    notify: [{ message: m, to: x, by: pigeon }]\n    deny_code: { polcy: No }\n    \
         cooldown: long\n    triggered_by: go\n    set: [a]\n",
    );
    insta::assert_snapshot!(errors.join("\n"));
}
