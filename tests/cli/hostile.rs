//! Policies that mean harm, read by a process that has little memory.

use std::process::Stdio;

use crate::common::{PROGRAM, Project};

/// Address space in KiB: the program itself takes about a third of it.
const SPACE_MAX: u32 = 400_000;

/// Checks a project with one more policy; the report.
fn check(project: &Project, script: &str) -> (Option<i32>, String) {
    project.write("policies/Hostile.rhai", script);
    let limited = format!("ulimit -v {SPACE_MAX} && exec \"$0\" check");
    let mut shell = std::process::Command::new("sh");
    let shell = shell.args(["-c", &limited, PROGRAM]).stdin(Stdio::null());
    let output = shell.current_dir(project.path()).output().unwrap();
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), report)
}

#[test]
fn little_memory_is_enough_to_refuse_them() {
    let project = Project::new();
    let long = "let s = \"a:x\"; for i in 0..14 { s += s; }";
    let numbers: Vec<String> = (0..250).map(|number| number.to_string()).collect();
    let condition = vec![format!("now.hour in [{}]", numbers.join(", ")); 7].join(" && ");
    let variables: String = (0..190)
        .map(|n| format!("let v{n} = [`{n}${{s}}`];\n"))
        .collect();
    for script in [
        format!("{long} {variables} for i in 0..100000 {{ let t = [s, `${{s}}`]; }}"),
        format!("{long} for i in 0..9999 {{ allow all because s; }}"),
        format!("{long} for i in 0..64 {{ s = [s, s]; }}"),
        "let s = \"a:x\"; for i in 0..8 { s += s; } for i in 0..9999 { allow all on s; }".into(),
        format!("for i in 0..9999 {{ allow \"a:b\" when {condition} && i == now.hour; }}"),
        "let l = []; for i in 0..999 { l.push(`a:${i}`); } for i in 0..9999 { allow l on l; }"
            .into(),
        "let l = []; for i in 0..100000 { l = [l, l, l]; }".into(),
    ] {
        let (code, report) = check(&project, &script);
        assert_eq!(code, Some(8), "{script:.80}: {report}");
        assert!(report.contains("error[P0110]"), "{script:.80}: {report}");
    }
}
