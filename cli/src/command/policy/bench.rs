//! What commands that try policies out work with: the definition, who asks, and the facts of the
//! request, with a store or without one.

use std::collections::BTreeMap;
use std::sync::Arc;

use stateward::account::Account;
use stateward::bundle::Bundle;
use stateward::engine::session_facts;
use stateward::expr::{Facts, Template};
use stateward::lifecycle::model::{Access, Transition, Trigger};
use stateward::name::{AccountId, Name, TransitionName};
use stateward::policy::Principal;
use stateward::situation::{Asked, Situation};
use stateward::time::{Clock, SystemClock, Timestamp};
use stateward::value::{Value, ValueType};
use stateward::workbench::sketch::Described;

use crate::app::App;
use crate::error::CliError;
use crate::project::{Project, Session, principal};

/// The definition, and a request to try on it.
pub struct Bench {
    pub bundle: Arc<Bundle>,
    /// Who is told; the store's owner, where nobody is named.
    pub asker: Option<Principal>,
    /// Facts about the session.
    pub context: BTreeMap<Name, Value>,
    /// What the request brings.
    pub inputs: BTreeMap<Name, Value>,
    pub now: Timestamp,
    session: Option<Session>,
    context_text: BTreeMap<String, String>,
}

impl Bench {
    /// The project's definition. Its store is opened where there is one, and where an account is
    /// asked about.
    ///
    /// # Errors
    /// When a part of the project cannot be read, or a name is unknown.
    pub fn open(app: &App, needs_store: bool, at: Option<Timestamp>) -> Result<Self, CliError> {
        let project = Project::find(app.globals.project.as_deref())?;
        let has_store = project.path(&project.config.store).exists();
        let session = (needs_store || has_store)
            .then(|| Session::open(&project, &app.env, app.globals.wait))
            .transpose()?;
        let bundle = match &session {
            Some(session) => session.bundle.clone(),
            None => project.bundle()?,
        };
        let named = app
            .globals
            .principal
            .as_ref()
            .or(project.config.principal.as_ref());
        let asker = named.map(|name| principal(&bundle, name)).transpose()?;
        let context_text: BTreeMap<_, _> = app.globals.context.iter().cloned().collect();
        let clock = || {
            session
                .as_ref()
                .map_or_else(|| SystemClock.now(), Session::now)
        };
        Ok(Self {
            context: session_facts(&bundle, &context_text)?,
            inputs: BTreeMap::new(),
            now: at.unwrap_or_else(clock),
            bundle,
            asker,
            session,
            context_text,
        })
    }

    /// The principal that a request is about: the one that is named, or else the one that asks.
    ///
    /// # Errors
    /// When there is none.
    pub fn subject(&self, named: Option<&str>) -> Result<Principal, CliError> {
        match named {
            Some(name) => principal(&self.bundle, name),
            None => self.asker.clone().ok_or(CliError::NoPrincipal),
        }
    }

    /// An account, as far as whoever asks may know it: none where they may not read it, as if it
    /// were not there.
    ///
    /// # Errors
    /// When the store's owner asks for an account that is not there.
    pub fn account(&self, id: &AccountId) -> Result<Option<Account>, CliError> {
        let Some(session) = &self.session else {
            return Ok(None);
        };
        known_to(session, self.asker.as_ref(), id, &self.context_text)
    }

    /// The situation of a request.
    pub fn situation<'s>(
        &'s self,
        principal: &'s Principal,
        account: Option<&'s Described>,
    ) -> Situation<'s> {
        Situation {
            account: account.map(|described| &described.account),
            asked: Asked {
                principal: Some(principal),
                context: &self.context,
                inputs: &self.inputs,
            },
            now: self.now,
        }
    }
}

/// An account, as far as somebody may know it: the store's owner all, a principal what the policies
/// let it read. What one may not read looks as if it were not there.
///
/// # Errors
/// When the store's owner asks for an account that is not there, or the store fails.
pub fn known_to(
    session: &Session,
    asker: Option<&Principal>,
    id: &AccountId,
    context: &BTreeMap<String, String>,
) -> Result<Option<Account>, CliError> {
    Ok(session.engine.read(id, asker, context)?.ok())
}

/// What is asked for: a permission, and the access that says over which resources.
pub struct Wanted<'b> {
    pub permission: String,
    pub access: Option<&'b Access>,
    pub transition: Option<&'b Transition>,
}

