//! The functions of a lifecycle (`functions.rhai`): single expressions are put in place where they
//! are called, the others run in the interpreter.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rhai::{AST, Dynamic, Engine, Scope};

use super::dynamic::{to_dynamic, to_got};
use super::fault::Fault;
use super::functions::{self, Got};
use super::node::Node;
use super::place::SourceText;
use super::syntax::{Call, Definition, Statement, Tree, TreeKind};
use super::{codes, host, lower, refusal};
use crate::diagnostic::Diagnostic;

/// The longest functions file, in bytes.
const FILE_LENGTH_MAX: usize = 65_536;

/// The functions of a lifecycle, read and checked as far as they can be without their callers.
pub(super) struct Library {
    functions: BTreeMap<Arc<str>, Definition>,
    engine: Engine,
    ast: AST,
}

impl fmt::Debug for Library {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.functions.keys()).finish()
    }
}

/// A call that the interpreter runs.
#[derive(Clone)]
pub(super) struct ScriptCall {
    pub(super) library: Arc<Library>,
    pub(super) name: Arc<str>,
    pub(super) arguments: Box<[Node]>,
}

impl fmt::Debug for ScriptCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple(&self.name).field(&self.arguments).finish()
    }
}

impl ScriptCall {
    /// Runs the function, within the interpreter's limits.
    pub(super) fn run(&self, arguments: &[Got<'_>]) -> Result<Got<'static>, Fault> {
        let arguments: Vec<Dynamic> = arguments.iter().map(|got| to_dynamic(got.val())).collect();
        let options = rhai::CallFnOptions::new().eval_ast(false);
        let library = &self.library;
        let call = || {
            library.engine.call_fn_with_options::<Dynamic>(
                options,
                &mut Scope::new(),
                &library.ast,
                &self.name,
                arguments,
            )
        };
        // A defect of the interpreter fails one expression, which denies, and not the process.
        let result = catch_unwind(AssertUnwindSafe(call))
            .map_err(|_| Fault::Failed("the interpreter failed"))?;
        to_got(&result.map_err(|error| host::fault(&error))?)
    }
}

impl Library {
    /// No functions.
    pub(super) fn empty() -> Self {
        Self {
            functions: BTreeMap::new(),
            engine: host::for_functions(),
            ast: AST::empty(),
        }
    }

    /// Reads a functions file.
    pub(super) fn read(source: &SourceText<'_>) -> Result<Self, Vec<Diagnostic>> {
        let text = source.text();
        if text.len() > FILE_LENGTH_MAX {
            let message = format!("the functions file is longer than {FILE_LENGTH_MAX} bytes");
            return Err(vec![Diagnostic::error(
                codes::BOUND_EXCEEDED,
                source.span(0..text.len()),
                message,
            )]);
        }
        let engine = host::for_functions();
        let ast = engine
            .compile(text)
            .map_err(|error| vec![refusal::syntax_error(&error, source)])?;
        let (definitions, mut diagnostics) = lower::definitions(&ast, source);
        let mut functions = BTreeMap::new();
        for definition in definitions {
            diagnostics.extend(name_taken(&definition, &functions));
            functions.insert(definition.name.clone(), definition);
        }
        for definition in functions.values() {
            Names::check(definition, &functions, &mut diagnostics);
        }
        diagnostics.extend(recursive(&functions));
        if diagnostics.is_empty() {
            Ok(Self {
                functions,
                engine,
                ast,
            })
        } else {
            Err(diagnostics)
        }
    }

    /// The function of a name.
    pub(super) fn function(&self, name: &str) -> Option<&Definition> {
        self.functions.get(name)
    }

    /// The functions' names.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(AsRef::as_ref)
    }

    /// The functions as rhai has them, to run a whole expression in the interpreter.
    #[cfg(any(test, feature = "properties"))]
    pub(super) fn ast(&self) -> &AST {
        &self.ast
    }
}

impl Definition {
    /// The body, if it is a single expression.
    pub(super) fn expression(&self) -> Option<&Tree> {
        match self.body.as_slice() {
            [Statement::Value(tree) | Statement::Return(tree)] => Some(tree),
            _ => None,
        }
    }

