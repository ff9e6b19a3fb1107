//! Answers: what falls to whoever has something in hand.

use std::cell::LazyCell;

use super::Takeover;
use super::attack::Attack;
use super::closure::{Closure, Stand};
use super::factor::Hand;
use super::scope::Scope;

/// What falls to whoever has something in hand.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What it has in hand at the start.
    pub hand: Hand,
    /// The factors that fall, nearest first.
    pub falls: Vec<Fall>,
    /// How the account is seized, if it can be.
    pub seizure: Option<Seizure>,
}

/// A factor that falls.
#[derive(Debug, Clone)]
pub struct Fall {
    /// Its number.
    pub factor: usize,
    /// How.
    pub attack: Attack,
}

/// How an account is seized.
#[derive(Debug, Clone)]
pub struct Seizure {
    /// The kinds of owner that the attacker has become; none, where it has every address instead.
    pub as_owner: Hand,
    /// How.
    pub attack: Attack,
    /// Which accounts can be seized so.
    pub scope: Scope,
}

impl Answer {
    /// Whether nothing falls.
    pub fn is_nothing(&self) -> bool {
        self.falls.is_empty() && self.seizure.is_none()
    }
}

impl Takeover<'_, '_> {
    /// What falls to whoever has this in hand. Ways that are certain go before shorter ones that have
    /// provisos.
    pub fn of(&self, hand: Hand) -> Answer {
        self.answer(&self.closure(hand, false))
    }

    /// What falls by a closure over everything that is possible.
    pub(super) fn answer(&self, possible: &Closure) -> Answer {
        let hand = possible.hand;
        let certain = LazyCell::new(|| self.closure(hand, true));
        let attack = |wanted: &dyn Fn(&Stand) -> bool| {
            let nearest = |closure: &Closure| {
                let stand = closure.nearest(wanted)?;
                let gained = closure.stands.get(stand)?.gained;
                Some((gained, self.attack(closure, stand)))
            };
            let shortest = nearest(possible)?;
            match shortest.1.is_certain() {
                true => Some(shortest),
                false => nearest(&certain).or(Some(shortest)),
            }
        };
        let all = 0..self.factors.all().len();
        let new = all.filter(|factor| !Hand::of(*factor).within(hand));
        let fall = |factor: usize| {
            let (_, attack) = attack(&|stand| Hand::of(factor).within(stand.gained))?;
            Some(Fall { factor, attack })
        };
        let mut falls: Vec<Fall> = new.filter_map(fall).collect();
        falls.sort_by_key(|fall| fall.attack.steps.len());
        let seizure = attack(&|stand| self.is_seized(stand));
        Answer {
            hand,
            falls,
            seizure: seizure.map(|(gained, attack)| Seizure {
                as_owner: self.factors.owners().common(gained),
                attack,
                scope: self.scope(possible),
            }),
        }
    }

    /// What falls to each factor alone, in their order.
    pub fn singles(&self) -> Vec<Answer> {
        let all = 0..self.factors.all().len();
        all.map(|factor| self.of(Hand::of(factor))).collect()
    }

    /// Everything that can be brought about with this in hand.
    pub(super) fn closure(&self, hand: Hand, sure: bool) -> Closure {
        let ground = (self.product, &self.ground);
        Closure::of(ground, hand, (self.others, sure), &|_| false)
    }

    /// Whether the account is seized, as the documentation of the module says.
    pub(super) fn is_seized(&self, stand: &Stand) -> bool {
        let spot = self.ground.spot(stand.node);
        spot.is_entered(stand.gained) || (stand.replaced && spot.is_replaced(stand.gained))
    }

    /// Whether the account can be seized with this in hand.
    pub fn seizes(&self, hand: Hand) -> bool {
        let ground = (self.product, &self.ground);
        let enough = |stand: &Stand| self.is_seized(stand);
        let closure = Closure::of(ground, hand, (self.others, false), &enough);
        closure.stands.last().is_some_and(enough)
    }
}
