//! Exit codes: one meaning each, the same for every command.

use std::process::ExitCode;

use stateward::account::{Gate, Outcome};

/// How the command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Something failed that is nobody's decision: a file, the store, the project.
    Failed = 1,
    /// The command line itself is wrong.
    Usage = 2,
    /// The request was refused: by policy, caller rule, condition or throttle.
    Denied = 3,
    /// An attempt waits for a proof.
    Waiting = 4,
    /// The proof was wrong, too late or no longer taken.
    Unproved = 5,
    /// A quota is used up.
    Quota = 6,
    /// No such transition leads from the present state, or an input is malformed.
    State = 7,
    /// Checking found errors, policies did not pass their tests, an account can be taken over, or
    /// what the store says of its past does not hold together.
    Findings = 8,
    /// A defect of the program.
    Bug = 70,
}

impl Exit {
    /// Every code with its meaning, for `help exit-codes`.
    pub const ALL: [(Self, &'static str); 10] = [
        (Self::Done, "done; of a request: it was applied"),
        (
            Self::Failed,
            "failed: a file, the store, the project, a courier",
        ),
        (
            Self::Usage,
            "the command line is wrong, or uses a name that does not exist",
        ),
        (
            Self::Denied,
            "denied by policy, caller rule, condition or throttle",
        ),
        (
            Self::Waiting,
            "waiting: an attempt needs a proof; see `stateward confirm`",
        ),
        (
            Self::Unproved,
            "the proof was wrong, too late or is no longer taken",
        ),
        (Self::Quota, "a quota is used up"),
        (
            Self::State,
            "not possible from the present state, or malformed input",
        ),
        (
            Self::Findings,
            "checking found errors, a policy test failed, or the store does not hold together",
        ),
        (Self::Bug, "a defect of the program; please report it"),
    ];

    /// The number.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The code of a decision.
    pub fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Applied { .. } => Self::Done,
            Outcome::Pending { .. } => Self::Waiting,
            Outcome::Denied(denial) => match denial.gate {
                Gate::Throttle | Gate::Policy | Gate::Caller | Gate::Guard => Self::Denied,
                Gate::State => Self::State,
                Gate::Quota => Self::Quota,
                Gate::Verification => Self::Unproved,
            },
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}
