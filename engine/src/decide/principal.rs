//! The gates that look at who asks: policy, then caller.

use std::collections::BTreeMap;

use super::admission::{deny_code, failed};
use super::gates::denial;
use super::{Case, Scene, Stop};
use crate::account::{Account, Denial, Gate};
use crate::bundle::Bundle;
use crate::lifecycle::model::{Access, DenyStage, Transition, Trigger};
use crate::name::Name;
use crate::policy::{Effect, Ruling, Stage};
use crate::situation::Asked;
use crate::value::Value;

impl Case<'_> {
    /// Whom policies or the caller rule refuse, and who may not know of the account, is answered as
    /// if there were none: any other reason would tell that there is one, and what it depends on. An
    /// allow that is limited to a folder would tell it by leading as far as the caller rule.
    pub(super) fn admit_principal(
        &mut self,
        transition: &Transition,
        scene: &Scene<'_>,
    ) -> Result<(), Stop> {
        let admitted = self.admit_to(transition, scene);
        let is_for_strangers = match (&admitted, scene.account) {
            (Err(refused), Some(account)) => match refused.denial.gate {
                Gate::Policy => !self.may_know(transition, account, scene, refused),
                Gate::Caller => {
                    !self.may_read(account, scene.asked) && !is_of(account, scene.asked)
                }
                _ => false,
            },
            _ => false,
        };
        let admitted = match is_for_strangers {
            true => self.admit_to(transition, &self.scene(None, scene.asked)),
            false => admitted,
        };
        admitted.map_err(|refused| refused.denial.into())
    }

    /// The gates as they are for an account. Nobody is admitted to one that is not there.
    fn admit_to(&mut self, transition: &Transition, scene: &Scene<'_>) -> Result<(), Refused> {
        let Trigger::Request { access, caller, .. } = &transition.trigger else {
            let message = format!("`{}` is not requested by anybody", transition.name);
            return Err(Box::new(denial(Gate::Policy, "D0003", message)).into());
        };
        let coded = |mut refused: Refused| {
            refused.denial.deny_code = deny_code(transition, DenyStage::Policy);
            refused
        };
        let allowed = ask_policies(self.bundle, access, scene).map_err(coded)?;
        self.gates.pass(Gate::Policy, allowed.reason, allowed.place);
        match caller {
            Some(rule) => self.admit_caller(rule, transition, scene)?,
            None => self.gates.pass(Gate::Caller, "any principal", None),
        }
        match scene.account {
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
        scene: &Scene<'_>,
        refused: &Refused,
    ) -> bool {
        let is_caller = || match &transition.trigger {
            Trigger::Request { caller, .. } => {
                let rule = caller.as_ref();
                rule.is_none_or(|rule| self.is_called_by(rule, scene))
            }
            Trigger::TriggeredBy(_) | Trigger::After(_) => false,
        };
        self.may_read(account, scene.asked) && (!refused.by_control || is_caller())
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
            ask_policies(self.bundle, access, &self.scene(Some(account), reading)).is_ok()
        })
    }

    pub(super) fn admit_caller(
        &mut self,
        rule: &Name,
        transition: &Transition,
        scene: &Scene<'_>,
    ) -> Result<(), Box<Denial>> {
        let declared = self.bundle.lifecycle.callers.get(rule);
        let place = declared.and_then(|caller| self.bundle.locate(caller.span));
        if self.is_called_by(rule, scene) {
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

    /// Whether a principal is whom a caller rule admits to an account. Nobody is admitted to one
    /// that is not there.
    fn is_called_by(&self, rule: &Name, scene: &Scene<'_>) -> bool {
        let caller = self.bundle.lifecycle.callers.get(rule);
        let (Some(caller), Some(principal)) = (caller, scene.asked.principal) else {
            return false;
        };
        if scene.account.is_none() {
            return false;
        }
        // A rule that cannot be evaluated refuses in the same words: its error would tell of the
        // account to whoever is not admitted.
        let own = Value::AccountId(principal.account.clone());
        let at_home = caller.of.as_ref().is_none_or(|of| {
            let home = of.value(&scene.facts).ok().flatten();
            home.is_some_and(|home| home == own)
        });
        let holds = caller
            .when
            .as_ref()
            .is_none_or(|when| when.truth(&scene.facts).unwrap_or(false));
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
    scene: &Scene<'_>,
) -> Result<Allowed, Refused> {
    let resources = bundle
        .resources(access, &scene.facts)
        .map_err(|error| failed(bundle, Gate::Policy, &error, access.span, "resource name"))?;
    let Some(principal) = scene.asked.principal else {
        return Err(Box::new(denial(Gate::Policy, "D0003", "nobody asks")).into());
    };
    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
    let permission = &*access.permission;
    let ruling = bundle.rule(principal, permission, &resources, &mut scene.facts.clone());
    if ruling.is_allowed() {
        return Ok(Allowed {
            reason: ruling.reason(permission),
            place: place(bundle, &ruling),
        });
    }
    Err(Refused {
        denial: refusal(bundle, &ruling, permission, scene.account.is_some()),
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
