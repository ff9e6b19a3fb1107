//! The constants that an expression compares names with: the values at which its answer may turn.

use super::node::Node;
use super::{Expression, Slot, Val};

impl Expression {
    /// Each constant in the expression, with every name that it meets in one comparison or call.
    pub fn compared(&self) -> Vec<(Slot, Val<'_>)> {
        let mut found = Vec::new();
        meet(self.node(), &mut found);
        found
    }
}

/// Names and constants below a comparison meet; conditions that are only joined do not.
fn meet<'n>(node: &'n Node, found: &mut Vec<(Slot, Val<'n>)>) {
    let joins = matches!(
        node,
        Node::Not(_) | Node::All(_) | Node::Any(_) | Node::If(_) | Node::After(..)
    );
    if joins {
        return node.every_part().for_each(|part| meet(part, found));
    }
    let (mut names, mut constants) = (Vec::new(), Vec::new());
    gather(node, &mut names, &mut constants);
    let pairs = names
        .iter()
        .flat_map(|name| constants.iter().map(|constant| (*name, *constant)));
    found.extend(pairs);
}

fn gather<'n>(node: &'n Node, names: &mut Vec<Slot>, constants: &mut Vec<Val<'n>>) {
    match node {
        Node::Fact(slot) => names.push(*slot),
        Node::Const(constant) => constants.push(constant.val()),
        _ => node
            .every_part()
            .for_each(|part| gather(part, names, constants)),
    }
}

#[cfg(test)]
mod tests {
    use crate::expr::{Compiler, Expected, Type, Vocabulary};
    use crate::source::{SourceMap, Span};

    fn check(condition: &str, expected: &str) {
        let mut vocabulary = Vocabulary::default();
        vocabulary.declare("now.hour", Type::Int, false);
        vocabulary.declare("context.level", Type::Int, true);
        vocabulary.declare("principal.name", Type::Text, false);
        let compiler = Compiler::new(&vocabulary, None).unwrap();
        let span = Span::new(SourceMap::default().add("t", condition), 0..condition.len());
        let bool = Expected {
            ty: Some(Type::Bool),
            optional: false,
            may_read: &|_| Ok(()),
        };
        let expression = compiler.expression(condition, span, &bool).unwrap();
        let compared = expression.compared();
        let written = compared.iter().map(|(slot, constant)| {
            let name = &vocabulary.fact(*slot).unwrap().path;
            format!("{name}: {constant:?}")
        });
        assert_eq!(written.collect::<Vec<_>>().join(", "), expected);
    }

    #[test]
    fn a_constant_meets_the_names_it_is_compared_with() {
        check(
            "now.hour >= 8 && !((context.level ?? 2) > 5)",
            "now.hour: Int(8), context.level: Int(2), context.level: Int(5)",
        );
        check(
            r#"principal.name in ["a", "b"] || like(principal.name, "c*")"#,
            r#"principal.name: Text("a"), principal.name: Text("b"), principal.name: Text("c*")"#,
        );
    }
}
