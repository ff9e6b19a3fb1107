//! The conditions of a script's statements, each compiled once for each set of values that the
//! script's variables have in it.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::outline::Outline;
use super::record::{Condition, Locals, elements};
use crate::diagnostic::Diagnostic;
use crate::expr::{Compiler, Expected, Expression, Slot, SourceText, Type, Vocabulary};
use crate::policy::codes;
use crate::source::Span;

/// Most words of conditions, and elements of lists in them, that are compiled for one script.
pub(super) const TERMS_MAX: usize = 100_000;

/// Compiles the conditions of one script.
pub(super) struct Conditions<'a> {
    compiler: &'a Compiler,
    vocabulary: &'a Vocabulary,
    /// Those without variables, by number; `None` where one is wrong.
    compiled: BTreeMap<usize, Option<Expression>>,
    /// Those without variables that are in order, by their text, with the byte where its clause
    /// begins: large policies ask the same again and again.
    by_text: HashMap<&'a str, (usize, Expression)>,
    terms: usize,
}

impl<'a> Conditions<'a> {
    pub(super) fn new(compiler: &'a Compiler, vocabulary: &'a Vocabulary) -> Self {
        Self {
            compiler,
            vocabulary,
            compiled: BTreeMap::new(),
            by_text: HashMap::new(),
            terms: 0,
        }
    }

    /// The condition of a clause.
    ///
    /// # Errors
    /// With what is wrong; with nothing, where that has been said before.
    pub(super) fn compile(
        &mut self,
        condition: &Condition,
        locals: &Locals,
        written: &Written<'_, 'a>,
    ) -> Result<Expression, Vec<Diagnostic>> {
        let fixed = !condition.uses(locals);
        if fixed && let Some(known) = self.compiled.get(&condition.number) {
            return known.clone().ok_or_else(Vec::new);
        }
        let text = written.text().filter(|_| fixed);
        if let Some((begins, first)) = text.and_then(|text| self.by_text.get(text)) {
            return Ok(first.at(written.moved(first.span(), *begins)));
        }
        self.terms += written.terms(locals);
        if self.is_exhausted() {
            return Err(vec![written.too_many_terms()]);
        }
        let may_read = |slot: Slot| self.may_read(slot);
        let expected = Expected {
            ty: Some(Type::Bool),
            optional: false,
            may_read: &may_read,
        };
        let value = |name: &str| locals.get(name).cloned();
        let tree = condition.captured.expression();
        let compiled = self
            .compiler
            .captured(&tree, written.source, &value, &expected);
        if fixed {
            let known = compiled.as_ref().ok().cloned();
            self.compiled.insert(condition.number, known);
        }
        if let (Some(text), Ok(first)) = (text, &compiled) {
            let begins = written.clause.start;
            self.by_text.insert(text, (begins, first.clone()));
        }
        compiled
    }

    /// Whether more was asked for than is compiled.
    pub(super) fn is_exhausted(&self) -> bool {
        self.terms > TERMS_MAX
    }

    fn may_read(&self, slot: Slot) -> Result<(), String> {
        match self.vocabulary.fact(slot) {
            Some(fact) if &*fact.path == "address" => {
                Err("an address is known only where a code is being sent".to_owned())
            }
            _ => Ok(()),
        }
    }
}

/// Where a clause is written.
pub(super) struct Written<'w, 'a> {
    pub(super) outline: &'w Outline<'a>,
    pub(super) source: &'w SourceText<'a>,
    pub(super) clause: Range<usize>,
}

impl<'a> Written<'_, 'a> {
    /// The clause as it is written.
    fn text(&self) -> Option<&'a str> {
        let text = self.outline.text().get(self.clause.clone())?;
        (!text.is_empty()).then_some(text)
    }

    /// A place in a clause of the same text, which begins elsewhere, as one in this clause.
    fn moved(&self, span: Span, begins: usize) -> Span {
        let (start, end) = (span.start as usize, span.end as usize);
        let here = |byte: usize| self.clause.start + byte.saturating_sub(begins);
        self.source.span(here(start)..here(end))
    }

    /// What it takes to compile it: its words, with the elements of lists for their variables.
    fn terms(&self, locals: &Locals) -> usize {
        let first = self.outline.token_at(self.clause.start);
        (first..self.outline.len())
            .take_while(|index| self.outline.range(*index).end <= self.clause.end)
            .map(|index| {
                let local = self.outline.word(index).and_then(|name| locals.get(name));
                1 + local.map_or(0, elements)
            })
            .sum()
    }

    fn too_many_terms(&self) -> Diagnostic {
        let says = format!("the script makes conditions of more than {TERMS_MAX} words");
        let span = self.source.span(self.clause.clone());
        Diagnostic::error(codes::BOUND_EXCEEDED, span, says)
            .help("split the policy, or write what it computes")
    }
}
