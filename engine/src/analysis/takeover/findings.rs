//! Findings: what one factor alone can take over, at the transitions that let it happen.

use std::collections::{BTreeMap, BTreeSet};

use super::super::asker::Who;
use super::super::product::Product;
use super::attack::{Attack, By, Step};
use super::closure::{Closure, Edge, Stand};
use super::factor::{Factor, Hand};
use super::{Others, Takeover, With, codes};
use crate::diagnostic::{Diagnostic, Severity};
use crate::lifecycle::model::{Lifecycle, Transition};
use crate::name::{Name, TransitionName};

/// The most product states that findings look at, so that checking stays quick.
const LOOKED_AT: usize = 50_000;

/// What one factor alone can take over while everybody else waits, as findings.
pub fn findings(product: &Product<'_>) -> Vec<Diagnostic> {
    if product.graph().node_count() > LOOKED_AT {
        return not_looked_at(product).into_iter().collect();
    }
    let takeover = Takeover::new(product, Others::Wait);
    let mut found = Vec::new();
    let mut taking = Takings::default();
    for factor in 0..takeover.factors.all().len() {
        let closure = takeover.closure(Hand::of(factor), false);
        found.extend(takeover.one_factor(&closure));
        taking.add(&takeover, &closure);
    }
    let lifecycle = &product.model().bundle().lifecycle;
    found.extend(taking.silent(lifecycle));
    found.extend(taking.hasty(lifecycle));
    found
}

impl Takeover<'_, '_> {
    /// That one factor alone seizes an account, at each transition that lets it happen, with how.
    fn one_factor(&self, closure: &Closure) -> Vec<Diagnostic> {
        let doors = self.doors(closure);
        let found = doors.iter();
        found
            .filter_map(|(door, attack)| self.through(closure.hand, door, attack))
            .collect()
    }

    fn through(&self, hand: Hand, door: &TransitionName, attack: &Attack) -> Option<Diagnostic> {
        let factor = self.factors.in_hand(hand).next()?;
        let lifecycle = &self.product.model().bundle().lifecycle;
        let transition = lifecycle.transitions.get(door)?;
        let gained: Hand = attack.steps.iter().map(|step| step.gains).collect();
        let aim = self.aim(self.factors.owners().common(gained));
        let may = match attack.is_certain() {
            true => "is",
            false => "may be",
        };
        let says = format!("`{factor}` alone {may} enough to {aim}");
        let mut finding = Diagnostic::warning(codes::ONE_FACTOR, transition.span, says)
            .label(format!("`{door}` lets it happen"));
        for (number, step) in (1..).zip(&attack.steps) {
            finding = finding.help(format!("{number}. {}", self.told_of(step)));
        }
        Some(finding.help(match factor {
            Factor::Address(name) => {
                format!("demand a second proof that whoever holds `{name}` cannot give")
            }
            Factor::Owner(_) => "demand a proof of the address that is replaced".to_owned(),
            Factor::Asker { .. } => "demand the approval of somebody else".to_owned(),
        }))
    }

    /// What a seizure comes to that made somebody these kinds of owner: ``act as `root` ``.
    pub fn aim(&self, as_owner: Hand) -> String {
        let owners: Vec<String> = self
            .factors
            .in_hand(as_owner)
            .map(|owner| format!("`{owner}`"))
            .collect();
        match owners.is_empty() {
            true => "replace every address of an account".to_owned(),
            false => format!("act as {} of an account", owners.join(" and ")),
        }
    }

    /// One step in words: ``root_user.retrieve_password as any visitor with `old_email` by `email` ``.
    pub fn told_of(&self, step: &Step) -> String {
        let mut text = step.transition.to_string();
        if let Some(who) = &step.by {
            text.push_str(&format!(" as {who}"));
        }
        let proofs = step.proofs.iter().map(|proof| {
            let name = &proof.verification;
            match proof.with {
                With::Word => format!("`{name}` acknowledged"),
                With::OwnAddress => format!("`{name}` at an address of its own"),
                With::Factor(index) => match self.factors.get(index) {
                    Some(factor) => format!("`{name}` by `{factor}`"),
                    None => format!("`{name}`"),
                },
                With::Approver(id) => match self.who(id) {
                    Some(who) => format!("`{name}` by {who}"),
                    None => format!("`{name}`"),
                },
            }
        });
        let proofs: Vec<String> = proofs.collect();
        if !proofs.is_empty() {
            text.push_str(&format!(" with {}", proofs.join(", ")));
        }
        let gains: Vec<String> = self
            .factors
            .in_hand(step.gains)
            .map(|factor| format!("`{factor}`"))
            .collect();
        if !gains.is_empty() {
            text.push_str(&format!(": gains {}", gains.join(" and ")));
        }
        text
    }
}

fn not_looked_at(product: &Product<'_>) -> Option<Diagnostic> {
    let workflows = &product.model().bundle().lifecycle.workflows;
    let first = workflows.values().next()?;
    let says = "there are too many states to look at takeover while checking";
    let finding = Diagnostic::warning(codes::NOT_LOOKED_AT, first.span, says);
    Some(Diagnostic {
        severity: Severity::Info,
        ..finding.help("`stateward takeover` looks at all of them, and takes its time")
    })
}

