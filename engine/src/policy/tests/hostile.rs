//! Scripts that mean harm end soon, each with a diagnostic that says why.

use std::time::{Duration, Instant};

use super::world::World;
use crate::expr::Val;

/// Loads a script, which ends soon whatever it is.
#[track_caller]
fn load(script: &str) -> World {
    let begun = Instant::now();
    let world = World::of(&[("p", script)]);
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(30), "{took:?}: {script:.60}");
    world
}

#[track_caller]
fn check(script: &str, code: &str) {
    check_refused(&load(script), script, code);
}

#[track_caller]
fn check_refused(world: &World, script: &str, code: &str) {
    assert!(world.policies.get("p").is_none(), "{script:.60}");
    assert!(world.report().contains(code), "{}", world.report());
}

#[test]
fn endless_work_is_stopped() {
    check("for x in range(0, 1000000000000) { let y = x; }", "P0110");
    check("loop { }", "P0102");
    check("while true { allow all; }", "P0102");
    check("do { } until false;", "P0102");
    let nested = "for a in 0..1000 { for b in 0..1000 { for c in 0..1000 { let y = a; } } }";
    check(nested, "P0110");
}

#[test]
fn recursion_has_no_words() {
    check("fn f(x) { f(x + 1) } f(0);", "P0102");
    check("let f = |x| x + 1; allow all;", "P0101");
    check("let f = Fn(\"f\"); f.call();", "P0102");
}

/// A list of `length` numbers, made by a script.
fn list(length: usize) -> String {
    format!("let a = []; for i in 0..{length} {{ a.push(i); }} ")
}

#[test]
fn memory_is_bounded() {
    check(
        "let s = \"a:aaaaaaaaaaaaaaaa\"; for i in 0..64 { s += s; }",
        "P0110",
    );
    check("let s = \"x\"; for i in 0..64 { s = `${s}${s}`; }", "P0110");
    check("let a = [1]; for i in 0..64 { a += a; }", "P0110");
    check("let a = [1]; for i in 0..64 { a = [a, a]; }", "P0110");
    check(&list(100_000), "P0110");
    check("let a = []; a.pad(1000000000, 1);", "P0104");
    check("let s = \"x\"; s.pad(1000000000, 'x');", "P0104");
    check("let s = \"x\" * 1000000000;", "P0112");
    check(
        "let m = #{}; for i in 0..100000 { m[`${i}`] = i; }",
        "P0102",
    );
    check(&format!("let s = \"{}\";", "x".repeat(70_000)), "P0110");
    check(&format!("allow [{}];", "\"a:b\",".repeat(1_001)), "P0110");
    check("for i in 0..20000 { allow \"a:b\"; }", "P0110");
    check(&"/* */ ".repeat(1 << 18), "P0110");
    let lists = "let a = []; for i in 0..900 { a.push(\"a:b\"); } for i in 0..9000 { allow a; }";
    check(lists, "P0110");
    let long = "let s = \"a:x\"; for i in 0..7 { s += s; } ";
    check(
        &format!("{long} for i in 0..9999 {{ allow all on [s, s]; }}"),
        "P0110",
    );
    check(
        &format!("{long} for i in 0..3 {{ s += s; }} allow all because s;"),
        "P0110",
    );
}

/// How much is gone through before a script is stopped is counted where functions are charged for
/// it; here it is no matter of seconds, which depend on what else the machine does.
#[test]
fn lists_cost_what_they_are_long() {
    let a = list(1_000);
    for (rounds, work) in [
        (80_000, "let b = a == a;"),
        (80_000, "let b = 1001 in a;"),
        (80_000, "let b = [] + a;"),
        (1_000_000, "let b = a;"),
    ] {
        let script = format!("{a} for i in 0..{rounds} {{ {work} }}");
        check_refused(&World::of(&[("p", &script)]), &script, "P0110");
    }
    check(&format!("{a} a.dedup();"), "P0104");
    check(&format!("{a} a.sort();"), "P0104");
}

#[test]
fn conditions_are_counted_as_often_as_they_are_made() {
    let numbers: Vec<String> = (0..250).map(|number| number.to_string()).collect();
    let long = vec![format!("now.hour in [{}]", numbers.join(", ")); 7].join(" && ");
    // The same condition each time is one; one that a variable changes is not.
    let same = World::one(&format!(
        "for i in 0..9000 {{ allow \"a:b\" when {long}; }}"
    ));
    assert_eq!(same.policies.get("p").unwrap().statements().len(), 9_000);
    let changing = format!("for i in 0..9000 {{ allow \"a:b\" when {long} && now.hour != i; }}");
    check(&changing, "P0110");
    let lists = format!(
        "{} for i in 0..9000 {{ allow \"a:b\" when now.hour in a; }}",
        list(200)
    );
    check(&lists, "P0110");
    check(
        "for i in 0..9000 { allow \"a:b\" when i == nobody.knows; }",
        "W0302",
    );
}

