//! Finds the statements that may cover a request without looking at the others.
//!
//! Statements lie in buckets by what every name they cover begins with: first the action, then the
//! path of the resource. A request looks into the buckets of its own beginnings only, one look-up
//! for each length that some bucket has. What a bucket holds is then matched in full, so a collision
//! of hashes costs time and changes nothing.

use super::hash::{self, Map, hash};
use super::pattern::Pattern;
use super::requested::{Fields, Requested};
use super::statement::{Actions, Statement, Verb};

/// The statements of one policy, by number.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// By a whole action.
    exact: Map<u64, Group>,
    /// By what actions begin with.
    beginnings: Beginnings<Group>,
}

/// Statements on like actions.
#[derive(Debug, Default)]
struct Group {
    /// All of them, for requests whose resource has not the usual fields.
    every: Numbers,
    /// Those that may cover any path.
    anywhere: Numbers,
    /// By what the paths of their resources begin with.
    paths: Beginnings<Numbers>,
}

/// The numbers of statements, ascending; denies apart, for they are asked first.
#[derive(Debug, Default)]
struct Numbers {
    denies: Vec<u32>,
    allows: Vec<u32>,
}

impl Index {
    /// Adds a statement under its number.
    pub(super) fn add(&mut self, number: u32, statement: &Statement) {
        let Actions::Of(patterns) = &*statement.actions else {
            return self.beginnings.bucket("").add(number, statement);
        };
        for pattern in patterns {
            let literal = pattern.literal_prefix();
            let group = if pattern.is_exact() {
                self.exact.entry(hash(literal)).or_default()
            } else {
                self.beginnings.bucket(literal)
            };
            group.add(number, statement);
        }
    }

    /// Calls `found` with the number of every statement that may cover a request; with some of them
    /// more than once.
    pub(super) fn candidates(&self, request: &Requested<'_>, found: &mut dyn FnMut(u32)) {
        let path = request.fields.as_ref().and_then(Fields::plain_path);
        let mut visit = |group: &Group| group.candidates(path, found);
        if let Some(group) = self.exact.get(&request.action_hash) {
            visit(group);
        }
        self.beginnings.of(request.action, &mut visit);
    }
}

impl Group {
    fn add(&mut self, number: u32, statement: &Statement) {
        self.every.push(number, statement.verb);
        if statement.resources.is_empty() {
            self.anywhere.push(number, statement.verb);
        }
        for pattern in statement.resources.iter() {
            let bucket = match path_beginning(pattern) {
                Some(literal) if !literal.is_empty() => self.paths.bucket(literal),
                _ => &mut self.anywhere,
            };
            bucket.push(number, statement.verb);
        }
    }

    fn candidates(&self, path: Option<&str>, found: &mut dyn FnMut(u32)) {
        let Some(path) = path else {
            return self.every.each(found);
        };
        self.anywhere.each(found);
        self.paths.of(path, &mut |numbers| numbers.each(found));
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

impl Numbers {
    fn push(&mut self, number: u32, verb: Verb) {
        let numbers = match verb {
            Verb::Deny => &mut self.denies,
            Verb::Allow => &mut self.allows,
        };
        if numbers.last() != Some(&number) {
            numbers.push(number);
        }
    }

    fn each(&self, found: &mut dyn FnMut(u32)) {
        self.denies
            .iter()
            .chain(&self.allows)
            .copied()
            .for_each(found);
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
    fn of(&self, name: &str, visit: &mut dyn FnMut(&T)) {
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
