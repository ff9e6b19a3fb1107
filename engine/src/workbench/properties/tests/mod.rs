//! Properties: the language, the requests they are tried on, and the shipped ones over policies that
//! keep them and policies that do not.

mod language;
mod pages;
mod requests;
mod shipped;
pub(super) mod support;
