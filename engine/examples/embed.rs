//! Embeds the engine in a program: loads the shipped lifecycle, creates an account, binds a phone.
//!
//! Run it from the workspace's root: `cargo run -p stateward --example embed`.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use stateward::account::Outcome;
use stateward::bundle::{Bundle, read_sources};
use stateward::challenge::{CodeKey, KeyRing};
use stateward::courier::{MemoryCourier, SecretText};
use stateward::engine::{Confirm, Create, Engine, Presented, Run};
use stateward::entropy::OsEntropy;
use stateward::store::{Header, MemoryStore};
use stateward::time::{Clock, SystemClock};

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let bundle = Arc::new(Bundle::load(
        read_sources(&root, "resource_account")?,
        "resource_account",
    )?);
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

    let attributes = [
        ("display_name", "payments-prod"),
        ("country", "SG"),
        ("path", "rd-3G/r-Wm/fd-A/1001"),
        ("manager", "1000"),
        ("email", "payments@example.com"),
    ];
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
    engine.create(&Create::new("1001".parse()?, attributes.into()))?;

    let operator = bundle.principals.resolve("ram_user/ops-lin")?;
    let mut bind = Run::new(
        operator.clone(),
        "1001".parse()?,
        "mobile_phone.bind".parse()?,
    );
    bind.inputs = BTreeMap::from([("phone".to_owned(), "+65 9123 4567".to_owned())]);
    let mut out = std::io::stdout().lock();
    let answer = engine.run(&bind)?;
    let Outcome::Pending { attempt, .. } = answer.outcome else {
        return Err(format!("refused: {:?}", answer.outcome).into());
    };
    writeln!(out, "waiting: {attempt}")?;

    engine.pump(10)?;
    let text = mailbox.take().pop().map(|delivery| delivery.text);
    let text = text.ok_or("no message was delivered")?;
    let code = text
        .reveal()
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned();
    let proof = Presented::Code(SecretText::new(code));
    let answer = engine.confirm(&Confirm {
        attempt,
        by: Some(operator),
        proof,
        key: None,
    })?;
    writeln!(out, "answer:  {:?}", answer.outcome)?;
    Ok(())
}
