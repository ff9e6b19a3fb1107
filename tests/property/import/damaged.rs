//! Damaged documents: whatever is cut out, put in or doubled, they are imported or refused.

use acceptance::fuzz::policy_document;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::Config;

use super::documents::document;

/// What is put in: pieces of JSON, words of documents, and what neither expects.
const PIECES: [&str; 28] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "null",
    "true",
    "-0",
    "1e9",
    "// x\n",
    "/* x */",
    "\n",
    "\u{1}",
    "é",
    "\u{2028}",
    "`${x}`",
    "*/",
    "\"Sid\": \"x\",",
    "\"Effect\": \"Deny\",",
    "IfExists",
    "ForAnyValue:",
    "acs:go::",
    "arn:aws:::",
];

#[derive(Debug, Clone)]
enum Edit {
    Cut(usize),
    Put(&'static str),
    Double(usize),
}

fn edit() -> impl Strategy<Value = (prop::sample::Index, Edit)> {
    let edit = prop_oneof![
        (1_usize..12).prop_map(Edit::Cut),
        select(&PIECES[..]).prop_map(Edit::Put),
        (1_usize..60).prop_map(Edit::Double),
    ];
    (any::<prop::sample::Index>(), edit)
}

/// Characters, so that what is left stays text.
fn damage(text: &str, edits: &[(prop::sample::Index, Edit)]) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for (at, edit) in edits {
        let at = at.index(letters.len() + 1);
        let end = |many: &usize| (at + many).min(letters.len());
        match edit {
            Edit::Cut(many) => drop(letters.drain(at..end(many))),
            Edit::Put(piece) => drop(letters.splice(at..at, piece.chars())),
            Edit::Double(many) => {
                let part = letters[at..end(many)].to_vec();
                drop(letters.splice(at..at, part));
            }
        }
    }
    letters.into_iter().collect()
}

proptest! {
    #![proptest_config(Config { cases: 400, failure_persistence: None, ..Config::default() })]

    #[test]
    fn damaged_documents_are_imported_or_refused((it, _) in document(), edits in vec(edit(), 0..4)) {
        let text = serde_json::to_string_pretty(&it).unwrap();
        policy_document(damage(&text, &edits).as_bytes());
    }
}
