//! The values of a name that a condition tells apart: those worth trying.

use super::functions::Function;
use super::node::{Const, Node, Related};
use super::operators::Family;
use super::relation::Relation;
use super::{Expression, Slot, Type};
use crate::time::Timestamp;
use crate::value::Value;

/// Values of a name that a condition compares it with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cases {
    /// The values, each once; those next to a bound among them.
    pub values: Vec<Value>,
    /// Whether all values that are not among these are the same to the condition.
    pub exact: bool,
}

impl Expression {
    /// The values of a name of some type that this condition tells apart. Texts that fit its
    /// patterns and addresses in its networks are among them, one each.
    pub fn cases(&self, slot: Slot, ty: &Type) -> Cases {
        let mut found = Finding {
            slot,
            ty,
            cases: Cases {
                values: Vec::new(),
                exact: true,
            },
        };
        match ty {
            Type::Bool => found.cases.values.extend([true, false].map(Value::Bool)),
            Type::OneOf(words) => {
                let words = words.iter().cloned().map(Value::OneOf);
                found.cases.values.extend(words);
            }
            _ => found.look(self.node()),
        }
        found.cases
    }
}

struct Finding<'t> {
    slot: Slot,
    ty: &'t Type,
    cases: Cases,
}

impl Finding<'_> {
    fn look(&mut self, node: &Node) {
        match node {
            Node::Fact(slot) if *slot == self.slot => self.cases.exact = false,
            Node::Binary(operator, sides) if operator.family() != Family::Arithmetic => {
                let [left, right] = sides.as_ref();
                match (self.is_name(left), self.is_name(right)) {
                    (true, false) => self.compared(right, operator.family()),
                    (false, true) => self.compared(left, operator.family()),
                    (true, true) => self.cases.exact = false,
                    (false, false) => self.all([left, right]),
                }
            }
            Node::In(item, list) if self.is_name(item) => {
                list.iter()
                    .for_each(|one| self.compared(one, Family::Equality));
            }
            Node::Related(related) if self.is_name(&related.value) => self.related(related),
            Node::Call(function, arguments) => self.called(function, arguments),
            Node::In(part, _) | Node::After(_, part) => {
                self.look(part);
                self.all(node.parts());
            }
            Node::Related(related) => {
                self.look(&related.value);
                self.all(node.parts());
            }
            _ => self.all(node.parts()),
        }
    }

    fn all<'n>(&mut self, nodes: impl IntoIterator<Item = &'n Node>) {
        nodes.into_iter().for_each(|node| self.look(node));
    }

    /// Whether a node is the name, or the name with a constant in its place where it is unset.
    fn is_name(&self, node: &Node) -> bool {
        match node {
            Node::Fact(slot) => *slot == self.slot,
            Node::Coalesce(parts) => match parts.as_ref() {
                [first, Node::Const(_)] => self.is_name(first),
                _ => false,
            },
            _ => false,
        }
    }

    fn compared(&mut self, with: &Node, family: Family) {
        let Node::Const(constant) = with else {
            self.cases.exact = false;
            return self.look(with);
        };
        match (constant, family) {
            (Const::Int(bound), Family::Order) => {
                let near = [bound.checked_sub(1), Some(*bound), bound.checked_add(1)];
                let near = near.into_iter().flatten().map(Value::Int);
                near.for_each(|value| self.add(value));
            }
            (Const::Time(bound), Family::Order) => {
                let at = bound.as_ms();
                for ms in [at.saturating_sub(1), at, at.saturating_add(1)] {
                    self.add(Value::Time(Timestamp::from_ms(ms)));
                }
            }
            (Const::Duration(bound), Family::Order) => {
                self.add(Value::Duration(*bound));
                self.cases.exact = false;
            }
            _ => self.constant(constant),
        }
    }

    fn constant(&mut self, constant: &Const) {
        match (constant, self.ty) {
            (Const::Text(text), Type::Text) => self.add(Value::Text(text.clone())),
            (Const::Text(text), Type::Phone) => self.add(Value::Phone(text.clone())),
            (Const::Text(text), Type::Email) => self.add(Value::Email(text.clone())),
            (Const::Text(text), Type::Country) => self.add(Value::Country(text.clone())),
            (Const::Text(text), Type::AccountId) => match text.parse() {
                Ok(id) => self.add(Value::AccountId(id)),
                Err(_) => self.cases.exact = false,
            },
            (Const::Int(number), Type::Int) => self.add(Value::Int(*number)),
            (Const::Time(at), Type::Time) => self.add(Value::Time(*at)),
            (Const::Duration(length), Type::Duration) => self.add(Value::Duration(*length)),
            (Const::Ip(address), Type::Ip) => self.add(Value::Ip(*address)),
            _ => self.cases.exact = false,
        }
    }

    fn called(&mut self, function: &Function, arguments: &[Node]) {
        match arguments {
            [name] if self.is_name(name) && function.name == "has" => {}
            // What begins with, ends with or contains a text: the text itself does.
            [name, Node::Const(Const::Text(text))] if self.is_name(name) => {
                self.cases.exact = false;
                self.constant(&Const::Text(text.clone()));
            }
            _ => self.all(arguments),
        }
    }

    fn related(&mut self, related: &Related) {
        self.cases.exact = false;
        for text in &related.texts {
            let Node::Const(Const::Text(text)) = text else {
                continue;
            };
            match related.relation {
                Relation::IpIn => {
                    let first = text.split('/').next().unwrap_or_default();
                    if let Ok(address) = first.parse() {
                        self.add(Value::Ip(address));
                    }
                }
                Relation::SameText => self.constant(&Const::Text(text.clone())),
                Relation::Like(_) => {
                    let fitting = text.replace('*', "").replace('?', "x");
                    self.constant(&Const::Text(fitting.into()));
                }
            }
        }
    }

    fn add(&mut self, value: Value) {
        if !self.cases.values.contains(&value) {
            self.cases.values.push(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Compiler, Expected, Vocabulary};
    use crate::source::{SourceMap, Span};

    fn cases(name: &str, ty: Type, condition: &str) -> String {
        let mut vocabulary = Vocabulary::default();
        let slot = vocabulary.declare(name, ty.clone(), true);
        vocabulary.declare("context.mfa", Type::Bool, true);
        let compiler = Compiler::new(&vocabulary, None).unwrap();
        let span = Span::new(SourceMap::default().add("t", condition), 0..condition.len());
        let expected = Expected {
            ty: Some(Type::Bool),
            optional: false,
            may_read: &|_| Ok(()),
        };
        let condition = compiler.expression(condition, span, &expected).unwrap();
        let cases = condition.cases(slot, &ty);
        let texts: Vec<String> = cases.values.iter().map(Value::text).collect();
        let exact = if cases.exact { "" } else { ", …" };
        format!("{}{exact}", texts.join(" "))
    }

    #[test]
    fn values_that_are_compared_are_found() {
        let text = |condition| cases("context.zone", Type::Text, condition);
        assert_eq!(
            text(r#"has(context.zone) && context.zone in ["a", "b"]"#),
            "a b"
        );
        assert_eq!(text(r#"(context.zone ?? "a") != "b""#), "b");
        assert_eq!(
            text(r#"has(context.zone) && like(context.zone, "a*c?")"#),
            "acx, …"
        );
        assert_eq!(text(r#"len(context.zone ?? "") > 3"#), ", …");
        let level = |condition| cases("context.level", Type::Int, condition);
        assert_eq!(level("(context.level ?? 0) > 3"), "2 3 4");
        assert_eq!(level("(context.level ?? 0) + 1 > 3"), ", …");
        assert_eq!(level("context.mfa ?? false"), "");
        let mfa = |condition| cases("context.mfa", Type::Bool, condition);
        assert_eq!(mfa("context.mfa ?? false"), "true false");
        let ip = |condition| cases("context.ip", Type::Ip, condition);
        let inside = r#"has(context.ip) && ip_in(context.ip, ["192.0.2.0/24", "10.0.0.1"])"#;
        assert_eq!(ip(inside), "192.0.2.0 10.0.0.1, …");
    }
}
