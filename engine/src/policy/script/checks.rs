//! What a script must not hold, found over its tokens before rhai reads it, so that every place is
//! reported and not only the first.

use std::collections::BTreeMap;
use std::ops::Range;

use super::lexer::Kind;
use super::outline::{CLAUSES, Outline};
use crate::diagnostic::Diagnostic;
use crate::expr::SourceText;
use crate::policy::codes;

/// Words that policies do not have, with the reason; rhai is told to refuse them, too.
pub(super) const FORBIDDEN: &[(&str, &str)] = &[
    ("while", LOOPS),
    ("loop", LOOPS),
    ("do", LOOPS),
    ("until", LOOPS),
    ("fn", FUNCTIONS),
    ("private", FUNCTIONS),
    ("Fn", FUNCTIONS),
    ("call", FUNCTIONS),
    ("curry", FUNCTIONS),
    ("this", FUNCTIONS),
    ("eval", SEALED),
    ("import", SEALED),
    ("export", SEALED),
    ("as", SEALED),
    ("global", SEALED),
    ("print", SEALED),
    ("debug", SEALED),
    ("try", ERRORS),
    ("catch", ERRORS),
    ("throw", ERRORS),
    ("return", ERRORS),
];

const LOOPS: &str = "the only loop of a policy is `for x in list { … }`";
const FUNCTIONS: &str = "functions belong into the lifecycle's `functions.rhai`";
const SEALED: &str = "a policy is one file that reads and writes nothing";
const ERRORS: &str = "a policy runs to its end, or it does not load";

/// Words of the statements themselves, and functions of conditions: no variable is called so.
const TAKEN: [&str; 18] = [
    "all",
    "except",
    "has",
    "phone_country",
    "email_domain",
    "starts_with",
    "ends_with",
    "contains",
    "like",
    "lower",
    "len",
    "minutes",
    "hours",
    "days",
    "unset",
    "range",
    "allow",
    "deny",
];

/// Most refusals of one script.
const REFUSALS_MAX: usize = 50;

/// A finding, and the byte of the statement to leave out for it.
pub(super) type Refusal = (Diagnostic, usize);

/// All refusals of a script. `roots` are the names of the world, `account`, `context` and so on.
pub(super) fn refusals(
    outline: &Outline<'_>,
    source: &SourceText<'_>,
    roots: &dyn Fn(&str) -> bool,
) -> Vec<Refusal> {
    let checks = Checks {
        outline,
        source,
        roots,
    };
    let mut variables = BTreeMap::new();
    let found = (0..outline.len()).filter_map(|index| {
        let finding = match outline.word(index) {
            Some(word) => checks.word(index, word, &mut variables),
            None => checks.map_literal(index),
        };
        let finding = finding.or_else(|| checks.without_effect(index))?;
        Some((finding, outline.range(index).start))
    });
    found.take(REFUSALS_MAX).collect()
}

struct Checks<'a> {
    outline: &'a Outline<'a>,
    source: &'a SourceText<'a>,
    roots: &'a dyn Fn(&str) -> bool,
}

impl<'a> Checks<'a> {
    fn error(&self, code: crate::diagnostic::Code, at: Range<usize>, says: String) -> Diagnostic {
        Diagnostic::error(code, self.source.span(at), says)
    }

    fn word(
        &self,
        index: usize,
        word: &str,
        variables: &mut BTreeMap<&'a str, usize>,
    ) -> Option<Diagnostic> {
        let at = self.outline.range(index);
        if let Some((_, reason)) = FORBIDDEN.iter().find(|(forbidden, _)| *forbidden == word) {
            let says = format!("policies have no `{word}`");
            let finding = self.error(codes::FORBIDDEN_CONSTRUCT, at, says);
            return Some(finding.help(*reason));
        }
        match word {
            "allow" | "deny" if !self.outline.begins(index) => Some(self.verb_within(index, word)),
            "let" | "const" => {
                let finding = self.declared(index + 1, variables, false);
                if let Some(name) = self.outline.word(index + 1) {
                    variables.entry(name).or_insert(index + 1);
                }
                finding
            }
            "for" => (index + 1..index + 5)
                .take_while(|name| self.outline.word(*name) != Some("in"))
                .find_map(|name| self.declared(name, variables, true)),
            _ => None,
        }
    }

