//! Finds the statements that may cover a request without looking at the others.
//!
//! Statements lie in buckets by what the names they cover begin with: the path of the resource and
//! the action together. A request looks into the buckets of its own beginnings only, one look-up for
//! each pair of lengths that some bucket has. What a bucket holds is then matched in full, so a
//! collision of hashes costs time and changes nothing.

use std::collections::HashMap;
use std::sync::Arc;

use super::hash::{Beginnings, hash, mix};
use super::pattern::Pattern;
use super::requested::{Fields, Requested};
use super::statement::{Actions, Condition, Scope, Statement, Verb};
use super::table::Table;

/// The statements of one policy.
#[derive(Debug, Default)]
pub(super) struct Index {
    buckets: Table<Bucket>,
    /// What lies in the buckets, one after another.
    candidates: Vec<Candidate>,
    /// What the candidates are about.
    scopes: Vec<Scope>,
    /// When they apply.
    conditions: Vec<Condition>,
    lengths: Lengths,
}

/// How long the beginnings are that buckets have.
#[derive(Debug, Default)]
struct Lengths {
    /// Of the path, and of the actions beside it. Ascending, so that the broad ones come first: what
    /// they deny spares a look at what allows one action.
    of_paths: Vec<(usize, Vec<Length>)>,
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

/// Where the candidates of a bucket begin, and its allows among them, and where they end.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    denies: u32,
    allows: u32,
    end: u32,
}

/// Statements in the order of their numbers; denies apart, for they are asked first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidates<'i> {
    pub(super) denies: &'i [Candidate],
    pub(super) allows: &'i [Candidate],
}

/// A statement by numbers. Most statements of a bucket are about the same and do not apply, and many
/// share their conditions, so that a decision reads little more of them than this: to fetch each from
/// where it lies costs more than to weigh it, and the more the larger the policy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// Of the statement.
    pub(super) number: u32,
    /// Of what it is about.
    pub(super) scope: u32,
    /// Of when it applies.
    condition: u32,
}

/// In the place of a path's hash where there is none.
const PATHLESS: u64 = 1;

/// Most pairs of an action and a resource under which a statement lies. One with more lies under its
/// resources alone, so that an index grows with what is written and not with its square.
const PAIRS_MAX: usize = 64;

impl Index {
    /// Of statements under their numbers.
    pub(super) fn of(statements: &[Arc<Statement>]) -> Self {
        let mut rows = Rows::default();
        for (number, statement) in (0_u32..).zip(statements) {
            rows.add(number, statement);
        }
        let Rows {
            rows: mut all,
            lengths,
        } = rows;
        all.sort_unstable();
        all.dedup();
        let mut of_buckets: Vec<&[Row]> = all.chunk_by(|one, next| one.key == next.key).collect();
        // Statements on one thing are mostly written one after another. So are their buckets, for
        // then a decision finds what it reads close together.
        of_buckets.sort_by_key(|rows| rows.iter().map(|row| row.number).min());
        let mut laid = Laid::default();
        let mut buckets = Vec::with_capacity(of_buckets.len());
        for rows in of_buckets {
            let (denies, allows) = rows.split_at(rows.partition_point(|row| !row.allows));
            let bucket = Bucket {
                denies: laid.end(),
                allows: laid.put(denies, statements),
                end: laid.put(allows, statements),
            };
            buckets.extend(rows.first().map(|row| (row.key, bucket)));
        }
        Self {
            buckets: Table::of(&buckets),
            candidates: laid.candidates,
            scopes: laid.scopes.all,
            conditions: laid.conditions.all,
            lengths,
        }
    }

    /// What a candidate is about.
    pub(super) fn scope(&self, candidate: &Candidate) -> Option<&Scope> {
        at(&self.scopes, candidate.scope)
    }

    /// When a candidate applies.
    pub(super) fn condition(&self, candidate: &Candidate) -> Option<&Condition> {
        at(&self.conditions, candidate.condition)
    }

