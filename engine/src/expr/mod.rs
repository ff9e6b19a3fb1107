//! Expressions: rhai is the language, a native form runs what it can, the sandboxed interpreter runs
//! the rest.

mod captured;
pub mod codes;
mod facts;
mod place;
mod vocabulary;

pub use captured::Captured;
pub use facts::{Facts, Val};
pub use place::SourceText;
pub use vocabulary::{Fact, Slot, Type, Vocabulary};

use crate::diagnostic::Diagnostic;
use crate::source::{SourceFile, Span};
use crate::value::Value;

/// Why an expression has no value for the facts at hand. Whoever asks fails closed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EvalError {
    /// What happened, in one lower-case sentence, without values of facts.
    pub message: String,
}

/// A three-valued truth, for reasoning over facts that are only partly known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// True whatever the unknown facts are.
    True,
    /// False whatever the unknown facts are.
    False,
    /// It depends, or it cannot be analysed.
    Unknown,
}

/// A checked expression.
#[derive(Debug, Clone)]
pub struct Expression {
    text: std::sync::Arc<str>,
    span: Span,
    ty: Type,
}

impl Expression {
    /// The expression as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it was written.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Its static type.
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// Whether it runs natively (and can be analysed) rather than in the interpreter.
    pub fn is_lowered(&self) -> bool {
        true
    }

    /// The names it reads.
    pub fn reads(&self) -> &[Slot] {
        &[]
    }

    /// Its truth, for a `Bool` expression. Allocates nothing where the expression is lowered.
    ///
    /// # Errors
    /// When a name it needs is unset, or the interpreter stops it.
    pub fn truth(&self, _facts: &Facts<'_>) -> Result<bool, EvalError> {
        Err(EvalError {
            message: String::new(),
        })
    }

    /// Its value; `None` where the expression is an optional name without a value.
    ///
    /// # Errors
    /// As [`truth`](Self::truth).
    pub fn value(&self, _facts: &Facts<'_>) -> Result<Option<Value>, EvalError> {
        Err(EvalError {
            message: String::new(),
        })
    }

    /// Its truth when only some facts are known: `known` says which slots are.
    pub fn truth3(&self, _facts: &Facts<'_>, _known: &dyn Fn(Slot) -> bool) -> Truth {
        Truth::Unknown
    }
}

/// Text with `${expression}` in it.
#[derive(Debug, Clone)]
pub struct Template {}

impl Template {
    /// The text with every expression replaced by its value; an unset optional value is empty.
    ///
    /// # Errors
    /// As [`Expression::truth`].
    pub fn render(&self, _facts: &Facts<'_>) -> Result<String, EvalError> {
        Err(EvalError {
            message: String::new(),
        })
    }
}

/// Turns source text into checked expressions and templates.
#[derive(Debug)]
pub struct Compiler {}

/// What a place in a definition asks of an expression.
#[derive(Clone)]
pub struct Expected<'a> {
    /// The type it must have; `None` accepts any that can be text (for templates and keys).
    pub ty: Option<Type>,
    /// Whether the result may be unset.
    pub optional: bool,
    /// Which slots may be read here (an input the transition declares, …); an unlisted one is
    /// reported with this function's reason.
    pub may_read: &'a dyn Fn(Slot) -> Result<(), String>,
}

impl Compiler {
    /// A compiler over a vocabulary, with the lifecycle's shared functions.
    ///
    /// # Errors
    /// Diagnostics of the functions file.
    pub fn new(
        _vocabulary: &Vocabulary,
        _functions: Option<(&SourceFile, crate::source::FileId)>,
    ) -> Result<Self, Vec<Diagnostic>> {
        Ok(Self {})
    }

    /// Checks and lowers an expression. `span` covers exactly the bytes of `text` in its file (or the
    /// whole scalar where they do not map one to one).
    ///
    /// # Errors
    /// Every mistake found, each at its place.
    pub fn expression(
        &self,
        _text: &str,
        _span: Span,
        _expected: &Expected<'_>,
    ) -> Result<Expression, Vec<Diagnostic>> {
        Err(Vec::new())
    }

    /// Checks and lowers a condition that rhai captured unevaluated inside a script (an `$expr$` of
    /// its custom syntax). `source` is the whole script. `locals` tells the value that a constant of
    /// the script has at the capture; texts, numbers, truths and arrays of texts are put in its place.
    /// The capturing engine must parse with `OptimizationLevel::None`.
    ///
    /// # Errors
    /// Every mistake found, each at its place in the script.
    pub fn captured(
        &self,
        _condition: &rhai::Expression<'_>,
        _source: &SourceText<'_>,
        _locals: &dyn Fn(&str) -> Option<rhai::Dynamic>,
        _expected: &Expected<'_>,
    ) -> Result<Expression, Vec<Diagnostic>> {
        Err(Vec::new())
    }

    /// Checks a template.
    ///
    /// # Errors
    /// As [`expression`](Self::expression).
    pub fn template(
        &self,
        _text: &str,
        _span: Span,
        _may_read: &dyn Fn(Slot) -> Result<(), String>,
    ) -> Result<Template, Vec<Diagnostic>> {
        Err(Vec::new())
    }
}
