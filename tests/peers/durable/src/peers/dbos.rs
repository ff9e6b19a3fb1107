//! DBOS for Rust: a workflow per change, of one step that changes the account in the application's
//! own tables. They lie in the database that DBOS keeps its own in.

use dbos::{Config, DBOS, WorkflowRef, step};

use super::postgres::{CONNECTIONS, Cluster, change, url};
use crate::peer::{Caller, FIRST, Peer, Site};

struct Dbos {
    cluster: Cluster,
    instance: DBOS,
    change: WorkflowRef<i64, bool, dbos::EngineOnly>,
}

pub fn open(site: &Site) -> Box<dyn Peer> {
    let cluster = Cluster::start(&site.folder);
    let config = Config {
        app_version: Some("1".to_owned()),
        max_connections: CONNECTIONS,
        ..Config::new("peers", url(&site.folder))
    };
    let instance = DBOS::new(config);
    let (pool, shape) = (cluster.pool.clone(), site.shape);
    let workflow = move |account: i64| {
        let pool = pool.clone();
        async move {
            let changed = || async { dbos::Result::Ok(change(&pool, shape, account).await) };
            step("change", changed).await
        }
    };
    let change = instance.register_workflow("change", workflow);
    let change = change.expect("a workflow");
    let launched = cluster.runtime.block_on(instance.launch());
    launched.expect("the database is there");
    Box::new(Dbos {
        cluster,
        instance,
        change,
    })
}

impl Peer for Dbos {
    fn caller(&self) -> Caller<'_> {
        let runtime = self.cluster.runtime.handle();
        Box::new(move |account| {
            let id = (FIRST + account) as i64;
            let run = || runtime.block_on(async { self.change.run(id).await });
            while !run().expect("the workflow ends") {}
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
        self.cluster.runtime.block_on(self.instance.shutdown());
        self.cluster.stop();
    }
}
