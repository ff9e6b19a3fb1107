//! Cedar expressions as text, with as few parentheses as Cedar needs.

use std::fmt::Write as _;

/// How tightly an expression binds, loosest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    If,
    Any,
    All,
    Relation,
    Unary,
    Member,
}

/// A Cedar expression.
#[derive(Debug, Clone)]
pub(super) struct Term {
    text: String,
    binding: Binding,
    /// How many parts it was made of.
    size: usize,
}

impl Term {
    fn new(text: String, binding: Binding, size: usize) -> Self {
        Self {
            text,
            binding,
            size,
        }
    }

    /// A truth value.
    pub(super) fn truth(truth: bool) -> Self {
        Self::new(truth.to_string(), Binding::Member, 1)
    }

    /// A whole number.
    pub(super) fn number(number: i64) -> Self {
        let binding = if number < 0 {
            Binding::Unary
        } else {
            Binding::Member
        };
        Self::new(number.to_string(), binding, 1)
    }

    /// A text.
    pub(super) fn text(text: &str) -> Self {
        Self::new(quoted(text), Binding::Member, 1)
    }

    /// A value of an extension type, from its text.
    pub(super) fn extension(constructor: &str, text: &str) -> Self {
        Self::new(
            format!("{constructor}({})", quoted(text)),
            Binding::Member,
            1,
        )
    }

    /// Something that is written by one name.
    pub(super) fn variable(name: &str) -> Self {
        Self::new(name.to_owned(), Binding::Member, 1)
    }

    /// An attribute of a record.
    pub(super) fn attribute(&self, name: &str) -> Self {
        let record = self.at_least(Binding::Member);
        let text = if is_identifier(name) {
            format!("{record}.{name}")
        } else {
            format!("{record}[{}]", quoted(name))
        };
        Self::new(text, Binding::Member, self.size + 1)
    }

    /// Whether a record has an attribute.
    pub(super) fn has(&self, name: &str) -> Self {
        let record = self.at_least(Binding::Unary);
        let name = attribute_name(name);
        Self::new(
            format!("{record} has {name}"),
            Binding::Relation,
            self.size + 1,
        )
    }

    /// Whether a text has the form of a pattern, given as the texts between its stars.
    pub(super) fn like<'p>(&self, pieces: impl IntoIterator<Item = &'p str>) -> Self {
        let literal = |piece: &str| escaped(piece).replace('*', "\\*");
        let pieces: Vec<String> = pieces.into_iter().map(literal).collect();
        let (text, pattern) = (self.at_least(Binding::Unary), pieces.join("*"));
        Self::new(
            format!("{text} like \"{pattern}\""),
            Binding::Relation,
            self.size + 1,
        )
    }

    /// A relation between two values.
    pub(super) fn relation(&self, symbol: &str, right: &Self) -> Self {
        let (from, to) = (
            self.at_least(Binding::Unary),
            right.at_least(Binding::Unary),
        );
        Self::new(
            format!("{from} {symbol} {to}"),
            Binding::Relation,
            self.size + right.size + 1,
        )
    }

    /// A method of a value.
    pub(super) fn method(&self, name: &str, argument: &Self) -> Self {
        let (of, with) = (self.at_least(Binding::Member), &argument.text);
        Self::new(
            format!("{of}.{name}({with})"),
            Binding::Member,
            self.size + argument.size + 1,
        )
    }

    /// A set of its elements.
    pub(super) fn set(elements: &[Self]) -> Self {
        let text = elements
            .iter()
            .fold(String::from("["), |mut so_far, element| {
                if so_far.len() > 1 {
                    so_far.push(',');
                    so_far.push_str(space_before(&element.text, &so_far));
                }
                so_far + element.text.as_str()
            });
        Self::new(text + "]", Binding::Member, total(elements))
    }

    /// What is not.
    pub(super) fn not(&self) -> Self {
        let part = self.at_least(Binding::Member);
        Self::new(format!("!{part}"), Binding::Unary, self.size + 1)
    }

    /// Whether all are.
    pub(super) fn all(parts: Vec<Self>) -> Self {
        Self::joined(parts, Binding::All, "&&", true)
    }

    /// Whether any is.
    pub(super) fn any(parts: Vec<Self>) -> Self {
        Self::joined(parts, Binding::Any, "||", false)
    }

    fn joined(mut parts: Vec<Self>, binding: Binding, symbol: &str, of_none: bool) -> Self {
        if parts.len() == 1
            && let Some(only) = parts.pop()
        {
            return only;
        }
        // On its left side Cedar takes the same operator without parentheses, on its right not.
        let mut texts = parts.iter().enumerate().map(|(place, part)| {
            let looser = part.binding < binding || (place > 0 && part.binding == binding);
            if looser {
                format!("({})", part.text)
            } else {
                part.text.clone()
            }
        });
        let Some(first) = texts.next() else {
            return Self::truth(of_none);
        };
        let text = texts.fold(first, |mut so_far, next| {
            // Long alternatives stand below each other.
            let line = so_far.len() - so_far.rfind('\n').map_or(0, |at| at + 1);
            let space = if line + next.len() > LINE {
                "\n    "
            } else {
                " "
            };
            // Writing to a text cannot fail.
            let _ = write!(so_far, "{space}{symbol} {next}");
            so_far
        });
        Self::new(text, binding, total(&parts))
    }

    /// One of two, by a condition.
    pub(super) fn choice(condition: &Self, then: &Self, otherwise: &Self) -> Self {
        let size = condition.size + then.size + otherwise.size + 1;
        let (condition, then, otherwise) = (&condition.text, &then.text, &otherwise.text);
        Self::new(
            format!("if {condition} then {then} else {otherwise}"),
            Binding::If,
            size,
        )
    }

    /// How many parts it was made of.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// As it is written.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    fn at_least(&self, binding: Binding) -> String {
        if self.binding < binding {
            format!("({})", self.text)
        } else {
            self.text.clone()
        }
    }
}

