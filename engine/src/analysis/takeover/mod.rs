//! Takeover: what somebody who controls a few factors of an account can make of them.
//!
//! A **factor** is something that proves to be somebody: an address that codes are sent to, what the
//! owner of an account logs on with, a principal of the operators ([`Factor`]). An attacker begins
//! with some of them in [`Hand`] and fires what it can: what one of its principals may ask for, where
//! every step of verification has a proof that it can give. Then it may have more of them. An address
//! that it sets itself is its own, and a transition that `grants:` a kind of owner lets it act as the
//! owner. It strikes in any state that an account can come to.
//!
//! An account is **seized** where the attacker has become its owner and can act so in a privileged
//! state; or where every address that a code can go to has become the attacker's, one of which was
//! the owner's. Having what the owner logs on with is no takeover by itself: it is what it is for.
//!
//! What is assumed:
//!
//! - Anyone can acknowledge a risk, be a principal of a kind that `anyone` can be, and bring inputs
//!   of its own, such as a number of its own for a code to go to.
//! - Time goes by, so what is timed happens, and cool-downs end.
//! - Others are passive, unless they are said to [assist](Others::Assist): then whatever they may
//!   ask for may happen at any moment, also what takes an address from the attacker again. They never
//!   give a proof for what the attacker asks.
//! - A principal that is listed stands for those who may ask for the same. The attacker has one of
//!   them, so it cannot approve what it asks for itself.
//!
//! As everywhere in analysis, what is not known goes both ways. So that something does not fall is a
//! proof, if the product is complete; that it falls is certain or has [provisos](Proviso).
//!
//! Sources: graphs of the ways into accounts as in Hammann, Radomirović, Sasse and Basin, "User
//! account access graphs" (CCS 2019); minimal sets of what has to be broken as in fault trees.

mod answer;
mod attack;
mod closure;
pub mod codes;
mod factor;
mod findings;
mod moves;
mod picture;
mod scope;
mod sets;
#[cfg(test)]
mod tests;

pub use answer::{Answer, Fall, Seizure};
pub use attack::{Attack, By, Proof, Proviso, Recipient, Step, Told, With};
pub use factor::{Factor, Factors, Hand};
pub use findings::findings;
pub use scope::Scope;

use self::closure::Ground;
use super::product::Product;

/// What everybody but the attacker does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Others {
    /// Nothing.
    #[default]
    Wait,
    /// Anything that they may, at any moment.
    Assist,
}

/// What can be taken over in a product, and how.
pub struct Takeover<'p, 'b> {
    product: &'p Product<'b>,
    factors: Factors,
    ground: Ground,
    others: Others,
}

impl<'p, 'b> Takeover<'p, 'b> {
    /// Prepares the questions for a product.
    pub fn new(product: &'p Product<'b>, others: Others) -> Self {
        let factors = Factors::of(product);
        let ground = Ground::new(product, &factors);
        Self {
            product,
            factors,
            ground,
            others,
        }
    }

    /// What there is to control.
    pub fn factors(&self) -> &Factors {
        &self.factors
    }

    /// The product.
    pub fn product(&self) -> &'p Product<'b> {
        self.product
    }
}
