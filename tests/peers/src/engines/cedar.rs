//! Cedar, as its guide would have it: actions, accounts and folders are entities, what a statement
//! is about stands in its scope, and conditions read attributes.

use std::fmt::Write as _;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request as Asked,
};
use peers_scenario::peer::{Engine, Prepared};
use peers_scenario::{Request, Statement, Test, accounts, folder, principals};
use serde_json::{Value, json};

fn condition(test: &Test) -> String {
    match test {
        Test::Kind(kind) => format!("principal.kind == \"{kind}\""),
        Test::Group(group) => format!("principal in Group::\"{group}\""),
        Test::OfManager => "principal.account == resource.manager".to_owned(),
        Test::Country(countries) => format!("{countries:?}.contains(resource.country)"),
        Test::MemberType(member_type) => format!("resource.member_type == \"{member_type}\""),
        Test::Mfa => "context has mfa && context.mfa".to_owned(),
        Test::Hours(from, to) => format!("context.hour >= {from} && context.hour < {to}"),
        Test::RiskBelow(most) => format!("context has risk && context.risk < {most}"),
        Test::Site(site) => format!("context has site && context.site == \"{site}\""),
    }
}

fn script(statements: &[Statement]) -> String {
    let mut script = String::new();
    for statement in statements {
        let effect = if statement.allow { "permit" } else { "forbid" };
        let action = match statement.action {
            Some(action) => format!("action == Action::\"{action}\""),
            None => "action".to_owned(),
        };
        let folder = folder(statement.folder);
        let tests: Vec<String> = statement.tests.iter().map(condition).collect();
        let when = tests.join(" && ");
        writeln!(
            script,
            "{effect} (principal, {action}, resource in Folder::\"{folder}\") when {{ {when} }};"
        )
        .expect("writing to a text");
    }
    script
}

/// An entity as Cedar reads it.
pub fn entity(kind: &str, id: &str, attributes: &Value, parents: &[(&str, String)]) -> Value {
    let uid = |kind: &str, id: &str| json!({ "type": kind, "id": id });
    let parents: Vec<Value> = parents.iter().map(|(kind, id)| uid(kind, id)).collect();
    json!({ "uid": uid(kind, id), "attrs": attributes, "parents": parents })
}

/// The name of an entity.
pub fn uid(kind: &str, id: &str) -> EntityUid {
    EntityUid::from_json(json!({ "type": kind, "id": id })).expect("a name")
}

fn entities(folders: usize) -> Entities {
    let mut all = Vec::new();
    for principal in principals() {
        let attributes = json!({ "kind": principal.kind, "account": principal.account });
        let groups = principal.groups.iter();
        let groups: Vec<_> = groups.map(|group| ("Group", group.to_string())).collect();
        all.push(entity("Principal", principal.name, &attributes, &groups));
    }
    for group in ["operators", "auditors", "staff", "automation"] {
        all.push(entity("Group", group, &json!({}), &[]));
    }
    for number in 0..folders {
        all.push(entity("Folder", &folder(number), &json!({}), &[]));
        for account in accounts(number) {
            let attributes = json!({
                "manager": account.manager,
                "country": account.country,
                "member_type": account.member_type,
            });
            let parents = [("Folder", folder(number))];
            all.push(entity("Account", &account.id, &attributes, &parents));
        }
    }
    Entities::from_json_value(Value::Array(all), None).expect("the entities read")
}

fn asked(request: &Request) -> Asked {
    let mut context = json!({ "hour": request.hour, "site": request.site });
    if let Some(mfa) = request.mfa {
        context["mfa"] = mfa.into();
    }
    if let Some(risk) = request.risk {
        context["risk"] = risk.into();
    }
    let context = Context::from_json_value(context, None).expect("the context reads");
    let principal = uid("Principal", request.principal.name);
    let resource = uid("Account", &request.account.id);
    Asked::new(
        principal,
        uid("Action", request.action),
        resource,
        context,
        None,
    )
    .expect("a request")
}

struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    requests: Vec<Asked>,
}

impl Engine for Cedar {
    fn decide(&mut self, request: usize) -> bool {
        let request = &self.requests[request];
        let response = self
            .authorizer
            .is_authorized(request, &self.policies, &self.entities);
        response.decision() == Decision::Allow
    }
}

/// Loads the statements as a policy set.
pub fn load(statements: &[Statement]) -> Result<Prepared, String> {
    let policies: PolicySet = script(statements).parse().expect("the policies parse");
    let folders = statements
        .iter()
        .map(|statement| statement.folder + 1)
        .max();
    Ok(Box::new(move |requests| {
        Box::new(Cedar {
            authorizer: Authorizer::new(),
            policies,
            entities: entities(folders.unwrap_or(0)),
            requests: requests.iter().map(asked).collect(),
        })
    }))
}
