//! The three streams of the process and what is known of them: the only place that touches them.

use std::io::{IsTerminal, Read, Write};

use anstream::{AutoStream, ColorChoice};

/// A stream that text is written to.
pub type Sink = Box<dyn Write + Send>;

/// Standard input, output and error, and whether people sit behind them.
pub struct Io {
    pub(crate) stdin: Box<dyn Read + Send>,
    pub(crate) stdout: Sink,
    pub(crate) stderr: Sink,
    /// Whether questions can be asked and answered: input and error are both terminals.
    pub(crate) interactive: bool,
    /// Whether standard output takes colour.
    pub(crate) colour_stdout: bool,
    /// Whether standard error takes colour.
    pub(crate) colour_stderr: bool,
}

impl Io {
    /// The streams of this process.
    pub fn of_process() -> Self {
        // The choice heeds NO_COLOR, CLICOLOR, CLICOLOR_FORCE and TERM.
        let takes_colour = |choice: ColorChoice| !matches!(choice, ColorChoice::Never);
        Self {
            stdin: Box::new(std::io::stdin()),
            stdout: Box::new(std::io::stdout()),
            stderr: Box::new(std::io::stderr()),
            interactive: std::io::stdin().is_terminal() && std::io::stderr().is_terminal(),
            colour_stdout: takes_colour(AutoStream::choice(&std::io::stdout())),
            colour_stderr: takes_colour(AutoStream::choice(&std::io::stderr())),
        }
    }
}
