//! Evaluation of the native form: no interpreter, and no allocation unless a text must be made.
//!
//! One evaluator serves decisions and analysis. Where a fact is not known (which only analysis
//! knows), a part has no value (`None`), and the whole has one only if it is the same for every
//! value of the unknown facts.

use super::fault::Fault;
use super::functions::{Function, Got, Parameter, Run};
use super::node::{Node, Related};
use super::operators;
use super::{Facts, Slot, Val};

/// Where names get their values.
pub(super) trait Read<'a> {
    /// The value of a name; `None` if it is not known.
    fn read(&self, slot: Slot) -> Option<Val<'a>>;

    /// Whether a name has a value; `None` if that is not known.
    fn is_set(&self, slot: Slot) -> Option<bool> {
        self.read(slot).map(|value| value != Val::Unset)
    }
}

impl<'a, 'f: 'a> Read<'a> for Facts<'f> {
    fn read(&self, slot: Slot) -> Option<Val<'a>> {
        Some(self.get(slot))
    }
}

/// For expressions that read nothing.
pub(super) struct NoFacts;

impl<'a> Read<'a> for NoFacts {
    fn read(&self, _slot: Slot) -> Option<Val<'a>> {
        Some(Val::Unset)
    }
}

/// A value, or none if it depends on what is not known.
pub(super) type Seen<'a> = Result<Option<Got<'a>>, Fault>;

