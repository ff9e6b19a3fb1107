//! From JSON to statements: the elements of a document, which of them may stand where, and their
//! forms.

use std::borrow::Cow;

use jsonc_parser::ast::{Object, ObjectProp, Value};

use super::compare::{NamedList, Test, none_of};
use super::json::{form, span_of};
use super::operator::Base;
use super::write::quoted;
use super::{Dialect, Kind, Options, codes};
use crate::diagnostic::{Code, Diagnostic};
use crate::policy::hidden::is_hidden;
use crate::policy::pattern::{Pattern, PatternError};
use crate::policy::statement::Verb;
use crate::source::{FileId, Span};

/// A document, understood.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) dialect: Dialect,
    pub(super) version: String,
    pub(super) id: Option<String>,
    /// Lists that conditions use by name.
    pub(super) lists: Vec<NamedList>,
    pub(super) statements: Vec<Statement>,
}

/// One statement of it.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) sid: Option<String>,
    pub(super) verb: Verb,
    /// `NotAction`.
    pub(super) except: bool,
    pub(super) actions: Vec<String>,
    /// All, if empty.
    pub(super) resources: Vec<String>,
    /// All of them must hold.
    pub(super) tests: Vec<Test>,
}

/// A text and where it is written.
#[derive(Debug)]
pub(super) struct Text<'v> {
    pub(super) text: Cow<'v, str>,
    pub(super) span: Span,
}

/// Reads one document; what is wrong goes to `findings`.
pub(super) struct Reader<'o> {
    pub(super) file: FileId,
    pub(super) options: &'o Options<'o>,
    pub(super) dialect: Dialect,
    pub(super) lists: Vec<NamedList>,
    findings: &'o mut Vec<Diagnostic>,
}

const DOCUMENT: [&str; 3] = ["Version", "Id", "Statement"];
const STATEMENT: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

impl<'o> Reader<'o> {
    pub(super) fn new(
        file: FileId,
        options: &'o Options<'o>,
        findings: &'o mut Vec<Diagnostic>,
    ) -> Self {
        Self {
            file,
            options,
            dialect: Dialect::Ram,
            lists: Vec::new(),
            findings,
        }
    }

    pub(super) fn error(&mut self, code: Code, span: Span, says: impl Into<String>) {
        self.report(Diagnostic::error(code, span, says));
    }

    pub(super) fn report(&mut self, finding: Diagnostic) {
        self.findings.push(finding);
    }

    pub(super) fn document(mut self, value: &Value<'_>) -> Option<Document> {
        let object = self.object(value, "a policy document")?;
        let version = self.version(object)?;
        self.elements(object, &DOCUMENT, "a document");
        let id = object.get("Id").and_then(|id| self.remark(id));
        let Some(list) = object.get("Statement") else {
            self.missing(object, "document", "Statement");
            return None;
        };
        let statements: Vec<_> = match &list.value {
            Value::Array(array) if array.elements.is_empty() => {
                let span = span_of(self.file, array);
                self.error(codes::WRONG_FORM, span, "the document has no statements");
                return None;
            }
            Value::Array(array) => array.elements.iter().collect(),
            single => vec![single],
        };
        let statements: Vec<_> = statements
            .into_iter()
            .map(|statement| self.statement(statement))
            .collect();
        Some(Document {
            dialect: self.dialect,
            version,
            id,
            lists: self.lists,
            statements: statements.into_iter().collect::<Option<_>>()?,
        })
    }

    /// The version, which says whose language the rest is written in.
    fn version(&mut self, object: &Object<'_>) -> Option<String> {
        const HELP: &str = "write \"1\" for RAM, \"2012-10-17\" for AWS IAM";
        let Some(version) = object.get("Version") else {
            let span = self.opening(object);
            let finding = Diagnostic::error(codes::VERSION, span, "the document has no `Version`");
            self.report(finding.help(HELP));
            return None;
        };
        let span = span_of(self.file, &version.value);
        let dialect = match &version.value {
            Value::StringLit(text) => match &*text.value {
                "1" => Some(Dialect::Ram),
                "2012-10-17" | "2008-10-17" => Some(Dialect::Aws),
                _ => None,
            },
            _ => None,
        };
        let Some(dialect) = dialect else {
            let says = "no policy language has this version";
            self.report(Diagnostic::error(codes::VERSION, span, says).help(HELP));
            return None;
        };
        self.dialect = dialect;
        version
            .value
            .as_string_lit()
            .map(|text| text.value.to_string())
    }

    fn statement(&mut self, value: &Value<'_>) -> Option<Statement> {
        let object = self.object(value, "a statement")?;
        self.elements(object, &STATEMENT, "a statement");
        let verb = self.effect(object);
        let actions = self.actions(object);
        let resources = self.resources(object);
        let others = self.other_resources(object);
        let principals = self.principals(object);
        let tests = match object.get("Condition") {
            None => Some(Vec::new()),
            Some(condition) => self.conditions(&condition.value),
        };
        let (except, actions) = actions?;
        let mut all = principals?;
        all.extend(others?);
        all.extend(tests?);
        Some(Statement {
            sid: object.get("Sid").and_then(|sid| self.remark(sid)),
            verb: verb?,
            except,
            actions,
            resources: resources?,
            tests: all,
        })
    }

