//! Everything that can go wrong besides a decision: one enum, with a code, hints and an exit code
//! each.

use std::path::PathBuf;

use stateward::bundle::ReadError;
use stateward::diagnostic::{Diagnostic, Severity};
use stateward::engine::{AdmitError, BuildError, EngineError, MigrateError, Survey};
use stateward::entropy::EntropyError;
use stateward::source::SourceMap;
use stateward::store::StoreError;

use crate::exit::Exit;

/// A definition that does not load, with everything needed to show why.
#[derive(Debug)]
pub struct Findings {
    /// The files.
    pub sources: SourceMap,
    /// What is wrong with them.
    pub diagnostics: Vec<Diagnostic>,
}

impl Findings {
    /// How many of them are errors.
    pub fn errors(&self) -> usize {
        self.diagnostics
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .count()
    }
}

/// Why a command could not do its work. A denial is not among these: it is an answer.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The command line is wrong.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to write instead.
        hints: Vec<String>,
    },
    /// Neither this directory nor one above it holds a project.
    #[error("there is no stateward.yaml in {}{}", from.display(), or_above(*upward))]
    NoProject {
        /// Where the search began.
        from: PathBuf,
        /// Whether it went upward.
        upward: bool,
    },
    /// The project file does not read.
    #[error("stateward.yaml has {}", count(.0.diagnostics.len(), "error"))]
    Config(Box<Findings>),
    /// A variable of development stores is set for another store.
    #[error("{variable} is set, and this store was not made for development")]
    NotDevelopment {
        /// The variable.
        variable: &'static str,
    },
    /// A variable has a value that cannot be read.
    #[error("{variable} is not {expected}")]
    Variable {
        /// The variable.
        variable: &'static str,
        /// The form it should have.
        expected: &'static str,
    },
    /// The key file cannot be used.
    #[error("the key {} {problem}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
        /// What to do about it.
        hint: String,
    },
    /// The key is not the store's.
    #[error("{0}")]
    OtherKey(String),
    /// A file could not be read or written.
    #[error("could not {action} {}: {source}", path.display())]
    File {
        /// `read`, `write`, `create`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// A name on the command line that nothing has.
    #[error("there is no {what} `{wanted}`")]
    Unknown {
        /// What kind of thing it names.
        what: &'static str,
        /// The name.
        wanted: String,
        /// What to do about it: did you mean, where to see the names.
        hints: Vec<String>,
    },
    /// The definition does not load.
    #[error("the definition has {}", count(.0.errors(), "error"))]
    Definition(Box<Findings>),
    /// Something that cannot be taken back was not confirmed.
    #[error("{what}: that was not confirmed")]
    Unconfirmed {
        /// What it would do.
        what: &'static str,
        /// What is to be typed.
        name: String,
    },
    /// Nobody was named who asks.
    #[error("nobody was named who asks")]
    NoPrincipal,
    /// A courier cannot be set up.
    #[error("the courier for {channel} cannot be used: {problem}")]
    Courier {
        /// Which messages it carries.
        channel: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file that was to be restored cannot be.
    #[error(transparent)]
    Backup(StoreError),
    /// The engine cannot answer.
    #[error(transparent)]
    Engine(EngineError),
    /// The store's accounts do not fit the definition.
    #[error(transparent)]
    Admit(AdmitError),
    /// The store's accounts cannot be brought under the definition.
    #[error(transparent)]
    Migrate(MigrateError),
    /// A file of the definition is not what one can be.
    #[error(transparent)]
    Unreadable(ReadError),
    /// A goal is no condition over an account.
    #[error("the goal is not a condition over `state.*` and `account.*`")]
    Goal(Box<Findings>),
    /// A plan cannot be applied.
    #[error("the plan {} {problem}", path.display())]
    Plan {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The account of a plan is not where the plan left it.
    #[error("account `{account}` was moved by `{by}` since, which is not the plan's next step")]
    Moved {
        /// The account.
        account: String,
        /// The transition.
        by: String,
    },
    /// The snapshot of the decision matrix does not read.
    #[error("{} is not a snapshot of the decision matrix: {problem}", path.display())]
    Snapshot {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The system gives no randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// A terminal could not be asked.
    #[error("could not ask for the {what}: {source}")]
    Prompt {
        /// What was to be asked for.
        what: &'static str,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The answer could not be written.
    #[error("could not write the answer: {0}")]
    Output(std::io::Error),
    /// Whoever reads the answer has had enough.
    #[error("nobody reads the answer")]
    BrokenPipe,
    /// A defect of this program.
    #[error("stateward has a defect: {0}")]
    Bug(String),
}

impl CliError {
    /// A wrong command line.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
            hints: Vec::new(),
        }
    }

    /// A name that nothing has, with the nearest one that something has.
    pub fn unknown<'a>(
        what: &'static str,
        wanted: &str,
        known: impl IntoIterator<Item = &'a str>,
        see: &str,
    ) -> Self {
        let meant = stateward::name::closest(wanted, known);
        Self::Unknown {
            what,
            wanted: wanted.chars().take(80).collect(),
            hints: vec![meant_or(meant, see)],
        }
    }

    /// A file that could not be read or written.
    pub fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File {
            action,
            path,
            source,
        }
    }

    /// The code, for `explain`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Usage { .. } => "C0001",
            Self::NoProject { .. } => "C0002",
            Self::Config(_) => "C0003",
            Self::NotDevelopment { .. } => "C0004",
            Self::Variable { .. } => "C0005",
            Self::Key { .. } | Self::OtherKey(_) => "C0006",
            Self::File { .. } => "C0007",
            Self::Unknown { .. } => "C0008",
            Self::Definition(_) => "C0009",
            Self::NoPrincipal => "C0010",
            Self::Courier { .. } => "C0011",
            Self::Prompt { .. } => "C0012",
            Self::Output(_) | Self::BrokenPipe => "C0013",
            Self::Store(error) | Self::Backup(error) => store_code(error),
            Self::Engine(EngineError::Contended) => "S0006",
            Self::Engine(EngineError::Busy) => "S0010",
            Self::Engine(_) => "C0001",
            Self::Admit(AdmitError::Unsettled) => "S0012",
            Self::Admit(_) => "S0011",
            Self::Migrate(_) => "S0013",
            Self::Unreadable(_) => "C0007",
            Self::Entropy(_) => "C0014",
            Self::Snapshot { .. } => "C0015",
            Self::Goal(_) | Self::Plan { .. } => "C0016",
            Self::Moved { .. } => "C0017",
            Self::Unconfirmed { .. } => "C0018",
            Self::Bug(_) => "C0070",
        }
    }

    /// How the command ends.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage { .. } | Self::Variable { .. } | Self::Unknown { .. } => Exit::Usage,
            Self::NoPrincipal | Self::Goal(_) | Self::Unconfirmed { .. } => Exit::Usage,
            Self::Moved { .. } => Exit::State,
            Self::Engine(EngineError::Context { .. } | EngineError::NotRequested { .. }) => {
                Exit::Usage
            }
            Self::Engine(EngineError::KeyReused) => Exit::Usage,
            Self::Definition(_) => Exit::Findings,
            Self::BrokenPipe => Exit::Done,
            Self::Bug(_) => Exit::Bug,
            _ => Exit::Failed,
        }
    }

    /// What to do about it, one line each.
    pub fn hints(&self) -> Vec<String> {
        let hint: &str = match self {
            Self::Usage { hints, .. } | Self::Unknown { hints, .. } => {
                return hints.clone();
            }
            Self::NoProject { .. } => {
                "`stateward init` makes a project here; `--project DIR` names one"
            }
            Self::NotDevelopment { .. } => {
                "unset it; `stateward init --dev` makes a store that takes it"
            }
            Self::Key { hint, .. } => hint,
            Self::OtherKey(_) => "put the key back that the store was made with",
            Self::Definition(_) => "`stateward check` shows them all",
            Self::NoPrincipal => {
                "name a principal with `--as`, or a default one in stateward.yaml (`principal:`)"
            }
            Self::Courier { .. } => "see `courier:` in stateward.yaml",
            Self::Prompt { .. } => "`--no-input` asks nothing; see `stateward confirm --help`",
            Self::Snapshot { .. } => {
                "put it back as it was, or delete it: the next `stateward policy matrix --check` \
                 proposes every decision anew"
            }
            Self::Goal(_) => "write for example `--goal 'state.member_type == \"cloud\"'`",
            Self::Plan { .. } | Self::Moved { .. } => "`stateward plan` makes a new one",
            Self::Bug(_) => "please report it with the command that you gave and this message",
            Self::Unconfirmed { name, .. } => {
                return vec![format!("`--confirm {name}` says that you mean it")];
            }
            Self::Store(error) => store_hint(error),
            Self::Backup(error) => backup_hint(error),
            Self::Admit(AdmitError::Unfit(survey)) => return unfit_hints(survey),
            Self::Admit(_) => "`stateward store migrate` goes on with it",
            Self::Migrate(_) => "`stateward explain S0013` tells how to settle it",
            Self::Config(_)
            | Self::Variable { .. }
            | Self::File { .. }
            | Self::Output(_)
            | Self::BrokenPipe
            | Self::Engine(_)
            | Self::Unreadable(_)
            | Self::Entropy(_) => "",
        };
        if hint.is_empty() {
            Vec::new()
        } else {
            vec![hint.to_owned()]
        }
    }

    /// The findings in the definition, where it could not be loaded.
    pub fn findings(&self) -> Option<(&SourceMap, &[Diagnostic])> {
        match self {
            Self::Config(findings) | Self::Definition(findings) | Self::Goal(findings) => {
                Some((&findings.sources, &findings.diagnostics))
            }
            _ => None,
        }
    }
}

