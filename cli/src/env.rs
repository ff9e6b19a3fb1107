//! Every environment variable that is read, and the only place that reads them.

use std::ffi::OsString;

/// An environment variable and what it does.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it does, for `help environment`.
    pub about: &'static str,
}

/// The instant that development stores take for now.
pub const NOW: Variable = Variable {
    name: "STATEWARD_NOW",
    about: "the present time (RFC 3339), for repeatable runs; development stores only",
};

/// The seed of a development store's random choices.
pub const SEED: Variable = Variable {
    name: "STATEWARD_SEED",
    about: "a number or any text that fixes ids and codes; development stores only",
};

/// Variables that decide about colour. They are read by the library that writes to terminals.
const COLOUR: [Variable; 4] = [
    Variable {
        name: "NO_COLOR",
        about: "if set and not empty, no colour",
    },
    Variable {
        name: "CLICOLOR",
        about: "if 0, no colour",
    },
    Variable {
        name: "CLICOLOR_FORCE",
        about: "if set and not 0, colour even into pipes",
    },
    Variable {
        name: "TERM",
        about: "if `dumb`, no colour",
    },
];

/// Every variable, for `help environment`.
pub fn all() -> impl Iterator<Item = Variable> {
    [NOW, SEED].into_iter().chain(COLOUR)
}

/// What the environment says.
#[derive(Debug, Clone, Default)]
pub struct Env {
    /// [`NOW`], if set.
    pub now: Option<OsString>,
    /// [`SEED`], if set.
    pub seed: Option<OsString>,
}

impl Env {
    /// The environment of this process.
    pub fn of_process() -> Self {
        let read = |variable: Variable| std::env::var_os(variable.name).filter(|v| !v.is_empty());
        Self {
            now: read(NOW),
            seed: read(SEED),
        }
    }
}
