//! JSON with the place of everything in it: as RFC 8259 has it, or with comments and trailing
//! commas.

use std::collections::BTreeMap;
use std::ops::Range;

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::{ParseError, ParseErrorKind};
use jsonc_parser::tokens::{Token, TokenAndRange};
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};

use super::codes;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// Longest document, in bytes: many times what any service takes.
const LENGTH_MAX: usize = 1 << 18;
/// Deepest nesting; the grammar of policies needs seven levels.
const DEPTH_MAX: usize = 32;

/// Reads one value. What stands in the way is told as far as it can be told at once.
pub(super) fn parse(file: FileId, text: &str, lenient: bool) -> Result<Value<'_>, Vec<Diagnostic>> {
    let at = |code, range, says: String| Diagnostic::error(code, Span::new(file, range), says);
    if let Some((range, says)) = too_large(text) {
        return Err(vec![at(codes::BOUND_EXCEEDED, range, says)]);
    }
    let collect = CollectOptions {
        comments: CommentCollectionStrategy::AsTokens,
        tokens: true,
    };
    let parsed = parse_to_ast(text, &collect, &OPTIONS);
    let parsed = parsed.map_err(|error| vec![syntax(file, &error)])?;
    let additions = additions(parsed.tokens.as_deref().unwrap_or_default());
    if !lenient && !additions.is_empty() {
        let refuse = |(range, what): (Range<usize>, &str)| {
            at(codes::NOT_STRICT, range, format!("JSON has no {what}"))
                .help("`--lenient` takes comments and trailing commas")
        };
        return Err(additions.into_iter().map(refuse).collect());
    }
    if let Some((byte, says)) = beside_the_standard(text, &additions) {
        return Err(vec![at(codes::SYNTAX, byte..byte, says)]);
    }
    let Some(value) = parsed.value else {
        let says = "there is no document here".to_owned();
        return Err(vec![at(codes::SYNTAX, 0..0, says)]);
    };
    let mut twice = Vec::new();
    duplicates(&value, file, &mut twice);
    if twice.is_empty() {
        Ok(value)
    } else {
        Err(twice)
    }
}

/// What the parser accepts: comments and trailing commas, which are told apart afterwards.
const OPTIONS: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_loose_object_property_names: false,
    allow_trailing_commas: true,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Bounds that hold before anything is parsed. Brackets within texts and comments count as well,
/// where they are not closed: nobody writes 32 of those either.
fn too_large(text: &str) -> Option<(Range<usize>, String)> {
    if text.len() > LENGTH_MAX {
        let says = format!("the document is longer than {LENGTH_MAX} bytes");
        return Some((0..0, says));
    }
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            let says = format!("the document is nested more than {DEPTH_MAX} deep");
            return Some((at..at + 1, says));
        }
    }
    None
}

fn syntax(file: FileId, error: &ParseError) -> Diagnostic {
    let range = error.range();
    let span = Span::new(file, range.start..range.end);
    let says = error.kind().to_string();
    let mut letters = says.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    let says: String = first.into_iter().chain(letters).collect();
    let finding = Diagnostic::error(codes::SYNTAX, span, says);
    match error.kind() {
        ParseErrorKind::SingleQuotedStringsNotAllowed
        | ParseErrorKind::ExpectedStringObjectProperty
        | ParseErrorKind::UnexpectedWord => finding.help("JSON writes texts and names in \"…\""),
        _ => finding,
    }
}

/// Comments, and commas before a closing bracket, in order.
fn additions(tokens: &[TokenAndRange<'_>]) -> Vec<(Range<usize>, &'static str)> {
    let mut found = Vec::new();
    let mut comma: Option<Range<usize>> = None;
    for token in tokens {
        let range = token.range.start..token.range.end;
        match token.token {
            Token::CommentLine(_) | Token::CommentBlock(_) => found.push((range, "comments")),
            Token::Comma => comma = Some(range),
            Token::CloseBrace | Token::CloseBracket => {
                found.extend(comma.take().map(|comma| (comma, "trailing commas")));
            }
            _ => comma = None,
        }
    }
    found.sort_by_key(|(range, _)| range.start);
    found
}

/// Where a text is still no JSON once the additions are blanked out: the parser with places is
/// easier on white space and on control characters than the standard.
fn beside_the_standard(
    text: &str,
    additions: &[(Range<usize>, &'static str)],
) -> Option<(usize, String)> {
    let mut plain = text.as_bytes().to_vec();
    for (range, _) in additions {
        if let Some(part) = plain.get_mut(range.clone()) {
            part.fill(b' ');
        }
    }
    let error = serde_json::from_slice::<serde::de::IgnoredAny>(&plain).err()?;
    let says = error.to_string();
    let says = says
        .split(" at line ")
        .next()
        .unwrap_or_default()
        .to_owned();
    let lines = plain.split_inclusive(|byte| *byte == b'\n');
    let before: usize = lines
        .take(error.line().saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    let byte = (before + error.column().saturating_sub(1)).min(text.len());
    let byte = (0..=byte).rev().find(|at| text.is_char_boundary(*at));
    Some((byte.unwrap_or(0), says))
}

/// Names that are written twice in one object, at any depth.
fn duplicates(value: &Value<'_>, file: FileId, findings: &mut Vec<Diagnostic>) {
    match value {
        Value::Object(object) => {
            let mut seen = BTreeMap::new();
            for property in &object.properties {
                let name = property.name.as_str();
                let here = span_of(file, &property.name);
                if let Some(first) = seen.insert(name.to_owned(), here) {
                    let says = format!("`{name}` is written twice");
                    let finding = Diagnostic::error(codes::DUPLICATE, here, says);
                    findings.push(finding.also(first, "first here"));
                }
                duplicates(&property.value, file, findings);
            }
        }
        Value::Array(array) => {
            for element in &array.elements {
                duplicates(element, file, findings);
            }
        }
        _ => {}
    }
}

/// Where something is written.
pub(super) fn span_of(file: FileId, node: &impl Ranged) -> Span {
    Span::new(file, node.start()..node.end())
}

/// What people call a value's form.
pub(super) fn form(value: &Value<'_>) -> &'static str {
    match value {
        Value::StringLit(_) => "a text",
        Value::NumberLit(_) => "a number",
        Value::BooleanLit(_) => "a truth value",
        Value::Object(_) => "an object",
        Value::Array(_) => "a list",
        Value::NullKeyword(_) => "null",
    }
}