impl From<ReadError> for CliError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Io { path, error } => Self::File {
                action: "read",
                path,
                source: error,
            },
            ReadError::NoEdition {
                lifecycle,
                asked,
                known,
            } => {
                let see = format!("`{lifecycle}` has {}", known.join(", "));
                Self::unknown("edition", &asked, [], &see)
            }
            other => Self::Unreadable(other),
        }
    }
}

/// What whoever wrote a name may have meant, or where to look where nothing is near.
fn meant_or(meant: Option<&str>, see: &str) -> String {
    meant.map_or_else(|| see.to_owned(), |name| format!("did you mean `{name}`?"))
}

impl From<EngineError> for CliError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Store(error) => Self::Store(error),
            EngineError::UnknownAccount(account) => {
                let hints = vec!["`stateward account list` lists them".to_owned()];
                Self::Unknown {
                    what: "account",
                    wanted: account.to_string(),
                    hints,
                }
            }
            EngineError::UnknownTransition { name, closest } => {
                let see = "transitions are written `workflow.transition`";
                Self::Unknown {
                    what: "transition",
                    wanted: name.to_string(),
                    hints: vec![meant_or(closest.as_deref(), see)],
                }
            }
            EngineError::UnknownVerification { transition, name } => {
                let hints = vec![format!("see `verify:` of `{transition}`")];
                Self::Unknown {
                    what: "verification",
                    wanted: name.to_string(),
                    hints,
                }
            }
            EngineError::UnknownAuthenticator { name, closest } => {
                let see = "see `totp:` among the verifications of account.yaml";
                Self::Unknown {
                    what: "authenticator",
                    wanted: name.to_string(),
                    hints: vec![meant_or(closest.as_deref(), see)],
                }
            }
            EngineError::Entropy(error) => Self::Entropy(error),
            EngineError::Record(what) => Self::Bug(what),
            other => Self::Engine(other),
        }
    }
}

