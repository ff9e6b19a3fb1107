//! A condition taken out of a running script, to be compiled when the script has ended.

/// An expression that rhai captured unevaluated, kept beyond the call that captured it.
#[derive(Debug, Clone)]
pub struct Captured(rhai::Expr);

impl Captured {
    /// Keeps an expression.
    pub fn of(expression: &rhai::Expression<'_>) -> Self {
        Self((**expression).clone())
    }

    /// The expression, as [`Compiler::captured`](super::Compiler::captured) takes it.
    pub fn expression(&self) -> rhai::Expression<'_> {
        rhai::Expression::from(&self.0)
    }
}
