//! SVG: one file that looks right on its own, on light and on dark, with whatever font there is.
//!
//! What it says to eyes it also says to screen readers: a title, a description in words, and what is
//! declared of each state. Colours are attributes, so that it reads without any style sheet; a style
//! sheet inside changes them where the viewer prefers dark.

mod draw;
mod geometry;
mod layered;
mod layers;
mod legend;
mod pack;
mod ports;
mod rough;
mod route;
mod scene;
mod settle;
#[cfg(test)]
mod tests;
mod text;
mod words;
mod xml;

use crate::analysis::picture::Picture;

/// Draws a picture.
pub fn render(picture: &Picture) -> String {
    draw::draw(picture)
}
