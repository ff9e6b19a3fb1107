//! Policies, by name.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::codes;
use super::hash::Map;
use super::index::{Candidate, Index, at};
use super::requested::Requested;
use super::script::Reader;
use super::statement::{Condition, Scope, Statement, Verb};
use crate::diagnostic::Diagnostic;
use crate::expr::{Compiler, EvalError, Slot, Vocabulary};
use crate::source::{FileId, SourceMap, Span};

const NAME_LENGTH_MAX: usize = 128;

/// One policy: the statements that its script made.
#[derive(Debug)]
pub struct Policy {
    name: Arc<str>,
    about: Option<Arc<str>>,
    file: FileId,
    statements: Vec<Arc<Statement>>,
    index: Index,
}

impl Policy {
    pub(super) fn new(
        name: Arc<str>,
        about: Option<Arc<str>>,
        file: FileId,
        statements: Vec<Statement>,
    ) -> Self {
        let statements: Vec<_> = statements.into_iter().map(Arc::new).collect();
        Self {
            name,
            about,
            file,
            index: Index::of(&statements),
            statements,
        }
    }

    /// Its name; its file's name without `.rhai`.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The `//!` comment at the head of its script.
    pub fn about(&self) -> Option<&str> {
        self.about.as_deref()
    }

    /// Its file.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// Its statements, in the order in which the script made them.
    pub fn statements(&self) -> impl ExactSizeIterator<Item = &Arc<Statement>> {
        self.statements.iter()
    }

    /// The statement that decides a request, if one does: of several, the first that denies, else
    /// the first that allows. Where an `allow` counts no more, none is looked at.
    pub(super) fn decide(
        &self,
        request: &Requested<'_>,
        counts_allows: bool,
        applies: impl Fn(&Statement, &Condition) -> Result<bool, EvalError>,
    ) -> Decided<'_> {
        let mut decided = Decided::default();
        // Statements on the same things are asked one after another.
        let last = Cell::new(None);
        let covers = |number: u32, scope: &Scope| match last.get() {
            Some((same, covers)) if same == number => covers,
            _ => {
                let covers = scope.covers(request);
                last.set(Some((number, covers)));
                covers
            }
        };
        let weighed = |candidate: &Candidate| {
            let statement = at(&self.statements, candidate.number)?;
            let scope = self.index.scope(candidate)?;
            Some((statement, self.index.condition(candidate)?))
                .filter(|_| covers(candidate.scope, scope))
        };
        self.index.candidates(request, |found| {
            decided.weigh(Verb::Deny, found.denies, weighed, &applies);
            if counts_allows && decided.deny.is_none() {
                decided.weigh(Verb::Allow, found.allows, weighed, &applies);
            }
        });
        decided
    }
}

/// What a policy says to a request.
#[derive(Default)]
pub(super) struct Decided<'p> {
    pub(super) deny: Option<Decisive<'p>>,
    pub(super) allow: Option<Decisive<'p>>,
    /// The first of the allows whose condition failed, so that they do not allow.
    pub(super) failed: Option<Decisive<'p>>,
}

/// A statement that covers a request and whose condition holds or fails.
pub(super) struct Decisive<'p> {
    number: u32,
    pub(super) statement: &'p Arc<Statement>,
    /// Why its condition failed. In a box, since most do not and what is weighed is moved about.
    pub(super) error: Option<Box<EvalError>>,
}

impl<'p> Decided<'p> {
    /// Looks through statements of one verb, the first ones first, for one that is decisive.
    fn weigh(
        &mut self,
        verb: Verb,
        candidates: &[Candidate],
        covering: impl Fn(&Candidate) -> Option<(&'p Arc<Statement>, &'p Condition)>,
        applies: &impl Fn(&Statement, &Condition) -> Result<bool, EvalError>,
    ) {
        for candidate in candidates {
            let so_far = match verb {
                Verb::Deny => &self.deny,
                Verb::Allow => &self.allow,
            };
            let number = candidate.number;
            if so_far.as_ref().is_some_and(|first| first.number <= number) {
                return;
            }
            if let Some((statement, condition)) = covering(candidate) {
                match applies(statement, condition) {
                    Ok(false) => {}
                    applies => self.take(verb, number, statement, applies.err().map(Box::new)),
                }
            }
        }
    }

