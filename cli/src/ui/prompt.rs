//! Questions to people, asked on the terminal only.

use std::io::{BufRead, BufReader, Read, Write};

use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{Behavior, Config, Editor};

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

    /// A line of a conversation, edited in place where that is possible, with those before it at
    /// hand; `None` at the end of input.
    ///
    /// # Errors
    /// When the terminal fails.
    fn turn(&mut self, prompt: &str) -> std::io::Result<Option<String>> {
        self.line(prompt)
    }
}

/// The terminal that the command was started from.
#[derive(Default)]
pub struct Terminal {
    /// The editor of a conversation, with its lines so far. They are kept in memory only: they may
    /// hold what is personal.
    editor: Option<Editor<(), MemHistory>>,
}

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

    fn turn(&mut self, prompt: &str) -> std::io::Result<Option<String>> {
        let editor = match &mut self.editor {
            Some(editor) => editor,
            none => none.insert(editor().map_err(std::io::Error::other)?),
        };
        match editor.readline(prompt) {
            Ok(line) => Ok(Some(line)),
            // Ctrl-C gives up the line, Ctrl-D the conversation.
            Err(ReadlineError::Interrupted) => Ok(Some(String::new())),
            Err(ReadlineError::Eof) => Ok(None),
            Err(ReadlineError::Io(error)) => Err(error),
            Err(error) => Err(std::io::Error::other(error)),
        }
    }
}

/// An editor that writes to the terminal itself, so that answers can go elsewhere.
fn editor() -> rustyline::Result<Editor<(), MemHistory>> {
    let config = Config::builder()
        .auto_add_history(true)
        .behavior(Behavior::PreferTerm)
        .build();
    Editor::with_history(config.clone(), MemHistory::with_config(&config))
}
