//! From a policy's script to its statements.
//!
//! A script runs once, sealed and bounded, and registers statements. Their conditions are not run
//! but kept, checked and lowered when the script has ended, so that a decision depends on the facts
//! of its request alone.

mod checks;
mod conditions;
pub(super) mod lexer;
pub(super) mod lists;
pub(super) mod outline;
mod record;
mod report;
pub(super) mod sandbox;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use rhai::AST;

use self::conditions::{Conditions, Written};
use self::outline::{Outline, StatementPlace};
use self::record::{Condition, Recorded, Texts};
use self::sandbox::Sandbox;
use super::codes;
use super::hidden;
use super::pattern::{Pattern, PatternError, RESOURCE_LENGTH_MAX};
use super::requested::ACTION_LENGTH_MAX;
use super::set::Policy;
use super::statement::{Actions, Scope, Statement, StatementId};
use crate::diagnostic::{Diagnostic, Severity};
use crate::expr::{Compiler, Expression, SourceText, Vocabulary};
use crate::source::{FileId, Location, SourceFile};

/// Longest script, in bytes.
const SCRIPT_LENGTH_MAX: usize = 1 << 20;
/// Most lines of a script.
const LINES_MAX: usize = 65_000;
/// Most bytes of a line.
const COLUMNS_MAX: usize = 10_000;
/// Longest reason, in bytes.
const REASON_LENGTH_MAX: usize = 1_024;
/// Most findings that are reported of one script.
const FINDINGS_MAX: usize = 50;
/// Most findings after which a script is not looked at further: a loop has the same one each time.
const FINDINGS_KEPT_MAX: usize = 20_000;

/// How much of anything a script may have: of what, and the most.
pub(super) fn bounds() -> [(&'static str, u64); 16] {
    let of = |most: usize| u64::try_from(most).unwrap_or(u64::MAX);
    [
        ("bytes of a script", of(SCRIPT_LENGTH_MAX)),
        ("lines of a script", of(LINES_MAX)),
        ("bytes of a line", of(COLUMNS_MAX)),
        ("nesting of expressions and blocks", of(sandbox::DEPTH_MAX)),
        ("operations while a script runs", sandbox::OPERATIONS_MAX),
        ("variables at one time", of(sandbox::VARIABLES_MAX)),
        (
            "bytes of a text, and of the texts of a list together",
            of(sandbox::TEXT_LENGTH_MAX),
        ),
        ("elements of a list", of(sandbox::LIST_LENGTH_MAX)),
        (
            "elements that functions of lists go through",
            of(lists::ELEMENTS_MAX),
        ),
        ("statements of a policy", of(record::STATEMENTS_MAX)),
        (
            "patterns and elements of a policy's statements",
            of(record::WEIGHT_MAX),
        ),
        (
            "bytes of a policy's patterns and reasons",
            of(record::BYTES_MAX),
        ),
        (
            "words of a policy's conditions, as often as they are made",
            of(conditions::TERMS_MAX),
        ),
        ("bytes of a reason", of(REASON_LENGTH_MAX)),
        ("bytes of an action pattern", of(ACTION_LENGTH_MAX)),
        ("bytes of a resource pattern", of(RESOURCE_LENGTH_MAX)),
    ]
}

/// Reads policies over one vocabulary.
pub(super) struct Reader<'a> {
    compiler: &'a Compiler,
    vocabulary: &'a Vocabulary,
    roots: BTreeSet<&'a str>,
    sandbox: Sandbox,
}

impl<'a> Reader<'a> {
    pub(super) fn new(compiler: &'a Compiler, vocabulary: &'a Vocabulary) -> Self {
        let first = |path: &'a str| path.split('.').next().unwrap_or(path);
        Self {
            compiler,
            vocabulary,
            roots: vocabulary
                .facts()
                .map(|(_, fact)| first(&fact.path))
                .collect(),
            sandbox: Sandbox::new(),
        }
    }

