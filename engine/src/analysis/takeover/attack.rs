//! Attacks: the steps of one, with who makes each, what it proves, and who is told.

use std::time::Duration;

use petgraph::graph::NodeIndex;

use super::super::asker::{AskerId, Who};
use super::super::firing::{Firing, FiringId, Open};
use super::super::space::{Held, Of, Packed};
use super::Takeover;
use super::closure::{Closure, Edge};
use super::factor::Hand;
use super::moves::Made;
use crate::expr::{Slot, Truth};
use crate::lifecycle::model::{Lifecycle, Notice, Transition, Trigger};
use crate::name::{Name, TransitionName};

/// A way to take something over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attack {
    /// The state in which it strikes.
    pub start: Packed,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// One step of an attack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What fires.
    pub firing: FiringId,
    /// The transition that is asked for, or whose time has come.
    pub transition: TransitionName,
    /// As whom the attacker asks for it; nobody, where it happens by itself or others do it.
    pub by: Option<By>,
    /// The account's state after it.
    pub to: Packed,
    /// What the attacker proves.
    pub proofs: Vec<Proof>,
    /// What it has in hand after it, and had not before.
    pub gains: Hand,
    /// Who is told of it.
    pub told: Vec<Told>,
    /// The addresses that were the owner's alone before it, where a code could have gone.
    pub of_owner: Hand,
    /// How long has to be waited for it.
    pub waits: Option<Duration>,
    /// What must hold besides, and is not known to.
    pub provisos: Vec<Proviso>,
}

/// As whom an attacker asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// As one of a kind that anyone can be.
    Any(Name),
    /// As somebody that it controls.
    One(Who),
}

/// A proof that an attacker gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The verification.
    pub verification: Name,
    /// By what it is proved.
    pub with: With,
    /// Whether it is known to be available.
    pub is_sure: bool,
}

/// What proves something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum With {
    /// Saying so.
    Word,
    /// A code to an address of the attacker's choice.
    OwnAddress,
    /// A code to an address that it controls: the factor of this number.
    Factor(usize),
    /// The consent of another principal that it controls.
    Approver(AskerId),
}

/// A message that a step sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Which.
    pub message: Name,
    /// To whom.
    pub to: Recipient,
}

/// Whom a message reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// Whoever reads this address of the account, which is not the attacker.
    Owner(Name),
    /// The attacker, at an address of its own or one that it controls.
    Attacker,
    /// Somebody else.
    Other,
}

/// What must hold for a step to be possible, and is not known to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proviso {
    /// That whoever asks is admitted.
    Admitted {
        /// Who.
        who: Who,
        /// By which caller rule, besides policies.
        caller: Option<Name>,
    },
    /// That a condition of a transition holds.
    Guard {
        /// Of which.
        transition: TransitionName,
        /// Which of its conditions, from 0.
        index: usize,
    },
    /// That a transition is triggered, or is not, though it might be otherwise.
    Triggered {
        /// Which.
        transition: TransitionName,
        /// Whether it is to be.
        is: bool,
    },
    /// That a proof can be given in this way.
    Proof {
        /// Which.
        verification: Name,
    },
}

impl Attack {
    /// Whether nothing has to hold besides.
    pub fn is_certain(&self) -> bool {
        self.steps.iter().all(|step| step.provisos.is_empty())
    }

    /// Everything that has to hold besides, each once.
    pub fn provisos(&self) -> Vec<&Proviso> {
        let mut all = Vec::new();
        for proviso in self.steps.iter().flat_map(|step| &step.provisos) {
            if !all.contains(&proviso) {
                all.push(proviso);
            }
        }
        all
    }

    /// The first step that gives the attacker anything: the one that lets it happen.
    pub fn decisive(&self) -> Option<&Step> {
        self.steps.iter().find(|step| !step.gains.is_empty())
    }
}

impl Step {
    /// Whether it gives the attacker something, and nobody but the attacker is told, though somebody
    /// could be.
    pub fn is_silent(&self) -> bool {
        let tells = |told: &Told| matches!(told.to, Recipient::Owner(_));
        !self.gains.is_empty() && !self.of_owner.is_empty() && !self.told.iter().any(tells)
    }
}

impl Takeover<'_, '_> {
    /// The shortest attack that leads to a stand.
    pub(super) fn attack(&self, closure: &Closure, stand: usize) -> Attack {
        let way = closure.way_to(stand);
        let first = way.first().map_or(stand, |edge| edge.from);
        let node = closure.stands.get(first).map(|stand| stand.node);
        Attack {
            start: self.product.state(node.unwrap_or_default()),
            steps: way
                .iter()
                .filter_map(|edge| self.step(closure, edge))
                .collect(),
        }
    }

    pub(super) fn step(&self, closure: &Closure, edge: &Edge) -> Option<Step> {
        let (from, to) = (closure.stands.get(edge.from)?, closure.stands.get(edge.to)?);
        let id = *self.product.graph().edge_weight(edge.edge)?;
        let firing = self.product.firing(id)?;
        let lifecycle = &self.product.model().bundle().lifecycle;
        let transition = lifecycle.transitions.get(&firing.transition)?;
        let before = closure.hand.and(from.gained);
        let made = match edge.is_own {
            true => self.ground.moves.get(id.index())?.made(before),
            false => None,
        };
        let usable = self.ground.spot(from.node).usable;
        Some(Step {
            firing: id,
            transition: firing.transition.clone(),
            by: made.as_ref().and_then(|made| self.by(made.asker)),
            to: self.product.state(to.node),
            gains: to.gained.without(from.gained),
            told: self.told(firing, from.node, before),
            of_owner: usable.without(before).without(self.factors.to_come()),
            waits: waits(transition),
            provisos: self.provisos(firing, transition, made.as_ref()),
            proofs: made.map(|made| made.proofs).unwrap_or_default(),
        })
    }

