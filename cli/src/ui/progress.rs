//! How far a long piece of work has come: on a terminal, and only if it takes a while.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work that ends sooner shows nothing.
const PATIENCE: Duration = Duration::from_millis(300);

/// A line that says how far something has come.
pub struct Progress {
    /// Nothing, where nobody would see it.
    bar: Option<ProgressBar>,
    begun: Instant,
}

impl Progress {
    pub(super) fn new(what: &'static str, seen: bool) -> Self {
        let bar = seen.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
            bar.set_message(what);
            bar
        });
        let begun = Instant::now();
        Self { bar, begun }
    }

    /// How much there is to do, where that is known.
    pub fn of(&self, all: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(all);
        }
    }

    /// How much is done.
    pub fn at(&self, done: u64) {
        let Some(bar) = &self.bar else { return };
        if bar.is_hidden() && self.begun.elapsed() > PATIENCE {
            let form = match bar.length() {
                Some(_) => "{msg}  {bar:24}  {human_pos} of {human_len}  {eta} left",
                None => "{msg}  {human_pos}",
            };
            if let Ok(style) = ProgressStyle::with_template(form) {
                bar.set_style(style);
            }
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        bar.set_position(done);
    }

    /// It is done, and the line goes.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
