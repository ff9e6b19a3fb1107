//! A project of its own for each test, and the program's answer as one text.

mod watching;

use std::ffi::OsStr;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;
pub use watching::Watching;

/// The program as its users start it.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_stateward-under-test");

/// The present time of every test, unless it says otherwise.
pub const NOW: &str = "2026-11-22T08:00:00Z";

/// A resource account of the management account 1000, in folder A.
const ATTRIBUTES: [&str; 8] = [
    "display_name=payments",
    "country=SG",
    "site=intl",
    "path=rd-3G/r-Wm/fd-A/1001",
    "manager=1000",
    "legal_entity=Example",
    "manager_legal_entity=Example",
    "email=1001@rd-3g.virtual.example",
];

/// A request that every gate lets through, and that waits for one code.
pub const BIND: &str = "--as ram_user/ops-lin run 1001 mobile_phone.bind -i phone=65-91234567";

/// A directory, removed with the test.
pub struct Project {
    directory: TempDir,
    now: String,
    seed: Option<&'static str>,
}

impl Project {
    /// An empty directory.
    pub fn empty() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self {
            directory,
            now: NOW.to_owned(),
            seed: Some("1"),
        }
    }

    /// A project with a development store.
    pub fn new() -> Self {
        let project = Self::empty();
        project.run("init --dev").exits(0);
        project
    }

    /// The same, with account 1001.
    pub fn with_account() -> Self {
        let project = Self::new();
        project.create("1001").exits(0);
        project
    }

    /// Makes an account.
    pub fn create(&self, id: &str) -> Answer {
        let mut arguments = vec!["account", "create", id];
        let email = format!("email={id}@rd-3g.virtual.example");
        let path = format!("path=rd-3G/r-Wm/fd-A/{id}");
        for attribute in ATTRIBUTES {
            let own = match attribute.split_once('=') {
                Some(("email", _)) => email.as_str(),
                Some(("path", _)) => path.as_str(),
                _ => attribute,
            };
            arguments.extend(["-a", own]);
        }
        self.start(arguments, "")
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// A file in it.
    pub fn file(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    /// What a file in it says.
    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.file(path)).unwrap()
    }

    /// Writes a file in it.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.file(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Replaces a text in a file, which must be there.
    pub fn replace(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} has no {from:?}");
        self.write(path, &text.replacen(from, to, 1));
    }

    /// Sets the clock.
    pub fn at(&mut self, now: &str) -> &mut Self {
        now.clone_into(&mut self.now);
        self
    }

    /// Takes clock and seed away: what is not a development store refuses both.
    pub fn without_variables(mut self) -> Self {
        self.now.clear();
        self.seed = None;
        self
    }

    /// Starts the program with arguments that have no blanks in them.
    pub fn run(&self, arguments: &str) -> Answer {
        self.start(arguments.split_whitespace(), "")
    }

    /// The same, with something on standard input.
    pub fn run_with(&self, arguments: &str, input: &str) -> Answer {
        self.start(arguments.split_whitespace(), input)
    }

    /// The program, about to be started here.
    pub fn command(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .current_dir(self.path())
            .env_clear()
            .env("NO_COLOR", "1");
        if !self.now.is_empty() {
            command.env("STATEWARD_NOW", &self.now);
        }
        if let Some(seed) = self.seed {
            command.env("STATEWARD_SEED", seed);
        }
        command
    }

    fn start<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
        input: &str,
    ) -> Answer {
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // The program may end without having read its input.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        self.answer(&child.wait_with_output().unwrap())
    }

    /// The answer of a program that was started here.
    pub fn answer(&self, output: &Output) -> Answer {
        let text = |bytes: &[u8]| {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            let here = self.path().canonicalize().unwrap();
            let text = text.replace(here.to_str().unwrap(), "$PROJECT");
            text.replace(self.path().to_str().unwrap(), "$PROJECT")
        };
        Answer {
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            code: output.status.code(),
        }
    }

    /// Asks for the binding of a number; the attempt and the code that was sent.
    pub fn bind(&self) -> (String, String) {
        let answer = self.run(&format!("{BIND} -o json")).exits(4);
        let attempt = answer.json()["attempt"].as_str().unwrap().to_owned();
        (attempt, answer.code())
    }
}

/// What the program answered. Its text is the whole contract: both streams and the exit code.
#[derive(Debug)]
pub struct Answer {
    pub stdout: String,
    pub stderr: String,
    pub code: Option<i32>,
}

impl Answer {
    /// Checks the exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// Standard output, which is exactly one JSON document.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// The code that the console courier printed.
    #[track_caller]
    pub fn code(&self) -> String {
        let runs = self.stderr.split(|letter: char| !letter.is_ascii_digit());
        let mut codes = runs.filter(|run| run.len() == 6);
        codes.next_back().expect("a code was sent").to_owned()
    }

    /// The line that says why it was refused.
    #[track_caller]
    pub fn verdict(&self) -> &str {
        let mut lines = self.stdout.lines();
        let denied = lines.find(|line| line.starts_with("Denied"));
        denied.unwrap_or_else(|| panic!("nothing was refused: {self}"))
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.stdout)?;
        if !self.stderr.is_empty() {
            write!(f, "--- stderr ---\n{}", self.stderr)?;
        }
        match self.code {
            Some(0) => Ok(()),
            code => writeln!(f, "[exit status: {}]", code.map_or(-1, |code| code)),
        }
    }
}

/// Another code than the right one.
pub fn wrong(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}
