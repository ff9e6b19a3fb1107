//! A driver in the background: lets time pass and messages out while a program runs.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use super::agenda::Agenda;
use super::{DeliveryError, Engine, EngineError};
use crate::name::MessageId;
use crate::time::Timestamp;

/// What a driver met with. It goes on, after a while that grows with every failure in a row.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Trouble {
    /// The engine cannot answer: for the most part, its store cannot be used.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A message was not delivered. It is tried again.
    #[error("message {message} was not delivered: {error}")]
    Delivery {
        /// Which.
        message: MessageId,
        /// Why.
        error: DeliveryError,
    },
}

type Tell = Arc<dyn Fn(&Trouble) + Send + Sync>;

/// How a driver works.
pub struct DriverBuilder {
    engine: Arc<Engine>,
    batch: usize,
    nap: Duration,
    tell: Tell,
}

impl std::fmt::Debug for DriverBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DriverBuilder")
            .field("batch", &self.batch)
            .field("nap", &self.nap)
            .finish_non_exhaustive()
    }
}

impl DriverBuilder {
    /// Most timers, and most messages, that are taken at once; 64 if it is not said.
    #[must_use]
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch.max(1);
        self
    }

    /// Longest sleep, 30 s if it is not said. What this engine commits wakes its driver at once; what
    /// another engine commits over the same store, or a clock that is set, is noticed after this time
    /// at the latest.
    #[must_use]
    pub fn longest_nap(mut self, nap: Duration) -> Self {
        self.nap = nap.max(REST);
        self
    }

    /// Is told what goes wrong. It is called on the driver's threads, and had better not block.
    #[must_use]
    pub fn on_trouble(mut self, tell: impl Fn(&Trouble) + Send + Sync + 'static) -> Self {
        self.tell = Arc::new(tell);
        self
    }

    /// Starts the driver.
    ///
    /// # Errors
    /// When the system gives it no threads.
    pub fn start(self) -> io::Result<Driver> {
        let stopped = Arc::new(AtomicBool::new(false));
        let mut driver = Driver {
            engine: Arc::clone(&self.engine),
            stopped: Arc::clone(&stopped),
            threads: Vec::new(),
        };
        // Apart from each other, so that a slow courier holds up no timer.
        for (name, turn) in [("timers", Turn::Timers), ("messages", Turn::Messages)] {
            let runner = Runner {
                engine: Arc::clone(&self.engine),
                stopped: Arc::clone(&stopped),
                batch: self.batch,
                nap: self.nap,
                tell: Arc::clone(&self.tell),
                turn,
            };
            let thread = Builder::new().name(format!("stateward-{name}"));
            driver.threads.push(thread.spawn(move || runner.run())?);
        }
        Ok(driver)
    }
}

/// Lets time pass and messages out in the background, until it is dropped.
///
/// Its threads sleep until the next timer is due or the next message may be tried, and are woken by
/// what the engine commits. Several drivers may work over one store: every timer has its effect once
/// all the same, and messages are delivered at least once.
#[must_use = "a driver stops when it is dropped"]
pub struct Driver {
    engine: Arc<Engine>,
    stopped: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Driver").finish_non_exhaustive()
    }
}

impl Driver {
    /// A driver of an engine, to be told how to work and started.
    pub fn of(engine: Arc<Engine>) -> DriverBuilder {
        DriverBuilder {
            engine,
            batch: 64,
            nap: Duration::from_secs(30),
            tell: Arc::new(|_| {}),
        }
    }

    /// Has it look for work now: after the clock was set, say.
    pub fn wake(&self) {
        self.engine.bell.ring();
    }

    /// Stops it, and waits until what it has in hand is done. Dropping it does the same.
    pub fn stop(self) {}
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Release);
        self.engine.bell.ring();
        for thread in self.threads.drain(..) {
            // Whatever it panicked with was printed when it did.
            let _ = thread.join();
        }
    }
}

/// Shortest sleep: whatever the clock says, no driver spins.
const REST: Duration = Duration::from_millis(20);
/// Sleeps after failures in a row: this, doubled at each, at most that.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(60));

/// What a thread does over and over.
#[derive(Debug, Clone, Copy)]
enum Turn {
    Timers,
    Messages,
}

/// When there is something to do again.
enum Next {
    Now,
    At(Timestamp),
    Whenever,
}

/// One thread of a driver.
struct Runner {
    engine: Arc<Engine>,
    stopped: Arc<AtomicBool>,
    batch: usize,
    nap: Duration,
    tell: Tell,
    turn: Turn,
}

impl Runner {
    fn run(&self) {
        let mut failures: u32 = 0;
        let mut agenda = Agenda::default();
        loop {
            // First, so that no ring is missed, that of the end least of all.
            let heard = self.engine.bell.rings();
            if self.is_stopped() {
                break;
            }
            match self.take_turn(&mut agenda) {
                Ok(next) => {
                    failures = 0;
                    self.sleep(heard, &next);
                }
                Err(error) => {
                    (self.tell)(&error.into());
                    let (first, most) = BACK_OFF;
                    let length = first.saturating_mul(1 << failures.min(16)).min(most);
                    failures = failures.saturating_add(1);
                    self.engine.bell.rest(length, || self.is_stopped());
                }
            }
        }
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    fn sleep(&self, heard: u64, next: &Next) {
        let length = match next {
            Next::Now => return,
            Next::At(at) => at.since(self.engine.clock.now()).clamp(REST, self.nap),
            Next::Whenever => self.nap,
        };
        self.engine.bell.wait(heard, length);
    }

    fn take_turn(&self, agenda: &mut Agenda) -> Result<Next, EngineError> {
        match self.turn {
            Turn::Timers => self.tick(),
            Turn::Messages => self.pump(agenda),
        }
    }

    fn tick(&self) -> Result<Next, EngineError> {
        let ticked = self.engine.tick_looking_at(self.batch, self.batch)?;
        // Contended ones are due still: they are not to be tried over and over.
        if ticked.fired.len() + ticked.waiting.len() >= self.batch {
            return Ok(Next::Now);
        }
        let next = self.engine.store.snapshot()?.next_due()?;
        Ok(next.map_or(Next::Whenever, Next::At))
    }

    fn pump(&self, agenda: &mut Agenda) -> Result<Next, EngineError> {
        let pumped = self.engine.pump_by(agenda, self.batch)?;
        let seen = pumped.delivered.len() + pumped.failed.len() + pumped.expired.len();
        for (message, error) in pumped.failed {
            (self.tell)(&Trouble::Delivery { message, error });
        }
        if seen >= self.batch {
            return Ok(Next::Now);
        }
        Ok(agenda.next().map_or(Next::Whenever, Next::At))
    }
}
