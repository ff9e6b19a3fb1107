//! PostgreSQL by hand: a cluster of its own on a Unix socket, with everything synced, started and
//! stopped with the peer.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection, PgConnection, PgPool};
use tokio::runtime::Runtime;

use crate::meter::is_over;
use crate::peer::{Caller, FIRST, Peer, Shape, Site};

/// Connections that callers share.
pub const CONNECTIONS: u32 = 64;

/// How long a cluster may take to start or to recover.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running cluster, and connections to it.
pub struct Cluster {
    server: Child,
    pub runtime: Runtime,
    pub pool: PgPool,
}

/// Programs that belong to PostgreSQL, as a user whom it does not refuse: it runs as nobody's root.
fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.stdout(Stdio::null()).current_dir("/");
    if fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0) {
        let (uid, gid) = user();
        command.uid(uid).gid(gid);
    }
    command
}

/// The ids of the user `postgres`.
fn user() -> (u32, u32) {
    let id = |flag| {
        let out = Command::new("id").args([flag, "postgres"]).output();
        let text = String::from_utf8(out.expect("`id` runs").stdout).expect("a number");
        text.trim().parse().expect("there is a user `postgres`")
    };
    (id("-u"), id("-g"))
}

fn initialise(data: &Path) {
    fs::create_dir_all(data).expect("a folder");
    if fs::metadata(data).is_ok_and(|made| made.uid() == 0) {
        let (uid, gid) = user();
        chown(data, Some(uid), Some(gid)).expect("a folder of one's own");
    }
    fs::set_permissions(data, fs::Permissions::from_mode(0o700)).expect("a folder of one's own");
    let made = program("initdb")
        .args([
            "-U",
            "postgres",
            "--auth=trust",
            "-E",
            "UTF8",
            "--locale=C",
            "-D",
        ])
        .arg(data)
        .status();
    assert!(made.is_ok_and(|status| status.success()), "initdb fails");
}

/// Removes the locks of a server that was killed: on its data, and on its socket. A server that finds
/// them does so itself where the process is gone, but one that nobody has reaped counts as running; and
/// in a container there is often nobody who reaps.
fn unlock(data: &Path) {
    for lock in ["postmaster.pid", ".s.PGSQL.5432.lock"] {
        let path = data.join(lock);
        let text = fs::read_to_string(&path).unwrap_or_default();
        let holder = text
            .lines()
            .next()
            .and_then(|line| line.trim().parse().ok());
        if holder.is_some_and(is_over) {
            fs::remove_file(path).expect("a folder of one's own");
        }
    }
}

/// Where to reach the cluster of a folder.
pub fn url(folder: &Path) -> String {
    let socket = folder.join("data");
    format!(
        "postgres://postgres@localhost/postgres?host={}",
        socket.display()
    )
}

impl Cluster {
    pub fn start(folder: &Path) -> Self {
        let (data, log) = (folder.join("data"), folder.join("log"));
        unlock(&data);
        let mut server = program("postgres")
            .arg("-D")
            .arg(&data)
            .args(["-c", "listen_addresses=", "-c", "max_connections=200"])
            .args(["-c", "shared_buffers=256MB", "-c", "max_wal_size=4GB"])
            .args(["-c", "fsync=on", "-c", "synchronous_commit=on", "-c"])
            .arg(format!("unix_socket_directories={}", data.display()))
            .stderr(fs::File::create(&log).expect("a file"))
            .spawn()
            .expect("PostgreSQL is installed");
        let runtime = Runtime::new().expect("threads");
        let options = PgPoolOptions::new().max_connections(CONNECTIONS);
        let options = options.acquire_timeout(Duration::from_secs(60));
        let begun = Instant::now();
        // One connection at first: a pool waits ever longer between its tries.
        let connect = async {
            loop {
                let ended = server.try_wait().expect("it was started here");
                let runs = ended.is_none() && begun.elapsed() < PATIENCE;
                assert!(runs, "PostgreSQL does not start: see {}", log.display());
                match PgConnection::connect(&url(folder)).await {
                    Ok(first) => break first.close().await,
                    // It is still starting, or recovering.
                    Err(_) => tokio::time::sleep(Duration::from_millis(2)).await,
                }
            }?;
            options.connect(&url(folder)).await
        };
        let pool = runtime.block_on(connect).expect("it has started");
        Self {
            server,
            runtime,
            pool,
        }
    }

    pub fn server(&self) -> u32 {
        self.server.id()
    }

