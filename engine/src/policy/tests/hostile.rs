//! Scripts that mean harm end soon, each with a diagnostic that says why.

use std::time::{Duration, Instant};

use super::world::World;

#[track_caller]
fn check(script: &str, code: &str) {
    let begun = Instant::now();
    let world = World::of(&[("p", script)]);
    let took = begun.elapsed();
    assert!(world.policies.get("p").is_none(), "{}", world.report());
    assert!(world.report().contains(code), "{}", world.report());
    assert!(world.policies.get("p").is_none());
    assert!(took < Duration::from_secs(30), "{took:?}");
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

#[test]
fn memory_is_bounded() {
    check(
        "let s = \"a:aaaaaaaaaaaaaaaa\"; for i in 0..64 { s += s; }",
        "P0110",
    );
    check("let a = [1]; for i in 0..64 { a += a; }", "P0110");
    check("let a = []; for i in 0..100000 { a.push(i); }", "P0110");
    check("let a = []; a.pad(1000000000, 1);", "P0110");
    check(
        "let m = #{}; for i in 0..100000 { m[`${i}`] = i; }",
        "P0102",
    );
    check(&format!("let s = \"{}\";", "x".repeat(5_000)), "P0110");
    check(&format!("allow [{}];", "\"a:b\",".repeat(1_001)), "P0110");
    check("for i in 0..20000 { allow \"a:b\"; }", "P0110");
    check(&"/* */ ".repeat(1 << 18), "P0110");
    let lists = "let a = []; a.pad(900, \"a:b\"); for i in 0..9000 { allow a; }";
    check(lists, "P0110");
    let copies = "let a = []; a.pad(900, 1); for i in 0..1000000 { let b = a; }";
    check(copies, "P0110");
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
