//! What an attacker can control: addresses, what owners log on with, principals.

use std::fmt;

use super::super::asker::{Asker, AskerId, Who};
use super::super::product::Product;
use crate::expr::{Slot, Truth};
use crate::lifecycle::model::{Lifecycle, Method};
use crate::name::Name;

/// Something that proves to be somebody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Factor {
    /// An address that codes are sent to: this attribute of the account.
    Address(Name),
    /// What the account's owner logs on with, to be one of this kind.
    Owner(Name),
    /// A principal, and those who may ask for just the same.
    Asker {
        /// It.
        who: Who,
        /// The others.
        alike: Vec<Who>,
    },
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(name) | Self::Owner(name) => write!(f, "{name}"),
            Self::Asker { who, .. } => write!(f, "{who}"),
        }
    }
}

/// A set of [`Factors`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hand(pub(super) u64);

impl Hand {
    /// The most factors that are told apart. One bit is kept for a mark.
    pub(super) const MOST: usize = 63;

    /// One factor, by number.
    pub fn of(index: usize) -> Self {
        let bit = u32::try_from(index).ok().filter(|_| index < Self::MOST);
        Self(
            bit.and_then(|bit| 1_u64.checked_shl(bit))
                .unwrap_or_default(),
        )
    }

    /// These and those.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These without those.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// What these and those have in common.
    #[must_use]
    pub fn common(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether it is one factor.
    pub fn is_single(self) -> bool {
        self.0.is_power_of_two()
    }

    /// Whether these are all among those.
    pub fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether some of these are among those.
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Their numbers.
    pub fn indices(self) -> impl Iterator<Item = usize> {
        (0..Self::MOST).filter(move |index| Self::of(*index).meets(self))
    }
}

impl FromIterator<usize> for Hand {
    fn from_iter<I: IntoIterator<Item = usize>>(indices: I) -> Self {
        indices.into_iter().map(Self::of).collect()
    }
}

impl FromIterator<Self> for Hand {
    fn from_iter<I: IntoIterator<Item = Self>>(hands: I) -> Self {
        hands.into_iter().fold(Self::default(), Self::and)
    }
}

/// Everything that an attacker can control.
#[derive(Debug, Clone)]
pub struct Factors {
    all: Vec<Factor>,
    /// By asker: how it is controlled.
    askers: Vec<Control>,
    /// The addresses that only transitions give.
    to_come: Hand,
    /// The attributes that are addresses, by slot.
    addresses: Vec<(Slot, usize)>,
}

/// How an asker is controlled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Control {
    /// Anyone can be it.
    Anyone,
    /// By the factor of this number.
    By(usize),
    /// Not at all: it may ask for nothing, or another one is as good.
    Nothing,
}

impl Factors {
    pub(super) fn of(product: &Product<'_>) -> Self {
        let lifecycle = &product.model().bundle().lifecycle;
        let mut factors = Self {
            all: Vec::new(),
            askers: Vec::new(),
            to_come: Hand::default(),
            addresses: Vec::new(),
        };
        for (name, attribute) in &lifecycle.attributes {
            if is_address(lifecycle, attribute.slot) {
                let slot = attribute.slot;
                factors.addresses.push((slot, factors.all.len()));
                if attribute.set_only {
                    factors.to_come = factors.to_come.and(Hand::of(factors.all.len()));
                }
                factors.all.push(Factor::Address(name.clone()));
            }
        }
        // Owners first: there are few of them, and they matter most.
        let owners = product
            .model()
            .askers()
            .map(|(_, asker)| factors.owner(asker));
        let owners: Vec<_> = owners.collect();
        let mut known = Vec::new();
        for ((id, asker), owner) in product.model().askers().zip(owners) {
            let control = owner.unwrap_or_else(|| factors.control(product, id, asker, &mut known));
            factors.askers.push(control);
        }
        factors
    }

    fn owner(&mut self, asker: &Asker) -> Option<Control> {
        let Who::Owner { kind } = &asker.who else {
            return None;
        };
        self.all.push(Factor::Owner(kind.clone()));
        Some(Control::By(self.all.len() - 1))
    }

