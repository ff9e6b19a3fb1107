//! Plans over the shipped lifecycle.

use std::fmt::Write as _;
use std::path::Path;

use super::*;
use crate::bundle::read_sources;
use crate::value::Value;

fn shipped() -> Bundle {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let sources = read_sources(&root, "resource_account").unwrap();
    Bundle::load(sources, "resource_account").unwrap()
}

/// The account 1002 of the domain's cases: a resource account in folder A with a number.
fn ra2() -> Profile {
    let text = |name: &str, value: &str| (name.parse().unwrap(), Some(Value::Text(value.into())));
    let mut attributes = [
        text("display_name", "ra2"),
        text("path", "rd-3G/r-Wm/fd-A/1002"),
        text("legal_entity", "Example Ltd"),
        text("manager_legal_entity", "Example Ltd"),
    ]
    .to_vec();
    attributes.push((
        "country".parse().unwrap(),
        Some(Value::Country("SG".into())),
    ));
    attributes.push((
        "manager".parse().unwrap(),
        Some(Value::AccountId("1000".parse().unwrap())),
    ));
    attributes.push((
        "phone".parse().unwrap(),
        Some(Value::Phone("+6591234567".into())),
    ));
    attributes.push((
        "email".parse().unwrap(),
        Some(Value::Email("ra2@made-up.example".into())),
    ));
    for (name, word) in [("site", "intl"), ("join_method", "created")] {
        attributes.push((
            name.parse().unwrap(),
            Some(Value::OneOf(word.parse().unwrap())),
        ));
    }
    Profile {
        id: Some("1002".parse().unwrap()),
        attributes: attributes.into_iter().collect(),
        states: [("mobile_phone".parse().unwrap(), "bound".parse().unwrap())].into(),
        ..Profile::default()
    }
}

fn planned(profile: Profile, goal: &str) -> String {
    let bundle = shipped();
    let goal = Goal::read(&bundle, goal).unwrap_or_else(|error| panic!("{:#?}", error.diagnostics));
    let product = unfold(&bundle, profile, &goal, &Limits::default()).unwrap();
    let mut text = String::new();
    match plan(&product, &goal) {
        Planned::Way(plan) => {
            writeln!(text, "{:?} privileged {:?}", plan.cost, plan.privileged).unwrap();
            for step in &plan.steps {
                let by = step
                    .by
                    .as_ref()
                    .map_or("time".to_owned(), ToString::to_string);
                let proofs = step.proofs.iter().map(|proof| proof.verification.as_str());
                let proofs: Vec<&str> = proofs.collect();
                writeln!(
                    text,
                    "{by}: {} {:?} proves {proofs:?}",
                    step.transition, step.inputs
                )
                .unwrap();
                let quotas = &step.quotas;
                writeln!(
                    text,
                    "  by {:?}, spends {quotas:?}, triggers {}",
                    step.granted.as_ref().map(|it| match it {
                        Granted::Statement { policy, .. } => policy.clone(),
                        Granted::Ownership => "ownership".to_owned(),
                    }),
                    step.triggered.len()
                )
                .unwrap();
                for provided in &step.provided {
                    writeln!(text, "  provided that {provided}").unwrap();
                }
            }
        }
        Planned::None(missing) => {
            for lacking in missing.parts {
                writeln!(text, "never {}", lacking.part).unwrap();
                for (name, obstacles) in lacking.transitions {
                    let transition = bundle.lifecycle.transitions.get(&name).unwrap();
                    for obstacle in obstacles {
                        writeln!(text, "  {name}: {}", obstacle.describe(transition)).unwrap();
                    }
                }
            }
        }
        Planned::Inconclusive => text.push_str("inconclusive"),
    }
    text
}

