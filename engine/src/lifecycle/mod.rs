//! Lifecycles: from YAML files to a checked, immutable model.

pub mod codes;
pub mod edition;
#[cfg(any(test, feature = "testing"))]
mod fuzz;
mod load;
pub mod model;
pub mod syntax;

#[cfg(any(test, feature = "testing"))]
pub use fuzz::fuzz_lifecycle;
pub use load::{Loaded, load};
pub use syntax::schema;
