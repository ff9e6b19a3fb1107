//! The author's workbench: what shows that policies say what they are meant to say.
//!
//! Its files lie in folders beside the policies. Bundles do not read them, so that nothing here can
//! take part in a decision.

mod files;

pub use files::Folder;
