//! A trace agrees with the ruling, and tells nothing of an account that is not there.

use proptest::prelude::*;

use super::*;
use crate::workbench::sample::{self, Setup, World};

/// What a trace says for certain, in the words of a ruling.
fn said(trace: &Trace) -> (Option<Effect>, usize, Option<&Stage>, Option<String>) {
    let stage = trace.decided().and_then(OnResource::decided);
    let by = stage.and_then(|stage| match &stage.by {
        DecidedBy::Statement(by) => Some(by.id().to_string()),
        DecidedBy::Ownership => Some("ownership".to_owned()),
        DecidedBy::Nothing => None,
    });
    (
        trace.possible.certain(),
        trace.decisive,
        stage.map(|stage| &stage.stage),
        by,
    )
}

/// Compares a trace with what [`Bundle::rule`] says.
fn agrees(setup: &Setup, world: &World) -> Result<(), TestCaseError> {
    let bundle = setup.bundle();
    let account = world.account();
    let situation = world.situation(Some(&account), setup);
    let resources = world.resources();
    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
    let mut facts = situation.facts(&bundle.lifecycle);
    let ruling = bundle.rule(&setup.principal, &world.action, &resources, &mut facts);
    let told = Told::of(&bundle, &situation);
    let trace = told.trace(&world.action, &resources, &|_| false).unwrap();
    let by = match &ruling.by {
        DecidedBy::Statement(by) => Some(by.id().to_string()),
        DecidedBy::Ownership => Some("ownership".to_owned()),
        DecidedBy::Nothing => None,
    };
    prop_assert_eq!(
        said(&trace),
        (
            Some(ruling.effect),
            ruling.resource,
            Some(&ruling.stage),
            by
        ),
        "{:#?}",
        trace
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_trace_agrees_with_the_ruling(setup in sample::setup(), world in sample::world()) {
        agrees(&setup, &world)?;
    }

    #[test]
    fn what_is_possible_holds_whatever_is_not_known(
        setup in sample::setup(),
        world in sample::world(),
        unknown in any::<u32>(),
    ) {
        let bundle = setup.bundle();
        let account = world.account();
        let situation = world.situation(Some(&account), &setup);
        let facts = situation.facts(&bundle.lifecycle);
        let question = Question {
            bundle: &bundle,
            principal: &setup.principal,
            action: &world.action,
            facts: &facts,
            known: &|slot| unknown >> (slot.index() % 32) & 1 == 0,
            hidden: &|_| false,
            suppose: Suppose::NOTHING,
        };
        let resources = world.resources();
        let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
        let mut facts = situation.facts(&bundle.lifecycle);
        let ruling = bundle.rule(&setup.principal, &world.action, &resources, &mut facts);
        prop_assert!(question.possible(&resources).has(ruling.effect));
        prop_assert_eq!(question.possible(&resources), question.trace(&resources).possible);
    }

    #[test]
    fn a_trace_without_an_account_holds_for_every_account(
        setup in sample::setup(),
        world in sample::world(),
    ) {
        let bundle = setup.bundle();
        let stranger = world.situation(None, &setup);
        let told = Told::of(&bundle, &stranger);
        let unknown = told.resources(bundle.lifecycle.read.as_ref().unwrap()).unwrap();
        let unknown: Vec<&str> = unknown.iter().map(String::as_str).collect();
        let told = told.trace(&world.action, &unknown, &|_| false).unwrap();

        let account = world.account();
        let situation = world.situation(Some(&account), &setup);
        let mut facts = situation.facts(&bundle.lifecycle);
        let resources = bundle.resources(bundle.lifecycle.read.as_ref().unwrap(), &facts).unwrap();
        let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
        let ruling = bundle.rule(&setup.principal, &world.action, &resources, &mut facts);
        prop_assert!(told.possible.has(ruling.effect), "{told:#?} {ruling:#?}");
    }
}
