//! Text for people, put together before it is written: lines, styled words and aligned columns.

use std::fmt::{Display, Write};

use anstyle::Style;
use comfy_table::{Table, presets};

use super::style;

/// Text with styles in it; a stream that takes no colour drops them.
#[derive(Debug, Default)]
pub struct Page {
    text: String,
}

impl Page {
    /// One line.
    pub fn line(&mut self, line: impl Display) {
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "{line}");
    }

    /// An empty line.
    pub fn gap(&mut self) {
        self.text.push('\n');
    }

    /// Aligned columns, indented by two spaces, two spaces apart. The cells carry no styles.
    pub fn columns<const N: usize>(&mut self, rows: impl IntoIterator<Item = [String; N]>) {
        self.table(None, rows);
    }

    /// Aligned columns under a heading each; nothing at all where there are no rows.
    pub fn listing<const N: usize>(
        &mut self,
        heads: [&str; N],
        rows: impl IntoIterator<Item = [String; N]>,
    ) {
        self.table(Some(heads), rows);
    }

    fn table<const N: usize>(
        &mut self,
        heads: Option<[&str; N]>,
        rows: impl IntoIterator<Item = [String; N]>,
    ) {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).add_rows(rows);
        if table.is_empty() {
            return;
        }
        let indent = if heads.is_some() { "" } else { "  " };
        let headed = heads.is_some();
        if let Some(heads) = heads {
            table.set_header(heads);
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        for (index, line) in table.lines().enumerate() {
            let look = if index == 0 && headed {
                style::FAINT
            } else {
                style::PLAIN
            };
            self.line(format_args!("{indent}{}", paint(look, line.trim_end())));
        }
    }

    /// The whole text.
    pub fn into_text(self) -> String {
        self.text
    }
}

/// Text in a style.
pub fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_end_without_blanks() {
        let mut page = Page::default();
        page.columns([
            ["a".to_owned(), "one".to_owned()],
            ["long".to_owned(), String::new()],
        ]);
        assert_eq!(page.into_text(), "  a     one\n  long\n");
    }
}
