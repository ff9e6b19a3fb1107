//! Which part of the past, and which accounts, a command is about.

use stateward::engine::Engine;
use stateward::name::AccountId;
use stateward::time::{Timestamp, parse_duration};

use crate::error::CliError;

/// Which part of the past.
#[derive(Debug, clap::Args)]
pub struct Span {
    /// Only what happened at this instant or later: a time, or how long ago (`24h`)
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only what happened before this instant: a time, or how long ago
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

/// Two instants with everything between them.
#[derive(Debug, Clone, Copy)]
pub struct Between {
    since: Timestamp,
    until: Timestamp,
}

impl Span {
    /// The instants that are meant, seen from now.
    ///
    /// # Errors
    /// When one is neither a time nor a duration.
    pub fn between(&self, now: Timestamp) -> Result<Between, CliError> {
        let read = |text: &Option<String>, missing: i64| match text {
            None => Ok(Timestamp::from_ms(missing)),
            Some(text) => instant(text, now),
        };
        Ok(Between {
            since: read(&self.since, i64::MIN)?,
            until: read(&self.until, i64::MAX)?,
        })
    }
}

impl Between {
    /// Whether an instant is one of them.
    pub fn has(self, at: Timestamp) -> bool {
        self.since <= at && at < self.until
    }
}

fn instant(text: &str, now: Timestamp) -> Result<Timestamp, CliError> {
    if let Ok(ago) = parse_duration(text) {
        return Ok(now.before(ago));
    }
    text.parse().map_err(|_| {
        let expected = "a time such as 2026-11-22T08:30:00Z, or how long ago, such as 24h";
        CliError::usage(format!("`{text}` is not {expected}"))
    })
}

/// Accounts read at a time.
const PAGE: usize = 256;

/// Does something with every account, or with those that are named.
///
/// # Errors
/// When one that is named does not exist, or the work fails.
pub fn each_account(
    engine: &Engine,
    named: &[AccountId],
    mut work: impl FnMut(&AccountId) -> Result<(), CliError>,
) -> Result<(), CliError> {
    if !named.is_empty() {
        exist(engine, named)?;
        return named.iter().try_for_each(work);
    }
    let mut last: Option<AccountId> = None;
    loop {
        let page = engine.accounts(last.as_ref(), PAGE)?;
        let Some(newest) = page.last() else {
            return Ok(());
        };
        last = Some(newest.clone());
        page.iter().try_for_each(&mut work)?;
    }
}

/// That every account that is named exists.
///
/// # Errors
/// When one does not.
pub fn exist(engine: &Engine, named: &[AccountId]) -> Result<(), CliError> {
    for id in named {
        // Its owner may read any; an account that is not there is an error.
        let _ = engine.read(id, None, &std::collections::BTreeMap::new())?;
    }
    Ok(())
}
