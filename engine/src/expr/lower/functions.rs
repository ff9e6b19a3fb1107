//! The functions of a parsed functions file.

use std::ops::Range;

use rhai::{AST, ASTFlags, ASTNode, Stmt};

use super::{DEPTH_MAX, Reader};
use crate::diagnostic::Diagnostic;
use crate::expr::extent;
use crate::expr::place::SourceText;
use crate::expr::syntax::{Definition, Statement};

/// Reads the functions of a parsed file, in the order they are written.
pub(in crate::expr) fn definitions(
    ast: &AST,
    source: &SourceText<'_>,
) -> (Vec<Definition>, Vec<Diagnostic>) {
    let mut reader = Reader::new(source, &|_| None);
    for stray in ast.statements() {
        let at = source.offset(stray.position());
        reader.refuse(at..at, "a functions file has only functions in it", None);
    }
    let mut definitions: Vec<(Range<usize>, Definition)> = Vec::new();
    for function in ast.iter_fn_def() {
        let start = source.offset(function.body.start_position());
        let end = source.offset(function.body.end_position());
        let name = extent::name_before(source.text(), start, &function.name);
        if function.this_type.is_some() {
            reader.refuse(name.clone(), "functions cannot be methods", None);
        }
        let definition = Definition {
            name: function.name.as_str().into(),
            name_span: source.span(name),
            parameters: function
                .params
                .iter()
                .map(|name| name.as_str().into())
                .collect(),
            body: Vec::new(),
        };
        definitions.push((start..end, definition));
    }
    // rhai shows function bodies only through its walk.
    ast.walk(&mut |nodes| {
        if let [ASTNode::Stmt(statement)] = nodes {
            let at = source.offset(statement.position());
            let owner = definitions.iter_mut().find(|(body, _)| body.contains(&at));
            if let Some((_, definition)) = owner {
                definition.body.extend(reader.statement(statement));
            }
        }
        true
    });
    definitions.sort_by_key(|(body, _)| body.start);
    let definitions = definitions.into_iter().map(|(_, definition)| definition);
    (definitions.collect(), reader.diagnostics)
}

impl Reader<'_, '_> {
    /// Reads a statement of a function.
    fn statement(&mut self, statement: &Stmt) -> Vec<Statement> {
        if self.depth >= DEPTH_MAX {
            return Vec::new();
        }
        self.depth += 1;
        let read = self.statement_within(statement);
        self.depth -= 1;
        read
    }

    fn statement_within(&mut self, statement: &Stmt) -> Vec<Statement> {
        let at = self.at(statement.position());
        let refused = |tree| vec![Statement::Value(tree)];
        match statement {
            Stmt::Noop(_) => Vec::new(),
            Stmt::Expr(_) | Stmt::FnCall(..) => self
                .value(statement)
                .map(Statement::Value)
                .into_iter()
                .collect(),
            Stmt::If(parts, _) if is_value(parts) => self
                .value(statement)
                .map(Statement::Value)
                .into_iter()
                .collect(),
            Stmt::If(parts, _) => {
                let condition = self.tree(&parts.expr);
                let then = self.block(parts.body.statements());
                let otherwise = self.block(parts.branch.statements());
                vec![Statement::If(Box::new(condition), then, otherwise)]
            }
            Stmt::Block(block) => self.block(block.statements()),
            Stmt::Var(parts, _, _) => {
                let value = self.tree(&parts.1);
                vec![Statement::Let(parts.0.name.as_str().into(), value)]
            }
            Stmt::Return(Some(value), flags, _) if !flags.intersects(ASTFlags::BREAK) => {
                vec![Statement::Return(self.tree(value))]
            }
            Stmt::Return(None, ..) => refused(self.refuse(at..at, "`return` needs a value", None)),
            _ => {
                let help = "a function has `let`, `if`, `return` and expressions";
                refused(self.refuse(at..at, "functions do not have this", Some(help)))
            }
        }
    }

    fn block(&mut self, statements: &[Stmt]) -> Vec<Statement> {
        statements
            .iter()
            .flat_map(|statement| self.statement(statement))
            .collect()
    }
}

/// Whether an `if` chooses between two values rather than between ways to go on.
fn is_value(parts: &rhai::FlowControl) -> bool {
    [&parts.body, &parts.branch]
        .into_iter()
        .all(|block| match block.statements() {
            [Stmt::Expr(_) | Stmt::FnCall(..)] => true,
            [Stmt::If(inner, _)] => is_value(inner),
            _ => false,
        })
}
