//! What happened in runs, by kind.

use std::fmt;
use std::ops::AddAssign;

use stateward::testing::Faults;

/// How often what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Steps that were made.
    pub steps: u64,
    /// Requests that got no answer and were repeated with their key.
    pub repeated: u64,
    /// Callers that came between another one's decision and commit.
    pub between: u64,
    /// Commits that were refused because of one.
    pub conflicts: u64,
    /// Processes that were killed.
    pub kills: u64,
    /// Power losses while a store recovered.
    pub in_recovery: u64,
    /// Messages that the courier refused.
    pub refused: u64,
    /// Clocks that were set back.
    pub set_back: u64,
    /// Processes that ended in an orderly way.
    pub restarts: u64,
    /// Logs that were fed to the state, and not because they were full.
    pub checkpoints: u64,
    /// What the disk did.
    pub faults: Faults,
}

impl Tally {
    fn by_kind(&self) -> [(&'static str, u64); 10] {
        [
            ("steps", self.steps),
            ("requests repeated", self.repeated),
            ("callers between", self.between),
            ("conflicts", self.conflicts),
            ("kills", self.kills),
            ("power losses in recovery", self.in_recovery),
            ("messages refused", self.refused),
            ("clocks set back", self.set_back),
            ("restarts", self.restarts),
            ("checkpoints", self.checkpoints),
        ]
    }

    /// What can go wrong and never did; some of it is rare.
    pub fn missing(&self, rare: bool) -> Vec<&'static str> {
        const RARE: [&str; 4] = [
            "lengths lost",
            "lengths failed",
            "reads failed",
            "refused for space",
        ];
        let (own, disk) = (self.by_kind(), self.faults.by_kind());
        let kinds = own.into_iter().chain(disk);
        let never = kinds.filter(|(kind, count)| *count == 0 && (rare || !RARE.contains(kind)));
        never.map(|(kind, _)| kind).collect()
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, more: Self) {
        self.steps += more.steps;
        self.repeated += more.repeated;
        self.between += more.between;
        self.conflicts += more.conflicts;
        self.kills += more.kills;
        self.in_recovery += more.in_recovery;
        self.refused += more.refused;
        self.set_back += more.set_back;
        self.restarts += more.restarts;
        self.checkpoints += more.checkpoints;
        self.faults += more.faults;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, count) in self.by_kind() {
            write!(f, "{kind} {count}, ")?;
        }
        write!(f, "{}", self.faults)
    }
}
