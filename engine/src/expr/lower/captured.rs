//! A condition taken out of a running script, to be compiled when the script has ended.

use std::collections::BTreeSet;

use rhai::{AST, ASTNode, Expr};

/// An expression that rhai captured unevaluated, kept beyond the call that captured it.
#[derive(Debug, Clone)]
pub struct Captured(Expr);

impl Captured {
    /// Keeps an expression.
    pub fn of(expression: &rhai::Expression<'_>) -> Self {
        Self((**expression).clone())
    }

    /// Shows every expression that a script may hand over unevaluated, until enough are seen.
    pub fn each(script: &AST, goes_on: &mut dyn FnMut(&rhai::Expression<'_>) -> bool) {
        script.walk(&mut |path: &[ASTNode<'_>]| match path.last() {
            Some(ASTNode::Expr(Expr::Custom(syntax, ..))) => {
                let mut inputs = syntax.inputs.iter().map(rhai::Expression::from);
                inputs.all(|input| goes_on(&input))
            }
            _ => true,
        });
    }

    /// The expression, as [`Compiler::captured`](crate::expr::Compiler::captured) takes it.
    pub fn expression(&self) -> rhai::Expression<'_> {
        rhai::Expression::from(&self.0)
    }

    /// Every name in it that a variable could have.
    pub fn names(&self) -> BTreeSet<String> {
        Self::names_in(&self.expression())
    }

    /// Every name in an expression that a variable could have.
    pub fn names_in(expression: &rhai::Expression<'_>) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        expression.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
            if let Some(ASTNode::Expr(Expr::Variable(variable, ..))) = path.last() {
                names.insert(variable.1.to_string());
            }
            true
        });
        names
    }
}