    /// Reads one policy. `None` where it has an error.
    pub(super) fn read(
        &self,
        name: &Arc<str>,
        file: FileId,
        source: &SourceFile,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<Policy> {
        let text = SourceText::file(file, &source.text);
        let mut script = Script {
            reader: self,
            policy: name,
            path: &source.path,
            outline: Outline::new(&source.text),
            source: text,
            conditions: Conditions::new(self.compiler, self.vocabulary),
            lists: Lists::default(),
            places: BTreeMap::new(),
            findings: Vec::new(),
        };
        let statements = script.statements();
        let failed = script.finish(statements.as_deref(), findings);
        let about = lexer::description(&source.text).map(Arc::from);
        let statements = statements.filter(|_| !failed)?;
        Some(Policy::new(name.clone(), about, file, statements))
    }
}

/// Checks whether a text is a policy's script, without a world for it: nothing is run, and the names
/// in it are nobody's.
pub(super) fn check_syntax(
    sandbox: &Sandbox,
    file: FileId,
    text: &str,
) -> Result<(), Vec<Diagnostic>> {
    let source = SourceText::file(file, text);
    parse(sandbox, &Outline::new(text), &source, &|_| false).map(|_| ())
}

/// Parses a script; `roots` are the names of the world that conditions see.
fn parse(
    sandbox: &Sandbox,
    outline: &Outline<'_>,
    source: &SourceText<'_>,
    roots: &dyn Fn(&str) -> bool,
) -> Result<AST, Vec<Diagnostic>> {
    if let Some(says) = too_long(outline) {
        let finding = Diagnostic::error(codes::BOUND_EXCEEDED, source.span(0..0), says);
        return Err(vec![finding]);
    }
    let hidden = hidden_characters(outline.text(), source);
    if !hidden.is_empty() {
        return Err(hidden);
    }
    let refusals = checks::refusals(outline, source, roots);
    sandbox.parse(outline, source, refusals, roots)
}

/// rhai counts lines and columns to 65,535: beyond that, places would be wrong.
fn too_long(outline: &Outline<'_>) -> Option<String> {
    let (lines, columns) = outline.extent();
    let bounds = [
        (
            outline.text().len(),
            SCRIPT_LENGTH_MAX,
            "is longer than",
            "bytes",
        ),
        (lines, LINES_MAX, "has more than", "lines"),
        (columns, COLUMNS_MAX, "has a line of more than", "bytes"),
    ];
    let (_, most, verb, unit) = bounds.into_iter().find(|(found, most, ..)| found > most)?;
    Some(format!("the script {verb} {most} {unit}"))
}

/// Every character that cannot be seen, up to as many as are reported.
fn hidden_characters(text: &str, source: &SourceText<'_>) -> Vec<Diagnostic> {
    let finding = |(at, c): (usize, char)| {
        let says = format!(
            "the invisible character U+{:04X} is not accepted",
            u32::from(c)
        );
        let at = source.span(at..at + c.len_utf8());
        Diagnostic::error(codes::HIDDEN_CHARACTER, at, says).help(match c {
            '\u{feff}' => "save the file as UTF-8 without a byte order mark",
            '\r' => "end lines with a line feed",
            _ => "delete it: whoever reads the policy does not see what it says",
        })
    };
    hidden::all(text).take(FINDINGS_MAX).map(finding).collect()
}

/// Lists of patterns that are in order: equal ones are read and kept once, for large policies are
/// many statements on the same things.
#[derive(Default)]
struct Lists {
    actions: HashMap<record::Actions, Arc<Actions>>,
    resources: HashMap<Texts, Arc<[Pattern]>>,
}

/// One script on its way to statements.
struct Script<'a> {
    reader: &'a Reader<'a>,
    policy: &'a Arc<str>,
    path: &'a Arc<str>,
    outline: Outline<'a>,
    source: SourceText<'a>,
    conditions: Conditions<'a>,
    lists: Lists,
    /// Where the statements are written, by the token of their verb.
    places: BTreeMap<usize, Arc<StatementPlace<'a>>>,
    findings: Vec<Diagnostic>,
}

