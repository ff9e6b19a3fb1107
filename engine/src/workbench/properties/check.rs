//! Trying properties on requests.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{
    Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner, basic_result_cache,
};
use sha2::{Digest as _, Sha256};

use super::draw::Requests;
use super::request::Request;
use super::shrink::Shrinking;
use crate::policy::Effect;

/// Most requests that are looked at on the way to the smallest. Shrinking ends by itself long before;
/// proptest's own limit is one for a test that takes long.
const SHRINK_STEPS_MAX: u32 = 1_000_000;

/// How much is tried, and from where.
#[derive(Debug, Clone)]
pub struct Trial {
    /// How many requests are made up.
    pub requests: u32,
    /// What they are made up from: the same seed makes the same requests.
    pub seed: u64,
    /// The seeds of single requests that are tried first: those that once broke something.
    pub kept: Vec<u64>,
}

impl Trial {
    /// How many requests are made up, unless somebody says otherwise.
    pub const REQUESTS: u32 = 1_000;

    /// The seeds of its requests, each with its place.
    fn seeds(&self) -> impl Iterator<Item = u64> {
        let made_up = (0..self.requests).map(|index| derived(self.seed, index));
        self.kept.iter().copied().chain(made_up)
    }
}

impl Default for Trial {
    /// Always the same requests, so that a test that passed will pass again.
    fn default() -> Self {
        Self {
            requests: Self::REQUESTS,
            seed: 0,
            kept: Vec::new(),
        }
    }
}

/// What one look at a request shows of a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Look {
    /// The property is not about this request.
    Beside,
    /// It holds.
    Holds,
    /// It does not.
    Broken(Why),
}

/// Why a property does not hold of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It is not true.
    Untrue,
    /// It has no answer, for this reason.
    NoAnswer(String),
    /// Something that must hold of every policy does not; this is what happened.
    Observed(String),
}

/// What a property is found to be.
#[derive(Debug, Clone)]
pub struct Tried {
    /// How many requests it was about.
    pub relevant: u32,
    /// The smallest request of which it does not hold, if there is one.
    pub broken: Option<Broken>,
}

/// A request of which a property does not hold.
#[derive(Debug, Clone)]
pub struct Broken {
    /// The smallest that was found.
    pub request: Request,
    /// Why it does not hold.
    pub why: Why,
    /// What makes the request up that it was shrunk from.
    pub seed: u64,
}

/// How the requests were answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Answers {
    /// How many were allowed.
    pub allow: u32,
    /// How many were denied by a statement.
    pub explicit_deny: u32,
    /// How many nothing allowed.
    pub implicit_deny: u32,
    /// How many could not be asked: they left open what a condition or a resource's name reads.
    pub unasked: u32,
}

impl Answers {
    pub(super) fn count(&mut self, effect: Option<Effect>) {
        let place = match effect {
            Some(Effect::Allow) => &mut self.allow,
            Some(Effect::ExplicitDeny) => &mut self.explicit_deny,
            Some(Effect::ImplicitDeny) => &mut self.implicit_deny,
            None => &mut self.unasked,
        };
        *place += 1;
    }

    /// How many there are.
    pub fn all(&self) -> u32 {
        self.allow + self.explicit_deny + self.implicit_deny + self.unasked
    }
}

/// Tries several properties on the same requests. `look` tells what a request shows of each, in
/// their order; its second argument is the number of the request.
pub(super) fn try_all<L>(
    trial: &Trial,
    requests: &Requests,
    count: usize,
    mut look: L,
) -> Vec<Tried>
where
    L: FnMut(&Request, usize, Asked) -> Vec<Look>,
{
    let mut tried = vec![
        Tried {
            relevant: 0,
            broken: None,
        };
        count
    ];
    for (turn, seed) in trial.seeds().enumerate() {
        let mut runner = runner(seed);
        let Ok(tree) = requests.new_tree(&mut runner) else {
            break;
        };
        let request = tree.current();
        let looks = look(&request, turn, Asked::All);
        for (index, (tried, found)) in tried.iter_mut().zip(looks).enumerate() {
            tried.relevant += u32::from(found != Look::Beside);
            let Look::Broken(why) = found else { continue };
            if tried.broken.is_none() {
                let again = |request: &Request| look(request, turn, Asked::Only(index)).pop();
                let request = smallest(&mut runner, tree.clone(), &why, again);
                tried.broken = Some(Broken { request, why, seed });
            }
        }
    }
    tried
}

/// Which properties are asked about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    All,
    /// The one at this place.
    Only(usize),
}

impl Asked {
    /// Whether the property at a place is asked about.
    pub(super) fn asks(self, index: usize) -> bool {
        self == Self::All || self == Self::Only(index)
    }
}

/// The smallest request that breaks a property for the same reason.
fn smallest(
    runner: &mut TestRunner,
    tree: Shrinking,
    why: &Why,
    again: impl FnMut(&Request) -> Option<Look>,
) -> Request {
    let first = tree.current();
    let again = std::cell::RefCell::new(again);
    let test = |request: Request| match (*again.borrow_mut())(&request) {
        Some(Look::Broken(found)) if found == *why => Err(TestCaseError::fail("broken")),
        _ => Ok(()),
    };
    match runner.run_one(tree, test) {
        Err(TestError::Fail(_, request)) => request,
        _ => first,
    }
}

/// The seed of the request at a place.
fn derived(seed: u64, index: u32) -> u64 {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(b"stateward/property/request")
        .chain_update(seed.to_be_bytes())
        .chain_update(index.to_be_bytes())
        .finalize()
        .into();
    digest
        .iter()
        .take(8)
        .fold(0, |seed, byte| seed << 8 | u64::from(*byte))
}

/// A runner that makes up the request of a seed. Nothing of it is left to the environment, which
/// proptest would read otherwise.
fn runner(seed: u64) -> TestRunner {
    let config = Config {
        cases: 1,
        max_local_rejects: 1,
        max_global_rejects: 1,
        failure_persistence: None,
        source_file: None,
        test_name: None,
        fork: false,
        timeout: 0,
        max_shrink_time: 0,
        max_shrink_iters: SHRINK_STEPS_MAX,
        result_cache: basic_result_cache,
        verbose: 0,
        ..Config::default()
    };
    let bytes = Sha256::digest(seed.to_be_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    TestRunner::new_with_rng(config, rng)
}
