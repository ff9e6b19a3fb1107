//! A checked expression, ready to run.

use std::sync::Arc;

use super::check::Checked;
use super::eval::{self, Read, eval};
use super::fault::Fault;
use super::functions::Got;
use super::node::Node;
use super::steps::Steps;
use super::truth::{self, Knowledge, Partial, Partly, Truth};
use super::{Facts, Slot, Type, Val, Vocabulary};
use crate::source::Span;
use crate::value::{Value, ValueType};

/// Why an expression has no value for the facts at hand. Whoever asks fails closed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EvalError {
    /// What happened, in one lower-case sentence, without values of facts.
    pub message: String,
}

/// A checked expression. Copies share what was compiled.
#[derive(Debug, Clone)]
pub struct Expression {
    span: Span,
    compiled: Arc<Compiled>,
}

/// The truth of a condition wherever it is written: what decisions keep at hand.
#[derive(Debug, Clone)]
pub(crate) struct Predicate(Arc<Compiled>);

impl Predicate {
    /// As [`Expression::truth`].
    #[inline]
    pub(crate) fn truth(&self, facts: &Facts<'_>) -> Result<bool, EvalError> {
        self.0.truth(facts)
    }

    /// Where it lies in memory: the same for all that share what was compiled.
    pub(crate) fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }
}

#[derive(Debug)]
struct Compiled {
    text: Box<str>,
    ty: Type,
    optional: bool,
    node: Node,
    /// The node as decisions run it, if it is a condition.
    steps: Steps,
    reads: Box<[Slot]>,
    /// The names of what it reads, for messages, in the order of `reads`.
    names: Box<[Arc<str>]>,
    interpreted: bool,
}

impl Expression {
    pub(super) fn new(text: &str, span: Span, checked: Checked, vocabulary: &Vocabulary) -> Self {
        let name = |slot: &Slot| {
            vocabulary
                .fact(*slot)
                .map_or_else(|| Arc::from(""), |fact| fact.path.clone())
        };
        let steps = match checked.ty {
            Type::Bool => Steps::of(&checked.node),
            _ => Steps::none(),
        };
        let compiled = Compiled {
            text: text.into(),
            ty: checked.ty,
            optional: checked.optional,
            interpreted: checked.node.is_interpreted(),
            steps,
            node: checked.node,
            names: checked.reads.iter().map(name).collect(),
            reads: checked.reads.into_iter().collect(),
        };
        Self {
            compiled: Arc::new(compiled),
            span,
        }
    }

    /// The same expression where it is written once more.
    pub(crate) fn at(&self, span: Span) -> Self {
        Self {
            compiled: self.compiled.clone(),
            span,
        }
    }

    /// The expression as it was written.
    pub fn text(&self) -> &str {
        &self.compiled.text
    }

    /// Where it was written.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Its static type.
    pub fn ty(&self) -> &Type {
        &self.compiled.ty
    }

    /// Whether all of it runs natively (and can be analysed); if not, a function of several
    /// statements has a part in it, which the interpreter runs.
    pub fn is_lowered(&self) -> bool {
        !self.compiled.interpreted
    }

    /// The names it reads, in slot order.
    pub fn reads(&self) -> &[Slot] {
        &self.compiled.reads
    }

    /// Its truth, for a `Bool` expression. Allocates nothing where the expression is lowered,
    /// unless a function must make a text (`lower`) or read the numbering plan (`phone_country`).
    ///
    /// # Errors
    /// When a name it needs is unset, when a number is too large, or when the interpreter stops it.
    #[inline]
    pub fn truth(&self, facts: &Facts<'_>) -> Result<bool, EvalError> {
        self.compiled.truth(facts)
    }

    /// Its truth, without its place.
    pub(crate) fn predicate(&self) -> Predicate {
        Predicate(self.compiled.clone())
    }

