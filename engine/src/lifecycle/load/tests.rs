//! Lifecycles, good and broken, and what is said of them.

mod findings;
mod pages;
mod shape;
mod support;
