//! `stateward policy repl`: what policies answer, in a conversation.

use std::io::{BufRead, BufReader};
use std::path::Path;

use stateward::name::AccountId;
use stateward::policy::Ruling;
use stateward::time::Timestamp;

use super::bench::{Bench, wanted};
use super::{who_can, why};
use crate::app::{App, pair};
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::policy::repl::{AnswerDocument, SavedCase};
use crate::project::atomic;

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
  account [ID]                    about this account; about none
  context [NAME=VALUE ..]         in a session of which this is known; nothing
  now [TIME]                      at this instant (RFC 3339); at present

  show                            what is set
  save FILE                       keep the answers to `can?` as cases for `stateward policy test`
  help, quit

WHAT is a permission (service:Action) or a transition (workflow.transition).
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
        return prompts.line("policy> ").map_err(failed);
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
    context: Vec<(String, String)>,
    now: Option<Timestamp>,
    answered: Vec<SavedCase>,
    /// How many answers rest on an account of the store.
    about_accounts: usize,
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
            ("account", []) => self.account = None,
            ("account", [id]) => self.account = Some(read(id, "an account id")?),
            ("now", []) => self.now = None,
            ("now", [time]) => self.now = Some(read(time, "a time such as 2026-11-22T08:30:00Z")?),
            ("context", facts) => self.set_context(facts, app)?,
            ("save", [file]) => self.save(Path::new(file), app)?,
            ("can?", question) => self.can(&Question::of(question)?, app)?,
            ("why?", question) => {
                let args = self.arguments(&Question::of(question)?, true);
                why::run(&parsed(&args)?, app)?;
            }
            ("who-can?", question) => {
                let args = self.arguments(&Question::of(question)?, false);
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

    fn set_context(&mut self, facts: &[&str], app: &mut App) -> Result<(), CliError> {
        let read = |fact: &&str| pair(fact).map_err(CliError::usage);
        let facts = facts.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        app.globals.context.clone_from(&facts);
        Bench::open(app, false, None)?;
        self.context = facts;
        Ok(())
    }

    fn shown(&self) -> String {
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let facts = self
            .context
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let facts: Vec<String> = facts.collect();
        format!(
            "as       {}\naccount  {}\ncontext  {}\nnow      {}\n",
            or_none(self.principal.clone()),
            or_none(self.account.as_ref().map(ToString::to_string)),
            or_none(Some(facts.join(" ")).filter(|facts| !facts.is_empty())),
            or_none(self.now.map(|now| now.to_string())),
        )
    }

    /// A question as the commands of the same meaning take it.
    fn arguments(&self, question: &Question<'_>, for_somebody: bool) -> Vec<String> {
        let mut words = vec![question.what.to_owned()];
        words.extend(self.account.iter().map(ToString::to_string));
        let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
        for resource in question.on {
            option("--on", (*resource).to_owned());
        }
        if let Some(now) = self.now {
            option("--at", now.to_string());
        }
        if let Some(principal) = self.principal.clone().filter(|_| for_somebody) {
            option("--for", principal);
        }
        words
    }

    fn can(&mut self, question: &Question<'_>, app: &mut App) -> Result<(), CliError> {
        let bench = Bench::open(app, self.account.is_some(), self.now)?;
        let wanted = wanted(&bench.bundle, question.what, !question.on.is_empty())?;
        let principal = bench.subject(self.principal.as_deref())?;
        let account = match &self.account {
            Some(id) => bench.account(id)?,
            None => None,
        };
        let mut facts = bench
            .situation(&principal, account.as_ref())
            .facts(&bench.bundle.lifecycle);
        let on: Vec<String> = question.on.iter().map(|it| (*it).to_owned()).collect();
        let resources = match wanted.access {
            Some(access) if on.is_empty() => bench
                .bundle
                .resources(access, &facts)
                .map_err(|error| CliError::usage(format!("the resource has no name: {error}")))?,
            _ => wanted.named(&on)?.to_vec(),
        };
        let names: Vec<&str> = resources.iter().map(String::as_str).collect();
        let ruling = bench
            .bundle
            .rule(&principal, &wanted.permission, &names, &mut facts);
        app.ui
            .emit(&AnswerDocument::new(&ruling, &wanted.permission, &names))?;
        self.keep(
            &principal.name.to_string(),
            &wanted.permission,
            &resources,
            &bench,
            &ruling,
        );
        Ok(())
    }

    fn keep(
        &mut self,
        principal: &str,
        action: &str,
        resources: &[String],
        bench: &Bench,
        ruling: &Ruling,
    ) {
        if self.account.is_some() {
            self.about_accounts += 1;
            return;
        }
        let number = self.answered.len() + 1;
        self.answered.push(SavedCase {
            name: format!("{number}. {principal} asks for {action}"),
            principal: principal.to_owned(),
            action: action.to_owned(),
            resource: resources.to_vec(),
            context: self.context.iter().cloned().collect(),
            now: bench.now.to_string(),
            expect: ruling.effect,
        });
    }

    fn save(&self, path: &Path, app: &mut App) -> Result<(), CliError> {
        if self.answered.is_empty() {
            return Err(CliError::usage("nothing has been asked that can be saved"));
        }
        let cases: Result<String, _> = self.answered.iter().map(SavedCase::to_yaml).collect();
        let cases = cases.map_err(|error| CliError::Bug(error.to_string()))?;
        atomic::write(path, &format!("cases:\n{cases}")).map_err(CliError::file("write", path))?;
        let saved = crate::error::count(self.answered.len(), "case");
        app.ui.note(&format!("saved {saved} to {}", path.display()));
        if self.about_accounts > 0 {
            app.ui.warn(
                "answers about accounts of the store are left out: cases describe their accounts",
            );
        }
        Ok(())
    }
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
        "can?", "why?", "who-can?", "as", "account", "context", "now", "show", "save", "help",
        "quit",
    ];
    CliError::unknown("such question", command, known, "`help` lists them")
}
