//! What a firing takes to be made by an attacker, and what it gives.

use super::super::asker::AskerId;
use super::super::firing::{Firing, Open};
use super::super::product::Product;
use super::attack::{Proof, With};
use super::factor::{Control, Factor, Factors, Hand};
use crate::expr::{Expression, Truth};
use crate::lifecycle::model::{Lifecycle, Method, Transition, Trigger};
use crate::name::Name;

/// A firing, as an attacker sees it.
#[derive(Debug)]
pub(super) struct Move {
    askers: Vec<Asking>,
    steps: Vec<Vec<Way>>,
    gains: Vec<Gain>,
    /// The kind of owner that it makes of whoever fires it.
    pub(super) grants: Hand,
    /// The addresses that get another value, or none.
    pub(super) sets: Hand,
    /// Whether it happens by itself, in time.
    pub(super) is_timed: bool,
    /// Whether what it depends on besides is known to hold, or is brought by whoever asks.
    is_sure: bool,
}

/// Somebody who may ask.
#[derive(Debug)]
struct Asking {
    who: AskerId,
    control: Control,
    is_sure: bool,
}

/// A proof of a step.
#[derive(Debug)]
struct Way {
    proof: Name,
    by: By,
    is_sure: bool,
}

/// How a proof is given.
#[derive(Debug)]
enum By {
    /// By saying so.
    Anyone,
    /// By whoever reads a code that goes to where the requester says.
    Requester,
    /// By whoever reads a code that goes to one of these.
    Holder(Hand),
    /// By another one's consent.
    Approver(Vec<Asking>),
}

/// An address that becomes the attacker's, if these are.
#[derive(Debug)]
struct Gain {
    address: Hand,
    if_in_hand: Hand,
}

/// A firing that an attacker makes: as whom, and with what proofs.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) asker: AskerId,
    pub(super) proofs: Vec<Proof>,
    pub(super) is_sure: bool,
}

impl Move {
    pub(super) fn of(product: &Product<'_>, factors: &Factors, firing: &Firing) -> Self {
        let lifecycle = &product.model().bundle().lifecycle;
        let made = firing.transitions();
        let made = made.filter_map(|name| lifecycle.transitions.get(name));
        let sets: Vec<_> = made.flat_map(|transition| &transition.set).collect();
        let first = lifecycle.transitions.get(&firing.transition);
        let gain = |(name, assignment): (&Name, &crate::lifecycle::model::Assignment)| {
            let slot = lifecycle.attributes.get(name)?.slot;
            let address = factors.addresses([&slot]);
            let if_in_hand = origin(lifecycle, factors, &assignment.value)?;
            (!address.is_empty()).then_some(Gain {
                address,
                if_in_hand,
            })
        };
        let slots = sets
            .iter()
            .filter_map(|(name, _)| lifecycle.attributes.get(*name));
        let slots: Vec<_> = slots.map(|attribute| attribute.slot).collect();
        let is_sure = |open: &Open| match open {
            // Of proofs and askers, each is known by itself.
            Open::Proof { .. } | Open::Asker => true,
            Open::Guard { supplied, .. } => *supplied,
            Open::NotTriggered { .. } | Open::Cooldown { .. } => false,
        };
        Self {
            askers: asking(factors, &firing.askers),
            steps: steps(lifecycle, factors, firing, first.map(AsRef::as_ref)),
            gains: sets.iter().copied().filter_map(gain).collect(),
            grants: grants(factors, first.and_then(|it| it.grants.as_ref())),
            sets: factors.addresses(&slots),
            is_timed: first.is_some_and(|it| matches!(it.trigger, Trigger::After(_))),
            is_sure: firing.open.iter().all(is_sure),
        }
    }

    /// How somebody with this in hand makes it, for certain if that can be; none, if it cannot.
    pub(super) fn made(&self, hand: Hand) -> Option<Made> {
        let mut best: Option<Made> = None;
        for asking in &self.askers {
            if !asking.is_in(hand) {
                continue;
            }
            let proofs: Option<Vec<(Proof, bool)>> = self
                .steps
                .iter()
                .map(|ways| given(ways, hand, asking.who))
                .collect();
            let Some(proofs) = proofs else { continue };
            let is_sure = self.is_sure && asking.is_sure && proofs.iter().all(|(_, sure)| *sure);
            if best.as_ref().is_none_or(|best| is_sure && !best.is_sure) {
                best = Some(Made {
                    asker: asking.who,
                    proofs: proofs.into_iter().map(|(proof, _)| proof).collect(),
                    is_sure,
                });
            }
        }
        best
    }

    /// What becomes the attacker's, if it makes it with this in hand.
    pub(super) fn gained(&self, hand: Hand) -> Hand {
        let gains = self
            .gains
            .iter()
            .filter(|gain| gain.if_in_hand.within(hand));
        gains.fold(self.grants, |all, gain| all.and(gain.address))
    }

    /// Whether some asker is controlled by this factor.
    pub(super) fn may_be_asked_by(&self, factor: usize) -> bool {
        let by = |asking: &Asking| asking.control == Control::By(factor);
        self.askers.iter().any(by)
    }
}

