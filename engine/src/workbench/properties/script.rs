//! From a file of properties to its properties.
//!
//! A file runs once, sealed and bounded like a policy, and what it says is kept: the conditions are
//! not run but captured, checked and lowered, so that a property is a pure function of the request.
//! What a script's variables held when a property was stated is put into its condition.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use rhai::packages::{
    ArithmeticPackage, BasicArrayPackage, BasicIteratorPackage, BasicStringPackage, LogicPackage,
    Package,
};
use rhai::{
    Dynamic, Engine, EvalAltResult, EvalContext, Expression as Input, ImmutableString,
    OptimizationLevel, Position, Scope,
};

use super::{Property, Stated, codes, report, syntax};
use crate::diagnostic::Diagnostic;
use crate::expr::codes::UNGUARDED_OPTIONAL;
use crate::expr::{Captured, Compiler, Expected, Expression, Slot, SourceText, Type};

/// Longest file of properties, in bytes.
const SCRIPT_LENGTH_MAX: usize = 1 << 18;
/// Most properties that one file may state.
const PROPERTIES_MAX: usize = 1_000;
/// What a file stops with that states more; told apart by its text.
pub(super) const TOO_MANY: &str = "too many properties";
/// Most operations of one file.
pub(super) const OPERATIONS_MAX: u64 = 100_000;
const DEPTH_MAX: usize = 64;
const TEXT_LENGTH_MAX: usize = 4_096;
const LIST_LENGTH_MAX: usize = 1_000;
const VARIABLES_MAX: usize = 200;

/// Words of rhai that files of properties do not have.
pub(super) const FORBIDDEN: [&str; 24] = [
    "while", "loop", "do", "until", "fn", "private", "Fn", "call", "curry", "this", "eval",
    "import", "export", "as", "global", "print", "debug", "try", "catch", "throw", "return", "#{",
    "type_of", "switch",
];

/// The value that a script's variable had.
type Locals = BTreeMap<String, Dynamic>;

/// What one `holds(…)` or `never(…)` said.
#[derive(Debug)]
struct Recorded {
    stated: Stated,
    title: Result<ImmutableString, &'static str>,
    position: Position,
    /// The filter, where there is one, and the condition: each with the name of the request in it.
    conditions: Vec<(String, Captured)>,
    locals: Locals,
}

/// Reads files of properties over one vocabulary.
pub(super) struct Reader<'a> {
    compiler: &'a Compiler,
    engine: Engine,
    gathered: Arc<Mutex<Vec<Recorded>>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(compiler: &'a Compiler) -> Self {
        let gathered = Arc::default();
        let mut engine = sealed();
        for (word, stated) in [("holds", Stated::Holds), ("never", Stated::Never)] {
            let gathered = Arc::clone(&gathered);
            engine.register_custom_syntax_with_state_raw(
                word,
                syntax::next_symbol,
                false,
                move |context, inputs, _| record(&gathered, stated, context, inputs),
            );
        }
        Self {
            compiler,
            engine,
            gathered,
        }
    }

    /// Reads one file. What is wrong is added to `findings`, and left out.
    pub(super) fn read(
        &self,
        source: &SourceText<'_>,
        may_read: &dyn Fn(Slot) -> Result<(), String>,
        findings: &mut Vec<Diagnostic>,
    ) -> Vec<Property> {
        if source.text().len() > SCRIPT_LENGTH_MAX {
            let says = format!("the file is longer than {SCRIPT_LENGTH_MAX} bytes");
            let head = source.span(0..0);
            findings.push(Diagnostic::error(codes::SCRIPT_FAILED, head, says));
            return Vec::new();
        }
        let ast = match self.engine.compile(source.text()) {
            Ok(ast) => ast,
            Err(error) => {
                findings.push(report::unreadable(&error, source));
                return Vec::new();
            }
        };
        let ended = self.engine.run_ast_with_scope(&mut Scope::new(), &ast);
        let recorded = std::mem::take(&mut *lock(&self.gathered));
        if let Err(error) = ended {
            findings.push(report::stopped(&error, source));
        }
        let mut properties = Vec::with_capacity(recorded.len());
        for recorded in recorded {
            let stating = Stating {
                compiler: self.compiler,
                source,
                may_read,
            };
            match stating.property(&recorded) {
                Ok(property) => properties.push(property),
                Err(wrong) => findings.extend(wrong),
            }
        }
        properties
    }
}

fn lock(gathered: &Mutex<Vec<Recorded>>) -> std::sync::MutexGuard<'_, Vec<Recorded>> {
    gathered.lock().unwrap_or_else(PoisonError::into_inner)
}

