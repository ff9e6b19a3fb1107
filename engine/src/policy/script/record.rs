//! The syntax of statements, and what a running script registers by them.
//!
//! ```text
//! (allow | deny) (ACTIONS | all | all except ACTIONS)
//!     [on RESOURCES] [when CONDITION] [unless CONDITION] [because TEXT] ;
//! ```
//! The clause words are keywords only in these places, so that `account.on` stays a name.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rhai::{
    Array, Dynamic, Engine, EvalAltResult, EvalContext, Expression, ImmutableString, LexError,
    ParseError, ParseErrorType, Position, Scope,
};

use super::outline::CLAUSES;
use crate::expr::Captured;
use crate::policy::statement::Verb;

/// Most statements that one script may register.
pub(super) const STATEMENTS_MAX: usize = 10_000;
/// Most patterns and list elements that one script may register, over all statements.
pub(super) const WEIGHT_MAX: usize = 100_000;
/// Most bytes of patterns and reasons that one script may register, over all statements.
pub(super) const BYTES_MAX: usize = 4 << 20;
/// What a script stops with that registers more; told apart by its text.
pub(super) const TOO_MANY: &str = "too many statements";

/// The value of a clause.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Texts {
    /// A text, or a list of texts.
    These(Vec<ImmutableString>),
    /// Something else, as people call it.
    Not(&'static str),
}

/// Which actions a statement says it covers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Actions {
    Of(Texts),
    All,
    AllExcept(Texts),
}

/// The script's own values that a condition may use.
pub(super) type Locals = BTreeMap<String, Dynamic>;

/// A condition, as each statement that is made in its place has it.
#[derive(Debug, Default)]
pub(super) struct Condition {
    /// Kept only where it has to be compiled: most of a large policy are like one before.
    pub(super) captured: OnceLock<Captured>,
    /// The names in it that a variable could have. A script without variables never asks.
    names: OnceLock<BTreeSet<String>>,
    /// Where it is in the tree of its script.
    pub(super) place: usize,
}

impl Condition {
    /// Where an expression is in the tree of the script that runs, which stays where it is.
    pub(super) fn place_of(expression: &Expression<'_>) -> usize {
        std::ptr::from_ref(&**expression).addr()
    }

    /// Whether it uses any of these variables.
    pub(super) fn uses(&self, locals: &Locals) -> bool {
        let names = self.names.get();
        names.is_some_and(|names| locals.keys().any(|name| names.contains(name)))
    }

    /// The values that the variables in it have now. It is this expression.
    fn locals(&self, expression: &Expression<'_>, scope: &Scope<'_>) -> Vec<(String, Dynamic)> {
        let names = self.names.get_or_init(|| Captured::names_in(expression));
        let value = |name: &String| Some((name.clone(), scope.get(name)?.clone()));
        names.iter().filter_map(value).collect()
    }
}

/// What one statement registered.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) verb: Verb,
    /// Somewhere behind the verb.
    pub(super) position: Position,
    pub(super) actions: Actions,
    pub(super) resources: Option<Texts>,
    pub(super) when: Option<Arc<Condition>>,
    pub(super) unless: Option<Arc<Condition>>,
    pub(super) because: Option<Texts>,
    pub(super) locals: Locals,
}

/// Where the statements of the running script gather.
#[derive(Debug, Default, Clone)]
pub(super) struct Recorder(Arc<Mutex<Gathered>>);

#[derive(Debug, Default)]
struct Gathered {
    statements: Vec<Recorded>,
    weight: usize,
    bytes: usize,
    /// The conditions so far, by where they are in the tree of the running script.
    conditions: HashMap<usize, Arc<Condition>>,
}

impl Gathered {
    /// A condition; the same one each time that a loop comes by.
    fn condition(&mut self, expression: &Expression<'_>) -> Arc<Condition> {
        let place = Condition::place_of(expression);
        let condition = self.conditions.entry(place);
        let new = || Condition {
            place,
            ..Condition::default()
        };
        condition.or_insert_with(|| Arc::new(new())).clone()
    }
}

impl Recorder {
    /// Teaches an engine both verbs.
    pub(super) fn register(&self, engine: &mut Engine) {
        for (word, verb) in [("allow", Verb::Allow), ("deny", Verb::Deny)] {
            let recorder = self.clone();
            engine.register_custom_syntax_with_state_raw(
                word,
                next_symbol,
                false,
                move |context, inputs, state| recorder.statement(verb, context, inputs, state),
            );
        }
    }

