//! Ours beside other policy engines: the same statements and the same requests, decisions checked
//! equal, timed in alternation. See README.md.

mod engines;
mod graphs;
mod race;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use peers_scenario::allocator::Counting;
use peers_scenario::peer::{Here, Load, Peer, There};
use peers_scenario::{requests, statements};

use self::engines::{cedar, ours, rego};
use self::race::{Runner, race};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |part: &str| asked.is_empty() || asked.iter().any(|asked| asked == part);
    if let Some(unknown) = asked
        .iter()
        .find(|part| !["statements", "graphs"].contains(&part.as_str()))
    {
        eprintln!("`{unknown}` is neither `statements` nor `graphs`");
        return ExitCode::from(2);
    }
    if wanted("statements") {
        compare_statements();
    }
    if wanted("graphs") {
        graphs::compare();
    }
    ExitCode::SUCCESS
}

/// Builds casbin's program by itself, since it would switch rhai's checks off for ours.
fn casbin() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--release", "-p", "peers-casbin"])
        .current_dir(here)
        .status();
    assert!(
        built.is_ok_and(|status| status.success()),
        "casbin's program does not build"
    );
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| here.join("target"), PathBuf::from);
    target.join("release/peers-casbin")
}

fn runners(casbin: &Path) -> Vec<Runner> {
    let here = |name, load: Load| Runner {
        name,
        peer: Box::new(Here::new(load)) as Box<dyn Peer>,
    };
    let there = There::start(casbin).expect("casbin's program starts");
    vec![
        here("cedar-policy", cedar::load),
        Runner {
            name: "casbin",
            peer: Box::new(there),
        },
        here("regorus", rego::load),
        here("stateward", ours::load),
        here(
            "stateward, one condition interpreted",
            ours::load_interpreted,
        ),
    ]
}

fn compare_statements() {
    let casbin = casbin();
    let mut of_fifty: HashMap<&str, f64> = HashMap::new();
    for count in [50, 500, 5_000] {
        println!("\n### {count} statements\n");
        println!(
            "| engine | p50 ns | p10 ns | to cedar | to 50 | allocations | bytes | kept KiB | load ms | rounds |"
        );
        println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
        let all = statements(count);
        let asked = requests(count);
        let expected: Vec<bool> = asked.iter().map(|request| request.expected(&all)).collect();
        let (mut entered, mut loaded) = (Vec::new(), Vec::new());
        for mut runner in runners(&casbin) {
            match runner.peer.load(count) {
                Ok(with) => {
                    assert_eq!(runner.peer.decisions(), expected, "{}", runner.name);
                    entered.push(runner);
                    loaded.push(with);
                }
                Err(why) => println!("| {} | refuses: {why} | | | | | | | | |", runner.name),
            }
        }
        let budget = Duration::from_secs(if count > 500 { 60 } else { 20 });
        let timed = race(&mut entered, asked.len(), budget);
        for ((runner, time), loaded) in entered.iter_mut().zip(&timed).zip(&loaded) {
            let allocated = runner.peer.allocated();
            let fifty = *of_fifty.entry(runner.name).or_insert(time.p50);
            println!(
                "| {} | {:.0} | {:.0} | {:.1} | {:.2} | {:.1} | {:.0} | {} | {:.1} | {} |",
                runner.name,
                time.p50,
                time.p10,
                timed[0].p50 / time.p50,
                time.p50 / fifty,
                allocated.calls,
                allocated.bytes,
                loaded.kept / 1024,
                loaded.time.as_secs_f64() * 1e3,
                time.rounds,
            );
        }
    }
    load_times();
}

/// How long ours takes to load, in the median of some times.
fn load_times() {
    let mut times: Vec<Duration> = (0..11)
        .map(|_| Here::new(ours::load).load(5_000))
        .map(|loaded| loaded.expect("ours loads any number").time)
        .collect();
    times.sort();
    println!(
        "\nstateward loads 5,000 statements in {:.1} ms (median of {})",
        times[5].as_secs_f64() * 1e3,
        times.len()
    );
}
