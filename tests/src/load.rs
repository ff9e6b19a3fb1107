//! Load for tests that kill it: sixteen callers of one store, each of which says what was answered.
//!
//! `stateward-load STORE` writes a line `ACCOUNT REVISION` for every answer, once it has it, and never
//! ends by itself.

use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use acceptance::model::Step;
use acceptance::world::{Surroundings, World, header};
use stateward::store::{RedbOptions, RedbStore, Store};

const CALLERS: u8 = 16;
const ACCOUNTS_EACH: u8 = 16;

fn main() -> Result<(), Box<dyn Error>> {
    let path = PathBuf::from(std::env::args_os().nth(1).ok_or("which store?")?);
    let options = RedbOptions::default();
    let store: Arc<dyn Store> = if path.exists() {
        Arc::new(RedbStore::open(&path, &options)?)
    } else {
        Arc::new(RedbStore::create(&path, &header(), &options)?)
    };
    std::thread::scope(|scope| {
        for caller in 0..CALLERS {
            let store = Arc::clone(&store);
            let process = u64::from(std::process::id());
            scope.spawn(move || {
                let around = Surroundings::new(process << 8 | u64::from(caller));
                call(caller, &World::among(around, store));
            });
        }
    });
    Ok(())
}

/// One caller: everything that needs no code, on accounts of its own, over and over.
fn call(caller: u8, world: &World) {
    let first = caller * ACCOUNTS_EACH;
    for turn in (0..=u8::MAX).cycle() {
        let account = first + turn % ACCOUNTS_EACH;
        let steps = [
            Step::Create(account),
            Step::Bind(account, turn % 4, false),
            Step::Cancel(account),
        ];
        for step in steps {
            world.try_step(step, None).expect("an answer");
            let revision = world.revision(account);
            let line = format!("{account} {revision}\n");
            // At once and whole: a line that can be read was an answer.
            std::io::stdout()
                .write_all(line.as_bytes())
                .expect("somebody listens");
        }
    }
}
