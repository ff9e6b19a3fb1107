//! How the steps of a condition are written: from the last to the first, so that those that follow
//! are there already.

use std::sync::Arc;

use super::{Ask, Question, Step, Steps, Way};
use crate::expr::node::{Const, Node};
use crate::expr::operators::Operator;
use crate::expr::{Facts, Slot};

/// The ways on from a question whose name has a value.
#[derive(Debug, Clone, Copy)]
struct Ways {
    yes: Way,
    no: Way,
}

impl Ways {
    fn turned(self) -> Self {
        Self {
            yes: self.no,
            no: self.yes,
        }
    }

    fn turned_if(self, turns: bool) -> Self {
        if turns { self.turned() } else { self }
    }

    fn of(self, truth: bool) -> Way {
        if truth { self.yes } else { self.no }
    }
}

/// Most steps of a condition; more are left to the general form.
const STEPS_MAX: usize = 10_000;

impl Steps {
    /// The steps of a condition.
    pub(in crate::expr) fn of(condition: &Node) -> Self {
        let mut writing = Writing::default();
        let ends = Ways {
            yes: Way::YES,
            no: Way::NO,
        };
        Self {
            first: writing.condition(condition, ends),
            steps: writing.steps.into(),
        }
    }
}

#[derive(Default)]
struct Writing {
    steps: Vec<Step>,
}

impl Writing {
    /// The way to ask whether a condition holds, and to go on accordingly.
    fn condition(&mut self, node: &Node, to: Ways) -> Way {
        match node {
            Node::Const(Const::Bool(truth)) => to.of(*truth),
            Node::Not(part) => self.condition(part, to.turned()),
            Node::All(parts) => parts
                .iter()
                .rev()
                .fold(to.yes, |yes, part| self.condition(part, Ways { yes, ..to })),
            Node::Any(parts) => parts
                .iter()
                .rev()
                .fold(to.no, |no, part| self.condition(part, Ways { no, ..to })),
            Node::If(parts) => {
                let [condition, then, otherwise] = parts.as_ref();
                let yes = self.condition(then, to);
                let no = self.condition(otherwise, to);
                self.condition(condition, Ways { yes, no })
            }
            _ => match Asked::by(node) {
                Some(asked) => self.ask(&asked, to.turned_if(asked.turned)),
                None => self.add(Step::General {
                    node: Box::new(node.clone()),
                    yes: to.yes,
                    no: to.no,
                }),
            },
        }
    }

    fn ask(&mut self, asked: &Asked<'_>, to: Ways) -> Way {
        let question = &asked.question;
        // Where nothing has a value there is no answer, but to whether something has.
        let nothing = match question {
            Question::IsSet => to.no,
            _ => Way::OPEN,
        };
        let parts = asked.of.iter().rev();
        parts.fold(nothing, |unset, part| match part {
            Node::Fact(slot) => self.ask_about(*slot, question.clone(), to, unset),
            Node::Const(Const::Unset) => unset,
            Node::Const(value) => match question.answer(&value.val(), &Facts::none()) {
                Some(truth) => to.of(truth),
                None => Way::OPEN,
            },
            _ => Way::OPEN,
        })
    }

    fn ask_about(&mut self, slot: Slot, question: Question, to: Ways, unset: Way) -> Way {
        let step = Step::Ask(Ask {
            slot,
            question,
            yes: to.yes,
            no: to.no,
            unset,
        });
        let next = self.steps.get(usize::from(to.yes.0));
        let joined = next.and_then(|next| step.joined(next));
        self.add(joined.unwrap_or(step))
    }

    fn add(&mut self, step: Step) -> Way {
        match u16::try_from(self.steps.len()) {
            Ok(number) if self.steps.len() < STEPS_MAX => {
                self.steps.push(step);
                Way(number)
            }
            _ => Way::OPEN,
        }
    }
}

/// A question about the first of some names and constants that has a value.
struct Asked<'n> {
    of: &'n [Node],
    question: Question,
    /// Whether it is so if the answer is no.
    turned: bool,
}

