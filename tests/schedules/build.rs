//! Writes copies of the group commit's source, each with one fault, for the tests to find.

use std::path::Path;
use std::{env, fs};

const SOURCE: &str = "../../engine/src/store/redb/group.rs";

/// Name of the copy, what is taken out of it, and what comes in its place.
const FAULTS: [(&str, &str, &str); 6] = [
    ("begins_together", "while state.busy {", "while false {"),
    (
        "waits_for_nobody",
        "Part::Waits(end) => end.wait()?,",
        "Part::Waits(_) => {}",
    ),
    ("calls_nobody", "self.group.turn.notify_one();", ""),
    (
        "wakes_nobody",
        "for _ in 0..calls {",
        "for _ in calls..calls {",
    ),
    ("wakes_one", "if was_called {", "if false {"),
    (
        "keeps_room_to_itself",
        "self.room.notify_all();",
        "let _ = state.waiting;",
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
