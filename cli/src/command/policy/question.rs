//! What `why`, `who-can` and conversations ask policies: for a permission, about which account, and
//! on which resources.

use std::collections::BTreeMap;

use stateward::bundle::Bundle;
use stateward::lifecycle::model::Lifecycle;
use stateward::name::AccountId;
use stateward::situation::Situation;
use stateward::time::Timestamp;
use stateward::workbench::sketch::{Described, Sketch, SketchError};
use stateward::workbench::trace::Told;

use super::bench::{Bench, Wanted, wanted};
use crate::app::{App, pair};
use crate::command::run::unique;
use crate::error::CliError;
use crate::output::policy::why::{DESCRIBED, NO_ACCOUNT, STRANGER};
use crate::output::veil::Veil;

/// A question.
#[derive(Debug, clap::Args)]
pub struct QuestionArgs {
    /// The permission, as `service:Action`; or the transition that asks for it, as
    /// `workflow.transition`
    permission: String,
    /// The account that it is about
    account: Option<AccountId>,
    /// Suppose that the account has this attribute (or `id`, `created_at`); without ACCOUNT, one that
    /// is otherwise new
    #[arg(long = "attr", value_name = "NAME=VALUE", value_parser = pair)]
    attributes: Vec<(String, String)>,
    /// Suppose that the account is in this state of a workflow
    #[arg(long = "state", value_name = "WORKFLOW=STATE", value_parser = pair)]
    states: Vec<(String, String)>,
    /// A resource; otherwise those of the transition or of the permission
    #[arg(long, value_name = "RESOURCE")]
    on: Vec<String>,
    /// What the transition asks for
    #[arg(short, long = "input", value_name = "NAME=VALUE", value_parser = pair)]
    input: Vec<(String, String)>,
}

/// A question over a definition.
pub struct Question<'q> {
    pub wanted: Wanted<'q>,
    /// The account that was named.
    pub named: Option<&'q AccountId>,
    /// The account, as far as whoever asks may know it, with what is supposed of it.
    pub account: Option<Described>,
    /// What is supposed of it, for people.
    pub supposed: BTreeMap<String, String>,
    /// The resources that were named.
    pub on: &'q [String],
}

impl QuestionArgs {
    /// The bench that the question is put to.
    ///
    /// # Errors
    /// When the project cannot be opened.
    pub fn bench(&self, app: &App, at: Option<Timestamp>) -> Result<Bench, CliError> {
        Bench::open(app, self.account.is_some(), at)
    }

    /// Reads the question over the definition of a bench; what the transition is given is put there.
    ///
    /// # Errors
    /// When a name is unknown, or a value is malformed.
    pub fn read<'q>(
        &'q self,
        app: &App,
        bench: &mut Bench,
        bundle: &'q Bundle,
    ) -> Result<Question<'q>, CliError> {
        let wanted = wanted(bundle, &self.permission, !self.on.is_empty())?;
        bench.read_inputs(&wanted, &unique(&self.input)?)?;
        let veil = Veil::new(&bundle.lifecycle, app.globals.reveal);
        let (account, supposed) = self.account(bench, &bundle.lifecycle, veil)?;
        Ok(Question {
            wanted,
            named: self.account.as_ref(),
            account,
            supposed,
            on: &self.on,
        })
    }

    fn account(
        &self,
        bench: &Bench,
        lifecycle: &Lifecycle,
        veil: Veil<'_>,
    ) -> Result<(Option<Described>, BTreeMap<String, String>), CliError> {
        let stored = match &self.account {
            Some(id) => bench.account(id)?,
            None => None,
        };
        let mut supposed = BTreeMap::new();
        if self.attributes.is_empty() && self.states.is_empty() {
            return Ok((stored.map(Described::whole), supposed));
        }
        let mut sketch = match (&stored, &self.account) {
            (Some(account), _) => Sketch::of(account),
            (None, None) => Sketch::default(),
            (None, Some(_)) => {
                let message = "nothing can be supposed of an account that may not be read";
                let hint = "leave the account out: then one is described by `--attr` and `--state`";
                return Err(CliError::Usage {
                    message: message.to_owned(),
                    hints: vec![hint.to_owned()],
                });
            }
        };
        suppose(&mut sketch, lifecycle, &self.attributes, &self.states)?;
        for (name, text) in &self.attributes {
            let shown = match sketch.attributes.get_key_value(name.as_str()) {
                Some((name, value)) => veil.attribute(name, value),
                None => text.clone(),
            };
            supposed.insert(format!("account.{name}"), shown);
        }
        for (workflow, state) in &self.states {
            supposed.insert(format!("state.{workflow}"), state.clone());
        }
        Ok((sketch.described(lifecycle), supposed))
    }
}

impl Question<'_> {
    /// What is known of a situation with the account.
    pub fn told<'t>(&self, bundle: &'t Bundle, situation: &'t Situation<'t>) -> Told<'t> {
        match &self.account {
            Some(account) => Told::but(bundle, situation, &account.open),
            None => Told::of(bundle, situation),
        }
    }

    /// The resources that were named, or else those of the permission.
    ///
    /// # Errors
    /// When there are none, or one has no name.
    pub fn resources(&self, told: &Told<'_>) -> Result<Vec<String>, CliError> {
        match self.wanted.access {
            Some(access) if self.on.is_empty() => told
                .resources(access)
                .map_err(|error| CliError::usage(format!("the resource has no name: {error}"))),
            _ => Ok(self.wanted.named(self.on)?.to_vec()),
        }
    }

    /// What to know of an answer that is certain or not.
    pub fn note(&self, is_certain: bool) -> Option<&'static str> {
        match (self.named, &self.account) {
            (Some(_), None) => Some(STRANGER),
            _ if is_certain => None,
            (None, None) => Some(NO_ACCOUNT),
            (_, Some(account)) => (!account.open.is_empty()).then_some(DESCRIBED),
        }
    }
}

/// Says attributes and states of an account.
///
/// # Errors
/// When a name is unknown or given twice, or a value is malformed.
pub fn suppose(
    sketch: &mut Sketch,
    lifecycle: &Lifecycle,
    attributes: &[(String, String)],
    states: &[(String, String)],
) -> Result<(), CliError> {
    for (name, text) in unique(attributes)? {
        let said = sketch.set(lifecycle, &name, &text);
        said.map_err(|error| mistake(&name, &error, lifecycle))?;
    }
    for (workflow, state) in unique(states)? {
        let said = sketch.set_state(lifecycle, &workflow, &state);
        said.map_err(|error| mistake(&workflow, &error, lifecycle))?;
    }
    Ok(())
}

/// What cannot be supposed.
fn mistake(name: &str, error: &SketchError, lifecycle: &Lifecycle) -> CliError {
    match error.unknown(lifecycle) {
        Some((what, name, known)) => {
            let listed = known.join("`, `");
            CliError::unknown(what, name, known, &format!("known are `{listed}`"))
        }
        None => CliError::usage(format!("`{name}`: {error}")),
    }
}
