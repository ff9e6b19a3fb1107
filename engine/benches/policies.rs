//! What a ruling costs, by the number of statements, of policies and of stages, and what loading
//! costs. Compare figures of one run only.
//!
//! `cargo bench -p stateward --bench policies`

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark without its fixture cannot run"
)]

mod scenario;

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher, black_box};

use scenario::{OF_A_FOLDER, REQUESTS, Scenario, Scripts, Shape};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

const PLAIN: Shape = Shape {
    statements: OF_A_FOLDER,
    policies: 1,
    control: false,
    interpreted: false,
};

/// Decides every request of a shape: divide by the number of items for one decision.
fn decide(bencher: Bencher<'_, '_>, shape: Shape) {
    let scenario = Scenario::new(shape);
    let asked = scenario.asked();
    let mut facts: Vec<_> = asked.iter().map(|asked| asked.facts()).collect();
    bencher.counter(ItemsCount::new(REQUESTS)).bench_local(|| {
        for (asked, facts) in asked.iter().zip(&mut facts) {
            black_box(black_box(asked).rule(facts));
        }
    });
}

/// All 40 requests over one policy that grows.
#[divan::bench(args = [50, 500, 5_000])]
fn statements(bencher: Bencher<'_, '_>, statements: usize) {
    decide(
        bencher,
        Shape {
            statements,
            ..PLAIN
        },
    );
}

/// All 40 requests, the 50 statements spread over some policies.
#[divan::bench(args = [1, 5])]
fn policies(bencher: Bencher<'_, '_>, policies: usize) {
    decide(bencher, Shape { policies, ..PLAIN });
}

/// All 40 requests under control policies at four levels.
#[divan::bench(args = [50, 5_000])]
fn under_control_policies(bencher: Bencher<'_, '_>, statements: usize) {
    let control = true;
    decide(
        bencher,
        Shape {
            statements,
            control,
            ..PLAIN
        },
    );
}

/// All 40 requests, each of which meets one condition that is interpreted.
#[divan::bench(args = [50, 5_000])]
fn interpreted(bencher: Bencher<'_, '_>, statements: usize) {
    let interpreted = true;
    decide(
        bencher,
        Shape {
            statements,
            interpreted,
            ..PLAIN
        },
    );
}

/// From script to index.
#[divan::bench(args = [50, 5_000], sample_count = 20)]
fn load(bencher: Bencher<'_, '_>, statements: usize) {
    let scripts = Scripts::new(Shape {
        statements,
        ..PLAIN
    });
    bencher.bench_local(|| scripts.load());
}
