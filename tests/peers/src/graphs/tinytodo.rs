//! tinytodo: lists of tasks with an owner, and with teams that read and edit them.

use serde_json::{Value, json};
use stateward::expr::{Type, Val};

use super::hierarchy::{Entities, Random, Uid, reference, text, texts, written};
use super::{Asked, Hierarchy, REQUESTS, Scenario};

const ACTIONS: [&str; 9] = [
    "CreateList",
    "GetLists",
    "GetList",
    "UpdateList",
    "DeleteList",
    "CreateTask",
    "UpdateTask",
    "DeleteTask",
    "EditShares",
];

pub fn scenario() -> Scenario {
    Scenario {
        name: "tinytodo",
        cedar: r#"
permit (principal, action in [Action::"CreateList", Action::"GetLists"],
    resource == Application::"TinyTodo");
permit (principal, action, resource) when { resource is List && resource.owner == principal };
permit (principal, action == Action::"GetList", resource)
    when { principal in resource.readers || principal in resource.editors };
permit (principal,
    action in [Action::"UpdateList", Action::"CreateTask", Action::"UpdateTask", Action::"DeleteTask"],
    resource)
    when { principal in resource.editors };
"#,
        ours: r#"
allow ["example:CreateList", "example:GetLists"] on "acs:example:*:1:Application/TinyTodo";
allow all when has(account.owner) && account.owner == principal.id;
allow "example:GetList"
    when has(account.readers) && account.readers in principal.within
      || has(account.editors) && account.editors in principal.within;
allow ["example:UpdateList", "example:CreateTask", "example:UpdateTask", "example:DeleteTask"]
    when has(account.editors) && account.editors in principal.within;
"#,
        vocabulary: &[
            ("principal.id", Type::Text, false),
            ("principal.within", Type::Texts, false),
            ("account.owner", Type::Text, true),
            ("account.readers", Type::Text, true),
            ("account.editors", Type::Text, true),
        ],
        hierarchy,
    }
}

fn team(number: usize) -> Uid {
    ("Team", format!("team_{number}"))
}

fn user(number: usize) -> Uid {
    ("User", format!("user_{number}"))
}

fn application() -> Uid {
    ("Application", "TinyTodo".to_owned())
}

fn tasks(random: &mut Random) -> Value {
    let count = random.below(51);
    let mut task = |_| {
        let state = ["Checked", "Unchecked"][random.below(2)];
        let (name, id) = (random.below(1_000_000), random.below(1_000_000));
        json!({ "name": format!("task_{name}"), "id": id, "state": state })
    };
    (0..count).map(&mut task).collect()
}

fn hierarchy(size: usize, random: &mut Random) -> Hierarchy {
    let mut entities = Entities::default();
    entities.add(application(), &json!({}), Vec::new());
    for number in 0..size {
        let mut parents: Vec<Uid> = random.some(size).into_iter().map(team).collect();
        parents.push(application());
        entities.add(user(number), &json!({}), parents);
    }
    for number in 0..size {
        let mut parents: Vec<Uid> = random.some(number).into_iter().map(team).collect();
        parents.push(application());
        entities.add(team(number), &json!({}), parents);
    }
    let mut lists = Vec::new();
    for number in 0..size {
        let (owner, readers) = (user(random.below(size)), team(random.below(size)));
        let editors = team(random.below(size));
        let attributes = json!({
            "name": format!("list_{number}"),
            "owner": reference(&owner),
            "readers": reference(&readers),
            "editors": reference(&editors),
            "tasks": tasks(random),
        });
        entities.add(
            ("List", format!("list_{number}")),
            &attributes,
            vec![application()],
        );
        lists.push((owner, readers, editors));
    }
    let asked = (0..REQUESTS).map(|_| {
        let principal = user(random.below(size));
        let action = ACTIONS[random.below(ACTIONS.len())];
        let within = entities.above(&principal);
        let mut facts = vec![
            ("principal.id", text(&written(&principal))),
            ("principal.within", texts(within.iter().map(written))),
        ];
        let resource = if ["CreateList", "GetLists"].contains(&action) {
            application()
        } else {
            let number = random.below(size);
            let (owner, readers, editors) = &lists[number];
            let name = |uid: &Uid| -> Val<'static> { text(&written(uid)) };
            facts.extend([
                ("account.owner", name(owner)),
                ("account.readers", name(readers)),
                ("account.editors", name(editors)),
            ]);
            ("List", format!("list_{number}"))
        };
        Asked {
            principal,
            action,
            resource,
            facts,
        }
    });
    Hierarchy {
        asked: asked.collect(),
        entities: entities.written,
    }
}
