//! The pictures in the documents are those of the shipped lifecycles.
//!
//! `UPDATE=1 cargo test -p acceptance --test acceptance pictures` writes them anew.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use stateward::analysis::picture::{Picture, mermaid, svg};
use stateward::analysis::takeover::{Others, Takeover};
use stateward::analysis::{Limits, Model, Profile, Tracking, explore};
use stateward::bundle::{Bundle, read_sources};

use crate::fixture::{newsletter, shipped};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Holds a committed file to what it should say.
fn hold(path: &str, text: &str) {
    let file = workspace().join(path);
    let committed = fs::read_to_string(&file).unwrap_or_default();
    if committed == text {
        return;
    }
    assert!(
        std::env::var_os("UPDATE").is_some(),
        "{path} is not up to date: UPDATE=1 cargo test -p acceptance --test acceptance pictures"
    );
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

/// The picture of a whole lifecycle, and those of its workflows.
fn hold_lifecycle(bundle: &Bundle) {
    let lifecycle = &bundle.lifecycle;
    let name = &lifecycle.name;
    let whole = Picture::of_lifecycle(lifecycle);
    hold(&format!("docs/pictures/{name}.svg"), &svg::render(&whole));
    // The only workflow of a lifecycle is all of it.
    for workflow in lifecycle
        .workflows
        .keys()
        .filter(|_| lifecycle.workflows.len() > 1)
    {
        let picture = Picture::of_workflow(lifecycle, workflow).unwrap();
        let path = format!("docs/pictures/{name}/{workflow}.svg");
        hold(&path, &svg::render(&picture));
    }
}

#[test]
fn the_resource_account_is_drawn_as_it_is_declared() {
    hold_lifecycle(shipped());
}

#[test]
fn the_newsletter_is_drawn_as_it_is_declared() {
    hold_lifecycle(&newsletter());
}

#[test]
fn those_of_other_clouds_are_drawn_as_they_are_declared() {
    for lifecycle in ["aws_member", "gcp_project"] {
        let sources = read_sources(&workspace(), lifecycle).unwrap();
        let bundle = Bundle::load(sources, lifecycle).unwrap();
        let whole = Picture::of_lifecycle(&bundle.lifecycle);
        let path = format!("docs/pictures/{lifecycle}.svg");
        hold(&path, &svg::render(&whole));
    }
}

#[test]
fn the_diagram_in_the_guide_to_lifecycles_is_the_newsletter() {
    const BEGIN: &str = "```mermaid\n";
    let path = "workflows/README.md";
    let page = fs::read_to_string(workspace().join(path)).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("a diagram");
    let (_, after) = rest.split_once("```").expect("its end");
    let name = "subscription".parse().unwrap();
    let picture = Picture::of_workflow(&newsletter().lifecycle, &name).unwrap();
    let diagram = mermaid::render(&picture);
    hold(path, &format!("{before}{BEGIN}{diagram}```{after}"));
}

#[test]
fn what_falls_of_a_resource_account_is_drawn_as_it_is_found() {
    let model = Model::new(shipped(), Profile::default(), &Tracking::nothing()).unwrap();
    let product = explore(
        model,
        &Limits::default(),
        &mut |_| ControlFlow::Continue(()),
    );
    let takeover = Takeover::new(&product, Others::Wait);
    let picture = takeover.picture(&takeover.singles());
    hold("docs/pictures/takeover.svg", &svg::render(&picture));
}
