//! One-time codes: derived, never stored.
