//! `stateward help [COMMAND or TOPIC]`: help on commands, and on what no single command explains.

use clap::CommandFactory;

use crate::app::{App, Cli};
use crate::env;
use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::Page;

/// Show help on a command, or on a topic: exit-codes, environment, output
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A command, or a topic
    words: Vec<String>,
}

const TOPICS: [&str; 3] = ["exit-codes", "environment", "output"];

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let text = match args
        .words
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["exit-codes"] => exit_codes(),
        ["environment"] => environment(),
        ["output"] => OUTPUT.to_owned(),
        words => of_command(words)?,
    };
    app.ui.print(&text)?;
    Ok(Exit::Done)
}

fn of_command(words: &[&str]) -> Result<String, CliError> {
    let mut root = Cli::command();
    root.build();
    let mut command = &mut root;
    for word in words {
        let known: Vec<String> = command
            .get_subcommands()
            .map(|sub| sub.get_name().to_owned())
            .collect();
        command = command.find_subcommand_mut(word).ok_or_else(|| {
            let known = known.iter().map(String::as_str).chain(TOPICS);
            CliError::unknown(
                "command or help topic",
                word,
                known,
                "`stateward help` lists them",
            )
        })?;
    }
    let topics = "Topics: `stateward help exit-codes`, `environment`, `output`";
    let help = command.render_long_help().ansi().to_string();
    Ok(if words.is_empty() {
        format!("{help}\n{topics}\n")
    } else {
        help
    })
}

fn exit_codes() -> String {
    let mut page = Page::default();
    page.line(
        "Every command ends with one of these codes; a decision has the code of its outcome.",
    );
    page.line("Commands that only explain (`why`, `explain`, `run --dry-run`) end with 0.\n");
    page.columns(Exit::ALL.map(|(exit, about)| [exit.code().to_string(), about.to_owned()]));
    page.into_text()
}

fn environment() -> String {
    let mut page = Page::default();
    page.line("These environment variables are read, and no others.\n");
    page.columns(env::all().map(|variable| [variable.name.to_owned(), variable.about.to_owned()]));
    page.gap();
    page.line(
        "Secrets never come from variables: codes are typed or read from a file, the keys of",
    );
    page.line("couriers from files that stateward.yaml names.");
    page.into_text()
}

const OUTPUT: &str = "\
Answers go to standard output, everything else (notices, hints, errors) to standard error.

  -o text    for people; the form may change with any version
  -o json    exactly one document, on every way out, also when the command fails
  -o jsonl   one document a line: one per item of a list, otherwise one
  -o sarif   findings only, for code scanning: `check` alone answers so

Each document names its schema and version, for example `stateward/run/v1`. Within a version
fields are only ever added. A command that fails answers with `stateward/error/v1`:

  { \"schema\": \"stateward/error/v1\", \"code\": \"C0002\", \"message\": \"…\",
    \"hints\": [\"…\"], \"exit\": 1 }

`run`, `confirm`, `resend` and `cancel` answer with the decision: `decision` is `applied`, `pending`
or `denied`; `attempt` names the attempt that waits. `stateward schema DOCUMENT` prints the JSON
Schema of a document. Times are RFC 3339 in UTC. Help, manual pages, completions and schemas are
what they are in every form.

Personal data are masked, in every form, unless `--reveal` is given.
";