    /// Maps are not needed to make statements, and cost more than they count for.
    fn map_literal(&self, index: usize) -> Option<Diagnostic> {
        let mark = self.outline.kind(index) == Some(Kind::Mark(b'#'));
        let brace = self.outline.kind(index + 1) == Some(Kind::Mark(b'{'));
        let at = self.outline.range(index).start..self.outline.range(index + 1).end;
        (mark && brace).then(|| {
            self.error(
                codes::FORBIDDEN_CONSTRUCT,
                at,
                "policies have no maps".to_owned(),
            )
            .help("write a list of texts, or a variable for each value")
        })
    }

    /// A verb in the middle of a statement: the one before has no end, or wants its value.
    fn verb_within(&self, index: usize, verb: &str) -> Diagnostic {
        let before = index.saturating_sub(1);
        let complete = match self.outline.kind(before) {
            Some(Kind::Text | Kind::Number | Kind::Word) => true,
            Some(Kind::Mark(mark)) => b")]".contains(&mark),
            None => false,
        };
        let at = self.outline.range(index);
        if complete {
            let says = "this statement has no end".to_owned();
            return self
                .error(codes::SYNTAX, self.outline.range(before), says)
                .also(self.source.span(at), "the next one begins here")
                .help("end it with `;`");
        }
        let says = format!("`{verb}` does not begin a statement here");
        self.error(codes::SYNTAX, at, says)
            .help("a statement stands alone, ended by `;`, and has no value")
    }

    /// Whether the name at a token may be given to a variable.
    fn declared(
        &self,
        index: usize,
        variables: &BTreeMap<&'a str, usize>,
        by_loop: bool,
    ) -> Option<Diagnostic> {
        let name = self.outline.word(index)?;
        let at = self.outline.range(index);
        if (self.roots)(name) {
            let says = format!("`{name}` is a name of the world that conditions see");
            let finding = self.error(codes::NAME_TAKEN, at, says);
            return Some(finding.help("give the variable another name"));
        }
        if TAKEN.contains(&name) || CLAUSES.contains(&name) {
            let says = format!("`{name}` is a word of the policy language");
            let finding = self.error(codes::NAME_TAKEN, at, says);
            return Some(finding.help("give the variable another name"));
        }
        let first = variables.get(name).filter(|_| by_loop)?;
        let says = format!("`{name}` is declared already");
        let finding = self.error(codes::NAME_TAKEN, at, says);
        let first = self.source.span(self.outline.range(*first));
        Some(finding.also(first, "declared here"))
    }

    /// A statement that begins with a value, or is one name, and does nothing with it. The value of
    /// a block, which no semicolon ends, is left alone.
    fn without_effect(&self, index: usize) -> Option<Diagnostic> {
        let outline = self.outline;
        if !outline.begins(index) {
            return None;
        }
        let end = outline.statement_end(index);
        let value = match outline.kind(index)? {
            Kind::Text | Kind::Number => true,
            Kind::Mark(mark) => b"[(-!".contains(&mark),
            Kind::Word => end == index + 1 && !is_whole_statement(outline.word(index)),
        };
        let ended = end == outline.len() || outline.kind(end) == Some(Kind::Mark(b';'));
        if !ended || !value {
            return None;
        }
        let whole = outline.range(index).start..outline.range(end - 1).end;
        let finding = self.error(
            codes::NO_EFFECT,
            whole,
            "this expression has no effect".to_owned(),
        );
        Some(finding.help("begin a statement with `allow` or `deny`"))
    }
}

/// Words that are a statement by themselves (or a broken one, which rhai reports better).
fn is_whole_statement(word: Option<&str>) -> bool {
    matches!(
        word,
        Some("allow" | "deny" | "break" | "continue" | "let" | "const" | "if" | "for" | "else")
    )
}
