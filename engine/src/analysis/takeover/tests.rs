//! What falls in the shipped lifecycles, and in ones that are hardened.

use std::ops::ControlFlow;
use std::path::Path;

use super::*;
use crate::analysis::{Limits, Model, Profile, Tracking, explore};
use crate::bundle::{Bundle, read_sources};
use crate::source::SourceMap;

fn sources(lifecycle: &str) -> SourceMap {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    read_sources(&root, lifecycle).unwrap()
}

fn loaded(sources: SourceMap, lifecycle: &str) -> Bundle {
    Bundle::load(sources, lifecycle).unwrap_or_else(|error| panic!("{:#?}", error.diagnostics))
}

fn explored(bundle: &Bundle) -> Product<'_> {
    let model = Model::new(bundle, Profile::default(), &Tracking::nothing()).unwrap();
    let product = explore(
        model,
        &Limits::default(),
        &mut |_| ControlFlow::Continue(()),
    );
    assert!(product.is_complete());
    product
}

/// The shipped lifecycle with texts replaced by others in some of its files. A file without a text to
/// replace is added.
fn changed(changes: &[(&str, &str, &str)]) -> Bundle {
    let mut changed = SourceMap::default();
    for file in sources("resource_account").files() {
        let mut held = file.text.to_string();
        for (path, text, by) in changes.iter().filter(|it| file.path.ends_with(it.0)) {
            assert!(held.contains(text), "{path} has {text}");
            held = held.replace(text, by);
        }
        changed.add(&file.path, &held);
    }
    for (path, _, text) in changes.iter().filter(|(_, text, _)| text.is_empty()) {
        changed.add(path, text);
    }
    loaded(changed, "resource_account")
}

/// Everything that a takeover says.
fn told(takeover: &Takeover<'_, '_>) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for answer in takeover.singles() {
        let hand: Vec<_> = takeover
            .factors()
            .in_hand(answer.hand)
            .map(|it| it.to_string())
            .collect();
        writeln!(text, "{}", hand.join(" + ")).unwrap();
        for fall in &answer.falls {
            let factor = takeover.factors().get(fall.factor).unwrap();
            writeln!(text, "  {factor} in {}", fall.attack.steps.len()).unwrap();
        }
        let Some(seizure) = &answer.seizure else {
            continue;
        };
        let scope = &seizure.scope;
        writeln!(
            text,
            "  to {}, in {} of {} states",
            takeover.aim(seizure.as_owner),
            scope.states,
            scope.of
        )
        .unwrap();
        for (workflow, states) in &scope.only {
            let states: Vec<_> = states.iter().map(|it| it.as_str()).collect();
            writeln!(text, "    {workflow}: {}", states.join(", ")).unwrap();
        }
        for step in &seizure.attack.steps {
            writeln!(text, "    {}", takeover.told_of(step)).unwrap();
            writeln!(
                text,
                "      {:?}",
                step.told
                    .iter()
                    .map(|it| (it.message.as_str(), &it.to))
                    .collect::<Vec<_>>()
            )
            .unwrap();
        }
        for proviso in seizure.attack.provisos() {
            let lifecycle = &takeover.product().model().bundle().lifecycle;
            writeln!(text, "    provided that {}", proviso.text(lifecycle)).unwrap();
        }
    }
    text
}

/// The names of the sets.
fn named(takeover: &Takeover<'_, '_>, sets: &[Hand]) -> Vec<String> {
    let one = |set: &Hand| {
        let names = takeover.factors().in_hand(*set).map(ToString::to_string);
        names.collect::<Vec<_>>().join(" + ")
    };
    sets.iter().map(one).collect()
}

/// What falls to a factor, and whether that seizes the account.
fn falls(takeover: &Takeover<'_, '_>, factor: &str) -> (Vec<String>, bool) {
    let hand = Hand::of(takeover.factors().find(factor).unwrap());
    let answer = takeover.of(hand);
    let falls = answer
        .falls
        .iter()
        .map(|fall| Hand::of(fall.factor))
        .collect::<Vec<_>>();
    (named(takeover, &falls), answer.seizure.is_some())
}

