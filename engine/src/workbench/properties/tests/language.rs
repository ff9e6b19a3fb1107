//! What can be stated, and what is refused with its place.

use super::support::{broken, few, shipped, stated, wrong};

/// What is said of the first property of a text; nothing, if it holds.
fn said(text: &str) -> String {
    let bundle = shipped();
    let (properties, sources) = stated(&bundle, text);
    let title = properties.iter().next().unwrap().title.clone();
    let checked = properties.check(&bundle, &few());
    broken(&sources, &checked.verdicts, &title)
}

#[test]
fn what_holds_and_what_never_does_are_opposites() {
    assert_eq!(
        said(r#"holds("a", |r| r.allowed || r.effect != "allow");"#),
        ""
    );
    assert_eq!(
        said(r#"never("a", |r| r.allowed && r.effect != "allow");"#),
        ""
    );
    assert_ne!(
        said(r#"never("a", |r| r.allowed || r.effect != "allow");"#),
        ""
    );
}

#[test]
fn every_name_of_a_request_can_be_asked_for() {
    let all = r#"
        let service = "resourcemanager";
        holds("all names are there",
            |request| like(request.permission, `${service}:*`) && request.resource in request.resources,
            |request| (request.by == "" || request.effect != "implicit_deny")
                && (request.owned || !request.reads || request.allowed || !request.allowed)
                && (request.principal.kind != "root" || request.principal.name != `root/1`
                    || "operators" in request.principal.groups || request.principal.account in ["1", "1000"] || request.account.id != "1")
                && (request.account.country ?? "SG" == "SG" || request.now.hour < 24)
                && (request.state.member_type == "resource" || has(request.context.mfa)
                    || !(request.context.mfa ?? false) || !has(request.input.phone)));
    "#;
    assert_eq!(said(all), "");
}

#[test]
fn a_loop_states_a_property_for_each() {
    let bundle = shipped();
    let (properties, _) = stated(
        &bundle,
        r#"for kind in ["visitor", "service"] {
            never(`a ${kind} owns anything`, |r| r.principal.kind == kind && r.owned);
        }"#,
    );
    let titles: Vec<&str> = properties.iter().map(|it| &*it.title).collect();
    assert_eq!(
        titles,
        ["a visitor owns anything", "a service owns anything"]
    );
    let checked = properties.check(&bundle, &few());
    assert!(checked.verdicts.iter().all(|verdict| verdict.holds()));
}

/// A variable that changes later changes nothing that was stated before.
#[test]
fn a_property_keeps_what_a_variable_held() {
    let text = r#"
        let most = 24;
        holds("the day has 24 hours", |r| r.now.hour < most);
        most = 0;
    "#;
    assert_eq!(said(text), "");
}

#[test]
fn a_property_without_an_answer_is_broken_and_says_why() {
    insta::assert_snapshot!(said(
        r#"holds("phones have countries", |r| phone_country(r.input.phone ?? "+80012345678") != "CN");"#
    ), @r#"
    P0426 policies/properties/stated.rhai:1:36 "phones have countries" has no answer: the phone number belongs to no country [phone_country(r.input.phone ?? "+80012345678") != "CN"]
      phone_country(input.phone (unset) ?? "+80012345678") != "CN"
      this is what decides: Allow policies/AliyunResourceDirectoryReadOnlyAccess.rhai:5:1 [allow ["resourcemanager:Get*", "resourcemanager:List*"]]
      help: the request, as a case:
      - name: phones have countries
        principal: ram_user/ro
        action: resourcemanager:GetAccount
        resource: acs:resourcemanager:*:*:a
        expect: allow

      - name: phones have countries
        principal: ram_user/ro
        action: resourcemanager:GetAccount
        resource: acs:resourcemanager:*:*:a
        expect: allow
    "#);
}

#[test]
fn a_property_about_nothing_is_told() {
    insta::assert_snapshot!(said(
        r#"holds("nothing", |r| r.principal.name == "ram_user/nobody", |r| !r.allowed);"#
    ), @r#"
    P0427 policies/properties/stated.rhai:1:7 "nothing" is about requests that were never made ["nothing"]
      help: try more of them with `--requests`, or mend its first condition
    "#);
}

#[test]
fn what_properties_do_not_have_is_refused_at_its_place() {
    let bundle = shipped();
    let mut all = String::new();
    for text in [
        r#"holds("a", |r| r.alowed);"#,
        r#"holds("a", |r| r.principal.nam == "x");"#,
        r#"holds("a", |r| allowed);"#,
        r#"holds("a", |r| r);"#,
        r#"holds("a", |r| r.context.mfa);"#,
        r#"holds("a", |r| r.effect == "Allow");"#,
        r#"holds("a", |r| r.address == "x");"#,
        r#"holds("a", |r| r.account.phone.country == "x");"#,
        r#"holds("a", |r| r.by.len() > 1);"#,
        r#"holds("a", |r| r?.allowed);"#,
        r#"holds("a", r.allowed);"#,
        r#"holds("a", || true);"#,
        r#"holds("a", |r, s| true);"#,
        r#"holds("a");"#,
        r#"holds("a", |r| r.allowed, |r| r.reads, |r| true);"#,
        r#"holds(1, |r| r.allowed);"#,
        r#"holds(" ", |r| r.allowed);"#,
        r#"holds("a", |r| r.allowed); never("a", |r| r.reads);"#,
        r#"let seen = 0; holds("a", |r| { seen += 1; seen < 9 });"#,
        r#"let shared = 1;"#,
        r#"fn f() { 1 }"#,
        r#"while true { }"#,
        r#"hold("a", |r| r.allowed);"#,
        r#"holds(name, |r| r.allowed);"#,
        r#"let x = 1 / 0;"#,
        r#"for x in range(0, 1000000) { let y = x; }"#,
        r#"for x in range(0, 1001) { holds(`${x}`, |r| r.allowed); }"#,
        r#"holds("a, |r| r.allowed);"#,
        r#"holds("a", |r| r.allowed"#,
        r#"holds("a", |r| r.allowed) holds("b", |r| r.allowed);"#,
    ] {
        all.push_str(&format!("> {text}\n{}\n", wrong(&bundle, text)));
    }
    insta::assert_snapshot!(all);
}
