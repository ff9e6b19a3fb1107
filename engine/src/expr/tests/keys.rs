//! Names by their condition keys: `context["acs:SourceIp"]`.

use super::{Sampled, refused, value};

#[test]
fn a_key_is_the_name_that_has_it() {
    let facts = [
        ("context.mfa", Sampled::Bool(true)),
        ("context.source_ip", Sampled::Ip([192, 0, 2, 1].into())),
        ("now", Sampled::Time(1_700_000_000_000)),
    ];
    for (text, expected) in [
        (
            "has(context[\"acs:MFAPresent\"]) && context[\"acs:MFAPresent\"]",
            "true",
        ),
        ("has(context.mfa) && context[\"ACS:MFAPRESENT\"]", "true"),
        (
            "has(context[\"acs:mfapresent\"]) && context.mfa == false",
            "false",
        ),
        ("context[ \"acs:SourceIp\" ] ?? \"::1\"", "192.0.2.1"),
        ("context[`acs:SourceIp`] ?? \"::1\"", "192.0.2.1"),
        ("(context[\"acs:CurrentTime\"]) == now", "true"),
    ] {
        let found = value(text, &facts).unwrap();
        assert_eq!(found.as_deref(), Some(expected), "{text}");
    }
    let unset = value("context[\"acs:SourceIp\"] ?? \"::1\"", &[]).unwrap();
    assert_eq!(unset.as_deref(), Some("::1"));
}

#[test]
fn what_is_no_key_of_a_name_is_refused() {
    let all: String = [
        "context[\"acs:SourceIP4\"] == \"::1\"",
        "context[\"mfa\"]",
        "context[\"\"]",
        "context[\"acs:MFAPresent\"]",
        "context[1]",
        "context[account.name]",
        "context[`acs:${account.name}`]",
        "context[context.mfa]",
        "context[unset]",
        "context?[\"acs:MFAPresent\"]",
        "account[\"acs:MFAPresent\"]",
        "context[\"acs:MFAPresent\"][\"x\"]",
        "context[\"acs:MFAPresent\"].x",
        "has(context[\"acs:MFA\"])",
        "context[\"acs:MFAPresent\"",
    ]
    .iter()
    .map(|text| format!("{text}\n{}\n", refused(text)))
    .collect();
    insta::assert_snapshot!(all);
}
