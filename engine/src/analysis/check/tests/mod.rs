//! What checking finds, and what it leaves alone.

mod docs;
mod pages;
mod shipped;
mod ways;
