//! The peers, each in the way it is meant to be used.

pub mod dbos;
pub mod duroxide;
pub mod ours;
pub mod postgres;
pub mod raw;
pub mod sqlite;
