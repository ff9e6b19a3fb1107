//! A native form written as text again, with or without the values that its names have.

use std::fmt::{self, Write};
use std::sync::Arc;

use super::node::{Const, Node, Related};
use super::operators::{Family, Operator};
use super::{Facts, Slot, Val};
use crate::time::format_duration;

/// What is written beside the names of an expression.
pub(super) struct Writer<'w> {
    /// The path of a name.
    pub(super) name: &'w dyn Fn(Slot) -> Option<Arc<str>>,
    /// The values to write behind the names, and how much of each is seen; none where absent.
    pub(super) values: Option<(&'w Facts<'w>, &'w dyn Fn(Slot) -> Sight)>,
}

/// How much of a value is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// All of it.
    Shown,
    /// That there is one.
    Hidden,
    /// Nothing, not even whether it is set.
    Unknown,
}

/// How tightly the parts of an expression hold together; looser ones need parentheses in tighter
/// ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tightness {
    Choice,
    Or,
    And,
    Relation,
    Order,
    Default,
    Sum,
    Product,
    Sign,
    Unit,
}

impl Writer<'_> {
    /// A node as text.
    pub(super) fn text(&self, node: &Node) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = self.write(node, &mut text);
        text
    }

    fn write(&self, node: &Node, to: &mut String) -> fmt::Result {
        match node {
            Node::Const(value) => write_const(value, to),
            Node::Fact(slot) => self.name(*slot, to),
            Node::Not(part) => {
                to.push('!');
                self.within(part, Tightness::Sign, to)
            }
            Node::Negate(part) => {
                to.push('-');
                self.within(part, Tightness::Sign, to)
            }
            Node::All(parts) => self.chain(parts, " && ", Tightness::And, to),
            Node::Any(parts) => self.chain(parts, " || ", Tightness::Or, to),
            Node::Coalesce(parts) => self.chain(parts, " ?? ", Tightness::Default, to),
            Node::If(parts) => {
                let [condition, then, otherwise] = parts.as_ref();
                to.push_str("if ");
                self.write(condition, to)?;
                to.push_str(" { ");
                self.write(then, to)?;
                to.push_str(" } else { ");
                self.write(otherwise, to)?;
                to.push_str(" }");
                Ok(())
            }
            Node::Binary(operator, parts) => {
                let [left, right] = parts.as_ref();
                let tightness = of_operator(*operator);
                self.within(left, tightness, to)?;
                write!(to, " {} ", operator.symbol())?;
                self.beyond(right, tightness, to)
            }
            Node::In(item, list) => {
                self.beyond(item, Tightness::Relation, to)?;
                to.push_str(" in [");
                self.list(list, to)?;
                to.push(']');
                Ok(())
            }
            Node::Among(parts) => {
                let [item, texts] = parts.as_ref();
                self.beyond(item, Tightness::Relation, to)?;
                to.push_str(" in ");
                self.beyond(texts, Tightness::Relation, to)
            }
            Node::Call(function, arguments) => self.call(function.name, arguments, to),
            Node::Related(related) => self.related(related, to),
            Node::After(_, then) => self.write(then, to),
            Node::Script(script) => self.call(&script.name, &script.arguments, to),
        }
    }

    fn name(&self, slot: Slot, to: &mut String) -> fmt::Result {
        let name = (self.name)(slot);
        to.push_str(name.as_deref().unwrap_or("?"));
        let Some((facts, sight)) = &self.values else {
            return Ok(());
        };
        to.push_str(" (");
        match (sight(slot), facts.get(slot)) {
            (Sight::Unknown, _) => to.push_str("not known"),
            (_, Val::Unset) => to.push_str("unset"),
            (Sight::Hidden, _) => to.push_str("hidden"),
            (Sight::Shown, value) => write_value(value, to)?,
        }
        to.push(')');
        Ok(())
    }

    fn call(&self, name: &str, arguments: &[Node], to: &mut String) -> fmt::Result {
        write!(to, "{name}(")?;
        self.list(arguments, to)?;
        to.push(')');
        Ok(())
    }

    fn related(&self, related: &Related, to: &mut String) -> fmt::Result {
        write!(to, "{}(", related.function.name)?;
        self.write(&related.value, to)?;
        to.push_str(", ");
        if let [text] = related.texts.as_ref() {
            self.write(text, to)?;
        } else {
            to.push('[');
            self.list(&related.texts, to)?;
            to.push(']');
        }
        to.push(')');
        Ok(())
    }

    fn list(&self, nodes: &[Node], to: &mut String) -> fmt::Result {
        for (index, node) in nodes.iter().enumerate() {
            if index > 0 {
                to.push_str(", ");
            }
            self.write(node, to)?;
        }
        Ok(())
    }

    fn chain(
        &self,
        parts: &[Node],
        operator: &str,
        tightness: Tightness,
        to: &mut String,
    ) -> fmt::Result {
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                to.push_str(operator);
            }
            self.beyond(part, tightness, to)?;
        }
        Ok(())
    }

    /// A part in parentheses, if it holds together less than what is around it.
    fn within(&self, part: &Node, around: Tightness, to: &mut String) -> fmt::Result {
        self.bracketed(part, of_node(part) < around, to)
    }

    /// A part in parentheses, if it holds together no more than what is around it.
    fn beyond(&self, part: &Node, around: Tightness, to: &mut String) -> fmt::Result {
        self.bracketed(part, of_node(part) <= around, to)
    }

    fn bracketed(&self, part: &Node, brackets: bool, to: &mut String) -> fmt::Result {
        if !brackets {
            return self.write(part, to);
        }
        to.push('(');
        self.write(part, to)?;
        to.push(')');
        Ok(())
    }
}

