//! Conditions, and what they tell about names that can be unset: `has(x) && … x …`.

use std::collections::BTreeSet;

use super::{Checker, Env, Slot, Ty, Type, Typed};
use crate::expr::node::Node;
use crate::expr::syntax::Tree;
use crate::source::Span;

/// The names that are known to be set, by how a condition turns out.
#[derive(Debug, Clone, Default)]
pub(super) struct Implied {
    pub(super) if_true: BTreeSet<Slot>,
    pub(super) if_false: BTreeSet<Slot>,
}

impl Implied {
    fn swapped(self) -> Self {
        Self {
            if_true: self.if_false,
            if_false: self.if_true,
        }
    }
}

impl Checker<'_> {
    pub(super) fn not(&mut self, part: &Tree, span: Span, env: &Env<'_>) -> Typed {
        let typed = self.condition(part, env);
        Typed {
            implied: typed.implied.swapped(),
            ..Typed::of(Node::Not(Box::new(typed.node)), Ty::Of(Type::Bool), span)
        }
    }

    /// `a && b`: `b` is read only where `a` is true, and all are where the whole is.
    pub(super) fn all(&mut self, parts: &[Tree], span: Span, env: &Env<'_>) -> Typed {
        let mut env = env.clone();
        let mut implied = BTreeSet::new();
        let mut nodes = Vec::with_capacity(parts.len());
        for part in parts {
            let typed = self.condition(part, &env);
            env = env.with(&typed.implied.if_true);
            implied.extend(typed.implied.if_true);
            nodes.push(typed.node);
        }
        let mut typed = Typed::of(Node::All(nodes.into()), Ty::Of(Type::Bool), span);
        typed.implied.if_true = implied;
        typed
    }

    /// `a || b`: `b` is read only where `a` is false, and all are false where the whole is.
    pub(super) fn any(&mut self, parts: &[Tree], span: Span, env: &Env<'_>) -> Typed {
        let mut env = env.clone();
        let mut implied = BTreeSet::new();
        let mut either: Option<BTreeSet<Slot>> = None;
        let mut nodes = Vec::with_capacity(parts.len());
        for part in parts {
            let typed = self.condition(part, &env);
            let if_true = &typed.implied.if_true | &implied;
            either = Some(either.map_or_else(|| if_true.clone(), |either| &either & &if_true));
            env = env.with(&typed.implied.if_false);
            implied.extend(typed.implied.if_false);
            nodes.push(typed.node);
        }
        Typed {
            implied: Implied {
                if_true: either.unwrap_or_default(),
                if_false: implied,
            },
            ..Typed::of(Node::Any(nodes.into()), Ty::Of(Type::Bool), span)
        }
    }

    pub(super) fn choice(
        &mut self,
        parts: &[Tree; 3],
        span: Span,
        env: &Env<'_>,
        hint: Option<&Type>,
    ) -> Typed {
        let [condition, then, otherwise] = parts;
        let condition = self.condition(condition, env);
        let then = self.check(then, &env.with(&condition.implied.if_true), hint);
        let hint = self.hint_of(&then, hint);
        let otherwise = self.check(
            otherwise,
            &env.with(&condition.implied.if_false),
            hint.as_ref(),
        );
        let ty = self.join(&then, &otherwise, hint.as_ref());
        let gap = then.gap.or(otherwise.gap);
        let node = Node::If(Box::new([condition.node, then.node, otherwise.node]));
        Typed {
            gap,
            ..Typed::of(node, ty, span)
        }
    }

    /// `a ?? b`: all but the last may be unset, and where one is read, those before it are.
    pub(super) fn coalesce(
        &mut self,
        parts: &[Tree],
        span: Span,
        env: &Env<'_>,
        hint: Option<&Type>,
    ) -> Typed {
        let mut whole: Option<Typed> = None;
        let mut hint = hint.cloned();
        let mut nodes = Vec::with_capacity(parts.len());
        for part in parts {
            let typed = self.check(part, env, hint.as_ref());
            hint = self.hint_of(&typed, hint.as_ref());
            nodes.push(typed.node.clone());
            whole = Some(match whole {
                None => typed,
                Some(before) => Typed {
                    ty: self.join(&before, &typed, hint.as_ref()),
                    gap: before.gap.and(typed.gap),
                    ..typed
                },
            });
        }
        let Some(whole) = whole else {
            return Typed::wrong(span);
        };
        Typed {
            gap: whole.gap,
            ..Typed::of(Node::Coalesce(nodes.into()), whole.ty, span)
        }
    }

    /// What the next alternative should be: what is asked for, or what the ones before it are.
    fn hint_of(&self, typed: &Typed, hint: Option<&Type>) -> Option<Type> {
        match (&typed.ty, hint) {
            (Ty::Of(found), Some(hint)) if hint.is_text() && found.is_text() => Some(hint.clone()),
            (Ty::Of(found), _) => Some(found.clone()),
            (_, hint) => hint.cloned(),
        }
    }

    /// The type of a value that is one or the other.
    fn join(&mut self, one: &Typed, other: &Typed, hint: Option<&Type>) -> Ty {
        match (&one.ty, &other.ty) {
            (Ty::Wrong, _) | (_, Ty::Wrong) => Ty::Wrong,
            (Ty::Nothing, ty) | (ty, Ty::Nothing) => ty.clone(),
            (Ty::Any, _) | (_, Ty::Any) => Ty::Any,
            (Ty::Of(left), Ty::Of(right)) => match left.joined(right, hint) {
                Some(joined) => Ty::Of(joined),
                None => {
                    self.mismatch(other, &left.to_string());
                    Ty::Wrong
                }
            },
        }
    }
}
