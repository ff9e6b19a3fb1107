//! For tests: a command run in this process, with somebody scripted at the terminal.

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use clap::Parser;

use crate::app::{App, Cli};
use crate::env::Env;
use crate::exit::Exit;
use crate::ui::Ui;
use crate::ui::prompt::Prompts;

/// How a command went: its end and both streams.
pub struct Ended {
    pub exit: Exit,
    pub out: String,
    pub err: String,
}

/// Runs a command in a project, with somebody at the terminal.
pub fn run(project: &Path, command: &str, somebody: Box<dyn Prompts>) -> Ended {
    let cli = Cli::try_parse_from(["stateward"].into_iter().chain(command.split(' '))).unwrap();
    let (out, err) = (Shared::default(), Shared::default());
    let mut globals = cli.globals.clone();
    globals.project = Some(project.to_owned());
    let mut app = App {
        ui: Ui::new(
            Box::new(out.clone()),
            Box::new(err.clone()),
            (false, false),
            globals.output,
        ),
        globals,
        env: Env {
            now: Some("2026-11-22T08:00:00Z".into()),
            seed: Some("1".into()),
        },
        stdin: Box::new(std::io::empty()),
        prompts: Some(somebody),
    };
    let exit = cli.command.run(&mut app).unwrap();
    Ended {
        exit,
        out: out.text(),
        err: err.text(),
    }
}

/// A stream that can be read afterwards.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Shared {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}
