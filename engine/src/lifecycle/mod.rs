//! Lifecycles: from YAML files to a checked, immutable model.

pub mod model;
pub mod syntax;

pub use syntax::schema;
