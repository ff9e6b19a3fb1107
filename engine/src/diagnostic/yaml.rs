//! Reading a YAML file into a type, with coded diagnostics.

use serde::de::DeserializeOwned;

use super::{Code, Diagnostic, Suggestion};
use crate::source::{Document, FileId, Limits, YamlError, YamlProblem};

/// The text is not YAML.
pub const SYNTAX: Code = Code("W0101");
/// The file is too large or too deep.
pub const LIMIT: Code = Code("W0102");
/// A feature of YAML is not accepted.
pub const FEATURE: Code = Code("W0103");
/// A key is written twice.
pub const DUPLICATE_KEY: Code = Code("W0104");
/// An unquoted word can be mistaken.
pub const AMBIGUOUS: Code = Code("W0105");
/// A key is not known here.
pub const UNKNOWN_KEY: Code = Code("W0106");
/// A key is missing.
pub const MISSING_KEY: Code = Code("W0107");
/// A value has the wrong form.
pub const FORM: Code = Code("W0108");
/// An invisible character is not accepted.
pub const CHARACTER: Code = Code("W0109");
/// A name is malformed.
pub const NAME: Code = Code("W0110");

/// A file that was read, with the places of everything in it.
#[derive(Debug)]
pub struct Read<T> {
    /// What it says; what was mistaken is absent.
    pub value: T,
    /// Where it says it.
    pub document: Document,
}

/// Reads a file with the default limits. Something is there even where mistakes were found, unless
/// nothing of the file could be read.
pub fn read<T: DeserializeOwned>(file: FileId, text: &str) -> (Option<Read<T>>, Vec<Diagnostic>) {
    let (document, mut errors) = Document::parse(file, text, &Limits::default());
    let read = document.and_then(|mut document| {
        let (value, more) = document.read();
        errors.extend(more);
        value.map(|value| Read { value, document })
    });
    (read, errors.into_iter().map(Diagnostic::from).collect())
}

fn code(problem: YamlProblem) -> Code {
    match problem {
        YamlProblem::Syntax => SYNTAX,
        YamlProblem::Limit => LIMIT,
        YamlProblem::Feature => FEATURE,
        YamlProblem::DuplicateKey => DUPLICATE_KEY,
        YamlProblem::Ambiguous => AMBIGUOUS,
        YamlProblem::UnknownKey => UNKNOWN_KEY,
        YamlProblem::MissingKey => MISSING_KEY,
        YamlProblem::Form => FORM,
        YamlProblem::Character => CHARACTER,
        YamlProblem::Name => NAME,
    }
}

impl From<YamlError> for Diagnostic {
    fn from(error: YamlError) -> Self {
        let mut diagnostic =
            Self::error(code(error.problem), error.span, error.message).label(error.label);
        if let Some((span, text)) = error.also {
            diagnostic = diagnostic.also(span, text);
        }
        diagnostic.help.extend(error.help);
        diagnostic.suggestion = error.replacement.map(|replacement| Suggestion {
            span: error.span,
            replacement,
        });
        diagnostic
    }
}
