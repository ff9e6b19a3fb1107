//! Which look each kind of text has. Commands name the kind; colours are chosen here alone, and no
//! meaning hangs on them: every symbol and word says the same without.

use anstyle::{AnsiColor, Style};

/// The word that begins an error.
pub const ERROR: Style = AnsiColor::Red.on_default().bold();
/// The word that begins a warning.
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// The word that begins a hint.
pub const HINT: Style = AnsiColor::Cyan.on_default();
/// Something that went well.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// Something that did not.
pub const BAD: Style = AnsiColor::Red.on_default();
/// Something that matters less.
pub const FAINT: Style = Style::new().dimmed();
/// A heading, a name at the head of its paragraph.
pub const STRONG: Style = Style::new().bold();
/// No style.
pub const PLAIN: Style = Style::new();
