//! Lifecycles: from YAML files to a checked, immutable model.

pub mod codes;
mod load;
pub mod model;
pub mod syntax;

pub use load::{Loaded, load};
pub use syntax::schema;