    fn effect(&mut self, object: &Object<'_>) -> Option<Verb> {
        let Some(effect) = object.get("Effect") else {
            self.missing(object, "statement", "Effect");
            return None;
        };
        let text = self.text(&effect.value, "`Effect`")?;
        match &*text.text {
            "Allow" => Some(Verb::Allow),
            "Deny" => Some(Verb::Deny),
            other => {
                let says = "an effect is `Allow` or `Deny`";
                let finding = Diagnostic::error(codes::WRONG_FORM, text.span, says);
                let quoted = ["\"Allow\"", "\"Deny\""];
                self.report(finding.did_you_mean(&format!("\"{other}\""), quoted));
                None
            }
        }
    }

    /// Whether the actions are excepted, and their patterns.
    fn actions(&mut self, object: &Object<'_>) -> Option<(bool, Vec<String>)> {
        let of = |name| object.get(name);
        let (property, except) = match (of("Action"), of("NotAction")) {
            (Some(_), Some(other)) => return self.both(object, "Action", other),
            (None, None) => {
                self.missing(object, "statement", "Action");
                return None;
            }
            (Some(property), None) => (property, false),
            (None, Some(property)) => (property, true),
        };
        let texts = self.texts(property)?;
        let patterns = self.patterns(texts, crate::policy::codes::BAD_ACTION, Pattern::action)?;
        Some((except, patterns))
    }

    /// The resources of a statement; all, if empty.
    fn resources(&mut self, object: &Object<'_>) -> Option<Vec<String>> {
        match (object.get("Resource"), object.get("NotResource")) {
            (Some(_), Some(other)) => self.both(object, "Resource", other),
            (None, Some(other)) if self.dialect == Dialect::Ram => {
                self.inexpressible(other, "name the resources that the statement is about");
                None
            }
            (None, Some(_)) => Some(Vec::new()),
            (Some(property), None) => {
                let patterns = self.resource_patterns(property)?;
                let everything = matches!(patterns.as_slice(), [one] if one == "*");
                Some(if everything { Vec::new() } else { patterns })
            }
            (None, None) if self.options.kind == Kind::Trust => Some(Vec::new()),
            (None, None) => {
                self.missing(object, "statement", "Resource");
                None
            }
        }
    }

    /// `NotResource` of AWS, whose names of resources are compared as they are, as a test.
    fn other_resources(&mut self, object: &Object<'_>) -> Option<Vec<Test>> {
        let (None, Dialect::Aws) = (object.get("Resource"), self.dialect) else {
            return Some(Vec::new());
        };
        let Some(property) = object.get("NotResource") else {
            return Some(Vec::new());
        };
        let patterns = self.resource_patterns(property)?;
        let literals: Vec<_> = patterns.iter().map(|text| quoted(text)).collect();
        let values = self.literals(Base::Like, "resource", literals);
        Some(vec![none_of(Base::Like, "resource", &values)])
    }

    fn resource_patterns(&mut self, property: &ObjectProp<'_>) -> Option<Vec<String>> {
        let code = crate::policy::codes::BAD_RESOURCE;
        let texts = self.texts(property)?;
        let mut plain = self.without_variables(&texts);
        let foreign = |text: &&Text<'_>| &*text.text != "*" && !text.text.starts_with("arn:");
        if self.dialect == Dialect::Aws && plain {
            for text in texts.iter().filter(foreign) {
                let says = "a resource of AWS is `*` or begins with `arn:`";
                self.error(code, text.span, says);
                plain = false;
            }
        }
        self.patterns(texts, code, Pattern::resource)
            .filter(|_| plain)
    }

    fn patterns(
        &mut self,
        texts: Vec<Text<'_>>,
        code: Code,
        check: fn(&str) -> Result<Pattern, PatternError>,
    ) -> Option<Vec<String>> {
        let mut patterns = Vec::with_capacity(texts.len());
        for text in &texts {
            match check(&text.text) {
                Ok(_) => patterns.push(text.text.to_string()),
                Err(error) => self.error(code, text.span, error.to_string()),
            }
        }
        (patterns.len() == texts.len()).then_some(patterns)
    }

