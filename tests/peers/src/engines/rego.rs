//! Rego in regorus, compiled to bytecode for its virtual machine: a rule for each statement.

use std::fmt::Write as _;

use peers_scenario::peer::{Engine, Prepared};
use peers_scenario::{Request, Statement, Test, folder};
use regorus::Value;
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::RegoVM;
use serde_json::json;

fn condition(test: &Test) -> String {
    match test {
        Test::Kind(kind) => format!("input.principal.kind == \"{kind}\""),
        Test::Group(group) => format!("\"{group}\" in input.principal.groups"),
        Test::OfManager => "input.principal.account == input.account.manager".to_owned(),
        Test::Country(countries) => {
            let listed = format!("{countries:?}").replace('[', "{").replace(']', "}");
            format!("input.account.country in {listed}")
        }
        Test::MemberType(member_type) => format!("input.account.member_type == \"{member_type}\""),
        Test::Mfa => "input.mfa == true".to_owned(),
        Test::Hours(from, to) => format!("input.hour >= {from}; input.hour < {to}"),
        Test::RiskBelow(most) => format!("input.risk < {most}"),
        Test::Site(site) => format!("input.site == \"{site}\""),
    }
}

const PACKAGE: &str = "package peers\nimport rego.v1\n";
const DECISION: &str = "default allow := false\nallow if { permitted; not denied }\n\
    default permitted := false\ndefault denied := false\n";

fn script(statements: &[Statement]) -> String {
    let mut script = PACKAGE.to_owned();
    for statement in statements {
        let rule = if statement.allow {
            "permitted"
        } else {
            "denied"
        };
        let mut body = Vec::new();
        if let Some(action) = statement.action {
            body.push(format!("input.action == \"{action}\""));
        }
        let folder = folder(statement.folder);
        body.push(format!(
            "startswith(input.resource, \"acs:directory:*:1000:account/{folder}/\")"
        ));
        body.extend(statement.tests.iter().map(condition));
        writeln!(script, "{rule} if {{ {} }}", body.join("; ")).expect("writing to a text");
    }
    script
}

fn input(request: &Request) -> Value {
    let (principal, account) = (&request.principal, &request.account);
    let mut input = json!({
        "principal": {
            "kind": principal.kind, "account": principal.account, "groups": principal.groups,
        },
        "account": {
            "manager": account.manager, "country": account.country,
            "member_type": account.member_type,
        },
        "action": request.action,
        "resource": account.resource(),
        "hour": request.hour,
        "site": request.site,
    });
    if let Some(mfa) = request.mfa {
        input["mfa"] = mfa.into();
    }
    if let Some(risk) = request.risk {
        input["risk"] = risk.into();
    }
    Value::from_json_str(&input.to_string()).expect("the input reads")
}

struct Rego {
    machine: RegoVM,
    requests: Vec<Value>,
}

impl Engine for Rego {
    fn decide(&mut self, request: usize) -> bool {
        // A copy shares what it was made of.
        self.machine.set_input(self.requests[request].clone());
        self.machine.execute().expect("a decision") == Value::Bool(true)
    }
}

/// Compiles the statements, unless they come to more instructions than there can be.
pub fn load(statements: &[Statement]) -> Result<Prepared, String> {
    const ENTRY: &str = "data.peers.allow";
    let mut engine = regorus::Engine::new();
    let decision = [PACKAGE, DECISION].concat();
    let add = engine.add_policy("decision.rego".to_owned(), decision);
    add.expect("the rules parse");
    // No file may be larger than a megabyte.
    for (number, some) in statements.chunks(1_000).enumerate() {
        let added = engine.add_policy(format!("{number}.rego"), script(some));
        added.expect("the rules parse");
    }
    let compiled = engine
        .compile_with_entrypoint(&ENTRY.into())
        .expect("the rules compile");
    let program = Compiler::compile_from_policy(&compiled, &[ENTRY]);
    let program = program.map_err(|refused| refused.to_string())?;
    let mut machine = RegoVM::new();
    machine.load_program(program);
    Ok(Box::new(move |requests| {
        Box::new(Rego {
            machine,
            requests: requests.iter().map(input).collect(),
        })
    }))
}
