//! The gates that look at who asks: policy, then caller.

use std::collections::BTreeMap;

use super::admission::{deny_code, failed};
use super::gates::denial;
use super::{Case, Stop};
use crate::account::{Account, Denial, Gate};
use crate::bundle::Bundle;
use crate::lifecycle::model::{Access, DenyStage, Transition, Trigger};
use crate::name::Name;
use crate::policy::{Effect, Ruling, Stage};
use crate::situation::{Asked, Situation};
use crate::time::Timestamp;
use crate::value::Value;

impl Case<'_> {
    /// Whom policies or the caller rule refuse, and who may not know of the account, is answered as
    /// if there were none: any other reason would tell that there is one, and what it depends on. An
    /// allow that is limited to a folder would tell it by leading as far as the caller rule.
    pub(super) fn admit_principal(
        &mut self,
        transition: &Transition,
        asked: Asked<'_>,
    ) -> Result<(), Stop> {
        let account = self.account.clone();
        let admitted = self.admit_to(transition, account.as_deref(), asked);
        let is_for_strangers = match (&admitted, &account) {
            (Err(refused), Some(account)) => match refused.denial.gate {
                Gate::Policy => !self.may_know(transition, account, asked, refused),
                Gate::Caller => !self.may_read(account, asked) && !is_of(account, asked),
                _ => false,
            },
            _ => false,
        };
        let admitted = match is_for_strangers {
            true => self.admit_to(transition, None, asked),
            false => admitted,
        };
        admitted.map_err(|refused| refused.denial.into())
    }

    /// The gates as they are for an account. Nobody is admitted to one that is not there.
    fn admit_to(
        &mut self,
        transition: &Transition,
        account: Option<&Account>,
        asked: Asked<'_>,
    ) -> Result<(), Refused> {
        let Trigger::Request { access, caller, .. } = &transition.trigger else {
            let message = format!("`{}` is not requested by anybody", transition.name);
            return Err(Box::new(denial(Gate::Policy, "D0003", message)).into());
        };
        let coded = |mut refused: Refused| {
            refused.denial.deny_code = deny_code(transition, DenyStage::Policy);
            refused
        };
        let allowed = ask_policies(self.bundle, access, account, asked, self.now).map_err(coded)?;
        self.gates.pass(Gate::Policy, allowed.reason, allowed.place);
        match caller {
            Some(rule) => self.admit_caller(rule, transition, account, asked)?,
            None => self.gates.pass(Gate::Caller, "any principal", None),
        }
        match account {
            Some(_) => Ok(()),
            None => Err(Box::new(self.no_such_account()).into()),
        }
    }

    /// Whether somebody whom policies refuse may know of the account: the policies let it read the
    /// account. What control policies say tells where the account lies, and is besides for nobody
    /// whom the caller rule does not admit.
    fn may_know(
        &self,
        transition: &Transition,
        account: &Account,
        asked: Asked<'_>,
        refused: &Refused,
    ) -> bool {
        let is_caller = || match &transition.trigger {
            Trigger::Request { caller, .. } => {
                let rule = caller.as_ref();
                rule.is_none_or(|rule| self.is_called_by(rule, account, asked))
            }
            Trigger::TriggeredBy(_) | Trigger::After(_) => false,
        };
        self.may_read(account, asked) && (!refused.by_control || is_caller())
    }

    /// Whether policies let somebody read the account.
    fn may_read(&self, account: &Account, asked: Asked<'_>) -> bool {
        let nothing = BTreeMap::new();
        let reading = Asked {
            inputs: &nothing,
            ..asked
        };
        let read = self.bundle.lifecycle.read.as_ref();
        read.is_some_and(|access| {
            ask_policies(self.bundle, access, Some(account), reading, self.now).is_ok()
        })
    }

    pub(super) fn admit_caller(
        &mut self,
        rule: &Name,
        transition: &Transition,
        account: Option<&Account>,
        asked: Asked<'_>,
    ) -> Result<(), Box<Denial>> {
        let declared = self.bundle.lifecycle.callers.get(rule);
        let place = declared.and_then(|caller| self.bundle.locate(caller.span));
        if account.is_some_and(|account| self.is_called_by(rule, account, asked)) {
            self.gates.pass(Gate::Caller, format!("is `{rule}`"), place);
            return Ok(());
        }
        // The same words whether the account is somebody else's or not there at all.
        let message = format!(
            "the principal is not `{rule}` of account `{}`, or there is no such account",
            self.request.account
        );
        let mut refused = denial(Gate::Caller, "D0004", message);
        refused.deny_code = deny_code(transition, DenyStage::Caller)
            .or_else(|| declared?.deny_code.as_deref().map(str::to_owned));
        refused.place = place;
        Err(refused.into())
    }

    /// Whether a principal is whom a caller rule admits to an account.
    fn is_called_by(&self, rule: &Name, account: &Account, asked: Asked<'_>) -> bool {
        let lifecycle = &self.bundle.lifecycle;
        let (Some(caller), Some(principal)) = (lifecycle.callers.get(rule), asked.principal) else {
            return false;
        };
        let facts = self.facts(account, asked);
        // A rule that cannot be evaluated refuses in the same words: its error would tell of the
        // account to whoever is not admitted.
        let own = Value::AccountId(principal.account.clone());
        let at_home = caller.of.as_ref().is_none_or(|of| {
            let home = of.value(&facts).ok().flatten();
            home.is_some_and(|home| home == own)
        });
        let holds = caller
            .when
            .as_ref()
            .is_none_or(|when| when.truth(&facts).unwrap_or(false));
        caller.kinds.contains(&principal.kind) && at_home && holds
    }
}

