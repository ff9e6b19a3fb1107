//! Work that is done in groups: whoever comes while nobody is at work does it for all who wait by
//! then, and wakes them.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, Thread};

/// Does the jobs of one group, and says of each whether it was done.
pub type Work<J> = Box<dyn FnMut(&[J]) -> Vec<bool> + Send>;

pub struct Group<J> {
    queue: Mutex<Queue<J>>,
    work: Mutex<Work<J>>,
}

struct Queue<J> {
    jobs: Vec<J>,
    seats: Vec<Arc<Seat>>,
    /// Whether somebody is at work, or told to be.
    led: bool,
}

/// Where a caller waits.
struct Seat {
    state: AtomicU8,
    thread: Thread,
}

const WAITS: u8 = 0;
const LEADS: u8 = 1;
const REFUSED: u8 = 2;
const DONE: u8 = 3;

impl Seat {
    fn tell(&self, state: u8) {
        self.state.store(state, Ordering::Release);
        self.thread.unpark();
    }

    fn wait(&self) -> u8 {
        loop {
            match self.state.load(Ordering::Acquire) {
                WAITS => thread::park(),
                told => return told,
            }
        }
    }
}

impl<J> Group<J> {
    pub fn new(work: Work<J>) -> Self {
        let queue = Queue {
            jobs: Vec::new(),
            seats: Vec::new(),
            led: false,
        };
        Self {
            queue: Mutex::new(queue),
            work: Mutex::new(work),
        }
    }

    /// Has a job done, with others or alone, and says whether it was.
    pub fn run(&self, job: J) -> bool {
        let seat = Arc::new(Seat {
            state: AtomicU8::new(WAITS),
            thread: thread::current(),
        });
        {
            let mut queue = self.queue.lock().expect("nobody panics in here");
            queue.jobs.push(job);
            queue.seats.push(seat.clone());
            if !queue.led {
                queue.led = true;
                seat.state.store(LEADS, Ordering::Release);
            }
        }
        match seat.wait() {
            LEADS => self.lead(&seat),
            told => told == DONE,
        }
    }

    fn lead(&self, own: &Arc<Seat>) -> bool {
        let (jobs, seats) = {
            let mut queue = self.queue.lock().expect("nobody panics in here");
            let queue = &mut *queue;
            (
                std::mem::take(&mut queue.jobs),
                std::mem::take(&mut queue.seats),
            )
        };
        let done = (self.work.lock().expect("nobody panics at work"))(&jobs);
        // The next group sets out before this one is told, so that the disk does not wait for it.
        {
            let mut queue = self.queue.lock().expect("nobody panics in here");
            match queue.seats.first() {
                Some(next) => next.tell(LEADS),
                None => queue.led = false,
            }
        }
        let mut was_done = false;
        for (seat, done) in seats.iter().zip(done) {
            if Arc::ptr_eq(seat, own) {
                was_done = done;
            } else {
                seat.tell(if done { DONE } else { REFUSED });
            }
        }
        was_done
    }
}
