//! The engine against its reference model: random sequences of commands, on both stores.

mod import;

use std::sync::Arc;

use acceptance::model::{Model, Ms, Step};
use acceptance::world::{START, World, header};
use proptest::prelude::*;
use proptest::test_runner::Config;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use stateward::store::{MemoryStore, RedbOptions, RedbStore, Store};

/// The model as a machine that proptest walks through.
struct Reference;

impl ReferenceStateMachine for Reference {
    type State = Model;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Model> {
        Just(Model::new(START)).boxed()
    }

    fn transitions(_: &Model) -> BoxedStrategy<Step> {
        let account = 0_u8..3;
        prop_oneof![
            2 => account.clone().prop_map(Step::Create),
            6 => (account.clone(), 0_u8..4, prop::bool::weighted(0.7))
                .prop_map(|(id, phone, acknowledged)| Step::Bind(id, phone, acknowledged)),
            3 => account.clone().prop_map(Step::Acknowledge),
            6 => (account.clone(), prop::bool::weighted(0.7))
                .prop_map(|(id, right)| Step::Code(id, right)),
            3 => account.clone().prop_map(Step::Resend),
            1 => account.clone().prop_map(Step::Cancel),
            2 => account.prop_map(Step::Unbind),
            4 => durations().prop_map(Step::Advance),
            2 => Just(Step::Tick),
            1 => Just(Step::Restart),
        ]
        .boxed()
    }

    fn apply(mut model: Model, step: &Step) -> Model {
        model.step(*step);
        model
    }

    fn preconditions(model: &Model, step: &Step) -> bool {
        // Beyond what the model knows: limits on wrong codes over all attempts.
        model.failures < 15 || !matches!(step, Step::Code(..))
    }
}

/// Stretches around every limit of the lifecycle, and just beside them.
fn durations() -> impl Strategy<Value = Ms> {
    let limits = [
        1_000,
        60_000,
        300_000,
        1_800_000,
        24 * 3_600_000,
        72 * 3_600_000,
    ];
    (prop::sample::select(limits.to_vec()), -1_i64..=1).prop_map(|(limit, beside)| limit + beside)
}

/// A store that can be closed and opened again.
trait Home: Sized {
    fn new() -> Self;
    fn open(&self) -> Arc<dyn Store>;
}

struct InMemory(Arc<MemoryStore>);

impl Home for InMemory {
    fn new() -> Self {
        Self(Arc::new(MemoryStore::new(header())))
    }

    fn open(&self) -> Arc<dyn Store> {
        self.0.clone()
    }
}

struct OnDisk(tempfile::TempDir);

impl Home for OnDisk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("store.redb");
        RedbStore::create(path, &header(), &RedbOptions::default()).expect("a new store");
        Self(folder)
    }

    fn open(&self) -> Arc<dyn Store> {
        let path = self.0.path().join("store.redb");
        Arc::new(RedbStore::open(path, &RedbOptions::default()).expect("the store opens"))
    }
}

struct Run<H> {
    home: H,
    world: World,
    model: Model,
}

impl<H: Home> StateMachineTest for Run<H> {
    type SystemUnderTest = Self;
    type Reference = Reference;

    fn init_test(model: &Model) -> Self {
        let home = H::new();
        let world = World::new(home.open());
        Self {
            home,
            world,
            model: model.clone(),
        }
    }

    fn apply(mut run: Self, _: &Model, step: Step) -> Self {
        let expected = run.model.step(step);
        if step == Step::Restart {
            let reopen = run.world.release();
            run.world = reopen(run.home.open());
        } else {
            assert_eq!(run.world.step(step), expected, "{step:?}");
        }
        run
    }

    fn check_invariants(run: &Self, _: &Model) {
        for id in run.model.ids() {
            assert_eq!(run.world.face(id), run.model.face(id), "account {id}");
        }
    }

    fn teardown(run: Self, _: Model) {
        for id in run.model.ids() {
            run.world.audit(id);
        }
    }
}

prop_state_machine! {
    #![proptest_config(Config { cases: 1_000, ..Config::default() })]

    /// 1,000 sequences of up to 60 commands in memory.
    #[test]
    fn the_engine_answers_as_the_model_does_in_memory(sequential 1..60 => Run<InMemory>);
}

prop_state_machine! {
    // Every commit is synced to the disk, and every restart opens the file anew.
    #![proptest_config(Config { cases: 48, ..Config::default() })]

    /// 48 sequences of up to 40 commands on a real file.
    #[test]
    fn the_engine_answers_as_the_model_does_on_disk(sequential 1..40 => Run<OnDisk>);
}
