//! JSON policy documents, of RAM and of AWS IAM, as policies of our own.
//!
//! [`import`] reads one document and writes the script that means the same. What the script cannot
//! say exactly is refused by name and place; nothing is left out and nothing is approximated.

pub mod codes;
mod compare;
mod condition;
mod grammar;
mod json;
mod operator;
mod principal;
#[cfg(test)]
mod tests;
mod write;

use std::fmt;
use std::sync::Arc;

use self::grammar::Reader;
use crate::diagnostic::{Diagnostic, Severity};
use crate::expr::Type;
use crate::source::{FileId, SourceFile, Span};

/// Most findings that are reported of one document.
const FINDINGS_MAX: usize = 50;
/// Longest document that a control policy can have, and a custom policy of RAM, in characters.
const LENGTH_MAX: usize = 4_096;

/// What a document is attached to, which decides on the elements it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Users, groups and roles.
    Identity,
    /// A folder of a directory, or an account in it.
    Control,
    /// A resource or role: it names the principals that it is about.
    Trust,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Identity => "identity",
            Self::Control => "control",
            Self::Trust => "trust",
        })
    }
}

/// Whose language a document is written in; its `Version` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// Version 1: Alibaba Cloud RAM.
    Ram,
    /// Versions 2012-10-17 and 2008-10-17: AWS IAM.
    Aws,
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ram => "RAM",
            Self::Aws => "AWS IAM",
        })
    }
}

/// A condition key of documents, as our conditions read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// What it is called there: `context.source_ip`, `now`.
    pub name: Arc<str>,
    /// Its type.
    pub ty: Type,
    /// Whether it can be missing from a request.
    pub optional: bool,
}

/// How a document is to be read, and what the lifecycle knows of the names in it.
#[derive(Clone, Copy)]
pub struct Options<'o> {
    /// What the document is attached to.
    pub kind: Kind,
    /// Whether comments and trailing commas are accepted, and `Sid` in documents of RAM.
    pub lenient: bool,
    /// The condition key of a name such as `acs:SourceIp`, where one is declared.
    pub key: &'o dyn Fn(&str) -> Option<Key>,
    /// Whether there is a kind of principal of this name.
    pub has_kind: &'o dyn Fn(&str) -> bool,
}

impl fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("kind", &self.kind)
            .field("lenient", &self.lenient)
            .finish_non_exhaustive()
    }
}

/// A document that was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Whose language it was written in.
    pub dialect: Dialect,
    /// How many statements it has.
    pub statements: usize,
    /// The script that means the same.
    pub script: String,
}

/// Imports one document. What is wrong is added to `findings`; `None` where any of it is an error.
pub fn import(
    file: FileId,
    source: &SourceFile,
    options: &Options<'_>,
    findings: &mut Vec<Diagnostic>,
) -> Option<Imported> {
    let mut found = Vec::from_iter(too_long(file, &source.text, options.kind));
    let document = match json::parse(file, &source.text, options.lenient) {
        Ok(value) => Reader::new(file, options, &mut found).document(&value),
        Err(more) => {
            found.extend(more);
            None
        }
    };
    let failed = found.iter().any(|it| it.severity == Severity::Error);
    found.sort_by_key(|finding| finding.primary.span);
    found.truncate(FINDINGS_MAX);
    findings.append(&mut found);
    let document = document.filter(|_| !failed)?;
    Some(Imported {
        dialect: document.dialect,
        statements: document.statements.len(),
        script: write::script(&document, &source.path),
    })
}

/// The limits of the service itself: a control policy cannot be longer, a custom policy of a user
/// could not.
fn too_long(file: FileId, text: &str, kind: Kind) -> Option<Diagnostic> {
    let length = text.chars().count();
    if length <= LENGTH_MAX {
        return None;
    }
    let whole = Span::new(file, 0..0);
    let says = format!("the document is {length} characters long");
    match kind {
        Kind::Control => Some(
            Diagnostic::error(codes::TOO_LONG, whole, says).help(format!(
                "a control policy has at most {LENGTH_MAX} \
                 (InvalidParameter.PolicyDocument.Length): divide it"
            )),
        ),
        Kind::Identity => Some(
            Diagnostic::warning(codes::TOO_LONG, whole, says).help(format!(
                "RAM takes custom policies of at most {LENGTH_MAX}; here there is no such limit"
            )),
        ),
        Kind::Trust => None,
    }
}
