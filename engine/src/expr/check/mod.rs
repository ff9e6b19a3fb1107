//! Type checking, and with it the native form. Every mistake is reported at its place; a part that
//! is wrong is not reported again by the parts around it.

mod calls;
mod guards;
mod literals;
mod names;
mod operations;
mod relations;

use std::collections::BTreeSet;
use std::sync::Arc;

use self::guards::Implied;
use super::node::{Const, Node};
use super::script::Library;
use super::syntax::{Tree, TreeKind};
use super::{Expected, Slot, Type, Vocabulary, codes};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The largest native form, in nodes: a bound on functions that are put in place over and over.
const NODES_MAX: usize = 4_096;
/// More mistakes than this in one expression are not reported.
const DIAGNOSTICS_MAX: usize = 32;

/// What the checker found out about an expression.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) node: Node,
    pub(super) ty: Type,
    /// Whether it can be unset although every name that must be set is.
    pub(super) optional: bool,
    pub(super) reads: BTreeSet<Slot>,
}

/// The type of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Ty {
    Of(Type),
    /// `unset`, which has every type.
    Nothing,
    /// The result of an interpreted function: its type shows when it runs.
    Any,
    /// A mistake, reported already.
    Wrong,
}

/// A checked part.
#[derive(Debug, Clone)]
struct Typed {
    node: Node,
    ty: Ty,
    /// What makes that it can be unset here.
    gap: Option<Gap>,
    span: Span,
    /// Which names are set if it is true, or false.
    implied: Implied,
}

/// A part that can be unset: the name, if it is one, and its place.
#[derive(Debug, Clone, Copy)]
struct Gap {
    slot: Option<Slot>,
    span: Span,
}

/// What surrounds a part.
#[derive(Debug, Clone, Default)]
struct Env<'e> {
    /// Optional names that are known to be set here.
    set: BTreeSet<Slot>,
    /// Within a function that is put in place: its parameters with what they stand for.
    parameters: Option<&'e [(Arc<str>, Typed)]>,
}

/// Checks one expression.
pub(super) struct Checker<'c> {
    vocabulary: &'c Vocabulary,
    library: &'c Arc<Library>,
    may_read: &'c dyn Fn(Slot) -> Result<(), String>,
    diagnostics: Vec<Diagnostic>,
    reads: BTreeSet<Slot>,
    nodes: usize,
    /// Where the functions that are being put in place were called.
    calls: Vec<Span>,
}

impl<'c> Checker<'c> {
    pub(super) fn new(
        vocabulary: &'c Vocabulary,
        library: &'c Arc<Library>,
        may_read: &'c dyn Fn(Slot) -> Result<(), String>,
        diagnostics: Vec<Diagnostic>,
    ) -> Self {
        Self {
            vocabulary,
            library,
            may_read,
            diagnostics,
            reads: BTreeSet::new(),
            nodes: 0,
            calls: Vec::new(),
        }
    }

    /// Checks an expression against what its place expects.
    pub(super) fn run(
        mut self,
        tree: &Tree,
        expected: &Expected<'_>,
    ) -> Result<Checked, Vec<Diagnostic>> {
        // Where anything that can be text will do, texts of different kinds may meet.
        let hint = expected.ty.as_ref().unwrap_or(&Type::Text);
        let typed = self.check(tree, &Env::default(), Some(hint));
        let ty = self.conclude(&typed, expected);
        if self.diagnostics.is_empty() {
            Ok(Checked {
                optional: typed.gap.is_some(),
                node: typed.node,
                ty,
                reads: self.reads,
            })
        } else {
            Err(self.diagnostics)
        }
    }

    fn conclude(&mut self, typed: &Typed, expected: &Expected<'_>) -> Type {
        if !expected.optional {
            self.require_set(typed);
        }
        let wanted = expected.ty.clone();
        match (&typed.ty, wanted) {
            (Ty::Of(found), Some(wanted)) => {
                if !wanted.accepts(found) {
                    self.mismatch(typed, &wanted.to_string());
                }
                wanted
            }
            (Ty::Of(found), None) => {
                if !found.has_text() {
                    self.mismatch(typed, "a value that can be written as text");
                }
                found.clone()
            }
            (_, wanted) => wanted.unwrap_or(Type::Text),
        }
    }

    /// Checks a part. `hint` is the type that its surroundings would like, by which texts in quotes
    /// are understood.
    fn check(&mut self, tree: &Tree, env: &Env<'_>, hint: Option<&Type>) -> Typed {
        if !self.count(1, tree.span) {
            return Typed::wrong(tree.span);
        }
        let span = tree.span;
        match &tree.kind {
            TreeKind::Refused => Typed::wrong(span),
            TreeKind::Bool(truth) => Typed::constant(Const::Bool(*truth), Type::Bool, span),
            TreeKind::Int(number) => Typed::constant(Const::Int(*number), Type::Int, span),
            TreeKind::Text(text) => self.literal(text, span, hint),
            TreeKind::List(_) => {
                let message = "a list cannot stand here";
                let diagnostic = Diagnostic::error(codes::FORBIDDEN_CONSTRUCT, span, message);
                self.report(diagnostic.help(
                    "one stands after `in`, and last in `like`, `like_any_case`, `same_text`, `ip_in`",
                ));
                Typed::wrong(span)
            }
            TreeKind::Path(path) => self.path(path, span, env, hint),
            TreeKind::Not(part) => self.not(part, span, env),
            TreeKind::Negate(part) => self.negate(part, span, env),
            TreeKind::All(parts) => self.all(parts, span, env),
            TreeKind::Any(parts) => self.any(parts, span, env),
            TreeKind::Coalesce(parts) => self.coalesce(parts, span, env, hint),
            TreeKind::If(parts) => self.choice(parts, span, env, hint),
            TreeKind::Binary(operator, parts) => self.binary(*operator, parts, span, env),
            TreeKind::In(parts) => self.membership(parts, span, env),
            TreeKind::Call(call) => self.call(call, span, env),
        }
    }

