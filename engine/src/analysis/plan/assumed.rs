//! What a plan assumes of an account of which not everything is known.

use petgraph::graph::NodeIndex;

use super::Ways;
use super::search::Chosen;
use crate::analysis::{Held, Of, Product, Variable};

/// What of a beginning makes a difference to the way that leads on from it, in words of the language.
///
/// A variable matters if some other beginning that differs in it alone has another way, or none.
pub(super) fn assumed(product: &Product<'_>, start: NodeIndex, ways: &Ways) -> Vec<String> {
    let space = product.model().space();
    let here = product.state(start);
    let way = |node: &NodeIndex| signature(product, ways.get(node).and_then(Option::as_ref));
    let own = way(&start);
    let matters = |variable: &Variable| {
        let others = product.starts().iter().filter(|node| **node != start);
        let mut alike = others.filter(|node| {
            let there = product.state(**node);
            let differs = |other: &&Variable| space.held(other, here) != space.held(other, there);
            let mut differing = space.variables().iter().filter(differs);
            differing.next() == Some(variable) && differing.next().is_none()
        });
        alike.any(|node| way(node) != own)
    };
    let assumed = space.unpack(here).filter(|(variable, _)| matters(variable));
    assumed
        .map(|(variable, held)| words(variable, held))
        .collect()
}

/// The transitions of a way.
fn signature<C>(product: &Product<'_>, way: Option<&(C, Vec<Chosen>)>) -> Option<Vec<String>> {
    let (_, chosen) = way?;
    let name = |(edge, _): &Chosen| Some(product.firing_of(*edge)?.transition.to_string());
    chosen.iter().map(name).collect()
}

fn words(variable: &Variable, held: &Held) -> String {
    let name = match &variable.of {
        Of::Workflow(name) => format!("state.{name}"),
        Of::Attribute(name) => format!("account.{name}"),
    };
    match held {
        Held::State(state) => format!("{name} == \"{state}\""),
        Held::Value(value) => format!("{name} == \"{}\"", value.text()),
        Held::Unset => format!("!has({name})"),
        Held::Given | Held::New => format!("has({name})"),
    }
}