#[test]
fn much_of_anything_is_read_in_good_time() {
    let many = |before: &str, part: &str, count: usize, after: &str| {
        format!("{before}{}{after}", part.repeat(count))
    };
    for (script, code) in [
        (many("", "let a = 1;\n", 60_000, ""), "P0111"),
        (many("", "alow x;\n", 60_000, ""), "P0101"),
        (many("", "allow \"a:b\";\n", 60_000, ""), "P0110"),
        (many("let x = a", "\n.b", 30_000, ";"), "P0"),
        (many("let x = a", "\n[0]", 20_000, ";"), "P0"),
        (many("let x = ", "1 +\n", 15_000, "1;"), "P0110"),
        (many("", "f(\n", 30_000, ""), "P0110"),
        (many("", "\"\n", 60_000, ""), "P01"),
        (many("", "{\n", 60_000, ""), "P0"),
        (many("", "while\n", 60_000, ""), "P0102"),
        (many("", ";\n", 70_000, ""), "P0110"),
        (many("// ", "x", 70_000, ""), "P0110"),
    ] {
        check(&script, code);
    }
    load(&many("let x = `", "${1}\n", 15_000, "`;"));
    load(&many("if false {}", " else if false {}\n", 3_000, ""));
}

#[test]
fn what_is_read_is_what_is_seen() {
    check("allow \"a:Get*\"; // \u{202e}*:\u{202c}", "P0115");
    check("let a\u{200b} = \"a:b\"; allow a\u{200b};", "P0115");
    check("allow all;\0", "P0115");
    check("\u{feff}allow all;", "P0115");
    check("// nothing to see\rallow all;", "P0115");
    check("let \u{430} = \"a:b\"; allow \u{430};", "P0101");
    check(r#"allow all on "acs:s:*:*:a\u202eb";"#, "P0106");
    check(r#"allow all because "\u001b[2K";"#, "P0107");
    let windows = World::one("//! Sold.\r\nallow all\r\n  when now.hour == 3;\r\n");
    assert_eq!(windows.policies.get("p").unwrap().about(), Some("Sold."));
}

#[test]
fn a_text_makes_no_statements() {
    check("let x = `${allow \"a:b\"}`;", "P0101");
    check("allow \"a:b\"; let x = `${allow all}`;", "P0101");
    check("allow `a:${ if true { deny all; } }b`;", "P0101");
}

#[test]
fn the_words_of_the_language_are_nobodys_names() {
    for name in [
        "allow", "deny", "all", "except", "has", "len", "account", "context", "now",
    ] {
        check(&format!("let {name} = \"a:b\"; allow all;"), "P01");
        check(&format!("for {name} in [1] {{ allow all; }}"), "P01");
    }
    check("const account = 1; allow all;", "P0111");
    check("fn len(x) { 0 } allow all;", "P0102");
}

#[test]
fn nothing_outside_is_reached() {
    for script in [
        "eval(\"allow all;\");",
        "import \"x\" as y;",
        "print(\"x\");",
        "debug(1);",
        "export let x = 1;",
        "throw 1;",
        "try { } catch { }",
        "return;",
        "this.x = 1;",
        "global::x;",
    ] {
        check(script, "P0102");
    }
    for script in [
        "sleep(10);",
        "timestamp();",
        "exit();",
        "rand();",
        "parse_json(\"{}\");",
    ] {
        check(script, "P0104");
    }
}

#[test]
fn deep_nesting_is_refused() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("-", ""),
        ("!", ""),
        ("if true { ", "}"),
    ] {
        for depth in [200, 5_000] {
            let nested = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            check(&format!("let x = {nested};"), "P0");
            check(&format!("allow all when {nested} == 1;"), "P0");
            check(&nested, "P0");
        }
    }
    check(&"{".repeat(10_000), "P0");
    check(&"`${".repeat(5_000), "P0");
    check(&format!("allow \"a:b\" + {};", "x + ".repeat(5_000)), "P0");
    check(&"allow ".repeat(5_000), "P0");
}

/// Functions cannot loop or come back to themselves, but they can call each other a great deal.
#[test]
fn functions_that_take_too_long_deny() {
    let mut functions = "fn f0(n) { let a = n + 1; a }\n".to_owned();
    for n in 1..7 {
        let f = format!("f{}", n - 1);
        functions += &format!("fn f{n}(n) {{ let a = {f}(n); a + {f}(a) + {f}(n) + {f}(a) }}\n");
    }
    let script = "allow \"a:*\" when f6(now.hour) != 0; allow \"b:*\"; \
                  deny \"b:*\" when f6(now.hour) != 0; allow \"c:*\" when f1(now.hour) != 0;";
    let world = World::with_functions(&functions, &[("p", script)]);
    assert_eq!(world.report(), "");
    let begun = Instant::now();
    let hour = [("now.hour", Val::Int(9))];
    assert_eq!(world.says("a:x", "r", &hour), "ImplicitDeny");
    assert_eq!(world.says("b:x", "r", &hour), "ExplicitDeny");
    assert_eq!(world.says("c:x", "r", &hour), "Allow");
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    let ruling = world.rule_with(&["p"], "a:x", &["r"], &hour, None);
    let says = ruling.error.unwrap().to_string();
    assert!(says.contains("budget of operations"), "{says}");
}

/// What is found of a statement grows with its patterns, and not with their pairs: there are 40
/// million of these.
#[test]
fn many_actions_on_many_resources_are_found() {
    let script = "let actions = []; let resources = [];
        for i in 0..900 { actions.push(`s:a${i}`); resources.push(`acs:s:*:*:x${i}/*`); }
        for i in 0..50 { allow actions on resources; }";
    let world = load(script);
    let ruling = |action, resource| world.rule_with(&["p"], action, &[resource], &[], None);
    assert!(ruling("s:a899", "acs:s:c:1:x899/y").is_allowed());
    assert!(!ruling("s:a899", "acs:s:c:1:x900/y").is_allowed());
    assert!(!ruling("s:a900", "acs:s:c:1:x899/y").is_allowed());
}