/// Where a line is long enough.
const LINE: usize = 84;

/// What stands between what is written so far and what comes next, so that lines stay short.
fn space_before(next: &str, so_far: &str) -> &'static str {
    let line = so_far.len() - so_far.rfind('\n').map_or(0, |at| at + 1);
    if line + next.len() > LINE {
        "\n    "
    } else {
        " "
    }
}

fn total(terms: &[Term]) -> usize {
    terms.iter().fold(1, |total, term| total + term.size)
}

/// The name of an attribute where it is declared or asked for.
pub(super) fn attribute_name(name: &str) -> String {
    if is_identifier(name) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

fn is_identifier(name: &str) -> bool {
    const RESERVED: [&str; 10] = [
        "true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar",
    ];
    let mut bytes = name.bytes();
    let first = bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    first && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_') && !RESERVED.contains(&name)
}

/// A text in quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn escaped(text: &str) -> String {
    text.chars()
        .fold(String::with_capacity(text.len()), |mut out, c| {
            match c {
                '"' | '\\' => out.extend(['\\', c]),
                c if c.is_control() => {
                    // Writing to a text cannot fail.
                    let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
                }
                c => out.push(c),
            }
            out
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parentheses_stand_where_they_are_needed_and_nowhere_else() {
        let (a, b, c) = (
            Term::variable("a"),
            Term::variable("b"),
            Term::variable("c"),
        );
        let less = a.relation("<", &Term::number(-1));
        let any = Term::any(vec![a.clone(), b.clone()]);
        let choice = Term::choice(&a, &b, &c);
        for (term, expected) in [
            (less.not(), "!(a < -1)"),
            (less.relation("==", &b), "(a < -1) == b"),
            (Term::all(vec![any.clone(), c.clone()]), "(a || b) && c"),
            (
                Term::any(vec![Term::all(vec![a.clone(), b.clone()]), c.clone()]),
                "a && b || c",
            ),
            (Term::any(vec![c.clone(), any]), "c || (a || b)"),
            (choice.relation("==", &c), "(if a then b else c) == c"),
            (Term::all(vec![less]), "a < -1"),
            (Term::all(vec![]), "true"),
            (Term::any(vec![]), "false"),
            (a.attribute("if").has("x-y"), "a[\"if\"] has \"x-y\""),
        ] {
            assert_eq!(term.as_str(), expected);
        }
    }

    #[test]
    fn texts_and_patterns_are_quoted() {
        let term = Term::variable("a");
        assert_eq!(
            term.like(["x*\"", "\\y", ""]).as_str(),
            r#"a like "x\*\"*\\y*""#
        );
        assert_eq!(
            Term::text("a\u{7}\u{fc}\n").as_str(),
            "\"a\\u{7}\u{fc}\\u{a}\""
        );
    }
}