impl<'n> Asked<'n> {
    fn new(of: &'n Node, question: Question) -> Option<Self> {
        // A constant is asked beforehand, when there are no facts.
        let takes_constants = !question.is_about_two();
        let simple = |part: &Node| match part {
            Node::Fact(_) => true,
            Node::Const(_) => takes_constants,
            _ => false,
        };
        let of = match of {
            Node::Coalesce(parts) if parts.iter().all(simple) => parts,
            Node::Fact(_) => std::slice::from_ref(of),
            _ => return None,
        };
        Some(Self {
            of,
            question,
            turned: false,
        })
    }

    /// The question that a condition is, if it is one.
    fn by(node: &'n Node) -> Option<Self> {
        match node {
            Node::Fact(_) | Node::Coalesce(_) => Self::new(node, Question::IsTrue),
            Node::Call(function, names) if function.name == "has" => {
                Self::new(names.first()?, Question::IsSet)
            }
            Node::In(item, list) => Self::new(item, Question::IsAnyOf(constants(list)?)),
            Node::Among(parts) => match parts.as_ref() {
                [Node::Const(Const::Text(text)), of] => Self::new(of, Question::Has(text.clone())),
                [item, Node::Fact(texts)] => Self::new(item, Question::IsAmong(*texts)),
                _ => None,
            },
            Node::Related(related) => {
                let prepared = related.prepared.clone()?;
                Self::new(&related.value, Question::IsRelated(Box::new(prepared)))
            }
            Node::Binary(operator, parts) => {
                let [left, right] = parts.as_ref();
                let compared = Self::compared(left, *operator, right);
                compared.or_else(|| Self::compared(right, operator.mirrored()?, left))
            }
            _ => None,
        }
    }

    fn compared(of: &'n Node, operator: Operator, with: &Node) -> Option<Self> {
        let differ = operator == Operator::Differ;
        let (question, turned) = match (operator, with) {
            (Operator::Equal | Operator::Differ, with) => match with {
                Node::Fact(other) => (Question::Equals(*other), differ),
                Node::Const(Const::Text(text)) => (Question::Is(text.clone()), differ),
                Node::Const(Const::Int(number)) => (Question::IsWithin(*number, *number), differ),
                Node::Const(Const::Bool(truth)) => (Question::IsTrue, differ == *truth),
                _ => return None,
            },
            (operator, Node::Const(Const::Int(number))) => {
                let (first, last) = match operator {
                    Operator::Less => (i64::MIN, number.checked_sub(1)?),
                    Operator::LessOrEqual => (i64::MIN, *number),
                    Operator::Greater => (number.checked_add(1)?, i64::MAX),
                    Operator::GreaterOrEqual => (*number, i64::MAX),
                    _ => return None,
                };
                (Question::IsWithin(first, last), false)
            }
            _ => return None,
        };
        let asked = Self::new(of, question)?;
        Some(Self { turned, ..asked })
    }
}

/// The texts of a list in which there is nothing else.
fn constants(list: &[Node]) -> Option<Box<[Arc<str>]>> {
    let text = |node: &Node| match node {
        Node::Const(Const::Text(text)) => Some(text.clone()),
        _ => None,
    };
    list.iter().map(text).collect()
}

impl Step {
    /// One step for this one and the next after a yes, where both are about one name: whether it is
    /// set and something of its value, or two ranges.
    fn joined(&self, next: &Self) -> Option<Self> {
        let (Self::Ask(first), Self::Ask(next)) = (self, next) else {
            return None;
        };
        let leave_alike = first.no == next.no && first.unset == next.unset;
        let question = match (&first.question, &next.question) {
            _ if first.slot != next.slot => return None,
            (Question::IsSet, next) => next.clone(),
            (Question::IsWithin(a, b), Question::IsWithin(c, d)) if leave_alike => {
                Question::IsWithin(*a.max(c), *b.min(d))
            }
            _ => return None,
        };
        Some(Self::Ask(Ask {
            question,
            unset: first.unset,
            ..next.clone()
        }))
    }
}
