//! What the tests share: a reference model of the engine, the engine beside it, names for policy
//! documents, and the bodies of the fuzz targets.

pub mod documents;
pub mod fuzz;
pub mod model;
pub mod world;