    /// Hands over what has gathered.
    pub(super) fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut *self.gathered()).statements
    }

    fn statement(
        &self,
        verb: Verb,
        context: &mut EvalContext<'_, '_, '_, '_, '_, '_>,
        inputs: &[Expression<'_>],
        state: &Dynamic,
    ) -> Result<Dynamic, Box<EvalAltResult>> {
        let mut clauses = Clauses {
            words: Words(state.as_int().unwrap_or_default()),
            inputs,
        };
        let (when, unless) = (clauses.after("when"), clauses.after("unless"));
        let mut recorded = Recorded {
            verb,
            position: inputs.first().map_or(Position::NONE, Expression::position),
            actions: clauses.actions(context)?,
            resources: clauses.texts("on", context)?,
            when: self.condition(when),
            unless: self.condition(unless),
            because: clauses.texts("because", context)?,
            locals: Locals::new(),
        };
        let conditions = [(&recorded.when, when), (&recorded.unless, unless)];
        if !context.scope().is_empty() {
            let conditions = conditions
                .into_iter()
                .filter_map(|(of, is)| of.as_ref().zip(is));
            let locals =
                conditions.flat_map(|(condition, is)| condition.locals(is, context.scope()));
            recorded.locals = locals.collect();
        }
        self.keep(recorded)?;
        Ok(Dynamic::UNIT)
    }

    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn condition(&self, expression: Option<&Expression<'_>>) -> Option<Arc<Condition>> {
        expression.map(|expression| self.gathered().condition(expression))
    }

    fn keep(&self, recorded: Recorded) -> Result<(), Box<EvalAltResult>> {
        let mut gathered = self.gathered();
        gathered.weight += recorded.weight();
        gathered.bytes += recorded.bytes();
        let full = gathered.statements.len() >= STATEMENTS_MAX;
        if full || gathered.weight > WEIGHT_MAX || gathered.bytes > BYTES_MAX {
            return Err(TOO_MANY.into());
        }
        gathered.statements.push(recorded);
        Ok(())
    }
}

impl Recorded {
    /// The texts of its patterns and its reason.
    fn texts(&self) -> impl Iterator<Item = &[ImmutableString]> {
        let actions = match &self.actions {
            Actions::Of(texts) | Actions::AllExcept(texts) => Some(texts),
            Actions::All => None,
        };
        let all = [actions, self.resources.as_ref(), self.because.as_ref()];
        all.into_iter().flatten().map(|texts| match texts {
            Texts::These(texts) => texts.as_slice(),
            Texts::Not(_) => &[],
        })
    }

    /// Its conditions.
    pub(super) fn conditions(&self) -> impl Iterator<Item = &Condition> {
        [&self.when, &self.unless]
            .into_iter()
            .flatten()
            .map(AsRef::as_ref)
    }

    /// How much it takes to keep this: texts, and elements of lists that conditions use.
    fn weight(&self) -> usize {
        let texts: usize = self.texts().map(<[_]>::len).sum();
        texts + self.locals.values().map(elements).sum::<usize>()
    }

    fn bytes(&self) -> usize {
        self.texts().flatten().map(|text| text.len()).sum()
    }
}

/// How many elements a value has, if it is a list.
pub(super) fn elements(value: &Dynamic) -> usize {
    value.as_array_ref().map_or(0, |list| list.len())
}

/// Which of a statement's inputs each of its words is: four bits a word, in which the inputs count
/// from one. Parsing a statement writes this down once for each of its symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Words(i64);

impl Words {
    fn of(inputs: &[ImmutableString]) -> Self {
        let counted = (1..).zip(inputs);
        let bits = counted.filter_map(|(count, input)| Some(count << Self::shift(input)?));
        Self(bits.fold(0, |words, word: i64| words | word))
    }

    /// The input that a word is.
    fn place(self, word: &str) -> Option<usize> {
        let count = (self.0 >> Self::shift(word)?) & 0xf;
        usize::try_from(count).ok()?.checked_sub(1)
    }

    fn shift(word: &str) -> Option<usize> {
        let mut words = ["all", "except"].iter().chain(&CLAUSES);
        Some(4 * words.position(|known| *known == word)?)
    }
}

/// The inputs of a statement, each under its word.
struct Clauses<'i, 'e> {
    words: Words,
    inputs: &'i [Expression<'e>],
}

impl<'i, 'e> Clauses<'i, 'e> {
    fn after(&self, keyword: &str) -> Option<&'i Expression<'e>> {
        self.inputs.get(self.words.place(keyword)? + 1)
    }

    fn texts(
        &mut self,
        keyword: &str,
        context: &mut EvalContext<'_, '_, '_, '_, '_, '_>,
    ) -> Result<Option<Texts>, Box<EvalAltResult>> {
        self.after(keyword)
            .map(|input| Ok(texts(context.eval_expression_tree(input)?)))
            .transpose()
    }