    fn calls(&self) -> Vec<&Call> {
        let mut calls = Vec::new();
        walk(&self.body, &mut |tree| {
            if let TreeKind::Call(call) = &tree.kind {
                calls.push(call);
            }
        });
        calls
    }
}

fn walk<'t>(statements: &'t [Statement], visit: &mut dyn FnMut(&'t Tree)) {
    for statement in statements {
        match statement {
            Statement::Let(_, tree) | Statement::Return(tree) | Statement::Value(tree) => {
                tree.walk(visit);
            }
            Statement::If(condition, then, otherwise) => {
                condition.walk(visit);
                walk(then, visit);
                walk(otherwise, visit);
            }
        }
    }
}

fn name_taken(
    definition: &Definition,
    functions: &BTreeMap<Arc<str>, Definition>,
) -> Option<Diagnostic> {
    let name = &definition.name;
    let problem = |what: &str| {
        Diagnostic::error(
            codes::FORBIDDEN_CONSTRUCT,
            definition.name_span,
            format!("`{name}` is {what}"),
        )
        .help("give the function another name")
    };
    if functions::function(name).is_some() {
        return Some(problem("a function of the language"));
    }
    let first = functions.get(name)?;
    Some(problem("defined twice").also(first.name_span, "first defined here"))
}

/// Checks that a function uses only names and functions that exist.
struct Names<'f> {
    functions: &'f BTreeMap<Arc<str>, Definition>,
    diagnostics: &'f mut Vec<Diagnostic>,
}

impl<'f> Names<'f> {
    fn check(
        definition: &'f Definition,
        functions: &'f BTreeMap<Arc<str>, Definition>,
        diagnostics: &'f mut Vec<Diagnostic>,
    ) {
        let mut names = Self {
            functions,
            diagnostics,
        };
        names.block(&definition.body, definition.parameters.clone());
    }

    fn block(&mut self, statements: &'f [Statement], mut known: Vec<Arc<str>>) {
        for statement in statements {
            match statement {
                Statement::Let(name, value) => {
                    self.tree(value, &known);
                    known.push(name.clone());
                }
                Statement::Return(value) | Statement::Value(value) => self.tree(value, &known),
                Statement::If(condition, then, otherwise) => {
                    self.tree(condition, &known);
                    self.block(then, known.clone());
                    self.block(otherwise, known.clone());
                }
            }
        }
    }

    fn tree(&mut self, tree: &'f Tree, known: &[Arc<str>]) {
        tree.walk(&mut |part| match &part.kind {
            TreeKind::Path(path) if path.rest.is_some() || !known.contains(&path.root) => {
                let message = format!("`{path}` is not a name in this function");
                self.diagnostics.push(
                    Diagnostic::error(codes::UNKNOWN_NAME, part.span, message)
                        .help("a function sees only its parameters: pass what it needs")
                        .did_you_mean(&path.root, known.iter().map(AsRef::as_ref)),
                );
            }
            TreeKind::Call(call) => self.call(call),
            _ => {}
        });
    }

    fn call(&mut self, call: &Call) {
        let native = functions::function(&call.name).map(|function| function.parameters.len());
        let own = self.functions.get(&call.name);
        let Some(wanted) = native.or(own.map(|own| own.parameters.len())) else {
            let names = self.functions.keys().map(AsRef::as_ref);
            self.diagnostics.push(unknown_function(call, names));
            return;
        };
        if wanted != call.arguments.len() {
            self.diagnostics.push(wrong_count(call, wanted));
        }
    }
}

/// A call of a function that does not exist.
pub(super) fn unknown_function<'n>(call: &Call, own: impl Iterator<Item = &'n str>) -> Diagnostic {
    let known = functions::FUNCTIONS.iter().map(|function| function.name);
    let message = format!("there is no function `{}`", call.name);
    Diagnostic::error(codes::UNKNOWN_FUNCTION, call.name_span, message)
        .did_you_mean(&call.name, own.chain(known))
}

/// A call with too many or too few values.
pub(super) fn wrong_count(call: &Call, wanted: usize) -> Diagnostic {
    let given = call.arguments.len();
    let plural = if wanted == 1 { "" } else { "s" };
    let message = format!("`{}` takes {wanted} value{plural}, not {given}", call.name);
    let diagnostic = Diagnostic::error(codes::TYPE_MISMATCH, call.name_span, message);
    match functions::function(&call.name) {
        Some(function) => diagnostic.help(format!("call it as `{}`", function.signature)),
        None => diagnostic,
    }
}

/// One diagnostic for each function that comes back to itself.
fn recursive(functions: &BTreeMap<Arc<str>, Definition>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for (name, definition) in functions {
        let mut reached: Vec<&str> = Vec::new();
        let mut next: Vec<&Call> = definition.calls();
        while let Some(call) = next.pop() {
            if call.name == *name {
                let message = format!("`{name}` calls itself");
                diagnostics.push(
                    Diagnostic::error(codes::RECURSIVE_FUNCTION, definition.name_span, message)
                        .also(call.name_span, "here")
                        .help("functions of a lifecycle must end, so they cannot be recursive"),
                );
                break;
            }
            if !reached.contains(&call.name.as_ref()) {
                reached.push(&call.name);
                next.extend(
                    functions
                        .get(&call.name)
                        .into_iter()
                        .flat_map(Definition::calls),
                );
            }
        }
    }
    diagnostics
}
