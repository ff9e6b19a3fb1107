//! The requests that are made up: what they are like, and that their cases ask the same.

use std::collections::BTreeSet;

use super::support::{changed, many, shipped, stated};
use crate::bundle::Bundle;
use crate::diagnostic::Severity;
use crate::source::SourceMap;
use crate::workbench::cases;
use crate::workbench::properties::case::case;
use crate::workbench::properties::names::effect_word;
use crate::workbench::properties::{Answers, Property, Request, Requests, Stated, Trial, Who};

/// Policies that ask for all kinds of things.
fn demanding() -> Bundle {
    changed(&[
        (
            "policies/FolderAdministrator.rhai",
            "        `${directory}:messagecontact/*`,\n    ];",
            "        `${directory}:messagecontact/*`,\n    ]\n    when now.hour >= 8 && now.hour < 18\n\
             && (context.mfa ?? false) && account.country in [\"SG\", \"GB\"];",
        ),
        (
            "policies/IdentityReview.rhai",
            "allow \"account:ReviewIdentity\";",
            "allow \"account:ReviewIdentity\" when state.identity_verification != \"verified_enterprise\"\n\
             && account.created_at < now && like(account.path, \"rd-*\");",
        ),
    ])
}

/// Requests of a bundle, as many as are tried.
fn drawn(bundle: &Bundle, who: Who) -> Vec<Request> {
    use proptest::strategy::{Strategy, ValueTree};
    use proptest::test_runner::TestRunner;
    let requests = Requests::of(bundle, who);
    let mut runner = TestRunner::deterministic();
    let draw = |_| requests.new_tree(&mut runner).unwrap().current();
    (0..1_000).map(draw).collect()
}

fn answers(bundle: &Bundle, requests: &[Request]) -> Answers {
    let mut answers = Answers::default();
    for request in requests {
        let answered = request.answer(bundle).ok();
        answers.count(answered.map(|it| it.ruling.effect));
    }
    answers
}

#[test]
fn many_requests_are_allowed_and_many_are_not() {
    for bundle in [shipped(), demanding()] {
        for who in [Who::Known, Who::Anybody] {
            let answers = answers(&bundle, &drawn(&bundle, who));
            assert!(answers.allow > 250, "{answers:?}");
            assert!(answers.explicit_deny > 5, "{answers:?}");
            assert!(answers.implicit_deny > 250, "{answers:?}");
        }
    }
}

#[test]
fn everybody_asks_and_everything_that_matters_varies() {
    let bundle = demanding();
    let requests = drawn(&bundle, Who::Known);
    let askers: BTreeSet<&str> = requests
        .iter()
        .map(|it| it.principal.name.as_str())
        .collect();
    for listed in bundle.principals.listed() {
        assert!(askers.contains(listed.principal.name.as_str()));
    }
    assert!(askers.iter().any(|name| name.starts_with("root/")));
    let hours: BTreeSet<i64> = requests
        .iter()
        .map(|it| bundle.lifecycle.zone.wall_clock(it.now).0)
        .collect();
    for hour in [7, 8, 17, 18] {
        assert!(hours.contains(&hour), "{hours:?}");
    }
    let accounts = || requests.iter().filter_map(|it| it.account.as_ref());
    let countries: BTreeSet<String> = accounts()
        .filter_map(|it| Some(it.attributes.get("country")?.text()))
        .collect();
    assert!(countries.is_superset(&["SG", "GB", "CN"].map(str::to_owned).into()));
    let states = accounts().filter_map(|it| it.states.get("identity_verification"));
    assert!(
        states
            .map(|it| it.state.as_str())
            .collect::<BTreeSet<_>>()
            .len()
            > 1
    );
    // Nothing looks at these.
    assert!(accounts().all(|it| !it.attributes.contains_key("avatar_colour")));
}

