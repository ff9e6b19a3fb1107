//! What is done with a store as a whole, for people.

use crate::error::count_of;
use crate::output::store::{Conflict, Counted, MigrateDocument, StateChange};
use crate::ui::{Page, Text, paint, style};

impl Text for MigrateDocument {
    fn text(&self, page: &mut Page) {
        let counted = |sign: &str, what: &str, lines: &[Counted]| {
            let line = |line: &Counted| {
                let what = format!("{what} {}", line.name);
                [sign.to_owned(), what, count_of(line.accounts)]
            };
            lines.iter().map(line).collect::<Vec<_>>()
        };
        let mut rows: Vec<[String; 3]> = self.states.iter().map(moved).collect();
        rows.extend(counted("~", "attribute", &self.attributes));
        rows.extend(counted("+", "held values of", &self.claims));
        rows.extend(counted("+", "timer of", &self.timers));
        if self.attempts_closed > 0 {
            let closed = self.attempts_closed.to_string();
            rows.push(["-".to_owned(), "open attempts".to_owned(), closed]);
        }
        page.columns(rows);
        for conflict in &self.conflicts {
            page.line(stands_against(conflict));
        }
        let definition: String = self.definition.chars().take(12).collect();
        let of = format!("{} of {}", self.changing, count_of(self.accounts));
        page.line(match (self.conflicts.is_empty(), self.dry_run) {
            (false, _) => "Nothing was changed".to_owned(),
            (true, _) if self.changing == 0 && self.dry_run => {
                format!(
                    "All {} fit definition {definition}",
                    count_of(self.accounts)
                )
            }
            (true, true) => format!("Would bring {of} under definition {definition}"),
            (true, false) => format!("Brought {of} under definition {definition}: it is in force"),
        });
    }
}

fn moved(line: &StateChange) -> [String; 3] {
    let (workflow, accounts) = (&line.workflow, count_of(line.accounts));
    let (sign, what) = match (&line.from, &line.to) {
        (Some(from), Some(to)) => ("~", format!("{workflow} {from} -> {to}")),
        (None, Some(to)) => ("+", format!("{workflow} {to} (a new workflow)")),
        (_, None) => ("-", format!("{workflow} (the workflow is gone)")),
    };
    [sign.to_owned(), what, accounts]
}

fn stands_against(conflict: &Conflict) -> String {
    let examples = conflict.examples.join(", ");
    let more = match u64::try_from(conflict.examples.len()) {
        Ok(shown) if shown < conflict.accounts => ", …",
        _ => "",
    };
    let head = paint(style::ERROR, "  !");
    let (problem, accounts) = (&conflict.problem, count_of(conflict.accounts));
    format!("{head}  {problem}: {accounts} ({examples}{more})")
}
