//! What every peer is: a home of accounts that changes one of them durably when it is told to.

use std::path::PathBuf;
use std::time::Duration;

use crate::peers::{dbos, duroxide, ours, postgres, raw, sqlite};

/// The first account's id; the others follow it.
pub const FIRST: u64 = 1_386_606_280_000_000;

/// Where a peer lives, and how much it holds.
#[derive(Debug, Clone)]
pub struct Site {
    pub folder: PathBuf,
    pub accounts: u64,
    pub shape: Shape,
}

/// How many bytes one change of ours writes, which are those that everybody writes: the account
/// as it is afterwards, and the record of the change.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub account: usize,
    pub record: usize,
}

impl Shape {
    /// An account's row after a change.
    pub fn row(self, account: u64, revision: u64) -> Vec<u8> {
        stamped(self.account, account, revision)
    }

    /// The record of a change.
    pub fn entry(self, account: u64, revision: u64) -> Vec<u8> {
        stamped(self.record, account, revision)
    }
}

/// So many bytes that differ from change to change, and that no compression makes fewer of.
fn stamped(length: usize, account: u64, revision: u64) -> Vec<u8> {
    let mut state = account.wrapping_mul(31).wrapping_add(revision) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// Changes the account of a number, and returns when that is durable.
pub type Caller<'p> = Box<dyn FnMut(u64) + 'p>;

/// A peer with its accounts in place.
pub trait Peer: Sync {
    /// One caller, made in the thread it calls from.
    fn caller(&self) -> Caller<'_>;
    /// Does what was put off, so that it is counted with what it was put off by.
    fn settle(&self) {}
    /// How much of opening it went into what is no store: reading definitions.
    fn aside(&self) -> Duration {
        Duration::ZERO
    }
    /// The process that serves it, where that is another one.
    fn server(&self) -> Option<u32> {
        None
    }
    /// How many changes it holds, where that can be counted in a moment.
    fn changes(&self) -> Option<u64>;
    /// Leaves everything in order.
    fn close(self: Box<Self>);
}

/// A peer by its name.
pub struct Kind {
    pub name: &'static str,
    /// Puts the accounts into an empty folder.
    pub create: fn(&Site),
    pub open: fn(&Site) -> Box<dyn Peer>,
}

/// All of them; the first is the limit that the others are held against.
pub const KINDS: [Kind; 8] = [
    Kind {
        name: "raw, recycled file",
        create: |_| (),
        open: raw::open_recycled,
    },
    Kind {
        name: "raw, growing file",
        create: |_| (),
        open: raw::open_growing,
    },
    Kind {
        name: "SQLite, a transaction each",
        create: sqlite::create,
        open: sqlite::open_single,
    },
    Kind {
        name: "SQLite, grouped",
        create: sqlite::create,
        open: sqlite::open_grouped,
    },
    Kind {
        name: "PostgreSQL, by hand",
        create: postgres::create,
        open: postgres::open,
    },
    Kind {
        name: "DBOS",
        create: postgres::create,
        open: dbos::open,
    },
    Kind {
        name: "duroxide",
        create: duroxide::create,
        open: duroxide::open,
    },
    Kind {
        name: "stateward",
        create: ours::create,
        open: ours::open,
    },
];
