//! gdrive: documents and folders that are owned, seen by users and groups, or public.
//!
//! The published generator names a view in two ways (`View::"User 3"` where a document is shared,
//! `View::"User user_3"` where a user sees), so that nothing is ever shared; as published, and with
//! one name for both.

use serde_json::{Value, json};
use stateward::expr::{Type, Val};

use super::hierarchy::{Entities, Random, Uid, reference, text, texts, written};
use super::{Asked, Hierarchy, REQUESTS, Scenario};

pub fn as_published() -> Scenario {
    Scenario {
        name: "gdrive, as published",
        hierarchy: apart,
        ..repaired()
    }
}

pub fn repaired() -> Scenario {
    Scenario {
        name: "gdrive, repaired",
        cedar: r#"
permit (principal, action == Action::"read", resource) when { resource in principal.seen };
permit (principal, action == Action::"read", resource)
    when { resource has isPublic && resource.isPublic };
permit (principal, action in [Action::"read", Action::"write", Action::"share"], resource)
    when { resource in principal.ownedDocuments || resource in principal.ownedFolders };
permit (principal, action == Action::"changeOwner", resource)
    when { principal.ownedDocuments.contains(resource) };
permit (principal, action == Action::"createDocument", resource)
    when { principal.ownedFolders.contains(resource) };
"#,
        ours: r#"
allow "example:read" when principal.view in account.within;
allow "example:read" when account.is_public;
allow ["example:read", "example:write", "example:share"] when principal.id in account.owners_above;
allow "example:changeOwner" when principal.id in account.owners;
allow "example:createDocument" when principal.id in account.owners;
"#,
        vocabulary: &[
            ("principal.id", Type::Text, false),
            ("principal.view", Type::Text, false),
            ("account.is_public", Type::Bool, false),
            ("account.within", Type::Texts, false),
            ("account.owners", Type::Texts, false),
            ("account.owners_above", Type::Texts, false),
        ],
        hierarchy: together,
    }
}

/// What is shared is shared with views that nobody sees.
fn apart(size: usize, random: &mut Random) -> Hierarchy {
    hierarchy(size, random, |number| number.to_string())
}

fn together(size: usize, random: &mut Random) -> Hierarchy {
    hierarchy(size, random, |number| format!("user_{number}"))
}

fn user(number: usize) -> Uid {
    ("User", format!("user_{number}"))
}

fn document(number: usize) -> Uid {
    ("Document", format!("doc_{number}"))
}

fn folder(number: usize) -> Uid {
    ("Folder", format!("folder_{number}"))
}

fn view_of_user(number: usize) -> Uid {
    ("View", format!("User user_{number}"))
}

fn hierarchy(size: usize, random: &mut Random, shared_with: fn(usize) -> String) -> Hierarchy {
    let mut entities = Entities::default();
    let groups: Vec<Vec<usize>> = (0..size).map(|_| random.some(size)).collect();
    let documents: Vec<Vec<usize>> = (0..size).map(|_| random.some(size)).collect();
    let folders: Vec<Vec<usize>> = (0..size).map(|_| random.some(size)).collect();
    let list = |numbers: &[usize], uid: fn(usize) -> Uid| -> Value {
        numbers
            .iter()
            .map(|number| reference(&uid(*number)))
            .collect()
    };
    for number in 0..size {
        let attributes = json!({
            "seen": reference(&view_of_user(number)),
            "ownedDocuments": list(&documents[number], document),
            "ownedFolders": list(&folders[number], folder),
        });
        let group = |group: &usize| ("Group", format!("group_{group}"));
        let parents = groups[number].iter().map(group).collect();
        entities.add(user(number), &attributes, parents);
        entities.add(view_of_user(number), &json!({}), Vec::new());
    }
    for number in 0..size {
        entities.add(("Group", format!("group_{number}")), &json!({}), Vec::new());
        let members = (0..size).filter(|user| groups[*user].contains(&number));
        let view = ("View", format!("Group group_{number}"));
        entities.add(view, &json!({}), members.map(view_of_user).collect());
    }
    let mut public = Vec::new();
    for number in 0..size {
        public.push(random.below(2) == 0);
        let mut parents: Vec<Uid> = random.some(size).into_iter().map(folder).collect();
        parents.extend(shares(size, random, shared_with));
        entities.add(
            document(number),
            &json!({ "isPublic": public[number] }),
            parents,
        );
    }
    for number in 0..size {
        let mut parents: Vec<Uid> = random.some(number).into_iter().map(folder).collect();
        parents.extend(shares(size, random, shared_with));
        entities.add(folder(number), &json!({}), parents);
    }
    let owners = |uid: &Uid| -> Vec<String> {
        let owns = |of: &Vec<Vec<usize>>, own: fn(usize) -> Uid, user: usize| {
            of[user].iter().any(|number| own(*number) == *uid)
        };
        let owning =
            (0..size).filter(|it| owns(&documents, document, *it) || owns(&folders, folder, *it));
        owning.map(|number| user(number).1).collect()
    };
    let asked = (0..REQUESTS).map(|_| {
        let who = random.below(size);
        let action = ["read", "write", "share", "changeOwner", "createDocument"][random.below(5)];
        let is_document = match action {
            "changeOwner" => true,
            "createDocument" => false,
            _ => random.below(2) == 0,
        };
        let number = random.below(size);
        let resource = if is_document {
            document(number)
        } else {
            folder(number)
        };
        let above = entities.above(&resource);
        let owners_above = above.iter().chain([&resource]).flat_map(&owners);
        Asked {
            facts: vec![
                ("principal.id", text(&user(who).1)),
                ("principal.view", text(&written(&view_of_user(who)))),
                (
                    "account.is_public",
                    Val::Bool(is_document && public[number]),
                ),
                ("account.within", texts(above.iter().map(written))),
                ("account.owners", texts(owners(&resource))),
                ("account.owners_above", texts(owners_above)),
            ],
            principal: user(who),
            action,
            resource,
        }
    });
    Hierarchy {
        asked: asked.collect(),
        entities: entities.written,
    }
}

/// The views that something is shared with.
fn shares(size: usize, random: &mut Random, shared_with: fn(usize) -> String) -> Vec<Uid> {
    let users = random.some(size).into_iter();
    let mut views: Vec<Uid> = users
        .map(|number| ("View", format!("User {}", shared_with(number))))
        .collect();
    let group = |number: usize| shared_with(number).replace("user", "group");
    let groups = random.some(size).into_iter();
    views.extend(groups.map(|number| ("View", format!("Group {}", group(number)))));
    views
}
