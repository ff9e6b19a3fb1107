//! SQLite by hand: write-ahead log, synced with every commit. Callers read on connections of their
//! own, decide, and write on the one that writes, if the account still is at the revision that
//! they have read.

use std::path::Path;
use std::sync::Mutex;

use rusqlite::{Connection, OptionalExtension, params};

use crate::group::Group;
use crate::peer::{Caller, FIRST, Peer, Shape, Site};

/// Whether a commit waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synced {
    Full,
    /// Only when the log is written back: a commit survives the end of the process, and not that
    /// of the machine.
    Normal,
}

/// What is written of one change.
pub struct Change {
    account: u64,
    revision: u64,
    row: Vec<u8>,
    record: Vec<u8>,
}

/// How changes become transactions.
enum Writer {
    /// One each, one after another.
    Single(Mutex<Connection>),
    /// One for all that wait.
    Grouped(Group<Change>),
}

pub struct Sqlite {
    site: Site,
    writer: Writer,
}

pub fn create(site: &Site) {
    let mut connection = connect(&site.folder, Synced::Normal);
    let schema = "CREATE TABLE account (id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, row BLOB NOT NULL);
        CREATE TABLE journal (account INTEGER, revision INTEGER, record BLOB NOT NULL,
            PRIMARY KEY (account, revision)) WITHOUT ROWID;
        CREATE TABLE claim (value TEXT PRIMARY KEY, account INTEGER NOT NULL) WITHOUT ROWID;";
    connection.execute_batch(schema).expect("tables");
    let transaction = connection.transaction().expect("a transaction");
    for id in FIRST..FIRST + site.accounts {
        let put = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
            let mut statement = transaction.prepare_cached(sql).expect("a statement");
            statement.execute(values).expect("room on the disk");
        };
        let (row, record) = (site.shape.row(id, 1), site.shape.entry(id, 1));
        put("INSERT INTO account VALUES (?, 1, ?)", params![id, row]);
        put("INSERT INTO journal VALUES (?, 1, ?)", params![id, record]);
        let email = format!("member-{id}@example.com");
        put("INSERT INTO claim VALUES (?, ?)", params![email, id]);
    }
    transaction.commit().expect("room on the disk");
    settle(&connection);
}

pub fn open_single(site: &Site) -> Box<dyn Peer> {
    Box::new(Sqlite::single(site, Synced::Full))
}

pub fn open_grouped(site: &Site) -> Box<dyn Peer> {
    let mut connection = connect(&site.folder, Synced::Full);
    let commit = move |changes: &[Change]| commit(&mut connection, changes);
    let opened = Sqlite {
        site: site.clone(),
        writer: Writer::Grouped(Group::new(Box::new(commit))),
    };
    opened.touch();
    Box::new(opened)
}

fn connect(folder: &Path, synced: Synced) -> Connection {
    let connection = Connection::open(folder.join("accounts.sqlite")).expect("a database");
    let set = |name: &str, value: &dyn rusqlite::ToSql| {
        connection
            .pragma_update(None, name, value)
            .expect("a pragma");
    };
    connection
        .pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))
        .expect("a pragma");
    set("synchronous", &if synced == Synced::Full { 2 } else { 1 });
    // Pages of 4 KiB: the log is written back after 40 MiB, and 64 MiB are cached, as ours has.
    set("wal_autocheckpoint", &10_000);
    set("cache_size", &-65_536);
    connection.set_prepared_statement_cache_capacity(8);
    connection
}

/// Changes all of them in one transaction; one whose account has changed meanwhile is left out.
fn commit(connection: &mut Connection, changes: &[Change]) -> Vec<bool> {
    let behaviour = rusqlite::TransactionBehavior::Immediate;
    let transaction = connection.transaction_with_behavior(behaviour);
    let transaction = transaction.expect("the only writer");
    let done = changes
        .iter()
        .map(|change| {
            let sql =
                "UPDATE account SET revision = ?2 + 1, row = ?3 WHERE id = ?1 AND revision = ?2";
            let mut update = transaction.prepare_cached(sql).expect("a statement");
            let values = params![change.account, change.revision, change.row];
            let updated = update.execute(values).expect("room on the disk") == 1;
            if updated {
                let sql = "INSERT INTO journal VALUES (?1, ?2 + 1, ?3)";
                let mut insert = transaction.prepare_cached(sql).expect("a statement");
                let values = params![change.account, change.revision, change.record];
                insert.execute(values).expect("room on the disk");
            }
            updated
        })
        .collect();
    transaction.commit().expect("room on the disk");
    done
}

fn settle(connection: &Connection) {
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .expect("the log is written back");
}

impl Sqlite {
    pub fn single(site: &Site, synced: Synced) -> Self {
        let opened = Self {
            site: site.clone(),
            writer: Writer::Single(Mutex::new(connect(&site.folder, synced))),
        };
        opened.touch();
        opened
    }

    /// Reads one account: only now is the database known to be open.
    fn touch(&self) {
        let reader = connect(&self.site.folder, Synced::Full);
        read(&reader, self.site.shape, FIRST);
    }

    fn write(&self, change: Change) -> bool {
        match &self.writer {
            Writer::Single(connection) => {
                let mut connection = connection.lock().expect("nobody panics in here");
                commit(&mut connection, &[change]) == [true]
            }
            Writer::Grouped(group) => group.run(change),
        }
    }
}

/// Reads an account, and decides what it is changed to.
fn read(reader: &Connection, shape: Shape, account: u64) -> Change {
    let sql = "SELECT revision, row FROM account WHERE id = ?";
    let mut statement = reader.prepare_cached(sql).expect("a statement");
    let found = statement
        .query_row([account], |row| {
            Ok((row.get::<_, u64>(0)?, row.get::<_, Vec<u8>>(1)?))
        })
        .optional()
        .expect("a readable database");
    let (revision, row) = found.expect("every account is there");
    assert_eq!(
        row,
        shape.row(account, revision),
        "the account is as it was left"
    );
    Change {
        account,
        revision,
        row: shape.row(account, revision + 1),
        record: shape.entry(account, revision + 1),
    }
}

impl Peer for Sqlite {
    fn caller(&self) -> Caller<'_> {
        let reader = connect(&self.site.folder, Synced::Full);
        // Hundreds of callers need no large cache each: the log's index is shared.
        let small = reader.pragma_update(None, "cache_size", -1_024);
        small.expect("a pragma");
        Box::new(
            move |account| {
                while !self.write(read(&reader, self.site.shape, FIRST + account)) {}
            },
        )
    }

    fn settle(&self) {
        settle(&connect(&self.site.folder, Synced::Full));
    }

    fn changes(&self) -> Option<u64> {
        let connection = connect(&self.site.folder, Synced::Full);
        let sql = "SELECT sum(revision) - count(*) FROM account";
        let counted = connection.query_row(sql, [], |row| row.get(0));
        Some(counted.expect("a readable database"))
    }

    fn close(self: Box<Self>) {
        settle(&connect(&self.site.folder, Synced::Full));
    }
}
