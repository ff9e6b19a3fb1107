//! Verifications by an authenticator app, and what transitions do to authenticators.

use super::support::{changed, findings, load_files};
use crate::lifecycle::model::{Lifecycle, Method};

const APPS: &str = "\
verifications:
  new_app: { totp: app, enrol: true }
  app: { totp: app }
";

/// The small lifecycle with apps, of whose transitions one enrols an app and one forgets it.
fn with_apps(from: &str, to: &str) -> Vec<(String, String)> {
    let mut files = changed("account", "verifications:\n", APPS);
    let edits = [
        (
            "verify: [risk, new_phone]",
            "verify: [risk, new_phone, new_app]",
        ),
        (
            "    set: { phone: unset }",
            "    verify: [app]\n    forgets: app\n    set: { phone: unset }",
        ),
    ];
    for (from, to) in edits {
        assert!(files[1].1.contains(from), "{from}");
        files[1].1 = files[1].1.replacen(from, to, 1);
    }
    let mut replaced = false;
    for (_, text) in &mut files {
        replaced |= text.contains(from);
        *text = text.replacen(from, to, 1);
    }
    assert!(replaced, "{from}");
    files
}

fn lifecycle(files: &[(String, String)]) -> Lifecycle {
    let (_, loaded) = load_files(files);
    let findings = loaded.diagnostics;
    loaded.lifecycle.unwrap_or_else(|| panic!("{findings:#?}"))
}

#[test]
fn an_app_is_enrolled_proved_and_forgotten_by_its_name() {
    let files = with_apps("lifecycle", "lifecycle");
    assert_eq!(findings(&files), "");
    let lifecycle = lifecycle(&files);
    let method = |name: &str| match &lifecycle.verifications[name].method {
        Method::Totp {
            authenticator,
            enrol,
            attempts,
        } => (authenticator.to_string(), *enrol, *attempts),
        other => panic!("{other:?}"),
    };
    assert_eq!(method("new_app"), ("app".to_owned(), true, 5));
    assert_eq!(method("app"), ("app".to_owned(), false, 5));
    let unbind = &lifecycle.transitions[&"phone.unbind".parse().unwrap()];
    assert_eq!(unbind.forgets, ["app"]);
}

#[test]
fn only_what_can_be_enrolled_is_proved_or_forgotten() {
    let proved = findings(&with_apps("app: { totp: app }", "app: { totp: ap }"));
    assert!(
        proved.contains("W0125 unknown authenticator `ap`"),
        "{proved}"
    );
    let forgotten = findings(&with_apps("forgets: app", "forgets: ap"));
    assert!(
        forgotten.contains("W0125 unknown authenticator `ap`"),
        "{forgotten}"
    );
    let never = findings(&with_apps("totp: app, enrol: true", "totp: app"));
    assert!(
        never.contains("W0125 unknown authenticator `app`"),
        "{never}"
    );
}

#[test]
fn keys_of_other_methods_have_no_meaning_beside_an_app() {
    let code = findings(&with_apps(
        "app: { totp: app }",
        "app: { totp: app, to: input.phone }",
    ));
    assert!(code.contains("W0119 `to` has no meaning here"), "{code}");
    let risk = "risk: { acknowledge: \"This gives full access.\"";
    let enrol = findings(&with_apps(risk, &format!("{risk}, enrol: true")));
    assert!(
        enrol.contains("W0119 `enrol` has no meaning here"),
        "{enrol}"
    );
    let both = findings(&with_apps(
        "app: { totp: app }",
        "app: { totp: app, acknowledge: Yes. }",
    ));
    assert!(
        both.contains("W0118 a verification is proved in one way"),
        "{both}"
    );
}

#[test]
fn what_a_transition_forgets_is_part_of_what_attempts_are_bound_to() {
    let of = |files: &[(String, String)], name: &str| {
        lifecycle(files).transitions[&name.parse().unwrap()].fingerprint
    };
    let with = with_apps("lifecycle", "lifecycle");
    let keeps = with_apps("    forgets: app\n", "");
    assert_ne!(of(&with, "phone.unbind"), of(&keeps, "phone.unbind"));
    assert_eq!(of(&with, "phone.bind"), of(&keeps, "phone.bind"));
}