    /// Refuses texts with `${…}` in them; whether there are none.
    pub(super) fn without_variables(&mut self, texts: &[Text<'_>]) -> bool {
        let with = texts.iter().filter(|text| text.text.contains("${"));
        let spans: Vec<_> = with.map(|text| text.span).collect();
        for span in &spans {
            let says = "policy variables are not imported";
            let finding = Diagnostic::error(codes::VARIABLE, *span, says);
            self.report(
                finding.help("write a statement in `policies/` whose `when` compares them"),
            );
        }
        spans.is_empty()
    }

    /// Refuses the elements that do not belong here.
    fn elements(&mut self, object: &Object<'_>, known: &[&str], place: &str) {
        for property in &object.properties {
            let name = property.name.as_str();
            let span = span_of(self.file, &property.name);
            let finding = |says| Diagnostic::error(codes::UNKNOWN_ELEMENT, span, says);
            let remark = matches!(name, "Sid" | "Id");
            if !known.contains(&name) {
                let says = format!("{place} has no element `{name}`");
                let quoted: Vec<_> = known.iter().map(|name| format!("\"{name}\"")).collect();
                let meant = quoted.iter().map(String::as_str);
                self.report(finding(says).did_you_mean(&format!("\"{name}\""), meant));
            } else if remark && self.dialect == Dialect::Ram && !self.options.lenient {
                let says = format!("{place} of RAM has no element `{name}`");
                self.report(finding(says).help("`--lenient` keeps it as a comment"));
            }
        }
    }

    /// A text that means nothing, kept as a comment.
    fn remark(&mut self, property: &ObjectProp<'_>) -> Option<String> {
        let name = property.name.as_str();
        let text = self.text(&property.value, &format!("`{name}`"))?;
        let hidden = |c| c == '\n' || c == '\t' || is_hidden(c);
        if text.text.chars().any(hidden) {
            let says = format!("`{name}` is more than one line of what can be seen");
            self.error(codes::WRONG_FORM, text.span, says);
            return None;
        }
        Some(text.text.into_owned())
    }

    fn object<'v, 't>(&mut self, value: &'v Value<'t>, what: &str) -> Option<&'v Object<'t>> {
        if let Value::Object(object) = value {
            return Some(object);
        }
        self.wrong_form(value, what, "an object");
        None
    }

    pub(super) fn entries<'v, 't>(
        &mut self,
        value: &'v Value<'t>,
        what: &str,
    ) -> Option<&'v [ObjectProp<'t>]> {
        self.object(value, what)
            .map(|object| object.properties.as_slice())
    }

    pub(super) fn text<'v>(&mut self, value: &'v Value<'_>, what: &str) -> Option<Text<'v>> {
        if let Value::StringLit(text) = value {
            return Some(Text {
                text: Cow::Borrowed(&text.value),
                span: span_of(self.file, value),
            });
        }
        self.wrong_form(value, what, "a text");
        None
    }

    /// A text or a list of texts, at least one.
    pub(super) fn texts<'v>(&mut self, property: &'v ObjectProp<'_>) -> Option<Vec<Text<'v>>> {
        let what = format!("`{}`", property.name.as_str());
        let values = self.values(&property.value, &what)?;
        let texts: Vec<_> = values.iter().map(|value| self.text(value, &what)).collect();
        texts.into_iter().collect()
    }

    /// One value, or those of a list; at least one.
    pub(super) fn values<'v, 't>(
        &mut self,
        value: &'v Value<'t>,
        what: &str,
    ) -> Option<&'v [Value<'t>]> {
        match value {
            Value::Array(array) if array.elements.is_empty() => {
                let span = span_of(self.file, array);
                self.error(codes::WRONG_FORM, span, format!("{what} lists nothing"));
                None
            }
            Value::Array(array) => Some(&array.elements),
            single => Some(std::slice::from_ref(single)),
        }
    }

    pub(super) fn wrong_form(&mut self, value: &Value<'_>, what: &str, wanted: &str) {
        let span = span_of(self.file, value);
        let says = format!("{what} is {wanted}, not {}", form(value));
        self.error(codes::WRONG_FORM, span, says);
    }

    pub(super) fn missing(&mut self, object: &Object<'_>, what: &str, name: &str) {
        let span = self.opening(object);
        let says = format!("the {what} has no `{name}`");
        self.error(codes::MISSING_ELEMENT, span, says);
    }

    fn both<T>(&mut self, object: &Object<'_>, name: &str, other: &ObjectProp<'_>) -> Option<T> {
        let span = span_of(self.file, &other.name);
        let says = format!("a statement has `{name}` or `Not{name}`, not both");
        let mut finding = Diagnostic::error(codes::BOTH, span, says);
        if let Some(first) = object.get(name) {
            finding = finding.also(span_of(self.file, &first.name), "the other one");
        }
        self.report(finding);
        None
    }

    pub(super) fn inexpressible(&mut self, property: &ObjectProp<'_>, help: &str) {
        let span = span_of(self.file, &property.name);
        let says = format!("`{}` is not imported", property.name.as_str());
        self.report(Diagnostic::error(codes::INEXPRESSIBLE, span, says).help(help));
    }

    /// Where an object begins.
    fn opening(&self, object: &Object<'_>) -> Span {
        span_of(self.file, object).within(0..1)
    }
}
