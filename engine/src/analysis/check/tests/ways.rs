//! The ways that findings show: each that can be gone for certain is played as a scenario.

use std::sync::Arc;

use super::pages::{bundle_of, examples, reported};
use crate::analysis::Certainty;
use crate::scenario::{Draft, Home, load};

#[test]
fn every_way_that_is_certain_plays_as_a_scenario() {
    let mut played = Vec::new();
    for (code, files) in examples() {
        let (bundle, checks) = bundle_of(files);
        let bundle = Arc::new(bundle);
        let report = reported(&bundle, &checks);
        for finding in &report.findings {
            let Some(way) = finding
                .way
                .as_ref()
                .filter(|way| way.certainty < Certainty::Open)
            else {
                continue;
            };
            let draft = Draft::of_way(&finding.diagnostic.message, way, &bundle);
            let drafted = draft.write(&bundle).unwrap();
            assert_eq!(drafted.stuck, None, "{code}: {}", way.told());
            assert_eq!(drafted.reached, way.steps.len(), "{code}");
            let mut sources = bundle.sources.clone();
            let text = drafted.text();
            let file = sources.add("workflows/demo/scenarios/way.yaml", &text);
            let mut findings = Vec::new();
            let scenario = load(&bundle, &sources, file, &mut findings);
            let scenario = scenario.unwrap_or_else(|| panic!("{code}: {findings:#?}\n{text}"));
            let answer = scenario.play(&bundle, Home::Memory, true).unwrap();
            assert!(answer.is_good(), "{code}: {:#?}\n{text}", answer.findings);
            played.push(code);
        }
    }
    for code in [
        "A0003", "A0004", "A0005", "A0010", "A1001", "A1002", "A1003",
    ] {
        assert!(played.contains(&code), "{code} shows no way: {played:?}");
    }
}
