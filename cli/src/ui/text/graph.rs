//! Pictures, for people: the drawing, or where it is.

use crate::output::graph::GraphDocument;
use crate::ui::{Page, Text};

impl Text for GraphDocument {
    fn text(&self, page: &mut Page) {
        if let Some(drawing) = &self.drawing {
            page.line(drawing.trim_end());
        }
        if let Some(path) = &self.path {
            page.line(format_args!("wrote {path}"));
        }
    }
}