    /// Its value; `None` where the expression is an optional name without a value.
    ///
    /// # Errors
    /// As [`truth`](Self::truth).
    pub fn value(&self, facts: &Facts<'_>) -> Result<Option<Value>, EvalError> {
        self.compiled
            .found(facts)
            .and_then(|got| match got.val() {
                Val::Unset if self.compiled.optional => Ok(None),
                Val::Unset => Err(Fault::Unset(self.compiled.node.slot())),
                val => self.typed(val).map(Some),
            })
            .map_err(|fault| self.in_words(fault))
    }

    /// Its value as text, as templates and keys need it; `None` as for [`value`](Self::value).
    ///
    /// The text is what the facts say, also where that is not of the static type: a resource name is
    /// rendered with `*` in the place of what is not known.
    ///
    /// # Errors
    /// As [`truth`](Self::truth).
    pub fn value_text(&self, facts: &Facts<'_>) -> Result<Option<String>, EvalError> {
        self.compiled
            .found(facts)
            .and_then(|got| match got.val() {
                Val::Unset if self.compiled.optional => Ok(None),
                Val::Unset => Err(Fault::Unset(self.compiled.node.slot())),
                Val::Text(text) if self.compiled.ty != Type::Secret => Ok(Some(text.to_owned())),
                val => self.typed(val).map(|value| Some(value.text())),
            })
            .map_err(|fault| self.in_words(fault))
    }

    /// Its truth when only some facts are known: `known` says which slots are. A condition that may
    /// fail is unknown; unknown names that are not optional are taken to be set.
    pub fn truth3(&self, facts: &Facts<'_>, known: &dyn Fn(Slot) -> bool) -> Truth {
        self.truth_of(facts, &|slot| Knowledge::of(known(slot)))
    }

    /// As [`truth3`](Self::truth3), where of some names it is known only that they have a value.
    pub fn truth_of(&self, facts: &Facts<'_>, known: &dyn Fn(Slot) -> Knowledge) -> Truth {
        truth::partly(&self.compiled.node, facts, known)
    }

    /// Its value when only some facts are known. One that fails is open.
    pub fn value_of(&self, facts: &Facts<'_>, known: &dyn Fn(Slot) -> Knowledge) -> Partial {
        let node = &self.compiled.node;
        let partly = Partly { facts, known };
        let Ok(found) = eval(node, &partly) else {
            return Partial::Open;
        };
        let Some(got) = found else {
            let is_set = match node {
                Node::Fact(slot) => partly.is_set(*slot) == Some(true),
                _ => !self.compiled.optional || is_set(node, &partly),
            };
            return if is_set { Partial::Set } else { Partial::Open };
        };
        match got.val() {
            Val::Unset if self.compiled.optional => Partial::Value(None),
            Val::Unset => Partial::Open,
            val => self
                .typed(val)
                .map_or(Partial::Open, |value| Partial::Value(Some(value))),
        }
    }

    pub(super) fn in_words(&self, fault: Fault) -> EvalError {
        self.compiled.in_words(fault)
    }

    /// The path of a name that it reads.
    pub(super) fn name_of(&self, slot: Slot) -> Option<Arc<str>> {
        self.compiled.name_of(slot)
    }

