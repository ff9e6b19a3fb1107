//! Why a condition came to what it came to: its clauses, each with the values that decided it.
//!
//! Nothing of this runs in a decision. The clauses are made from the native form on demand.

use super::eval::{eval, truth};
use super::node::Node;
use super::truth::{Knowledge, Truth, partly};
use super::written::{Sight, Writer};
use super::{Expression, Facts, Slot};

/// What a clause came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// It has no value for these facts, for this reason. The condition fails closed.
    Failed(String),
    /// It depends on facts that are not known here.
    Unknown,
}

/// A condition, or one of the parts that `&&`, `||`, `!` and `if` make it of.
///
/// The shape of the tree follows from the expression alone, so that the clauses of one expression
/// can be told by their number in [`preorder`](Clause::preorder).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// The clause as it could be written.
    pub text: String,
    /// The same with the value of each name behind it: `context.hour (3) >= 8`.
    pub seen: String,
    /// What it comes to by itself.
    pub outcome: Outcome,
    /// Whether evaluation came to it: `&&` and `||` stop where the rest makes no difference.
    pub reached: bool,
    /// What joins its parts.
    pub joint: Joint,
    /// Its parts; none, if it is not made of conditions.
    pub parts: Vec<Clause>,
}

/// How a clause is made of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joint {
    /// It has no parts.
    Leaf,
    /// All must hold.
    All,
    /// One must hold.
    Any,
    /// Its part must not hold.
    Not,
    /// Its second part counts where the first holds, else its third.
    If,
}

impl Clause {
    /// This clause and those below it, each before its parts.
    pub fn preorder(&self) -> Vec<&Clause> {
        let below = self.parts.iter().flat_map(Clause::preorder);
        std::iter::once(self).chain(below).collect()
    }

    /// Whether it holds.
    pub fn holds(&self) -> bool {
        self.outcome == Outcome::True
    }
}

impl Expression {
    /// The clauses of a condition over the facts at hand. Values of names for which `hidden` is true
    /// are not shown.
    pub fn clauses(&self, facts: &Facts<'_>, hidden: &dyn Fn(Slot) -> bool) -> Clause {
        self.clauses_of_known(facts, &|_| true, hidden)
    }

    /// The same where only the facts of `known` slots are at hand. Nothing in the answer depends on
    /// the others: neither a value, nor what a clause comes to, nor whether it is reached.
    pub fn clauses_of_known(
        &self,
        facts: &Facts<'_>,
        known: &dyn Fn(Slot) -> bool,
        hidden: &dyn Fn(Slot) -> bool,
    ) -> Clause {
        let name = |slot: Slot| self.name_of(slot);
        let sight = |slot: Slot| match (known(slot), hidden(slot)) {
            (false, _) => Sight::Unknown,
            (true, true) => Sight::Hidden,
            (true, false) => Sight::Shown,
        };
        let walk = Walk {
            expression: self,
            facts,
            known,
            all_known: self.reads().iter().all(|slot| known(*slot)),
            plain: Writer {
                name: &name,
                values: None,
            },
            valued: Writer {
                name: &name,
                values: Some((facts, &sight)),
            },
        };
        walk.clause(self.node(), true)
    }
}

struct Walk<'w> {
    expression: &'w Expression,
    facts: &'w Facts<'w>,
    known: &'w dyn Fn(Slot) -> bool,
    all_known: bool,
    plain: Writer<'w>,
    valued: Writer<'w>,
}

