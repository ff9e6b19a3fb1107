//! Accounts that are described, not stored: cases name them, and questions suppose them.

use std::collections::{BTreeMap, BTreeSet};

use crate::account::Account;
use crate::expr::Slot;
use crate::lifecycle::model::Lifecycle;
use crate::name::{AccountId, Name};
use crate::time::Timestamp;
use crate::value::{Value, ValueError, ValueType};

/// As much of an account as was said.
///
/// What was not is as in a new account: it is in the initial state of each workflow, its attributes
/// have their defaults, and the optional ones are unset. What every account has and was not said is
/// left open.
#[derive(Debug, Clone, Default)]
pub struct Sketch {
    /// Its id.
    pub id: Option<AccountId>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// Its attributes.
    pub attributes: BTreeMap<Name, Value>,
    /// Its states, by workflow.
    pub states: BTreeMap<Name, Name>,
}

/// An account, as far as it is known.
#[derive(Debug, Clone)]
pub struct Described {
    /// The account. What is open of it has any value here, or none.
    pub account: Account,
    /// The names of which nothing is known.
    pub open: BTreeSet<Slot>,
}

impl Described {
    /// An account of which everything is known.
    pub fn whole(account: Account) -> Self {
        Self {
            account,
            open: BTreeSet::new(),
        }
    }

    /// Its id, if that is known.
    pub fn id(&self, lifecycle: &Lifecycle) -> Option<&AccountId> {
        let is_known = !self.open.contains(&lifecycle.slots.account_id);
        is_known.then_some(&self.account.id)
    }
}

/// What cannot be said of an account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SketchError {
    /// The lifecycle has no such attribute.
    #[error("there is no attribute `{0}`")]
    Attribute(String),
    /// The lifecycle has no such workflow.
    #[error("there is no workflow `{0}`")]
    Workflow(String),
    /// The workflow has no such state.
    #[error("there is no state `{state}`")]
    State {
        /// The workflow.
        workflow: Name,
        /// The state that it has not.
        state: String,
    },
    /// The value is not of the attribute's type.
    #[error("{error}")]
    Value {
        /// What it should be.
        ty: ValueType,
        /// What is wrong with it.
        error: ValueError,
    },
}

impl SketchError {
    /// Of a name that nothing has: what is meant, the name, and those that there are.
    pub fn unknown<'l>(
        &self,
        lifecycle: &'l Lifecycle,
    ) -> Option<(&'static str, &str, Vec<&'l str>)> {
        let texts = |names: &mut dyn Iterator<Item = &'l Name>| names.map(Name::as_str).collect();
        match self {
            Self::Attribute(name) => {
                Some(("attribute", name, texts(&mut lifecycle.attributes.keys())))
            }
            Self::Workflow(name) => {
                Some(("workflow", name, texts(&mut lifecycle.workflows.keys())))
            }
            Self::State { workflow, state } => {
                let workflow = lifecycle.workflows.get(workflow)?;
                Some(("state", state, texts(&mut workflow.states.keys())))
            }
            Self::Value { .. } => None,
        }
    }
}

impl Sketch {
    /// An account as it is, to be changed.
    pub fn of(account: &Account) -> Self {
        let states = account.states.iter();
        Self {
            id: Some(account.id.clone()),
            created_at: Some(account.created_at),
            attributes: account.attributes.clone(),
            states: states
                .map(|(workflow, occupied)| (workflow.clone(), occupied.state.clone()))
                .collect(),
        }
    }

    /// Says the value of what conditions read as `account.name`: an attribute, the id, or the time
    /// of its creation.
    ///
    /// # Errors
    /// When there is no such attribute, or the value is not of its type.
    pub fn set(
        &mut self,
        lifecycle: &Lifecycle,
        name: &str,
        text: &str,
    ) -> Result<(), SketchError> {
        match name {
            "id" => {
                if let Value::AccountId(id) = read(&ValueType::AccountId, text)? {
                    self.id = Some(id);
                }
            }
            "created_at" => {
                if let Value::Time(at) = read(&ValueType::Time, text)? {
                    self.created_at = Some(at);
                }
            }
            _ => self.set_attribute(lifecycle, name, text)?,
        }
        Ok(())
    }

    /// Says the value of an attribute.
    ///
    /// # Errors
    /// When there is no such attribute, or the value is not of its type.
    pub fn set_attribute(
        &mut self,
        lifecycle: &Lifecycle,
        name: &str,
        text: &str,
    ) -> Result<(), SketchError> {
        let declared = lifecycle.attributes.get_key_value(name);
        let Some((name, attribute)) = declared else {
            return Err(SketchError::Attribute(name.to_owned()));
        };
        let value = read(&attribute.ty, text)?;
        self.attributes.insert(name.clone(), value);
        Ok(())
    }

    /// Says in which state of a workflow it is.
    ///
    /// # Errors
    /// When there is no such workflow, or it has no such state.
    pub fn set_state(
        &mut self,
        lifecycle: &Lifecycle,
        workflow: &str,
        state: &str,
    ) -> Result<(), SketchError> {
        let declared = lifecycle.workflows.get_key_value(workflow);
        let Some((name, workflow)) = declared else {
            return Err(SketchError::Workflow(workflow.to_owned()));
        };
        let Some((state, _)) = workflow.states.get_key_value(state) else {
            return Err(SketchError::State {
                workflow: name.clone(),
                state: state.to_owned(),
            });
        };
        self.states.insert(name.clone(), state.clone());
        Ok(())
    }

