//! What the tests share: a reference model of the engine, the engine beside it, and the bodies of the
//! fuzz targets.

pub mod fuzz;
pub mod model;
pub mod world;
