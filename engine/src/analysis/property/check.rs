//! Checking properties: each over the product of the accounts that it is stated for.
//!
//! The product holds every behaviour and perhaps more. So what is nowhere in it never happens, and
//! `always`, `never`, `only` and `requires` are proved by looking at all of it; a way to where they
//! break shows that they do if it leaves nothing open, and that they may if it does. With `leads_to`
//! it is the other way round: a way on counts only where it leaves nothing open but what requesters
//! can bring.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::rc::Rc;

use petgraph::graph::{EdgeIndex, NodeIndex};

use super::examples::examples;
use super::stated::{Claim, Properties, Property};
use super::steps::Steps;
use super::truths::Truths;
use super::verdict::{Checked, Counterexample, Verdict, Wrong};
use super::ways::{Cost, Ways};
use crate::analysis::{
    AskerId, Limits, Model, ModelError, Path, Product, Profile, Progress, Tracking, explore,
};
use crate::bundle::Bundle;
use crate::expr::{Expression, Truth};
use crate::lifecycle::model::Attribute;
use crate::name::{Name, TransitionName};

/// Why a product that was not explored to its end proves nothing.
pub(super) const TOO_MANY: &str = "there are more product states than may be explored";

/// How far accounts are explored that serve as examples.
const EXAMPLE: Limits = Limits {
    states: 1 << 15,
    edges: 1 << 19,
};

/// What becomes of each property. Properties of the same accounts are checked over one product.
pub fn check<'b, 'p>(
    bundle: &'b Bundle,
    properties: &'p Properties,
    limits: &Limits,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Vec<Checked<'b, 'p>> {
    let mut cases: Vec<Rc<Case<'b>>> = Vec::new();
    let mut checked = Vec::with_capacity(properties.properties.len());
    for property in &properties.properties {
        let tracked = property.reads(&bundle.lifecycle);
        let is_same = |case: &&Rc<Case<'_>>| {
            *case.product.model().profile() == property.given && tracked.is_subset(&case.tracked)
        };
        let case = match cases.iter().find(is_same) {
            Some(case) => Ok(case.clone()),
            None => Case::new(
                bundle,
                property.given.clone(),
                tracked,
                limits,
                None,
                progress,
            ),
        };
        checked.push(match case {
            Ok(case) => {
                cases.push(case.clone());
                case.checked(property)
            }
            Err(error) => Checked {
                property,
                verdict: Verdict::Undecided(error.to_string()),
                product: None,
            },
        });
    }
    checked
}

/// The accounts that a property is stated for, and where they can come to.
pub(super) struct Case<'b> {
    pub(super) product: Rc<Product<'b>>,
    /// The attributes that conditions on it may read.
    tracked: BTreeSet<Name>,
    ways: OnceCell<Ways>,
}

/// Where a claim breaks.
#[derive(Clone, Copy)]
pub(super) enum At {
    /// In a product state.
    Node(NodeIndex),
    /// By a step.
    Edge(EdgeIndex, Option<AskerId>),
}

/// The likeliest place where a claim breaks, of those that were looked at.
pub(super) struct Worst<'c, 'b> {
    case: &'c Case<'b>,
    found: Option<(Cost, At, Wrong)>,
}

impl<'c, 'b> Worst<'c, 'b> {
    pub(super) fn new(case: &'c Case<'b>) -> Self {
        Self { case, found: None }
    }

    /// A place where it breaks: for certain if `sure` and the way there is.
    pub(super) fn see(&mut self, at: At, sure: bool, wrong: impl FnOnce() -> Wrong) {
        let (ways, product) = (self.case.ways(), &self.case.product);
        let cost = match at {
            At::Node(node) => ways.cost(node),
            At::Edge(edge, _) => ways.cost_through(product, edge),
        };
        let Some((open, steps)) = cost else {
            return;
        };
        let cost = (open.saturating_add(u32::from(!sure)), steps);
        if self
            .found
            .as_ref()
            .is_none_or(|(known, _, _)| cost < *known)
        {
            self.found = Some((cost, at, wrong()));
        }
    }

    /// The verdict; what it is where the claim breaks nowhere follows from `otherwise`.
    pub(super) fn verdict(self, otherwise: impl FnOnce() -> Verdict) -> Verdict {
        let (ways, product) = (self.case.ways.get(), &self.case.product);
        let found = self.found.and_then(|(cost, at, wrong)| {
            let ways = ways?;
            let (path, by) = match at {
                At::Node(node) => (ways.to(product, node), None),
                At::Edge(edge, by) => (ways.through(product, edge)?, by),
            };
            Some((cost.0 == 0, Counterexample { path, by, wrong }))
        });
        match found {
            Some((true, way)) => Verdict::Fails(way),
            Some((false, way)) => Verdict::MayFail(way),
            None if product.is_complete() => otherwise(),
            None => Verdict::Undecided(TOO_MANY.to_owned()),
        }
    }
}

