//! The text form of every document.

mod account;
mod audit;
mod check;
pub mod decision;
mod demo;
mod diff;
mod difference;
mod erase;
mod explain;
mod graph;
pub mod history;
mod matrix;
mod operate;
mod plan;
mod policy;
mod project;
mod simulate;
mod store;
mod takeover;
mod trace;
mod when;
