//! What there is to know of the language of policies, from the tables that it is read with.

use super::script;
use super::script::lists::FUNCTIONS;
use super::script::outline::CLAUSES;

/// The form of a statement.
pub const STATEMENT: &str = "\
(allow | deny) (ACTIONS | all | all except ACTIONS)
    [on RESOURCES] [when CONDITION] [unless CONDITION] [because TEXT] ;";

/// A part of the language and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// How it is written.
    pub word: &'static str,
    /// What it means, in one sentence.
    pub about: &'static str,
}

/// The clauses of a statement, in their order.
pub fn clauses() -> impl Iterator<Item = Meaning> {
    CLAUSES.into_iter().map(|word| Meaning {
        word,
        about: match word {
            "on" => "The resources it covers: a pattern or a list of them. Without it, all.",
            "when" => "It applies only where this condition holds.",
            "unless" => {
                "It does not apply where this condition holds, which is looked at after `when`."
            }
            "because" => "Why it is there: a text that whoever is denied by it is told.",
            _ => "",
        },
    })
}

/// The functions that a script has while it runs, besides operators.
pub fn script_functions() -> impl Iterator<Item = Meaning> {
    FUNCTIONS
        .into_iter()
        .map(|(word, about)| Meaning { word, about })
}

/// What patterns mean.
pub const WILDCARDS: [&str; 6] = [
    "`*` stands for any run of characters, also an empty one; `?` for exactly one character.",
    "Both may stand anywhere, and cross `/` and `:`.",
    "Actions are compared without regard to case, resources with it.",
    "An action is `service:Name`, or `*` alone; it holds letters, digits and `* ? : - _ . /`.",
    "A resource is `acs:service:region:account:path`. An empty region or account of a request is the \
     same as `*`.",
    "An empty region or account of a pattern equals that of a request and covers no other.",
];

/// What it means that a fact is not there.
pub const MISSING: [&str; 4] = [
    "Names of `context` and `input`, and optional attributes, may be unset; all others are set.",
    "To read a name that is unset is an error. A statement whose condition has an error does not \
     allow, and does deny.",
    "`has(name)` asks whether it is set, and `name ?? value` puts a value in its place.",
    "`a && b` does not look at `b` where `a` is false, so `has(name) && name == 1` has no error.",
];

/// How much of anything there may be: of what, and the most.
pub fn bounds() -> impl Iterator<Item = (&'static str, u64)> {
    script::bounds().into_iter().chain(crate::expr::bounds())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_clause_means_something() {
        assert!(clauses().all(|clause| !clause.about.is_empty()));
        assert!(
            CLAUSES
                .iter()
                .all(|word| STATEMENT.contains(&format!("[{word} ")))
        );
    }
}
