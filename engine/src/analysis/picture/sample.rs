//! Pictures for tests.

use super::{Cluster, Edge, Emphasis, Kind, Link, Node, Picture};

/// One of everything.
pub(super) fn small() -> Picture {
    let mut door = Cluster::new("door");
    door.about = Some("Whether one can go through.".to_owned());
    door.nodes = vec![
        Node {
            initial: true,
            ..Node::new("closed")
        },
        Node {
            current: true,
            privileged: true,
            ..Node::new("open")
        },
        Node {
            last: true,
            begins: vec!["ruins".to_owned()],
            about: Some("For good.".to_owned()),
            ..Node::new("end")
        },
    ];
    let keeper = |name: &str, from: &str, to: &str| Edge {
        who: Some("keeper".to_owned()),
        ..Edge::new(from, to, name, Kind::Requested)
    };
    door.edges = vec![
        Edge {
            proofs: vec![
                vec!["old_key".to_owned(), "code".to_owned()],
                vec!["new_key".to_owned()],
            ],
            ..keeper("unlock", "closed", "open")
        },
        keeper("kick", "closed", "open"),
        Edge {
            emphasis: Emphasis::Strong,
            ..keeper("paint", "open", "open")
        },
        Edge {
            wait: Some("30d".to_owned()),
            ..Edge::new("open", "closed", "fall", Kind::Timed)
        },
        Edge {
            emphasis: Emphasis::Faint,
            ..keeper("brick_up", "closed", "end")
        },
    ];
    let mut bell = Cluster::new("bell");
    bell.nodes = vec![
        Node {
            initial: true,
            ..Node::new("quiet")
        },
        Node::new("ringing"),
    ];
    bell.edges = vec![Edge {
        causes: vec!["door.unlock".to_owned()],
        ..Edge::new("quiet", "ringing", "ring", Kind::Triggered)
    }];
    let link = Link {
        from: "door".to_owned(),
        to: "bell".to_owned(),
        cause: "unlock".to_owned(),
        effects: vec!["ring".to_owned()],
    };
    Picture {
        about: Some("A house.".to_owned()),
        clusters: vec![door, bell],
        links: vec![link],
        ..Picture::new("house 1")
    }
}

/// As much as one workflow should ever have: 12 states and 40 transitions.
pub(super) fn large() -> Picture {
    let states = [
        "draft",
        "submitted",
        "screening",
        "in_review",
        "needs_changes",
        "approved",
        "provisioned",
        "active",
        "restricted",
        "suspended",
        "closing",
        "closed",
    ];
    let mut cluster = Cluster::new("membership");
    cluster.nodes = states.iter().map(|name| Node::new(*name)).collect();
    for node in &mut cluster.nodes {
        node.initial = node.name == "draft";
        node.last = node.name == "closed";
        node.privileged = ["active", "provisioned"].contains(&node.name.as_str());
    }
    let lines = LARGE.lines().map(str::trim).filter(|line| !line.is_empty());
    cluster.edges = lines.filter_map(edge).collect();
    Picture {
        clusters: vec![cluster],
        ..Picture::new("membership")
    }
}

fn edge(line: &str) -> Option<Edge> {
    let mut words = line.split_whitespace();
    let (from, to, name) = (words.next()?, words.next()?, words.next()?);
    let how = words.next()?;
    let rest: Vec<&str> = words.collect();
    let edge = |kind| Edge::new(from, to, name, kind);
    let proofs = rest
        .iter()
        .map(|step| step.split('|').map(str::to_owned).collect());
    Some(match how {
        "after" => Edge {
            wait: rest.first().map(|&it| it.to_owned()),
            ..edge(Kind::Timed)
        },
        "on" => Edge {
            causes: rest.iter().map(|&it| it.to_owned()).collect(),
            ..edge(Kind::Triggered)
        },
        who => Edge {
            who: Some(who.to_owned()),
            proofs: proofs.collect(),
            ..edge(Kind::Requested)
        },
    })
}

const LARGE: &str = "
    draft         draft         edit             owner
    draft         submitted     submit           owner       old_email
    draft         closed        discard          owner
    draft         closed        expire           after       90d
    submitted     draft         withdraw         owner
    submitted     screening     screen           on          checks.started
    screening     in_review     pass             on          checks.passed
    screening     closed        block            on          checks.failed
    screening     submitted     retry            after       1d
    in_review     approved      approve          reviewer    four_eyes
    in_review     needs_changes request_changes  reviewer
    in_review     closed        reject           reviewer
    in_review     in_review     comment          reviewer
    needs_changes submitted     resubmit         owner       old_email
    needs_changes closed        abandon          owner
    needs_changes closed        expire           after       30d
    approved      provisioned   provision        on          billing.settled
    approved      closed        cancel           owner
    approved      in_review     reopen           reviewer    four_eyes
    provisioned   active        activate         owner       old_email|old_phone  new_phone
    provisioned   closed        expire           after       14d
    provisioned   approved      roll_back        operator
    active        active        rename           owner
    active        active        change_phone     owner       old_phone|old_email  new_phone
    active        active        change_email     owner       old_email|old_phone  new_email
    active        restricted    restrict         operator
    active        restricted    flag             on          risk.raised
    active        suspended     suspend          operator    four_eyes
    active        closing       close            owner       old_phone|old_email
    restricted    active        lift             operator
    restricted    active        lapse            after       7d
    restricted    suspended     escalate         operator
    restricted    closing       close            owner       old_phone|old_email
    suspended     active        reinstate        operator    four_eyes
    suspended     restricted    relax            operator
    suspended     closing       terminate        operator    four_eyes
    closing       active        keep             owner       old_phone|old_email
    closing       closed        finish           after       30d
    closing       closed        finish_now       operator    four_eyes
    closed        draft         start_again      owner       old_email
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_large_picture_is_as_large_as_it_says() {
        let picture = large();
        let sizes = picture
            .clusters
            .iter()
            .map(|it| (it.nodes.len(), it.edges.len()));
        assert_eq!(sizes.collect::<Vec<_>>(), [(12, 40)]);
    }
}
