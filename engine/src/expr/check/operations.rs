//! Operators between values, and membership in lists.

use super::literals::is_literal;
use super::{Checker, Env, Node, Ty, Type, Typed, codes};
use crate::diagnostic::Diagnostic;
use crate::expr::operators::{Family, Operator};
use crate::expr::syntax::{Tree, TreeKind};
use crate::source::Span;

impl Checker<'_> {
    pub(super) fn binary(
        &mut self,
        operator: Operator,
        parts: &[Tree; 2],
        span: Span,
        env: &Env<'_>,
    ) -> Typed {
        let (left, right) = self.sides(parts, env);
        self.require_set(&left);
        self.require_set(&right);
        let ty = match (&left.ty, &right.ty) {
            (Ty::Of(left_ty), Ty::Of(right_ty)) => match result(operator, left_ty, right_ty) {
                Some(ty) => Ty::Of(ty),
                None => {
                    let diagnostic = refused(operator, left_ty, right_ty, span);
                    let diagnostic = diagnostic
                        .also(left.span, left_ty.to_string())
                        .also(right.span, right_ty.to_string());
                    self.report(diagnostic);
                    return Typed::wrong(span);
                }
            },
            (Ty::Any, Ty::Of(_) | Ty::Any) | (Ty::Of(_), Ty::Any) => match operator.family() {
                Family::Equality | Family::Order => Ty::Of(Type::Bool),
                Family::Arithmetic => Ty::Any,
            },
            _ => return Typed::wrong(span),
        };
        let node = Node::Binary(operator, Box::new([left.node, right.node]));
        match ty {
            Ty::Of(ty) => self.folded(node, ty, span),
            ty => Typed::of(node, ty, span),
        }
    }

    pub(super) fn negate(&mut self, part: &Tree, span: Span, env: &Env<'_>) -> Typed {
        let typed = self.check(part, env, Some(&Type::Int));
        self.require_set(&typed);
        if !matches!(typed.ty, Ty::Of(Type::Int) | Ty::Any) {
            self.mismatch(&typed, "int");
            return Typed::wrong(span);
        }
        self.folded(Node::Negate(Box::new(typed.node)), Type::Int, span)
    }

    /// Checks both sides, first the one whose type is its own: texts in quotes take the other's.
    fn sides(&mut self, parts: &[Tree; 2], env: &Env<'_>) -> (Typed, Typed) {
        let [left, right] = parts;
        if is_literal(left, env) && !is_literal(right, env) {
            let right = self.check(right, env, None);
            let left = self.check(left, env, own(&right));
            return (left, right);
        }
        let left = self.check(left, env, None);
        let right = self.check(right, env, own(&left));
        (left, right)
    }

    pub(super) fn membership(&mut self, parts: &[Tree; 2], span: Span, env: &Env<'_>) -> Typed {
        let [item, list] = parts;
        match &list.kind {
            TreeKind::List(elements) => self.in_list(item, elements, span, env),
            _ => self.in_texts(item, list, span, env),
        }
    }

    fn in_list(&mut self, item: &Tree, elements: &[Tree], span: Span, env: &Env<'_>) -> Typed {
        // `"a" in [x, y]`: the text takes the type of the names.
        let first = elements.iter().find(|element| !is_literal(element, env));
        let hint = match first {
            Some(first) if is_literal(item, env) => Some(self.check(first, env, None)),
            _ => None,
        };
        let item = self.check(item, env, hint.as_ref().and_then(own));
        self.require_set(&item);
        let mut wrong = item.is_wrong();
        let mut nodes = Vec::with_capacity(elements.len());
        for element in elements {
            let element = self.check(element, env, own(&item));
            self.require_set(&element);
            wrong |= element.is_wrong() || element.ty == Ty::Nothing;
            if let (Ty::Of(wanted), Ty::Of(found)) = (&item.ty, &element.ty)
                && !wanted.comparable(found)
            {
                self.mismatch(&element, &wanted.to_string());
                wrong = true;
            }
            nodes.push(element.node);
        }
        if wrong {
            return Typed::wrong(span);
        }
        let node = Node::In(Box::new(item.node), nodes.into());
        Typed::of(node, Ty::Of(Type::Bool), span)
    }

    fn in_texts(&mut self, item: &Tree, list: &Tree, span: Span, env: &Env<'_>) -> Typed {
        let list = self.check(list, env, None);
        self.require_set(&list);
        let item = self.check(item, env, Some(&Type::Text));
        self.require_set(&item);
        if list.ty != Ty::Of(Type::Texts) {
            let diagnostic = match &list.ty {
                Ty::Of(Type::Text) => Diagnostic::error(
                    codes::TYPE_MISMATCH,
                    list.span,
                    "`in` looks for a value in a list, and this is a text",
                )
                .help("for a part of a text, use `contains(text, part)`"),
                Ty::Of(found) => Diagnostic::error(
                    codes::TYPE_MISMATCH,
                    list.span,
                    format!("`in` looks for a value in a list, and this is {found}"),
                ),
                Ty::Any | Ty::Nothing => Diagnostic::error(
                    codes::TYPE_MISMATCH,
                    list.span,
                    "`in` looks for a value in a list, and this is none",
                ),
                Ty::Wrong => return Typed::wrong(span),
            };
            self.report(diagnostic);
            return Typed::wrong(span);
        }
        match &item.ty {
            Ty::Of(found) if !found.is_text() => {
                self.mismatch(&item, "text");
                Typed::wrong(span)
            }
            Ty::Wrong | Ty::Nothing => Typed::wrong(span),
            _ => {
                let node = Node::Among(Box::new([item.node, list.node]));
                Typed::of(node, Ty::Of(Type::Bool), span)
            }
        }
    }
}

