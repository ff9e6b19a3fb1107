//! `stateward policy repl`: what policies answer, in a conversation.

mod kept;

use std::io::{BufRead, BufReader};
use std::path::Path;

use stateward::name::AccountId;
use stateward::time::Timestamp;
use stateward::workbench::sketch::Sketch;

use super::bench::Bench;
use super::question::{QuestionArgs, suppose};
use super::{who_can, why};
use crate::app::{App, pair};
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::policy::repl::AnswerDocument;
use kept::Kept;

/// Ask policies one question after the other
///
/// Questions are read from standard input, one a line; `help` lists them. What is set once holds for
/// all that follow. A question that cannot be answered ends nothing.
#[derive(Debug, clap::Args)]
pub struct Args {}

const HELP: &str = "\
  can? WHAT [on RESOURCE ..]      whether policies allow it
  why? WHAT [on RESOURCE ..]      and why they do, or do not
  who-can? WHAT [on RESOURCE ..]  who may

  as PRINCIPAL                    ask for this principal
  account [ID]                    about this account of the store; about none
  attr [NAME=VALUE ..]            suppose that it has these attributes (or `id`); none
  state [WORKFLOW=STATE ..]       suppose that it is in these states; none
  context [NAME=VALUE ..]         in a session of which this is known; nothing
  now [TIME]                      at this instant (RFC 3339); at present

  show                            what is set
  save FILE                       keep the answers to `can?` as cases for `stateward policy test`
  help, quit

WHAT is a permission (service:Action) or a transition (workflow.transition). Without an account of the
store, `attr` and `state` describe one that is otherwise new.
";

/// Most bytes of a line.
const LINE_LENGTH_MAX: u64 = 65_536;

pub fn run(_args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let stdin = std::mem::replace(&mut app.stdin, Box::new(std::io::empty()));
    let mut stdin = BufReader::new(stdin);
    let mut talk = Talk {
        context: app.globals.context.clone(),
        ..Talk::default()
    };
    while let Some(line) = next_line(&mut stdin, app)? {
        match talk.answer(&line, app) {
            Ok(true) => {}
            Ok(false) => break,
            Err(CliError::BrokenPipe) => return Err(CliError::BrokenPipe),
            Err(error) => app.ui.fail(&error),
        }
    }
    Ok(Exit::Done)
}

fn next_line(stdin: &mut dyn BufRead, app: &mut App) -> Result<Option<String>, CliError> {
    let failed = |source| CliError::Prompt {
        what: "question",
        source,
    };
    if let Some(prompts) = &mut app.prompts {
        return prompts.turn("policy> ").map_err(failed);
    }
    let mut line = String::new();
    let mut limited = std::io::Read::take(stdin, LINE_LENGTH_MAX);
    let read = limited.read_line(&mut line).map_err(failed)?;
    Ok((read > 0).then_some(line))
}

/// What holds for the questions to come, and what was answered.
#[derive(Default)]
struct Talk {
    principal: Option<String>,
    account: Option<AccountId>,
    attributes: Vec<(String, String)>,
    states: Vec<(String, String)>,
    context: Vec<(String, String)>,
    now: Option<Timestamp>,
    kept: Kept,
}

impl Talk {
    /// Answers a line; whether the conversation goes on.
    fn answer(&mut self, line: &str, app: &mut App) -> Result<bool, CliError> {
        let mut words = line.split_whitespace();
        let Some(command) = words.next().filter(|word| !word.starts_with('#')) else {
            return Ok(true);
        };
        let words: Vec<&str> = words.collect();
        app.globals.context.clone_from(&self.context);
        match (command, words.as_slice()) {
            ("quit" | "exit", []) => return Ok(false),
            ("help", []) => app.ui.print(HELP)?,
            ("show", []) => app.ui.print(&self.shown())?,
            ("as", [name]) => self.set_principal(name, app)?,
            ("account", []) => self.set_account(None),
            ("account", [id]) => self.set_account(Some(read(id, "an account id")?)),
            ("attr", values) => self.suppose(Some(pairs(values)?), None, app)?,
            ("state", states) => self.suppose(None, Some(pairs(states)?), app)?,
            ("now", []) => self.now = None,
            ("now", [time]) => self.now = Some(read(time, "a time such as 2026-11-22T08:30:00Z")?),
            ("context", facts) => self.set_context(facts, app)?,
            ("save", [file]) => self.kept.save(Path::new(file), app)?,
            ("can?", question) => self.can(&Question::of(question)?, app)?,
            ("why?", question) => {
                let mut args = self.at(&Question::of(question)?);
                let subject = self.principal.clone().into_iter();
                args.extend(subject.flat_map(|name| ["--for".to_owned(), name]));
                why::run(&parsed(&args)?, app)?;
            }
            ("who-can?", question) => {
                let args = self.at(&Question::of(question)?);
                who_can::run(&parsed(&args)?, app)?;
            }
            _ => return Err(unknown(command)),
        }
        Ok(true)
    }

    fn set_principal(&mut self, name: &str, app: &App) -> Result<(), CliError> {
        let bench = Bench::open(app, false, None)?;
        self.principal = Some(bench.subject(Some(name))?.name.to_string());
        Ok(())
    }

    /// What is supposed is supposed of one account.
    fn set_account(&mut self, account: Option<AccountId>) {
        self.account = account;
        self.attributes.clear();
        self.states.clear();
    }

