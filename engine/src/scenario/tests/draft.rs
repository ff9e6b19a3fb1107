//! Drafts: paths that are written down as scenarios which play.

use super::{NEWSLETTER, SHIPPED, played};
use crate::bundle::Bundle;
use crate::scenario::{Deed, Draft, Drafted, Start};
use std::sync::Arc;

fn draft(bundle: &Arc<Bundle>, states: &[(&str, &str)], steps: &[&str]) -> Drafted {
    let pair =
        |(workflow, state): &(&str, &str)| (workflow.parse().unwrap(), state.parse().unwrap());
    let draft = Draft {
        about: "A path.".to_owned(),
        heading: vec!["Found by a test.".to_owned()],
        account: Start {
            states: states.iter().map(pair).collect(),
            ..Start::default()
        },
        steps: steps
            .iter()
            .map(|it| Deed::new(it.parse().unwrap()))
            .collect(),
        ..Draft::default()
    };
    draft.write(bundle).unwrap()
}

#[test]
fn the_long_way_round_is_found_from_names_alone() {
    let drafted = draft(
        &SHIPPED,
        &[("mobile_phone", "bound")],
        &[
            "member_type.switch_to_cloud",
            "root_user.enable",
            "root_user.retrieve_password",
            "mobile_phone.change",
            "member_type.switch_to_resource",
        ],
    );
    assert_eq!(drafted.stuck, None);
    let text = drafted.text();
    assert!(played(&SHIPPED, &text).is_good(), "{text}");
    insta::assert_snapshot!(text, @r#"
    # Found by a test.
    about: A path.
    given:
      now: "2026-01-05T08:00:00Z"
      accounts:
        "1001":
          attributes:
            country: SG
            display_name: sample
            email: email@example.com
            legal_entity: sample
            manager: "1000"
            manager_legal_entity: sample
            path: sample
            phone: "+6581234567"
          states: { mobile_phone: bound }
      principals: { visitor/1001: { account: "1001", policies: [LogonPage] } }
    steps:
      - run: member_type.switch_to_cloud
        as: ram_user/full
        ack: [root_risk]
        expect: { fires: [member_type.switch_to_cloud, root_user.enable], sent: [became_cloud] }
      - run: root_user.retrieve_password
        as: visitor/1001
        expect: { waits_for: old_phone }
      - confirm: old_phone
        expect: { fires: [root_user.retrieve_password], sent: [password_set] }
      - run: mobile_phone.change
        as: root/1001
        input: { phone: "+6581234560" }
        expect: { waits_for: old_phone }
      - confirm: old_phone
        expect: { waits_for: new_phone }
      - confirm: new_phone
        expect:
          fires: [mobile_phone.change]
          sent: [phone_bound, phone_replaced]
          attributes: { phone: "+6581234560" }
      - run: member_type.switch_to_resource
        as: ram_user/full
        ack: [disable_risk]
        expect: { waits_for: old_phone }
      - confirm: old_phone
        expect:
          fires: [member_type.switch_to_resource, root_user.suspend]
          sent: [became_resource]
    then:
      "1001": { states: { root_user: suspended } }
    "#);
}

#[test]
fn time_passes_until_what_is_due_happens() {
    let drafted = draft(
        &NEWSLETTER,
        &[],
        &[
            "subscription.join",
            "subscription.pause",
            "subscription.resume",
        ],
    );
    let text = drafted.text();
    assert!(played(&NEWSLETTER, &text).is_good(), "{text}");
    insta::assert_snapshot!(text, @r#"
    # Found by a test.
    about: A path.
    given:
      now: "2026-01-05T08:00:00Z"
      accounts: { "1001": { attributes: { email: email@example.com } } }
    steps:
      - run: subscription.join
        as: reader/1001
        expect: { waits_for: address }
      - confirm: address
        expect: { fires: [subscription.join] }
      - run: subscription.pause
        as: reader/1001
        expect: { fires: [subscription.pause] }
      - wait: 30d
        expect: { fires: [subscription.resume] }
    then:
      "1001": { states: { subscription: reading } }
    "#);
}

#[test]
fn a_path_that_cannot_be_gone_says_where_it_ends() {
    let drafted = draft(&SHIPPED, &[], &["mobile_phone.bind", "mobile_phone.change"]);
    assert_eq!(drafted.reached, 1);
    let text = drafted.text();
    assert!(played(&SHIPPED, &text).is_good(), "{text}");
    insta::assert_snapshot!(text, @r#"
    # Found by a test.
    # It ends before `mobile_phone.change`: denied by the caller gate: the principal is not
    # `root_user` of account `1001`, or there is no such account
    about: A path.
    given:
      now: "2026-01-05T08:00:00Z"
      accounts:
        "1001":
          attributes:
            country: SG
            display_name: sample
            email: email@example.com
            manager: "1000"
            path: sample
    steps:
      - run: mobile_phone.bind
        as: ram_user/full
        input: { phone: "+6581234567" }
        expect: { waits_for: number_to_bind }
      - confirm: number_to_bind
        expect:
          fires: [mobile_phone.bind]
          sent: [phone_bound]
          attributes: { phone: "+6581234567" }
    then:
      "1001": { states: { mobile_phone: bound } }
    "#);
}

#[test]
fn a_draft_is_written_the_same_at_every_time() {
    let write = || draft(&SHIPPED, &[], &["mobile_phone.bind"]).text();
    assert_eq!(write(), write());
}