/// What a request's case is read as and answered by, in one word; or what is wrong with it.
fn asked_again(bundle: &Bundle, request: &Request, expected: &str) -> Result<(), String> {
    let text = format!("cases:\n{}", case("it", request, expected));
    let mut sources: SourceMap = bundle.sources.clone();
    let file = sources.add("policies/tests/pasted.yaml", &text);
    let mut findings = Vec::new();
    let cases = cases::load(bundle, &sources, file, &mut findings);
    findings.extend(cases.iter().flat_map(|cases| cases.run(bundle)));
    // A drawn action may look mistyped, which is worth a warning and no more.
    findings.retain(|it| it.severity == Severity::Error);
    if findings.is_empty() {
        return Ok(());
    }
    let says: Vec<String> = findings.into_iter().map(|it| it.message).collect();
    Err(format!("{text}\n{says:?}"))
}

#[test]
fn a_request_can_be_pasted_as_a_case() {
    for bundle in [shipped(), demanding()] {
        let requests = [Who::Known, Who::Anybody].map(|who| drawn(&bundle, who));
        let mut asked = 0;
        for request in requests.iter().flatten() {
            let Ok(answered) = request.answer(&bundle) else {
                continue;
            };
            if answered.ruling.error.is_none() && request.is_said(&bundle, &answered) {
                let effect = effect_word(answered.ruling.effect);
                assert_eq!(asked_again(&bundle, request, effect), Ok(()));
                asked += 1;
            }
        }
        assert!(asked > 1_500, "{asked}");
    }
}

/// The smallest request that is allowed, of a text that says none is.
fn smallest(bundle: &Bundle, condition: &str) -> Request {
    let text = format!("never(\"it\", |r| {condition});");
    let (properties, _) = stated(bundle, &text);
    assert!(
        properties
            .iter()
            .all(|it: &Property| it.stated == Stated::Never)
    );
    let checked = properties.check(bundle, &many());
    let verdict = checked.verdicts.into_iter().next().unwrap();
    assert_eq!(
        verdict
            .case
            .as_ref()
            .map(|case| case.contains("expect: deny")),
        Some(true)
    );
    let request = verdict.tried.broken.unwrap().request;
    assert_eq!(asked_again(bundle, &request, "allow"), Ok(()));
    request
}

#[test]
fn what_fails_is_shrunk_to_what_it_takes() {
    let bundle = demanding();
    insta::assert_debug_snapshot!(smallest(&bundle, "r.allowed"), @r"
    principal: visitor/ra2
    action: account:ConfirmEmail
    resource: acs:account:*:*:a
    ");
    insta::assert_debug_snapshot!(
        smallest(&bundle, "r.allowed && r.principal.name == \"ram_user/alice\" && !r.reads"), @r#"
    principal: ram_user/alice
    action: resourcemanager:UpdateAccount
    resource: acs:resourcemanager:*:*:folder/rd-3G/r-Wm/fd-A/a
    account: { id: "2", attributes: { country: SG, path: a } }
    context: { mfa: true }
    now: "2026-01-05T08:00:00Z"
    "#);
    insta::assert_debug_snapshot!(
        smallest(&bundle, "r.allowed && r.by == \"IdentityReview\""), @r#"
    principal: reviewer/kim
    action: account:ReviewIdentity
    resource: acs:account:*:*:a
    account: { id: "2", created_at: "2026-01-05T00:00:00Z", attributes: { path: rd- } }
    now: "2026-01-05T01:00:00Z"
    "#);
    insta::assert_debug_snapshot!(
        smallest(&bundle, "r.owned && r.permission == \"ram:GetRole\""), @r#"
    principal: root/2
    action: ram:GetRole
    resource: acs:ram:*:2:a
    "#);
}

#[test]
fn the_same_seed_finds_the_same_and_what_was_kept_is_tried_first() {
    let bundle = shipped();
    let (properties, _) = stated(
        &bundle,
        "never(\"it\", |r| r.allowed && r.by == \"LogonPage\");",
    );
    let found = |trial: &Trial| {
        let checked = properties.check(&bundle, trial);
        checked.verdicts.into_iter().next().unwrap().tried
    };
    let (first, again) = (found(&many()), found(&many()));
    let (first, again) = (first.broken.unwrap(), again.broken.unwrap());
    assert_eq!(first.request, again.request);
    let kept = Trial {
        requests: 0,
        seed: 7,
        kept: vec![first.seed],
    };
    let kept = found(&kept).broken.unwrap();
    assert_eq!(kept.request, first.request);
    assert_eq!(kept.seed, first.seed);
}
