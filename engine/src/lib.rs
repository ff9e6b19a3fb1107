//! A policy-driven state machine engine for account lifecycles: YAML workflows say which transitions an
//! account can make and what has to be proved first, rhai policies say who may ask for them, and every
//! decision is durable, explained and hash-chained.
//!
//! # From files to answers
//!
//! 1. [`bundle::read_sources`] and [`bundle::Bundle::load`] turn a folder into a checked bundle, or
//!    into [diagnostics](diagnostic) that point at every mistake.
//! 2. [`engine::Engine::builder`] takes the bundle and five ports: a [store], a [clock](time::Clock), a
//!    [courier], a source of [entropy], and the [keys](challenge::KeyRing) that codes are derived with.
//! 3. [`engine::Engine::run`] asks for a transition, [`confirm`](engine::Engine::confirm) proves what it
//!    waits for, [`pump`](engine::Engine::pump) delivers messages and [`tick`](engine::Engine::tick)
//!    lets time have its effect.
//!
//! Underneath is [`decide::decide`], a pure function. Nothing in this crate reads the environment, the
//! terminal or, unless it is given [`time::SystemClock`], the wall clock.
//!
//! A [scenario] is a file that says what is done with an account and what is expected to come of it; it
//! is played on a real engine, at any time with the same result.
//!
//! # Features
//!
//! - `redb` (default): the durable embedded store.
//! - `smtp`, `webhook` (default): the couriers of these names.
//! - `properties`: the bench's [properties](workbench::properties), tried on requests that are made up.
//! - `svg`: [pictures](analysis::picture) as SVG.
//! - `testing`: a clock that is set by hand, and the bodies that tests and fuzz targets share.

pub mod account;
pub mod analysis;
pub mod bundle;
pub mod challenge;
pub mod courier;
pub mod decide;
pub mod diagnostic;
pub mod engine;
pub mod entropy;
pub mod expr;
mod gcra;
mod hex;
mod kept;
mod keyed;
pub mod lifecycle;
pub mod name;
mod network;
pub mod policy;
pub mod quota;
pub mod scenario;
pub mod sealed;
pub mod situation;
pub mod source;
pub mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod throttle;
pub mod time;
pub mod value;
mod wildcard;
mod words;
pub mod workbench;

/// The example in the README compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
