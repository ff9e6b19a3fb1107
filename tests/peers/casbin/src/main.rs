//! casbin, with one matcher that holds every kind of condition, compiled once; what a statement
//! does not ask about, it leaves as `*`.

use casbin::function_map::OperatorFunction;
use casbin::rhai::Dynamic;
use casbin::{CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi};
use peers_scenario::allocator::Counting;
use peers_scenario::peer::{Engine, Here, Prepared, serve};
use peers_scenario::{Request, Statement, Test, folder};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const MODEL: &str = "
[request_definition]
r = act, obj, kind, groups, account, manager, country, type, mfa, hour, risk, site

[policy_definition]
p = act, obj, kind, group, manager, countries, type, mfa, from, to, risk, site, eft

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = (p.act == \"*\" || r.act == p.act) && keyMatch(r.obj, p.obj) && \
(p.kind == \"*\" || r.kind == p.kind) && (p.group == \"*\" || holds(r.groups, p.group)) && \
(p.manager == \"*\" || r.account == r.manager) && \
(p.countries == \"*\" || holds(p.countries, r.country)) && (p.type == \"*\" || r.type == p.type) && \
(p.mfa == \"*\" || r.mfa) && (p.from == \"*\" || (r.hour >= p.from && r.hour < p.to)) && \
(p.risk == \"*\" || r.risk < p.risk) && (p.site == \"*\" || r.site == p.site)
";

/// Whether a text contains another, which casbin's own functions do not tell.
fn holds(text: Dynamic, part: Dynamic) -> Dynamic {
    let read = |value: &Dynamic| value.clone().into_immutable_string().unwrap_or_default();
    read(&text).contains(read(&part).as_str()).into()
}

/// Two digits compare as the numbers do.
fn digits(number: i64) -> String {
    format!("{number:02}")
}

fn line(statement: &Statement) -> Vec<String> {
    let mut line = vec!["*".to_owned(); 13];
    if let Some(action) = statement.action {
        line[0] = action.to_owned();
    }
    line[1] = format!(
        "acs:directory:*:1000:account/{}/*",
        folder(statement.folder)
    );
    for test in &statement.tests {
        match test {
            Test::Kind(kind) => line[2] = (*kind).to_owned(),
            Test::Group(group) => line[3] = format!(",{group},"),
            Test::OfManager => line[4] = "yes".to_owned(),
            Test::Country(countries) => line[5] = countries.join(" "),
            Test::MemberType(member_type) => line[6] = (*member_type).to_owned(),
            Test::Mfa => line[7] = "yes".to_owned(),
            Test::Hours(from, to) => (line[8], line[9]) = (digits(*from), digits(*to)),
            Test::RiskBelow(most) => line[10] = digits(*most),
            Test::Site(site) => line[11] = (*site).to_owned(),
        }
    }
    line[12] = if statement.allow { "allow" } else { "deny" }.to_owned();
    line
}

fn values(request: &Request) -> Vec<Dynamic> {
    let (principal, account) = (&request.principal, &request.account);
    let groups = format!(",{},", principal.groups.join(","));
    // What is not known is no small risk.
    let risk = request.risk.map_or("~".to_owned(), digits);
    vec![
        request.action.into(),
        account.resource().into(),
        principal.kind.into(),
        groups.into(),
        principal.account.into(),
        account.manager.into(),
        account.country.into(),
        account.member_type.into(),
        request.mfa.unwrap_or(false).into(),
        digits(request.hour).into(),
        risk.into(),
        request.site.into(),
    ]
}

struct Casbin {
    enforcer: Enforcer,
    requests: Vec<Vec<Dynamic>>,
}

impl Engine for Casbin {
    fn decide(&mut self, request: usize) -> bool {
        let values = self.requests[request].clone();
        self.enforcer.enforce(values).expect("a decision")
    }
}

fn load(statements: &[Statement]) -> Result<Prepared, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let enforcer = runtime.expect("a runtime").block_on(async {
        let model = DefaultModel::from_str(MODEL)
            .await
            .expect("the model reads");
        let enforcer = Enforcer::new(model, MemoryAdapter::default()).await;
        let mut enforcer = enforcer.expect("an enforcer");
        enforcer.add_function("holds", OperatorFunction::Arg2(holds));
        let lines = statements.iter().map(line).collect();
        let added = enforcer
            .add_policies(lines)
            .await
            .expect("the statements are taken");
        assert!(added, "every statement is one line");
        enforcer
    });
    Ok(Box::new(|requests| {
        Box::new(Casbin {
            enforcer,
            requests: requests.iter().map(values).collect(),
        })
    }))
}

fn main() {
    serve(Here::new(load));
}