    fn actions(
        &mut self,
        context: &mut EvalContext<'_, '_, '_, '_, '_, '_>,
    ) -> Result<Actions, Box<EvalAltResult>> {
        if self.words.place("all").is_some() {
            let except = self.texts("except", context)?;
            return Ok(except.map_or(Actions::All, Actions::AllExcept));
        }
        let value = match self.inputs.first() {
            Some(input) => context.eval_expression_tree(input)?,
            None => Dynamic::UNIT,
        };
        Ok(Actions::Of(texts(value)))
    }
}

/// Reads a text or a list of texts.
fn texts(value: Dynamic) -> Texts {
    let text = |value: Dynamic| value.try_cast_result::<ImmutableString>();
    let list = match text(value) {
        Ok(single) => return Texts::These(vec![single]),
        Err(other) => match other.try_cast_result::<Array>() {
            Ok(list) => list,
            Err(other) => return Texts::Not(kind(&other)),
        },
    };
    let mut found = Vec::with_capacity(list.len());
    for element in list {
        match text(element) {
            Ok(element) => found.push(element),
            Err(_) => return Texts::Not("a list with something other than text in it"),
        }
    }
    Texts::These(found)
}

/// What people call a value's type.
fn kind(value: &Dynamic) -> &'static str {
    match value.type_name() {
        "i64" => "a number",
        "bool" => "a truth value",
        "()" => "nothing",
        "char" => "a single character in '…', not a text in \"…\"",
        "map" => "a map",
        _ => "not a text",
    }
}

/// What may follow the symbols read so far; the words of the inputs are noted in `state`.
fn next_symbol(
    symbols: &[ImmutableString],
    ahead: &str,
    state: &mut Dynamic,
) -> Result<Option<ImmutableString>, ParseError> {
    let inputs = symbols.get(1..).unwrap_or_default();
    *state = Words::of(inputs).0.into();
    let last = inputs.last().map(ImmutableString::as_str);
    let word = || Ok(Some("$ident$".into()));
    let expression = || Ok(Some("$expr$".into()));
    match last {
        None if ahead == "all" => word(),
        None => expression(),
        Some("all") if ahead == "except" => word(),
        Some("all" | "$expr$") => match next_clause(inputs, ahead) {
            Ok(true) => word(),
            Ok(false) => Ok(None),
            Err(says) => Err(refuse(ahead, says)),
        },
        Some(_) => expression(),
    }
}

/// Whether another clause begins.
fn next_clause(inputs: &[ImmutableString], ahead: &str) -> Result<bool, String> {
    let place = |word: &str| CLAUSES.iter().position(|clause| *clause == word);
    let Some(new) = place(ahead) else {
        return match ahead {
            ";" | "}" | "{EOF}" => Ok(false),
            _ => Err(unexpected(inputs, ahead)),
        };
    };
    let last = inputs.iter().filter_map(|word| place(word)).next_back();
    match last {
        Some(last) if last == new => Err(format!("a statement has one `{ahead}` clause")),
        Some(last) if last > new => {
            let before = CLAUSES.get(last).copied().unwrap_or_default();
            Err(format!("`{ahead}` comes before `{before}`"))
        }
        _ => Ok(true),
    }
}

fn unexpected(inputs: &[ImmutableString], ahead: &str) -> String {
    let after = inputs.iter().rev().find(|word| *word != "$expr$");
    let begun = after.and_then(|word| CLAUSES.iter().position(|clause| clause == word));
    let from = begun.map_or(0, |last| last + 1);
    let clauses = CLAUSES.iter().skip(from);
    let expected: Vec<String> = clauses.map(|clause| format!("`{clause}`")).collect();
    match (expected.is_empty(), crate::name::closest(ahead, CLAUSES)) {
        (_, Some(close)) => format!("did you mean `{close}`?"),
        (true, None) => "expected `;`".to_owned(),
        (false, None) => format!("expected {} or `;`", expected.join(", ")),
    }
}

fn refuse(ahead: &str, says: String) -> ParseError {
    let symbol = LexError::ImproperSymbol(ahead.to_owned(), says);
    ParseError(Box::new(ParseErrorType::BadInput(symbol)), Position::NONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_their_places_among_the_inputs() {
        let inputs = ["all", "except", "$expr$", "on", "$expr$", "when", "$expr$"]
            .into_iter()
            .chain(["unless", "$expr$", "because", "$expr$"]);
        let words = Words::of(&inputs.map(ImmutableString::from).collect::<Vec<_>>());
        let places = ["all", "except", "on", "when", "unless", "because"];
        let places = places.map(|word| words.place(word));
        assert_eq!(places, [0, 1, 3, 5, 7, 9].map(Some));
        assert_eq!(words.place("$expr$"), None);
        assert_eq!(Words::of(&["$expr$".into()]).place("all"), None);
    }
}
