//! Properties that were read and checked: what is claimed, and about which accounts.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::who::Who;
use crate::analysis::Profile;
use crate::expr::Expression;
use crate::lifecycle::model::Lifecycle;
use crate::name::{Name, TransitionName};
use crate::source::{FileId, Span};

/// A checked file of properties.
#[derive(Debug)]
pub struct Properties {
    /// The file.
    pub file: FileId,
    /// Its properties.
    pub properties: Vec<Property>,
}

/// Something that must hold of every account that follows the lifecycle.
#[derive(Debug)]
pub struct Property {
    /// What it says.
    pub name: Arc<str>,
    /// Why it must hold.
    pub because: Option<Arc<str>>,
    /// The accounts that it is stated for.
    pub given: Profile,
    /// What it claims.
    pub claim: Claim,
    /// Where its name is written.
    pub span: Span,
    /// Where its claim is written.
    pub claim_span: Span,
}

/// What a property claims.
#[derive(Debug)]
pub enum Claim {
    /// It holds in every state that an account can come to.
    Always(Expression),
    /// It holds in none.
    Never(Expression),
    /// The step is not made by these; by nobody, if nobody is named.
    NeverDone {
        /// The step.
        step: Step,
        /// Those who do not make it.
        by: Option<Who>,
    },
    /// From every state where `from` holds, a way leads to one where `to` holds.
    LeadsTo(LeadsTo),
    /// The step demands proofs, one of each set.
    Requires {
        /// The step.
        step: Step,
        /// The sets of verifications.
        proofs: Vec<Proof>,
        /// Whether they are demanded in this order.
        in_order: bool,
    },
    /// The step is made by these alone.
    Only {
        /// The step.
        step: Step,
        /// Those who make it.
        who: Who,
    },
}

/// From wherever one thing holds, another can be brought about.
#[derive(Debug)]
pub struct LeadsTo {
    /// Where the way begins.
    pub from: Expression,
    /// Where it ends.
    pub to: Expression,
    /// Whose steps it is made of; anybody's, if nobody is named.
    pub by: Option<Who>,
    /// Transitions that it does without.
    pub without: BTreeSet<TransitionName>,
}

/// A description of steps. Whatever it does not say is left open.
#[derive(Debug, Default)]
pub struct Step {
    /// One of these transitions is made, or triggered.
    pub does: Option<BTreeSet<TransitionName>>,
    /// One of these attributes is set.
    pub changes: BTreeSet<Name>,
    /// This holds after the step and not before.
    pub enters: Option<Expression>,
    /// This holds before the step.
    pub when: Option<Expression>,
}

/// Verifications of which one is always demanded.
#[derive(Debug)]
pub struct Proof {
    /// The verifications.
    pub any: BTreeSet<Name>,
    /// Where they are written.
    pub span: Span,
}

impl Property {
    /// The attributes that its claim reads, by their names.
    pub(super) fn reads(&self, lifecycle: &Lifecycle) -> BTreeSet<Name> {
        let slots = self.expressions().into_iter().flat_map(Expression::reads);
        let slots: BTreeSet<_> = slots.copied().collect();
        let attributes = lifecycle.attributes.iter();
        attributes
            .filter(|(_, attribute)| slots.contains(&attribute.slot))
            .map(|(name, _)| name.clone())
            .collect()
    }

    fn expressions(&self) -> Vec<&Expression> {
        match &self.claim {
            Claim::Always(it) | Claim::Never(it) => vec![it],
            Claim::LeadsTo(way) => vec![&way.from, &way.to],
            Claim::NeverDone { step, .. }
            | Claim::Requires { step, .. }
            | Claim::Only { step, .. } => step.enters.iter().chain(&step.when).collect(),
        }
    }
}
