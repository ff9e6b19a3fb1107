//! A small lifecycle's names for policy documents: importing them, loading what they become, and
//! asking it.

use std::sync::Arc;

use stateward::diagnostic::Diagnostic;
use stateward::expr::{Compiler, Facts, Type, Val, Vocabulary};
use stateward::policy::document::{Imported, Key, Kind, Options, import};
use stateward::policy::{Attachments, PolicySet, Principal, Query};
use stateward::source::{FileId, SourceMap};

/// The condition keys, as documents and as conditions call them.
pub const KEYS: [(&str, &str); 9] = [
    ("x:Text", "context.text"),
    ("x:Other", "context.other"),
    ("x:Arn", "context.arn"),
    ("x:Level", "context.level"),
    ("x:Count", "context.count"),
    ("x:Since", "context.since"),
    ("acs:CurrentTime", "now"),
    ("acs:MFAPresent", "context.mfa"),
    ("acs:SourceIp", "context.source_ip"),
];

fn type_of(key: &str) -> Type {
    match key {
        "x:Level" => Type::OneOf(["low", "high"].map(|word| word.parse().unwrap()).into()),
        "x:Count" => Type::Int,
        "x:Since" | "acs:CurrentTime" => Type::Time,
        "acs:MFAPresent" => Type::Bool,
        "acs:SourceIp" => Type::Ip,
        _ => Type::Text,
    }
}

fn key(name: &str) -> Option<Key> {
    let (key, name) = KEYS.iter().find(|(key, _)| *key == name)?;
    Some(Key {
        name: Arc::from(*name),
        ty: type_of(key),
        optional: true,
    })
}

/// The names, and a compiler over them.
pub struct Documents {
    vocabulary: Vocabulary,
    compiler: Compiler,
}

impl Default for Documents {
    fn default() -> Self {
        let mut vocabulary = Vocabulary::default();
        for (key, name) in KEYS {
            vocabulary.declare(name, type_of(key), name != "now");
        }
        for (name, ty) in [
            ("principal.account", Type::AccountId),
            ("principal.name", Type::Text),
            ("permission", Type::Text),
            ("resource", Type::Text),
        ] {
            vocabulary.declare(name, ty, false);
        }
        let compiler = Compiler::new(&vocabulary, None).unwrap();
        Self {
            vocabulary,
            compiler,
        }
    }
}

/// A document that was read, with everything that was found wrong with it.
pub struct Read {
    /// The document is its first file.
    pub sources: SourceMap,
    /// What it became.
    pub imported: Option<Imported>,
    /// What is wrong with it.
    pub findings: Vec<Diagnostic>,
}

impl Documents {
    /// Imports a document.
    pub fn import(&self, text: &str, kind: Kind, lenient: bool) -> Read {
        let mut sources = SourceMap::default();
        let file = sources.add("document.json", text);
        let options = Options {
            kind,
            lenient,
            key: &key,
            has_kind: &|_| true,
        };
        let mut findings = Vec::new();
        let imported = import(file, sources.file(file).unwrap(), &options, &mut findings);
        Read {
            sources,
            imported,
            findings,
        }
    }

    /// Loads scripts as policies of their own, with what is found wrong with them.
    pub fn load(&self, scripts: &[(&str, &str)]) -> (PolicySet, Vec<Diagnostic>) {
        let mut sources = SourceMap::default();
        let files: Vec<FileId> = scripts
            .iter()
            .map(|(name, script)| sources.add(&format!("policies/{name}.rhai"), script))
            .collect();
        let (compiler, vocabulary) = (&self.compiler, &self.vocabulary);
        let mut findings = Vec::new();
        let set = PolicySet::load(&files, &sources, compiler, vocabulary, &mut findings);
        (set, findings)
    }

    /// What one policy says to an action on a resource, in RAM's word.
    pub fn ask(
        &self,
        set: &PolicySet,
        policy: &str,
        (action, resource): (&str, &str),
        given: &[(&str, Val<'_>)],
    ) -> String {
        let mut principal = Principal::new("ram_user/x".parse().unwrap(), "1".parse().unwrap());
        principal.policies.push(policy.into());
        let mut facts = Facts::new(&self.vocabulary);
        for (name, value) in given {
            facts.set(self.vocabulary.slot(name).unwrap(), *value);
        }
        let query = Query {
            principal: &principal,
            owns_account: false,
            control: None,
            attachments: &Attachments::default(),
            action,
            resources: &[resource],
        };
        let ruling = set.rule(&query, &mut facts);
        assert!(ruling.error.is_none(), "{:?}", ruling.error);
        ruling.effect.to_string()
    }
}
