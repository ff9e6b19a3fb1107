//! The store's group commit, compiled over a model of threads that tries their schedules out: callers
//! submit jobs at once, and none may be answered before its round is durable.

use shuttle::sync::atomic::{AtomicBool, Ordering};
use shuttle::sync::{Arc, Mutex};
use shuttle::thread;

/// What the source is built on; in the store it is the standard library's.
mod sync {
    pub(crate) use shuttle::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
}

#[path = "../../../engine/src/store/redb/group.rs"]
mod sound;

/// Copies with a fault each, which `build.rs` writes.
macro_rules! faulty {
    ($($name:ident)*) => {
        $(#[allow(dead_code, unused_assignments, unused_variables, reason = "a fault leaves parts unused")]
        mod $name {
            include!(concat!(env!("OUT_DIR"), "/", stringify!($name), ".rs"));
        })*
    };
}

faulty!(begins_together waits_for_nobody calls_nobody wakes_nobody wakes_one keeps_room_to_itself);

/// When a round is made durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syncs {
    /// Before it is answered.
    InTime,
    /// With the next round: the fault that a group commit must never have.
    Late,
}

const CALLERS: u32 = 4;
const JOBS_EACH: u32 = 2;

/// What callers change together.
#[derive(Default)]
struct Tip {
    open: Vec<u32>,
    settled: usize,
}

/// What jobs are written to.
struct Disk {
    syncs: Syncs,
    busy: AtomicBool,
    written: Mutex<Vec<u32>>,
    durable: Mutex<Vec<u32>>,
}

impl Disk {
    fn new(syncs: Syncs) -> Self {
        Self {
            syncs,
            busy: AtomicBool::new(false),
            written: Mutex::new(Vec::new()),
            durable: Mutex::new(Vec::new()),
        }
    }

    /// Makes a round durable; one at a time.
    fn round(&self, jobs: &[u32]) {
        assert!(
            !self.busy.swap(true, Ordering::SeqCst),
            "two rounds are done at once"
        );
        assert!(jobs.len() <= 3, "a round is too long");
        if self.syncs == Syncs::Late {
            self.sync();
        }
        self.written.lock().unwrap().extend(jobs);
        thread::yield_now();
        if self.syncs == Syncs::InTime {
            self.sync();
        }
        self.busy.store(false, Ordering::SeqCst);
    }

    fn sync(&self) {
        let mut durable = self.durable.lock().unwrap();
        let written = self.written.lock().unwrap().clone();
        thread::yield_now();
        *durable = written;
    }

    fn is_durable(&self, job: u32) -> bool {
        self.durable.lock().unwrap().contains(&job)
    }
}

fn answer(job: u32) -> u32 {
    job + 1_000
}

/// One schedule of callers that submit jobs to the group of a module.
macro_rules! schedule {
    ($name:ident, $group:ident, $about:literal) => {
        #[doc = $about]
        pub fn $name(syncs: Syncs) {
            let limits = $group::Limits {
                waiting: 16,
                weight: 3,
                calls: 1,
            };
            let group = Arc::new($group::Group::new(Tip::default(), limits));
            let disk = Arc::new(Disk::new(syncs));
            let callers: Vec<_> = (0..CALLERS)
                .map(|caller| {
                    let (group, disk) = (Arc::clone(&group), Arc::clone(&disk));
                    thread::spawn(move || {
                        for turn in 0..JOBS_EACH {
                            let job = caller * JOBS_EACH + turn;
                            let join = |tip: &mut Tip| {
                                tip.open.push(job);
                                (answer(job), 1)
                            };
                            let close = |tip: &mut Tip| std::mem::take(&mut tip.open);
                            let finish = |jobs: Vec<u32>| -> Result<(), ()> {
                                disk.round(&jobs);
                                group.change(|tip| tip.settled += jobs.len());
                                Ok(())
                            };
                            let answered = group.submit(join, close, finish);
                            assert_eq!(answered.ok(), Some(answer(job)));
                            assert!(disk.is_durable(job), "answered before it was durable");
                        }
                    })
                })
                .collect();
            for caller in callers {
                caller.join().unwrap();
            }
            let settled = group.change(|tip| tip.settled);
            assert_eq!(settled, (CALLERS * JOBS_EACH) as usize);
            let mut done = disk.durable.lock().unwrap().clone();
            done.sort_unstable();
            assert!(done.into_iter().eq(0..CALLERS * JOBS_EACH), "each job once");
        }
    };
}

schedule!(group, sound, "The group commit as it is.");
schedule!(
    group_that_begins_together,
    begins_together,
    "A round begins beside another."
);
schedule!(
    group_that_waits_for_nobody,
    waits_for_nobody,
    "Who does not lead goes on at once."
);
schedule!(
    group_that_calls_nobody,
    calls_nobody,
    "No leader calls the next one."
);
schedule!(group_that_wakes_nobody, wakes_nobody, "Nobody is woken up.");
schedule!(
    group_that_wakes_one,
    wakes_one,
    "Who is woken up wakes nobody."
);
schedule!(
    group_that_keeps_room_to_itself,
    keeps_room_to_itself,
    "Nobody is told that there is room again."
);
