//! What letting time pass and messages out did, for people.

use crate::error::count;
use crate::output::operate::{PumpDocument, TickDocument};
use crate::ui::{Page, Text};

impl Text for TickDocument {
    fn text(&self, page: &mut Page) {
        page.columns(self.fired.iter().map(|fired| {
            let moves = fired
                .moves
                .iter()
                .map(|m| format!("{}: {} -> {}", m.workflow, m.from, m.to));
            [
                fired.account.clone(),
                fired.timer.clone(),
                moves.collect::<Vec<_>>().join(", "),
            ]
        }));
        page.columns(self.waiting.iter().map(|due| {
            [
                due.account.clone(),
                due.timer.clone(),
                "its condition does not hold yet".to_owned(),
            ]
        }));
        let (fired, waiting) = (count(self.fired.len(), "timer"), self.waiting.len());
        page.line(format_args!(
            "{fired} fired, {waiting} waiting for a condition"
        ));
        if self.swept > 0 {
            let rows = count(self.swept, "row");
            page.line(format_args!(
                "{rows} removed that can have no effect any more"
            ));
        }
    }
}

impl Text for PumpDocument {
    fn text(&self, page: &mut Page) {
        page.columns(
            self.failed
                .iter()
                .map(|left| [left.id.clone(), left.reason.clone()]),
        );
        let delivered = count(self.delivered.len(), "message");
        let (failed, expired) = (self.failed.len(), self.expired.len());
        page.line(format_args!(
            "{delivered} delivered, {failed} failed, {expired} expired unsent"
        ));
    }
}
