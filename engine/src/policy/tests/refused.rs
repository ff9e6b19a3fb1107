//! What is wrong with a script is said at its place, all of it at once where that can be.

use super::world::World;

#[track_caller]
fn check(script: &str, expected: &str) {
    let world = World::of(&[("p", script)]);
    assert_eq!(world.report().trim_end(), expected.trim(), "{script}");
}

#[test]
fn malformed_patterns_are_all_named() {
    check(
        r#"allow ["GetAccount", "", "a:b c", ":x", "ok:*"]; deny "b:*" on ["", "a b"];"#,
        r#"
P0105 1:8 the action names no service ["GetAccount"]
  help: write `service:GetAccount`
P0105 1:22 the pattern is empty [""]
  help: write `all` for every action, or `"service:Action"`
P0105 1:26 ` ` cannot be part of a name ["a:b c"]
P0105 1:35 the action names no service [":x"]
  help: write `service:x`
P0106 1:65 the pattern is empty [""]
  help: leave out `on` to cover every resource
P0106 1:69 ` ` cannot be part of a name ["a b"]
"#,
    );
}

#[test]
fn clauses_of_the_wrong_kind_are_named() {
    check(
        r#"allow 5; allow []; allow ["a:b", 1]; deny all on true because 3;"#,
        r#"
P0107 1:7 this is a number [5]
  help: write an action such as "service:Action", a list of them, or `all`
P0107 1:16 this is an empty list [[]]
  help: write an action such as "service:Action", a list of them, or `all`
P0107 1:26 this is a list with something other than text in it [["a:b", 1]]
  help: write an action such as "service:Action", a list of them, or `all`
P0107 1:50 this is a truth value [true]
  help: write a resource name, or a list of them
P0107 1:63 this is a number [3]
  help: write the reason as one text
"#,
    );
}

#[test]
fn several_syntax_errors_are_reported() {
    check(
        "alow \"a:b\";\nallow \"a:b\" whn true;\nallow \"a:b\" when true on \"r\";\n\
         allow \"a:b\" on ;\nallow \"c:d\";\ndeny \"x:y\" when 1 when 2;\nallow all \"x:y\";",
        r#"
P0101 1:1 no statement begins with `alow` [alow]
  help: did you mean `allow`?
P0101 2:13 unknown clause `whn` [whn]
  help: did you mean `when`?
P0101 3:23 `on` comes before `when` [on]
P0101 4:16 unexpected `;` [;]
P0101 6:19 a statement has one `when` clause [when]
P0101 7:11 expected `on`, `when`, `unless`, `because` or `;` ["x:y"]
"#,
    );
}

#[test]
fn statements_have_an_end_and_no_value() {
    check(
        "allow \"a:b\"\nallow \"c:d\";\nlet x = allow \"e:f\";",
        r#"
P0101 1:7 this statement has no end ["a:b"]
  the next one begins here [allow]
  help: end it with `;`
P0101 3:9 `allow` does not begin a statement here [allow]
  help: a statement stands alone, ended by `;`, and has no value
"#,
    );
}

#[test]
fn expressions_without_effect_are_refused() {
    check(
        "\"ecs:*\";\nlet x = 1;\nx;\n[1, 2];\n\
         if x == 1 { \"value\" } else { \"other\" };\nallow all;\n1 + 2",
        r#"
P0109 1:1 this expression has no effect ["ecs:*"]
  help: begin a statement with `allow` or `deny`
P0109 3:1 this expression has no effect [x]
  help: begin a statement with `allow` or `deny`
P0109 4:1 this expression has no effect [[1, 2]]
  help: begin a statement with `allow` or `deny`
P0109 7:1 this expression has no effect [1 + 2]
  help: begin a statement with `allow` or `deny`
"#,
    );
}

#[test]
fn names_are_declared_once_and_before_use() {
    check(
        "allow later;\nlet later = \"a:b\";",
        "
P0103 1:7 `later` is used before it is declared [later]
  declared here [later]
  help: move the declaration up
",
    );
    check(
        "let folder = \"a:b\";\nallow foldr;",
        "
P0103 2:7 unknown name `foldr` [foldr]
  help: did you mean `folder`?
",
    );
    check(
        "let a = 1; let a = 2; for a in [1] { } let account = 1; let len = 2; \
         const when = 3; allow all;",
        "
P0111 1:16 `a` is declared already [a]
  declared here [a]
P0111 1:27 `a` is declared already [a]
  declared here [a]
P0111 1:44 `account` is a name of the world that conditions see [account]
  help: give the variable another name
P0111 1:61 `len` is a word of the policy language [len]
  help: give the variable another name
P0111 1:76 `when` is a word of the policy language [when]
  help: give the variable another name
",
    );
}

#[test]
fn the_world_is_not_seen_while_the_script_runs() {
    check(
        "if context.mfa { allow all; }",
        "
P0103 1:4 `context` cannot be read while the script runs [context]
  help: a policy runs once, at load: ask for it in `when` or `unless`
",
    );
}

#[test]
fn what_a_script_fails_on_is_said() {
    check(
        "let a = [1]; let b = a[5]; allow all;",
        "P0112 1:24 array index 5 out of bounds: only 1 element in array [5]",
    );
    check(
        "allow frobnicate(\"a:b\");",
        "
P0104 1:7 there is no function `frobnicate` for these values [frobnicate]
  help: while a policy runs there are operators, `len`, `push` and `contains`
",
    );
    check(
        "let end = time(\"2027-01-01T00:00:00Z\"); allow all when now < end;",
        "
P0104 1:11 there is no function `time` for these values [time]
  help: `time` is for conditions: keep its texts in constants and call it after `when`
",
    );
    check(
        "let a = 9223372036854775807 + 1; allow all;",
        "P0112 1:29 addition overflow: 9223372036854775807 + 1 [+]",
    );
    check(
        "for x in 5 { allow all; }",
        "P0101 1:10 expecting an iterable value, not a number [5]",
    );
}

#[test]
fn doubtful_policies_are_warned_of() {
    check(
        "// nothing",
        "
P0108 1:1 policy `p` has no statements []
  help: add one, such as `allow \"service:Action\";`
",
    );
    check(
        "allow all on \"acs:ecs:instance\";",
        "
P0113 1:14 no resource has so few fields, so that this covers none [\"acs:ecs:instance\"]
  help: write `acs:service:region:account:path`
",
    );
}

#[test]
fn policy_names_are_checked() {
    let world = World::of(&[("a b", "allow all;"), ("c", "allow all;")]);
    assert_eq!(
        world.report(),
        "P0114 1:1 `a b` is not a policy name []\n  \
         help: use 1 to 128 of A-Z, a-z, 0-9, '-' and '_'\n"
    );
    assert_eq!(world.policies.names().collect::<Vec<_>>(), ["c"]);
}
