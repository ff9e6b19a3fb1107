//! Diagnostics as data: what is wrong in a definition, where, and what to do. Rendering is the
//! caller's business.

mod catalogue;
pub mod yaml;

pub use catalogue::{Explanation, all, explain};

use crate::source::Span;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; nothing to mend.
    Info,
    /// Suspicious; the definition still loads.
    Warning,
    /// The definition does not load.
    Error,
}

/// A stable diagnostic code such as `W0104`. A code is never reused for another meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub &'static str);

/// Declares the codes of a module together with their one-line titles.
macro_rules! codes {
    ($($name:ident = $code:literal, $title:literal;)*) => {
        $(#[doc = $title] pub const $name: $crate::diagnostic::Code = $crate::diagnostic::Code($code);)*

        /// Every code of this module with its title, in order.
        pub const ALL: &[($crate::diagnostic::Code, &str)] = &[$(($name, $title)),*];

        #[cfg(test)]
        #[test]
        fn a_code_has_one_meaning() {
            let codes: std::collections::BTreeSet<_> = ALL.iter().map(|(code, _)| code).collect();
            assert_eq!(codes.len(), ALL.len());
        }
    };
}
pub(crate) use codes;

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

/// A place with a few words about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there; may be empty for the primary place.
    pub text: String,
}

/// A replacement that would mend the finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What to replace.
    pub span: Span,
    /// With what.
    pub replacement: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which kind of finding.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// What is wrong, in one lower-case sentence without a full stop.
    pub message: String,
    /// The place that the finding is about.
    pub primary: Label,
    /// Other places that explain it.
    pub secondary: Vec<Label>,
    /// What to do about it, one line each.
    pub help: Vec<String>,
    /// An edit that would mend it, where there is an obvious one.
    pub suggestion: Option<Suggestion>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            primary: Label {
                span,
                text: String::new(),
            },
            secondary: Vec::new(),
            help: Vec::new(),
            suggestion: None,
        }
    }

    /// A warning at a place.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, span, message)
        }
    }

    /// Words under the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Another place that explains the finding.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// A line of advice.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// "did you mean" for the primary place: a help line and the edit, if a known name is close.
    #[must_use]
    pub fn did_you_mean<'a>(
        mut self,
        wanted: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        if let Some(name) = crate::name::closest(wanted, known) {
            self.help.push(format!("did you mean `{name}`?"));
            self.suggestion = Some(Suggestion {
                span: self.primary.span,
                replacement: name.to_owned(),
            });
        }
        self
    }
}
