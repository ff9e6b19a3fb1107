//! Ours: one policy script, and the facts of each request filled beforehand.

use std::fmt::Write as _;
use std::sync::Arc;

use peers_scenario::peer::{Engine, Prepared};
use peers_scenario::{Request, Statement, Test, folder};
use stateward::diagnostic::Diagnostic;
use stateward::expr::{Compiler, Facts, Type, Val, Vocabulary};
use stateward::name::AccountId;
use stateward::policy::{Attachments, PolicySet, Principal, PrincipalName, Query};
use stateward::source::SourceMap;

/// The names that the scenario's conditions read, as a lifecycle declares them.
pub fn vocabulary() -> Vocabulary {
    let mut vocabulary = Vocabulary::default();
    let word = |text: &str| text.parse().expect("a name");
    for (path, ty, optional) in [
        ("account.manager", Type::AccountId, false),
        ("account.country", Type::Country, false),
        (
            "state.member_type",
            Type::OneOf([word("resource"), word("cloud")].into()),
            false,
        ),
        ("principal.kind", Type::Text, false),
        ("principal.account", Type::AccountId, false),
        ("principal.groups", Type::Texts, false),
        ("context.mfa", Type::Bool, true),
        ("context.risk", Type::Int, true),
        ("context.site", Type::Text, true),
        ("now.hour", Type::Int, false),
        ("permission", Type::Text, false),
        ("resource", Type::Text, false),
    ] {
        vocabulary.declare(path, ty, optional);
    }
    vocabulary
}

fn condition(test: &Test) -> String {
    match test {
        Test::Kind(kind) => format!("principal.kind == \"{kind}\""),
        Test::Group(group) => format!("\"{group}\" in principal.groups"),
        Test::OfManager => "principal.account == account.manager".to_owned(),
        Test::Country(countries) => format!("account.country in {countries:?}"),
        Test::MemberType(member_type) => format!("state.member_type == \"{member_type}\""),
        Test::Mfa => "(context.mfa ?? false)".to_owned(),
        Test::Hours(from, to) => format!("now.hour >= {from} && now.hour < {to}"),
        Test::RiskBelow(most) => format!("has(context.risk) && context.risk < {most}"),
        Test::Site(site) => format!("has(context.site) && context.site == \"{site}\""),
    }
}

/// The statements as a policy script.
pub fn script(statements: &[Statement]) -> String {
    let mut script = String::new();
    for statement in statements {
        let verb = if statement.allow { "allow" } else { "deny" };
        let action = match statement.action {
            Some(action) => format!("\"{action}\""),
            None => "all".to_owned(),
        };
        let folder = folder(statement.folder);
        let tests: Vec<String> = statement.tests.iter().map(condition).collect();
        let when = tests.join(" && ");
        writeln!(
            script,
            "{verb} {action} on \"acs:directory:*:1000:account/{folder}/*\" when {when};"
        )
        .expect("writing to a text");
    }
    script
}

/// Loads one policy `p`.
///
/// # Panics
/// When it has an error.
pub fn policies(script: &str, functions: Option<&str>, vocabulary: &Vocabulary) -> PolicySet {
    let mut sources = SourceMap::default();
    let functions = functions.map(|text| sources.add("functions.rhai", text));
    let file = sources.add("policies/p.rhai", script);
    let functions = functions.and_then(|id| Some((sources.file(id)?, id)));
    let compiler = Compiler::new(vocabulary, functions).expect("the functions read");
    let mut findings: Vec<Diagnostic> = Vec::new();
    let policies = PolicySet::load(&[file], &sources, &compiler, vocabulary, &mut findings);
    assert!(findings.is_empty(), "{findings:#?}");
    policies
}

/// A value that is kept for as long as the program runs: facts and queries borrow for one lifetime.
fn kept<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

struct Ours {
    set: PolicySet,
    requests: Vec<(Query<'static>, Facts<'static>)>,
}

impl Engine for Ours {
    fn decide(&mut self, request: usize) -> bool {
        let (query, facts) = &mut self.requests[request];
        self.set.rule(query, facts).is_allowed()
    }
}

fn prebuilt(vocabulary: &Vocabulary, request: &Request) -> (Query<'static>, Facts<'static>) {
    let (principal, account) = (&request.principal, &request.account);
    let groups: Vec<Arc<str>> = principal
        .groups
        .iter()
        .map(|group| (*group).into())
        .collect();
    let mut facts = Facts::new(vocabulary);
    for (path, value) in [
        ("account.manager", Val::Text(account.manager)),
        ("account.country", Val::Text(account.country)),
        ("state.member_type", Val::Text(account.member_type)),
        ("principal.kind", Val::Text(principal.kind)),
        ("principal.account", Val::Text(principal.account)),
        ("principal.groups", Val::Texts(kept(groups))),
        ("context.mfa", request.mfa.map_or(Val::Unset, Val::Bool)),
        ("context.risk", request.risk.map_or(Val::Unset, Val::Int)),
        ("context.site", Val::Text(request.site)),
        ("now.hour", Val::Int(request.hour)),
    ] {
        facts.set(vocabulary.slot(path).expect("it is declared"), value);
    }
    let resource: &str = kept(account.resource());
    let mut asking = Principal::new(name(principal), number(principal.account));
    asking.policies.push("p".into());
    let query = Query {
        principal: kept(asking),
        owns_account: false,
        control: None,
        attachments: kept(Attachments::default()),
        action: request.action,
        resources: std::slice::from_ref(kept(resource)),
    };
    (query, facts)
}

fn name(principal: &peers_scenario::Principal) -> PrincipalName {
    let name = format!("{}/{}", principal.kind, principal.name);
    name.parse().expect("a principal's name")
}

fn number(account: &str) -> AccountId {
    account.parse().expect("an account's number")
}

/// Loads what [`script`] writes.
pub fn load(statements: &[Statement]) -> Result<Prepared, String> {
    of_script(&script(statements), None)
}

/// Loads the same, with one condition more that only the interpreter can run and that every request
/// meets: a function of several statements.
pub fn load_interpreted(statements: &[Statement]) -> Result<Prepared, String> {
    let functions = "
        fn is_strange(hour, risk) {
            let at_night = hour < 6;
            if at_night { return risk > 95; }
            risk > 99
        }";
    let strange = "deny all when is_strange(now.hour, context.risk ?? 0);\n";
    of_script(&[strange, &script(statements)].concat(), Some(functions))
}

fn of_script(script: &str, functions: Option<&str>) -> Result<Prepared, String> {
    let vocabulary = vocabulary();
    let set = policies(script, functions, &vocabulary);
    Ok(Box::new(move |requests| {
        let requests = requests
            .iter()
            .map(|request| prebuilt(&vocabulary, request));
        Box::new(Ours {
            requests: requests.collect(),
            set,
        })
    }))
}