    fn by(&self, asker: AskerId) -> Option<By> {
        let asked = self.product.model().asker(asker)?;
        Some(match self.factors.is_anyone(asker) {
            true => By::Any(asked.principal.kind.clone()),
            false => By::One(asked.who.clone()),
        })
    }

    /// Somebody, by number.
    pub fn who(&self, asker: AskerId) -> Option<&Who> {
        self.product.model().asker(asker).map(|asker| &asker.who)
    }

    /// The messages of a firing that reach somebody, or may.
    fn told(&self, firing: &Firing, node: NodeIndex, hand: Hand) -> Vec<Told> {
        let lifecycle = &self.product.model().bundle().lifecycle;
        let state = self.product.state(node);
        let is_sent = |notice: &&Notice| {
            let when = notice.when.as_ref();
            when.is_none_or(|when| self.product.truth(when, state) != Truth::False)
        };
        let made = firing
            .transitions()
            .filter_map(|name| lifecycle.transitions.get(name));
        let notices = made
            .flat_map(|transition| &transition.notify)
            .filter(is_sent);
        let told = notices.filter_map(|notice| {
            Some(Told {
                message: notice.message.clone(),
                to: self.recipient(lifecycle, notice.to.reads(), state, hand)?,
            })
        });
        told.collect()
    }

    /// Whom a message reaches whose address reads these names; nobody, where there is no address.
    fn recipient(
        &self,
        lifecycle: &Lifecycle,
        reads: &[Slot],
        state: Packed,
        hand: Hand,
    ) -> Option<Recipient> {
        let mut attributes = lifecycle.attributes.iter();
        let Some((name, it)) = attributes.find(|(_, it)| reads.contains(&it.slot)) else {
            let is_brought = |slot: &Slot| {
                let fact = lifecycle.vocabulary.fact(*slot);
                fact.is_some_and(|fact| fact.path.starts_with("input."))
            };
            return Some(match reads.iter().any(is_brought) {
                true => Recipient::Attacker,
                false => Recipient::Other,
            });
        };
        let space = self.product.model().space();
        let variable = space.variable(&Of::Attribute(name.clone()));
        let held = variable.and_then(|variable| space.held(variable, state));
        if held == Some(&Held::Unset) {
            return None;
        }
        Some(match self.factors.addresses([&it.slot]).meets(hand) {
            true => Recipient::Attacker,
            false => Recipient::Owner(name.clone()),
        })
    }

    fn provisos(
        &self,
        firing: &Firing,
        transition: &Transition,
        made: Option<&Made>,
    ) -> Vec<Proviso> {
        let mut provisos = Vec::new();
        if let Some(made) = made {
            let mut admitted = firing.askers.iter();
            let may = admitted
                .find(|(id, _)| *id == made.asker)
                .map(|(_, may)| *may);
            let caller = match &transition.trigger {
                Trigger::Request { caller, .. } => caller.clone(),
                Trigger::TriggeredBy(_) | Trigger::After(_) => None,
            };
            if let Some(By::One(who)) = self.by(made.asker)
                && may != Some(Truth::True)
            {
                provisos.push(Proviso::Admitted { who, caller });
            }
            let unsure = made.proofs.iter().filter(|proof| !proof.is_sure);
            provisos.extend(unsure.map(|proof| Proviso::Proof {
                verification: proof.verification.clone(),
            }));
        }
        provisos.extend(firing.open.iter().filter_map(|open| match open {
            Open::Guard {
                transition,
                index,
                supplied: false,
            } => Some(Proviso::Guard {
                transition: transition.clone(),
                index: *index,
            }),
            Open::NotTriggered { transition } => Some(Proviso::Triggered {
                transition: transition.clone(),
                is: false,
            }),
            Open::Cooldown { transition } => Some(Proviso::Triggered {
                transition: transition.clone(),
                is: true,
            }),
            // Of askers and proofs, those that were chosen are told above.
            Open::Guard { .. } | Open::Proof { .. } | Open::Asker => None,
        }));
        provisos
    }
}

/// How long has to be waited before a transition can be made.
fn waits(transition: &Transition) -> Option<Duration> {
    let after = match &transition.trigger {
        Trigger::After(after) => Some(*after),
        Trigger::Request { .. } | Trigger::TriggeredBy(_) => None,
    };
    let others = |it: &&crate::lifecycle::model::Cooldown| it.after != transition.name;
    let cooldowns = transition.cooldown.iter().filter(others).map(|it| it.wait);
    after.into_iter().chain(cooldowns).max()
}

impl std::fmt::Display for By {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Any(kind) => write!(f, "any {kind}"),
            Self::One(who) => write!(f, "{who}"),
        }
    }
}

impl Proviso {
    /// What it says: `the caller rule ...`.
    pub fn text(&self, lifecycle: &Lifecycle) -> String {
        match self {
            Self::Admitted {
                who,
                caller: Some(caller),
            } => {
                format!("policies and the caller rule `{caller}` admit {who}")
            }
            Self::Admitted { who, caller: None } => format!("policies admit {who}"),
            Self::Guard { transition, index } => {
                let declared = lifecycle.transitions.get(transition);
                let guard = declared.and_then(|it| it.guards.get(*index));
                let condition = guard.map_or("", |guard| guard.condition.text());
                format!("`{condition}` holds for `{transition}`")
            }
            Self::Triggered {
                transition,
                is: true,
            } => format!("`{transition}` follows"),
            Self::Triggered {
                transition,
                is: false,
            } => format!("`{transition}` does not follow"),
            Self::Proof { verification } => format!("`{verification}` can be proved so"),
        }
    }
}
