//! `stateward takeover`: what falls to whoever controls a phone, a mailbox, an operator.

use std::ops::ControlFlow;

use stateward::analysis::takeover::{Answer, Hand, Others, Takeover, codes};
use stateward::analysis::{self, Accepted, Limits, Model, Profile, Tracking, explore};
use stateward::bundle::Bundle;

use super::graph::Language;
use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::takeover::{AnswerLine, Sets, TakeoverDocument, names};
use crate::project::Project;

/// Tell what falls to whoever controls a phone, a mailbox, an operator
///
/// A factor is an address that codes go to, named like its attribute; what an owner logs on with,
/// named like its kind; or a principal. For each is told what else it gives, by which steps, who is
/// told of them, and what seizes the account. Risks that are meant are accepted, as findings A1051,
/// in workflows/LIFECYCLE/checks/accepted.yaml.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Ask about these together; otherwise about each factor alone
    #[arg(long, value_name = "FACTOR", value_delimiter = ',')]
    of: Vec<String>,
    /// The attacker acts and everybody else waits; the default
    #[arg(long, conflicts_with = "assisted")]
    alone: bool,
    /// Everybody else does, at any moment, whatever they may
    #[arg(long)]
    assisted: bool,
    /// The most factors that are tried together for the least that seizes an account
    #[arg(long, value_name = "COUNT", default_value_t = 3)]
    together: usize,
    /// Draw it instead, in this language
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    format: Option<Language>,
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let project = Project::find(app.globals.project.as_deref())?;
    let bundle = project.bundle()?;
    let accepted = accepted(&bundle, &project)?;
    let model = Model::new(&bundle, Profile::default(), &Tracking::nothing());
    let model = model.map_err(|error| CliError::usage(error.to_string()))?;
    let limits = Limits::default();
    let product = explore(model, &limits, &mut |_| ControlFlow::Continue(()));
    let others = match args.assisted {
        true => Others::Assist,
        false => Others::Wait,
    };
    let takeover = Takeover::new(&product, others);
    let answers = args.answers(&takeover)?;
    let because = |at: &str| {
        let because = accepted.because(codes::ONE_FACTOR, Some(at));
        because.map(|because| because.as_ref().to_owned())
    };
    let sets = args.of.is_empty().then(|| Sets {
        up_to: args.together,
        sets: takeover
            .minimal_sets(args.together)
            .into_iter()
            .map(|set| names(&takeover, set))
            .collect(),
    });
    let drawn = args.format;
    let document = TakeoverDocument {
        lifecycle: bundle.lifecycle.name.to_string(),
        others: if args.assisted { "assist" } else { "wait" },
        states: product.graph().node_count(),
        complete: product.is_complete(),
        answers: answers
            .iter()
            .map(|answer| AnswerLine::new(&takeover, answer, &because))
            .collect(),
        sets,
        drawing: drawn.map(|language| language.render(&takeover.picture(&answers))),
    };
    app.ui.emit(&document)?;
    let open = document.answers.iter().filter(|it| it.factors.len() == 1);
    let mut open = open.filter_map(|it| it.seizure.as_ref());
    Ok(match open.any(|seizure| seizure.accepted.is_none()) {
        true => Exit::Findings,
        false => Exit::Done,
    })
}

impl Args {
    fn answers(&self, takeover: &Takeover<'_, '_>) -> Result<Vec<Answer>, CliError> {
        if self.of.is_empty() {
            return Ok(takeover.singles());
        }
        let factors = takeover.factors();
        let find = |name: &String| {
            factors.find(name).ok_or_else(|| {
                let known: Vec<String> = factors.all().iter().map(ToString::to_string).collect();
                let known = known.iter().map(String::as_str);
                CliError::unknown("factor", name, known, "`stateward takeover` lists them")
            })
        };
        let hand: Result<Hand, CliError> = self.of.iter().map(find).collect();
        Ok(vec![takeover.of(hand?)])
    }
}

/// The risks that are accepted. What is wrong with the file is a finding of `check`.
fn accepted(bundle: &Bundle, project: &Project) -> Result<Accepted, CliError> {
    let files = analysis::read_files(bundle, &project.root)?;
    Ok(analysis::accepted(bundle, &files, &mut Vec::new()))
}