/// Whether somebody belongs to the account: that there is one is then nothing new.
fn is_of(account: &Account, asked: Asked<'_>) -> bool {
    let principal = asked.principal;
    principal.is_some_and(|principal| principal.account == account.id)
}

/// What policies said that allowed a request.
pub(super) struct Allowed {
    /// Why, in one sentence.
    reason: String,
    /// Where it is written.
    place: Option<String>,
}

/// A request that one of the gates before the state's refuses.
pub(super) struct Refused {
    /// With what.
    pub(super) denial: Box<Denial>,
    /// Whether control policies refuse it.
    by_control: bool,
}

impl From<Box<Denial>> for Refused {
    fn from(denial: Box<Denial>) -> Self {
        Self {
            denial,
            by_control: false,
        }
    }
}

/// Asks the policies about every resource of an access: all must be allowed. The answer tells of
/// the account, and is for nobody who may not know of it.
pub(super) fn ask_policies(
    bundle: &Bundle,
    access: &Access,
    account: Option<&Account>,
    asked: Asked<'_>,
    now: Timestamp,
) -> Result<Allowed, Refused> {
    let situation = Situation {
        account,
        asked,
        now,
    };
    let mut facts = situation.facts(&bundle.lifecycle);
    let resources = bundle
        .resources(access, &facts)
        .map_err(|error| failed(bundle, Gate::Policy, &error, access.span, "resource name"))?;
    let Some(principal) = asked.principal else {
        return Err(Box::new(denial(Gate::Policy, "D0003", "nobody asks")).into());
    };
    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
    let permission = &*access.permission;
    let ruling = bundle.rule(principal, permission, &resources, &mut facts);
    if ruling.is_allowed() {
        return Ok(Allowed {
            reason: ruling.reason(permission),
            place: place(bundle, &ruling),
        });
    }
    Err(Refused {
        denial: refusal(bundle, &ruling, permission, account.is_some()),
        by_control: matches!(ruling.stage, Stage::ControlPolicy { .. }),
    })
}

fn place(bundle: &Bundle, ruling: &Ruling) -> Option<String> {
    let decided = ruling.statement()?;
    bundle.locate(decided.span())
}

fn refusal(bundle: &Bundle, ruling: &Ruling, permission: &str, is_there: bool) -> Box<Denial> {
    let mut reason = ruling.reason(permission);
    // What failed for want of an account would tell that there is none.
    if let Some(error) = ruling.error.as_ref().filter(|_| is_there) {
        reason.push_str(&format!(" ({error})"));
    }
    let code = match ruling.effect {
        Effect::ExplicitDeny => "D0002",
        _ => "D0003",
    };
    let mut refused = denial(Gate::Policy, code, reason);
    refused.effect = Some(ruling.effect.to_string());
    refused.place = place(bundle, ruling);
    Box::new(refused)
}