    pub fn settle(&self) {
        let settled = sqlx::query("CHECKPOINT").execute(&self.pool);
        self.runtime.block_on(settled).expect("a checkpoint");
    }

    pub fn changes(&self) -> u64 {
        let sql = "SELECT (sum(revision) - count(*))::bigint FROM account";
        let counted = sqlx::query_scalar::<_, i64>(sql).fetch_one(&self.pool);
        self.runtime.block_on(counted).expect("a sum") as u64
    }

    pub fn stop(mut self) {
        self.runtime.block_on(self.pool.close());
        let id = self.server.id().to_string();
        let told = Command::new("kill").args(["-INT", &id]).status();
        assert!(told.is_ok_and(|status| status.success()), "it is there");
        self.server.wait().expect("it ends");
    }
}

/// Changes an account in one statement, if it is at the revision that was read.
pub async fn change(pool: &PgPool, shape: Shape, account: i64) -> bool {
    let sql = "SELECT revision, row FROM account WHERE id = $1";
    let found = sqlx::query_as::<_, (i64, Vec<u8>)>(sql).bind(account);
    let (revision, row) = found.fetch_one(pool).await.expect("every account is there");
    let (id, next) = (account as u64, revision as u64 + 1);
    assert_eq!(
        row,
        shape.row(id, next - 1),
        "the account is as it was left"
    );
    let sql = "WITH changed AS (UPDATE account SET revision = $2, row = $3
            WHERE id = $1 AND revision = $2 - 1 RETURNING id)
        INSERT INTO journal SELECT id, $2, $4 FROM changed";
    let written = sqlx::query(sql)
        .bind(account)
        .bind(next as i64)
        .bind(shape.row(id, next))
        .bind(shape.entry(id, next))
        .execute(pool)
        .await;
    written.expect("room on the disk").rows_affected() == 1
}

pub fn create(site: &Site) {
    initialise(&site.folder.join("data"));
    let cluster = Cluster::start(&site.folder);
    cluster.runtime.block_on(fill(&cluster.pool, site));
    cluster.settle();
    cluster.stop();
}

async fn fill(pool: &PgPool, site: &Site) {
    for table in [
        "CREATE TABLE account (id bigint PRIMARY KEY, revision bigint NOT NULL, row bytea NOT NULL)",
        "CREATE TABLE journal (account bigint, revision bigint, record bytea NOT NULL,
            PRIMARY KEY (account, revision))",
        "CREATE TABLE claim (value text PRIMARY KEY, account bigint NOT NULL)",
    ] {
        sqlx::query(table).execute(pool).await.expect("a table");
    }
    const AT_ONCE: u64 = 1_000;
    for first in (0..site.accounts).step_by(AT_ONCE as usize) {
        let ids = FIRST + first..FIRST + (first + AT_ONCE).min(site.accounts);
        let rows: Vec<Vec<u8>> = ids.clone().map(|id| site.shape.row(id, 1)).collect();
        let records: Vec<Vec<u8>> = ids.clone().map(|id| site.shape.entry(id, 1)).collect();
        let ids: Vec<i64> = ids.map(|id| id as i64).collect();
        let sql = "WITH new AS (SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[]) AS n(id, row, record)),
                a AS (INSERT INTO account SELECT id, 1, row FROM new),
                j AS (INSERT INTO journal SELECT id, 1, record FROM new)
            INSERT INTO claim SELECT 'member-' || id || '@example.com', id FROM new";
        let put = sqlx::query(sql).bind(ids).bind(rows).bind(records);
        put.execute(pool).await.expect("room on the disk");
    }
}

struct ByHand {
    cluster: Cluster,
    shape: Shape,
}

pub fn open(site: &Site) -> Box<dyn Peer> {
    let cluster = Cluster::start(&site.folder);
    Box::new(ByHand {
        cluster,
        shape: site.shape,
    })
}

impl Peer for ByHand {
    fn caller(&self) -> Caller<'_> {
        let runtime = self.cluster.runtime.handle();
        Box::new(move |account| {
            let id = (FIRST + account) as i64;
            while !runtime.block_on(change(&self.cluster.pool, self.shape, id)) {}
        })
    }

    fn settle(&self) {
        self.cluster.settle();
    }

    fn server(&self) -> Option<u32> {
        Some(self.cluster.server())
    }

    fn changes(&self) -> Option<u64> {
        Some(self.cluster.changes())
    }

    fn close(self: Box<Self>) {
        self.cluster.stop();
    }
}
