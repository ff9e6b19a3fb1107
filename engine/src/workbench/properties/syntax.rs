//! How a property is stated.
//!
//! ```text
//! (holds | never) ( TEXT , |NAME| CONDITION [, |NAME| CONDITION] )
//! ```
//! Of two conditions, the first says which requests the property is about.

use std::ops::Range;

use rhai::{Dynamic, Expression, ImmutableString, LexError, ParseError, Position};

const CALL: &str = "state it as `holds(\"what holds\", |r| condition)`";

/// The parts of a statement that has been read.
pub(super) struct Parts<'i, 'e> {
    pub(super) title: Option<&'i Expression<'e>>,
    /// Each condition with the name that the request has in it.
    pub(super) conditions: Vec<(&'i str, &'i Expression<'e>)>,
}

impl<'i, 'e> Parts<'i, 'e> {
    /// Sorts the inputs of a statement: its title, then names and conditions in turn.
    pub(super) fn of(inputs: &'i [Expression<'e>]) -> Self {
        let (title, rest) = inputs
            .split_first()
            .map_or((None, inputs), |(title, rest)| (Some(title), rest));
        let pair = |pair: &'i [Expression<'e>]| match pair {
            [name, condition] => Some((name.get_string_value()?, condition)),
            _ => None,
        };
        Self {
            title,
            conditions: rest.chunks(2).filter_map(pair).collect(),
        }
    }
}

/// What may follow the symbols read so far.
pub(super) fn next_symbol(
    symbols: &[ImmutableString],
    ahead: &str,
    _state: &mut Dynamic,
) -> Result<Option<ImmutableString>, ParseError> {
    let next = |symbol: &str| Ok(Some(symbol.into()));
    let read = symbols.get(1..).unwrap_or_default();
    // Names and expressions stand among them as well, so that places tell what is next.
    match (read.len(), ahead) {
        (0, _) => wanted(ahead, "(", CALL),
        (2, _) => wanted(ahead, ",", CALL),
        (3 | 8, _) if read.last().is_some_and(|last| last == ",") => {
            wanted(ahead, "|", "a condition is about a request: `|r| …`")
        }
        (4 | 9, _) => next("$ident$"),
        (5 | 10, _) => wanted(ahead, "|", "a condition is about one request: `|r| …`"),
        (1 | 6 | 11, _) => next("$expr$"),
        (7, ",") => next(","),
        (7 | 12, _) => wanted(ahead, ")", "a property ends with `)`"),
        _ => Ok(None),
    }
}

fn wanted(
    ahead: &str,
    symbol: &str,
    otherwise: &str,
) -> Result<Option<ImmutableString>, ParseError> {
    if ahead == symbol {
        Ok(Some(symbol.into()))
    } else {
        Err(refuse(ahead, otherwise))
    }
}

fn refuse(ahead: &str, says: &str) -> ParseError {
    LexError::ImproperSymbol(ahead.to_owned(), says.to_owned()).into_err(Position::NONE)
}

/// The bytes of the text in quotes that begins at a byte, or of the one character there.
pub(super) fn text_at(text: &str, start: usize) -> Range<usize> {
    let rest = text.get(start..).unwrap_or_default();
    let mut characters = rest.char_indices();
    let quote = characters.next().map(|(_, first)| first);
    let mut escaped = false;
    for (at, character) in characters {
        if !escaped && Some(character) == quote {
            return start..start + at + character.len_utf8();
        }
        escaped = !escaped && character == '\\';
    }
    start..start + quote.map_or(0, char::len_utf8)
}

/// What people call a value's type.
pub(super) fn kind(value: &Dynamic) -> &'static str {
    match value.type_name() {
        "i64" => "a number",
        "bool" => "a truth value",
        "()" => "nothing",
        "array" => "a list",
        _ => "something else",
    }
}
