//! Writes copies of the group commit's source, each with one fault, for the tests to find.

use std::path::Path;
use std::{env, fs};

const SOURCE: &str = "../../engine/src/store/redb/group.rs";

/// Name of the copy, what is taken out of it, and what comes in its place.
const FAULTS: [(&str, &str, &str); 5] = [
    ("leads_twice", "if !state.led {", "if true {"),
    (
        "begins_together",
        "let answers = work(jobs);\n        round.pass_on();",
        "round.pass_on();\n        let answers = work(jobs);",
    ),
    (
        "calls_nobody",
        "Some(next) => next.ticket.call(Turn::Leads),",
        "Some(_) => {}",
    ),
    ("wakes_nobody", "self.called.notify_one();", ""),
    (
        "mixes_answers_up",
        "for answer in answers {",
        "for answer in answers.into_iter().rev() {",
    ),
];

fn main() {
    println!("cargo::rerun-if-changed={SOURCE}");
    let source = fs::read_to_string(SOURCE).expect("the source is there");
    let folder = env::var("OUT_DIR").expect("cargo names a folder");
    for (name, sound, faulty) in FAULTS {
        assert_eq!(
            source.matches(sound).count(),
            1,
            "{name}: `{sound}` is there once"
        );
        let lines = source.lines().filter(|line| !line.starts_with("//!"));
        let code: Vec<&str> = lines.collect();
        let copy = code.join("\n").replace(sound, faulty);
        let path = Path::new(&folder).join(name).with_extension("rs");
        fs::write(path, copy).expect("the folder can be written to");
    }
}
