//! Diagnostics as rustc shows them: code, place, underlined source, help and the mended line.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};
use stateward::diagnostic::{Diagnostic, Severity};
use stateward::source::{SourceFile, SourceMap, Span};

/// The diagnostics as text, one paragraph each.
pub fn render<'d>(
    sources: &SourceMap,
    diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
) -> String {
    // Styled always: a stream that takes no colour drops the styles.
    let renderer = Renderer::styled().decor_style(DecorStyle::Unicode);
    let mut text = String::new();
    for diagnostic in diagnostics {
        text.push_str(&renderer.render(&report(sources, diagnostic)));
        text.push_str("\n\n");
    }
    text
}

fn report<'a>(sources: &'a SourceMap, diagnostic: &'a Diagnostic) -> Vec<Group<'a>> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let title = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.0);
    let mut finding = Group::with_title(title);
    if let Some(file) = sources.file(diagnostic.primary.span.file) {
        finding = finding.element(annotated(file, diagnostic));
    }
    // Places in other files come after: a snippet shows one file.
    for label in &diagnostic.secondary {
        if label.span.file != diagnostic.primary.span.file
            && let Some(file) = sources.file(label.span.file)
        {
            let place = AnnotationKind::Context.span(range(file, label.span));
            finding = finding.element(snippet(file).annotation(place.label(label.text.as_str())));
        }
    }
    let mut groups = Vec::new();
    let patched = diagnostic.suggestion.as_ref().and_then(|suggestion| {
        let file = sources.file(suggestion.span.file)?;
        let patch = Patch::new(
            range(file, suggestion.span),
            suggestion.replacement.as_str(),
        );
        Some(snippet_of_patch(file).patch(patch))
    });
    // The last line of help introduces the mended line; the others stand by the finding.
    let (intro, notes) = match (&patched, diagnostic.help.split_last()) {
        (Some(_), Some((last, before))) => (last.as_str(), before),
        (Some(_), None) => ("write", [].as_slice()),
        (None, _) => ("", diagnostic.help.as_slice()),
    };
    for note in notes {
        finding = finding.element(Level::HELP.message(note.as_str()));
    }
    groups.push(finding);
    if let Some(snippet) = patched {
        groups.push(Level::HELP.secondary_title(intro).element(snippet));
    }
    groups
}

type Annotated<'a> = Snippet<'a, annotate_snippets::Annotation<'a>>;

fn snippet(file: &SourceFile) -> Annotated<'_> {
    Snippet::source(file.text.as_ref()).path(file.path.as_ref())
}

fn snippet_of_patch(file: &SourceFile) -> Snippet<'_, Patch<'_>> {
    Snippet::source(file.text.as_ref()).path(file.path.as_ref())
}

/// The primary place and every other one of the same file.
fn annotated<'a>(file: &'a SourceFile, diagnostic: &'a Diagnostic) -> Annotated<'a> {
    let text = |text: &'a str| Some(text).filter(|text| !text.is_empty());
    let primary = &diagnostic.primary;
    let mut shown = snippet(file).annotation(
        AnnotationKind::Primary
            .span(range(file, primary.span))
            .label(text(&primary.text)),
    );
    for label in diagnostic
        .secondary
        .iter()
        .filter(|label| label.span.file == primary.span.file)
    {
        shown = shown.annotation(
            AnnotationKind::Context
                .span(range(file, label.span))
                .label(text(&label.text)),
        );
    }
    shown
}

/// The bytes of a span, held within the file and on character boundaries, as the renderer needs
/// them.
fn range(file: &SourceFile, span: Span) -> std::ops::Range<usize> {
    let at = |byte: u32| {
        let byte = usize::try_from(byte)
            .unwrap_or(usize::MAX)
            .min(file.text.len());
        (0..=byte)
            .rev()
            .find(|at| file.text.is_char_boundary(*at))
            .unwrap_or(0)
    };
    let (start, end) = (at(span.start), at(span.end));
    start..end.max(start)
}

#[cfg(test)]
mod tests {
    use stateward::diagnostic::Code;

    use super::*;

    #[test]
    fn a_finding_shows_its_source_its_advice_and_the_mended_line() {
        let mut sources = SourceMap::default();
        let text = "verify:\n  - sms_cod\n";
        let file = sources.add("workflows/phone.yaml", text);
        let span = |word: &str| {
            let start = text.find(word).unwrap();
            Span::new(file, start..start + word.len())
        };
        let diagnostic = Diagnostic::error(Code("W0104"), span("sms_cod"), "unknown verification")
            .label("no verification of this name is declared")
            .also(span("verify"), "in this list")
            .did_you_mean("sms_cod", ["sms_code"]);
        let shown = anstream::adapter::strip_str(&render(&sources, &[diagnostic])).to_string();
        insta::assert_snapshot!(shown, @r"
        error[W0104]: unknown verification
          ╭▸ workflows/phone.yaml:2:5
          │
        1 │ verify:
          │ ────── in this list
        2 │   - sms_cod
          │     ━━━━━━━ no verification of this name is declared
          ╰╴
        help: did you mean `sms_code`?
          ╭╴
        2 │   - sms_code
          ╰╴           +
        ");
    }

    #[test]
    fn a_span_outside_its_file_is_shown_rather_than_a_panic() {
        let mut sources = SourceMap::default();
        let file = sources.add("a.yaml", "ö");
        for (start, end) in [(0, 1), (1, 900), (5, 2)] {
            let span = Span { file, start, end };
            let diagnostic = Diagnostic::warning(Code("W0001"), span, "odd");
            assert!(render(&sources, &[diagnostic]).contains("odd"));
        }
    }
}
