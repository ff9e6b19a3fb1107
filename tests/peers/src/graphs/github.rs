//! github: repositories of organisations, which users and teams may read, triage, write to,
//! maintain and administer.

use serde_json::{Map, Value, json};
use stateward::expr::Type;

use super::hierarchy::{Entities, Random, Uid, reference, text, texts, written};
use super::{Asked, Hierarchy, REQUESTS, Scenario};

const ACTIONS: [&str; 5] = ["read", "triage", "write", "maintain", "admin"];
const ROLES: [&str; 5] = ["readers", "triagers", "writers", "maintainers", "admins"];
const OF_OWNER: [&str; 3] = ["readers", "writers", "admins"];

pub fn scenario() -> Scenario {
    Scenario {
        name: "github",
        cedar: r#"
permit (principal, action == Action::"read", resource) when { principal in resource.readers };
permit (principal, action in Action::"triage", resource) when { principal in resource.triagers };
permit (principal, action in Action::"write", resource) when { principal in resource.writers };
permit (principal, action in Action::"maintain", resource)
    when { principal in resource.maintainers };
permit (principal, action in Action::"admin", resource) when { principal in resource.admins };
permit (principal, action == Action::"read", resource)
    when { principal in resource.owner.readers };
permit (principal, action in Action::"write", resource)
    when { principal in resource.owner.writers };
permit (principal, action in Action::"admin", resource)
    when { principal in resource.owner.admins };
"#,
        ours: r#"
let triage = ["example:read", "example:triage"];
let write = ["example:read", "example:triage", "example:write"];
let maintain = ["example:read", "example:triage", "example:write", "example:maintain"];
let admin = ["example:read", "example:triage", "example:write", "example:maintain", "example:admin"];
allow "example:read" when account.readers in principal.within;
allow triage when account.triagers in principal.within;
allow write when account.writers in principal.within;
allow maintain when account.maintainers in principal.within;
allow admin when account.admins in principal.within;
allow "example:read" when account.owner_readers in principal.within;
allow write when account.owner_writers in principal.within;
allow admin when account.owner_admins in principal.within;
"#,
        vocabulary: &[
            ("principal.within", Type::Texts, false),
            ("account.readers", Type::Text, false),
            ("account.triagers", Type::Text, false),
            ("account.writers", Type::Text, false),
            ("account.maintainers", Type::Text, false),
            ("account.admins", Type::Text, false),
            ("account.owner_readers", Type::Text, false),
            ("account.owner_writers", Type::Text, false),
            ("account.owner_admins", Type::Text, false),
        ],
        hierarchy,
    }
}

fn of_repository(number: usize, role: &str) -> Uid {
    ("RepoPermission", format!("repo_{number}_{role}"))
}

fn of_organisation(number: usize, role: &str) -> Uid {
    ("OrgPermission", format!("org_{number}_{role}"))
}

/// Repositories on which something has some role.
fn repositories(size: usize, random: &mut Random) -> Vec<Uid> {
    let some = random.some(size).into_iter();
    some.map(|number| of_repository(number, ROLES[random.below(5)]))
        .collect()
}

fn teams(numbers: Vec<usize>) -> Vec<Uid> {
    numbers
        .into_iter()
        .map(|number| ("Team", format!("team_{number}")))
        .collect()
}

fn hierarchy(size: usize, random: &mut Random) -> Hierarchy {
    let mut entities = Entities::default();
    for (place, action) in ACTIONS.into_iter().enumerate() {
        let wider = ACTIONS
            .get(place + 1)
            .map(|wider| ("Action", (*wider).to_owned()));
        entities.add(
            ("Action", action.to_owned()),
            &json!({}),
            wider.into_iter().collect(),
        );
    }
    let attributes = |roles: &[&str], uid: &dyn Fn(&str) -> Uid| -> Map<String, Value> {
        roles
            .iter()
            .map(|role| ((*role).to_owned(), reference(&uid(role))))
            .collect()
    };
    for number in 0..size {
        let some = random.some(size).into_iter();
        let parents = some
            .map(|other| of_organisation(other, OF_OWNER[random.below(3)]))
            .collect();
        let attributes = attributes(&OF_OWNER, &|role| of_organisation(number, role));
        entities.add(
            ("Organization", format!("org_{number}")),
            &attributes.into(),
            parents,
        );
        for role in OF_OWNER {
            entities.add(of_organisation(number, role), &json!({}), Vec::new());
        }
    }
    let owners: Vec<usize> = (0..size).map(|_| random.below(size)).collect();
    for number in 0..size {
        let mut attributes = attributes(&ROLES, &|role| of_repository(number, role));
        let owner = reference(&("Organization", format!("org_{}", owners[number])));
        attributes.insert("owner".to_owned(), owner);
        entities.add(
            ("Repository", format!("repo_{number}")),
            &attributes.into(),
            Vec::new(),
        );
        for role in ROLES {
            entities.add(of_repository(number, role), &json!({}), Vec::new());
        }
    }
    for number in 0..size {
        let mut parents = teams(random.some(number));
        parents.extend(repositories(size, random));
        entities.add(("Team", format!("team_{number}")), &json!({}), parents);
    }
    for number in 0..size {
        let mut parents = repositories(size, random);
        parents.extend(teams(random.some(size)));
        let some = random.some(size).into_iter();
        parents.extend(some.map(|org| ("Organization", format!("org_{org}"))));
        let some = random.some(size).into_iter();
        parents.extend(some.map(|org| of_organisation(org, OF_OWNER[random.below(3)])));
        entities.add(("User", format!("user_{number}")), &json!({}), parents);
    }
    let asked = (0..REQUESTS).map(|_| {
        let principal = ("User", format!("user_{}", random.below(size)));
        let number = random.below(size);
        let within = entities.above(&principal);
        let name = |uid: Uid| text(&written(&uid));
        Asked {
            facts: vec![
                ("principal.within", texts(within.iter().map(written))),
                ("account.readers", name(of_repository(number, "readers"))),
                ("account.triagers", name(of_repository(number, "triagers"))),
                ("account.writers", name(of_repository(number, "writers"))),
                (
                    "account.maintainers",
                    name(of_repository(number, "maintainers")),
                ),
                ("account.admins", name(of_repository(number, "admins"))),
                (
                    "account.owner_readers",
                    name(of_organisation(owners[number], "readers")),
                ),
                (
                    "account.owner_writers",
                    name(of_organisation(owners[number], "writers")),
                ),
                (
                    "account.owner_admins",
                    name(of_organisation(owners[number], "admins")),
                ),
            ],
            principal,
            action: ACTIONS[random.below(5)],
            resource: ("Repository", format!("repo_{number}")),
        }
    });
    Hierarchy {
        asked: asked.collect(),
        entities: entities.written,
    }
}
