//! The conditions of a script's statements, each compiled once for each set of values that the
//! script's variables have in it.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use rhai::AST;

use super::outline::{Outline, StatementPlace};
use super::record::{Condition, Locals, Recorded, elements};
use super::report;
use crate::diagnostic::Diagnostic;
use crate::expr::{Captured, Compiler, Expected, Expression, Slot, SourceText, Type, Vocabulary};
use crate::policy::codes;
use crate::source::Span;

/// Most words of conditions, and elements of lists in them, that are compiled for one script.
pub(super) const TERMS_MAX: usize = 100_000;

/// The conditions that have to be compiled as long as nothing is wrong: the first of those that
/// are written alike, and all that use variables.
pub(super) fn firsts<'r>(
    outline: &Outline<'_>,
    recorded: &'r [Recorded],
    places: &[Option<Arc<StatementPlace<'_>>>],
) -> Vec<&'r Condition> {
    let (mut texts, mut firsts) = (HashSet::new(), Vec::new());
    for (recorded, place) in recorded.iter().zip(places) {
        let Some(place) = place else {
            continue;
        };
        let clauses = [("when", &recorded.when), ("unless", &recorded.unless)];
        // Both are looked at before either counts, so that what is wrong is said of both.
        let new: Vec<_> = clauses
            .into_iter()
            .filter_map(|(keyword, condition)| {
                let condition = condition.as_deref()?;
                let text = outline.text().get(place.clause(keyword))?;
                let is_fixed = !text.is_empty() && !condition.uses(&recorded.locals);
                let is_known = is_fixed && texts.contains(text);
                (!is_known).then_some((condition, is_fixed.then_some(text)))
            })
            .collect();
        texts.extend(new.iter().filter_map(|(_, text)| *text));
        firsts.extend(new.into_iter().map(|(condition, _)| condition));
    }
    firsts
}

/// Keeps the trees of some conditions beyond that of their script.
pub(super) fn keep(script: &AST, conditions: Vec<&Condition>) {
    let left = conditions
        .into_iter()
        .filter(|it| it.captured.get().is_none());
    let mut left: HashMap<usize, &Condition> = left.map(|it| (it.place, it)).collect();
    Captured::each(script, &mut |expression| {
        if let Some(condition) = left.remove(&Condition::place_of(expression)) {
            condition.captured.get_or_init(|| Captured::of(expression));
        }
        !left.is_empty()
    });
}

/// Compiles the conditions of one script.
pub(super) struct Conditions<'a> {
    compiler: &'a Compiler,
    vocabulary: &'a Vocabulary,
    /// Those without variables, by place; `None` where one is wrong.
    compiled: HashMap<usize, Option<Expression>>,
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
            compiled: HashMap::new(),
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
        if fixed && let Some(known) = self.compiled.get(&condition.place) {
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
        let Some(captured) = condition.captured.get() else {
            return Err(vec![report::failed(written.source)]);
        };
        let tree = captured.expression();
        let compiled = self
            .compiler
            .captured(&tree, written.source, &value, &expected);
        if fixed {
            let known = compiled.as_ref().ok().cloned();
            self.compiled.insert(condition.place, known);
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
