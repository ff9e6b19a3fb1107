//! Both sides: our policies with the facts of a request, and what was exported of them with the
//! context and the entities that its head asks for.

use std::sync::Arc;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityUid, PolicySet as Policies, Request as Asked,
    Schema, ValidationMode, Validator,
};
use serde_json::{Value, json};
use stateward::expr::{Compiler, Facts, Type, Val, Vocabulary};
use stateward::policy::{
    Attachments, Effect, PolicySet, Principal, Query, canonical_resource, cedar,
};
use stateward::source::SourceMap;
use stateward::time::Timestamp;

use super::generated::Request;

/// How a request is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Allow,
    /// By a statement.
    Deny,
    /// Nothing allows it.
    Nothing,
}

pub struct World {
    vocabulary: Vocabulary,
    policies: PolicySet,
}

fn vocabulary() -> Vocabulary {
    let mut vocabulary = Vocabulary::default();
    let word = |text: &str| text.parse().expect("a name");
    let words = [word("resource"), word("cloud")];
    for (path, ty, optional) in [
        ("account.country", Type::Country, false),
        ("account.level", Type::Int, false),
        ("account.note", Type::Text, true),
        ("state.member_type", Type::OneOf(words.into()), false),
        ("principal.kind", Type::Text, false),
        ("principal.groups", Type::Texts, false),
        ("context.mfa", Type::Bool, true),
        ("context.risk", Type::Int, true),
        ("context.source_ip", Type::Ip, true),
        ("context.tags", Type::Texts, true),
        ("now", Type::Time, false),
        ("now.hour", Type::Int, false),
        ("permission", Type::Text, false),
        ("resource", Type::Text, false),
    ] {
        vocabulary.declare(path, ty, optional);
    }
    vocabulary
}

const FUNCTIONS: &str = "fn number_fits(hour, level) { hour >= level || level == 24 }";

impl World {
    /// Policies `p0`, `p1` and so on.
    pub fn of(scripts: &[String]) -> Self {
        let vocabulary = vocabulary();
        let mut sources = SourceMap::default();
        let functions = sources.add("functions.rhai", FUNCTIONS);
        let add = |(number, script): (usize, &String)| {
            sources.add(&format!("policies/p{number}.rhai"), script)
        };
        let files: Vec<_> = scripts.iter().enumerate().map(add).collect();
        let functions = sources.file(functions).map(|file| (file, functions));
        let compiler = Compiler::new(&vocabulary, functions).expect("the functions read");
        let mut findings = Vec::new();
        let policies = PolicySet::load(&files, &sources, &compiler, &vocabulary, &mut findings);
        assert!(findings.is_empty(), "{scripts:?}\n{findings:#?}");
        Self {
            vocabulary,
            policies,
        }
    }

    /// What is exported; or whether the wildcard that Cedar lacks is all that was refused.
    pub fn exported(&self) -> Result<Exported, bool> {
        match cedar::export(self.policies.iter(), &self.vocabulary) {
            Ok(export) => Ok(Exported::of(&export)),
            Err(refusals) => Err(refusals.iter().all(|refusal| refusal.message.contains('?'))),
        }
    }

    pub fn verdict(&self, request: &Request) -> Verdict {
        let held = |number: &usize| {
            let name: Arc<str> = format!("p{number}").into();
            self.policies.get(&name).map(|_| name)
        };
        let held: Vec<Arc<str>> = request.held.iter().filter_map(held).collect();
        let texts = |words: &[&'static str]| -> Vec<Arc<str>> {
            words.iter().map(|word| (*word).into()).collect()
        };
        let groups = texts(&request.groups);
        let tags = request.tags.as_deref().map(texts);
        let at: Timestamp = request.now.parse().expect("a time");
        let address = |text: &str| text.parse().expect("an address");
        let mut facts = Facts::new(&self.vocabulary);
        for (path, value) in [
            ("account.country", Val::Text(request.country)),
            ("account.level", Val::Int(request.level)),
            (
                "account.note",
                request.note.as_deref().map_or(Val::Unset, Val::Text),
            ),
            ("state.member_type", Val::Text(request.member_type)),
            ("principal.kind", Val::Text(&request.kind)),
            ("principal.groups", Val::Texts(&groups)),
            ("context.mfa", request.mfa.map_or(Val::Unset, Val::Bool)),
            ("context.risk", request.risk.map_or(Val::Unset, Val::Int)),
            (
                "context.source_ip",
                request
                    .source_ip
                    .map_or(Val::Unset, |ip| Val::Ip(address(ip))),
            ),
            (
                "context.tags",
                tags.as_deref().map_or(Val::Unset, Val::Texts),
            ),
            ("now", Val::Time(at)),
            ("now.hour", Val::Int(request.hour)),
        ] {
            facts.set(self.vocabulary.slot(path).expect("it is declared"), value);
        }
        let name = "user/it".parse().expect("a name");
        let mut principal = Principal::new(name, "1".parse().expect("an account"));
        principal.policies = held;
        let query = Query {
            principal: &principal,
            owns_account: false,
            control: None,
            attachments: &Attachments::default(),
            action: &request.action,
            resources: &[&request.resource],
        };
        let ruling = self.policies.rule(&query, &mut facts);
        assert!(ruling.error.is_none(), "{ruling:?}");
        match ruling.effect {
            Effect::Allow => Verdict::Allow,
            Effect::ExplicitDeny => Verdict::Deny,
            Effect::ImplicitDeny => Verdict::Nothing,
        }
    }
}

