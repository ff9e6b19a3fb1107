//! The shape of an expression, with a place for every part: what is left of rhai's syntax tree once
//! everything that expressions do not have is gone.

use std::ops::Range;
use std::sync::Arc;

use super::operators::Operator;
use crate::source::Span;

/// A part of an expression.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    pub(super) kind: TreeKind,
    /// The bytes of the text it was read from.
    pub(super) range: Range<usize>,
    /// The same place in its file.
    pub(super) span: Span,
}

/// What a part of an expression is.
#[derive(Debug, Clone)]
pub(super) enum TreeKind {
    /// Something that was refused; the diagnostic is written already.
    Refused,
    Bool(bool),
    Int(i64),
    Text(Arc<str>),
    List(Vec<Tree>),
    Path(Path),
    Not(Box<Tree>),
    Negate(Box<Tree>),
    /// `a && b && …`
    All(Vec<Tree>),
    /// `a || b || …`
    Any(Vec<Tree>),
    /// `a ?? b ?? …`
    Coalesce(Vec<Tree>),
    /// Condition, value if it holds, value if not.
    If(Box<[Tree; 3]>),
    Binary(Operator, Box<[Tree; 2]>),
    /// Item, list.
    In(Box<[Tree; 2]>),
    Call(Call),
}

/// `resource`, `account.phone`, `context["acs:SourceIp"]`
#[derive(Debug, Clone)]
pub(super) struct Path {
    pub(super) root: Arc<str>,
    pub(super) root_span: Span,
    /// The part after the dot, or in brackets.
    pub(super) rest: Option<(Arc<str>, Span)>,
    /// Whether the second part is a condition key.
    pub(super) by_key: bool,
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.root)?;
        match &self.rest {
            Some((key, _)) if self.by_key => write!(f, "[\"{key}\"]"),
            Some((rest, _)) => write!(f, ".{rest}"),
            None => Ok(()),
        }
    }
}

/// `starts_with(resource, "acs:")`
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) name: Arc<str>,
    pub(super) name_span: Span,
    pub(super) arguments: Vec<Tree>,
}

/// One function of a lifecycle's functions file.
#[derive(Debug, Clone)]
pub(super) struct Definition {
    pub(super) name: Arc<str>,
    pub(super) name_span: Span,
    pub(super) parameters: Vec<Arc<str>>,
    pub(super) body: Vec<Statement>,
}

/// One statement of a function.
#[derive(Debug, Clone)]
pub(super) enum Statement {
    /// `let name = value;`
    Let(Arc<str>, Tree),
    /// `return value;`
    Return(Tree),
    /// The value of the block, or an expression that stands for nothing.
    Value(Tree),
    /// `if` whose branches are more than a value.
    If(Box<Tree>, Vec<Statement>, Vec<Statement>),
}

impl Tree {
    /// Calls `visit` for this part and each part within it.
    pub(super) fn walk<'t>(&'t self, visit: &mut dyn FnMut(&'t Tree)) {
        visit(self);
        for part in self.parts() {
            part.walk(visit);
        }
    }

    fn parts(&self) -> &[Tree] {
        match &self.kind {
            TreeKind::Refused
            | TreeKind::Bool(_)
            | TreeKind::Int(_)
            | TreeKind::Text(_)
            | TreeKind::Path(_) => &[],
            TreeKind::List(parts)
            | TreeKind::All(parts)
            | TreeKind::Any(parts)
            | TreeKind::Coalesce(parts) => parts,
            TreeKind::Not(part) | TreeKind::Negate(part) => std::slice::from_ref(part),
            TreeKind::If(parts) => parts.as_slice(),
            TreeKind::Binary(_, parts) | TreeKind::In(parts) => parts.as_slice(),
            TreeKind::Call(call) => &call.arguments,
        }
    }
}
