//! Answers of a conversation that are kept as cases.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use stateward::bundle::Bundle;
use stateward::expr::Slot;
use stateward::name::Name;
use stateward::policy::{Effect, Ruling};
use stateward::situation::Situation;
use stateward::workbench::properties::{Request, Wanted};
use stateward::workbench::trace::Told;

use crate::app::App;
use crate::command::policy::question::Question;
use crate::error::{CliError, count};
use crate::project::atomic;

/// What was asked, with the answers.
#[derive(Default)]
pub struct Kept {
    answers: Vec<(Request, Effect)>,
    /// The files that this conversation has written.
    written: BTreeSet<PathBuf>,
}

impl Kept {
    /// Keeps an answer. Of an account of the store, what is personal is left out; an answer that
    /// depends on it is not kept.
    pub fn add(
        &mut self,
        app: &mut App,
        bundle: &Bundle,
        asked: &Question<'_>,
        situation: &Situation<'_>,
        ruling: &Ruling,
    ) -> Result<(), CliError> {
        if let Some(error) = &ruling.error {
            app.ui.warn(&format!(
                "this is not kept, as no case may rest on it: {error}"
            ));
            return Ok(());
        }
        let private = match app.globals.reveal {
            true => Vec::new(),
            false => private(bundle, asked),
        };
        let mut open: BTreeSet<Slot> = private.iter().map(|(_, slot)| *slot).collect();
        open.extend(asked.account.iter().flat_map(|account| &account.open));
        let told = Told::but(bundle, situation, &open);
        let names = asked.resources(&told)?;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let permission = &asked.wanted.permission;
        let trace = told.trace(permission, &names, &|_| false);
        let trace = trace.ok_or(CliError::NoPrincipal)?;
        if trace.possible.certain() != Some(ruling.effect) {
            let names: Vec<&str> = private.iter().map(|(name, _)| name.as_str()).collect();
            let names = names.join("`, `");
            app.ui.warn(&format!(
                "this is not kept: it depends on personal data of the account (`{names}`)"
            ));
            app.ui.hint("`--reveal` keeps them");
            return Ok(());
        }
        let mut account = asked.account.as_ref().map(|it| it.account.clone());
        for (name, _) in &private {
            let attributes = account.as_mut().map(|it| &mut it.attributes);
            attributes.map(|attributes| attributes.remove(*name));
        }
        let Some(principal) = situation.asked.principal else {
            return Ok(());
        };
        let resources = trace.resources.into_iter().map(|on| on.resource);
        self.answers.push((
            Request {
                principal: principal.clone(),
                described: false,
                account,
                wanted: Wanted::Action {
                    action: permission.as_str().into(),
                    resources: resources.collect(),
                },
                context: situation.asked.context.clone(),
                inputs: situation.asked.inputs.clone(),
                now: situation.now,
            },
            ruling.effect,
        ));
        Ok(())
    }

    /// Writes the cases to a file: a new one, or one that this conversation has written.
    pub fn save(&mut self, path: &Path, app: &mut App) -> Result<(), CliError> {
        if self.answers.is_empty() {
            return Err(CliError::usage("nothing has been asked that can be saved"));
        }
        if path.exists() && !self.written.contains(path) {
            let says = format!("{} is there already: name a new file", path.display());
            return Err(CliError::usage(says));
        }
        let numbered = self.answers.iter().enumerate();
        let case = |(index, (request, effect)): (usize, &(Request, Effect))| {
            let who = &request.principal.name;
            let what = match &request.wanted {
                Wanted::Action { action, .. } => action.to_string(),
                Wanted::Transition(name) => name.to_string(),
            };
            let name = format!("{}. {who} asks for {what}", index + 1);
            request.to_case(&name, *effect)
        };
        let cases: String = numbered.map(case).collect();
        atomic::write(path, &format!("cases:\n{cases}")).map_err(CliError::file("write", path))?;
        self.written.insert(path.to_owned());
        let saved = count(self.answers.len(), "case");
        app.ui.note(&format!("saved {saved} to {}", path.display()));
        Ok(())
    }
}

/// The attributes of an account of the store that are personal. What is only supposed is nobody's.
fn private<'b>(bundle: &'b Bundle, asked: &Question<'_>) -> Vec<(&'b Name, Slot)> {
    if asked.named.is_none() {
        return Vec::new();
    }
    let attributes = bundle.lifecycle.attributes.iter();
    let personal = attributes.filter(|(name, attribute)| {
        attribute.personal && !asked.supposed.contains_key(&format!("account.{name}"))
    });
    personal.map(|(name, it)| (name, it.slot)).collect()
}