fn sealed() -> Engine {
    let mut engine = Engine::new_raw();
    ArithmeticPackage::new().register_into_engine(&mut engine);
    LogicPackage::new().register_into_engine(&mut engine);
    BasicStringPackage::new().register_into_engine(&mut engine);
    BasicIteratorPackage::new().register_into_engine(&mut engine);
    BasicArrayPackage::new().register_into_engine(&mut engine);
    engine
        .set_optimization_level(OptimizationLevel::None)
        .set_max_operations(OPERATIONS_MAX)
        .set_max_expr_depths(DEPTH_MAX, DEPTH_MAX)
        .set_max_call_levels(8)
        .set_max_variables(VARIABLES_MAX)
        .set_max_functions(1)
        .set_max_string_size(TEXT_LENGTH_MAX)
        .set_max_array_size(LIST_LENGTH_MAX)
        .set_max_map_size(1)
        .set_allow_anonymous_fn(false)
        .set_allow_shadowing(false);
    for word in FORBIDDEN {
        engine.disable_symbol(word);
    }
    engine
}

/// Notes what a statement says, as the script comes to it.
fn record(
    gathered: &Mutex<Vec<Recorded>>,
    stated: Stated,
    context: &mut EvalContext<'_, '_, '_, '_, '_, '_>,
    inputs: &[Input<'_>],
) -> Result<Dynamic, Box<EvalAltResult>> {
    let parts = syntax::Parts::of(inputs);
    let Some(title) = parts.title else {
        return Ok(Dynamic::UNIT);
    };
    let position = title.position();
    let title = context.eval_expression_tree(title)?;
    let conditions: Vec<(String, Captured)> = parts
        .conditions
        .into_iter()
        .map(|(subject, condition)| (subject.to_owned(), Captured::of(condition)))
        .collect();
    let names: BTreeSet<String> = conditions.iter().flat_map(|(_, it)| it.names()).collect();
    let value = |name: String| Some((name.clone(), context.scope().get(&name)?.clone()));
    let recorded = Recorded {
        stated,
        title: title
            .try_cast_result()
            .map_err(|other| syntax::kind(&other)),
        position,
        locals: names.into_iter().filter_map(value).collect(),
        conditions,
    };
    let mut gathered = lock(gathered);
    if gathered.len() >= PROPERTIES_MAX {
        return Err(TOO_MANY.into());
    }
    gathered.push(recorded);
    Ok(Dynamic::UNIT)
}

/// What it takes to make properties of what was recorded.
struct Stating<'a> {
    compiler: &'a Compiler,
    source: &'a SourceText<'a>,
    may_read: &'a dyn Fn(Slot) -> Result<(), String>,
}

impl Stating<'_> {
    fn property(&self, recorded: &Recorded) -> Result<Property, Vec<Diagnostic>> {
        let start = self.source.offset(recorded.position);
        let span = self.source.span(syntax::text_at(self.source.text(), start));
        let wrong = |says: String, help: &str| {
            vec![Diagnostic::error(codes::FORBIDDEN_CONSTRUCT, span, says).help(help)]
        };
        let title = recorded.title.as_ref().map_err(|kind| {
            let says = format!("the name of a property is a text, not {kind}");
            wrong(
                says,
                "say what holds: `holds(\"auditors only read\", |r| …)`",
            )
        })?;
        if title.trim().is_empty() {
            let says = "this property has no name".to_owned();
            return Err(wrong(says, "say in a few words what holds"));
        }
        let mut conditions = Vec::with_capacity(2);
        let mut findings = Vec::new();
        for (subject, captured) in &recorded.conditions {
            match self.condition(subject, captured, &recorded.locals) {
                Ok(condition) => conditions.push(condition),
                Err(wrong) => findings.extend(wrong),
            }
        }
        let condition = conditions.pop().filter(|_| findings.is_empty());
        Ok(Property {
            title: title.as_str().into(),
            stated: recorded.stated,
            condition: condition.ok_or(findings)?,
            given: conditions.pop(),
            span,
        })
    }

    fn condition(
        &self,
        subject: &str,
        captured: &Captured,
        locals: &Locals,
    ) -> Result<Expression, Vec<Diagnostic>> {
        let expected = Expected {
            ty: Some(Type::Bool),
            optional: false,
            may_read: self.may_read,
        };
        let value = |name: &str| locals.get(name).cloned();
        let condition = captured.expression();
        let source = self.source;
        let compiled =
            self.compiler
                .captured_of(Some(subject), &condition, source, &value, &expected);
        compiled.map_err(|findings| {
            let findings = findings.into_iter();
            findings.map(|it| self.advised(subject, it)).collect()
        })
    }

    /// Advice repeats names; here it is read by somebody who writes them as parts of the request.
    fn advised(&self, subject: &str, mut finding: Diagnostic) -> Diagnostic {
        if finding.code == UNGUARDED_OPTIONAL {
            let written = self.source.slice(finding.primary.span);
            let name = written
                .strip_prefix(subject)
                .and_then(|it| it.strip_prefix('.'));
            for help in &mut finding.help {
                *help = name.map_or(help.clone(), |name| help.replace(name, written));
            }
        }
        finding
    }
}
