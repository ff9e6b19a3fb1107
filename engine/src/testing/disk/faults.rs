//! What was done to a disk, by kind.

use std::fmt;
use std::ops::AddAssign;

/// How often a disk did what disks do when things go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Faults {
    /// The power went.
    pub power_losses: u64,
    /// A write was not there afterwards.
    pub writes_lost: u64,
    /// Some sectors of a write were there, and others were not.
    pub writes_torn: u64,
    /// A change of a file's length was not there.
    pub lengths_lost: u64,
    /// A write failed.
    pub writes_failed: u64,
    /// A change of a file's length failed.
    pub lengths_failed: u64,
    /// A sync failed.
    pub syncs_failed: u64,
    /// A read failed.
    pub reads_failed: u64,
    /// There was no room.
    pub refused_for_space: u64,
}

impl Faults {
    /// Every kind with its number, as they are reported.
    pub fn by_kind(&self) -> [(&'static str, u64); 9] {
        [
            ("power losses", self.power_losses),
            ("writes lost", self.writes_lost),
            ("writes torn", self.writes_torn),
            ("lengths lost", self.lengths_lost),
            ("writes failed", self.writes_failed),
            ("lengths failed", self.lengths_failed),
            ("syncs failed", self.syncs_failed),
            ("reads failed", self.reads_failed),
            ("refused for space", self.refused_for_space),
        ]
    }
}

impl AddAssign for Faults {
    fn add_assign(&mut self, more: Self) {
        self.power_losses += more.power_losses;
        self.writes_lost += more.writes_lost;
        self.writes_torn += more.writes_torn;
        self.lengths_lost += more.lengths_lost;
        self.writes_failed += more.writes_failed;
        self.lengths_failed += more.lengths_failed;
        self.syncs_failed += more.syncs_failed;
        self.reads_failed += more.reads_failed;
        self.refused_for_space += more.refused_for_space;
    }
}

impl fmt::Display for Faults {
    /// The kinds that there were.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (kind, count) in self.by_kind() {
            if count > 0 {
                write!(f, "{separator}{kind} {count}")?;
                separator = ", ";
            }
        }
        Ok(())
    }
}
