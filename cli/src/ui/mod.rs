//! Talking: answers to standard output, everything else to standard error, with colour where it
//! is taken.

pub mod page;
pub mod progress;
pub mod prompt;
pub mod snippet;
pub mod style;
pub mod text;

use std::io::{ErrorKind, Write};
use std::time::{Duration, Instant};

use anstream::{AutoStream, ColorChoice};
use stateward::diagnostic::Severity;

pub use page::{Page, paint};
pub use progress::Progress;

use crate::error::CliError;
use crate::io::Sink;
use crate::output::error::ErrorDocument;
use crate::output::{Document, Format, to_json};

/// How often progress is told.
const PROGRESS_EVERY: Duration = Duration::from_millis(200);

/// The text form of a document.
pub trait Text {
    /// Writes it onto a page.
    fn text(&self, page: &mut Page);
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Colour {
    /// Where the stream is a terminal that takes it.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The two streams that are written to, and in which form.
pub struct Ui {
    out: AutoStream<Sink>,
    err: AutoStream<Sink>,
    format: Format,
    /// Whether standard error is looked at while it is written, and when it was written over last.
    live: bool,
    told: Option<Instant>,
    /// Whether somebody watches standard error.
    watched: bool,
}

impl Ui {
    /// Writes to these streams; `colours` says which of them take colour.
    pub fn new(out: Sink, err: Sink, colours: (bool, bool), format: Format) -> Self {
        let choice = |takes| {
            if takes {
                ColorChoice::Always
            } else {
                ColorChoice::Never
            }
        };
        Self {
            out: AutoStream::new(out, choice(colours.0)),
            err: AutoStream::new(err, choice(colours.1)),
            format,
            live: colours.1 && format == Format::Text,
            told: None,
            watched: false,
        }
    }

    /// With somebody who watches standard error, and is shown how far things have come.
    #[must_use]
    pub fn watched(mut self, watched: bool) -> Self {
        self.watched = watched;
        self
    }

    /// A line that says how far something has come.
    pub fn gauge(&self, what: &'static str) -> Progress {
        Progress::new(what, self.watched && self.is_text())
    }

    /// Whether people read the answer.
    pub fn is_text(&self) -> bool {
        self.format == Format::Text
    }

    /// The answer.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn emit<D: Document + Text>(&mut self, document: &D) -> Result<(), CliError> {
        let text = match self.format {
            Format::Text => {
                let mut page = Page::default();
                document.text(&mut page);
                page.into_text()
            }
            format => {
                to_json(document, format).map_err(|error| CliError::Bug(error.to_string()))?
            }
        };
        self.print(&text)
    }

    /// Text to standard output, as it is.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn print(&mut self, text: &str) -> Result<(), CliError> {
        let written = self
            .out
            .write_all(text.as_bytes())
            .and_then(|()| self.out.flush());
        written.map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe => CliError::BrokenPipe,
            _ => CliError::Output(error),
        })
    }

    /// Clears the screen. A stream that takes no styles is no screen, and drops it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn clear(&mut self) -> Result<(), CliError> {
        const ALL_FROM_THE_TOP: &str = "\x1b[2J\x1b[H";
        if self.is_text() {
            self.print(ALL_FROM_THE_TOP)?;
        }
        Ok(())
    }

    /// Text to standard error, as it is. There is nobody to tell when that fails.
    pub fn say(&mut self, text: &str) {
        let _ = self
            .err
            .write_all(text.as_bytes())
            .and_then(|()| self.err.flush());
    }

    /// A page to standard error.
    pub fn say_page(&mut self, page: Page) {
        self.say(&page.into_text());
    }

    /// How far long work has come: told a few times a second, on a line that is written over, where
    /// somebody looks on.
    pub fn progress(&mut self, told: impl FnOnce() -> String) {
        let is_due = self
            .told
            .is_none_or(|last| last.elapsed() >= PROGRESS_EVERY);
        if self.live && is_due {
            self.told = Some(Instant::now());
            let text = format!("\r{}...\x1b[K", told());
            self.say(&text);
        }
    }

    /// Takes the line of progress away.
    pub fn progress_end(&mut self) {
        if self.told.take().is_some() {
            self.say("\r\x1b[K");
        }
    }

    /// Something to know, for people only.
    pub fn note(&mut self, note: &str) {
        if self.is_text() {
            self.say(&format!("{note}\n"));
        }
    }

    /// What to do next, for people only.
    pub fn hint(&mut self, hint: &str) {
        if self.is_text() {
            self.say(&hint_line(hint));
        }
    }

    /// A refusal in the middle of a conversation.
    pub fn deny(&mut self, code: &str, message: &str) {
        let head = paint(style::ERROR, format_args!("error[{code}]"));
        self.say(&format!("{head}: {message}\n"));
    }

    /// Something that deserves attention but stops nothing.
    pub fn warn(&mut self, message: &str) {
        self.say(&format!(
            "{}: {message}\n",
            paint(style::WARNING, "warning")
        ));
    }

    /// Tells what failed: to people on standard error, to scripts also on standard output.
    pub fn fail(&mut self, error: &CliError) {
        if matches!(error, CliError::BrokenPipe) {
            return;
        }
        if let Some((sources, diagnostics)) = error.findings() {
            // Whoever did not ask for a check is shown only what stands in the way.
            let errors = diagnostics
                .iter()
                .filter(|it| it.severity == Severity::Error);
            self.say(&snippet::render(sources, errors));
        }
        let head = paint(style::ERROR, format_args!("error[{}]", error.code()));
        let mut text = format!("{head}: {error}\n");
        text.extend(error.hints().iter().map(|hint| hint_line(hint)));
        self.say(&text);
        if !self.is_text() && !matches!(error, CliError::Output(_)) {
            let document = ErrorDocument::from(error);
            // Standard error has said it already.
            let _ = to_json(&document, self.format).map(|json| self.print(&json));
        }
    }
}

fn hint_line(hint: &str) -> String {
    format!("{}: {hint}\n", paint(style::HINT, "hint"))
}
