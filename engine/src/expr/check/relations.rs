//! Functions that relate a value to any of several texts: what is written out is read now.

use std::sync::Arc;

use super::{Checker, Const, Env, Node, Ty, Type, Typed, codes};
use crate::diagnostic::Diagnostic;
use crate::expr::Val;
use crate::expr::functions::{Function, Parameter};
use crate::expr::node::Related;
use crate::expr::relation::{Prepared, Relation};
use crate::expr::syntax::{Call, Tree, TreeKind};
use crate::source::Span;

impl Checker<'_> {
    pub(super) fn relation(
        &mut self,
        function: &'static Function,
        relation: Relation,
        call: &Call,
        span: Span,
        env: &Env<'_>,
    ) -> Typed {
        let ([parameter, asked], [value, among]) = (function.parameters, &*call.arguments) else {
            return Typed::wrong(span);
        };
        let value = self.argument(*parameter, value, env);
        let elements = match &among.kind {
            TreeKind::List(elements) => elements.as_slice(),
            _ => std::slice::from_ref(among),
        };
        let mut nodes = Vec::with_capacity(elements.len());
        let mut wrong = matches!(value.ty, Ty::Wrong | Ty::Nothing);
        for element in elements {
            let element = self.argument(*asked, element, env);
            wrong |= matches!(element.ty, Ty::Wrong | Ty::Nothing);
            wrong |= !wrong && self.is_impossible(relation, &value, &element);
            nodes.push(element.node);
        }
        if wrong {
            return Typed::wrong(span);
        }
        let node = Node::Related(Box::new(Related {
            function,
            relation,
            value: value.node,
            prepared: prepared(relation, &nodes),
            texts: nodes.into(),
        }));
        self.folded(node, function.result.clone(), span)
    }

    /// Reports a text that no word is related to which the value can be.
    fn is_impossible(&mut self, relation: Relation, value: &Typed, text: &Typed) -> bool {
        let (Ty::Of(Type::OneOf(words)), Node::Const(wanted)) = (&value.ty, &text.node) else {
            return false;
        };
        let holds = |word: &str| relation.holds(Val::Text(word), wanted.val()) == Ok(true);
        if words.iter().any(|word| holds(word.as_str())) {
            return false;
        }
        let message = "no possible word is like this text";
        let diagnostic = Diagnostic::error(codes::IMPOSSIBLE_WORD, text.span, message);
        self.report(diagnostic.help(format!("it is {}", Type::OneOf(words.clone()))));
        true
    }

    /// A text that has to be written out, so that it can be read now.
    pub(super) fn written_out(
        &mut self,
        parameter: Parameter,
        text: &Tree,
        env: &Env<'_>,
    ) -> Typed {
        let typed = self.check(text, env, Some(&Type::Text));
        if typed.is_wrong() {
            return typed;
        }
        let (what, example, is_one): (_, _, fn(&str) -> bool) = match parameter {
            Parameter::Instant => ("a time", "2026-11-22T08:30:00Z", is_instant),
            _ => ("an address or a network", "192.0.2.0/24", is_network),
        };
        let diagnostic = match &typed.node {
            Node::Const(Const::Text(text)) if is_one(text) => return typed,
            Node::Const(Const::Text(text)) => Diagnostic::error(
                codes::NOT_READ,
                typed.span,
                format!("`{text}` is not {what}"),
            ),
            _ => Diagnostic::error(
                codes::NOT_READ,
                typed.span,
                format!("{what} has to be written out here"),
            ),
        };
        self.report(diagnostic.help(format!("such as `\"{example}\"`")));
        Typed::wrong(typed.span)
    }
}

fn is_instant(text: &str) -> bool {
    text.parse::<crate::time::Timestamp>().is_ok()
}

fn is_network(text: &str) -> bool {
    crate::network::Network::parse(text).is_some()
}

/// Texts as their relation reads them, if all of them are known now.
fn prepared(relation: Relation, texts: &[Node]) -> Option<Prepared> {
    let texts: Option<Vec<Arc<str>>> = texts
        .iter()
        .map(|node| match node {
            Node::Const(Const::Text(text)) => Some(text.clone()),
            _ => None,
        })
        .collect();
    relation.prepare(&texts?)
}
