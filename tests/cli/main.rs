//! The command line as its users meet it: the real program, started with arguments and an
//! environment that is pinned, its whole answer held to a snapshot.

mod account;
mod attempts;
mod audit;
mod check;
mod common;
mod confirm;
mod couriers;
mod demo;
mod diff;
mod documents;
mod dry_run;
mod explain;
mod export;
mod files;
mod graph;
mod help;
#[cfg(target_os = "linux")]
mod hostile;
mod import;
mod init;
mod json;
mod lifecycles;
mod masking;
mod migrate;
mod operate;
mod plan;
mod policy;
mod policy_diff;
mod policy_fmt;
mod policy_matrix;
mod policy_properties;
mod policy_reference;
mod policy_repl;
mod policy_test;
mod policy_why;
mod project_file;
mod properties;
mod run;
mod simulate;
mod store;
mod streams;
mod takeover;
mod upkeep;
mod waiting;
mod who_can;
