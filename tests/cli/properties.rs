//! Properties of lifecycles: what `check` tells where one does not hold.

use insta::assert_snapshot;

use crate::common::Project;

const PROPERTIES: &str = "workflows/newsletter/checks/properties.yaml";

fn newsletter() -> Project {
    let project = Project::empty();
    project.run("init --dev --lifecycle newsletter").exits(0);
    project
}

#[test]
fn what_is_shipped_holds() {
    assert_snapshot!(newsletter().run("check"), @r"
    checked 1 workflow (3 states, 4 transitions), 0 policies: 0 errors, 0 warnings
    ");
    Project::new().run("check").exits(0);
}

#[test]
fn a_property_that_breaks_is_shown_with_the_way() {
    let project = newsletter();
    project.replace(
        "workflows/newsletter/subscription.yaml",
        "from: [reading, paused]",
        "from: reading",
    );
    assert_snapshot!(project.run("check"), @r"
    checked 1 workflow (3 states, 4 transitions), 0 policies: 1 error, 0 warnings
    --- stderr ---
    error[A0051]: this does not hold: a reader can always leave
       ╭▸ workflows/newsletter/checks/properties.yaml:13:5
       │
    13 │     leads_to:
       │     ━━━━━━━━ there is no way on after the last step
       │
       ⸬  workflows/newsletter/subscription.yaml:12:3
       │
    12 │   pause:
       │   ───── the last step
       │
       ╰ help: this is how it comes about:
               1. reader of the account: subscription.join, proving address
                  then subscription is reading
               2. reader of the account: subscription.pause
                  then subscription is paused

    hint: `stateward explain A0051` tells more
    [exit status: 8]
    ");
}

#[test]
fn a_property_that_may_break_tells_what_it_depends_on() {
    let project = newsletter();
    project.write(
        PROPERTIES,
        r#"
properties:
  - name: nobody of example.org subscribes
    because: they have a letter of their own
    never: state.subscription != "left" && email_domain(account.email) == "example.org"
"#,
    );
    assert_snapshot!(project.run("check"), @r#"
    checked 1 workflow (3 states, 4 transitions), 0 policies: 1 error, 0 warnings
    --- stderr ---
    error[A0052]: this may not hold: nobody of example.org subscribes
      ╭▸ workflows/newsletter/checks/properties.yaml:5:5
      │
    5 │     never: state.subscription != "left" && email_domain(account.email) == "example.org"
      │     ━━━━━ perhaps true after the last step
      │
      ⸬  workflows/newsletter/subscription.yaml:5:3
      │
    5 │   join:
      │   ──── the last step
      │
      ├ help: this is how it comes about:
      │       1. reader of the account: subscription.join, proving address
      │          then subscription is reading
      ╰ help: it is to hold because they have a letter of their own

    hint: `stateward explain A0052` tells more
    [exit status: 8]
    "#);
}

#[test]
fn a_property_about_nothing_is_a_warning() {
    let project = newsletter();
    project.write(
        PROPERTIES,
        r#"
properties:
  - name: a pause ends by itself
    leads_to: { from: state.subscription == "paused", to: state.subscription == "reading" }
  - name: only time brings a reader back
    only: { who: time, when: state.subscription == "paused", enters: state.subscription == "paused" }
"#,
    );
    assert_snapshot!(project.run("check"), @r#"
    checked 1 workflow (3 states, 4 transitions), 0 policies: 0 errors, 1 warning
    --- stderr ---
    warning[A0054]: this is about nothing that ever happens: only time brings a reader back
      ╭▸ workflows/newsletter/checks/properties.yaml:6:5
      │
    6 │     only: { who: time, when: state.subscription == "paused", enters: state.subscription == "paused" }
      ╰╴    ━━━━ no step is ever such a one

    hint: `stateward explain A0054` tells more
    hint: what is meant is accepted, with its reason, in workflows/newsletter/checks/accepted.yaml
    "#);
}

#[test]
fn a_mistake_in_the_file_is_one_of_the_definition() {
    let project = newsletter();
    project.write(
        PROPERTIES,
        r#"
properties:
  - name: a pause ends by itself
    leads_to: { from: state.subscription == "pause", to: state.subscription == "reading" }
"#,
    );
    assert_snapshot!(project.run("check"), @r#"
    checked 1 workflow (3 states, 4 transitions), 0 policies: 1 error, 0 warnings
    --- stderr ---
    error[W0306]: `pause` is none of the possible words
      ╭▸ workflows/newsletter/checks/properties.yaml:4:45
      │
    4 │     leads_to: { from: state.subscription == "pause", to: state.subscription == "reading" }
      │                                             ━━━━━━━
      │
      ╰ help: it is one of left, paused, reading
    help: did you mean `paused`?
      ╭╴
    4 │     leads_to: { from: state.subscription == "paused", to: state.subscription == "reading" }
      ╰╴                                                  +

    hint: `stateward explain W0306` tells more
    [exit status: 8]
    "#);
}
