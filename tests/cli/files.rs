//! No test file is forgotten.

use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_file_of_this_folder_is_part_of_the_tests() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cli");
    let main = std::fs::read_to_string(folder.join("main.rs")).unwrap();
    let declared: BTreeSet<String> = main
        .lines()
        .filter_map(|line| {
            line.strip_prefix("mod ")?
                .strip_suffix(';')
                .map(str::to_owned)
        })
        .collect();
    let present: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        // Snapshots that wait for review begin with a dot.
        .filter(|name| name != "main" && !name.starts_with('.'))
        .collect();
    assert_eq!(declared, present);
}