    /// Takes a statement that covers the request, and whose condition holds or fails.
    fn take(
        &mut self,
        verb: Verb,
        number: u32,
        statement: &'p Arc<Statement>,
        error: Option<Box<EvalError>>,
    ) {
        let place = match (verb, &error) {
            // A deny that cannot be evaluated denies.
            (Verb::Deny, _) => &mut self.deny,
            (Verb::Allow, None) => &mut self.allow,
            (Verb::Allow, Some(_)) => &mut self.failed,
        };
        if place.as_ref().is_none_or(|first| number < first.number) {
            *place = Some(Decisive {
                number,
                statement,
                error,
            });
        }
    }
}

/// All policies that are loaded.
#[derive(Debug, Default)]
pub struct PolicySet {
    policies: BTreeMap<Arc<str>, Arc<Policy>>,
    /// The same, for decisions.
    by_name: Map<Arc<str>, Arc<Policy>>,
    pub(super) permission: Option<Slot>,
    pub(super) resource: Option<Slot>,
}

impl PolicySet {
    /// Reads policies, one per file. What is wrong is added to `findings`; a policy with an error
    /// in it is left out.
    pub fn load(
        files: &[FileId],
        sources: &SourceMap,
        compiler: &Compiler,
        vocabulary: &Vocabulary,
        findings: &mut Vec<Diagnostic>,
    ) -> Self {
        let reader = Reader::new(compiler, vocabulary);
        let mut set = Self {
            policies: BTreeMap::new(),
            by_name: Map::default(),
            permission: vocabulary.slot("permission"),
            resource: vocabulary.slot("resource"),
        };
        for file in files {
            let Some(source) = sources.file(*file) else {
                continue;
            };
            let name = match set.free_name(&source.path) {
                Ok(name) => name,
                Err((says, help)) => {
                    let head = Span::new(*file, 0..0);
                    let finding = Diagnostic::error(codes::BAD_POLICY_NAME, head, says);
                    findings.push(finding.help(help));
                    continue;
                }
            };
            if let Some(policy) = reader.read(&name, *file, source, findings) {
                let policy = Arc::new(policy);
                set.by_name.insert(name.clone(), policy.clone());
                set.policies.insert(name, policy);
            }
        }
        set
    }

    /// The policy name of a path, unless it is malformed or taken.
    fn free_name(&self, path: &str) -> Result<Arc<str>, (String, &'static str)> {
        let file = path.rsplit('/').next().unwrap_or_default();
        let name = file.strip_suffix(".rhai").unwrap_or(file);
        let word = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if name.is_empty() || name.len() > NAME_LENGTH_MAX || !name.bytes().all(word) {
            let says = format!("`{name}` is not a policy name");
            return Err((says, "use 1 to 128 of A-Z, a-z, 0-9, '-' and '_'"));
        }
        if self.policies.contains_key(name) {
            let says = format!("there is another policy `{name}`");
            return Err((says, "a policy is named by its file: rename one of them"));
        }
        Ok(name.into())
    }

    /// The policy of a name.
    pub fn get(&self, name: &str) -> Option<&Policy> {
        self.shared(name).map(AsRef::as_ref)
    }

    /// The policy of a name, to keep.
    pub(super) fn shared(&self, name: &str) -> Option<&Arc<Policy>> {
        self.by_name.get(name)
    }

    /// All policies, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Policy> {
        self.policies.values().map(AsRef::as_ref)
    }

    /// The names of all policies, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.policies.keys().map(|name| &**name)
    }
}