impl<'a> Script<'a> {
    /// Runs the script. `None` where a statement could not be made of what it says.
    fn statements(&mut self) -> Option<Vec<Statement>> {
        let roots = |name: &str| self.reader.roots.contains(name);
        let sandbox = &self.reader.sandbox;
        let ast = match parse(sandbox, &self.outline, &self.source, &roots) {
            Ok(ast) => ast,
            Err(findings) => {
                self.findings = findings;
                return None;
            }
        };
        let (recorded, stopped) = self.reader.sandbox.run(&ast);
        let places: Vec<_> = recorded.iter().map(|it| self.place(it)).collect();
        conditions::keep(&ast, conditions::firsts(&self.outline, &recorded, &places));
        let mut ordinals = BTreeMap::new();
        let mut statements = Vec::with_capacity(recorded.len());
        for (this, place) in recorded.iter().zip(&places) {
            let is_clean = self.findings.is_empty();
            statements.push(self.statement(this, place.as_deref(), &mut ordinals));
            if is_clean && !self.findings.is_empty() {
                // What is wrong is said wherever it is written.
                conditions::keep(
                    &ast,
                    recorded.iter().flat_map(Recorded::conditions).collect(),
                );
            }
            if self.conditions.is_exhausted() || self.findings.len() > FINDINGS_KEPT_MAX {
                break;
            }
        }
        if let Some(stopped) = stopped {
            let finding = report::stopped(&stopped, &self.outline, &self.source, &roots);
            self.findings.push(finding);
        }
        statements.into_iter().collect()
    }

