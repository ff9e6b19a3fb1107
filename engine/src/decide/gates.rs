//! The gates' reports, in their fixed order, and the words of denials.

use crate::account::{Denial, Gate, GateReport, GateStatus};
use crate::time::Timestamp;

/// A denial at a gate; the caller adds what else is known.
pub fn denial(gate: Gate, code: &str, message: impl Into<String>) -> Denial {
    Denial {
        gate,
        code: code.to_owned(),
        deny_code: None,
        effect: None,
        message: message.into(),
        retry_at: None,
        place: None,
    }
}

/// The denial of a request that an in-memory throttle sheds before it is decided.
pub fn throttled(
    name: &str,
    deny_code: Option<&str>,
    retry_at: Timestamp,
    place: Option<String>,
) -> Denial {
    let mut shed = denial(
        Gate::Throttle,
        "D0001",
        format!("throttle `{name}` is exceeded"),
    );
    shed.deny_code = deny_code.map(str::to_owned);
    shed.retry_at = Some(retry_at);
    shed.place = place;
    shed
}

/// The reports of a request that was refused before any gate could say more.
pub fn reports_of(denial: &Denial) -> Vec<GateReport> {
    let mut gates = Gates::default();
    gates.fail(denial);
    gates.into_reports()
}

/// What the gates have said so far: of those that were not reached, nothing.
#[derive(Debug)]
pub(super) struct Gates {
    reports: Vec<GateReport>,
}

impl Default for Gates {
    fn default() -> Self {
        let mut gates = Self {
            reports: Vec::with_capacity(Gate::ALL.len()),
        };
        // Whoever gets as far as a decision was not shed before it.
        gates.pass(Gate::Throttle, "within the limits", None);
        gates
    }
}

impl Gates {
    pub(super) fn pass(&mut self, gate: Gate, detail: impl Into<String>, place: Option<String>) {
        self.report(gate, GateStatus::Passed, detail.into(), place);
    }

    pub(super) fn wait(&mut self, gate: Gate, detail: impl Into<String>, place: Option<String>) {
        self.report(gate, GateStatus::Waiting, detail.into(), place);
    }

    /// Marks the gate of a denial as failed, and those after it as not reached.
    pub(super) fn fail(&mut self, denial: &Denial) {
        let (message, place) = (denial.message.clone(), denial.place.clone());
        self.reports.retain(|report| report.gate < denial.gate);
        self.report(denial.gate, GateStatus::Failed, message, place);
    }

    /// The last word of a gate counts.
    fn report(&mut self, gate: Gate, status: GateStatus, detail: String, place: Option<String>) {
        self.reports.retain(|report| report.gate != gate);
        self.reports.push(GateReport {
            gate,
            status,
            detail,
            place,
        });
    }

    /// A report of every gate, in their order.
    pub(super) fn into_reports(mut self) -> Vec<GateReport> {
        let unreached = |gate| GateReport {
            gate,
            status: GateStatus::NotReached,
            detail: "not reached".to_owned(),
            place: None,
        };
        for gate in Gate::ALL {
            if !self.reports.iter().any(|report| report.gate == gate) {
                self.reports.push(unreached(gate));
            }
        }
        self.reports.sort_unstable_by_key(|report| report.gate);
        self.reports
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_gate_hides_the_later_ones() {
        let mut gates = Gates::default();
        gates.pass(Gate::Guard, "holds", None);
        gates.fail(&denial(Gate::Caller, "D0004", "no"));
        let status: Vec<_> = gates
            .into_reports()
            .iter()
            .map(|report| report.status)
            .collect();
        use GateStatus::{Failed, NotReached, Passed};
        let expected = [
            Passed, NotReached, Failed, NotReached, NotReached, NotReached, NotReached,
        ];
        assert_eq!(status, expected);
    }
}
