//! Lets time pass and messages out in the background, while a program goes on with its own work.
//!
//! Run it from the workspace's root: `cargo run -p stateward --example driver`.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use stateward::bundle::{Bundle, read_sources};
use stateward::challenge::{CodeKey, KeyRing};
use stateward::courier::MemoryCourier;
use stateward::engine::{Create, Driver, Engine, Run};
use stateward::entropy::OsEntropy;
use stateward::store::{Header, MemoryStore};
use stateward::time::{Clock, SystemClock};

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let bundle = Bundle::load(read_sources(&root, "newsletter")?, "newsletter")?;
    let bundle = Arc::new(bundle);
    let key = CodeKey::generate(&OsEntropy)?;
    let header = Header {
        lifecycle: bundle.lifecycle.name.clone(),
        development: true,
        created_at: SystemClock.now(),
        key_id: key.id(),
    };
    let mailbox = Arc::new(MemoryCourier::default());
    let engine = Engine::builder()
        .bundle(bundle.clone())
        .store(Arc::new(MemoryStore::new(header)))
        .clock(Arc::new(SystemClock))
        .courier(mailbox.clone())
        .entropy(Arc::new(OsEntropy))
        .keys(KeyRing::new(key))
        .build()?;
    let engine = Arc::new(engine);

    // From here on nobody calls `tick` or `pump`.
    let driver = Driver::of(engine.clone())
        .on_trouble(|trouble| {
            let _ = writeln!(std::io::stderr(), "{trouble}");
        })
        .start()?;

    let email = ("email".to_owned(), "ann@example.com".to_owned());
    engine.create(&Create::new("ann".parse()?, BTreeMap::from([email])))?;
    let reader = bundle.principals.resolve("reader/ann")?;
    engine.run(&Run::new(
        reader,
        "ann".parse()?,
        "subscription.join".parse()?,
    ))?;

    let mut out = std::io::stdout().lock();
    for _ in 0..100 {
        if let Some(delivered) = mailbox.take().pop() {
            writeln!(out, "delivered {} by itself", delivered.message)?;
            break;
        }
        sleep(Duration::from_millis(10));
    }
    // What is in hand is done; timers that are not due yet wait for the next driver.
    driver.stop();
    Ok(())
}
