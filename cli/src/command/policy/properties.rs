//! The properties that `stateward policy test` tries: how many requests, from which seed, and the
//! seeds that are kept.

use std::io::ErrorKind;
use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

use stateward::bundle::Bundle;
use stateward::entropy::{EntropySource as _, OsEntropy};
use stateward::source::{FileId, SourceMap};
use stateward::workbench::properties::{Answers, Regressions, Trial, built_in, stated};
use stateward::workbench::{Folder, Section};

use crate::app::App;
use crate::error::CliError;
use crate::project::{Project, atomic};

/// How properties are tried.
#[derive(Debug, clap::Args)]
pub struct TrialArgs {
    /// Try no properties
    #[arg(long)]
    pub no_properties: bool,
    /// How many requests properties are tried on
    #[arg(
        long,
        value_name = "N",
        conflicts_with = "no_properties",
        default_value_t = Trial::REQUESTS
    )]
    requests: u32,
    /// What the requests are made up from: a number, always the same ones, or `random`
    #[arg(
        long,
        value_name = "SEED",
        conflicts_with = "no_properties",
        default_value = "0"
    )]
    seed: Seed,
    /// Tell how the requests that were made up were answered
    #[arg(short, long, conflicts_with = "no_properties")]
    verbose: bool,
}

/// Which properties are meant.
pub struct Meant<'m> {
    /// The files that state them.
    pub files: &'m [FileId],
    /// Part of their names, if only some are.
    pub filter: Option<&'m str>,
    /// Whether also those are that every set of policies must have.
    pub built_in: bool,
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
    /// Tries properties, and keeps the seeds of what breaks them; what was found, and how long it
    /// took.
    pub fn run(
        &self,
        app: &mut App,
        project: &Project,
        bundle: &Bundle,
        sources: &mut SourceMap,
        meant: &Meant<'_>,
    ) -> Result<Vec<(Section, Duration)>, CliError> {
        let path = format!("{}/{}", Folder::Properties.path(bundle), Regressions::FILE);
        let text = kept_text(&project.root.join(&path))?;
        let file = sources.add(&path, &text);
        let mut findings = Vec::new();
        let mut kept = Regressions::read(file, &text, &mut findings);
        let trial = Trial {
            requests: self.requests,
            seed: self.seed()?,
            kept: kept.seeds().collect(),
        };
        let stated = timed(|| stated(bundle, sources, meant.files, &trial, meant.filter));
        let built_in = meant
            .built_in
            .then(|| timed(|| Some(built_in(bundle, &trial))));
        let found = [Some(stated), built_in].into_iter().flatten();
        let mut sections = Vec::new();
        let mut new = 0;
        for (found, took) in found.filter_map(|(found, took)| Some((found?, took))) {
            if let Some(answers) = found.answers.filter(|_| self.verbose) {
                app.ui.hint(&told(answers));
            }
            new += found
                .broke
                .into_iter()
                .filter(|it| kept.add(it.clone()))
                .count();
            sections.push((found.section, took));
        }
        if let Some((first, _)) = sections.first_mut() {
            first.findings.append(&mut findings);
        }
        if self.seed == Seed::Random {
            app.ui
                .hint(&format!("these requests again: `--seed {}`", trial.seed));
        }
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

/// The seeds that are kept, as they are written; nothing, where there are none yet.
fn kept_text(path: &Path) -> Result<String, CliError> {
    match std::fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        read => read.map_err(CliError::file("read", path)),
    }
}

/// What comes of something, and how long it took.
fn timed<T>(make: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let made = make();
    (made, start.elapsed())
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
