//! What the scenarios are made of: chance, entities and what they are in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};
use stateward::expr::Val;

use crate::engines::cedar::entity;

/// The probability of every possible relation.
const CONNECTION: f64 = 0.05;

/// A stream of chances: xorshift64*.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// One of so many.
    pub fn below(&mut self, count: usize) -> usize {
        (self.next() >> 33) as usize % count
    }

    /// Whether two things are related.
    pub fn related(&mut self) -> bool {
        ((self.next() >> 11) as f64 / (1_u64 << 53) as f64) < CONNECTION
    }

    /// Those of so many that something is related to.
    pub fn some(&mut self, count: usize) -> Vec<usize> {
        (0..count).filter(|_| self.related()).collect()
    }
}

/// A value that is kept for as long as the program runs.
pub fn kept<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// A text among facts.
pub fn text(text: &str) -> Val<'static> {
    Val::Text(kept(text.to_owned()))
}

/// Several texts among facts.
pub fn texts(texts: impl IntoIterator<Item = String>) -> Val<'static> {
    let texts: Vec<Arc<str>> = texts.into_iter().map(Arc::from).collect();
    Val::Texts(kept(texts))
}

/// The name of an entity.
pub type Uid = (&'static str, String);

/// A name as a fact.
pub fn written(uid: &Uid) -> String {
    format!("{}/{}", uid.0, uid.1)
}

/// A name as Cedar's JSON has it in attributes.
pub fn reference(uid: &Uid) -> Value {
    json!({ "__entity": { "type": uid.0, "id": uid.1 } })
}

/// Entities with what they are in.
#[derive(Default)]
pub struct Entities {
    parents: BTreeMap<Uid, Vec<Uid>>,
    pub written: Vec<Value>,
}

impl Entities {
    pub fn add(&mut self, uid: Uid, attributes: &Value, parents: Vec<Uid>) {
        self.written
            .push(entity(uid.0, &uid.1, attributes, &parents));
        self.parents.insert(uid, parents);
    }

    /// Everything that an entity is in.
    pub fn above(&self, uid: &Uid) -> BTreeSet<Uid> {
        let mut above = BTreeSet::new();
        let mut open = vec![uid];
        while let Some(next) = open.pop() {
            for parent in self.parents.get(next).into_iter().flatten() {
                if above.insert(parent.clone()) {
                    open.push(parent);
                }
            }
        }
        above
    }
}