impl Wanted<'_> {
    /// The resources that were named, where the lifecycle has none for the permission.
    ///
    /// # Errors
    /// When none were.
    pub fn named<'n>(&self, named: &'n [String]) -> Result<&'n [String], CliError> {
        if !named.is_empty() {
            return Ok(named);
        }
        let message = format!("nothing of this lifecycle asks for `{}`", self.permission);
        let hints = vec!["name a resource with `--on`".to_owned()];
        Err(CliError::Usage { message, hints })
    }
}

/// Reads a permission, or a transition that asks for one. The access of a permission is sought only
/// where no resources are named.
///
/// # Errors
/// When there is no such transition, or it asks for no permission.
pub fn wanted<'b>(
    bundle: &'b Bundle,
    text: &str,
    names_resources: bool,
) -> Result<Wanted<'b>, CliError> {
    if text.contains(':') {
        let access = if names_resources {
            None
        } else {
            access_of(bundle, text)?
        };
        return Ok(Wanted {
            permission: text.to_owned(),
            access,
            transition: None,
        });
    }
    let transitions = &bundle.lifecycle.transitions;
    let found = text
        .parse::<TransitionName>()
        .ok()
        .and_then(|name| transitions.get(&name));
    let Some(transition) = found else {
        let known: Vec<String> = transitions.keys().map(ToString::to_string).collect();
        let see =
            "write a permission as `service:Action`, or a transition as `workflow.transition`";
        let known = known.iter().map(String::as_str);
        return Err(CliError::unknown("transition", text, known, see));
    };
    let Trigger::Request { access, .. } = &transition.trigger else {
        let message = format!("`{text}` is not requested by anybody: it asks for no permission");
        return Err(CliError::usage(message));
    };
    Ok(Wanted {
        permission: access.permission.as_ref().to_owned(),
        access: Some(access),
        transition: Some(transition),
    })
}

/// The access that asks for a permission, where the lifecycle has one. Several may, over the same
/// resources; over different ones it takes the name of a transition.
fn access_of<'b>(bundle: &'b Bundle, permission: &str) -> Result<Option<&'b Access>, CliError> {
    let lifecycle = &bundle.lifecycle;
    let of_transitions = lifecycle.transitions.iter().filter_map(|(name, it)| {
        let Trigger::Request { access, .. } = &it.trigger else {
            return None;
        };
        Some((name.to_string(), access))
    });
    let of_read = lifecycle
        .read
        .as_ref()
        .map(|read| ("read".to_owned(), read));
    let all = of_transitions.chain(of_read);
    let asking: Vec<_> = all
        .filter(|(_, access)| access.permission.eq_ignore_ascii_case(permission))
        .collect();
    let texts = |access: &Access| -> Vec<String> {
        let expressions = access.resources.iter().flat_map(Template::expressions);
        let mut texts: Vec<String> = expressions.map(|it| it.text().to_owned()).collect();
        let facts = Facts::new(&lifecycle.vocabulary);
        texts.extend(bundle.resources(access, &facts).ok().into_iter().flatten());
        texts
    };
    let Some((_, first)) = asking.first() else {
        return Ok(None);
    };
    if asking.iter().any(|(_, other)| texts(other) != texts(first)) {
        let names: Vec<&str> = asking.iter().map(|(name, _)| name.as_str()).collect();
        let message = format!("`{permission}` is asked for over different resources");
        let hint = format!(
            "name one of {}, or a resource with `--on`",
            names.join(", ")
        );
        return Err(CliError::Usage {
            message,
            hints: vec![hint],
        });
    }
    Ok(Some(first))
}

impl Bench {
    /// Reads what the transition is given, as it declares it. A secret is not looked into by any
    /// condition, so that it need not be given.
    ///
    /// # Errors
    /// When the transition takes no such input, or it is malformed.
    pub fn read_inputs(
        &mut self,
        wanted: &Wanted<'_>,
        texts: &BTreeMap<String, String>,
    ) -> Result<(), CliError> {
        for (name, text) in texts {
            let declared = wanted
                .transition
                .and_then(|transition| transition.inputs.get_key_value(name.as_str()));
            let Some((name, input)) = declared else {
                let message = format!("`{}` takes no input `{name}`", wanted.permission);
                return Err(CliError::usage(message));
            };
            if input.ty == ValueType::Secret {
                continue;
            }
            let wrong = |error| CliError::usage(format!("input `{name}`: {error}"));
            let value = input.ty.parse(text).map_err(wrong)?;
            self.inputs.insert(name.clone(), value);
        }
        Ok(())
    }
}