    /// Counts nodes of the native form; reports once when there are too many.
    fn count(&mut self, nodes: usize, span: Span) -> bool {
        let before = self.nodes;
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > NODES_MAX && before <= NODES_MAX {
            let message = format!(
                "the expression has more than {NODES_MAX} parts, those of its functions included"
            );
            self.error(codes::BOUND_EXCEEDED, span, message);
        }
        self.nodes <= NODES_MAX
    }

    /// A part whose operands are all constants is computed now; one that cannot be is a mistake.
    fn folded(&mut self, node: Node, ty: Type, span: Span) -> Typed {
        match node.folded() {
            Ok(node) => Typed::of(node, Ty::Of(ty), span),
            Err(fault) => {
                let reason = fault.in_words(self.vocabulary);
                self.error(
                    codes::ALWAYS_FAILS,
                    span,
                    format!("this always fails: {reason}"),
                );
                Typed::wrong(span)
            }
        }
    }

    fn error(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.report(Diagnostic::error(code, span, message));
    }

    fn report(&mut self, mut diagnostic: Diagnostic) {
        if let Some(call) = self.calls.first() {
            diagnostic = diagnostic.also(*call, "called from here");
        }
        if self.diagnostics.len() < DIAGNOSTICS_MAX && !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Reports that a part has another type than needed.
    fn mismatch(&mut self, typed: &Typed, expected: &str) {
        let found = match &typed.ty {
            Ty::Of(found) => found.to_string(),
            Ty::Nothing => "`unset`".to_owned(),
            Ty::Any | Ty::Wrong => return,
        };
        let message = format!("expected {expected}, found {found}");
        self.error(codes::TYPE_MISMATCH, typed.span, message);
    }

    /// Reports a part that can be unset where a value is needed.
    fn require_set(&mut self, typed: &Typed) {
        let Some(gap) = typed.gap.filter(|_| !typed.is_wrong()) else {
            return;
        };
        let message = match gap.slot.and_then(|slot| self.vocabulary.fact(slot)) {
            Some(fact) => {
                let path = &fact.path;
                let diagnostic = Diagnostic::error(
                    codes::UNGUARDED_OPTIONAL,
                    gap.span,
                    format!("`{path}` can be unset here"),
                )
                .help(format!("ask first: `has({path}) && ...`"))
                .help(format!("or give a default: `{path} ?? ...`"));
                return self.report(diagnostic);
            }
            None if typed.ty == Ty::Nothing => "`unset` cannot be computed with",
            None => "there is not always a value here",
        };
        let help = "`unset` can only be a result, and only where something may be without a value";
        self.report(Diagnostic::error(codes::UNGUARDED_OPTIONAL, gap.span, message).help(help));
    }

    /// Checks a part that must be a truth value.
    fn condition(&mut self, tree: &Tree, env: &Env<'_>) -> Typed {
        let typed = self.check(tree, env, Some(&Type::Bool));
        self.require_set(&typed);
        if !matches!(
            &typed.ty,
            Ty::Of(Type::Bool) | Ty::Any | Ty::Wrong | Ty::Nothing
        ) {
            self.mismatch(&typed, "a condition (bool)");
        }
        typed
    }
}

impl Typed {
    fn of(node: Node, ty: Ty, span: Span) -> Self {
        Self {
            node,
            ty,
            gap: None,
            span,
            implied: Implied::default(),
        }
    }

    fn constant(value: Const, ty: Type, span: Span) -> Self {
        Self::of(Node::Const(value), Ty::Of(ty), span)
    }

    fn wrong(span: Span) -> Self {
        Self::of(Node::Const(Const::Unset), Ty::Wrong, span)
    }

    fn is_wrong(&self) -> bool {
        self.ty == Ty::Wrong
    }
}

impl<'e> Env<'e> {
    /// The parameter of a name.
    fn parameter(&self, name: &str) -> Option<&'e Typed> {
        let mut parameters = self.parameters?.iter();
        parameters
            .find(|(parameter, _)| parameter.as_ref() == name)
            .map(|(_, typed)| typed)
    }

    /// The same surroundings, in which these names are set as well.
    fn with(&self, set: &BTreeSet<Slot>) -> Self {
        Self {
            set: self.set.union(set).copied().collect(),
            parameters: self.parameters,
        }
    }
}
