//! How long it takes to unfold definitions into their products, and how much memory: the shipped
//! lifecycle, and made-up ones with up to a million product states.
//!
//! `cargo bench -p stateward --bench exploration`; "max alloc" is the most memory that was held at once.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark without its fixture cannot run, and says how large it was"
)]

use std::ops::ControlFlow;
use std::path::Path;

use divan::{AllocProfiler, Bencher};
use stateward::analysis::{Limits, Model, Product, Profile, Tracking, check, explore, read_files};
use stateward::bundle::{Bundle, read_sources};
use stateward::source::SourceMap;

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

fn main() {
    for workflows in SIZES {
        let bundle = rings(workflows);
        let product = explored(&bundle);
        println!(
            "{workflows} workflows of {STATES} states: {} product states, {} firings between them, {} distinct, complete: {}",
            product.graph().node_count(),
            product.graph().edge_count(),
            product.firings().count(),
            product.is_complete(),
        );
    }
    divan::main();
}

const SIZES: [usize; 4] = [3, 4, 5, 6];
const STATES: usize = 10;

fn explored(bundle: &Bundle) -> Product<'_> {
    let model = Model::new(bundle, Profile::default(), &Tracking::nothing());
    let model = model.unwrap_or_else(|error| panic!("{error}"));
    explore(
        model,
        &Limits::default(),
        &mut |_| ControlFlow::Continue(()),
    )
}

fn shipped(lifecycle: &str) -> Bundle {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let sources = read_sources(&root, lifecycle).unwrap_or_else(|error| panic!("{error}"));
    loaded(sources, lifecycle)
}

fn loaded(sources: SourceMap, lifecycle: &str) -> Bundle {
    let loaded = Bundle::load(sources, lifecycle);
    loaded.unwrap_or_else(|error| panic!("{:#?}", error.diagnostics))
}

/// Workflows that go up and down, each up only while its neighbour is not at its end.
fn rings(workflows: usize) -> Bundle {
    let mut sources = SourceMap::default();
    let account = "lifecycle: rings\nedition: 2026-01\nprincipal_kinds: { user: {} }\n";
    sources.add("workflows/rings/account.yaml", account);
    for one in 0..workflows {
        let next = (one + 1) % workflows;
        let states = (0..STATES).map(|state| format!("s{state}: {{}}"));
        let states = states.collect::<Vec<_>>().join(", ");
        let mut text =
            format!("workflow: w{one}\ninitial: s0\nstates: {{ {states} }}\ntransitions:\n");
        for low in 0..STATES - 1 {
            let high = low + 1;
            let asked = format!("permission: \"s:Go\", resource: \"acs:s:*:1:w{one}\"");
            text.push_str(&format!(
                "  up{low}: {{ from: s{low}, to: s{high}, {asked}, when: state.w{next} != \"s9\" }}\n  \
                 down{low}: {{ from: s{high}, to: s{low}, {asked} }}\n"
            ));
        }
        sources.add(&format!("workflows/rings/w{one}.yaml"), &text);
    }
    sources.add("policies/All.rhai", "allow \"s:*\";");
    let principals = "principals: { user/ann: { account: \"1\", policies: [All] }, \
                      user/bob: { account: \"2\" } }";
    sources.add("policies/principals.yaml", principals);
    loaded(sources, "rings")
}

#[divan::bench(sample_count = 20)]
fn the_shipped_lifecycle(bencher: Bencher<'_, '_>) {
    let bundle = shipped("resource_account");
    bencher.bench_local(|| explored(&bundle).graph().node_count());
}

/// All that `stateward check` does besides reading files.
#[divan::bench(sample_count = 20)]
fn checking_the_shipped_lifecycle(bencher: Bencher<'_, '_>) {
    let bundle = shipped("resource_account");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let files = read_files(&bundle, &root).unwrap_or_else(|error| panic!("{error}"));
    bencher
        .with_inputs(|| files.clone())
        .bench_local_values(|files| check(&bundle, files));
}

#[divan::bench(args = SIZES, sample_count = 3, sample_size = 1)]
fn made_up(bencher: Bencher<'_, '_>, workflows: usize) {
    let bundle = rings(workflows);
    bencher.bench_local(|| explored(&bundle).graph().node_count());
}
