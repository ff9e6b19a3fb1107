//! Taking over an authenticator app that somebody has already, at the wish of the store's owner.

use super::gates::denial;
use super::{Case, Stop};
use crate::account::{Event, Gate, Outcome};
use crate::challenge::Authenticator;
use crate::name::Name;

impl Case<'_> {
    /// Gives the account the app whose secret came with the request. One that it has already is
    /// replaced only where that is asked for.
    pub(super) fn enrol(&mut self, authenticator: &Name, replace: bool) -> Result<Outcome, Stop> {
        let before = self.existing()?.authenticators.get(authenticator).cloned();
        for gate in [Gate::Policy, Gate::Caller] {
            self.gates.pass(gate, "the store's owner", None);
        }
        if before.is_some() && !replace {
            let message = format!("an app is enrolled as `{authenticator}` already");
            return Err(denial(Gate::State, "D0014", message).into());
        }
        let Some(secret) = self.request.drawn.clone() else {
            let message = format!("no secret came with the app `{authenticator}`");
            return Err(denial(Gate::State, "D0010", message).into());
        };
        self.gates.pass(Gate::State, "it takes the app", None);
        for (gate, detail) in [
            (Gate::Guard, "no conditions"),
            (Gate::Quota, "nothing to spend"),
            (Gate::Verification, "nothing to prove"),
        ] {
            self.gates.pass(gate, detail, None);
        }
        // The same secret once more: a code of it that counted has counted.
        let same = before.filter(|before| before.secret == secret);
        let kept = Some(same.unwrap_or_else(|| Authenticator::new(secret)));
        let name = authenticator.clone();
        self.emit(Event::Authenticator { name, kept })?;
        Ok(Outcome::Applied { moves: Vec::new() })
    }
}