    /// Supposes attributes or states, as far as they are given.
    fn suppose(&mut self, attributes: Option<Pairs>, states: Option<Pairs>, app: &App) -> Answered {
        let attributes = attributes.unwrap_or_else(|| self.attributes.clone());
        let states = states.unwrap_or_else(|| self.states.clone());
        let bench = Bench::open(app, false, None)?;
        let mut sketch = Sketch::default();
        suppose(&mut sketch, &bench.bundle.lifecycle, &attributes, &states)?;
        (self.attributes, self.states) = (attributes, states);
        Ok(())
    }

    fn set_context(&mut self, facts: &[&str], app: &mut App) -> Answered {
        let facts = pairs(facts)?;
        app.globals.context.clone_from(&facts);
        Bench::open(app, false, None)?;
        self.context = facts;
        Ok(())
    }

    fn shown(&self) -> String {
        let joined = |pairs: &Pairs| {
            let pairs = pairs.iter().map(|(name, value)| format!("{name}={value}"));
            Some(pairs.collect::<Vec<_>>().join(" ")).filter(|text| !text.is_empty())
        };
        let lines = [
            ("as", self.principal.clone()),
            ("account", self.account.as_ref().map(ToString::to_string)),
            ("attr", joined(&self.attributes)),
            ("state", joined(&self.states)),
            ("context", joined(&self.context)),
            ("now", self.now.map(|now| now.to_string())),
        ];
        let line = |(name, value): &(&str, Option<String>)| {
            let value = value.as_deref().unwrap_or("-");
            format!("{name:<8} {value}\n")
        };
        lines.iter().map(line).collect()
    }

    /// A question as the commands of the same meaning take it.
    fn words(&self, question: &Question<'_>) -> Vec<String> {
        let mut words = vec![question.what.to_owned()];
        words.extend(self.account.iter().map(ToString::to_string));
        let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
        for resource in question.on {
            option("--on", (*resource).to_owned());
        }
        for (name, value) in &self.attributes {
            option("--attr", format!("{name}={value}"));
        }
        for (workflow, state) in &self.states {
            option("--state", format!("{workflow}={state}"));
        }
        words
    }

    /// The same, with the instant.
    fn at(&self, question: &Question<'_>) -> Vec<String> {
        let mut words = self.words(question);
        let now = self.now.map(|now| now.to_string()).into_iter();
        words.extend(now.flat_map(|now| ["--at".to_owned(), now]));
        words
    }

    fn can(&mut self, question: &Question<'_>, app: &mut App) -> Answered {
        let args: QuestionArgs = parsed(&self.words(question))?;
        let mut bench = args.bench(app, self.now)?;
        let bundle = bench.bundle.clone();
        let asked = args.read(app, &mut bench, &bundle)?;
        let principal = bench.subject(self.principal.as_deref())?;
        let situation = bench.situation(&principal, asked.account.as_ref());
        let told = asked.told(&bundle, &situation);
        let permission = &asked.wanted.permission;
        let names = asked.resources(&told)?;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let trace = told.trace(permission, &names, &|_| false);
        let trace = trace.ok_or(CliError::NoPrincipal)?;
        let names: Vec<&str> = trace.resources.iter().map(|on| &*on.resource).collect();
        if trace.possible.certain().is_none() {
            return app.ui.emit(&AnswerDocument::open(permission, &names));
        }
        let mut facts = situation.facts(&bundle.lifecycle);
        let ruling = bundle.rule(&principal, permission, &names, &mut facts);
        app.ui
            .emit(&AnswerDocument::new(&ruling, permission, &names))?;
        self.kept.add(app, &bundle, &asked, &situation, &ruling)
    }
}

type Pairs = Vec<(String, String)>;
type Answered = Result<(), CliError>;

fn pairs(words: &[&str]) -> Result<Pairs, CliError> {
    let read = |word: &&str| pair(word).map_err(CliError::usage);
    words.iter().map(read).collect()
}

/// What is asked for, and over what.
struct Question<'w> {
    what: &'w str,
    on: &'w [&'w str],
}

impl<'w> Question<'w> {
    fn of(words: &'w [&'w str]) -> Result<Self, CliError> {
        match words {
            [what] => Ok(Self { what, on: &[] }),
            [what, "on", on @ ..] if !on.is_empty() => Ok(Self { what, on }),
            _ => Err(CliError::usage("write WHAT, or WHAT on RESOURCE")),
        }
    }
}

/// Reads arguments as the command line does.
fn parsed<A: clap::Args>(words: &[String]) -> Result<A, CliError> {
    let command = A::augment_args(clap::Command::new("policy").no_binary_name(true));
    let matches = command.try_get_matches_from(words);
    matches
        .and_then(|matches| A::from_arg_matches(&matches))
        .map_err(|error| {
            let text = error.to_string();
            let first = text.lines().next().unwrap_or_default();
            CliError::usage(first.trim_start_matches("error: "))
        })
}

fn read<T: std::str::FromStr>(word: &str, expected: &str) -> Result<T, CliError> {
    let wrong = |_| CliError::usage(format!("`{word}` is not {expected}"));
    word.parse().map_err(wrong)
}

fn unknown(command: &str) -> CliError {
    let known = [
        "can?", "why?", "who-can?", "as", "account", "attr", "state", "context", "now", "show",
        "save", "help", "quit",
    ];
    CliError::unknown("such question", command, known, "`help` lists them")
}
