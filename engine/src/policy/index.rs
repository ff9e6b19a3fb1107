//! Finds the statements that may cover a request without looking at the others.
//!
//! Statements lie in buckets by what the names they cover begin with: the path of the resource and
//! the action together. A request looks into the buckets of its own beginnings only, one look-up for
//! each pair of lengths that some bucket has. What a bucket holds is then matched in full, so a
//! collision of hashes costs time and changes nothing.

use std::sync::Arc;

use super::hash::{Beginnings, Map, hash, mix};
use super::pattern::Pattern;
use super::requested::{Fields, Requested};
use super::statement::{Actions, Statement, Verb};

/// The statements of one policy.
#[derive(Debug, Default)]
pub(super) struct Index {
    buckets: Map<u64, Candidates>,
    /// How long the beginnings are that buckets have: of the path, and of the actions beside it.
    /// Ascending, so that the broad ones come first: what they deny spares a look at what allows
    /// one action.
    lengths: Vec<(usize, Vec<Length>)>,
    /// Of the actions where there is no path: all statements lie there once more, for requests
    /// whose resource has not the usual fields.
    pathless: Vec<Length>,
}

/// How much of an action a bucket has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Length {
    /// So many bytes that others may follow.
    Beginning(usize),
    /// All of it.
    Whole,
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

/// In the place of a path's hash where there is none.
const PATHLESS: u64 = 1;

impl Index {
    /// Adds a statement under its number.
    pub(super) fn add(&mut self, number: u32, statement: &Arc<Statement>) {
        let Actions::Of(patterns) = &*statement.actions else {
            return self.add_for("", Length::Beginning(0), number, statement);
        };
        for pattern in patterns {
            let literal = pattern.literal_prefix();
            let length = match pattern.is_exact() {
                true => Length::Whole,
                false => Length::Beginning(literal.len()),
            };
            self.add_for(literal, length, number, statement);
        }
    }

    fn add_for(&mut self, action: &str, length: Length, number: u32, statement: &Arc<Statement>) {
        let action = hash(action);
        let mut put = |path| {
            let bucket = self.buckets.entry(key(path, action, length));
            bucket.or_default().push(number, statement);
        };
        put(PATHLESS);
        note(&mut self.pathless, length);
        let anywhere = statement.resources.is_empty().then_some("");
        let resources = statement.resources.iter().map(path_beginning);
        for path in resources.chain(anywhere) {
            put(hash(path));
            let place = self
                .lengths
                .partition_point(|(shorter, _)| *shorter < path.len());
            match self.lengths.get_mut(place) {
                Some((same, actions)) if *same == path.len() => note(actions, length),
                _ => self.lengths.insert(place, (path.len(), vec![length])),
            }
        }
    }

    /// Calls `found` with every list of statements that may cover a request. A statement can be in
    /// several.
    pub(super) fn candidates<'i>(
        &'i self,
        request: &Requested<'_>,
        mut found: impl FnMut(&'i Candidates),
    ) {
        let mut visit = |path, length: Length| {
            let action = length.hash(request);
            let key = action.map(|action| key(path, action, length));
            if let Some(bucket) = key.and_then(|key| self.buckets.get(&key)) {
                found(bucket);
            }
        };
        let Some(path) = request.fields.as_ref().and_then(Fields::plain_path) else {
            let actions = self.pathless.iter();
            return actions.for_each(|action| visit(PATHLESS, *action));
        };
        let mut beginnings = Beginnings::of(path);
        for (length, actions) in &self.lengths {
            let Some(path) = beginnings.hash(*length) else {
                return;
            };
            actions.iter().for_each(|action| visit(path, *action));
        }
    }
}

/// The bucket of a path and an action, or of what they begin with.
fn key(path: u64, action: u64, length: Length) -> u64 {
    mix(mix(path, action), u64::from(length == Length::Whole))
}

impl Length {
    /// The hash of so much of the action that is asked for, where it is so long.
    fn hash(self, request: &Requested<'_>) -> Option<u64> {
        match self {
            Self::Whole => Some(request.action_hash),
            Self::Beginning(length) => Beginnings::of(request.action).hash(length),
        }
    }
}

/// What the path of every resource begins with that a pattern covers: nothing, where that is open.
///
/// The fields of a pattern and of a name it matches correspond only if neither has more colons than
/// fields: otherwise a star may reach across one.
fn path_beginning(pattern: &Pattern) -> &str {
    let path = Fields::of(pattern.text()).and_then(|fields| fields.plain_path());
    let literal = path.and_then(|path| path.split(['*', '?']).next());
    literal.unwrap_or_default()
}

fn note(lengths: &mut Vec<Length>, length: Length) {
    if let Err(place) = lengths.binary_search(&length) {
        lengths.insert(place, length);
    }
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
