//! The seeds of requests that once broke a property, kept with the properties so that they are tried
//! first from then on.
//!
//! The file is for machines to write and for people to commit. Each line is a seed, and behind `#`
//! what it broke:
//!
//! ```text
//! cc 9b1c6c0a5e77d021 # auditors never change anything
//! ```

use std::fmt::Write as _;

use super::codes;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// A seed with what it broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regression {
    /// The seed.
    pub seed: u64,
    /// The property.
    pub broke: String,
}

/// The seeds of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Regressions(Vec<Regression>);

const HEAD: &str = "\
# Seeds of requests that once broke a property. `stateward policy test` tries them before any other,
# and adds those it finds. Commit this file; a line that no longer breaks anything may stay.
";

impl Regressions {
    /// The name of their file, in the folder of the properties.
    pub const FILE: &'static str = "regressions.txt";

    /// Reads the file. What is wrong is added to `findings`, and left out.
    pub fn read(file: FileId, text: &str, findings: &mut Vec<Diagnostic>) -> Self {
        let mut read = Self::default();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let words = line.trim();
            match seed(words) {
                _ if words.is_empty() || words.starts_with('#') => {}
                Some(regression) => read.0.push(regression),
                None => {
                    let span = Span::new(file, start..start + line.trim_end().len());
                    let says = "this is no seed";
                    let finding = Diagnostic::error(codes::BAD_REGRESSION, span, says);
                    let help = "a line is `cc`, sixteen hexadecimal digits, and a comment";
                    findings.push(finding.help(help));
                }
            }
            start += line.len();
        }
        read
    }

    /// The seeds, oldest first.
    pub fn seeds(&self) -> impl Iterator<Item = u64> {
        self.0.iter().map(|regression| regression.seed)
    }

    /// Adds a seed; false, if it is there already.
    pub fn add(&mut self, regression: Regression) -> bool {
        let new = !self.0.contains(&regression);
        if new {
            self.0.push(regression);
        }
        new
    }

    /// The file.
    pub fn text(&self) -> String {
        let mut text = HEAD.to_owned();
        for Regression { seed, broke } in &self.0 {
            // Writing to a text cannot fail.
            let _ = writeln!(
                text,
                "cc {seed:016x} # {}",
                broke.replace(char::is_control, " ")
            );
        }
        text
    }
}

fn seed(line: &str) -> Option<Regression> {
    let rest = line.strip_prefix("cc ")?;
    let (seed, broke) = rest.split_once('#').unwrap_or((rest, ""));
    let seed = seed.trim();
    (seed.len() == 16).then_some(())?;
    Some(Regression {
        seed: u64::from_str_radix(seed, 16).ok()?,
        broke: broke.trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;

    fn read(text: &str) -> (Regressions, Vec<String>) {
        let mut findings = Vec::new();
        let file = SourceMap::default().add("regressions.txt", text);
        let read = Regressions::read(file, text, &mut findings);
        let place = |it: Diagnostic| format!("{} {:?}", it.code, it.primary.span.start);
        (read, findings.into_iter().map(place).collect())
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut kept = Regressions::default();
        let first = Regression {
            seed: 0x9b1c,
            broke: "auditors # only\nread".to_owned(),
        };
        assert!(kept.add(first.clone()));
        assert!(!kept.add(first));
        let (again, wrong) = read(&kept.text());
        assert_eq!(again.seeds().collect::<Vec<_>>(), [0x9b1c]);
        assert!(wrong.is_empty());
    }

    #[test]
    fn a_line_that_is_no_seed_is_reported_and_the_others_are_kept() {
        let (kept, wrong) = read("# head\n\ncc 00000000000000ff # one\ncc ff\nseed\n");
        assert_eq!(kept.seeds().collect::<Vec<_>>(), [0xff]);
        assert_eq!(wrong, ["P0428 34", "P0428 40"]);
    }
}
