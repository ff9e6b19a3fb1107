//! Questions to people, asked on the terminal only.

use std::io::{BufRead, BufReader, Read, Write};

/// Asks people.
pub trait Prompts {
    /// A secret, typed without echo; `None` at the end of input.
    ///
    /// # Errors
    /// When the terminal fails.
    fn secret(&mut self, question: &str) -> std::io::Result<Option<String>>;

    /// A line, typed with echo; `None` at the end of input.
    ///
    /// # Errors
    /// When the terminal fails.
    fn line(&mut self, question: &str) -> std::io::Result<Option<String>>;
}

/// The terminal that the command was started from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminal;

/// Longest answer that is read; whoever types more gets it cut off.
const ANSWER_LENGTH_MAX: u64 = 256;

impl Prompts for Terminal {
    fn secret(&mut self, question: &str) -> std::io::Result<Option<String>> {
        match rpassword::prompt_password(question) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn line(&mut self, question: &str) -> std::io::Result<Option<String>> {
        let mut error = std::io::stderr();
        error
            .write_all(question.as_bytes())
            .and_then(|()| error.flush())?;
        let mut answer = String::new();
        let mut input = BufReader::new(std::io::stdin().take(ANSWER_LENGTH_MAX));
        let read = input.read_line(&mut answer)?;
        Ok((read > 0).then(|| answer.trim().to_owned()))
    }
}
