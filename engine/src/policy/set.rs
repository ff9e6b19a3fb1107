//! Policies, by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::codes;
use super::index::Index;
use super::script::Reader;
use super::statement::{Statement, Verb};
use crate::diagnostic::Diagnostic;
use crate::expr::{Compiler, Slot, Vocabulary};
use crate::source::{FileId, SourceMap, Span};

const NAME_LENGTH_MAX: usize = 128;

/// One policy: the statements that its script made.
#[derive(Debug)]
pub struct Policy {
    name: Arc<str>,
    about: Option<Arc<str>>,
    file: FileId,
    statements: Vec<Arc<Statement>>,
    allows: Index,
    denies: Index,
}

impl Policy {
    pub(super) fn new(
        name: Arc<str>,
        about: Option<Arc<str>>,
        file: FileId,
        statements: Vec<Statement>,
    ) -> Self {
        let mut policy = Self {
            name,
            about,
            file,
            statements: statements.into_iter().map(Arc::new).collect(),
            allows: Index::default(),
            denies: Index::default(),
        };
        for (number, statement) in (0_u32..).zip(&policy.statements) {
            let index = match statement.verb() {
                Verb::Allow => &mut policy.allows,
                Verb::Deny => &mut policy.denies,
            };
            index.add(number, statement);
        }
        policy
    }

    /// Its name; its file's name without `.rhai`.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The `//!` comment at the head of its script.
    pub fn about(&self) -> Option<&str> {
        self.about.as_deref()
    }

    /// Its file.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// Its statements, in the order in which the script made them.
    pub fn statements(&self) -> impl ExactSizeIterator<Item = &Arc<Statement>> {
        self.statements.iter()
    }

    pub(super) fn statement(&self, number: u32) -> Option<&Arc<Statement>> {
        self.statements.get(usize::try_from(number).ok()?)
    }

    pub(super) fn index(&self, verb: Verb) -> &Index {
        match verb {
            Verb::Allow => &self.allows,
            Verb::Deny => &self.denies,
        }
    }
}

/// All policies that are loaded.
#[derive(Debug, Default)]
pub struct PolicySet {
    policies: BTreeMap<Arc<str>, Arc<Policy>>,
    pub(super) permission: Option<Slot>,
    pub(super) resource: Option<Slot>,
}

impl PolicySet {
    /// Reads policies, one per file. What is wrong is added to `findings`; a policy with an error
    /// in it is left out.
    pub fn load(
        files: &[FileId],
        sources: &SourceMap,
        compiler: &Compiler,
        vocabulary: &Vocabulary,
        findings: &mut Vec<Diagnostic>,
    ) -> Self {
        let reader = Reader::new(compiler, vocabulary);
        let mut set = Self {
            policies: BTreeMap::new(),
            permission: vocabulary.slot("permission"),
            resource: vocabulary.slot("resource"),
        };
        for file in files {
            let Some(source) = sources.file(*file) else {
                continue;
            };
            let name = match set.free_name(&source.path) {
                Ok(name) => name,
                Err((says, help)) => {
                    let head = Span::new(*file, 0..0);
                    let finding = Diagnostic::error(codes::BAD_POLICY_NAME, head, says);
                    findings.push(finding.help(help));
                    continue;
                }
            };
            if let Some(policy) = reader.read(&name, *file, source, findings) {
                set.policies.insert(name, Arc::new(policy));
            }
        }
        set
    }

    /// The policy name of a path, unless it is malformed or taken.
    fn free_name(&self, path: &str) -> Result<Arc<str>, (String, &'static str)> {
        let file = path.rsplit('/').next().unwrap_or_default();
        let name = file.strip_suffix(".rhai").unwrap_or(file);
        let word = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if name.is_empty() || name.len() > NAME_LENGTH_MAX || !name.bytes().all(word) {
            let says = format!("`{name}` is not a policy name");
            return Err((says, "use 1 to 128 of A-Z, a-z, 0-9, '-' and '_'"));
        }
        if self.policies.contains_key(name) {
            let says = format!("there is another policy `{name}`");
            return Err((says, "a policy is named by its file: rename one of them"));
        }
        Ok(name.into())
    }

    /// The policy of a name.
    pub fn get(&self, name: &str) -> Option<&Policy> {
        self.shared(name).map(AsRef::as_ref)
    }

    /// The policy of a name, to keep.
    pub(super) fn shared(&self, name: &str) -> Option<&Arc<Policy>> {
        self.policies.get(name)
    }

    /// All policies, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Policy> {
        self.policies.values().map(AsRef::as_ref)
    }

    /// The names of all policies, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.policies.keys().map(|name| &**name)
    }
}
