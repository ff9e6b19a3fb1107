//! Expressions: rhai is the language, a native form runs what it can, the sandboxed interpreter
//! runs the rest.
//!
//! From text to truth: rhai parses (`host`); `lower` turns its syntax tree into ours (`syntax`);
//! `check` types it against a [`Vocabulary`] and makes the native form (`node`); `eval` runs that,
//! over [`Facts`] of which all or (for analysis) only some are known. Decisions run conditions as a row
//! of questions, made of the native form (`steps`), and turn to that where there is no answer. Functions of the lifecycle
//! that are a single expression are put in place; the interpreter runs only those of several
//! statements (`script`). Operators and functions exist once (`operators`, [`functions`]), so that
//! both engines mean the same by them. Why a condition came to what it did is told by its clauses
//! (`clause`, `written`), which are made on demand only.
//!
//! Nothing is read where it may be unset. A name that can be (an optional attribute or input, and
//! every fact of the session) stands behind `has(name) && ..`, behind `!has(name) || ..` or before
//! `?? ..`; anything else is refused when it is loaded. Should a name that always has a value have
//! none after all, the expression fails, and whoever asked fails closed.

#[cfg(any(test, feature = "properties"))]
pub mod agreement;
mod cases;
mod check;
mod clause;
pub mod codes;
mod compared;
mod compiler;
mod dynamic;
mod eval;
mod expression;
mod extent;
mod facts;
mod fault;
pub mod functions;
mod host;
#[cfg(any(test, feature = "properties"))]
mod interpret;
mod lower;
mod node;
mod operators;
mod place;
pub mod portable;
mod refusal;
mod relation;
mod script;
mod steps;
mod syntax;
mod template;
#[cfg(test)]
mod tests;
mod truth;
mod types;
mod vocabulary;
mod written;

pub use cases::Cases;
pub use clause::{Clause, Joint, Outcome};
pub use compiler::{Compiler, Expected};
pub(crate) use expression::Predicate;
pub use expression::{EvalError, Expression};
pub use facts::{Facts, Val};
pub use host::bounds;
pub use lower::Captured;
pub use operators::operators;
pub use place::SourceText;
pub use template::Template;
pub use truth::{Knowledge, Partial, Truth};
pub use vocabulary::{Fact, Slot, Type, Vocabulary};