/// The value of a node.
pub(super) fn eval<'a, R: Read<'a>>(node: &'a Node, facts: &R) -> Seen<'a> {
    match node {
        Node::Const(value) => seen(value.val()),
        Node::Fact(slot) => Ok(facts.read(*slot).map(Got::Val)),
        Node::Not(part) => one(part, facts, operators::not),
        Node::Negate(part) => one(part, facts, operators::negate),
        Node::All(parts) => until(parts, false, facts),
        Node::Any(parts) => until(parts, true, facts),
        Node::Coalesce(parts) => coalesce(parts, facts),
        Node::If(parts) => choose(parts, facts),
        Node::Binary(operator, parts) => {
            let [left, right] = parts.as_ref();
            pair(left, right, facts, |left, right| {
                operator.apply(left, right)
            })
        }
        Node::In(item, list) => any_of(item, list, facts, operators::equal),
        Node::Among(parts) => {
            let [item, texts] = parts.as_ref();
            pair(item, texts, facts, among)
        }
        Node::Call(function, arguments) => call(function, arguments, facts),
        Node::Related(related) => is_related(related, facts),
        Node::After(first, then) => {
            for part in first {
                if eval(part, facts)?.is_none() && part.can_fail() {
                    return Ok(None);
                }
            }
            eval(then, facts)
        }
        Node::Script(script) => {
            let mut arguments = Vec::with_capacity(script.arguments.len());
            for argument in &script.arguments {
                match eval(argument, facts)? {
                    Some(got) => arguments.push(got),
                    None => return Ok(None),
                }
            }
            script.run(&arguments).map(Some)
        }
    }
}

fn seen(val: Val<'_>) -> Seen<'_> {
    Ok(Some(Got::Val(val)))
}

/// The truth of a condition's value.
pub(super) fn truth(got: &Got<'_>, node: &Node) -> Result<bool, Fault> {
    match got.val() {
        Val::Bool(truth) => Ok(truth),
        Val::Unset => Err(Fault::Unset(node.slot())),
        _ => Err(Fault::UNEXPECTED_KIND),
    }
}

fn one<'a, R: Read<'a>>(
    node: &'a Node,
    facts: &R,
    operate: fn(Val<'_>) -> Result<Val<'static>, Fault>,
) -> Seen<'a> {
    let Some(got) = eval(node, facts)? else {
        return Ok(None);
    };
    let result = operate(got.val()).map_err(|fault| fault.of(node.slot()))?;
    seen(result)
}

fn pair<'a, R: Read<'a>>(
    left: &'a Node,
    right: &'a Node,
    facts: &R,
    operate: impl FnOnce(Val<'_>, Val<'_>) -> Result<Val<'static>, Fault>,
) -> Seen<'a> {
    let first = eval(left, facts)?;
    let second = eval(right, facts)?;
    let (Some(first), Some(second)) = (first, second) else {
        return Ok(None);
    };
    let unset = if first.val() == Val::Unset {
        left
    } else {
        right
    };
    let result = operate(first.val(), second.val()).map_err(|fault| fault.of(unset.slot()))?;
    seen(result)
}

/// Walks the conditions until one of them is `decisive`, as `&&` (false) and `||` (true) do.
fn until<'a, R: Read<'a>>(nodes: &'a [Node], decisive: bool, facts: &R) -> Seen<'a> {
    let mut open = false;
    let mut may_fail_before = false;
    for node in nodes {
        match eval(node, facts)? {
            Some(got) if truth(&got, node)? == decisive => {
                let value = (!may_fail_before).then_some(Got::Val(Val::Bool(decisive)));
                return Ok(value);
            }
            Some(_) => {}
            None => {
                open = true;
                may_fail_before |= node.can_fail();
            }
        }
    }
    Ok((!open).then_some(Got::Val(Val::Bool(!decisive))))
}

fn coalesce<'a, R: Read<'a>>(nodes: &'a [Node], facts: &R) -> Seen<'a> {
    for node in nodes {
        match eval(node, facts)? {
            Some(got) if got.val() == Val::Unset => {}
            other => return Ok(other),
        }
    }
    seen(Val::Unset)
}

fn choose<'a, R: Read<'a>>(parts: &'a [Node; 3], facts: &R) -> Seen<'a> {
    let [condition, then, otherwise] = parts;
    match eval(condition, facts)? {
        Some(got) if truth(&got, condition)? => eval(then, facts),
        Some(_) => eval(otherwise, facts),
        // Unknown, but it makes no difference where both branches come to the same.
        None => match (eval(then, facts), eval(otherwise, facts)) {
            (Ok(Some(a)), Ok(Some(b))) if a == b && !condition.can_fail() => Ok(Some(a)),
            _ => Ok(None),
        },
    }
}

fn is_related<'a, R: Read<'a>>(related: &'a Related, facts: &R) -> Seen<'a> {
    let value = &related.value;
    let Some(prepared) = &related.prepared else {
        let holds = |value: Val<'_>, text: Val<'_>| related.relation.holds(value, text);
        return any_of(value, &related.texts, facts, holds);
    };
    match eval(value, facts)? {
        Some(got) => {
            let holds = prepared.any(got.val());
            seen(Val::Bool(holds.map_err(|fault| fault.of(value.slot()))?))
        }
        None => Ok(None),
    }
}

/// Whether an item is in a relation, such as equality, to any of a list.
fn any_of<'a, R: Read<'a>>(
    item: &'a Node,
    list: &'a [Node],
    facts: &R,
    holds: impl Fn(Val<'_>, Val<'_>) -> Result<bool, Fault>,
) -> Seen<'a> {
    let wanted = eval(item, facts)?;
    let mut found = false;
    let mut open = wanted.is_none();
    if let Some(wanted) = &wanted
        && wanted.val() == Val::Unset
    {
        return Err(Fault::Unset(item.slot()));
    }
    // All are looked at even after a match: an element that fails must fail the whole, as it does
    // in the interpreter, which makes the list first.
    for node in list {
        match (&wanted, eval(node, facts)?) {
            (Some(wanted), Some(got)) => {
                let holds = holds(wanted.val(), got.val());
                found |= holds.map_err(|fault| fault.of(node.slot()))?;
            }
            _ => open = true,
        }
    }
    Ok((!open).then_some(Got::Val(Val::Bool(found))))
}

/// Whether a text is among several.
pub(super) fn among(item: Val<'_>, texts: Val<'_>) -> Result<Val<'static>, Fault> {
    match (item, texts) {
        (Val::Unset, _) | (_, Val::Unset) => Err(Fault::Unset(None)),
        (Val::Text(item), Val::Texts(texts)) => {
            Ok(Val::Bool(texts.iter().any(|text| text.as_ref() == item)))
        }
        _ => Err(Fault::KINDS_DIFFER),
    }
}

fn call<'a, R: Read<'a>>(
    function: &'static Function,
    arguments: &'a [Node],
    facts: &R,
) -> Seen<'a> {
    match (function.run, arguments) {
        // That a name has a value may be known where the value is not.
        (Run::One(_), [Node::Fact(slot)]) if function.parameters == [Parameter::Name] => {
            Ok(facts.is_set(*slot).map(|is_set| Val::Bool(is_set).into()))
        }
        (Run::One(run), [argument]) => {
            let Some(got) = eval(argument, facts)? else {
                return Ok(None);
            };
            apply_one(run, &got)
                .map_err(|fault| fault.of(argument.slot()))
                .map(Some)
        }
        (Run::Two(run), [left, right]) => {
            let (first, second) = (eval(left, facts)?, eval(right, facts)?);
            let (Some(first), Some(second)) = (first, second) else {
                return Ok(None);
            };
            let unset = if first.val() == Val::Unset {
                left
            } else {
                right
            };
            let result = match (&first, &second) {
                (Got::Val(first), Got::Val(second)) => run(*first, *second),
                _ => run(first.val(), second.val()).and_then(Got::detach),
            };
            result.map_err(|fault| fault.of(unset.slot())).map(Some)
        }
        _ => Err(Fault::Failed(
            "a function was given too few or too many values",
        )),
    }
}

/// A result borrows from an argument that is borrowed itself, and is copied from one that was made
/// on the way.
fn apply_one<'a>(
    run: for<'v> fn(Val<'v>) -> Result<Got<'v>, Fault>,
    got: &Got<'a>,
) -> Result<Got<'a>, Fault> {
    match got {
        Got::Val(val) => run(*val),
        Got::Text(_) => run(got.val())?.detach(),
    }
}
