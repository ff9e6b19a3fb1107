//! Scenarios that together make every transition of a lifecycle, so that whoever writes one has tests
//! of it at once.
//!
//! The product of all workflows says which transitions may come after which. From where accounts begin,
//! the nearest transition that was not made yet is sought, again and again; each way is played before
//! it is kept, since what the product leaves open decides at last whether it can be gone.

mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use petgraph::graph::{EdgeIndex, NodeIndex};

use super::draft::{By, Deed, Draft, Drafted, Start};
use super::play::PlayError;
use crate::account::Account;
use crate::analysis::{
    Firing, Held, Limits, Model, ModelError, Of, Product, Profile, Progress, Tracking, Who, explore,
};
use crate::bundle::Bundle;
use crate::lifecycle::model::Lifecycle;
use crate::name::TransitionName;
use walk::Walk;

/// Most transitions that one scenario asks for.
const DEEDS_MAX: usize = 12;
/// Most ways that are tried to make one transition.
const TRIES_MAX: usize = 24;

/// Scenarios that together make every transition, as far as that is possible.
#[derive(Debug)]
pub struct Suite {
    /// The scenarios.
    pub scenarios: Vec<Generated>,
    /// The transitions that none of them makes, each with the reason.
    pub missing: BTreeMap<TransitionName, String>,
}

/// A scenario that was generated.
#[derive(Debug)]
pub struct Generated {
    /// The name of its file.
    pub name: String,
    /// The transitions that no scenario before it makes.
    pub covers: Vec<TransitionName>,
    /// The scenario.
    pub drafted: Drafted,
}

/// Why nothing can be generated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError {
    /// The lifecycle cannot be unfolded.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The engine cannot answer.
    #[error(transparent)]
    Play(#[from] PlayError),
}

