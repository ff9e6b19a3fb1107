//! A program that embeds stateward: here only what loads its definition.

use std::error::Error;
use std::path::Path;

use stateward::bundle::{Bundle, read_sources};

/// The library's definition, from the files beside this program.
///
/// # Errors
/// When a file cannot be read, or the definition is wrong.
pub fn definition() -> Result<Bundle, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = read_sources(root, "library")?;
    Ok(Bundle::load(sources, "library")?)
}