/// What was exported, as Cedar reads it.
pub struct Exported {
    pub text: String,
    /// Whether Cedar's strict validator can prove that nothing fails.
    pub is_proved: bool,
    policies: Policies,
}

impl Exported {
    fn of(export: &cedar::Export) -> Self {
        let text = format!("{}\n{}", export.policies, export.schema);
        let policies: Policies = export.policies.parse().unwrap_or_else(|error| {
            panic!("{error:?}\n{text}");
        });
        let (schema, _) = Schema::from_cedarschema_str(&export.schema).unwrap_or_else(|error| {
            panic!("{error:?}\n{text}");
        });
        let result = Validator::new(schema).validate(&policies, ValidationMode::Strict);
        Self {
            text,
            is_proved: result.validation_passed(),
            policies,
        }
    }

    pub fn verdict(&self, request: &Request) -> Verdict {
        let context = Context::from_json_value(context(request), None).expect("the context reads");
        let uid = |kind: &str, id: &str| {
            EntityUid::from_json(json!({ "type": kind, "id": id })).expect("a name")
        };
        let (principal, resource) = (uid("Principal", "it"), uid("Resource", "it"));
        let asked = Asked::new(principal, uid("Action", "ask"), resource, context, None);
        let parent = |number: &usize| json!({ "type": "Policy", "id": format!("p{number}") });
        let parents: Vec<Value> = request.held.iter().map(parent).collect();
        let principal = json!({
            "uid": { "type": "Principal", "id": "it" }, "attrs": {}, "parents": parents,
        });
        let entities = Entities::from_json_value(json!([principal]), None).expect("entities");
        let asked = asked.expect("a request");
        let response = Authorizer::new().is_authorized(&asked, &self.policies, &entities);
        let errors: Vec<String> = response
            .diagnostics()
            .errors()
            .map(ToString::to_string)
            .collect();
        assert!(errors.is_empty(), "{errors:?}\n{}", self.text);
        match (response.decision(), response.diagnostics().reason().next()) {
            (Decision::Allow, _) => Verdict::Allow,
            (Decision::Deny, Some(_)) => Verdict::Deny,
            (Decision::Deny, None) => Verdict::Nothing,
        }
    }
}

/// The context that the head of the export asks for.
fn context(request: &Request) -> Value {
    let extension =
        |function: &str, text: &str| json!({ "__extn": { "fn": function, "arg": text } });
    let mut account = json!({ "country": request.country, "level": request.level });
    if let Some(note) = &request.note {
        account["note"] = note.as_str().into();
    }
    let mut session = json!({});
    if let Some(mfa) = request.mfa {
        session["mfa"] = mfa.into();
    }
    if let Some(risk) = request.risk {
        session["risk"] = risk.into();
    }
    if let Some(address) = request.source_ip {
        session["source_ip"] = extension("ip", address);
    }
    if let Some(tags) = &request.tags {
        session["tags"] = json!(tags);
    }
    // Cedar writes milliseconds with three digits.
    let now = match request.now.trim_end_matches('Z').split_once('.') {
        Some((seconds, fraction)) => format!("{seconds}.{fraction:0<3}Z"),
        None => request.now.to_owned(),
    };
    json!({
        "asked": {
            "action": request.action.to_ascii_lowercase(),
            "resource": canonical_resource(&request.resource),
        },
        "permission": request.action,
        "resource": request.resource,
        "account": account,
        "state": { "member_type": request.member_type },
        "principal": { "kind": request.kind, "groups": request.groups },
        "context": session,
        "now": { "instant": extension("datetime", &now), "hour": request.hour },
    })
}