#[test]
fn the_shipped_lifecycle_falls_to_its_phone_its_mailbox_and_its_operators() {
    let bundle = loaded(sources("resource_account"), "resource_account");
    let product = explored(&bundle);
    let takeover = Takeover::new(&product, Others::Wait);
    insta::assert_snapshot!(told(&takeover), @r#"
    email
      root in 1
      pending_email in 2
      phone in 2
      to act as `root` of an account, in 6168 of 10328 states
        deletion: none
        logon_email: real
        member_type: cloud
        membership: invited, member, outside, removed
        root_user: active, enabled
        root_user.retrieve_password as any visitor with `old_email` by `email`: gains `root`
          [("password_set", Attacker)]
    pending_email
    phone
      root in 1
      email in 2
      pending_email in 2
      to act as `root` of an account, in 1840 of 10328 states
        deletion: none
        member_type: cloud
        membership: invited, member, outside, removed
        mobile_phone: bound
        root_user: active, enabled
        root_user.retrieve_password as any visitor with `old_phone` by `phone`: gains `root`
          [("password_set", Attacker), ("password_set", Owner("email"))]
    root
      pending_email in 1
    ram_user/alice
      pending_email in 1
      phone in 1
      root in 3
      email in 4
      to act as `root` of an account, in 800 of 10328 states
        deletion: none, pre_checked
        member_type: resource
        membership: member, prepared
        mobile_phone: unbound
        root_access_key: inactive, none
        root_user: disabled, suspended
        mobile_phone.bind as ram_user/alice with `number_to_bind` at an address of its own: gains `phone`
          [("phone_bound", Attacker)]
        member_type.switch_to_cloud as ram_user/alice with `root_risk` acknowledged
          [("became_cloud", Attacker)]
        root_user.retrieve_password as any visitor with `old_phone` by `phone`: gains `root`
          [("password_set", Attacker)]
        provided that policies and the caller rule `management_operator` admit ram_user/alice
    ram_user/full
      pending_email in 1
      phone in 1
      root in 3
      email in 4
      to act as `root` of an account, in 800 of 10328 states
        deletion: none, pre_checked
        member_type: resource
        membership: member, prepared
        mobile_phone: unbound
        root_access_key: inactive, none
        root_user: disabled, suspended
        mobile_phone.bind as ram_user/full with `number_to_bind` at an address of its own: gains `phone`
          [("phone_bound", Attacker)]
        member_type.switch_to_cloud as ram_user/full with `root_risk` acknowledged
          [("became_cloud", Attacker)]
        root_user.retrieve_password as any visitor with `old_phone` by `phone`: gains `root`
          [("password_set", Attacker)]
        provided that policies and the caller rule `management_operator` admit ram_user/full
    ram_user/x1-admin
    reviewer/kim
    service/directory
    service/notices
    root of another account
      pending_email in 1
    "#);
    let sets = named(&takeover, &takeover.minimal_sets(3));
    insta::assert_snapshot!(sets.join("\n"), @r"
    email
    phone
    ram_user/alice
    ram_user/full
    ");
}

#[test]
fn findings_say_what_one_factor_takes_over_and_where() {
    let bundle = loaded(sources("resource_account"), "resource_account");
    let product = explored(&bundle);
    let found = findings(&product).into_iter().map(|it| {
        let place = bundle.locate(it.primary.span).unwrap_or_default();
        format!(
            "{} {place} {}\n  {}",
            it.code,
            it.message,
            it.help.join("\n  ")
        )
    });
    insta::assert_snapshot!(found.collect::<Vec<_>>().join("\n"), @r"
    A1051 workflows/resource_account/root_user.yaml:20:3 `email` alone is enough to act as `root` of an account
      1. root_user.retrieve_password as any visitor with `old_email` by `email`: gains `root`
      demand a second proof that whoever holds `email` cannot give
    A1051 workflows/resource_account/root_user.yaml:20:3 `phone` alone is enough to act as `root` of an account
      1. root_user.retrieve_password as any visitor with `old_phone` by `phone`: gains `root`
      demand a second proof that whoever holds `phone` cannot give
    A1051 workflows/resource_account/email_change.yaml:12:3 `ram_user/alice` alone may be enough to act as `root` of an account
      1. email_change.start as ram_user/alice: gains `pending_email`
      2. mobile_phone.bind as ram_user/alice with `number_to_bind` at an address of its own: gains `phone`
      3. member_type.switch_to_cloud as ram_user/alice with `root_risk` acknowledged
      4. root_user.retrieve_password as any visitor with `old_phone` by `phone`: gains `root`
      demand the approval of somebody else
    A1051 workflows/resource_account/mobile_phone.yaml:10:3 `ram_user/alice` alone may be enough to act as `root` of an account
      1. mobile_phone.bind as ram_user/alice with `number_to_bind` at an address of its own: gains `phone`
      2. member_type.switch_to_cloud as ram_user/alice with `root_risk` acknowledged
      3. root_user.retrieve_password as any visitor with `old_phone` by `phone`: gains `root`
      demand the approval of somebody else
    A1051 workflows/resource_account/email_change.yaml:12:3 `ram_user/full` alone may be enough to act as `root` of an account
      1. email_change.start as ram_user/full: gains `pending_email`
      2. mobile_phone.bind as ram_user/full with `number_to_bind` at an address of its own: gains `phone`
      3. member_type.switch_to_cloud as ram_user/full with `root_risk` acknowledged
      4. root_user.retrieve_password as any visitor with `old_phone` by `phone`: gains `root`
      demand the approval of somebody else
    A1051 workflows/resource_account/mobile_phone.yaml:10:3 `ram_user/full` alone may be enough to act as `root` of an account
      1. mobile_phone.bind as ram_user/full with `number_to_bind` at an address of its own: gains `phone`
      2. member_type.switch_to_cloud as ram_user/full with `root_risk` acknowledged
      3. root_user.retrieve_password as any visitor with `old_phone` by `phone`: gains `root`
      demand the approval of somebody else
    A1052 workflows/resource_account/logon_email.yaml:10:3 whoever has `email` takes over `email`, and nobody else is told
      send a notice to `phone`: whoever reads it may notice that the change is not theirs
    A1052 workflows/resource_account/mobile_phone.yaml:10:3 whoever has `ram_user/alice` or `ram_user/full` takes over `phone`, and nobody else is told
      send a notice to `email`: whoever reads it may notice that the change is not theirs
    A1053 workflows/resource_account/logon_email.yaml:10:3 whoever has just become `root` replaces an address at once
      let it wait until the owner can have noticed: `cooldown: [{ after: root_user.change_password, wait: 72h }, { after: root_user.retrieve_password, wait: 72h }]`
    A1053 workflows/resource_account/mobile_phone.yaml:49:3 whoever has just become `root` replaces an address at once
      let it wait until the owner can have noticed: `cooldown: [{ after: root_user.change_password, wait: 72h }, { after: root_user.retrieve_password, wait: 72h }]`
    ");
}

#[test]
fn where_both_proofs_are_demanded_no_factor_is_enough() {
    let (either, both) = (
        "verify: [{ any: [old_phone, old_email] }]",
        "verify: [old_phone, old_email]",
    );
    let bundle = changed(&[("root_user.yaml", either, both)]);
    let product = explored(&bundle);
    let takeover = Takeover::new(&product, Others::Wait);
    for answer in takeover.singles() {
        assert!(
            answer.seizure.is_none(),
            "{:?}",
            named(&takeover, &[answer.hand])
        );
    }
    let sets = named(&takeover, &takeover.minimal_sets(3));
    insta::assert_snapshot!(sets.join("\n"), @r"
    email + pending_email
    email + phone
    email + root
    email + ram_user/alice
    email + ram_user/full
    email + root of another account
    phone + root
    root + ram_user/alice
    root + ram_user/full
    ");
}

#[test]
fn an_operator_who_may_only_bind_needs_others_to_seize_an_account() {
    let listed = "ram_user/none: { account: \"1000\" }";
    let bundle = changed(&[
        (
            "policies/principals.yaml",
            listed,
            "ram_user/none: { account: \"1000\", policies: [BindOnly] }",
        ),
        (
            "policies/BindOnly.rhai",
            "",
            "allow \"resourcemanager:BindSecureMobilePhone\";",
        ),
    ]);
    let product = explored(&bundle);
    let alone = Takeover::new(&product, Others::Wait);
    assert_eq!(
        falls(&alone, "ram_user/none"),
        (vec!["phone".to_owned()], false)
    );
    let assisted = Takeover::new(&product, Others::Assist);
    let (fallen, seized) = falls(&assisted, "ram_user/none");
    assert!(seized && fallen.contains(&"root".to_owned()), "{fallen:?}");
    for answer in alone.singles().iter().filter(|it| it.seizure.is_some()) {
        assert!(
            assisted.seizes(answer.hand),
            "whoever needs no help does with help"
        );
    }
}

#[test]
fn nothing_falls_of_the_newsletter() {
    let bundle = loaded(sources("newsletter"), "newsletter");
    let product = explored(&bundle);
    let takeover = Takeover::new(&product, Others::Wait);
    let factors: Vec<String> = takeover
        .factors()
        .all()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(factors, ["email", "reader"]);
    assert!(takeover.singles().iter().all(Answer::is_nothing));
    assert!(takeover.minimal_sets(3).is_empty());
    assert!(findings(&product).is_empty());
}

#[test]
fn nobody_approves_what_it_asks_for_itself() {
    let account = "\
lifecycle: demo
edition: 2026-11
attributes: { email: { type: email } }
principal_kinds: { owner: { owns_account: true }, user: {} }
callers: { desk: { kinds: [user] } }
verifications:
  mail: { code: email, to: account.email }
  second: { approval: desk }
codes: { quota: codes }
quotas: { codes: { limit: 9, per: 24h, key: account.id } }
";
    let password = "\
workflow: password
initial: set
states: { set: { privileged: true } }
transitions:
  reset: { from: set, to: set, permission: \"d:Reset\", resource: \"acs:d:*:1:x\", caller: desk, verify: [second], grants: owner }
  look: { from: set, to: set, permission: \"d:Look\", resource: \"acs:d:*:${account.id}:x\", verify: [mail] }
";
    let mut sources = SourceMap::default();
    sources.add("workflows/demo/account.yaml", account);
    sources.add("workflows/demo/password.yaml", password);
    sources.add("policies/All.rhai", "allow all;");
    let users =
        ["ann", "bob", "cas"].map(|it| format!("user/{it}: {{ account: \"9\", policies: [All] }}"));
    sources.add(
        "policies/principals.yaml",
        &format!("principals: {{ {} }}", users.join(", ")),
    );
    let bundle = loaded(sources, "demo");
    let product = explored(&bundle);
    let takeover = Takeover::new(&product, Others::Wait);
    assert_eq!(falls(&takeover, "user/ann"), (Vec::new(), false));
    let sets = named(&takeover, &takeover.minimal_sets(3));
    assert_eq!(sets, ["user/ann + user/bob"], "cas is as good as bob");
    assert_eq!(
        takeover.factors().find("user/cas"),
        takeover.factors().find("user/bob")
    );
}

#[test]
fn a_wait_after_becoming_the_owner_is_no_haste() {
    let wait = "set: { phone: input.phone }\n    cooldown: [{ after: root_user.retrieve_password, wait: 72h }, { after: root_user.change_password, wait: 72h }]";
    let bundle = changed(&[("mobile_phone.yaml", "set: { phone: input.phone }", wait)]);
    let product = explored(&bundle);
    let hasty = findings(&product)
        .into_iter()
        .filter(|it| it.code == codes::NO_COOLDOWN);
    let places: Vec<String> = hasty
        .filter_map(|it| bundle.locate(it.primary.span))
        .collect();
    assert_eq!(places.len(), 1, "{places:?}");
    assert!(
        places
            .iter()
            .all(|place| place.contains("logon_email.yaml")),
        "{places:?}"
    );
}
