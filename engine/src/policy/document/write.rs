//! From statements to a script as a person would write it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::Dialect;
use super::compare::{NamedList, Test, listed};
use super::grammar::{Document, Statement};
use crate::policy::Formatter;
use crate::policy::hidden::is_hidden;
use crate::source::FileId;

/// How often resources must begin alike for the beginning to get a name.
const REPEATED: usize = 3;

/// The script of a document that was read from `path`, in the style of policies.
pub(super) fn script(document: &Document, path: &str) -> String {
    let plain = plain(document, path);
    // What the formatter could not read would be found when the policy is loaded.
    Formatter::default()
        .format(FileId::NONE, &plain)
        .unwrap_or(plain)
}

/// The script with a line for each statement.
fn plain(document: &Document, path: &str) -> String {
    let file = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let file: String = file
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    let dialect = match document.dialect {
        Dialect::Ram => "a RAM",
        Dialect::Aws => "an AWS IAM",
    };
    let version = &document.version;
    let mut script = format!("//! Imported from {file}, {dialect} policy of version {version}.\n");
    if let Some(id) = &document.id {
        let _ = write!(script, "//!\n//! Id: {id}\n");
    }
    let prefixes = Prefixes::of(document);
    if !prefixes.0.is_empty() || !document.lists.is_empty() {
        script.push('\n');
    }
    for (prefix, name) in &prefixes.0 {
        let _ = writeln!(script, "let {name} = {};", quoted(prefix));
    }
    for NamedList { name, list } in &document.lists {
        let _ = writeln!(script, "let {name} = {list};");
    }
    for it in &document.statements {
        script.push('\n');
        if let Some(sid) = &it.sid {
            let _ = writeln!(script, "// Sid: {sid}");
        }
        let _ = writeln!(script, "{};", statement(it, &prefixes));
    }
    script
}

fn statement(it: &Statement, prefixes: &Prefixes) -> String {
    let mut text = it.verb.to_string();
    let all = matches!(it.actions.as_slice(), [one] if one == "*");
    let actions: Vec<_> = it.actions.iter().map(|action| quoted(action)).collect();
    let _ = match (it.except, all) {
        (false, true) => write!(text, " all"),
        (false, false) => write!(text, " {}", listed(&actions)),
        (true, _) => write!(text, " all except {}", listed(&actions)),
    };
    if !it.resources.is_empty() {
        let names = it.resources.iter();
        let names: Vec<_> = names.map(|resource| prefixes.text(resource)).collect();
        let _ = write!(text, " on {}", listed(&names));
    }
    // One thing that must not hold reads best as an exception; of several, each is a test.
    let mut exceptions = it.tests.iter().filter(|test| test.unless.is_some());
    let exception = exceptions
        .next()
        .filter(|_| exceptions.next().is_none())
        .and_then(|test| test.unless.as_deref());
    let tests = it.tests.iter();
    let tests: Vec<_> = tests
        .filter(|test| exception.is_none() || test.unless.is_none())
        .collect();
    if !tests.is_empty() {
        let _ = write!(text, " when {}", joined(&tests));
    }
    if let Some(exception) = exception {
        let _ = write!(text, " unless {exception}");
    }
    text
}

/// The tests beside each other: all of them must hold. What several ask first is asked once.
fn joined(tests: &[&Test]) -> String {
    let mut asked = BTreeSet::new();
    let guards = tests.iter().map(|test| test.guard.as_ref());
    let guards: Vec<_> = guards
        .map(|guard| guard.filter(|guard| asked.insert(*guard)))
        .collect();
    let single = tests.len() == 1 && asked.is_empty();
    let text = |test: &Test| match single {
        true => test.text.clone(),
        false => test.beside(),
    };
    let guarded = guards.into_iter().zip(tests);
    let texts: Vec<_> = guarded
        .flat_map(|(guard, test)| guard.cloned().into_iter().chain([text(test)]))
        .collect();
    texts.join(" && ")
}

/// Beginnings of resource names that are repeated, with the variables that stand for them.
struct Prefixes(BTreeMap<String, String>);

impl Prefixes {
    fn of(document: &Document) -> Self {
        let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
        let resources = document.statements.iter().flat_map(|it| &it.resources);
        for (prefix, _) in resources.filter_map(|resource| split(resource)) {
            *counted.entry(prefix).or_default() += 1;
        }
        let mut named = BTreeMap::new();
        for (prefix, _) in counted.into_iter().filter(|(_, times)| *times >= REPEATED) {
            let service = prefix.split(':').nth(1).unwrap_or_default();
            let word = service.bytes().all(|b| b.is_ascii_lowercase());
            // Two words cannot be one of the language's, whatever its words will be.
            let name = format!("{service}_arn");
            if word && !service.is_empty() && named.values().all(|taken| *taken != name) {
                named.insert(prefix.to_owned(), name);
            }
        }
        Self(named)
    }

    /// The literal of a resource.
    fn text(&self, resource: &str) -> String {
        let named = split(resource).and_then(|(prefix, rest)| Some((self.0.get(prefix)?, rest)));
        match named {
            Some((name, rest)) if !rest.contains(['`', '\\', '$']) => {
                format!("`${{{name}}}:{rest}`")
            }
            _ => quoted(resource),
        }
    }
}

/// `acs:service:region:account` and what follows its colon.
fn split(resource: &str) -> Option<(&str, &str)> {
    let (at, _) = resource.match_indices(':').nth(3)?;
    let named = resource.starts_with("acs:");
    let parts = (resource.get(..at)?, resource.get(at + 1..)?);
    named.then_some(parts)
}

/// A text literal.
pub(super) fn quoted(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => literal.extend(['\\', letter]),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            hidden if is_hidden(hidden) => {
                let _ = match u16::try_from(u32::from(hidden)) {
                    Ok(short) => write!(literal, "\\u{short:04x}"),
                    Err(_) => write!(literal, "\\U{:08x}", u32::from(hidden)),
                };
            }
            other => literal.push(other),
        }
    }
    literal.push('"');
    literal
}