    /// The account, if it has an id.
    pub fn account(&self, lifecycle: &Lifecycle) -> Option<Account> {
        Some(self.with_id(self.id.clone()?, lifecycle))
    }

    /// The account as far as it is known; `None` only where no stand-in for its id can be made.
    pub fn described(&self, lifecycle: &Lifecycle) -> Option<Described> {
        // Any id will do for an account whose id is open.
        let id = self.id.clone().or_else(|| "account".parse().ok())?;
        let facts = lifecycle.vocabulary.facts();
        let open = facts.filter(|(_, fact)| self.leaves_open(lifecycle, &fact.path));
        Some(Described {
            open: open.map(|(slot, _)| slot).collect(),
            account: self.with_id(id, lifecycle),
        })
    }

    /// Whether the value of a name of an account, `account.country`, was not said and has to be.
    pub fn leaves_open(&self, lifecycle: &Lifecycle, path: &str) -> bool {
        match path.strip_prefix("account.") {
            None => false,
            Some("id") => self.id.is_none(),
            Some("created_at") => self.created_at.is_none(),
            Some(name) => lifecycle.attributes.get(name).is_some_and(|attribute| {
                let needs_none = attribute.optional || attribute.default.is_some();
                !needs_none && !self.attributes.contains_key(name)
            }),
        }
    }

    fn with_id(&self, id: AccountId, lifecycle: &Lifecycle) -> Account {
        let defaults = lifecycle.attributes.iter();
        let mut attributes: BTreeMap<Name, Value> = defaults
            .filter_map(|(name, attribute)| Some((name.clone(), attribute.default.clone()?)))
            .collect();
        attributes.extend(self.attributes.clone());
        let workflows = lifecycle.workflows.iter();
        let mut states: BTreeMap<Name, Name> = workflows
            .map(|(name, workflow)| (name.clone(), workflow.initial.clone()))
            .collect();
        states.extend(self.states.clone());
        let created_at = self.created_at.unwrap_or(Timestamp::from_ms(0));
        Account::new(id, created_at, attributes, states)
    }
}

/// Reads a value of a type.
pub(crate) fn read(ty: &ValueType, text: &str) -> Result<Value, SketchError> {
    ty.parse(text).map_err(|error| SketchError::Value {
        ty: ty.clone(),
        error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::Bundle;
    use crate::workbench::sample;

    fn bundle() -> Bundle {
        let (setup, _) = sample::fixed(&[], "s:Bind", 9, &[]);
        setup.bundle()
    }

    fn open(sketch: &Sketch, bundle: &Bundle) -> Vec<String> {
        let described = sketch.described(&bundle.lifecycle).unwrap();
        let facts = bundle.lifecycle.vocabulary.facts();
        let open = facts.filter(|(slot, _)| described.open.contains(slot));
        open.map(|(_, fact)| fact.path.to_string()).collect()
    }

    #[test]
    fn what_was_not_said_and_every_account_has_is_open() {
        let bundle = bundle();
        let mut sketch = Sketch::default();
        insta::assert_debug_snapshot!(open(&sketch, &bundle), @r#"
        [
            "account.id",
            "account.created_at",
            "account.email",
            "account.manager",
            "account.path",
        ]
        "#);
        sketch.set(&bundle.lifecycle, "id", "77").unwrap();
        sketch.set(&bundle.lifecycle, "path", "r/a").unwrap();
        insta::assert_debug_snapshot!(open(&sketch, &bundle), @r#"
        [
            "account.created_at",
            "account.email",
            "account.manager",
        ]
        "#);
        let described = sketch.described(&bundle.lifecycle).unwrap();
        assert_eq!(described.id(&bundle.lifecycle).unwrap().as_str(), "77");
        assert_eq!(
            Sketch::of(&described.account).account(&bundle.lifecycle),
            Some(described.account)
        );
    }

    #[test]
    fn what_cannot_be_said_is_told_with_what_can() {
        let bundle = bundle();
        let mut sketch = Sketch::default();
        let lifecycle = &bundle.lifecycle;
        let mistakes = [
            sketch.set(lifecycle, "pth", "r"),
            sketch.set(lifecycle, "id", "a b"),
            sketch.set_state(lifecycle, "fone", "bound"),
            sketch.set_state(lifecycle, "phone", "bond"),
        ];
        let told = |said: &Result<(), SketchError>| {
            let error = said.as_ref().unwrap_err();
            format!(
                "{error} {:?}",
                error.unknown(lifecycle).map(|(.., known)| known)
            )
        };
        insta::assert_snapshot!(mistakes.iter().map(told).collect::<Vec<_>>().join("\n"), @r#"
        there is no attribute `pth` Some(["country", "email", "manager", "path"])
        expected an account id: 1 to 128 of A-Z, a-z, 0-9, -, _, ., @ None
        there is no workflow `fone` Some(["phone"])
        there is no state `bond` Some(["bound", "unbound"])
        "#);
    }
}