/// Scenarios for every transition of a lifecycle; the same at every call.
///
/// `progress` is told how far the lifecycle was unfolded, and may end that; what was found by then is
/// covered.
///
/// # Errors
/// When the lifecycle cannot be unfolded, or the engine cannot answer at all.
pub fn generate(
    bundle: &Arc<Bundle>,
    limits: &Limits,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Suite, GenerateError> {
    let model = Model::new(bundle, Profile::default(), &Tracking::nothing())?;
    let product = explore(model, limits, progress);
    let mut covering = Covering {
        bundle,
        walk: Walk::new(&product),
        product: &product,
        left: bundle.lifecycle.transitions.keys().cloned().collect(),
        failures: BTreeMap::new(),
    };
    let mut scenarios = Vec::new();
    while let Some(scenario) = covering.scenario(scenarios.len() + 1)? {
        scenarios.push(scenario);
    }
    let missing = covering.missing();
    Ok(Suite { scenarios, missing })
}

/// What is covered, and what was tried in vain.
struct Covering<'p, 'b> {
    bundle: &'p Arc<Bundle>,
    product: &'p Product<'b>,
    walk: Walk<'p, 'b>,
    /// The transitions that were not made yet.
    left: BTreeSet<TransitionName>,
    /// How often one was tried in vain, and why it was the last time.
    failures: BTreeMap<TransitionName, (usize, String)>,
}

/// A scenario on its way.
struct Trail {
    start: NodeIndex,
    edges: Vec<EdgeIndex>,
}

impl Covering<'_, '_> {
    /// A scenario that makes transitions which were not made yet, if there is another one.
    fn scenario(&mut self, number: usize) -> Result<Option<Generated>, GenerateError> {
        let mut trail: Option<Trail> = None;
        let mut covers = Vec::new();
        loop {
            let from: Vec<NodeIndex> = match &trail {
                None => self.product.starts().to_vec(),
                Some(trail) => vec![self.walk.end(trail.start, &trail.edges)],
            };
            let before = trail.as_ref().map_or(&[][..], |trail| &trail.edges);
            let room = DEEDS_MAX.saturating_sub(before.len());
            let wanted = |firing: &Firing| self.is_wanted(firing);
            let Some((from, way)) = self.walk.nearest(&from, room, &wanted) else {
                break;
            };
            let start = trail.as_ref().map_or(from, |trail| trail.start);
            let edges: Vec<EdgeIndex> = before.iter().chain(&way).copied().collect();
            let drafted = self.draft(start, &edges, &covers).write(self.bundle)?;
            if let Some(why) = self.differs(start, &edges, &drafted) {
                self.gone_in_vain(&way, why);
                continue;
            }
            let new = drafted.made.iter().filter(|made| self.left.contains(*made));
            let new: BTreeSet<TransitionName> = new.cloned().collect();
            self.left.retain(|left| !new.contains(left));
            covers.extend(new);
            trail = Some(Trail { start, edges });
        }
        let Some(trail) = trail else {
            return Ok(None);
        };
        // Once more, now that it is known what it covers.
        let draft = self.draft(trail.start, &trail.edges, &covers);
        let first = covers.first().map_or_else(String::new, ToString::to_string);
        Ok(Some(Generated {
            name: format!("{number:02}_{}.yaml", first.replace('.', "_")),
            drafted: draft.write(self.bundle)?,
            covers,
        }))
    }

    /// Whether a firing makes a transition that was not made yet, and for which there is hope.
    fn is_wanted(&self, firing: &Firing) -> bool {
        let hope = |name: &TransitionName| {
            let tried = self.failures.get(name).map_or(0, |(tries, _)| *tries);
            self.left.contains(name) && tried < TRIES_MAX
        };
        firing.transitions().any(hope)
    }

    /// The way from a start over edges, as a draft.
    fn draft(&self, start: NodeIndex, edges: &[EdgeIndex], covers: &[TransitionName]) -> Draft {
        let mut told: BTreeSet<&TransitionName> = BTreeSet::new();
        let firings = edges
            .iter()
            .filter_map(|edge| self.product.firing_of(*edge));
        let steps = firings.map(|firing| {
            let mut deed = Deed::new(firing.transition.clone());
            deed.by = self.askers(firing);
            let new: Vec<String> = firing
                .transitions()
                .filter(|made| covers.contains(made) && told.insert(made))
                .map(ToString::to_string)
                .collect();
            if !new.is_empty() {
                deed.notes.push(format!("Covers {}.", new.join(", ")));
            }
            deed
        });
        let steps = steps.collect();
        Draft {
            about: format!("Makes {}.", counted(covers.len())),
            heading: vec!["Generated by `stateward simulate --generate`.".to_owned()],
            now: None,
            account: self.start(start),
            steps,
        }
    }

    /// Who may ask for a firing.
    fn askers(&self, firing: &Firing) -> Vec<By> {
        let model = self.product.model();
        let askers = firing.askers.iter();
        let known = askers.filter_map(|(id, _)| {
            let asker = model.asker(*id)?;
            Some(match &asker.who {
                Who::Owner { kind } => By::Owner(kind.clone()),
                Who::Listed(_) | Who::OtherOwner { .. } => {
                    By::Principal(Box::new(asker.principal.clone()))
                }
            })
        });
        known.chain([By::Anybody]).collect()
    }

    /// The account that a path begins with.
    fn start(&self, node: NodeIndex) -> Start {
        let mut start = Start::default();
        let lifecycle = &self.bundle.lifecycle;
        let state = self.product.state(node);
        for (variable, held) in self.product.model().space().unpack(state) {
            match (&variable.of, held) {
                (Of::Workflow(name), Held::State(state)) => {
                    let declared = lifecycle.workflows.get(name);
                    if declared.is_none_or(|it| it.initial != *state) {
                        start.states.insert(name.clone(), state.clone());
                    }
                }
                (Of::Attribute(name), Held::Value(value)) => {
                    start.attributes.insert(name.clone(), Some(value.clone()));
                }
                (Of::Attribute(name), Held::Unset) => {
                    start.attributes.insert(name.clone(), None);
                }
                (Of::Attribute(name), Held::Given | Held::New) => {
                    start.has.insert(name.clone());
                }
                _ => {}
            }
        }
        start
    }

    /// Why a draft is not the path that it was made of, if it is not.
    fn differs(&self, start: NodeIndex, edges: &[EdgeIndex], drafted: &Drafted) -> Option<String> {
        if let Some(why) = &drafted.stuck {
            return Some(why.clone());
        }
        let end = self.product.state(self.walk.end(start, edges));
        let space = self.product.model().space();
        let account = drafted.account.as_ref()?;
        let differs = |lifecycle: &Lifecycle, account: &Account| {
            let mut workflows = lifecycle.workflows.keys();
            workflows.any(|name| account.state(name) != space.state(name, end))
        };
        differs(&self.bundle.lifecycle, account)
            .then(|| "something else was triggered with it".to_owned())
    }

    /// Notes that a way could not be gone: its last step is not tried from there again.
    fn gone_in_vain(&mut self, way: &[EdgeIndex], why: String) {
        let Some(last) = way.last() else {
            return;
        };
        self.walk.avoid(*last);
        let Some(firing) = self.product.firing_of(*last) else {
            return;
        };
        for name in firing.transitions().filter(|it| self.left.contains(*it)) {
            let failure = self.failures.entry(name.clone()).or_default();
            failure.0 += 1;
            failure.1.clone_from(&why);
        }
    }

    /// The transitions that no scenario makes, each with the reason.
    fn missing(self) -> BTreeMap<TransitionName, String> {
        let (product, failures) = (self.product, self.failures);
        let reason = |name: &TransitionName| {
            if let Some((_, why)) = failures.get(name) {
                return why.clone();
            }
            let may = product
                .firings()
                .any(|(_, it)| it.transitions().any(|made| made == name));
            let says = match (may, product.is_complete()) {
                (true, _) => "the way there is longer than a scenario may be",
                (false, true) => "no account comes to where it can be made",
                (false, false) => "the lifecycle is too large to be unfolded as a whole",
            };
            says.to_owned()
        };
        let left = self.left.into_iter();
        left.map(|name| {
            let why = reason(&name);
            (name, why)
        })
        .collect()
    }
}

fn counted(transitions: usize) -> String {
    match transitions {
        1 => "1 transition".to_owned(),
        many => format!("{many} transitions"),
    }
}
