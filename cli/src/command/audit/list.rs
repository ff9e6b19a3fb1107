//! `stateward audit list`: what was decided lately, over all accounts or some.

use std::collections::BTreeMap;

use stateward::account::Revision;
use stateward::name::AccountId;
use stateward::time::Timestamp;

use super::span::{Span, each_account};
use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::audit::{AuditList, AuditListLine};

/// List what was decided lately, the newest last
///
/// Records of the journals, and denials, which change nothing and are kept apart: the newest of each
/// account, and of requests about accounts that do not exist.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this account; may be given several times
    #[arg(long, value_name = "ACCOUNT")]
    account: Vec<AccountId>,
    /// Only what was asked by this principal, by `owner` or by `system`
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Only denials
    #[arg(long)]
    denied: bool,
    #[command(flatten)]
    span: Span,
    /// At most so many: the newest
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    limit: usize,
}

/// Records read at a time.
const PAGE: usize = 256;

/// The newest lines: in the order of their instants, and of their finding within one.
struct Newest {
    limit: usize,
    found: u64,
    lines: BTreeMap<(Timestamp, u64), AuditListLine>,
}

impl Newest {
    fn put(&mut self, at: Timestamp, line: AuditListLine) {
        self.found += 1;
        self.lines.insert((at, self.found), line);
        if self.lines.len() > self.limit {
            self.lines.pop_first();
        }
    }
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let opened = app.open()?;
    let engine = &opened.session.engine;
    let between = args.span.between(opened.session.now())?;
    let meant = |line: &AuditListLine, at: Timestamp| {
        between.has(at)
            && args.by.as_ref().is_none_or(|by| *by == line.by)
            && (!args.denied || line.decision == "denied")
    };
    let mut newest = Newest {
        limit: args.limit,
        found: 0,
        lines: BTreeMap::new(),
    };
    let denials = |account: Option<&AccountId>, newest: &mut Newest| -> Result<(), CliError> {
        for kept in engine.denials(account)? {
            let line = AuditListLine::from(&kept);
            if meant(&line, kept.refusal.at) {
                newest.put(kept.refusal.at, line);
            }
        }
        Ok(())
    };
    each_account(engine, &args.account, |id| {
        let mut last = Revision(0);
        loop {
            let page = engine.history(id, last, PAGE)?;
            let Some(end) = page.last() else { break };
            last = end.envelope.revision;
            for entry in &page {
                let line = AuditListLine::new(id, entry);
                if meant(&line, entry.envelope.at) {
                    newest.put(entry.envelope.at, line);
                }
            }
        }
        denials(Some(id), &mut newest)
    })?;
    if args.account.is_empty() {
        denials(None, &mut newest)?;
    }
    app.ui.emit(&AuditList {
        entries: newest.lines.into_values().collect(),
    })?;
    Ok(Exit::Done)
}
