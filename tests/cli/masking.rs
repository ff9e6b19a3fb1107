//! What is personal is masked wherever it is shown, unless asked for.

use crate::common::{BIND, Project};

const NUMBER: &str = "+6591234567";

#[test]
fn numbers_are_shown_on_request_only() {
    let project = Project::with_account();
    let (attempt, code) = project.bind();
    let why = BIND.replace("run 1001", "why 1001");
    for command in ["attempt list -o json", "account history 1001", why.as_str()] {
        let masked = project.run(command);
        assert!(!masked.stdout.contains("91234567"), "{masked}");
    }
    let confirm = format!("confirm {attempt} --code-file - -o json");
    let applied = project.run_with(&confirm, &code).exits(0);
    assert!(!applied.stdout.contains("91234567"), "{applied}");
    for form in ["text", "json", "jsonl"] {
        for command in ["account show 1001", "account history 1001"] {
            let masked = project.run(&format!("{command} -o {form}")).exits(0);
            assert!(!masked.stdout.contains("91234567"), "{masked}");
            assert!(!masked.stdout.contains("1001@rd"), "{masked}");
            let shown = project
                .run(&format!("{command} -o {form} --reveal"))
                .exits(0);
            assert!(shown.stdout.contains(NUMBER), "{shown}");
            assert!(shown.stdout.contains("1001@rd"), "{shown}");
        }
    }
}

#[test]
fn no_code_is_kept_in_the_store() {
    let project = Project::with_account();
    let (_, code) = project.bind();
    for file in ["store.redb", "store.redb-log"] {
        let bytes = std::fs::read(project.file(&format!(".stateward/{file}"))).unwrap();
        let mut windows = bytes.windows(code.len());
        assert!(!windows.any(|window| window == code.as_bytes()), "{file}");
    }
    let history = project
        .run("account history 1001 --reveal -o json")
        .exits(0);
    assert!(!history.stdout.contains(&code));
}