impl From<MigrateError> for CliError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Engine(error) => error.into(),
            other => Self::Migrate(other),
        }
    }
}

impl From<BuildError> for CliError {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Store(error) => Self::Store(error),
            BuildError::OtherLifecycle { found, wanted } => {
                Self::Store(StoreError::OtherLifecycle { found, wanted })
            }
            BuildError::OtherKey { .. } => Self::OtherKey(error.to_string()),
            BuildError::Admit(error) => Self::Admit(error),
            other => Self::Bug(other.to_string()),
        }
    }
}

/// What accounts do not fit, in lines, with what to do.
fn unfit_hints(survey: &Survey) -> Vec<String> {
    const SHOWN: usize = 5;
    let lost = survey.conflicts.iter();
    let lost = lost.map(|(what, whom)| format!("{what}: {}", count_of(whom.count)));
    let moved = survey
        .moves
        .iter()
        .filter_map(|((workflow, from, to), number)| {
            let (from, number) = (from.as_ref()?, count_of(*number));
            Some(match to {
                Some(to) => format!("`{workflow}.{from}` is `{workflow}.{to}` now: {number}"),
                None => format!("there is no workflow `{workflow}` any more: {number}"),
            })
        });
    let changed = survey.attributes.iter();
    let changed = changed.map(|(name, number)| {
        format!(
            "attribute `{name}` is declared otherwise: {}",
            count_of(*number)
        )
    });
    let held = survey.claims.iter();
    let held = held
        .map(|(name, number)| format!("values of `{name}` are to be held: {}", count_of(*number)));
    let timed = survey.armed.iter();
    let timed = timed
        .map(|(name, number)| format!("`{name}` is to happen by itself: {}", count_of(*number)));
    let mut hints: Vec<String> = lost
        .chain(moved)
        .chain(changed)
        .chain(held)
        .chain(timed)
        .collect();
    let more = hints.len().saturating_sub(SHOWN);
    hints.truncate(SHOWN);
    if more > 0 {
        hints.push(format!("and {more} more"));
    }
    let next = "`stateward store migrate --dry-run` shows what bringing them over would change";
    hints.push(next.to_owned());
    hints
}

