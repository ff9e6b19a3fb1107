//! duroxide on its SQLite provider: an orchestration per change, of one activity that changes the
//! account in a database of the application's own.
//!
//! The provider asks SQLite for `synchronous = WAL`, which is none of its levels and means NORMAL:
//! no commit waits for the disk. The application's database is kept as loosely, so that nothing
//! here is durable against the loss of power, and no figure is to be read as if it were.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use duroxide::providers::sqlite::SqliteProvider;
use duroxide::runtime::registry::ActivityRegistry;
use duroxide::runtime::{Runtime, RuntimeOptions};
use duroxide::{
    ActivityContext, Client, OrchestrationContext, OrchestrationRegistry, OrchestrationStatus,
};
use tokio::runtime::Runtime as Threads;

use super::sqlite::{self, Sqlite, Synced};
use crate::peer::{Caller, Peer, Site};

/// At work at once, of orchestrations and of activities.
const WORKERS: usize = 8;

struct Duroxide {
    threads: Threads,
    runtime: Arc<Runtime>,
    client: Client,
    accounts: Arc<Sqlite>,
    /// Names of orchestrations that no run before has used.
    named: String,
    next: AtomicU64,
}

pub fn create(site: &Site) {
    sqlite::create(site);
}

pub fn open(site: &Site) -> Box<dyn Peer> {
    let accounts = Arc::new(Sqlite::single(site, Synced::Normal));
    let threads = Threads::new().expect("threads");
    let path = site.folder.join("duroxide.sqlite");
    let url = format!("sqlite:{}?mode=rwc", path.display());
    let store = threads.block_on(SqliteProvider::new(&url, None));
    let store = Arc::new(store.expect("a database"));
    let orchestrations = OrchestrationRegistry::builder()
        .register(
            "Change",
            |context: OrchestrationContext, account: String| async move {
                context.schedule_activity("change", account).await
            },
        )
        .build();
    let options = RuntimeOptions {
        // The default of 100 ms would be most of every latency.
        dispatcher_min_poll_interval: Duration::from_millis(2),
        orchestration_concurrency: WORKERS,
        worker_concurrency: WORKERS,
        ..RuntimeOptions::default()
    };
    let activities = activities(accounts.clone());
    let start = Runtime::start_with_options(store.clone(), activities, orchestrations, options);
    let runtime = threads.block_on(start);
    let since = std::time::UNIX_EPOCH.elapsed().expect("a clock");
    Box::new(Duroxide {
        threads,
        runtime,
        client: Client::new(store),
        accounts,
        named: since.as_nanos().to_string(),
        next: AtomicU64::new(0),
    })
}

fn activities(accounts: Arc<Sqlite>) -> ActivityRegistry {
    ActivityRegistry::builder()
        .register("change", move |_: ActivityContext, account: String| {
            let accounts = accounts.clone();
            async move {
                let number = account.parse().map_err(|_| "no number".to_owned())?;
                tokio::task::block_in_place(|| accounts.caller()(number));
                Ok(account)
            }
        })
        .build()
}

impl Duroxide {
    /// Whether an orchestration changed an account. With many callers its provider fails some, since
    /// the database is locked.
    async fn change(&self, account: u64) -> bool {
        let name = format!("{}-{}", self.named, self.next.fetch_add(1, Relaxed));
        let input = account.to_string();
        let started = self
            .client
            .start_orchestration(&name, "Change", input)
            .await;
        let wait = Duration::from_secs(120);
        match started {
            Ok(()) => matches!(
                self.client.wait_for_orchestration(&name, wait).await,
                Ok(OrchestrationStatus::Completed { .. })
            ),
            Err(_) => false,
        }
    }
}

impl Peer for Duroxide {
    fn caller(&self) -> Caller<'_> {
        let threads = self.threads.handle();
        Box::new(move |account| while !threads.block_on(self.change(account)) {})
    }

    fn settle(&self) {
        self.accounts.settle();
    }

    /// An orchestration that failed may have changed its account before: it does not say.
    fn changes(&self) -> Option<u64> {
        None
    }

    fn close(self: Box<Self>) {
        self.threads.block_on(self.runtime.shutdown(None));
    }
}
