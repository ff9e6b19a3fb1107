//! What the tests share: a reference model of the engine, the engine beside it, what a store holds and
//! whether it agrees with itself, names for policy documents, and the bodies of the fuzz targets.

pub mod contents;
pub mod documents;
pub mod fuzz;
pub mod hooked;
pub mod model;
pub mod world;
