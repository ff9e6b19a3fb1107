//! Every decision, kept as a table.

use std::collections::BTreeMap;

use policy_tests::definition;
use stateward::account::Account;
use stateward::testing::decision_matrix;
use stateward::time::Timestamp;
use stateward::value::Value;

/// The card of a reader of a branch.
fn card(id: &str, branch: &str) -> Account {
    let attributes = BTreeMap::from([("branch".parse().unwrap(), Value::Text(branch.into()))]);
    Account::new(id.parse().unwrap(), Timestamp::from_ms(0), attributes, [])
}

#[test]
fn policies_decide_as_they_were_accepted() {
    let library = definition().unwrap();
    let cards = [
        ("main", card("1", "main")),
        ("harbour", card("2", "harbour")),
    ];
    insta::assert_snapshot!(decision_matrix(&library, cards), @r"
    situations: harbour standing=good, harbour standing=suspended, main standing=good, main standing=suspended

    principal      permission        situation                                            decision  by
    librarian/ada  library:Borrow    harbour standing=good, main standing=good            open      Librarian when now.hour >= 9 && now.hour < 18
    librarian/ada  library:Borrow    harbour standing=suspended, main standing=suspended  DENY      Librarian
    librarian/ada  library:Return    *                                                    allow     Librarian
    librarian/ada  library:ShowCard  *                                                    allow     Librarian
    librarian/ben  library:Borrow    harbour standing=good, main standing=good            open      Librarian when now.hour >= 9 && now.hour < 18
    librarian/ben  library:Borrow    harbour standing=suspended, main standing=suspended  DENY      Librarian
    librarian/ben  library:Readmit   main standing=good, main standing=suspended          allow     Suspension
    librarian/ben  library:Return    *                                                    allow     Librarian
    librarian/ben  library:ShowCard  *                                                    allow     Librarian
    librarian/ben  library:Suspend   main standing=good, main standing=suspended          allow     Suspension
    reader/1       library:Borrow    main standing=good, main standing=suspended          allow     ownership
    reader/1       library:Readmit   main standing=good, main standing=suspended          allow     ownership
    reader/1       library:Return    main standing=good, main standing=suspended          allow     ownership
    reader/1       library:ShowCard  main standing=good, main standing=suspended          allow     ownership
    reader/1       library:Suspend   main standing=good, main standing=suspended          allow     ownership
    reader/2       library:Borrow    harbour standing=good, harbour standing=suspended    allow     ownership
    reader/2       library:Readmit   harbour standing=good, harbour standing=suspended    allow     ownership
    reader/2       library:Return    harbour standing=good, harbour standing=suspended    allow     ownership
    reader/2       library:ShowCard  harbour standing=good, harbour standing=suspended    allow     ownership
    reader/2       library:Suspend   harbour standing=good, harbour standing=suspended    allow     ownership
    ");
}
