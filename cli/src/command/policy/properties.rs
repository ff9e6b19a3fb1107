//! The properties that `stateward policy test` tries: how many requests, from which seed, and the
//! seeds that are kept.

use std::str::FromStr;

use stateward::bundle::Bundle;
use stateward::entropy::{EntropySource as _, OsEntropy};
use stateward::source::SourceMap;
use stateward::workbench::properties::{Answers, Found, Regressions, Trial, check};
use stateward::workbench::{Folder, Section};

use crate::app::App;
use crate::error::CliError;
use crate::project::{Project, atomic};

/// How properties are tried.
#[derive(Debug, clap::Args)]
pub struct TrialArgs {
    /// Try the properties in policies/properties, too, and those that every set of policies must have
    #[arg(long)]
    pub properties: bool,
    /// How many requests properties are tried on
    #[arg(long, value_name = "N", requires = "properties", default_value_t = Trial::CASES)]
    cases: u32,
    /// What the requests are made up from: a number, always the same ones, or `random`
    #[arg(
        long,
        value_name = "SEED",
        requires = "properties",
        default_value = "0"
    )]
    seed: Seed,
    /// Tell how the requests that were made up were answered
    #[arg(short, long, requires = "properties")]
    verbose: bool,
}

/// A seed, as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seed {
    Fixed(u64),
    Random,
}

impl FromStr for Seed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "random" {
            return Ok(Self::Random);
        }
        let number = text.parse().map(Self::Fixed);
        number.map_err(|_| "write a whole number, or `random`".to_owned())
    }
}

impl TrialArgs {
    /// Tries the properties of a project; `filter` is part of the names of those that are meant.
    pub fn run(
        &self,
        app: &mut App,
        project: &Project,
        bundle: &Bundle,
        sources: &mut SourceMap,
        filter: Option<&str>,
    ) -> Result<Vec<Section>, CliError> {
        let files = Folder::Properties.read(bundle, &project.root, sources)?;
        let path = format!("{}/{}", Folder::Properties.path(bundle), Regressions::FILE);
        let mut findings = Vec::new();
        let text = std::fs::read_to_string(project.root.join(&path)).unwrap_or_default();
        let file = sources.add(&path, &text);
        let mut kept = Regressions::read(file, &text, &mut findings);
        let trial = Trial {
            cases: self.cases,
            seed: self.seed()?,
            kept: Vec::new(),
        };
        let Found {
            mut sections,
            answers,
            broke,
        } = check(bundle, sources, &files, &kept, &trial, filter);
        if let Some(first) = sections.first_mut() {
            first.findings.append(&mut findings);
        }
        if self.seed == Seed::Random {
            app.ui
                .hint(&format!("these requests again: `--seed {}`", trial.seed));
        }
        if self.verbose {
            app.ui.hint(&told(answers));
        }
        let new = broke.into_iter().filter(|it| kept.add(it.clone())).count();
        if new > 0 {
            let file = project.root.join(&path);
            atomic::write(&file, &kept.text()).map_err(CliError::file("write", &file))?;
            let hint = format!("{path} keeps what broke them: commit it, and it is tried first");
            app.ui.hint(&hint);
        }
        Ok(sections)
    }

    fn seed(&self) -> Result<u64, CliError> {
        match self.seed {
            Seed::Fixed(seed) => Ok(seed),
            Seed::Random => {
                let drawn = OsEntropy.seed()?;
                let bytes = drawn.iter().take(8);
                Ok(bytes.fold(0, |seed, byte| seed << 8 | u64::from(*byte)))
            }
        }
    }
}

fn told(answers: Answers) -> String {
    let Answers {
        allow,
        explicit_deny,
        implicit_deny,
        ..
    } = answers;
    format!(
        "of {} requests {allow} were allowed, {explicit_deny} denied by a statement, \
         {implicit_deny} by default",
        answers.all()
    )
}