    /// Calls `found` with every list of statements that may cover a request. A statement can be in
    /// several.
    pub(super) fn candidates<'i>(
        &'i self,
        request: &Requested<'_>,
        mut found: impl FnMut(Candidates<'i>),
    ) {
        let mut visit = |path, length: Length| {
            let action = length.hash(request);
            let key = action.map(|action| key(path, action, length));
            let bucket = key.and_then(|key| self.buckets.get(key));
            if let Some(candidates) = bucket.and_then(|bucket| self.in_bucket(bucket)) {
                found(candidates);
            }
        };
        let Some(path) = request.fields.as_ref().and_then(Fields::plain_path) else {
            let actions = self.lengths.pathless.iter();
            return actions.for_each(|action| visit(PATHLESS, *action));
        };
        let mut beginnings = Beginnings::of(path);
        for (length, actions) in &self.lengths.of_paths {
            let Some(path) = beginnings.hash(*length) else {
                return;
            };
            actions.iter().for_each(|action| visit(path, *action));
        }
    }

    fn in_bucket(&self, bucket: Bucket) -> Option<Candidates<'_>> {
        let Bucket {
            denies,
            allows,
            end,
        } = bucket;
        let between = |from: u32, to: u32| self.candidates.get(from as usize..to as usize);
        Some(Candidates {
            denies: between(denies, allows)?,
            allows: between(allows, end)?,
        })
    }
}

/// What a number stands for.
pub(super) fn at<T>(all: &[T], number: u32) -> Option<&T> {
    all.get(number as usize)
}

/// Candidates on their way to where decisions read them.
#[derive(Default)]
struct Laid {
    candidates: Vec<Candidate>,
    scopes: Numbered<Scope>,
    conditions: Numbered<Condition>,
}

impl Laid {
    /// Puts down the statements of some rows, and tells where they end.
    fn put(&mut self, rows: &[Row], statements: &[Arc<Statement>]) -> u32 {
        for row in rows {
            let Some(statement) = at(statements, row.number) else {
                continue;
            };
            let (scope, condition) = (&statement.scope, statement.condition());
            self.candidates.push(Candidate {
                number: row.number,
                scope: self.scopes.number(scope.addresses(), scope),
                condition: self.conditions.number(condition.addresses(), &condition),
            });
        }
        self.end()
    }

    /// There are no more than the bounds of a script's statements and patterns allow.
    fn end(&self) -> u32 {
        u32::try_from(self.candidates.len()).unwrap_or(u32::MAX)
    }
}

/// Things that statements share, told apart by where they lie in memory.
struct Numbered<T> {
    all: Vec<T>,
    numbers: HashMap<(usize, usize), u32>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            numbers: HashMap::new(),
        }
    }
}

impl<T: Clone> Numbered<T> {
    fn number(&mut self, addresses: (usize, usize), thing: &T) -> u32 {
        *self.numbers.entry(addresses).or_insert_with(|| {
            self.all.push(thing.clone());
            u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

/// The statements of each bucket, still in no order.
#[derive(Default)]
struct Rows {
    rows: Vec<Row>,
    lengths: Lengths,
}

/// A statement in a bucket. Of one bucket, denies are before allows, and each in the order of their
/// numbers.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    key: u64,
    allows: bool,
    number: u32,
}

impl Rows {
    fn add(&mut self, number: u32, statement: &Statement) {
        let Scope { actions, resources } = &statement.scope;
        let patterns = match &**actions {
            Actions::Of(patterns) if patterns.len() * resources.len() <= PAIRS_MAX => patterns,
            _ => return self.add_for("", Length::Beginning(0), number, statement),
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

    fn add_for(&mut self, action: &str, length: Length, number: u32, statement: &Statement) {
        let action = hash(action);
        let mut put = |path| {
            self.rows.push(Row {
                key: key(path, action, length),
                allows: statement.verb == Verb::Allow,
                number,
            });
        };
        put(PATHLESS);
        note(&mut self.lengths.pathless, length);
        let lengths = &mut self.lengths.of_paths;
        let resources = &statement.scope.resources;
        let anywhere = resources.is_empty().then_some("");
        for path in resources.iter().map(path_beginning).chain(anywhere) {
            put(hash(path));
            let place = lengths.partition_point(|(shorter, _)| *shorter < path.len());
            match lengths.get_mut(place) {
                Some((same, actions)) if *same == path.len() => note(actions, length),
                _ => lengths.insert(place, (path.len(), vec![length])),
            }
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
