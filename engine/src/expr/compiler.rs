//! The compiler: from text to checked expressions and templates.

use std::sync::Arc;

use rhai::Engine;

use super::check::Checker;
use super::expression::Expression;
use super::place::SourceText;
use super::script::Library;
use super::syntax::Tree;
use super::template::{self, Template};
use super::{Slot, Type, Vocabulary, codes, host, lower, refusal};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, SourceFile, SourceMap, Span};

/// The longest expression or template, in bytes.
const TEXT_LENGTH_MAX: usize = 8_192;

/// Turns source text into checked expressions and templates. Copies share their engine.
#[derive(Debug, Clone)]
pub struct Compiler {
    vocabulary: Arc<Vocabulary>,
    library: Arc<Library>,
    engine: Arc<Engine>,
}

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
    /// Diagnostics of the functions file; and one, at its start, if rhai was built without the
    /// checks that keep conditions sound.
    pub fn new(
        vocabulary: &Vocabulary,
        functions: Option<(&SourceFile, FileId)>,
    ) -> Result<Self, Vec<Diagnostic>> {
        if let Err(unsound) = host::prove_sound() {
            // It is about no file; the first of whatever is being loaded has to stand for it.
            let first = || SourceMap::default().add("", "");
            let file = functions.map_or_else(first, |(_, id)| id);
            let help =
                "a crate in this build enables the feature `unchecked` of rhai; build without";
            let diagnostic = Diagnostic::error(
                codes::UNSAFE_HOST,
                Span::new(file, 0..0),
                unsound.to_string(),
            );
            return Err(vec![diagnostic.help(help)]);
        }
        let library = match functions {
            Some((file, id)) => Library::read(&SourceText::file(id, &file.text))?,
            None => Library::empty(),
        };
        Ok(Self {
            vocabulary: Arc::new(vocabulary.clone()),
            library: Arc::new(library),
            engine: Arc::new(host::for_expressions()),
        })
    }

    /// The same functions over another vocabulary, such as one in which more names are optional.
    #[must_use]
    pub fn over(&self, vocabulary: Vocabulary) -> Self {
        Self {
            vocabulary: Arc::new(vocabulary),
            ..self.clone()
        }
    }

    /// The names that expressions can use.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Checks and lowers an expression. `span` covers exactly the bytes of `text` in its file (or
    /// the whole scalar where they do not map one to one).
    ///
    /// # Errors
    /// Every mistake found, each at its place.
    pub fn expression(
        &self,
        text: &str,
        span: Span,
        expected: &Expected<'_>,
    ) -> Result<Expression, Vec<Diagnostic>> {
        bounded(text, span)?;
        let source = SourceText::part(text, span);
        let ast = self
            .engine
            .compile_expression(text)
            .map_err(|error| vec![refusal::syntax_error(&error, &source)])?;
        let (tree, refused) = lower::expression(&ast, &source);
        self.checked(&tree, refused, text, span, expected)
    }

    /// Checks and lowers a condition that rhai captured unevaluated inside a script (an `$expr$` of
    /// its custom syntax). `source` is the whole script. `locals` tells the value that a constant
    /// of the script has at the capture; texts, numbers, truths and arrays of texts are put in its
    /// place. The capturing engine must parse with `OptimizationLevel::None`.
    ///
    /// # Errors
    /// Every mistake found, each at its place in the script.
    pub fn captured(
        &self,
        condition: &rhai::Expression<'_>,
        source: &SourceText<'_>,
        locals: &dyn Fn(&str) -> Option<rhai::Dynamic>,
        expected: &Expected<'_>,
    ) -> Result<Expression, Vec<Diagnostic>> {
        self.captured_of(None, condition, source, locals, expected)
    }

    /// The same for a condition on a `subject`, every name being written as a part of it: in
    /// `|r| r.account.phone …` that is `r`.
    ///
    /// # Errors
    /// As [`captured`](Self::captured); and for names that are no part of it.
    pub fn captured_of(
        &self,
        subject: Option<&str>,
        condition: &rhai::Expression<'_>,
        source: &SourceText<'_>,
        locals: &dyn Fn(&str) -> Option<rhai::Dynamic>,
        expected: &Expected<'_>,
    ) -> Result<Expression, Vec<Diagnostic>> {
        let (tree, refused) = lower::captured(condition, source, locals, subject);
        let text = source.text().get(tree.range.clone()).unwrap_or("");
        bounded(text, tree.span)?;
        self.checked(&tree, refused, text, tree.span, expected)
    }

    /// Checks a template.
    ///
    /// # Errors
    /// As [`expression`](Self::expression).
    pub fn template(
        &self,
        text: &str,
        span: Span,
        may_read: &dyn Fn(Slot) -> Result<(), String>,
    ) -> Result<Template, Vec<Diagnostic>> {
        bounded(text, span)?;
        template::compile(self, text, span, may_read)
    }

    fn checked(
        &self,
        tree: &Tree,
        refused: Vec<Diagnostic>,
        text: &str,
        span: Span,
        expected: &Expected<'_>,
    ) -> Result<Expression, Vec<Diagnostic>> {
        let checker = Checker::new(&self.vocabulary, &self.library, expected.may_read, refused);
        let checked = checker.run(tree, expected)?;
        Ok(Expression::new(text, span, checked, &self.vocabulary))
    }

    /// The shared functions.
    #[cfg(any(test, feature = "properties"))]
    pub(super) fn library(&self) -> &Library {
        &self.library
    }
}

fn bounded(text: &str, span: Span) -> Result<(), Vec<Diagnostic>> {
    if text.len() <= TEXT_LENGTH_MAX {
        return Ok(());
    }
    let message = format!("this is longer than {TEXT_LENGTH_MAX} bytes");
    Err(vec![Diagnostic::error(
        codes::BOUND_EXCEEDED,
        span,
        message,
    )])
}
