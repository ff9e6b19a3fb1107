//! What every engine is asked, and how it is timed.
//!
//! Statements and requests are plain data here. Each engine writes them in its own words and is
//! held to [`Request::expected`], which applies the statements one by one.

pub mod allocator;
pub mod peer;
mod statements;

pub use statements::{
    ACTIONS, Account, Principal, Request, STATEMENTS, Statement, Test, accounts, folder,
    principals, requests, statements,
};