/// The steps by which single factors take over others.
#[derive(Default)]
struct Takings {
    /// Of which nobody else is told: what is gained, and by whom, by transition.
    silent: BTreeMap<TransitionName, Silent>,
    /// By which somebody who has just become the owner replaces an address, and what gave that.
    hasty: BTreeMap<TransitionName, (Name, BTreeSet<TransitionName>)>,
}

/// Steps of one transition of which nobody else is told.
#[derive(Default)]
struct Silent {
    gained: BTreeSet<String>,
    by: BTreeSet<String>,
    /// The addresses that could be told.
    of_owner: BTreeSet<String>,
}

impl Takings {
    fn add(&mut self, takeover: &Takeover<'_, '_>, closure: &Closure) {
        let named = |hand: Hand| takeover.factors.in_hand(hand).map(ToString::to_string);
        let mut seen = BTreeSet::new();
        for edge in closure.edges.iter().filter(|edge| edge.is_own) {
            let Some(stands) = ends(closure, edge) else {
                continue;
            };
            let firing = takeover.product.graph().edge_weight(edge.edge);
            // Equal steps from states that are alike in what matters are looked at once.
            let usable = takeover.ground.spot(stands.0.node).usable;
            if stands.1.gained.within(stands.0.gained)
                || !seen.insert((firing, stands.0.gained, usable))
            {
                continue;
            }
            let Some(step) = takeover.step(closure, edge) else {
                continue;
            };
            if step.is_silent() {
                let silent = self.silent.entry(step.transition.clone()).or_default();
                silent.gained.extend(named(step.gains));
                silent.by.extend(named(closure.hand));
                silent.of_owner.extend(named(step.of_owner));
            }
            self.add_hasty(takeover, &step, stands.0.gained, usable);
        }
    }

    /// Notes a step by which an owner's address is replaced as the owner that it has only become.
    fn add_hasty(&mut self, takeover: &Takeover<'_, '_>, step: &Step, gained: Hand, usable: Hand) {
        let lifecycle = &takeover.product.model().bundle().lifecycle;
        let Some(By::One(Who::Owner { kind: owner })) = &step.by else {
            return;
        };
        let is_new = takeover
            .factors
            .in_hand(gained)
            .any(|it| *it == Factor::Owner(owner.clone()));
        if !is_new || !step.gains.meets(usable) {
            return;
        }
        let Some(declared) = lifecycle.transitions.get(&step.transition) else {
            return;
        };
        let granting = lifecycle.transitions.values();
        let granting = granting.filter(|it| it.grants.as_ref() == Some(owner));
        let at_once = granting.filter(|it| !waits_for(declared, &it.name));
        let at_once: BTreeSet<TransitionName> = at_once.map(|it| it.name.clone()).collect();
        if !at_once.is_empty() {
            self.hasty
                .insert(step.transition.clone(), (owner.clone(), at_once));
        }
    }

    fn silent<'l>(&'l self, lifecycle: &'l Lifecycle) -> impl Iterator<Item = Diagnostic> + 'l {
        self.silent.iter().filter_map(|(name, silent)| {
            let transition = lifecycle.transitions.get(name)?;
            let (by, gained) = (listed(&silent.by, "or"), listed(&silent.gained, "and"));
            let says = format!("whoever has {by} takes over {gained}, and nobody else is told");
            let told = listed(&silent.of_owner, "or");
            let finding = Diagnostic::warning(codes::TAKEN_IN_SILENCE, transition.span, says);
            Some(finding.help(format!(
                "send a notice to {told}: whoever reads it may notice that the change is not theirs"
            )))
        })
    }

    fn hasty<'l>(&'l self, lifecycle: &'l Lifecycle) -> impl Iterator<Item = Diagnostic> + 'l {
        self.hasty.iter().filter_map(|(name, (owner, granting))| {
            let transition = lifecycle.transitions.get(name)?;
            let says = format!("whoever has just become `{owner}` replaces an address at once");
            let mut finding = Diagnostic::warning(codes::NO_COOLDOWN, transition.span, says);
            for grant in granting {
                if let Some(declared) = lifecycle.transitions.get(grant) {
                    finding = finding.also(declared.span, format!("this makes somebody `{owner}`"));
                }
            }
            let waits = granting
                .iter()
                .map(|it| format!("{{ after: {it}, wait: 72h }}"));
            let waits: Vec<String> = waits.collect();
            Some(finding.help(format!(
                "let it wait until the owner can have noticed: `cooldown: [{}]`",
                waits.join(", ")
            )))
        })
    }
}

fn ends(closure: &Closure, edge: &Edge) -> Option<(Stand, Stand)> {
    let stand = |index: usize| closure.stands.get(index).copied();
    Some((stand(edge.from)?, stand(edge.to)?))
}

fn waits_for(transition: &Transition, after: &TransitionName) -> bool {
    transition.cooldown.iter().any(|it| it.after == *after)
}

/// `` `a`, `b` or `c` ``
fn listed(names: &BTreeSet<String>, word: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {word} {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}
