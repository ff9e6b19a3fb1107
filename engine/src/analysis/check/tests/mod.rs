//! What checking finds, and what it leaves alone.

mod pages;
mod shipped;
