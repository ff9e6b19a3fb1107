//! A condition taken out of a running script, to be compiled when the script has ended.

use std::collections::BTreeSet;

use rhai::{ASTNode, Expr};

/// An expression that rhai captured unevaluated, kept beyond the call that captured it.
#[derive(Debug, Clone)]
pub struct Captured(Expr);

impl Captured {
    /// Keeps an expression.
    pub fn of(expression: &rhai::Expression<'_>) -> Self {
        Self((**expression).clone())
    }

    /// The expression, as [`Compiler::captured`](crate::expr::Compiler::captured) takes it.
    pub fn expression(&self) -> rhai::Expression<'_> {
        rhai::Expression::from(&self.0)
    }

    /// Every name in it that a variable could have.
    pub fn names(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        self.0.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
            if let Some(ASTNode::Expr(Expr::Variable(variable, ..))) = path.last() {
                names.insert(variable.1.to_string());
            }
            true
        });
        names
    }
}
