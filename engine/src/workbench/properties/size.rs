//! Which of two requests is the smaller one.

use std::collections::BTreeMap;

use super::request::{Request, Wanted};
use super::world::{Choice, World};
use super::{case, samples};
use crate::name::Name;
use crate::time::Timestamp;
use crate::value::Value;

/// How large a request is: by its facts, then by what in it is odd, by letters, by how far its values
/// are from the simplest ones, and last by spelling, so that of like requests one is the smallest.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Size {
    facts: usize,
    odd: usize,
    letters: usize,
    far: u64,
    spelling: u64,
}

impl Size {
    pub(super) fn of(request: &Request, world: &World) -> Self {
        let account = request.account.as_ref();
        let of_account = account.map_or(0, |it| 1 + it.attributes.len() + it.states.len());
        let held = request.principal.policies.len() * usize::from(request.described);
        let moments = [Some(request.now), account.map(|it| it.created_at)];
        let is_said = |at: &Timestamp| *at != case::UNSAID;
        let moments: Vec<Timestamp> = moments.into_iter().flatten().filter(is_said).collect();
        let said = request.context.len() + request.inputs.len() + moments.len();

        let id = account.map_or("", |it| it.id.as_str());
        let principal = &request.principal;
        let mut names = vec![principal.name.as_str(), principal.account.as_str(), id];
        let transition;
        let mut odd = usize::from(request.described);
        let mut resources: &[String] = &[];
        match &request.wanted {
            Wanted::Transition(name) => {
                transition = name.to_string();
                names.push(&transition);
            }
            Wanted::Action {
                action,
                resources: of,
            } => {
                let (service, _) = action.split_once(':').unwrap_or((action, ""));
                let strange = |of: &&String| of.split(':').nth(1) != Some(service);
                odd += usize::from(!world.actions.contains(action));
                odd += of.iter().filter(strange).count();
                resources = of;
                names.push(action);
            }
        }
        // How long the name of a service is, nobody can help.
        names.extend(resources.iter().flat_map(|it| it.splitn(3, ':').nth(2)));
        let far = moments.into_iter().map(lateness);
        let bytes = names.iter().flat_map(|name| name.bytes());
        Self {
            facts: of_account + resources.len() + said + held,
            odd,
            letters: names.iter().map(|name| name.len()).sum(),
            far: far.fold(rank(request, world), u64::saturating_add),
            spelling: bytes.map(plainness).sum(),
        }
    }
}

/// How far a letter is from the plainest ones: an `a`, and the star that stands for anything.
fn plainness(letter: u8) -> u64 {
    if letter == b'*' {
        return 0;
    }
    u64::from(letter.abs_diff(b'a'))
}

/// How many values there are that are simpler than those of the request.
fn rank(request: &Request, world: &World) -> u64 {
    let attributes = request.account.as_ref().map(|it| &it.attributes);
    let of = |facts: Option<&BTreeMap<Name, Value>>, choices: &[Choice]| -> usize {
        let place = |choice: &Choice| {
            let value = facts?.get(&choice.name)?;
            choice.values.iter().position(|it| it == value)
        };
        choices.iter().filter_map(place).sum()
    };
    let places = of(attributes, &world.attributes)
        + of(Some(&request.context), &world.context)
        + of(Some(&request.inputs), &world.inputs);
    u64::try_from(places).unwrap_or(u64::MAX)
}

/// How far an instant is from the simplest that is said.
fn lateness(at: Timestamp) -> u64 {
    at.as_ms().abs_diff(samples::MONDAY.as_ms())
}
