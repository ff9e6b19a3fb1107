//! Importing documents: what they become, and what is refused.

mod fixtures;
mod pages;
mod refusals;

use std::fmt::Write as _;
use std::sync::Arc;

use super::{Imported, Key, Kind, Options, import};
use crate::diagnostic::{Diagnostic, Severity};
use crate::expr::Type;
use crate::source::SourceMap;

/// The condition keys of a small lifecycle: their names in documents and here, and their types.
const KEYS: [(&str, &str, &str); 8] = [
    ("acs:SourceIp", "context.source_ip", "ip"),
    ("acs:MFAPresent", "context.mfa", "bool"),
    ("acs:PrincipalARN", "context.principal_arn", "text"),
    ("ram:ServiceName", "context.service_name", "text"),
    ("aws:RequestedRegion", "context.region", "text"),
    ("x:Count", "context.count", "int"),
    ("x:Since", "context.since", "time"),
    ("x:Level", "context.level", "one_of"),
];

/// What importing a text gave.
struct Answer {
    imported: Option<Imported>,
    sources: SourceMap,
    findings: Vec<Diagnostic>,
}

fn key(name: &str) -> Option<Key> {
    let (_, name, ty) = KEYS.iter().find(|(key, _, _)| *key == name)?;
    let words: [_; 2] = ["low", "high"].map(|word| word.parse().unwrap());
    Some(Key {
        name: Arc::from(*name),
        ty: match *ty {
            "bool" => Type::Bool,
            "int" => Type::Int,
            "time" => Type::Time,
            "one_of" => Type::OneOf(words.into()),
            "ip" => Type::Ip,
            _ => Type::Text,
        },
        optional: true,
    })
}

fn read(text: &str, kind: Kind, lenient: bool) -> Answer {
    let mut sources = SourceMap::default();
    let file = sources.add("folder/example.json", text);
    let mut findings = Vec::new();
    let options = Options {
        kind,
        lenient,
        key: &key,
        has_kind: &|kind| ["ram_user", "ram_role", "service", "iam_role"].contains(&kind),
    };
    let source = sources.file(file).unwrap();
    let imported = import(file, source, &options, &mut findings);
    let failed = findings.iter().any(|it| it.severity == Severity::Error);
    assert_eq!(imported.is_none(), failed, "{findings:?}");
    Answer {
        imported,
        sources,
        findings,
    }
}

impl Answer {
    /// The script; there must be no findings.
    #[track_caller]
    fn script(self) -> String {
        assert!(self.findings.is_empty(), "{}", self.report());
        self.imported.unwrap().script
    }

    /// Every finding as `code line:column message [underlined]`, with what is said beside it.
    fn report(&self) -> String {
        let mut out = String::new();
        for finding in &self.findings {
            let span = finding.primary.span;
            let place = self.sources.locate(span).unwrap();
            let text = &self.sources.file(span.file).unwrap().text;
            let under = &text[span.start as usize..span.end as usize];
            let (line, column) = (place.line, place.column);
            let (code, says) = (finding.code, &finding.message);
            writeln!(out, "{code} {line}:{column} {says} [{under}]").unwrap();
            for label in finding.secondary.iter().chain([&finding.primary]) {
                if !label.text.is_empty() {
                    writeln!(out, "  {}", label.text).unwrap();
                }
            }
            for help in &finding.help {
                writeln!(out, "  help: {help}").unwrap();
            }
        }
        out
    }
}

/// A RAM document with these members in its only statement.
fn ram(members: &str) -> String {
    format!(r#"{{"Version": "1", "Statement": [{{{members}}}]}}"#)
}

/// An allowing RAM statement with this condition.
fn when(condition: &str) -> String {
    ram(&format!(
        r#""Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {{{condition}}}"#
    ))
}

/// The same of AWS.
fn when_aws(condition: &str) -> String {
    when(condition).replacen("\"1\"", "\"2012-10-17\"", 1)
}
