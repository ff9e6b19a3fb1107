//! From arguments to a command and from its result to an exit code.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Parser, ValueEnum};
use stateward::policy::Principal;
use stateward::time::parse_duration;

use crate::command::Command;
use crate::defect;
use crate::env::Env;
use crate::error::CliError;
use crate::exit::Exit;
use crate::io::Io;
use crate::output::Format;
use crate::project::{Project, Session};
use crate::ui::prompt::{Prompts, Terminal};
use crate::ui::{Colour, Ui};

/// A policy-driven state machine engine for account lifecycles.
///
/// YAML says what may happen to an account, policies say who may ask for it, and every decision is
/// explained and kept. Begin with `stateward demo`.
#[derive(Debug, Parser)]
#[command(
    name = "stateward",
    bin_name = "stateward",
    version,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub struct Cli {
    #[command(flatten)]
    pub globals: Globals,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Globals {
    /// Who asks: a principal of policies/principals.yaml, as `kind/name`
    #[arg(long = "as", global = true, value_name = "PRINCIPAL")]
    pub principal: Option<String>,
    /// A fact about the session, such as `mfa=true`
    #[arg(long, global = true, value_name = "NAME=VALUE", value_parser = pair)]
    pub context: Vec<(String, String)>,
    /// The form of answers
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORM"
    )]
    pub output: Format,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Colour,
    /// Ask nothing, even on a terminal
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Show personal data in full
    #[arg(long, global = true)]
    pub reveal: bool,
    /// How long to wait for a store that another process has open, such as `5s`; 0 fails at once
    #[arg(
        long,
        global = true,
        value_name = "DURATION",
        value_parser = patience,
        default_value = "2s"
    )]
    pub wait: Duration,
    /// The project's directory; otherwise the nearest one upward with a stateward.yaml
    #[arg(short = 'C', long, global = true, value_name = "DIR")]
    pub project: Option<PathBuf>,
}

/// What a command works with.
pub struct App {
    pub globals: Globals,
    pub env: Env,
    pub ui: Ui,
    pub stdin: Box<dyn std::io::Read + Send>,
    /// Somebody who can be asked, if anybody can.
    pub prompts: Option<Box<dyn Prompts>>,
}

impl App {
    /// The project that the command is about, opened.
    ///
    /// # Errors
    /// When there is none, or it cannot be opened.
    pub fn open(&self) -> Result<Opened, CliError> {
        let project = Project::find(self.globals.project.as_deref())?;
        let session = Session::open(&project, &self.env, self.globals.wait)?;
        let named = self
            .globals
            .principal
            .as_ref()
            .or(project.config.principal.as_ref());
        let principal = named.map(|name| session.principal(name)).transpose()?;
        Ok(Opened {
            session,
            principal,
            context: self.globals.context.iter().cloned().collect(),
        })
    }
}

/// An opened project, and who asks in which session.
pub struct Opened {
    pub session: Session,
    /// Who asks; nobody, where the store's owner does.
    pub principal: Option<Principal>,
    /// Facts about the session, as text.
    pub context: BTreeMap<String, String>,
}

impl Opened {
    /// Who asks, where somebody must.
    ///
    /// # Errors
    /// When nobody was named.
    pub fn asker(&self) -> Result<Principal, CliError> {
        self.principal.clone().ok_or(CliError::NoPrincipal)
    }
}

/// Runs one command line.
pub fn run(args: Vec<OsString>, io: Io) -> Exit {
    let cli = Cli::try_parse_from(&args);
    // Even a command line that does not parse is answered in the form that it asks for.
    let globals = match &cli {
        Ok(cli) => cli.globals.clone(),
        Err(_) => Globals {
            output: format_of(&args),
            ..Globals::default()
        },
    };
    let takes_colour = |auto| match globals.color {
        Colour::Auto => auto,
        Colour::Always => true,
        Colour::Never => false,
    };
    let colours = (
        takes_colour(io.colour_stdout),
        takes_colour(io.colour_stderr),
    );
    let ask = io.interactive && !globals.no_input;
    let mut app = App {
        ui: Ui::new(io.stdout, io.stderr, colours, globals.output).watched(io.interactive),
        stdin: io.stdin,
        prompts: ask.then(|| Box::new(Terminal::default()) as Box<dyn Prompts>),
        env: Env::of_process(),
        globals,
    };
    let result = match cli {
        Ok(cli) => defect::guard(|| cli.command.run(&mut app)),
        Err(error) => usage(&mut app.ui, &error),
    };
    result.unwrap_or_else(|error| {
        app.ui.fail(&error);
        error.exit()
    })
}

/// Help and version are answers; everything else that the parser stops at is a wrong command line.
fn usage(ui: &mut Ui, error: &clap::Error) -> Result<Exit, CliError> {
    let text = error.render();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            ui.print(&text.ansi().to_string())?;
            Ok(Exit::Done)
        }
        // A command that lacks its subcommand shows its help, as an error.
        _ if ui.is_text() => {
            ui.say(&text.ansi().to_string());
            Ok(Exit::Usage)
        }
        _ => {
            let text = text.to_string();
            let message = text.lines().next().unwrap_or_default();
            let message = message
                .strip_prefix("error: ")
                .unwrap_or(message)
                .to_owned();
            let tips = text
                .lines()
                .filter_map(|line| line.trim().strip_prefix("tip: "));
            let hints = tips.map(str::to_owned).collect();
            Err(CliError::Usage { message, hints })
        }
    }
}

/// The value of `-o` or `--output` in arguments that do not parse.
fn format_of(args: &[OsString]) -> Format {
    let words: Vec<_> = args.iter().map(|word| word.to_string_lossy()).collect();
    let joined = words.iter().find_map(|word| {
        word.strip_prefix("--output=")
            .or_else(|| word.strip_prefix("-o").filter(|v| !v.is_empty()))
    });
    let after = || {
        let flag = words
            .iter()
            .position(|word| word == "-o" || word == "--output")?;
        words.get(flag + 1).map(AsRef::as_ref)
    };
    let value = joined
        .map(|value| value.trim_start_matches('='))
        .or_else(after);
    value
        .and_then(|value| Format::from_str(value, false).ok())
        .unwrap_or_default()
}

/// Reads a duration, or `0`.
fn patience(text: &str) -> Result<Duration, String> {
    match text {
        "0" => Ok(Duration::ZERO),
        _ => parse_duration(text).map_err(|_| "write a duration such as 5s or 2m, or 0".to_owned()),
    }
}

/// Reads `name=value`.
pub fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write name=value".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_tree_of_commands_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_form_is_found_in_a_wrong_command_line() {
        for words in [
            "x -o json",
            "x -ojson",
            "x --output json --bad",
            "x -o=json",
        ] {
            let args: Vec<OsString> = words.split(' ').map(Into::into).collect();
            assert_eq!(format_of(&args), Format::Json, "{words}");
        }
        assert_eq!(format_of(&["x".into(), "-o".into()]), Format::Text);
    }
}
