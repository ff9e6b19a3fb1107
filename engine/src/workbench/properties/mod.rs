//! Properties: what must hold of every request, for people who do not write Rust.
//!
//! A file of `policies/properties/` is a script of rhai that states them:
//!
//! ```rhai
//! //! What must hold of every request.
//! holds("auditors never change anything",
//!     |r| r.principal.name == "ram_role/auditor",
//!     |r| !r.allowed || r.reads);
//! never("a visitor gets more than a password", |r|
//!     r.principal.kind == "visitor" && r.allowed && r.permission != "account:RetrievePassword");
//! ```
//! `holds(name, |r| condition)` says that a condition is true of every request, `never` that it is
//! true of none; of two conditions, the first says which requests the property is about. A
//! condition is in the language of policies, over the same names written as parts of the request
//! (`r.account.country`, `r.now.hour`, `has(r.context.mfa)`), and over [how policies
//! answer](EXTRAS) it. It is checked like a policy's, so that an unknown name or an unguarded
//! optional one is found before anything runs, and it is captured, not called: a property is a pure
//! function of the request. What a variable of the script held when the property was stated is part
//! of it.
//!
//! [`check`](Properties::check) tries them on requests that are made up over the definition
//! ([`Requests`]), and shrinks what breaks one to the smallest request, written as a case to paste.

mod builtin;
mod case;
mod check;
pub mod codes;
mod dice;
mod draw;
mod focus;
mod names;
mod patterns;
mod regressions;
mod report;
mod request;
mod samples;
mod script;
mod section;
mod shrink;
mod size;
mod stated;
mod syntax;
mod world;

pub use builtin::{BuiltIn, BuiltInChecked, check_built_ins};
pub use check::{Answers, Broken, Trial, Tried, Why};
pub use draw::{Requests, Who};
pub use names::{EXTRAS, Extra, Names};
pub use regressions::{Regression, Regressions};
pub use request::{Answered, Request, Wanted};
pub use section::{Found, built_in, stated};
pub use shrink::Shrinking;
pub use stated::{Checked, Properties, Property, Stated, Verdict};

#[cfg(test)]
mod tests;
