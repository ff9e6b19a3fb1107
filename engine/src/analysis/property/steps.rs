//! Claims about steps: who makes them, and what they demand.

use petgraph::graph::{EdgeIndex, NodeIndex};
use petgraph::visit::EdgeRef;

use super::check::{At, Case, Worst};
use super::stated::{Proof, Step};
use super::truths::Truths;
use super::verdict::{Verdict, Wrong};
use super::ways::index;
use super::who::Who;
use crate::analysis::{AskerId, Firing};
use crate::expr::Truth;
use crate::name::Name;

/// The steps of a product that fit a description.
pub(super) struct Steps<'c, 'b> {
    case: &'c Case<'b>,
    /// By firing: whether it makes and sets what is described.
    made: Vec<bool>,
    enters: Option<Truths<'c>>,
    when: Option<Truths<'c>>,
}

impl<'c, 'b> Steps<'c, 'b> {
    pub(super) fn of(case: &'c Case<'b>, step: &'c Step) -> Self {
        let truths = |condition| Truths::of(&case.product, condition);
        let firings = case.product.firings();
        Self {
            case,
            made: firings.map(|(_, firing)| step.is_made_by(firing)).collect(),
            enters: step.enters.as_ref().map(truths),
            when: step.when.as_ref().map(truths),
        }
    }

    /// Whether the steps are made by none of these; by nobody at all, if nobody is named.
    pub(super) fn never(&self, by: Option<&Who>) -> Verdict {
        let mut worst = Worst::new(self.case);
        for (edge, fits) in self.all() {
            let Some(firing) = self.case.product.firing_of(edge) else {
                continue;
            };
            match by {
                None => worst.see(At::Edge(edge, None), fits == Truth::True, || Wrong::Step),
                Some(who) => self.see_those(&mut worst, edge, firing, &|asker| {
                    fits.and(self.is_meant(who, asker, firing))
                }),
            }
        }
        worst.verdict(|| Verdict::Holds(Vec::new()))
    }

    /// Whether the steps are made by these alone.
    pub(super) fn only(&self, who: &Who) -> Verdict {
        let mut worst = Worst::new(self.case);
        let mut is_idle = true;
        for (edge, fits) in self.all() {
            let Some(firing) = self.case.product.firing_of(edge) else {
                continue;
            };
            is_idle = false;
            self.see_those(&mut worst, edge, firing, &|asker| {
                fits.and(!self.is_meant(who, asker, firing))
            });
        }
        worst.verdict(|| {
            if is_idle {
                Verdict::Idle
            } else {
                Verdict::Holds(Vec::new())
            }
        })
    }

    /// Whether the steps demand a proof of each set.
    pub(super) fn require(&self, proofs: &[Proof], in_order: bool) -> Verdict {
        let mut worst = Worst::new(self.case);
        let mut is_idle = true;
        for (edge, fits) in self.all() {
            let Some(firing) = self.case.product.firing_of(edge) else {
                continue;
            };
            is_idle = false;
            if let Some(missing) = missing(firing, proofs, in_order) {
                let names = || Wrong::Unproved(missing.any.iter().cloned().collect());
                worst.see(At::Edge(edge, None), fits == Truth::True, names);
            }
        }
        worst.verdict(|| {
            if is_idle {
                Verdict::Idle
            } else {
                Verdict::Holds(Vec::new())
            }
        })
    }

    /// The edges that may fit.
    fn all(&self) -> impl Iterator<Item = (EdgeIndex, Truth)> {
        let edges = self.case.product.graph().edge_references();
        let made = edges.filter(|edge| self.made.get(index(*edge.weight())) == Some(&true));
        made.map(|edge| (edge.id(), self.fits(edge.source(), edge.target())))
            .filter(|(_, fits)| *fits != Truth::False)
    }

    fn fits(&self, from: NodeIndex, to: NodeIndex) -> Truth {
        let when = self
            .when
            .as_ref()
            .map_or(Truth::True, |it| it.at_node(from));
        let enters = self
            .enters
            .as_ref()
            .map_or(Truth::True, |it| (!it.at_node(from)).and(it.at_node(to)));
        when.and(enters)
    }

    /// Whether somebody who makes a firing is one of these; nobody makes what time does.
    fn is_meant(&self, who: &Who, asker: Option<AskerId>, firing: &Firing) -> Truth {
        match asker {
            None => Truth::from(who.time),
            Some(asker) => who.is(self.case.product.model(), asker, firing),
        }
    }

    /// Looks at those by whom a step must not be made.
    fn see_those(
        &self,
        worst: &mut Worst<'_, '_>,
        edge: EdgeIndex,
        firing: &Firing,
        is_wrong: &dyn Fn(Option<AskerId>) -> Truth,
    ) {
        if firing.askers.is_empty() {
            let wrong = is_wrong(None);
            if wrong != Truth::False {
                worst.see(At::Edge(edge, None), wrong == Truth::True, || Wrong::Step);
            }
        }
        for (asker, may) in &firing.askers {
            let wrong = may.and(is_wrong(Some(*asker)));
            if wrong != Truth::False {
                let at = At::Edge(edge, Some(*asker));
                worst.see(at, wrong == Truth::True, || Wrong::Step);
            }
        }
    }
}

impl Step {
    /// Whether a firing makes one of the transitions and sets one of the attributes.
    fn is_made_by(&self, firing: &Firing) -> bool {
        let does = self.does.as_ref();
        let is_done = does.is_none_or(|does| firing.transitions().any(|it| does.contains(it)));
        let changes = &self.changes;
        is_done && (changes.is_empty() || firing.sets.iter().any(|it| changes.contains(it)))
    }
}

/// The first set of which a firing demands no proof.
fn missing<'p>(firing: &Firing, proofs: &'p [Proof], in_order: bool) -> Option<&'p Proof> {
    let demands = |step: &Vec<(Name, Truth)>, proof: &Proof| {
        !step.is_empty() && step.iter().all(|(name, _)| proof.any.contains(name))
    };
    let mut rest = firing.proofs.as_slice();
    proofs.iter().find(|proof| {
        let at = rest.iter().position(|step| demands(step, proof));
        if let (true, Some(at)) = (in_order, at) {
            rest = rest.get(at.saturating_add(1)..).unwrap_or_default();
        }
        at.is_none()
    })
}
