//! What the measurements of policies ask: accounts in folders, whose operators may do some things
//! under some conditions.
//!
//! Fifty statements speak of one folder. A larger set has more folders, each with fifty statements of
//! its own, so that what grows is what a decision has to find its way through and not what it has to
//! weigh.

use std::sync::Arc;

use stateward::expr::{Compiler, Facts, Type, Val, Vocabulary};
use stateward::policy::{Kinds, PolicySet, Principal, Principals, Query, Ruling};
use stateward::source::{FileId, SourceMap};

const ACTIONS: [&str; 12] = [
    "directory:GetAccount",
    "directory:ListAccounts",
    "directory:UpdateAccount",
    "directory:MoveAccount",
    "directory:RenameAccount",
    "directory:BindPhone",
    "directory:ChangePhone",
    "directory:SwitchType",
    "directory:DeleteAccount",
    "directory:InviteAccount",
    "directory:AttachPolicy",
    "directory:DetachPolicy",
];

const ALLOWS: [&str; 5] = [
    "principal.kind == \"ram_user\" && \"operators\" in principal.groups \
     && principal.account == account.manager",
    "account.country in [\"SG\", \"DE\"] && (context.mfa ?? false) \
     && now.hour >= 8 && now.hour < 18 && (context.risk ?? 100) < 50",
    "\"staff\" in principal.groups",
    "principal.kind == \"ram_role\" && (context.site ?? \"\") == \"intl\"",
    "principal.account == account.manager",
];

const DENIES: [&str; 3] = [
    "principal.kind == \"sso_session\" && now.hour < 6",
    "account.country in [\"CN\"] && (context.site ?? \"\") == \"intl\"",
    "now.hour >= 22 && \"automation\" in principal.groups",
];

/// Statements that speak of one folder.
pub const OF_A_FOLDER: usize = 50;

/// How many requests there are.
pub const REQUESTS: usize = 40;

/// What a set of policies is made for.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Statements, over all policies.
    pub statements: usize,
    /// Policies of each principal, over which the statements are spread.
    pub policies: usize,
    /// Whether control policies bound the accounts.
    pub control: bool,
    /// Whether each decision looks at one condition more, which calls a function that is interpreted.
    pub interpreted: bool,
}

impl Shape {
    fn folders(self) -> usize {
        self.statements.div_ceil(OF_A_FOLDER)
    }
}

/// Scripts, and what it takes to load them.
pub struct Scripts {
    sources: SourceMap,
    files: Vec<FileId>,
    vocabulary: Vocabulary,
    compiler: Compiler,
}

/// Loaded policies, and requests that are ready to be decided.
pub struct Scenario {
    vocabulary: Vocabulary,
    policies: PolicySet,
    principals: Principals,
    requests: Vec<Request>,
}

struct Request {
    principal: Principal,
    action: &'static str,
    resource: String,
    path: String,
    country: &'static str,
    hour: i64,
    mfa: Option<bool>,
    risk: Option<i64>,
    site: &'static str,
}

/// A function of several statements, which the interpreter runs.
const FUNCTIONS: &str =
    "fn at_work(hour) {\n    if hour < 0 { return false; }\n    hour <= 23\n}\n";

