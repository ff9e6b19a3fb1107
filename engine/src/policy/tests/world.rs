//! A small world to decide in: a vocabulary, policies from texts, and queries in one line.

use std::fmt::Write as _;

use crate::diagnostic::Diagnostic;
use crate::expr::{Compiler, Facts, Type, Val, Vocabulary};
use crate::name::AccountId;
use crate::policy::{Attachments, PolicySet, Principal, Principals, Query, Ruling};
use crate::source::{SourceMap, Span};

pub(super) struct World {
    pub(super) sources: SourceMap,
    pub(super) vocabulary: Vocabulary,
    pub(super) policies: PolicySet,
    pub(super) findings: Vec<Diagnostic>,
}

pub(super) fn vocabulary() -> Vocabulary {
    let mut vocabulary = Vocabulary::default();
    for (path, ty, optional) in [
        ("account.id", Type::AccountId, false),
        ("account.country", Type::Country, false),
        ("account.path", Type::Text, true),
        ("account.manager", Type::AccountId, true),
        ("principal.name", Type::Text, false),
        ("principal.groups", Type::Texts, false),
        ("context.mfa", Type::Bool, true),
        ("context.source_ip", Type::Ip, true),
        ("context.tag", Type::Text, true),
        ("now", Type::Time, false),
        ("now.hour", Type::Int, false),
        ("permission", Type::Text, false),
        ("resource", Type::Text, false),
        ("address", Type::Text, false),
    ] {
        vocabulary.declare(path, ty, optional);
    }
    for (path, key) in [
        ("context.mfa", "acs:MFAPresent"),
        ("context.source_ip", "acs:SourceIp"),
        ("now", "acs:CurrentTime"),
    ] {
        let slot = vocabulary.slot(path).unwrap();
        vocabulary.add_key(slot, key.parse().unwrap());
    }
    vocabulary
}

impl World {
    /// Policies by name and script.
    pub(super) fn of(scripts: &[(&str, &str)]) -> Self {
        Self::with_functions("", scripts)
    }

    /// The same, with functions of the lifecycle.
    pub(super) fn with_functions(functions: &str, scripts: &[(&str, &str)]) -> Self {
        let mut sources = SourceMap::default();
        let add =
            |(name, script): &(&str, &str)| sources.add(&format!("policies/{name}.rhai"), script);
        let files: Vec<_> = scripts.iter().map(add).collect();
        let vocabulary = vocabulary();
        let functions = sources.add("workflows/demo/functions.rhai", functions);
        let source = sources.file(functions).unwrap();
        let compiler = Compiler::new(&vocabulary, Some((source, functions))).unwrap();
        let mut findings = Vec::new();
        let policies = PolicySet::load(&files, &sources, &compiler, &vocabulary, &mut findings);
        Self {
            sources,
            vocabulary,
            policies,
            findings,
        }
    }

    /// One policy `p` that is in order.
    pub(super) fn one(script: &str) -> Self {
        let world = Self::of(&[("p", script)]);
        assert_eq!(world.report(), "", "{script}");
        world
    }

    /// The ruling on an action over resources for the holder of some policies.
    pub(super) fn rule_with(
        &self,
        policies: &[&str],
        action: &str,
        resources: &[&str],
        set: &[(&str, Val<'_>)],
        owner_of: Option<&AccountId>,
    ) -> Ruling {
        let account = owner_of.cloned().unwrap_or("1000".parse().unwrap());
        let mut principal = Principal::new("ram_user/x".parse().unwrap(), account);
        principal.policies = policies.iter().map(|name| (*name).into()).collect();
        let mut facts = self.facts(set);
        let query = Query {
            principal: &principal,
            owns_account: owner_of.is_some(),
            control: None,
            attachments: &Attachments::default(),
            action,
            resources,
        };
        self.policies.rule(&query, &mut facts)
    }

    /// The ruling on an action over resources for a principal, under everything that is attached.
    pub(super) fn rule_for(
        &self,
        principals: &Principals,
        principal: &Principal,
        action: &str,
        resources: &[&str],
        set: &[(&str, Val<'_>)],
    ) -> Ruling {
        let attachments = principals.attachments();
        let query = Query {
            principal,
            owns_account: principals.owns_account(&principal.kind),
            control: attachments.control(),
            attachments,
            action,
            resources,
        };
        self.policies.rule(&query, &mut self.facts(set))
    }

    pub(super) fn facts<'f>(&self, set: &[(&str, Val<'f>)]) -> Facts<'f> {
        let mut facts = Facts::new(&self.vocabulary);
        for (path, value) in set {
            facts.set(self.vocabulary.slot(path).unwrap(), *value);
        }
        facts
    }

    /// What policy `p` says, in RAM's word.
    pub(super) fn says(&self, action: &str, resource: &str, set: &[(&str, Val<'_>)]) -> String {
        let ruling = self.rule_with(&["p"], action, &[resource], set, None);
        ruling.effect.to_string()
    }

    /// Every finding as `code line:col message [underlined]`, with its help below.
    pub(super) fn report(&self) -> String {
        let mut out = String::new();
        for finding in &self.findings {
            let place = self.sources.locate(finding.primary.span).unwrap();
            let (line, column) = (place.line, place.column);
            let (code, says) = (finding.code, &finding.message);
            let under = self.underlined(finding.primary.span);
            writeln!(out, "{code} {line}:{column} {says} [{under}]").unwrap();
            for label in &finding.secondary {
                let (text, under) = (&label.text, self.underlined(label.span));
                writeln!(out, "  {text} [{under}]").unwrap();
            }
            for help in &finding.help {
                writeln!(out, "  help: {help}").unwrap();
            }
        }
        out
    }

    fn underlined(&self, span: Span) -> &str {
        let text = &self.sources.file(span.file).unwrap().text;
        &text[span.start as usize..span.end as usize]
    }
}
