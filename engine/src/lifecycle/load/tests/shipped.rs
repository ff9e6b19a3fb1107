//! The lifecycles that are shipped load without errors and warnings.

use std::path::Path;

use crate::diagnostic::Severity;
use crate::lifecycle::load;
use crate::source::SourceMap;

#[test]
fn every_shipped_lifecycle_loads_without_warnings() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../workflows");
    let folders = std::fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap());
    let folders = folders.filter(|entry| entry.path().is_dir());
    let mut loaded = 0;
    for folder in folders {
        let name = folder.file_name().into_string().unwrap();
        let mut sources = SourceMap::default();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let file_name = path.file_name().unwrap().to_str().unwrap();
            sources.add(&format!("workflows/{name}/{file_name}"), &text);
        }
        let findings: Vec<String> = load(&sources, &name)
            .diagnostics
            .iter()
            .filter(|found| found.severity > Severity::Info)
            .map(|found| {
                let place = sources.locate(found.primary.span);
                let place = place.map(|place| place.to_string()).unwrap_or_default();
                format!("{place} {} {}", found.code, found.message)
            })
            .collect();
        assert!(findings.is_empty(), "{name}:\n{}", findings.join("\n"));
        loaded += 1;
    }
    assert!(loaded >= 2);
}
