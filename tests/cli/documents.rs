//! What documents say of the command line is what it does.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::Project;

fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// The lines of the console blocks of a Markdown text.
fn console(text: &str) -> Vec<&str> {
    let mut inside = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ if inside => lines.push(line),
            _ => {}
        }
    }
    lines
}

#[test]
fn the_transcript_in_the_readme_is_what_the_demonstration_prints() {
    let readme = fs::read_to_string(workspace("README.md")).unwrap();
    let printed = Project::empty().run("demo").exits(0).stdout;
    let transcript = console(&readme);
    let begin = transcript
        .iter()
        .position(|line| line.contains("mobile_phone.bind"));
    let transcript: Vec<_> = transcript[begin.expect("the transcript")..]
        .iter()
        .take_while(|line| !line.starts_with("$ cargo"))
        .collect();
    assert!(transcript.len() > 8, "the whole transcript");
    for line in transcript {
        assert!(printed.contains(line), "not printed: {line}");
    }
}

/// The commands that a text tells its readers to run: `stateward …` in backticks.
fn commands(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let quoted = text.split('`').skip(1).step_by(2);
    let word = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    quoted.filter_map(move |quoted| {
        let rest = quoted.strip_prefix("stateward ")?;
        Some(
            rest.split(' ')
                .take_while(word)
                .filter(|w| !w.starts_with('-'))
                .collect(),
        )
    })
}

#[test]
fn documents_name_only_commands_that_exist() {
    let project = Project::empty();
    let pages = fs::read_dir(workspace("engine/explain")).unwrap();
    let mut files: Vec<PathBuf> = pages.map(|page| page.unwrap().path()).collect();
    let texts = [
        "README.md",
        "SECURITY.md",
        "CONTRIBUTING.md",
        "workflows/README.md",
    ];
    files.extend(texts.map(workspace));
    let mut known = std::collections::BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for command in commands(&text).filter(|command| !command.is_empty()) {
            let named = command.join(" ");
            if !known.insert(named.clone()) {
                continue;
            }
            let answer = project.run(&format!("{named} --help"));
            assert_eq!(
                answer.code,
                Some(0),
                "{}: `stateward {named}`",
                file.display()
            );
        }
    }
    assert!(known.len() > 5, "{known:?}");
}