fn vocabulary() -> Vocabulary {
    let mut vocabulary = Vocabulary::default();
    for (path, ty, optional) in [
        ("account.id", Type::AccountId, false),
        ("account.path", Type::Text, false),
        ("account.manager", Type::AccountId, false),
        ("account.country", Type::Text, false),
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

/// The accounts of a folder.
fn on(folder: usize) -> String {
    format!("on \"acs:directory:*:*:account/rd-3G/r-Wm/fd-{folder:04}/*\"")
}

/// A statement that all requests about a folder meet, and whose condition never holds.
fn interpreted(folder: usize) -> String {
    let condition = "at_work(now.hour) && \"nobody\" in principal.groups";
    format!("allow all {} when {condition};\n", on(folder))
}

fn statement(number: usize) -> String {
    let (folder, number) = (number / OF_A_FOLDER, number % OF_A_FOLDER);
    let on = on(folder);
    let action = match number % 10 {
        9 => "all".to_owned(),
        _ => format!("{:?}", ACTIONS[number * 7 % ACTIONS.len()]),
    };
    if number % 5 == 4 {
        return format!(
            "deny {action} {on} when {};",
            DENIES[number / 5 % DENIES.len()]
        );
    }
    let condition = ALLOWS[(number / 5 + number) % ALLOWS.len()];
    format!("allow {action} {on} when {condition};")
}

fn requests(folders: usize, policies: &[Arc<str>]) -> Vec<Request> {
    let of = |number: usize| {
        let (name, groups): (_, &[&str]) = match number % 4 {
            0 => ("ram_user/ops", &["operators", "staff"]),
            1 => ("ram_user/audit", &["auditors", "staff"]),
            2 => ("ram_role/deploy", &["automation"]),
            _ => ("sso_session/guest", &[]),
        };
        let account = if number % 4 == 3 { "2000" } else { "1000" };
        let mut principal = Principal::new(
            name.parse().expect("a name"),
            account.parse().expect("an id"),
        );
        principal.groups = groups.iter().map(|group| Arc::from(*group)).collect();
        principal.policies = policies.to_vec();
        let folder = number * 37 % folders;
        let path = format!("rd-3G/r-Wm/fd-{folder:04}/{}", 100_000 + number);
        Request {
            principal,
            action: ACTIONS[number * 5 % ACTIONS.len()],
            resource: format!("acs:directory:*:1000:account/{path}"),
            path,
            country: ["SG", "DE", "CN"][number % 3],
            hour: i64::try_from((number * 7 + 9) % 24).expect("an hour"),
            mfa: [Some(true), Some(true), None, Some(false), Some(true)][number % 5],
            risk: [Some(10), Some(40), Some(60), None, Some(20), Some(90)][number % 6],
            site: if number % 7 == 3 { "china" } else { "intl" },
        }
    };
    (0..REQUESTS).map(of).collect()
}

/// The control policies: one that bounds nothing wherever there is no other, a guardrail at the root.
const CONTROL: &str = "
control_policies:
  root: rd-3G/r-Wm
  place: account.path
  default: [Full]
  attached:
    rd-3G/r-Wm: [Full, Guardrail]
";
const GUARDRAIL: &str = "deny [\"actiontrail:Stop*\", \"actiontrail:Delete*\"] \
    unless principal.kind == \"ram_role\";";

impl Scripts {
    /// The scripts of a shape.
    pub fn new(shape: Shape) -> Self {
        let mut sources = SourceMap::default();
        let functions = sources.add("functions.rhai", FUNCTIONS);
        let mut files = vec![
            sources.add("policies/Full.rhai", "allow all;"),
            sources.add("policies/Guardrail.rhai", GUARDRAIL),
        ];
        for policy in 0..shape.policies {
            let own = (0..shape.statements).filter(|number| number % shape.policies == policy);
            let mut script: String = own.map(|number| statement(number) + "\n").collect();
            if shape.interpreted && policy == 0 {
                script.extend((0..shape.folders()).map(interpreted));
            }
            files.push(sources.add(&format!("policies/{}.rhai", name(policy)), &script));
        }
        let vocabulary = vocabulary();
        let source = sources.file(functions).map(|file| (file, functions));
        Self {
            compiler: Compiler::new(&vocabulary, source).expect("the functions are in order"),
            vocabulary,
            sources,
            files,
        }
    }

    /// From scripts to an index.
    pub fn load(&self) -> PolicySet {
        let (mut findings, vocabulary) = (Vec::new(), &self.vocabulary);
        let (files, sources, compiler) = (&self.files, &self.sources, &self.compiler);
        let policies = PolicySet::load(files, sources, compiler, vocabulary, &mut findings);
        assert!(findings.is_empty(), "{findings:?}");
        policies
    }
}

/// The name of a principal's policy.
fn name(policy: usize) -> String {
    format!("DirectoryOperations{policy}")
}

impl Scenario {
    /// Loads the policies of a shape.
    pub fn new(shape: Shape) -> Self {
        let mut scripts = Scripts::new(shape);
        let policies = scripts.load();
        let yaml = if shape.control {
            CONTROL
        } else {
            "principals: {}"
        };
        let file = scripts.sources.add("policies/principals.yaml", yaml);
        let (kinds, vocabulary) = (Kinds::new(), scripts.vocabulary);
        let mut findings = Vec::new();
        let principals = Principals::load(file, yaml, kinds, &vocabulary, &policies, &mut findings);
        assert!(findings.is_empty(), "{findings:?}");
        let folders = shape.folders();
        let names: Vec<Arc<str>> = (0..shape.policies)
            .map(|policy| name(policy).into())
            .collect();
        Self {
            requests: requests(folders, &names),
            vocabulary,
            policies,
            principals,
        }
    }

    /// Every request with its facts, and what it takes to decide it again and again.
    pub fn asked(&self) -> Vec<Asked<'_>> {
        let asked = |request| Asked::new(self, request);
        self.requests.iter().map(asked).collect()
    }
}

/// A request with its facts.
pub struct Asked<'s> {
    scenario: &'s Scenario,
    request: &'s Request,
    resources: [&'s str; 1],
    facts: Facts<'s>,
}

impl<'s> Asked<'s> {
    fn new(scenario: &'s Scenario, request: &'s Request) -> Self {
        let mut facts = Facts::new(&scenario.vocabulary);
        let mut set = |path, value| {
            let slot = scenario.vocabulary.slot(path).expect("a declared name");
            facts.set(slot, value);
        };
        let principal = &request.principal;
        set("account.id", Val::Text("100000"));
        set("account.path", Val::Text(&request.path));
        set("account.manager", Val::Text("1000"));
        set("account.country", Val::Text(request.country));
        set("principal.kind", Val::Text(principal.kind.as_str()));
        set("principal.account", Val::Text(principal.account.as_str()));
        set("principal.groups", Val::Texts(&principal.groups));
        set("context.mfa", request.mfa.map_or(Val::Unset, Val::Bool));
        set("context.risk", request.risk.map_or(Val::Unset, Val::Int));
        set("context.site", Val::Text(request.site));
        set("now.hour", Val::Int(request.hour));
        Self {
            scenario,
            request,
            resources: [&request.resource],
            facts,
        }
    }

    /// Decides it.
    pub fn rule(&'s self, facts: &mut Facts<'s>) -> Ruling {
        let attachments = self.scenario.principals.attachments();
        let query = Query {
            principal: &self.request.principal,
            owns_account: false,
            control: attachments.control(),
            attachments,
            action: self.request.action,
            resources: &self.resources,
        };
        self.scenario.policies.rule(&query, facts)
    }

    /// Its facts, to decide over.
    pub fn facts(&self) -> Facts<'s> {
        self.facts.clone()
    }
}
