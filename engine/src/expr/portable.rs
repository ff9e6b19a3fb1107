//! A checked expression as a tree that can be read, for those who write it in another language.
//!
//! What is read is the native form: constants are folded, functions of one expression are put in
//! place, names are slots of the vocabulary. The form itself stays in this layer.

use std::fmt;

use super::functions::Function;
use super::node::Node;
use super::operators::Family;
use super::{Expression, Slot, Val};

impl Expression {
    /// The whole of it, to be read part by part.
    pub fn form(&self) -> Form<'_> {
        Part(self.node()).form()
    }
}

/// A part of an expression.
#[derive(Clone, Copy)]
pub struct Part<'e>(&'e Node);

/// What a part is. Its types are right, and a name that can be unset is read only where it is set.
#[derive(Debug, Clone)]
pub enum Form<'e> {
    /// A value that stands in the expression.
    Value(Val<'e>),
    /// The value of a name.
    Name(Slot),
    /// True where the part is false.
    Not(Part<'e>),
    /// The number with its sign turned; fails where that is too large.
    Negate(Part<'e>),
    /// True if all are; stops at the first that is not.
    All(Vec<Part<'e>>),
    /// True if any is; stops at the first that is.
    Any(Vec<Part<'e>>),
    /// The first that is set.
    FirstSet(Vec<Part<'e>>),
    /// One of two, by a condition.
    If {
        /// What is asked.
        condition: Part<'e>,
        /// The value where it holds.
        then: Part<'e>,
        /// The value where it does not.
        otherwise: Part<'e>,
    },
    /// `==`, `!=`, `<`, `<=`, `>`, `>=` between values of one type.
    Compare {
        /// How it is written.
        symbol: &'static str,
        /// The left side.
        left: Part<'e>,
        /// The right side.
        right: Part<'e>,
    },
    /// `+`, `-`, `*`, `/`, `%`; fails where the result is too large.
    Calculate {
        /// How it is written.
        symbol: &'static str,
        /// The left side.
        left: Part<'e>,
        /// The right side.
        right: Part<'e>,
    },
    /// Whether an item equals one of the list.
    In {
        /// What is looked for.
        item: Part<'e>,
        /// Where.
        list: Vec<Part<'e>>,
    },
    /// Whether a text is among several texts.
    Among {
        /// The text.
        item: Part<'e>,
        /// The texts.
        texts: Part<'e>,
    },
    /// A function of the language.
    Call {
        /// Which.
        function: &'static Function,
        /// What it is given.
        arguments: Vec<Part<'e>>,
    },
    /// A function of the language that tells whether a value is related to any of several texts.
    Related {
        /// Which.
        function: &'static Function,
        /// The value.
        value: Part<'e>,
        /// The texts.
        texts: Vec<Part<'e>>,
    },
    /// The last, once the others had their chance to fail.
    After {
        /// The arguments of a function that was put in place.
        first: Vec<Part<'e>>,
        /// What the function says.
        then: Part<'e>,
    },
    /// A function of several statements, which only the interpreter can run.
    Interpreted {
        /// Its name.
        name: &'e str,
    },
}

impl<'e> Part<'e> {
    /// What it is.
    pub fn form(self) -> Form<'e> {
        match self.0 {
            Node::Const(value) => Form::Value(value.val()),
            Node::Fact(slot) => Form::Name(*slot),
            Node::Not(part) => Form::Not(Part(part)),
            Node::Negate(part) => Form::Negate(Part(part)),
            Node::All(parts) => Form::All(all(parts)),
            Node::Any(parts) => Form::Any(all(parts)),
            Node::Coalesce(parts) => Form::FirstSet(all(parts)),
            Node::If(parts) => {
                let [condition, then, otherwise] = parts.as_ref();
                Form::If {
                    condition: Part(condition),
                    then: Part(then),
                    otherwise: Part(otherwise),
                }
            }
            Node::Binary(operator, parts) => {
                let [left, right] = parts.as_ref();
                let (symbol, left, right) = (operator.symbol(), Part(left), Part(right));
                match operator.family() {
                    Family::Arithmetic => Form::Calculate {
                        symbol,
                        left,
                        right,
                    },
                    Family::Equality | Family::Order => Form::Compare {
                        symbol,
                        left,
                        right,
                    },
                }
            }
            Node::In(item, list) => Form::In {
                item: Part(item),
                list: all(list),
            },
            Node::Among(parts) => {
                let [item, texts] = parts.as_ref();
                Form::Among {
                    item: Part(item),
                    texts: Part(texts),
                }
            }
            Node::Call(function, arguments) => Form::Call {
                function,
                arguments: all(arguments),
            },
            Node::Related(related) => Form::Related {
                function: related.function,
                value: Part(&related.value),
                texts: all(&related.texts),
            },
            Node::After(first, then) => Form::After {
                first: all(first),
                then: Part(then),
            },
            Node::Script(call) => Form::Interpreted { name: &call.name },
        }
    }
}

impl fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.form().fmt(f)
    }
}

fn all(nodes: &[Node]) -> Vec<Part<'_>> {
    nodes.iter().map(Part).collect()
}
