//! The engines of this process.

pub mod cedar;
pub mod ours;
pub mod rego;
