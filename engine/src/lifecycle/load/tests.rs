//! Lifecycles, good and broken, and what is said of them.

mod authenticators;
mod findings;
mod fingerprints;
mod freezes;
mod pages;
mod shape;
mod shipped;
mod support;
