//! Writing a scenario down, as people would: short mappings on one line, and comments where there is
//! something to say.

use serde_yaml::{Mapping, Value};

use super::syntax::ScenarioForm;

/// The width that a mapping or a list on one line may reach.
const WIDTH: usize = 96;

/// What is said beside a scenario.
#[derive(Debug, Clone, Default)]
pub struct Notes {
    /// Before everything else.
    pub heading: Vec<String>,
    /// Before each step; steps without any may be left out in the end.
    pub steps: Vec<Vec<String>>,
}

impl ScenarioForm {
    /// The scenario as the text of a file. [`load`](super::load) reads it as the same scenario.
    pub fn text(&self, notes: &Notes) -> String {
        let mut page = Page::default();
        page.comments(0, &notes.heading);
        // Forms have no other values than those that YAML has.
        let Ok(Value::Mapping(entries)) = serde_yaml::to_value(self) else {
            return page.text;
        };
        for (key, value) in entries {
            let key = word(&key);
            match value {
                Value::Sequence(steps) if key == "steps" => {
                    page.line(0, "steps:");
                    page.steps(steps, notes);
                }
                value => page.entry(0, &key, &shortened(value)),
            }
        }
        page.text
    }
}

/// Short forms in place of mappings that say nothing else.
fn shortened(value: Value) -> Value {
    match value {
        Value::Mapping(entries) => {
            if let [("outcome" | "message", only)] = pairs(&entries).as_slice() {
                return (*only).clone();
            }
            let entries = entries.into_iter();
            Value::Mapping(entries.map(|(key, it)| (key, shortened(it))).collect())
        }
        Value::Sequence(items) => Value::Sequence(items.into_iter().map(shortened).collect()),
        value => value,
    }
}

fn pairs(entries: &Mapping) -> Vec<(&str, &Value)> {
    let pairs = entries.iter();
    pairs
        .map(|(key, value)| (key.as_str().unwrap_or_default(), value))
        .collect()
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, indent: usize, line: &str) {
        self.text.push_str(&" ".repeat(indent));
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn comments(&mut self, indent: usize, lines: &[String]) {
        for line in lines.iter().flat_map(|text| text.lines()) {
            for part in wrapped(line, WIDTH - indent - 2) {
                self.line(indent, format!("# {part}").trim_end());
            }
        }
    }

    fn steps(&mut self, steps: Vec<Value>, notes: &Notes) {
        for (index, step) in steps.into_iter().enumerate() {
            if let Some(lines) = notes.steps.get(index) {
                self.comments(2, lines);
            }
            let Value::Mapping(entries) = shortened(step) else {
                continue;
            };
            self.item(2, &entries);
        }
    }

    /// A mapping as an item of a list, a line for each of its keys.
    fn item(&mut self, indent: usize, entries: &Mapping) {
        for (index, (key, value)) in pairs(entries).into_iter().enumerate() {
            let begin = self.text.len();
            self.entry(indent + 2, key, value);
            if index == 0 {
                self.text.replace_range(
                    begin..begin + indent + 2,
                    &format!("{}- ", " ".repeat(indent)),
                );
            }
        }
    }

    /// A key and its value, on one line if that is not too long.
    fn entry(&mut self, indent: usize, key: &str, value: &Value) {
        let key = scalar(key);
        let line = format!("{key}: {}", flow(value));
        let fits = indent + line.chars().count() <= WIDTH;
        match value {
            Value::Mapping(entries) if !fits || (indent == 0 && !entries.is_empty()) => {
                self.line(indent, &format!("{key}:"));
                for (key, value) in pairs(entries) {
                    self.entry(indent + 2, key, value);
                }
            }
            Value::Sequence(items) if !fits && !items.is_empty() => {
                self.line(indent, &format!("{key}:"));
                for item in items {
                    let line = format!("- {}", flow(item));
                    match item {
                        Value::Mapping(entries) if indent + 2 + line.chars().count() > WIDTH => {
                            self.item(indent + 2, entries);
                        }
                        _ => self.line(indent + 2, &line),
                    }
                }
            }
            _ => self.line(indent, &line),
        }
    }
}

/// A line in parts that are not too wide, unless one word is.
fn wrapped(line: &str, width: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    for word in line.split(' ') {
        match parts.last_mut() {
            Some(part) if part.is_empty() => part.push_str(word),
            Some(part) if part.chars().count() + 1 + word.chars().count() <= width => {
                part.push(' ');
                part.push_str(word);
            }
            _ => parts.push(word.to_owned()),
        }
    }
    parts
}

/// A value on one line.
fn flow(value: &Value) -> String {
    match value {
        Value::Mapping(entries) => {
            let pairs = pairs(entries).into_iter();
            let entries: Vec<String> = pairs
                .map(|(key, value)| format!("{}: {}", scalar(key), flow(value)))
                .collect();
            match entries.is_empty() {
                true => "{}".to_owned(),
                false => format!("{{ {} }}", entries.join(", ")),
            }
        }
        Value::Sequence(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::String(text) => scalar(text),
        value => word(value),
    }
}

/// A number, a truth value or a key.
fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// A text, in quotes where it could be read as something else.
fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./@".contains(c);
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic());
    if starts && text.chars().all(plain) && !is_trap(text) {
        return text.to_owned();
    }
    if is_period(text) {
        return text.to_owned();
    }
    let sentence = |c: char| plain(c) || " ,;()'".contains(c);
    let is_sentence = starts && text.contains(' ') && text.chars().all(sentence);
    // Commas and brackets end a word within brackets; sentences stand on lines of their own.
    if is_sentence && !text.contains([',', '(', ')']) && !text.ends_with(' ') {
        return text.to_owned();
    }
    let escaped: String = text.chars().map(escape).collect();
    format!("\"{escaped}\"")
}

fn escape(letter: char) -> String {
    match letter {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        letter if letter.is_ascii() && !letter.is_ascii_control() => letter.to_string(),
        letter if letter.is_alphanumeric() => letter.to_string(),
        letter => format!("\\U{:08X}", u32::from(letter)),
    }
}

/// A number and a unit of time.
fn is_period(text: &str) -> bool {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    unit != text && ["ms", "s", "m", "h", "d", "w"].contains(&unit)
}

/// Words that YAML, of some version, does not read as text.
fn is_trap(text: &str) -> bool {
    const TRAPS: [&str; 12] = [
        "true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan", "inf", "none",
    ];
    TRAPS.iter().any(|trap| text.eq_ignore_ascii_case(trap))
}
