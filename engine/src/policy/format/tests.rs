//! The style, by example and over generated scripts.

use super::*;

#[track_caller]
fn check(script: &str, expected: &str) {
    let formatter = Formatter::default();
    let format = |text: &str| formatter.format(FileId::NONE, text).unwrap();
    let formatted = format(script);
    assert_eq!(formatted, expected.strip_prefix('\n').unwrap_or(expected));
    assert_eq!(format(&formatted), formatted, "it has its style");
}

#[test]
fn what_fits_is_one_line() {
    check(
        "allow   [\"a:b\" ,\n \"c:d\",\n]\n  on `x${ 1 }y`when a.b&&!c.d  because\"why\"",
        "allow [\"a:b\", \"c:d\"] on `x${ 1 }y` when a.b && !c.d because \"why\";\n",
    );
    check("", "");
    check("\n\n allow all;\n\n\n", "allow all;\n");
    check("allow all;;deny all", "allow all;;\ndeny all;\n");
}

#[test]
fn each_clause_has_a_line_where_they_do_not_share_one() {
    check(
        r#"deny all except ["ram:BindMFADevice", "ram:GetUser"] on "acs:ram:*:*:user/*" when principal.name == "x" unless context.mfa ?? false because "no";"#,
        r#"
deny all except ["ram:BindMFADevice", "ram:GetUser"]
    on "acs:ram:*:*:user/*"
    when principal.name == "x"
    unless context.mfa ?? false
    because "no";
"#,
    );
    check(
        r#"allow "a:b" when context.one_name_that_is_long == 1 && (context.other_name == 2 || account.country in ["DE", "FR"]) || now.hour + 1 < 8;"#,
        r#"
allow "a:b"
    when context.one_name_that_is_long == 1
        && (context.other_name == 2 || account.country in ["DE", "FR"])
        || now.hour + 1 < 8;
"#,
    );
    check(
        r#"allow "a:b" when (context.one_name_that_is_long == 1 || context.another_name_that_is_long == 2 || !has(context.z));"#,
        r#"
allow "a:b"
    when (
        context.one_name_that_is_long == 1
            || context.another_name_that_is_long == 2
            || !has(context.z)
    );
"#,
    );
}

#[test]
fn a_list_is_one_line_or_an_element_a_line() {
    let long = "resourcemanager:SendVerificationCodeForBindSecureMobilePhone";
    check(
        &format!("let x = [\"{long}\", \"{long}\"];\nallow [x[ 0 ],\n\n // why\n x [1]];"),
        &format!(
            "let x = [\n    \"{long}\",\n    \"{long}\",\n];\n\
             allow [\n    x[0],\n\n    // why\n    x[1],\n];\n"
        ),
    );
    check(
        &format!("allow [\"{long}\", \"{long}\"] because \"w\";"),
        &format!("allow [\n    \"{long}\",\n    \"{long}\",\n]\n    because \"w\";\n"),
    );
}

#[test]
fn the_language_around_statements_is_indented() {
    check(
        "let x=if 1<2{\"a:b\"}else{\"c:d\"};for(a,i)in[x,`${x}`]{if i==0&&a!in[\"c\"]{allow a}else \
         if-i< -1{let y=a+x;}else{deny a on\"r\";}};x+= \"\";let l=[];l.push( x.len() );\
         for n in 0..3{}let s=switch x{\"a:b\"|\"b\"=>1,\"c\"if x==\"\"=>{2}_=>3,};{allow x;}",
        r#"
let x = if 1 < 2 { "a:b" } else { "c:d" };
for (a, i) in [x, `${x}`] {
    if i == 0 && a !in ["c"] {
        allow a;
    } else if -i < -1 {
        let y = a + x;
    } else {
        deny a on "r";
    }
};
x += "";
let l = [];
l.push(x.len());
for n in 0..3 {}
let s = switch x {
    "a:b" | "b" => 1,
    "c" if x == "" => { 2 }
    _ => 3,
};
{
    allow x;
}
"#,
    );
}

#[test]
fn comments_stay_where_they_belong() {
    check(
        "//!  What it is for.\r\n//! More.\n\n\n\n// one\nallow /* in */ all; // two  \n/* three */ \
         deny [ // four\n\"a:b\" /* five */, // six\n // seven\n] // eight\n when // nine\n x\n // ten\n \
         && y; /* eleven\n   twelve */\n\n// end\n\n",
        r#"
//!  What it is for.
//! More.

// one
allow /* in */ all; // two
/* three */ deny [ // four
    "a:b" /* five */ , // six
    // seven
] // eight
    when x // nine
        // ten
        && y; /* eleven
   twelve */

// end
"#,
    );
    check(
        "for x in [] { // a\n// b\n}",
        "for x in [] { // a\n    // b\n}\n",
    );
}

#[test]
fn comments_within_a_condition_keep_their_order() {
    let format = |text: &str| Formatter::default().format(FileId::NONE, text).unwrap();
    let condition =
        "allow \"a:b\" when x // one\n /* two */ && y // three\n /* four */ // five\n || z;";
    insta::assert_snapshot!(format(condition), @r#"
    allow "a:b"
        when x // one
            /* two */ && y // three
            /* four */
            // five
            || z;
    "#);
    let list = "allow [ // one\n /* two */ \"a:b\" // three\n /* four */ , /* five */ \"c:d\" ];";
    insta::assert_snapshot!(format(list), @r#"
    allow [ // one
        /* two */ "a:b" // three
        /* four */ , /* five */
        "c:d",
    ];
    "#);
}

#[test]
fn literals_are_left_alone() {
    let literals =
        "let a = `x\n  ${ 1+1 }  y`;\nlet b = \"a \\\n   b  \"\"c\"\"\";\nlet c = #\" x \"#;\n";
    check(literals, literals);
}

#[test]
fn what_is_no_policy_is_refused_with_its_place() {
    let text = "allow \"a:b\" whn x;\n";
    let findings = Formatter::default().format(FileId::NONE, text).unwrap_err();
    assert_eq!(findings[0].code.0, "P0101");
    let loops = Formatter::default().format(FileId::NONE, "while true { }");
    assert_eq!(loops.unwrap_err()[0].code.0, "P0102");
}