    fn control(
        &mut self,
        product: &Product<'_>,
        id: AskerId,
        asker: &Asker,
        known: &mut Vec<(Abilities, usize)>,
    ) -> Control {
        let kinds = &product.model().bundle().lifecycle.principal_kinds;
        let kind = kinds.get(&asker.principal.kind);
        if kind.is_some_and(|kind| kind.anyone) {
            return Control::Anyone;
        }
        let abilities = Abilities::new(product, id);
        if abilities.of.is_empty() {
            return Control::Nothing;
        }
        let alike = known.iter().filter(|(other, _)| *other == abilities);
        let alike: Vec<usize> = alike.map(|(_, index)| *index).collect();
        let told_apart = if abilities.may_approve { 2 } else { 1 };
        if let Some(index) = alike.last().filter(|_| alike.len() >= told_apart) {
            if let Some(Factor::Asker { alike, .. }) = self.all.get_mut(*index) {
                alike.push(asker.who.clone());
            }
            return Control::Nothing;
        }
        known.push((abilities, self.all.len()));
        self.all.push(Factor::Asker {
            who: asker.who.clone(),
            alike: Vec::new(),
        });
        Control::By(self.all.len() - 1)
    }

    /// Every factor, in the order of their numbers.
    pub fn all(&self) -> &[Factor] {
        &self.all
    }

    /// A factor, by number.
    pub fn get(&self, index: usize) -> Option<&Factor> {
        self.all.get(index)
    }

    /// The number of a factor, by its name or that of a principal that is as good.
    pub fn find(&self, name: &str) -> Option<usize> {
        let is_it = |factor: &Factor| match factor {
            Factor::Address(address) => address.as_str() == name,
            Factor::Owner(kind) => kind.as_str() == name,
            Factor::Asker { who, alike } => {
                let mut all = std::iter::once(who).chain(alike);
                all.any(|who| who.to_string() == name)
            }
        };
        self.all.iter().position(is_it)
    }

    /// The factors of a hand.
    pub fn in_hand(&self, hand: Hand) -> impl Iterator<Item = &Factor> {
        hand.indices().filter_map(|index| self.get(index))
    }

    pub(super) fn control_of(&self, asker: AskerId) -> Control {
        let control = self.askers.get(usize::from(asker.0)).copied();
        control.unwrap_or(Control::Nothing)
    }

    /// Whether anyone can be it.
    pub(super) fn is_anyone(&self, asker: AskerId) -> bool {
        self.control_of(asker) == Control::Anyone
    }

    /// The addresses among names that an expression reads.
    pub(super) fn addresses<'s>(&self, slots: impl IntoIterator<Item = &'s Slot>) -> Hand {
        let address = |slot: &Slot| {
            let found = self.addresses.iter().find(|(address, _)| address == slot);
            found.map(|(_, index)| *index)
        };
        slots.into_iter().filter_map(address).collect()
    }

    /// Addresses that wait to become the account's: of those nobody expects its owner to be told.
    pub(super) fn to_come(&self) -> Hand {
        self.to_come
    }

    /// The factors that act as owners.
    pub(super) fn owners(&self) -> Hand {
        let all = self.all.iter().enumerate();
        let owners = all.filter(|(_, factor)| matches!(factor, Factor::Owner(_)));
        owners.map(|(index, _)| index).collect()
    }
}

fn is_address(lifecycle: &Lifecycle, slot: Slot) -> bool {
    lifecycle
        .verifications
        .values()
        .any(|declared| match &declared.method {
            Method::Code { to, .. } => to.reads().contains(&slot),
            Method::Acknowledge { .. } | Method::Approval { .. } | Method::Totp { .. } => false,
        })
}

/// What somebody may ask for, and approve of.
#[derive(Debug, PartialEq, Eq)]
struct Abilities {
    /// By firing.
    of: Vec<(usize, Option<Truth>, Vec<Truth>)>,
    /// Whether it may approve of something: then two who are alike can do more than one.
    may_approve: bool,
}

impl Abilities {
    fn new(product: &Product<'_>, id: AskerId) -> Self {
        let may = |all: &[(AskerId, Truth)]| {
            let found = all.iter().find(|(asker, _)| *asker == id);
            found.map(|(_, may)| *may)
        };
        let of_firings = product.firings().enumerate().map(|(index, (_, firing))| {
            let approves = firing.approvers.values().filter_map(|all| may(all));
            (index, may(&firing.askers), approves.collect::<Vec<_>>())
        });
        let of: Vec<_> = of_firings
            .filter(|(_, asks, approves)| asks.is_some() || !approves.is_empty())
            .collect();
        let may_approve = of.iter().any(|(_, _, approves)| !approves.is_empty());
        Self { of, may_approve }
    }
}
