//! The body of the fuzz target of lifecycle files: what must hold of any text at all.

use crate::diagnostic::{Diagnostic, Severity};
use crate::lifecycle::load;
use crate::source::SourceMap;

const ACCOUNT: &str = "lifecycle: fuzz\nedition: x\nattributes: { phone: phone }\n";
const WORKFLOW: &str = "workflow: door\ninitial: open\nstates: { open: { final: true } }\n";

/// Loads a text as `account.yaml` beside a good workflow, and as a workflow beside a good account.
/// Whatever the text is: loading ends, every finding lies within its file, and there is a lifecycle
/// if and only if no finding is an error.
///
/// # Panics
/// When one of these does not hold.
pub fn fuzz_lifecycle(text: &str) {
    try_files(text, WORKFLOW);
    try_files(ACCOUNT, text);
}

fn try_files(account: &str, workflow: &str) {
    let mut sources = SourceMap::default();
    sources.add("workflows/fuzz/account.yaml", account);
    sources.add("workflows/fuzz/door.yaml", workflow);
    let loaded = load(&sources, "fuzz");
    let is_error = |found: &Diagnostic| found.severity == Severity::Error;
    let failed = loaded.diagnostics.iter().any(is_error);
    assert_eq!(
        loaded.lifecycle.is_none(),
        failed,
        "{:?}",
        loaded.diagnostics
    );
    for found in &loaded.diagnostics {
        lies_within(&sources, found);
    }
}

fn lies_within(sources: &SourceMap, found: &Diagnostic) {
    let spans = found.secondary.iter().map(|label| label.span);
    let edit = found.suggestion.iter().map(|edit| edit.span);
    for span in spans.chain(edit).chain([found.primary.span]) {
        let text = sources.file(span.file).map(|file| &file.text);
        let range = usize::try_from(span.start)
            .ok()
            .zip(usize::try_from(span.end).ok());
        let part = text
            .zip(range)
            .and_then(|(text, (start, end))| text.get(start..end));
        assert!(part.is_some(), "{found:?} lies outside its file");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Pieces of good and bad files, to be put together in any order.
    const PIECES: [&str; 40] = [
        "workflow: door\n",
        "lifecycle: fuzz\n",
        "edition: x\n",
        "initial: open\n",
        "states:\n",
        "  open: {}\n",
        "transitions:\n",
        "  go:\n",
        "    from: open\n",
        "    to: open\n",
        "    after: 1d\n",
        "    permission: a:B\n",
        "    resource: x${account.phone}\n",
        "    when: account.phone == 1\n",
        "    set: { phone: input.phone }\n",
        "    input: { phone: phone }\n",
        "attributes: { phone: phone }\n",
        "    verify: [a, {any: []}]\n",
        "    notify: [{}]\n",
        "    triggered_by: door.go\n",
        "    restore: { by: door.go, within: 0s }\n",
        "    cooldown: 1h\n",
        "&a ",
        "*a",
        "<<: x\n",
        "!!str ",
        "- ",
        "\t",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "'",
        ": ",
        "\u{e9}\u{1f600}",
        "\r\n",
        "| \n",
        "no",
        "quotas: { q: { limit: 0, per: day, key: 1 } }\n",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn any_text_loads_or_is_refused(text in any::<String>()) {
            fuzz_lifecycle(&text);
        }

        #[test]
        fn any_arrangement_of_pieces_loads_or_is_refused(
            pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..30),
        ) {
            fuzz_lifecycle(&pieces.concat());
        }
    }

    #[test]
    fn the_good_halves_are_good() {
        fuzz_lifecycle(WORKFLOW);
        fuzz_lifecycle(ACCOUNT);
        try_files(ACCOUNT, WORKFLOW);
    }
}