fn of_operator(operator: Operator) -> Tightness {
    match (operator.family(), operator) {
        (Family::Equality, _) => Tightness::Relation,
        (Family::Order, _) => Tightness::Order,
        (_, Operator::Add | Operator::Subtract) => Tightness::Sum,
        _ => Tightness::Product,
    }
}

fn of_node(node: &Node) -> Tightness {
    match node {
        Node::Any(_) => Tightness::Or,
        Node::All(_) => Tightness::And,
        Node::If(_) => Tightness::Choice,
        Node::Coalesce(_) => Tightness::Default,
        Node::Binary(operator, _) => of_operator(*operator),
        Node::In(..) | Node::Among(_) => Tightness::Relation,
        Node::Not(_) | Node::Negate(_) => Tightness::Sign,
        Node::After(_, then) => of_node(then),
        Node::Const(_) | Node::Fact(_) | Node::Call(..) | Node::Related(_) | Node::Script(_) => {
            Tightness::Unit
        }
    }
}

fn write_const(value: &Const, to: &mut String) -> fmt::Result {
    match value {
        Const::Unset => {
            to.push_str("unset");
            Ok(())
        }
        Const::Time(at) => write!(to, "time(\"{at}\")"),
        value => write_value(value.val(), to),
    }
}

/// A value as a script would write it.
fn write_value(value: Val<'_>, to: &mut String) -> fmt::Result {
    match value {
        Val::Unset => write!(to, "unset"),
        Val::Bool(truth) => write!(to, "{truth}"),
        Val::Int(number) => write!(to, "{number}"),
        Val::Text(text) => write!(to, "{text:?}"),
        Val::Time(at) => write!(to, "{at}"),
        Val::Duration(duration) => write!(to, "{}", format_duration(duration)),
        Val::Ip(address) => write!(to, "\"{address}\""),
        Val::Texts(texts) => {
            to.push('[');
            for (index, text) in texts.iter().enumerate() {
                let separator = if index > 0 { ", " } else { "" };
                write!(to, "{separator}{text:?}")?;
            }
            to.push(']');
            Ok(())
        }
    }
}