impl Walk<'_> {
    fn clause(&self, node: &Node, reached: bool) -> Clause {
        let (joint, parts) = match node {
            // A function that was put in place: what it says counts, not its arguments.
            Node::After(_, then) => return self.clause(then, reached),
            Node::Not(part) => (Joint::Not, vec![self.clause(part, reached)]),
            Node::All(parts) => (Joint::All, self.until(parts, &Outcome::False, reached)),
            Node::Any(parts) => (Joint::Any, self.until(parts, &Outcome::True, reached)),
            Node::If(parts) => (Joint::If, self.choice(parts, reached)),
            _ => (Joint::Leaf, Vec::new()),
        };
        Clause {
            text: self.plain.text(node),
            seen: self.valued.text(node),
            outcome: self.outcome(node),
            reached,
            joint,
            parts,
        }
    }

    /// The parts of a chain that ends at the first `decisive` one, or at a failure.
    fn until(&self, nodes: &[Node], decisive: &Outcome, reached: bool) -> Vec<Clause> {
        let mut open = reached;
        let mut parts = Vec::with_capacity(nodes.len());
        for node in nodes {
            let part = self.clause(node, open);
            open &= part.outcome != *decisive && !matches!(part.outcome, Outcome::Failed(_));
            parts.push(part);
        }
        parts
    }

    fn choice(&self, parts: &[Node; 3], reached: bool) -> Vec<Clause> {
        let [condition, then, otherwise] = parts;
        let condition = self.clause(condition, reached);
        let then = self.clause(then, reached && condition.outcome == Outcome::True);
        let otherwise = self.clause(otherwise, reached && condition.outcome == Outcome::False);
        vec![condition, then, otherwise]
    }

    fn outcome(&self, node: &Node) -> Outcome {
        if !self.all_known {
            let known = |slot| Knowledge::of((self.known)(slot));
            return match partly(node, self.facts, &known) {
                Truth::True => Outcome::True,
                Truth::False => Outcome::False,
                Truth::Unknown => Outcome::Unknown,
            };
        }
        let found = eval(node, self.facts).and_then(|got| match got {
            Some(got) => truth(&got, node),
            None => Ok(false),
        });
        match found {
            Ok(true) => Outcome::True,
            Ok(false) => Outcome::False,
            Err(fault) => Outcome::Failed(self.expression.in_words(fault).message),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::expr::{Compiler, Expected, Type, Val, Vocabulary};
    use crate::source::{SourceMap, Span};

    fn vocabulary() -> Vocabulary {
        let mut vocabulary = Vocabulary::default();
        vocabulary.declare("context.mfa", Type::Bool, true);
        vocabulary.declare("context.hour", Type::Int, false);
        vocabulary.declare("account.email", Type::Text, false);
        vocabulary
    }

    /// Each clause of a condition on a line, indented by its depth.
    fn explained(text: &str, set: &[(&str, Val<'_>)]) -> String {
        let vocabulary = vocabulary();
        let compiler = Compiler::new(&vocabulary, None).unwrap();
        let span = Span::new(SourceMap::default().add("t", text), 0..text.len());
        let expected = Expected {
            ty: Some(Type::Bool),
            optional: false,
            may_read: &|_| Ok(()),
        };
        let condition = compiler.expression(text, span, &expected).unwrap();
        let mut facts = Facts::new(&vocabulary);
        for (path, value) in set {
            facts.set(vocabulary.slot(path).unwrap(), *value);
        }
        let hidden = |slot| Some(slot) == vocabulary.slot("account.email");
        let clause = condition.clauses(&facts, &hidden);
        assert_eq!(condition.truth(&facts).unwrap_or(false), clause.holds());
        let mut out = String::new();
        write(&clause, 0, &mut out);
        out
    }

    fn write(clause: &Clause, depth: usize, out: &mut String) {
        let mark = if clause.reached { "" } else { " (not reached)" };
        let (seen, outcome) = (&clause.seen, &clause.outcome);
        writeln!(out, "{}{seen} is {outcome:?}{mark}", "  ".repeat(depth)).unwrap();
        for part in &clause.parts {
            write(part, depth + 1, out);
        }
    }

    #[test]
    fn a_clause_shows_the_values_that_decided() {
        insta::assert_snapshot!(
            explained("context.hour >= 8 && context.hour < 18", &[("context.hour", Val::Int(3))]),
            @r"
        context.hour (3) >= 8 && context.hour (3) < 18 is False
          context.hour (3) >= 8 is False
          context.hour (3) < 18 is True (not reached)
        "
        );
    }

    #[test]
    fn what_is_unset_or_hidden_is_said_to_be() {
        insta::assert_snapshot!(
            explained(
                r#"!(context.mfa ?? false) || account.email == "a\"b" && (has(context.mfa) || (1 + 2) * 3 > 4)"#,
                &[("account.email", Val::Text("secret@example.com"))]
            ),
            @r#"
        !(context.mfa (unset) ?? false) || account.email (hidden) == "a\"b" && (has(context.mfa (unset)) || true) is True
          !(context.mfa (unset) ?? false) is True
            context.mfa (unset) ?? false is False
          account.email (hidden) == "a\"b" && (has(context.mfa (unset)) || true) is False (not reached)
            account.email (hidden) == "a\"b" is False (not reached)
            has(context.mfa (unset)) || true is True (not reached)
              has(context.mfa (unset)) is False (not reached)
              true is True (not reached)
        "#
        );
    }

    #[test]
    fn nothing_tells_of_facts_that_are_not_known() {
        let text =
            r#"account.email == "a@example.com" && (context.hour > 3 || context.mfa ?? false)"#;
        let told = |email: &str| {
            let vocabulary = vocabulary();
            let compiler = Compiler::new(&vocabulary, None).unwrap();
            let span = Span::new(SourceMap::default().add("t", text), 0..text.len());
            let expected = Expected {
                ty: Some(Type::Bool),
                optional: false,
                may_read: &|_| Ok(()),
            };
            let condition = compiler.expression(text, span, &expected).unwrap();
            let mut facts = Facts::new(&vocabulary);
            let slot = |path: &str| vocabulary.slot(path).unwrap();
            facts.set(slot("account.email"), Val::Text(email));
            facts.set(slot("context.hour"), Val::Int(3));
            let known = |it: Slot| it != slot("account.email");
            let mut out = String::new();
            let clause = condition.clauses_of_known(&facts, &known, &|_| false);
            write(&clause, 0, &mut out);
            out
        };
        assert_eq!(told("a@example.com"), told("b@example.com"));
        insta::assert_snapshot!(told("a@example.com"), @r#"
        account.email (not known) == "a@example.com" && (context.hour (3) > 3 || context.mfa (unset) ?? false) is False
          account.email (not known) == "a@example.com" is Unknown
          context.hour (3) > 3 || context.mfa (unset) ?? false is False
            context.hour (3) > 3 is False
            context.mfa (unset) ?? false is False
        "#);
    }

    #[test]
    fn a_choice_and_a_failure_are_told() {
        insta::assert_snapshot!(
            explained("if context.hour > 100 / context.hour { true } else { false }", &[("context.hour", Val::Int(0))]),
            @r#"
        if context.hour (0) > 100 / context.hour (0) { true } else { false } is Failed("a number is divided by zero")
          context.hour (0) > 100 / context.hour (0) is Failed("a number is divided by zero")
          true is True (not reached)
          false is False (not reached)
        "#
        );
    }
}
