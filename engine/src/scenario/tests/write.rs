//! What is written is read as the same.

use proptest::prelude::*;

use super::NEWSLETTER;
use crate::diagnostic::yaml;
use crate::lifecycle::syntax::ScalarText;
use crate::scenario::{Notes, ScenarioForm, load};

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("no".to_owned()),
        Just("NO".to_owned()),
        Just("2026-01-01".to_owned()),
        Just("1e3".to_owned()),
        Just("30d".to_owned()),
        "[ -~]{1,200}",
        "[a-zA-Z0-9 .,:#'-]{1,30}",
        "\\PC{1,20}",
    ]
}

const FORM: &str = "\
given: { accounts: { lin: { attributes: { email: x } } } }
steps: [{ wait: 1d, expect: { sent: [{ message: m }] } }]
";

proptest! {
    #[test]
    fn any_text_is_read_as_it_was(text in texts(), about in texts(), note in texts()) {
        let mut form: ScenarioForm = serde_yaml::from_str(FORM).unwrap();
        form.about = Some(about.clone());
        form.steps[0].about = Some(text.clone());
        form.steps[0].expect.as_mut().unwrap().0.sent.as_mut().unwrap()[0].0.text = Some(text.clone());
        let account = form.given.accounts.values_mut().next().unwrap();
        *account.attributes.values_mut().next().unwrap() = ScalarText(text.clone());
        let notes = Notes { heading: vec![note.clone()], steps: vec![vec![note]] };
        let written = form.text(&notes);
        let mut sources = NEWSLETTER.sources.clone();
        let file = sources.add("x.yaml", &written);
        let (read, errors) = yaml::read::<ScenarioForm>(file, &written);
        prop_assert!(errors.is_empty(), "{errors:?}\n{written}");
        let read = read.unwrap().value;
        prop_assert_eq!(
            serde_json::to_value(&read).unwrap(),
            serde_json::to_value(&form).unwrap(),
            "{}", written
        );
        // Whatever else is wrong with it, it does not panic.
        load(&NEWSLETTER, &sources, file, &mut Vec::new());
    }
}