    /// Where a statement is written.
    fn place(&mut self, recorded: &Recorded) -> Option<Arc<StatementPlace<'a>>> {
        let byte = self.source.offset(recorded.position);
        let head = self.outline.head_of(byte)?;
        if self.outline.is_within_text(byte) {
            return None;
        }
        let place = self.places.entry(head);
        let place = place.or_insert_with(|| Arc::new(self.outline.place_at(head)));
        Some(place.clone())
    }

    /// Checks what a statement registered.
    fn statement(
        &mut self,
        recorded: &Recorded,
        place: Option<&StatementPlace<'a>>,
        ordinals: &mut BTreeMap<usize, u32>,
    ) -> Option<Statement> {
        let Some(place) = place else {
            let byte = self.source.offset(recorded.position);
            let span = self.source.span(self.outline.range_at(byte));
            let says = format!("`{}` does not begin a statement here", recorded.verb);
            let finding = Diagnostic::error(codes::SYNTAX, span, says);
            self.findings
                .push(finding.help("a text makes no statements"));
            return None;
        };
        let ordinal = ordinals.entry(place.whole.start).or_default();
        *ordinal += 1;
        let id = StatementId {
            location: self.location(place.whole.start),
            ordinal: *ordinal,
        };
        let actions = self.actions(&recorded.actions, place);
        let resources = match &recorded.resources {
            None => Some(Arc::default()),
            Some(texts) => self.resources(texts, place),
        };
        let because = match &recorded.because {
            None => Some(None),
            Some(texts) => self.because(texts, place.clause("because")).map(Some),
        };
        let when = self.condition(recorded.when.as_deref(), "when", recorded, place);
        let unless = self.condition(recorded.unless.as_deref(), "unless", recorded, place);
        Some(Statement {
            policy: self.policy.clone(),
            id,
            span: self.source.span(place.whole.clone()),
            verb: recorded.verb,
            scope: Scope {
                actions: actions?,
                resources: resources?,
            },
            when: when?,
            unless: unless?,
            because: because?,
        })
    }

    fn actions(
        &mut self,
        recorded: &record::Actions,
        place: &StatementPlace<'_>,
    ) -> Option<Arc<Actions>> {
        if let Some(known) = self.lists.actions.get(recorded) {
            return Some(known.clone());
        }
        let before = self.findings.len();
        let mut patterns = |texts| self.patterns(texts, place.actions(), Subject::Action);
        let actions = Arc::new(match recorded {
            record::Actions::Of(texts) => Actions::Of(patterns(texts)?),
            record::Actions::All => Actions::AllExcept(Box::default()),
            record::Actions::AllExcept(texts) => Actions::AllExcept(patterns(texts)?),
        });
        if self.findings.len() == before {
            self.lists.actions.insert(recorded.clone(), actions.clone());
        }
        Some(actions)
    }

    fn resources(&mut self, texts: &Texts, place: &StatementPlace<'_>) -> Option<Arc<[Pattern]>> {
        if let Some(known) = self.lists.resources.get(texts) {
            return Some(known.clone());
        }
        let before = self.findings.len();
        let patterns = self.patterns(texts, place.clause("on"), Subject::Resource)?;
        let patterns: Arc<[Pattern]> = patterns.into();
        if self.findings.len() == before {
            self.lists.resources.insert(texts.clone(), patterns.clone());
        }
        Some(patterns)
    }

    fn patterns(
        &mut self,
        texts: &Texts,
        clause: Range<usize>,
        subject: Subject,
    ) -> Option<Box<[Pattern]>> {
        let texts = match texts {
            Texts::These(texts) if !texts.is_empty() => texts,
            Texts::These(_) => {
                self.wrong_clause(clause, "an empty list".to_owned(), subject.expected());
                return None;
            }
            Texts::Not(found) => {
                self.wrong_clause(clause, (*found).to_owned(), subject.expected());
                return None;
            }
        };
        let before = self.findings.len();
        let mut patterns = Vec::with_capacity(texts.len());
        for text in texts {
            let at = || {
                self.source
                    .span(self.outline.literal_in(clause.clone(), text))
            };
            match subject.pattern(text) {
                Ok(pattern) => {
                    if let Some(finding) = subject.doubt(&pattern, at) {
                        self.findings.push(finding);
                    }
                    patterns.push(pattern);
                }
                Err(error) => {
                    let finding = Diagnostic::error(subject.code(), at(), error.to_string());
                    self.findings.push(subject.advise(finding, text, error));
                }
            }
        }
        let errors = self.findings.iter().skip(before);
        (!errors.into_iter().any(is_error)).then(|| patterns.into())
    }

    fn because(&mut self, texts: &Texts, clause: Range<usize>) -> Option<Arc<str>> {
        let expected = "write the reason as one text";
        match texts {
            Texts::These(texts) => match texts.as_slice() {
                [text] => return self.reason(text, clause),
                _ => self.wrong_clause(clause, "a list".to_owned(), expected),
            },
            Texts::Not(found) => self.wrong_clause(clause, (*found).to_owned(), expected),
        }
        None
    }

    fn reason(&mut self, text: &str, clause: Range<usize>) -> Option<Arc<str>> {
        if text.len() > REASON_LENGTH_MAX {
            let says = format!("this reason is longer than {REASON_LENGTH_MAX} bytes");
            let span = self.source.span(clause);
            let finding = Diagnostic::error(codes::BOUND_EXCEEDED, span, says);
            self.findings.push(finding);
            return None;
        }
        if let Some(c) = hidden::first(text) {
            let found = format!("a text with the invisible character U+{:04X}", u32::from(c));
            self.wrong_clause(
                clause,
                found,
                "leave it out: reasons are shown on terminals",
            );
            return None;
        }
        Some(text.into())
    }

    fn wrong_clause(&mut self, clause: Range<usize>, found: String, expected: &str) {
        let span = self.source.span(clause);
        let says = format!("this is {found}");
        let finding = Diagnostic::error(codes::WRONG_CLAUSE, span, says);
        self.findings.push(finding.help(expected));
    }

    /// Compiles a condition; `Some(None)` where there is none, `None` where it is wrong.
    fn condition(
        &mut self,
        condition: Option<&Condition>,
        keyword: &str,
        recorded: &Recorded,
        place: &StatementPlace<'_>,
    ) -> Option<Option<Expression>> {
        let Some(condition) = condition else {
            return Some(None);
        };
        let written = Written {
            outline: &self.outline,
            source: &self.source,
            clause: place.clause(keyword),
        };
        let compiled = self
            .conditions
            .compile(condition, &recorded.locals, &written);
        compiled
            .map_err(|wrong| self.findings.extend(wrong))
            .ok()
            .map(Some)
    }

    fn location(&self, byte: usize) -> Location {
        let (line, column) = self.outline.line_and_column(byte);
        Location {
            path: self.path.clone(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }

    /// Hands over what was found, each thing once, and tells whether it is an error.
    fn finish(mut self, statements: Option<&[Statement]>, findings: &mut Vec<Diagnostic>) -> bool {
        let failed = self.findings.iter().any(is_error);
        if statements.is_some_and(<[_]>::is_empty) && !failed {
            let head = self.source.span(0..0);
            let says = format!("policy `{}` has no statements", self.policy);
            let finding = Diagnostic::warning(codes::NO_STATEMENTS, head, says);
            self.findings
                .push(finding.help("add one, such as `allow \"service:Action\";`"));
        }
        let mut seen = BTreeSet::new();
        self.findings
            .retain(|f| seen.insert((f.primary.span, f.code, f.message.clone())));
        self.findings.sort_by_key(|f| f.primary.span);
        self.findings.truncate(FINDINGS_MAX);
        findings.append(&mut self.findings);
        failed
    }
}

fn is_error(finding: &Diagnostic) -> bool {
    finding.severity == Severity::Error
}

/// What a pattern is over.
#[derive(Debug, Clone, Copy)]
enum Subject {
    Action,
    Resource,
}

impl Subject {
    fn expected(self) -> &'static str {
        match self {
            Self::Action => "write an action such as \"service:Action\", a list of them, or `all`",
            Self::Resource => "write a resource name, or a list of them",
        }
    }

    fn code(self) -> crate::diagnostic::Code {
        match self {
            Self::Action => codes::BAD_ACTION,
            Self::Resource => codes::BAD_RESOURCE,
        }
    }

    fn pattern(self, text: &str) -> Result<Pattern, PatternError> {
        match self {
            Self::Action => Pattern::action(text),
            Self::Resource => Pattern::resource(text),
        }
    }

    fn advise(self, finding: Diagnostic, text: &str, error: PatternError) -> Diagnostic {
        match (self, error) {
            (Self::Action, PatternError::NoService) => {
                finding.help(format!("write `service:{}`", text.trim_start_matches(':')))
            }
            (Self::Action, PatternError::Empty) => {
                finding.help("write `all` for every action, or `\"service:Action\"`")
            }
            (Self::Resource, PatternError::Empty) => {
                finding.help("leave out `on` to cover every resource")
            }
            _ => finding,
        }
    }

    /// A warning about a pattern that is in order but pointless.
    fn doubt(self, pattern: &Pattern, at: impl Fn() -> crate::source::Span) -> Option<Diagnostic> {
        let text = pattern.text();
        let fields = text.matches(':').count() + 1;
        let short = text.starts_with("acs:") && fields < 5 && !text.contains('*');
        if !matches!(self, Self::Resource) || !short {
            return None;
        }
        let says = "no resource has so few fields, so that this covers none";
        let finding = Diagnostic::warning(codes::UNMATCHABLE, at(), says);
        Some(finding.help("write `acs:service:region:account:path`"))
    }
}
