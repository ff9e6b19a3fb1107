//! The native form of an expression.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::fault::Fault;
use super::functions::{Function, Got};
use super::operators::Operator;
use super::relation::{Prepared, Relation};
use super::script::ScriptCall;
use super::{Slot, Val};
use crate::time::Timestamp;

/// A checked expression in native form. Its types are right; what can still go wrong is an unset
/// name, an overflow, or a fault of the interpreter.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Const(Const),
    Fact(Slot),
    Not(Box<Node>),
    Negate(Box<Node>),
    /// True if all are; stops at the first that is not.
    All(Box<[Node]>),
    /// True if any is; stops at the first that is.
    Any(Box<[Node]>),
    /// The first that is set.
    Coalesce(Box<[Node]>),
    /// Condition, value if it holds, value if not.
    If(Box<[Node; 3]>),
    Binary(Operator, Box<[Node; 2]>),
    /// Whether an item equals one of the list.
    In(Box<Node>, Box<[Node]>),
    /// Whether a text is among several texts.
    Among(Box<[Node; 2]>),
    Call(&'static Function, Box<[Node]>),
    /// Whether a value is related to any of several texts.
    Related(Box<Related>),
    /// The last, once the others (arguments of a function that was put in place) have had their
    /// chance to fail.
    After(Box<[Node]>, Box<Node>),
    /// A function that only the interpreter can run.
    Script(Box<ScriptCall>),
}

/// A value, and the texts of which any may be related to it.
#[derive(Debug, Clone)]
pub(super) struct Related {
    pub(super) function: &'static Function,
    pub(super) relation: Relation,
    pub(super) value: Node,
    pub(super) texts: Box<[Node]>,
    /// The texts as their relation reads them, where all of them are known beforehand.
    pub(super) prepared: Option<Prepared>,
}

/// A value that stands in the expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Const {
    Unset,
    Bool(bool),
    Int(i64),
    Text(Arc<str>),
    Time(Timestamp),
    Duration(Duration),
    Ip(IpAddr),
}

impl Const {
    pub(super) fn val(&self) -> Val<'_> {
        match self {
            Self::Unset => Val::Unset,
            Self::Bool(truth) => Val::Bool(*truth),
            Self::Int(number) => Val::Int(*number),
            Self::Text(text) => Val::Text(text),
            Self::Time(at) => Val::Time(*at),
            Self::Duration(duration) => Val::Duration(*duration),
            Self::Ip(address) => Val::Ip(*address),
        }
    }

    /// The constant of a value, where there is one of its kind.
    pub(super) fn of(got: &Got<'_>) -> Option<Self> {
        match got.val() {
            Val::Unset => Some(Self::Unset),
            Val::Bool(truth) => Some(Self::Bool(truth)),
            Val::Int(number) => Some(Self::Int(number)),
            Val::Text(text) => Some(Self::Text(text.into())),
            Val::Time(at) => Some(Self::Time(at)),
            Val::Duration(duration) => Some(Self::Duration(duration)),
            Val::Ip(address) => Some(Self::Ip(address)),
            Val::Texts(_) => None,
        }
    }
}

impl Node {
    /// The name it reads, if it is a name.
    pub(super) fn slot(&self) -> Option<Slot> {
        match self {
            Self::Fact(slot) => Some(*slot),
            _ => None,
        }
    }

    /// The parts that it is made of.
    pub(super) fn parts(&self) -> &[Node] {
        match self {
            Self::Const(_) | Self::Fact(_) => &[],
            Self::Not(part) | Self::Negate(part) => std::slice::from_ref(part),
            Self::All(parts) | Self::Any(parts) | Self::Coalesce(parts) | Self::Call(_, parts) => {
                parts
            }
            Self::If(parts) => parts.as_slice(),
            Self::Binary(_, parts) | Self::Among(parts) => parts.as_slice(),
            // The first part is told apart by those who need it.
            Self::In(_, list) => list,
            Self::Related(related) => &related.texts,
            Self::After(first, _) => first,
            Self::Script(call) => &call.arguments,
        }
    }

    /// All of its parts, those that are told apart as well.
    pub(super) fn every_part(&self) -> impl Iterator<Item = &Node> {
        self.lone_part().into_iter().chain(self.parts())
    }

    fn lone_part(&self) -> Option<&Node> {
        match self {
            Self::In(part, _) | Self::After(_, part) => Some(part),
            Self::Related(related) => Some(&related.value),
            _ => None,
        }
    }

    /// How many nodes there are.
    pub(super) fn size(&self) -> usize {
        let parts = self.parts().iter().chain(self.lone_part());
        parts.fold(1, |size, part| size.saturating_add(part.size()))
    }

    /// Whether evaluation can fail although every name that must be set is.
    pub(super) fn can_fail(&self) -> bool {
        let itself = match self {
            Self::Negate(_) | Self::Script(_) => true,
            Self::Binary(operator, _) => operator.family() == super::operators::Family::Arithmetic,
            Self::Call(function, _) => function.can_fail,
            _ => false,
        };
        itself
            || self
                .parts()
                .iter()
                .chain(self.lone_part())
                .any(Self::can_fail)
    }

    /// Whether the interpreter has a part in it.
    pub(super) fn is_interpreted(&self) -> bool {
        matches!(self, Self::Script(_))
            || self
                .parts()
                .iter()
                .chain(self.lone_part())
                .any(Self::is_interpreted)
    }

    /// The value of a node that is made of constants only, as a constant.
    pub(super) fn folded(self) -> Result<Self, Fault> {
        let constant = |part: &Self| matches!(part, Self::Const(_));
        let mut parts = self.parts().iter().chain(self.lone_part()).peekable();
        let is_constant = parts.peek().is_some() && parts.all(constant);
        if !is_constant || matches!(self, Self::Script(_)) {
            return Ok(self);
        }
        let got = super::eval::eval(&self, &super::eval::NoFacts)?;
        let folded = got.as_ref().and_then(Const::of).map(Self::Const);
        Ok(folded.unwrap_or(self))
    }
}