/// The type of a part, where it is known.
fn own(typed: &Typed) -> Option<&Type> {
    match &typed.ty {
        Ty::Of(ty) => Some(ty),
        _ => None,
    }
}

/// The type of an operation, if there is such a one.
fn result(operator: Operator, left: &Type, right: &Type) -> Option<Type> {
    match operator.family() {
        Family::Equality => left.comparable(right).then_some(Type::Bool),
        Family::Order => {
            let ordered = matches!(left, Type::Int | Type::Time | Type::Duration);
            (ordered && left == right).then_some(Type::Bool)
        }
        Family::Arithmetic => match (left, operator, right) {
            (Type::Int, _, Type::Int) => Some(Type::Int),
            (Type::Time, Operator::Subtract, Type::Time)
            | (Type::Duration, Operator::Add | Operator::Subtract, Type::Duration) => {
                Some(Type::Duration)
            }
            (Type::Time, Operator::Add | Operator::Subtract, Type::Duration) => Some(Type::Time),
            _ => None,
        },
    }
}

fn refused(operator: Operator, left: &Type, right: &Type, span: Span) -> Diagnostic {
    let symbol = operator.symbol();
    let diagnostic = |message: String| Diagnostic::error(codes::TYPE_MISMATCH, span, message);
    match (operator.family(), left, right) {
        (Family::Equality, Type::OneOf(_), Type::OneOf(_)) => {
            diagnostic("these can never be equal: they share no word".to_owned())
        }
        (Family::Equality, Type::Secret, _) | (Family::Equality, _, Type::Secret) => {
            diagnostic("secrets cannot be compared".to_owned())
        }
        (Family::Equality, Type::Texts, _) | (Family::Equality, _, Type::Texts) => {
            diagnostic("lists cannot be compared".to_owned()).help("ask `text in texts`")
        }
        (Family::Order, left, right) if left == right => {
            diagnostic(format!("values of type {left} have no order"))
        }
        (Family::Equality | Family::Order, left, right) => {
            let diagnostic = diagnostic(format!("{left} and {right} cannot be compared"));
            match (left, right) {
                (Type::Time, Type::Text) | (Type::Text, Type::Time) => {
                    diagnostic.help("a time is written `time(\"2026-11-22T08:30:00Z\")`")
                }
                _ => diagnostic,
            }
        }
        (Family::Arithmetic, left, right) => {
            let diagnostic = diagnostic(format!("`{symbol}` cannot join {left} and {right}"));
            if left.is_text() {
                return diagnostic.help("expressions compare texts but make none");
            }
            diagnostic
        }
    }
}
