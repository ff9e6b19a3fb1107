//! Policies in the words of [Cedar](https://www.cedarpolicy.com), as far as Cedar has words for
//! them. What it has none for is refused by name; nothing is exported that means something else.
//!
//! Cedar compares entities and we compare texts with wildcards, so what is asked goes into the
//! context of the request: `context.asked.action like "resourcemanager:get*"`. A principal has a
//! policy by being in the entity `Policy::"NAME"`.

mod condition;
mod names;
mod term;

use std::fmt::Write as _;

use self::condition::{PARTS_MAX, Refusal};
use self::names::{ASKED, Names};
use self::term::{Term, quoted};
use super::codes;
use super::pattern::Pattern;
use super::set::Policy;
use super::statement::{Actions, Statement, Verb};
use crate::diagnostic::Diagnostic;
use crate::expr::{Expression, Vocabulary};

const NO_SINGLE: &str = "`*` is the only wildcard of Cedar";

/// Exported policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// The policies, after a comment that says what a request must hold.
    pub policies: String,
    /// The schema of requests and entities.
    pub schema: String,
}

/// Writes policies in Cedar's words. A principal that is in the entities of some of them is decided
/// on as one that has these policies, where the request conforms to the schema.
///
/// # Errors
/// Everything that Cedar cannot express, each at its statement.
pub fn export<'p>(
    policies: impl IntoIterator<Item = &'p Policy>,
    vocabulary: &Vocabulary,
) -> Result<Export, Vec<Diagnostic>> {
    let mut exporter = Exporter {
        names: Names::new(vocabulary),
        refusals: Vec::new(),
        written: String::new(),
    };
    let mut exported = Vec::new();
    for policy in policies {
        exported.push(policy.name().as_ref());
        for statement in policy.statements() {
            exporter.statement(statement);
        }
    }
    if !exporter.refusals.is_empty() {
        return Err(exporter.refusals);
    }
    let mut policies = head(&exported, &exporter.names);
    policies.push_str(&exporter.written);
    Ok(Export {
        policies,
        schema: exporter.names.schema(),
    })
}

/// What a reader of the exported policies has to know.
fn head(policies: &[&str], names: &Names<'_>) -> String {
    let mut head = format!(
        "\
// Exported by stateward: {}.
//
// Ask Action::\"ask\" about one resource at a time, in requests that conform to the schema, with
//   principal                  in Policy::\"NAME\" for every policy that it has
//   context.asked.action       the permission, in lower case
//   context.asked.resource     the resource, with `*` for an empty region or account
",
        policies.join(", ")
    );
    for (path, place) in names.used() {
        // Writing to a text cannot fail.
        let _ = writeln!(head, "//   {:<26} {path}", place.value().as_str());
    }
    head.push_str(
        "\
//
// These are the statements of policies alone: who owns an account needs none, and what limits
// policies from outside of them is not in here.
",
    );
    head
}

struct Exporter<'v> {
    names: Names<'v>,
    refusals: Vec<Diagnostic>,
    written: String,
}

impl Exporter<'_> {
    fn statement(&mut self, statement: &Statement) {
        let asked = Term::variable("context").attribute(ASKED);
        let actions = self.actions(statement, &asked.attribute("action"));
        let resources = self.resources(statement, &asked.attribute("resource"));
        let when = self.condition(statement.when());
        let unless = self.condition(statement.unless());
        let clauses = [
            ("when", actions),
            ("when", resources),
            ("when", when),
            ("unless", unless),
        ];
        let effect = match statement.verb() {
            Verb::Allow => "permit",
            Verb::Deny => "forbid",
        };
        let mut text = format!("\n@id({})\n", quoted(&statement.id().to_string()));
        if let Some(because) = statement.because() {
            text.push_str(&format!("@because({})\n", quoted(because)));
        }
        let policy = quoted(statement.policy());
        text.push_str(&format!(
            "{effect} (principal in Policy::{policy}, action == Action::\"ask\", resource)"
        ));
        for (word, clause) in clauses {
            if let Some(clause) = clause {
                text.push_str(&format!("\n{word} {{ {} }}", clause.as_str()));
            }
        }
        self.written.push_str(&text);
        self.written.push_str(";\n");
    }

    /// What the action must be; nothing where it may be any.
    fn actions(&mut self, statement: &Statement, asked: &Term) -> Option<Term> {
        match statement.actions() {
            Actions::Of(patterns) => self.any_of(statement, patterns, asked),
            Actions::AllExcept(patterns) if patterns.is_empty() => None,
            Actions::AllExcept(patterns) => {
                let except = self.any_of(statement, patterns, asked);
                Some(except.map_or(Term::truth(false), |except| except.not()))
            }
        }
    }

    fn resources(&mut self, statement: &Statement, asked: &Term) -> Option<Term> {
        if statement.resources().is_empty() {
            return None;
        }
        self.any_of(statement, statement.resources(), asked)
    }

    /// Whether one of the patterns covers what is asked; nothing where one of them covers all.
    fn any_of(
        &mut self,
        statement: &Statement,
        patterns: &[Pattern],
        asked: &Term,
    ) -> Option<Term> {
        if let Some(single) = patterns.iter().find(|pattern| pattern.text().contains('?')) {
            let says = format!("Cedar has no `?`, which the pattern `{single}` uses");
            let refusal = Diagnostic::error(codes::PATTERN_NOT_IN_CEDAR, statement.span(), says);
            self.refusals.push(refusal.help(NO_SINGLE));
            return None;
        }
        if patterns.iter().any(Pattern::is_any) {
            return None;
        }
        let mut exact = Vec::new();
        let mut alternatives = Vec::new();
        for pattern in patterns {
            let pieces: Vec<&str> = pattern.pieces().collect();
            match pieces.as_slice() {
                [whole] => exact.push(Term::text(whole)),
                pieces => alternatives.push(asked.like(pieces.iter().copied())),
            }
        }
        match exact.as_slice() {
            [] => {}
            [only] => alternatives.insert(0, asked.relation("==", only)),
            several => alternatives.insert(0, Term::set(several).method("contains", asked)),
        }
        if alternatives.len() > PARTS_MAX {
            self.too_large(statement.span());
            return None;
        }
        Some(Term::any(alternatives))
    }

    fn condition(&mut self, expression: Option<&Expression>) -> Option<Term> {
        let expression = expression?;
        match condition::condition(expression, &mut self.names) {
            Ok(term) => return Some(term),
            Err(Refusal::TooLarge) => self.too_large(expression.span()),
            Err(Refusal::Lacks(what, help)) => {
                let says = format!("Cedar cannot express {what}");
                let refusal = Diagnostic::error(codes::NOT_IN_CEDAR, expression.span(), says);
                self.refusals.push(refusal.help(help));
            }
        }
        None
    }

    fn too_large(&mut self, span: crate::source::Span) {
        let says = format!("this has more than {PARTS_MAX} parts, more than Cedar can be sure of");
        let refusal = Diagnostic::error(codes::TOO_LARGE_FOR_CEDAR, span, says);
        self.refusals
            .push(refusal.help("make several statements of it"));
    }
}