/// A number of accounts in words.
pub fn count_of(accounts: u64) -> String {
    match accounts {
        1 => "1 account".to_owned(),
        _ => format!("{accounts} accounts"),
    }
}

fn store_code(error: &StoreError) -> &'static str {
    match error {
        StoreError::Foreign { .. } => "S0001",
        StoreError::Newer { .. } => "S0002",
        StoreError::Locked { .. } => "S0003",
        StoreError::Damaged(_) => "S0004",
        StoreError::OtherLifecycle { .. } => "S0007",
        StoreError::Missing { .. } => "S0008",
        StoreError::Exists { .. } => "S0009",
        StoreError::Older { .. } => "S0014",
        StoreError::NoCopy { .. } => "S0015",
        _ => "S0005",
    }
}

fn store_hint(error: &StoreError) -> &'static str {
    match error {
        StoreError::Foreign { .. } => {
            "`store:` in stateward.yaml names the store; this file is something else: move it away, or \
             name another place"
        }
        StoreError::Newer { .. } => "use the version of stateward that wrote it, or a newer one",
        StoreError::Locked { .. } => {
            "another command or program has it open: stop that, or wait for it with `--wait 30s`"
        }
        StoreError::Older { .. } => "`stateward store migrate` brings it to this format",
        StoreError::NoCopy { .. } => "`stateward store backup` makes one",
        StoreError::OtherLifecycle { .. } => "see `lifecycle:` and `store:` in stateward.yaml",
        _ => "",
    }
}

fn backup_hint(error: &StoreError) -> &'static str {
    match error {
        StoreError::Foreign { .. } | StoreError::Missing { .. } => {
            "a backup is the one file that `stateward store backup FILE` wrote"
        }
        StoreError::OtherLifecycle { .. } => {
            "restore it in the project of that lifecycle: see `lifecycle:` in stateward.yaml"
        }
        other => store_hint(other),
    }
}

fn or_above(upward: bool) -> &'static str {
    if upward { " or above it" } else { "" }
}

/// A number of things in words: `1 error`, `2 errors`.
pub fn count(number: usize, thing: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{ending}")
}
