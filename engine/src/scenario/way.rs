//! From what analysis found to a scenario: a way through the product as a draft.

use super::draft::{By, Deed, Draft, Start};
use crate::analysis::{Way, WayStep, Who};
use crate::bundle::Bundle;

impl Draft {
    /// A way that shows something, as far as it is known; what it leaves open is made up.
    pub fn of_way(about: &str, way: &Way, bundle: &Bundle) -> Self {
        Self {
            about: about.to_owned(),
            account: Start {
                attributes: way.attributes.clone(),
                states: way.states.clone(),
                ..Start::default()
            },
            steps: way.steps.iter().map(|step| deed(step, bundle)).collect(),
            ..Self::default()
        }
    }
}

fn deed(step: &WayStep, bundle: &Bundle) -> Deed {
    let declared = bundle.lifecycle.transitions.get(&step.transition);
    let choices = declared.into_iter().flat_map(|declared| &declared.verify);
    let mut chosen = choices
        .zip(&step.proofs)
        .filter(|(choice, _)| choice.any.len() > 1);
    Deed {
        by: step
            .askers
            .iter()
            .filter_map(|who| by(who, bundle))
            .collect(),
        prefer: chosen.next().map(|(_, proof)| proof.clone()),
        notes: step
            .provided
            .iter()
            .map(|it| format!("provided that {it}"))
            .collect(),
        ..Deed::new(step.transition.clone())
    }
}

/// Who does it; the owner of another account is nobody in particular.
fn by(who: &Who, bundle: &Bundle) -> Option<By> {
    match who {
        Who::Listed(name) => {
            let principal = bundle.principals.resolve(name.as_str()).ok()?;
            Some(By::Principal(Box::new(principal)))
        }
        Who::Owner { kind } => Some(By::Owner(kind.clone())),
        Who::OtherOwner { .. } => None,
    }
}
