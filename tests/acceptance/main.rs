//! Acceptance tests: the shipped lifecycle and policies, from requests to what is stored and sent.
//!
//! A case is named by its number in the catalogue of cases that the lifecycle was written against
//! (`l01`, `p01`, …); cases without a number are the project's own. Each runs on every store.

mod account_center;
mod audit;
mod authenticator;
mod binding;
mod deletion;
mod directory;
mod durability;
mod editions;
mod email_change;
mod fixture;
mod formats;
mod import;
mod invariants;
mod matrix;
mod member_type;
mod membership;
mod migration;
mod newsletter;
mod notices;
mod pictures;
mod policy;
mod scenarios;
mod secrecy;
mod shipped;
mod strangers;
mod timers;
