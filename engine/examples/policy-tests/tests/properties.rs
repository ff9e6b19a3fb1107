//! What must hold of every request.

use std::sync::LazyLock;

use policy_tests::definition;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use stateward::bundle::Bundle;
use stateward::policy::Effect;
use stateward::testing::{PolicyText, policy_sets, requests, requests_of_anybody, with_policies};

static LIBRARY: LazyLock<Bundle> = LazyLock::new(|| definition().unwrap());

proptest! {
    #[test]
    fn no_librarian_lends_to_the_suspended(request in requests(&LIBRARY)) {
        let answered = request.answer(&LIBRARY)?;
        let standing = request.account.as_ref().and_then(|it| it.state(&"standing".parse().unwrap()));
        let is_suspended = standing.is_some_and(|state| state.as_str() == "suspended");
        if is_suspended && &*answered.permission == "library:Borrow" {
            let by_a_librarian = request.principal.kind.as_str() == "librarian";
            prop_assert!(!(by_a_librarian && answered.ruling.is_allowed()));
        }
    }

    #[test]
    fn no_condition_fails(request in requests_of_anybody(&LIBRARY)) {
        let answered = request.answer(&LIBRARY)?;
        prop_assert!(answered.ruling.error.is_none(), "{:?}", answered.ruling.error);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever policies there are: with one more deny, nobody may do more.
    #[test]
    fn a_deny_grants_nothing(
        policies in policy_sets(&LIBRARY),
        action in "library:(Borrow|Return|Sus.{0,2})",
    ) {
        let mut stricter = policies.clone();
        let first = stricter.first_mut().unwrap();
        let action = action.replace(|c: char| !c.is_ascii_alphanumeric() && c != ':', "*");
        first.script.push_str(&format!("\ndeny \"{action}\";"));
        let load = |policies: &[PolicyText]| with_policies(&LIBRARY, policies).unwrap();
        let (before, after) = (load(&policies), load(&stricter));
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        for _ in 0..16 {
            let request = requests_of_anybody(&before).new_tree(&mut runner).unwrap().current();
            let allowed = |bundle| request.answer(bundle).map(|it| it.ruling.effect == Effect::Allow);
            prop_assert!(allowed(&before)? || !allowed(&after)?, "{request:?}");
        }
    }
}
