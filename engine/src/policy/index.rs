//! Finds the statements that may cover a request without looking at the others.
//!
//! Statements lie in buckets by what every name they cover begins with: first the action, then the
//! path of the resource. A request looks into the buckets of its own beginnings only, one look-up
//! for each length that some bucket has. What a bucket holds is then matched in full, so a collision
//! of hashes costs time and changes nothing.

use std::sync::Arc;

use super::hash::{self, Map, hash};
use super::pattern::Pattern;
use super::requested::{Fields, Requested};
use super::statement::{Actions, Statement, Verb};
use crate::words::same;

/// The statements of one policy.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// By the hash of a whole action.
    exact: Map<u64, Exact>,
    /// By what actions begin with.
    beginnings: Beginnings<Group>,
}

/// Statements on one action.
#[derive(Debug)]
struct Exact {
    /// The action, folded. Of several with one hash the first has the bucket, and the others are with
    /// what their own beginning is.
    action: Box<str>,
    group: Group,
}

/// Statements on like actions.
#[derive(Debug, Default)]
struct Group {
    /// All of them, for requests whose resource has not the usual fields.
    every: Candidates,
    /// Those that may cover any path.
    anywhere: Candidates,
    /// By what the paths of their resources begin with.
    paths: Beginnings<Candidates>,
}

/// What is known of the action of a request, for statements that may cover it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Covered,
    ToBeMatched,
}

/// Statements in the order of their numbers; denies apart, for they are asked first.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    pub(super) denies: Vec<Candidate>,
    pub(super) allows: Vec<Candidate>,
}

/// A statement at hand: to look one up by its number would cost a decision more than to weigh it.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) number: u32,
    pub(super) statement: Arc<Statement>,
}

impl Index {
    /// Adds a statement under its number.
    pub(super) fn add(&mut self, number: u32, statement: &Arc<Statement>) {
        let Actions::Of(patterns) = &*statement.actions else {
            return self.beginnings.bucket("").add(number, statement);
        };
        for pattern in patterns {
            let literal = pattern.literal_prefix();
            self.group_of(literal, pattern.is_exact())
                .add(number, statement);
        }
    }

    fn group_of(&mut self, literal: &str, is_exact: bool) -> &mut Group {
        if is_exact {
            let new = || Exact {
                action: literal.into(),
                group: Group::default(),
            };
            let exact = self.exact.entry(hash(literal)).or_insert_with(new);
            if &*exact.action == literal {
                return &mut exact.group;
            }
        }
        self.beginnings.bucket(literal)
    }

    /// Calls `found` with every list of statements that may cover a request, and with whether they
    /// all cover its action. A statement can be in several.
    pub(super) fn candidates<'i>(
        &'i self,
        request: &Requested<'_>,
        mut found: impl FnMut(&'i Candidates, Action),
    ) {
        let path = request.fields.as_ref().and_then(Fields::plain_path);
        if let Some(exact) = self.exact.get(&request.action_hash)
            && same(&exact.action, request.action)
        {
            let found = &mut |of: &'i Candidates| found(of, Action::Covered);
            exact.group.candidates(path, found);
        }
        let mut found = |of: &'i Candidates| found(of, Action::ToBeMatched);
        let visit = |group: &'i Group| group.candidates(path, &mut found);
        self.beginnings.of(request.action, visit);
    }
}

impl Group {
    fn add(&mut self, number: u32, statement: &Arc<Statement>) {
        self.every.push(number, statement);
        if statement.resources.is_empty() {
            self.anywhere.push(number, statement);
        }
        for pattern in statement.resources.iter() {
            let bucket = match path_beginning(pattern) {
                Some(literal) if !literal.is_empty() => self.paths.bucket(literal),
                _ => &mut self.anywhere,
            };
            bucket.push(number, statement);
        }
    }

    fn candidates<'i>(&'i self, path: Option<&str>, found: &mut impl FnMut(&'i Candidates)) {
        let Some(path) = path else {
            return found(&self.every);
        };
        found(&self.anywhere);
        self.paths.of(path, found);
    }
}

/// What the path of every resource begins with that a pattern covers.
///
/// The fields of a pattern and of a name it matches correspond only if neither has more colons than
/// fields: otherwise a star may reach across one.
fn path_beginning(pattern: &Pattern) -> Option<&str> {
    let path = Fields::of(pattern.text())?.plain_path()?;
    path.split(['*', '?']).next()
}

impl Candidates {
    fn push(&mut self, number: u32, statement: &Arc<Statement>) {
        let candidates = match statement.verb {
            Verb::Deny => &mut self.denies,
            Verb::Allow => &mut self.allows,
        };
        if candidates.last().is_none_or(|last| last.number != number) {
            let statement = statement.clone();
            candidates.push(Candidate { number, statement });
        }
    }
}

/// Buckets by the beginning that names share.
#[derive(Debug)]
struct Beginnings<T> {
    /// The lengths of the beginnings, ascending.
    lengths: Vec<usize>,
    buckets: Map<u64, T>,
}

impl<T> Default for Beginnings<T> {
    fn default() -> Self {
        Self {
            lengths: Vec::new(),
            buckets: Map::default(),
        }
    }
}

impl<T: Default> Beginnings<T> {
    fn bucket(&mut self, beginning: &str) -> &mut T {
        if let Err(place) = self.lengths.binary_search(&beginning.len()) {
            self.lengths.insert(place, beginning.len());
        }
        self.buckets.entry(hash(beginning)).or_default()
    }

    /// The buckets of all beginnings of a name.
    fn of<'b>(&'b self, name: &str, mut visit: impl FnMut(&'b T)) {
        let mut beginnings = hash::Beginnings::of(name);
        for length in &self.lengths {
            let Some(hash) = beginnings.hash(*length) else {
                return;
            };
            if let Some(bucket) = self.buckets.get(&hash) {
                visit(bucket);
            }
        }
    }
}