    /// A value as one of the expression's static type.
    fn typed(&self, val: Val<'_>) -> Result<Value, Fault> {
        match (&self.compiled.ty, val) {
            (Type::Bool, Val::Bool(truth)) => Ok(Value::Bool(truth)),
            (Type::Int, Val::Int(number)) => Ok(Value::Int(number)),
            (Type::Time, Val::Time(at)) => Ok(Value::Time(at)),
            (Type::Duration, Val::Duration(duration)) => Ok(Value::Duration(duration)),
            (Type::Ip, Val::Ip(address)) => Ok(Value::Ip(address)),
            (Type::Ip, Val::Text(text)) => parsed(&ValueType::Ip, text),
            (Type::Text, Val::Text(text)) => Ok(Value::Text(text.into())),
            (Type::Secret, Val::Text(digest)) if self.is_lowered() => {
                Ok(Value::Secret(digest.into()))
            }
            (Type::Phone, Val::Text(text)) => self.text_value(ValueType::Phone, text, Value::Phone),
            (Type::Email, Val::Text(text)) => self.text_value(ValueType::Email, text, Value::Email),
            (Type::Country, Val::Text(text)) => {
                self.text_value(ValueType::Country, text, Value::Country)
            }
            (Type::AccountId, Val::Text(text)) => parsed(&ValueType::AccountId, text),
            (Type::OneOf(words), Val::Text(text)) => {
                let word = words.iter().find(|word| word.as_str() == text);
                word.cloned().map(Value::OneOf).ok_or(NOT_OF_ITS_TYPE)
            }
            _ => Err(NOT_OF_ITS_TYPE),
        }
    }

    /// Facts and literals are of their types already; what the interpreter gives is not known to
    /// be.
    fn text_value(
        &self,
        ty: ValueType,
        text: &str,
        value: fn(Arc<str>) -> Value,
    ) -> Result<Value, Fault> {
        if self.is_lowered() {
            Ok(value(text.into()))
        } else {
            parsed(&ty, text)
        }
    }

    /// Its truth by the general form.
    #[cfg(test)]
    pub(super) fn general_truth(&self, facts: &Facts<'_>) -> Result<bool, EvalError> {
        self.compiled.general_truth(facts)
    }

    /// What decisions run.
    #[cfg(test)]
    pub(super) fn steps(&self) -> &Steps {
        &self.compiled.steps
    }

    /// The native form.
    pub(super) fn node(&self) -> &Node {
        &self.compiled.node
    }
}

impl Compiled {
    #[inline]
    fn truth(&self, facts: &Facts<'_>) -> Result<bool, EvalError> {
        match self.steps.truth(facts) {
            Some(truth) => Ok(truth),
            None => self.general_truth(facts),
        }
    }

    /// Its truth, or why it has none, by the general form.
    #[cold]
    fn general_truth(&self, facts: &Facts<'_>) -> Result<bool, EvalError> {
        self.found(facts)
            .and_then(|got| eval::truth(&got, &self.node))
            .map_err(|fault| self.in_words(fault))
    }

    fn found<'a>(&'a self, facts: &'a Facts<'a>) -> Result<Got<'a>, Fault> {
        // All facts are known here, so there is always a value or a fault.
        let got = eval(&self.node, facts)?;
        got.ok_or(Fault::Failed("a value is not known"))
    }

    fn in_words(&self, fault: Fault) -> EvalError {
        fault.into_error(|slot| self.name_of(slot))
    }

    fn name_of(&self, slot: Slot) -> Option<Arc<str>> {
        let mut named = self.reads.iter().zip(&self.names);
        let (_, name) = named.find(|(read, _)| **read == slot)?;
        Some(name.clone())
    }
}

/// Whether a name, or one of several in place of each other, is known to have a value.
fn is_set<'a>(node: &Node, facts: &impl Read<'a>) -> bool {
    match node {
        Node::Fact(slot) => facts.is_set(*slot) == Some(true),
        Node::Coalesce(parts) => parts.iter().any(|part| is_set(part, facts)),
        _ => false,
    }
}

const NOT_OF_ITS_TYPE: Fault = Fault::Failed("the result has not the type that is needed");

fn parsed(ty: &ValueType, text: &str) -> Result<Value, Fault> {
    ty.parse(text).map_err(|_| NOT_OF_ITS_TYPE)
}

/// Bundles are shared between threads.
const _: () = {
    const fn shared_between_threads<T: Send + Sync + Clone>() {}
    shared_between_threads::<Expression>();
    shared_between_threads::<super::Template>();
    shared_between_threads::<super::Compiler>();
};
