//! From statements to a script as a person would write it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::condition::Test;
use super::grammar::{Document, Statement};

/// Longest line.
const WIDTH_MAX: usize = 100;
/// How often resources must begin alike for the beginning to get a name.
const REPEATED: usize = 3;

/// The script of a document that was read from `path`.
pub(super) fn script(document: &Document, path: &str) -> String {
    let file = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let file: String = file
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    let (dialect, version) = (document.dialect, &document.version);
    let mut script =
        format!("//! Imported from {file}, a {dialect} policy of version {version}.\n");
    if dialect == super::Dialect::Aws {
        script = script.replacen("a AWS", "an AWS", 1);
    }
    if let Some(id) = &document.id {
        let _ = write!(script, "//!\n//! Id: {id}\n");
    }
    let prefixes = Prefixes::of(document);
    if !prefixes.0.is_empty() {
        script.push('\n');
    }
    for (prefix, name) in &prefixes.0 {
        let _ = writeln!(script, "let {name} = {};", quoted(prefix));
    }
    for it in &document.statements {
        script.push('\n');
        if let Some(sid) = &it.sid {
            let _ = writeln!(script, "// Sid: {sid}");
        }
        script.push_str(&statement(it, &prefixes));
    }
    script
}

fn statement(it: &Statement, prefixes: &Prefixes) -> String {
    let mut head = it.verb.to_string();
    let actions: Vec<_> = it.actions.iter().map(|action| quoted(action)).collect();
    let all = actions.len() == 1 && it.actions.iter().all(|action| action == "*");
    let listed = match (it.except, all) {
        (false, true) => Listed::one("all"),
        (false, false) => Listed::of(actions),
        (true, _) => {
            head.push_str(" all except");
            Listed::of(actions)
        }
    };
    let resources: Vec<_> = it
        .resources
        .iter()
        .map(|resource| prefixes.text(resource))
        .collect();
    let resources = (!resources.is_empty()).then(|| Listed::of(resources));
    // One thing that must not hold reads best as an exception; of several, each is a test.
    let mut exceptions = it.tests.iter().filter(|test| test.unless.is_some());
    let exception = exceptions.next().filter(|_| exceptions.next().is_none());
    let unless = exception.and_then(|test| test.unless.as_deref());
    let others = it
        .tests
        .iter()
        .filter(|test| unless.is_none() || test.unless.is_none());
    let tests = tests(&others.collect::<Vec<_>>());

    let mut whole = format!("{head} {}", listed.line());
    if let Some(resources) = &resources {
        let _ = write!(whole, " on {}", resources.line());
    }
    if !tests.is_empty() {
        let _ = write!(whole, " when {}", tests.join(" && "));
    }
    if let Some(unless) = unless {
        let _ = write!(whole, " unless {unless}");
    }
    if width(&whole) < WIDTH_MAX {
        return format!("{whole};\n");
    }
    let mut text = head;
    listed.append(&mut text, 0);
    if let Some(resources) = &resources {
        clause(&mut text, "on");
        resources.append(&mut text, 4);
    }
    if !tests.is_empty() {
        clause(&mut text, "when");
        text.push(' ');
        text.push_str(&tests.join("\n        && "));
    }
    if let Some(unless) = unless {
        let _ = write!(text, "\n    unless {unless}");
    }
    text.push_str(";\n");
    text
}

/// Begins a clause: beside a list that was broken, else on a line of its own.
fn clause(text: &mut String, word: &str) {
    let beside = text.ends_with("\n]");
    text.push_str(if beside { " " } else { "\n    " });
    text.push_str(word);
}

/// The tests as they stand beside each other.
fn tests(tests: &[&Test]) -> Vec<String> {
    let single = tests.len() == 1;
    let one = |test: &&Test| match test.choice && !single {
        true => format!("({})", test.text),
        false => test.text.clone(),
    };
    tests.iter().map(one).collect()
}

/// Some literals, of which a single one stands without brackets.
struct Listed(Vec<String>);

impl Listed {
    fn one(text: &str) -> Self {
        Self(vec![text.to_owned()])
    }

    fn of(texts: Vec<String>) -> Self {
        Self(texts)
    }

    fn line(&self) -> String {
        match self.0.as_slice() {
            [single] => single.clone(),
            many => format!("[{}]", many.join(", ")),
        }
    }

    /// Adds the list behind what is there: on its line where there is room, else a line for each.
    fn append(&self, text: &mut String, indent: usize) {
        let line = self.line();
        let column = width(text.rsplit('\n').next().unwrap_or_default());
        if self.0.len() == 1 || column + 1 + width(&line) < WIDTH_MAX {
            text.push(' ');
            text.push_str(&line);
            return;
        }
        // A clause beside a broken list is not indented, and neither is what it holds.
        let beside = text
            .rsplit('\n')
            .next()
            .is_some_and(|last| last.starts_with(']'));
        let indent = " ".repeat(if beside { 0 } else { indent });
        text.push_str(" [\n");
        for one in &self.0 {
            let _ = writeln!(text, "{indent}    {one},");
        }
        let _ = write!(text, "{indent}]");
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
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
            control if control.is_control() => {
                let _ = write!(literal, "\\u{:04x}", u32::from(control));
            }
            other => literal.push(other),
        }
    }
    literal.push('"');
    literal
}