impl Asking {
    fn is_in(&self, hand: Hand) -> bool {
        match self.control {
            Control::Anyone => true,
            Control::By(factor) => Hand::of(factor).within(hand),
            Control::Nothing => false,
        }
    }
}

fn asking(factors: &Factors, askers: &[(AskerId, Truth)]) -> Vec<Asking> {
    let one = |(who, may): &(AskerId, Truth)| {
        let control = factors.control_of(*who);
        Asking {
            who: *who,
            control,
            // Anyone can be such a one of whatever account it is about.
            is_sure: *may == Truth::True || control == Control::Anyone,
        }
    };
    askers.iter().map(one).collect()
}

fn grants(factors: &Factors, kind: Option<&Name>) -> Hand {
    let is_it = |factor: &Factor| matches!(factor, Factor::Owner(name) if Some(name) == kind);
    factors.all().iter().position(is_it).into_iter().collect()
}

fn steps(
    lifecycle: &Lifecycle,
    factors: &Factors,
    firing: &Firing,
    transition: Option<&Transition>,
) -> Vec<Vec<Way>> {
    let way = |(name, usable): &(Name, Truth)| {
        let declared = lifecycle.verifications.get(name)?;
        let all = |by, is_sure| Way {
            proof: name.clone(),
            by,
            is_sure: is_sure && *usable == Truth::True,
        };
        Some(match &declared.method {
            Method::Acknowledge { .. } => vec![all(By::Anyone, true)],
            // Whoever asks is shown the secret of a new app, and may have enrolled the one there is.
            Method::Totp { enrol, .. } => vec![all(By::Requester, *enrol)],
            Method::Approval { .. } => {
                let approvers = firing.approvers.get(name).map_or(&[][..], Vec::as_slice);
                vec![all(By::Approver(asking(factors, approvers)), true)]
            }
            Method::Code { to, .. } => {
                let holders = factors.addresses(to.reads());
                let mut ways = Vec::new();
                if transition.is_some_and(|it| reads_input(it, to)) {
                    // Whether it is the input or the account's own that counts may depend on more.
                    let is_chosen = holders.is_empty() || is_input_first(transition, to);
                    ways.push(all(By::Requester, is_chosen));
                }
                if !holders.is_empty() {
                    let is_one = to.reads().len() == 1;
                    ways.push(all(By::Holder(holders), is_one));
                }
                ways
            }
        })
    };
    let of_step = |step: &Vec<(Name, Truth)>| step.iter().filter_map(way).flatten().collect();
    firing.proofs.iter().map(of_step).collect()
}

/// How the best way of a step is given by an asker with this in hand, and whether for certain.
fn given(ways: &[Way], hand: Hand, asker: AskerId) -> Option<(Proof, bool)> {
    let each = ways.iter().filter_map(|way| {
        let (with, is_sure) = way.given(hand, asker)?;
        let verification = way.proof.clone();
        Some((
            Proof {
                verification,
                with,
                is_sure,
            },
            is_sure,
        ))
    });
    // The last of equals would be taken: of those that are sure the first is meant.
    let all: Vec<_> = each.collect();
    let sure = all.iter().position(|(_, is_sure)| *is_sure);
    all.into_iter().nth(sure.unwrap_or_default())
}

impl Way {
    fn given(&self, hand: Hand, asker: AskerId) -> Option<(With, bool)> {
        match &self.by {
            By::Anyone => Some((With::Word, self.is_sure)),
            By::Requester => Some((With::OwnAddress, self.is_sure)),
            By::Holder(addresses) => {
                let held = addresses.indices().find(|it| Hand::of(*it).within(hand))?;
                Some((With::Factor(held), self.is_sure))
            }
            By::Approver(approvers) => {
                let may = |it: &&Asking| it.who != asker && it.is_in(hand);
                let approver = approvers.iter().find(may)?;
                Some((
                    With::Approver(approver.who),
                    self.is_sure && approver.is_sure,
                ))
            }
        }
    }
}

fn reads_input(transition: &Transition, expression: &Expression) -> bool {
    let mut inputs = transition.inputs.values();
    inputs.any(|input| expression.reads().contains(&input.slot))
}

/// Whether an expression is an input wherever there is one: `input.phone ?? account.phone`.
fn is_input_first(transition: Option<&Transition>, expression: &Expression) -> bool {
    let first = expression
        .text()
        .split_once("??")
        .map(|(first, _)| first.trim());
    transition.is_some_and(|it| {
        let names = it.inputs.keys();
        names
            .map(|name| format!("input.{name}"))
            .any(|name| first == Some(name.as_str()))
    })
}

/// What has to be in hand for a value to be the attacker's: nothing, where it brings it itself. None,
/// where it never is.
fn origin(lifecycle: &Lifecycle, factors: &Factors, value: &Expression) -> Option<Hand> {
    let fact = |slot| lifecycle.vocabulary.fact(slot);
    let is_input =
        |slot: &crate::expr::Slot| fact(*slot).is_some_and(|fact| fact.path.starts_with("input."));
    let addresses = factors.addresses(value.reads());
    match value.reads().iter().any(is_input) {
        true => Some(Hand::default()),
        false if addresses.is_empty() => None,
        false => Some(addresses),
    }
}
