//! Texts in quotes: what they are depends on what they stand beside.

use std::sync::Arc;

use super::{Checker, Const, Env, Node, Ty, Type, Typed, codes};
use crate::diagnostic::{Diagnostic, Suggestion};
use crate::expr::syntax::{Tree, TreeKind};
use crate::name::Name;
use crate::network;
use crate::source::Span;
use crate::value::ValueType;

impl Checker<'_> {
    /// A text in quotes, as the type that is asked for, if it can be one of its values.
    pub(super) fn literal(&mut self, text: &Arc<str>, span: Span, hint: Option<&Type>) -> Typed {
        let ty = match hint {
            Some(hint) if hint.has_literals() => hint.clone(),
            _ => Type::Text,
        };
        if let Some(diagnostic) = impossible(text, span, &ty) {
            self.report(diagnostic);
            return Typed::wrong(span);
        }
        let address = if ty == Type::Ip {
            network::address(text)
        } else {
            None
        };
        let value = address.map_or_else(|| Const::Text(text.clone()), Const::Ip);
        Typed::constant(value, ty, span)
    }
}

/// Whether a part is nothing but texts in quotes, so that it takes the type of what it stands
/// beside.
pub(super) fn is_literal(tree: &Tree, env: &Env<'_>) -> bool {
    match &tree.kind {
        TreeKind::Text(_) => true,
        TreeKind::Path(path) => env.parameter(&path.root).is_some_and(|given| {
            matches!(given.node, Node::Const(Const::Text(_))) && given.ty == Ty::Of(Type::Text)
        }),
        TreeKind::If(parts) => {
            let [_, then, otherwise] = parts.as_ref();
            is_literal(then, env) && is_literal(otherwise, env)
        }
        TreeKind::Coalesce(parts) => parts.iter().all(|part| is_literal(part, env)),
        _ => false,
    }
}

/// What is wrong with a text as a value of a type.
fn impossible(text: &str, span: Span, ty: &Type) -> Option<Diagnostic> {
    let wrong = |message: String| Diagnostic::error(codes::IMPOSSIBLE_WORD, span, message);
    match ty {
        Type::OneOf(words) => {
            if words.iter().any(|word| word.as_str() == text) {
                return None;
            }
            let known = words.iter().map(Name::as_str);
            let diagnostic = wrong(format!("`{text}` is none of the possible words"))
                .help(format!("it is {ty}"))
                .did_you_mean(text, known);
            Some(quoted(diagnostic))
        }
        Type::Country => not_canonical(text, span, &ValueType::Country).map(|diagnostic| {
            if diagnostic.suggestion.is_some() {
                return diagnostic;
            }
            let country = country_of_name(text);
            suggest(diagnostic, span, country)
        }),
        Type::Phone => not_canonical(text, span, &ValueType::Phone),
        Type::Email => not_canonical(text, span, &ValueType::Email),
        Type::AccountId => not_canonical(text, span, &ValueType::AccountId),
        Type::Ip => not_canonical(text, span, &ValueType::Ip).map(|diagnostic| {
            if network::address(text).is_some() || network::Network::parse(text).is_none() {
                return diagnostic;
            }
            diagnostic.help("for the addresses of a network, use `ip_in(ip, network)`")
        }),
        _ => None,
    }
}

/// Values are kept in one form, so a text in any other would never be equal to one.
fn not_canonical(text: &str, span: Span, ty: &ValueType) -> Option<Diagnostic> {
    let name = ty.name();
    match ty.parse(text) {
        Ok(value) if value.text() == text => None,
        Ok(value) => {
            let message = format!("this {name} is kept in another form");
            let diagnostic = Diagnostic::error(codes::IMPOSSIBLE_WORD, span, message);
            Some(suggest(diagnostic, span, Some(value.text())))
        }
        Err(error) => {
            let message = format!("this text is no {name}: expected {}", error.expected());
            let diagnostic = Diagnostic::error(codes::IMPOSSIBLE_WORD, span, message);
            let upper = text.to_uppercase();
            let in_upper_case = ty.parse(&upper).is_ok().then_some(upper);
            Some(suggest(diagnostic, span, in_upper_case))
        }
    }
}

fn country_of_name(name: &str) -> Option<String> {
    let names = rust_iso3166::ALL.iter().map(|country| country.name);
    let closest = crate::name::closest(name, names)?;
    let country = rust_iso3166::ALL
        .iter()
        .find(|country| country.name == closest)?;
    Some(country.alpha2.to_owned())
}

fn suggest(mut diagnostic: Diagnostic, span: Span, text: Option<String>) -> Diagnostic {
    if let Some(text) = text {
        diagnostic.help.push(format!("did you mean `{text}`?"));
        diagnostic.suggestion = Some(Suggestion {
            span,
            replacement: format!("\"{text}\""),
        });
    }
    diagnostic
}

/// The suggestion replaces the text with its quotes.
pub(super) fn quoted(mut diagnostic: Diagnostic) -> Diagnostic {
    if let Some(suggestion) = &mut diagnostic.suggestion {
        suggestion.replacement = format!("\"{}\"", suggestion.replacement);
    }
    diagnostic
}
