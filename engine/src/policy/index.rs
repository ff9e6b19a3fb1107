//! Finds the statements that may cover a request without looking at the others.
//!
//! Statements lie in buckets by what every name they cover begins with: first the action, then the
//! path of the resource. A request looks into the buckets of its own beginnings only, one hash
//! look-up for each length that some bucket has. What a bucket holds is then matched in full, so a
//! collision of hashes costs time and changes nothing.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::pattern::Pattern;
use super::requested::Fields;
use super::statement::{Actions, Statement};

/// The statements of one verb of one policy, by number.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// By a whole action.
    exact: HashMap<u64, Group, Spread>,
    /// By what actions begin with.
    beginnings: Beginnings<Group>,
}

/// Statements on like actions.
#[derive(Debug, Default)]
struct Group {
    /// All of them, for requests whose resource has not the usual fields.
    every: Vec<u32>,
    /// Those that may cover any path.
    anywhere: Vec<u32>,
    /// By what the paths of their resources begin with.
    paths: Beginnings<Vec<u32>>,
}

impl Index {
    /// Adds a statement under its number.
    pub(super) fn add(&mut self, number: u32, statement: &Statement) {
        let Actions::Of(patterns) = &statement.actions else {
            return self.beginnings.bucket("").add(number, &statement.resources);
        };
        for pattern in patterns {
            let literal = pattern.literal_prefix();
            let group = if pattern.is_exact() {
                self.exact.entry(hash(literal)).or_default()
            } else {
                self.beginnings.bucket(literal)
            };
            group.add(number, &statement.resources);
        }
    }

    /// Calls `found` with the number of every statement that may cover a folded action on a
    /// canonical resource; with some of them more than once.
    pub(super) fn candidates(&self, action: &str, resource: &str, found: &mut dyn FnMut(u32)) {
        let path = Fields::of(resource).and_then(|fields| fields.plain_path());
        let mut visit = |group: &Group| group.candidates(path, found);
        if let Some(group) = self.exact.get(&hash(action)) {
            visit(group);
        }
        self.beginnings.of(action, &mut visit);
    }
}

impl Group {
    fn add(&mut self, number: u32, resources: &[Pattern]) {
        push_once(&mut self.every, number);
        if resources.is_empty() {
            push_once(&mut self.anywhere, number);
        }
        for pattern in resources {
            // The fields of a pattern and of a name it matches correspond only if neither has more
            // colons than fields: otherwise a star may reach across one.
            let path = Fields::of(pattern.text()).and_then(|fields| fields.plain_path());
            let literal = path.and_then(|path| path.split(['*', '?']).next());
            let bucket = match literal {
                Some(literal) if !literal.is_empty() => self.paths.bucket(literal),
                _ => &mut self.anywhere,
            };
            push_once(bucket, number);
        }
    }

    fn candidates(&self, path: Option<&str>, found: &mut dyn FnMut(u32)) {
        let Some(path) = path else {
            return self.every.iter().copied().for_each(found);
        };
        self.anywhere.iter().copied().for_each(&mut *found);
        self.paths.of(path, &mut |numbers| {
            numbers.iter().copied().for_each(&mut *found)
        });
    }
}

fn push_once(numbers: &mut Vec<u32>, number: u32) {
    if numbers.last() != Some(&number) {
        numbers.push(number);
    }
}

/// Buckets by the beginning that names share.
#[derive(Debug)]
struct Beginnings<T> {
    /// The lengths of the beginnings, ascending.
    lengths: Vec<usize>,
    buckets: HashMap<u64, T, Spread>,
}

impl<T> Default for Beginnings<T> {
    fn default() -> Self {
        Self {
            lengths: Vec::new(),
            buckets: HashMap::default(),
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
        let mut state = FNV_START;
        let mut done = 0;
        for length in &self.lengths {
            let Some(more) = name.as_bytes().get(done..*length) else {
                return;
            };
            state = more.iter().fold(state, step);
            done = *length;
            if let Some(bucket) = self.buckets.get(&state) {
                visit(bucket);
            }
        }
    }
}

/// FNV-1a: the hash of a text's beginning is a stage of the hash of the text.
const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

fn step(state: u64, byte: &u8) -> u64 {
    (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
}

fn hash(text: &str) -> u64 {
    text.as_bytes().iter().fold(FNV_START, step)
}

/// Keys are hashes already; they are only spread over the bits that a table looks at.
type Spread = BuildHasherDefault<SpreadHasher>;

#[derive(Debug, Default)]
struct SpreadHasher(u64);

impl Hasher for SpreadHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, step);
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = (key ^ (key >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
