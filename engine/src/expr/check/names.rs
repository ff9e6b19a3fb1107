//! Names: what they stand for here, and what was probably meant by those that stand for nothing.

use super::literals::quoted;
use super::{Checker, Const, Env, Gap, Node, Ty, Type, Typed, codes};
use crate::diagnostic::{Diagnostic, Suggestion};
use crate::expr::Slot;
use crate::expr::syntax::Path;
use crate::name::ConditionKey;
use crate::source::Span;

/// The reserved name of a value that is always unset.
const UNSET: &str = "unset";

impl Checker<'_> {
    pub(super) fn path(
        &mut self,
        path: &Path,
        span: Span,
        env: &Env<'_>,
        hint: Option<&Type>,
    ) -> Typed {
        if let Some(parameter) = env.parameter(&path.root) {
            if path.rest.is_some() {
                let message = format!("`{}` is a value and has no parts", path.root);
                self.error(codes::UNKNOWN_NAME, span, message);
                return Typed::wrong(span);
            }
            return self.parameter(parameter, span, env, hint);
        }
        if path.rest.is_none() && path.root.as_ref() == UNSET {
            return Typed {
                gap: Some(Gap { slot: None, span }),
                ..Typed::of(Node::Const(Const::Unset), Ty::Nothing, span)
            };
        }
        // The library has checked that functions name nothing but their parameters.
        let slot = match &path.rest {
            Some((key, _)) if path.by_key => self.vocabulary.slot_of_key(key),
            _ => self.vocabulary.slot(&path.to_string()),
        };
        match slot {
            Some(slot) => self.fact(slot, span, env),
            None => {
                let diagnostic = self.unknown(path, span, hint);
                self.report(diagnostic);
                Typed::wrong(span)
            }
        }
    }

    fn fact(&mut self, slot: Slot, span: Span, env: &Env<'_>) -> Typed {
        let Some(fact) = self.vocabulary.fact(slot) else {
            return Typed::wrong(span);
        };
        self.reads.insert(slot);
        if let Err(reason) = (self.may_read)(slot) {
            let message = format!("`{}` cannot be read here", fact.path);
            self.report(Diagnostic::error(codes::NOT_READABLE_HERE, span, message).label(reason));
            return Typed::wrong(span);
        }
        Typed {
            gap: (fact.optional && !env.set.contains(&slot)).then_some(Gap {
                slot: Some(slot),
                span,
            }),
            ..Typed::of(Node::Fact(slot), Ty::Of(fact.ty.clone()), span)
        }
    }

    /// What was given for a parameter, as if it stood there.
    fn parameter(
        &mut self,
        given: &Typed,
        span: Span,
        env: &Env<'_>,
        hint: Option<&Type>,
    ) -> Typed {
        if !self.count(given.node.size(), span) {
            return Typed::wrong(span);
        }
        if let (Node::Const(Const::Text(text)), Ty::Of(Type::Text)) = (&given.node, &given.ty) {
            return self.literal(&text.clone(), span, hint);
        }
        let known_set = given
            .node
            .slot()
            .is_some_and(|slot| env.set.contains(&slot));
        // Blamed on its use in the function; where it was given is told by "called from here".
        let gap = given
            .gap
            .filter(|_| !known_set)
            .map(|gap| Gap { span, ..gap });
        Typed {
            span,
            gap,
            ..given.clone()
        }
    }

    fn unknown(&self, path: &Path, span: Span, hint: Option<&Type>) -> Diagnostic {
        let inner: Vec<&str> = self.names_within(&path.root).collect();
        match &path.rest {
            Some((key, key_span)) if path.by_key => self.unknown_key(key, *key_span),
            Some((rest, rest_span)) if !inner.is_empty() => {
                let message = format!("`{}` has no `{rest}`", path.root);
                Diagnostic::error(codes::UNKNOWN_NAME, *rest_span, message)
                    .did_you_mean(rest, inner)
            }
            None if !inner.is_empty() => {
                let message = format!("`{}` is a group of names, not a value", path.root);
                let some: Vec<String> = inner
                    .iter()
                    .take(5)
                    .map(|name| format!("`{}.{name}`", path.root))
                    .collect();
                Diagnostic::error(codes::UNKNOWN_NAME, span, message)
                    .help(format!("use one of its names, such as {}", some.join(", ")))
            }
            _ => self.unknown_root(path, hint),
        }
    }

    fn unknown_key(&self, key: &str, span: Span) -> Diagnostic {
        let message = format!("no name has the condition key `{key}`");
        let diagnostic = Diagnostic::error(codes::UNKNOWN_NAME, span, message);
        let plain = format!("context.{key}");
        if self.vocabulary.slot(&plain).is_some() {
            return diagnostic.help(format!("write `{plain}`"));
        }
        let facts = self.vocabulary.facts();
        let known: Vec<&str> = facts
            .flat_map(|(_, fact)| fact.keys.iter().map(ConditionKey::as_str))
            .collect();
        let diagnostic = quoted(diagnostic.did_you_mean(key, known));
        diagnostic.help("keys are declared in account.yaml: `context: { name: { type, key } }`")
    }

    fn unknown_root(&self, path: &Path, hint: Option<&Type>) -> Diagnostic {
        let root = &path.root;
        let message = format!("there is no name `{root}`");
        let mut diagnostic = Diagnostic::error(codes::UNKNOWN_NAME, path.root_span, message);
        if path.rest.is_none()
            && let Some(Type::OneOf(words)) = hint
            && words.iter().any(|word| word.as_str() == root.as_ref())
        {
            diagnostic
                .help
                .push(format!("words stand in quotes: `\"{root}\"`"));
            diagnostic.suggestion = Some(Suggestion {
                span: path.root_span,
                replacement: format!("\"{root}\""),
            });
            return diagnostic;
        }
        let facts = self.vocabulary.facts();
        let roots = facts.map(|(_, fact)| fact.path.split('.').next().unwrap_or(&fact.path));
        diagnostic.did_you_mean(root, roots.chain([UNSET]))
    }

    /// The second parts of the names that start with `root`.
    fn names_within(&self, root: &str) -> impl Iterator<Item = &str> {
        let facts = self.vocabulary.facts();
        facts.filter_map(move |(_, fact)| {
            let (first, rest) = fact.path.split_once('.')?;
            (first == root).then_some(rest)
        })
    }
}