impl<'b> Case<'b> {
    fn new(
        bundle: &'b Bundle,
        profile: Profile,
        mut tracked: BTreeSet<Name>,
        limits: &Limits,
        only: Option<&BTreeSet<TransitionName>>,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Rc<Self>, ModelError> {
        let mut model = Model::new(bundle, profile.clone(), &Tracking::nothing())?;
        let attributes = &bundle.lifecycle.attributes;
        let is_missing = |name: &&Name| {
            let slot = attributes.get(*name).map(|attribute| attribute.slot);
            let variable = slot.and_then(|slot| model.space().of_slot(slot));
            variable.is_none()
        };
        let changes: BTreeSet<Name> = tracked.iter().filter(is_missing).cloned().collect();
        if !changes.is_empty() {
            let wanted = Vec::new();
            model = Model::new(bundle, profile, &Tracking { changes, wanted })?;
        }
        let is_told_apart = |attribute: &Attribute| model.space().of_slot(attribute.slot).is_some();
        let told_apart = attributes.iter().filter(|(_, it)| is_told_apart(it));
        tracked.extend(told_apart.map(|(name, _)| name.clone()));
        if let Some(transitions) = only {
            model.limit_to(transitions);
        }
        Ok(Rc::new(Self {
            product: Rc::new(explore(model, limits, progress)),
            tracked,
            ways: OnceCell::new(),
        }))
    }

    /// What becomes of a property. Where it may break, examples tell whether it does.
    fn checked<'p>(&self, property: &'p Property) -> Checked<'b, 'p> {
        let checked = |case: &Self, verdict| Checked {
            property,
            verdict,
            product: Some(case.product.clone()),
        };
        let verdict = self.verdict(&property.claim);
        let Verdict::MayFail(way) = &verdict else {
            return checked(self, verdict);
        };
        let bundle = self.product.model().bundle();
        let examples = examples(bundle, &property.given);
        for only in self.searches(&property.claim, &way.path) {
            let cases = examples.iter().filter_map(|profile| {
                let (profile, tracked) = (profile.clone(), self.tracked.clone());
                let go_on = &mut |_| ControlFlow::Continue(());
                Self::new(bundle, profile, tracked, &EXAMPLE, only.as_ref(), go_on).ok()
            });
            for case in cases {
                let verdict = case.verdict(&property.claim);
                if let Verdict::Fails(_) = verdict {
                    return checked(&case, verdict);
                }
            }
        }
        checked(self, verdict)
    }

    /// What is made in examples: first nothing but what the way is made of on which a claim may break,
    /// which is soon looked at and mostly enough, then anything. That there is no way on is shown only
    /// by looking at all.
    fn searches(&self, claim: &Claim, way: &Path) -> Vec<Option<BTreeSet<TransitionName>>> {
        let firings = way
            .steps
            .iter()
            .map(|step| self.product.firing(step.firing));
        let made = firings.flatten().map(|firing| firing.transition.clone());
        match claim {
            Claim::LeadsTo(_) => vec![None],
            _ => vec![Some(made.collect()), None],
        }
    }

    pub(super) fn ways(&self) -> &Ways {
        self.ways.get_or_init(|| Ways::new(&self.product))
    }

    fn verdict(&self, claim: &Claim) -> Verdict {
        match claim {
            Claim::Always(condition) => self.everywhere(condition, Truth::True),
            Claim::Never(condition) => self.everywhere(condition, Truth::False),
            Claim::NeverDone { step, by } => Steps::of(self, step).never(by.as_ref()),
            Claim::Only { step, who } => Steps::of(self, step).only(who),
            Claim::Requires {
                step,
                proofs,
                in_order,
            } => Steps::of(self, step).require(proofs, *in_order),
            Claim::LeadsTo(way) => self.leads_to(way),
        }
    }

    /// Whether a condition comes to one truth in every product state.
    fn everywhere(&self, condition: &Expression, wanted: Truth) -> Verdict {
        let truths = Truths::of(&self.product, condition);
        let mut worst = Worst::new(self);
        for node in self.product.nodes() {
            let truth = truths.at_node(node);
            if truth != wanted {
                let sure = truth != Truth::Unknown;
                let wrong = if sure {
                    Wrong::State
                } else {
                    Wrong::StatePerhaps
                };
                worst.see(At::Node(node), sure, || wrong);
            }
        }
        worst.verdict(|| Verdict::Holds(Vec::new()))
    }
}
