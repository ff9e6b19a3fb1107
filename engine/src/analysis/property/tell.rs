//! What became of properties, in words: a finding for each that does not hold, with the way on which
//! it breaks.

use super::codes;
use super::stated::{Claim, Property};
use super::verdict::{Checked, Counterexample, Verdict, Wrong};
use crate::analysis::{Product, Way};
use crate::diagnostic::{Diagnostic, Severity};
use crate::lifecycle::model::{Transition, Trigger};
use crate::name::Name;

impl Checked<'_, '_> {
    /// What was found; nothing, where the property holds.
    pub fn finding(&self) -> Option<Diagnostic> {
        let property = self.property;
        let at = property.claim_span;
        let name = &property.name;
        let (code, says, way) = match &self.verdict {
            Verdict::Holds(_) => return None,
            Verdict::Fails(way) => (codes::BROKEN, "this does not hold", Some(way)),
            Verdict::MayFail(way) => (codes::DOUBTFUL, "this may not hold", Some(way)),
            Verdict::Idle => (codes::IDLE, "this is about nothing that ever happens", None),
            Verdict::Undecided(_) => (codes::UNDECIDED, "this is not decided", None),
        };
        let mut finding = Diagnostic::error(code, at, format!("{says}: {name}"));
        match (&self.verdict, way, &self.product) {
            (Verdict::Idle, ..) => {
                finding.severity = Severity::Warning;
                finding = finding.label(idle(&property.claim));
            }
            (Verdict::Undecided(why), ..) => finding = finding.label(why.clone()),
            (_, Some(way), Some(product)) => {
                finding = finding.label(way.wrong(property));
                if let Some(last) = way.last(product) {
                    finding = finding.also(last.span, last_step(property, last));
                }
                finding.help.extend(self.way().map(|way| way.told()));
            }
            _ => {}
        }
        if let Some(because) = &property.because {
            finding = finding.help(format!("it is to hold because {because}"));
        }
        Some(finding)
    }

    /// The way on which it breaks, if it does.
    pub fn way(&self) -> Option<Way> {
        let (Verdict::Fails(found) | Verdict::MayFail(found)) = &self.verdict else {
            return None;
        };
        let product = self.product.as_ref()?;
        let reads = self.property.reads(&product.model().bundle().lifecycle);
        Some(Way::new(product, &found.path, found.by, &reads))
    }
}

/// What is missing for a property to be about something.
fn idle(claim: &Claim) -> &'static str {
    match claim {
        Claim::LeadsTo(_) => "no account ever comes to where `from` holds",
        _ => "no step is ever such a one",
    }
}

/// What is to be seen of a way's last step where it is declared.
fn last_step(property: &Property, last: &Transition) -> String {
    match (&property.claim, &last.trigger) {
        (Claim::Only { .. }, Trigger::Request { caller, .. }) => match caller {
            Some(caller) => format!("the last step, which admits `{caller}`"),
            None => "the last step, which admits whomever policies allow".to_owned(),
        },
        _ => "the last step".to_owned(),
    }
}

impl Counterexample {
    /// What is made in the last step.
    fn last<'b>(&self, product: &Product<'b>) -> Option<&'b Transition> {
        let firing = product.firing(self.path.steps.last()?.firing)?;
        let declared = &product.model().bundle().lifecycle.transitions;
        declared.get(&firing.transition).map(AsRef::as_ref)
    }

    /// What is wrong at the end, in words.
    fn wrong(&self, property: &Property) -> String {
        let when = match self.path.steps.len() {
            0 => "from the start",
            _ => "after the last step",
        };
        let truth = match &property.claim {
            Claim::Never(_) => "true",
            _ => "false",
        };
        match &self.wrong {
            Wrong::State => format!("{truth} {when}"),
            Wrong::StatePerhaps => format!("perhaps {truth} {when}"),
            Wrong::Step if matches!(property.claim, Claim::Only { .. }) => {
                "the last step is open to others".to_owned()
            }
            Wrong::Step => "the last step is such a one".to_owned(),
            Wrong::Unproved(names) => {
                let place = match &property.claim {
                    Claim::Requires { in_order: true, .. } => " in this place",
                    _ => "",
                };
                format!(
                    "the last step does not always demand {}{place}",
                    any_of(names)
                )
            }
            Wrong::Stuck => format!("there is no way on {when}"),
            Wrong::StuckPerhaps => {
                format!("whether there is a way on {when} depends on what is not known")
            }
        }
    }
}

fn any_of(names: &[Name]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(" or ")
}