#[test]
fn the_number_of_a_resource_account_is_changed_by_way_of_a_cloud_account() {
    let goal = r#"has(account.phone) && account.phone == "+6598765432" && state.member_type == "resource""#;
    insta::assert_snapshot!(planned(ra2(), goal), @r#"
    Cost { privileged: 3, hand_offs: 3, codes: 4, steps: 4 } privileged Some((1, 3))
    ram_user/alice: member_type.switch_to_cloud {} proves ["root_risk"]
      by Some("FolderAdministrator"), spends {}, triggers 1
    visitor/ra2: root_user.retrieve_password {} proves ["old_phone"]
      by Some("LogonPage"), spends {"codes_per_address": 1, "verification_codes": 1}, triggers 0
    root of the account: mobile_phone.change {"phone": Some(+65-****5432)} proves ["old_phone", "new_phone"]
      by Some("ownership"), spends {"codes_per_address": 2, "verification_codes": 2}, triggers 0
    ram_user/alice: member_type.switch_to_resource {} proves ["disable_risk", "old_phone"]
      by Some("FolderAdministrator"), spends {"codes_per_address": 1, "verification_codes": 1}, triggers 1
    "#);
}

#[test]
fn what_is_not_known_makes_a_plan_conditional() {
    let mut profile = ra2();
    profile.attributes.remove("legal_entity");
    profile
        .states
        .insert("member_type".parse().unwrap(), "cloud".parse().unwrap());
    profile
        .states
        .insert("root_user".parse().unwrap(), "active".parse().unwrap());
    insta::assert_snapshot!(planned(profile, r#"state.member_type == "resource""#), @r#"
    Cost { privileged: 3, hand_offs: 2, codes: 3, steps: 4 } privileged Some((1, 3))
    root of the account: logon_email.change {"email": None} proves ["old_phone", "new_email"]
      by Some("ownership"), spends {"codes_per_address": 2, "verification_codes": 2}, triggers 0
      provided that input.email != account.email
      provided that !has(account.legal_entity)
    root of the account: identity_verification.submit_enterprise {} proves []
      by Some("ownership"), spends {}, triggers 0
    reviewer/kim: identity_verification.accept_enterprise {"legal_entity": None} proves []
      by Some("IdentityReview"), spends {}, triggers 0
    ram_user/alice: member_type.switch_to_resource {} proves ["disable_risk", "old_phone"]
      by Some("FolderAdministrator"), spends {"codes_per_address": 1, "verification_codes": 1}, triggers 1
      provided that (account.legal_entity ?? "") == (account.manager_legal_entity ?? "")
    "#);
}

#[test]
fn where_there_is_no_way_what_is_missing_is_told() {
    let mut profile = ra2();
    profile.states = [("mobile_phone".parse().unwrap(), "unbound".parse().unwrap())].into();
    profile.attributes.insert("phone".parse().unwrap(), None);
    profile.attributes.insert(
        "site".parse().unwrap(),
        Some(Value::OneOf("china".parse().unwrap())),
    );
    // Whoever manages it could give a created account an address, and go on from there.
    profile.attributes.insert(
        "join_method".parse().unwrap(),
        Some(Value::OneOf("invited".parse().unwrap())),
    );
    let goal = r#"has(account.phone) && account.phone == "+6598765432""#;
    insta::assert_snapshot!(planned(profile, goal), @r#"
    never has(account.phone) && account.phone == "+6598765432"
      mobile_phone.add: nobody who is known may ask for it
      mobile_phone.bind: the China site takes numbers of China only, the international site all others
      mobile_phone.change: it never is in `bound`
    "#);
}

#[test]
fn a_goal_that_is_reached_takes_no_steps() {
    insta::assert_snapshot!(planned(ra2(), r#"state.mobile_phone == "bound""#), @r"
    Cost { privileged: 0, hand_offs: 0, codes: 0, steps: 0 } privileged None
    ");
}

#[test]
fn a_goal_is_about_the_account_alone() {
    let bundle = shipped();
    for wrong in [
        "input.phone == account.phone",
        "state.member_typ == \"cloud\"",
        "now.hour > 3",
        "1",
    ] {
        let error = Goal::read(&bundle, wrong).unwrap_err();
        assert!(!error.diagnostics.is_empty(), "{wrong}");
    }
}
