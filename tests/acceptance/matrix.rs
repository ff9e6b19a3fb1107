//! The shipped decisions, as insta reads the snapshots that the command line writes.

use std::path::Path;

use insta::{assert_snapshot, with_settings};
use stateward::bundle::{Bundle, read_sources};
use stateward::workbench::tabulate::{Scene, matrix};
use stateward::workbench::{Folder, cases};

/// The table of a shipped lifecycle over the accounts that its cases name.
fn shipped(lifecycle: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let bundle = Bundle::load(read_sources(&root, lifecycle).unwrap(), lifecycle).unwrap();
    let mut sources = bundle.sources.clone();
    let files = Folder::Tests.read(&bundle, &root, &mut sources).unwrap();
    let mut scenes = Vec::new();
    for file in files {
        let mut findings = Vec::new();
        let cases = cases::load(&bundle, &sources, file, &mut findings);
        assert!(findings.is_empty(), "{findings:?}");
        for (name, account) in cases.unwrap().accounts {
            let scene = Scene {
                name: name.to_string(),
                account,
            };
            let known = scenes.iter().find(|it: &&Scene| it.name == scene.name);
            assert!(
                known.is_none_or(|it| it.account == scene.account),
                "{}",
                scene.name
            );
            if known.is_none() {
                scenes.push(scene);
            }
        }
    }
    matrix(&bundle, &scenes).text()
}

#[test]
fn what_policies_say_is_what_was_accepted() {
    let about = [
        ("resource_account", "../../policies/snapshots"),
        ("newsletter", "../../policies/newsletter/snapshots"),
    ];
    for (lifecycle, folder) in about {
        with_settings!({ snapshot_path => folder, prepend_module_to_snapshot => false }, {
            assert_snapshot!("matrix", shipped(lifecycle));
        });
    }
}
