//! The picture of what falls: factors, and the steps by which one gives another.

use super::Takeover;
use super::answer::Answer;
use super::attack::{Attack, By, Step, With};
use super::factor::{Factor, Hand};
use crate::analysis::picture::{Cluster, Edge, Emphasis, Kind, Meanings, Node, Picture};

impl Takeover<'_, '_> {
    /// What falls by some answers: factors as nodes, and an edge from what a step took to what it
    /// gave. Where it is about one answer, what is in hand at its start is marked.
    pub fn picture(&self, answers: &[Answer]) -> Picture {
        let mut cluster = Cluster::new("factors");
        for answer in answers {
            let seizure = answer
                .seizure
                .iter()
                .map(|it| (&it.attack, Emphasis::Strong));
            let falls = answer.falls.iter().map(|it| (&it.attack, Emphasis::Plain));
            for (attack, emphasis) in seizure.chain(falls) {
                self.draw(attack, answer.hand, emphasis, &mut cluster.edges);
            }
        }
        let in_hand = match answers {
            [one] => one.hand,
            _ => Hand::default(),
        };
        let drawn = |(index, factor): &(usize, &Factor)| {
            let name = factor.to_string();
            let mut edges = cluster.edges.iter();
            Hand::of(*index).meets(in_hand) || edges.any(|it| it.from == name || it.to == name)
        };
        let factors = self.factors.all().iter().enumerate();
        let node = |(index, factor): (usize, &Factor)| Node {
            about: about(factor),
            privileged: matches!(factor, Factor::Owner(_)),
            current: Hand::of(index).meets(in_hand),
            ..Node::new(factor.to_string())
        };
        cluster.nodes = factors.filter(drawn).map(node).collect();
        let lifecycle = &self.product.model().bundle().lifecycle.name;
        Picture {
            clusters: vec![cluster],
            meanings: Meanings {
                current: "in hand".to_owned(),
                privileged: "what the owner logs on with".to_owned(),
                strong: "a step that seizes an account".to_owned(),
            },
            ..Picture::new(format!("What falls of a {lifecycle}"))
        }
    }

    fn draw(&self, attack: &Attack, hand: Hand, emphasis: Emphasis, edges: &mut Vec<Edge>) {
        for step in attack.steps.iter().filter(|step| !step.gains.is_empty()) {
            let taken = self.taken(step);
            let taken = if taken.is_empty() { hand } else { taken };
            for from in self.factors.in_hand(taken) {
                for to in self.factors.in_hand(step.gains) {
                    let edge = self.edge(step, from, to, emphasis);
                    let same = |it: &&mut Edge| {
                        (&it.from, &it.to, &it.name) == (&edge.from, &edge.to, &edge.name)
                    };
                    match edges.iter_mut().find(same) {
                        Some(known) => known.emphasis = known.emphasis.min(emphasis),
                        None => edges.push(edge),
                    }
                }
            }
        }
    }

    /// What a step took: what it proved something with or, where that is nothing, whoever asked.
    fn taken(&self, step: &Step) -> Hand {
        let proved = step.proofs.iter().filter_map(|proof| match proof.with {
            With::Factor(index) => Some(index),
            With::Approver(id) => self.factors.find(&self.who(id)?.to_string()),
            With::Word | With::OwnAddress => None,
        });
        let proved: Hand = proved.collect();
        if !proved.is_empty() {
            return proved;
        }
        let asker = step.by.as_ref().and_then(|by| self.factor_of(by));
        asker.into_iter().collect()
    }

    fn factor_of(&self, by: &By) -> Option<usize> {
        use crate::analysis::Who;
        match by {
            By::Any(_) => None,
            By::One(Who::Owner { kind }) => self.factors.find(kind.as_str()),
            By::One(who) => self.factors.find(&who.to_string()),
        }
    }

    fn edge(&self, step: &Step, from: &Factor, to: &Factor, emphasis: Emphasis) -> Edge {
        let by = step.by.as_ref();
        let asker = by.and_then(|by| self.factors.get(self.factor_of(by)?));
        let who = match asker {
            Some(asker) if asker == from => None,
            Some(asker) => Some(asker.to_string()),
            None => by.map(ToString::to_string),
        };
        let proved = step.proofs.iter().filter(|it| it.with != With::OwnAddress);
        Edge {
            who,
            proofs: proved.map(|it| vec![it.verification.to_string()]).collect(),
            emphasis,
            ..Edge::new(
                from.to_string(),
                to.to_string(),
                step.transition.to_string(),
                Kind::Requested,
            )
        }
    }
}

fn about(factor: &Factor) -> Option<String> {
    match factor {
        Factor::Asker { alike, .. } if !alike.is_empty() => {
            let alike: Vec<String> = alike.iter().map(ToString::to_string).collect();
            Some(format!("or {}", alike.join(", ")))
        }
        Factor::Address(_) | Factor::Owner(_) | Factor::Asker { .. } => None,
    }
}
