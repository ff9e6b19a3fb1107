//! Durable limits: governor decides every cell.

use std::time::Duration;

use crate::time::Zone;

/// Over what a durable limit counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Window {
    /// Any stretch of this length.
    Rolling(Duration),
    /// One calendar day of a zone.
    Day(Zone),
}
