//! What is refused: the code, the words, the underlined place and the advice for each mistake.

use std::fmt::Write as _;

use super::refused;

fn all(texts: &[&str]) -> String {
    texts.iter().fold(String::new(), |mut all, text| {
        write!(all, "--- {text}\n{}", refused(text)).unwrap();
        all
    })
}

#[test]
fn unknown_names_and_functions() {
    // Names and functions that do not exist, with what was probably meant.
    insta::assert_snapshot!(all(&[
        "account.phoen == \"x\"",
        "acount.phone == \"x\"",
        "account == \"x\"",
        "state.phone == bound",
        "startswith(account.name, \"x\")",
        "first(1, 2) == 1 && account.foo && bar(1) && account.age == true",
    ]));
}

#[test]
fn impossible_words() {
    // Texts that can never be equal to what they are compared with.
    insta::assert_snapshot!(all(&[
        "state.phone == \"bond\"",
        "\"bond\" == state.phone",
        "state.phone in [\"bound\", \"bond\"]",
        "account.country == \"Singapore\"",
        "account.country == \"sg\"",
        "account.country == \"XX\"",
        "input.phone == \"65-91234567\"",
        "input.phone == \"911\"",
        "account.email == \"Ops@Example.com\"",
        "account.id == \"a b\"",
        "\"x\" in [account.country]",
    ]));
}

#[test]
fn optional_names() {
    // Names that can be unset, read without a guard.
    insta::assert_snapshot!(all(&[
        "account.phone == \"+6591234567\"",
        "has(account.phone) || account.phone == input.phone",
        "!has(account.phone) || account.phone == input.phone",
        "context.mfa",
        "!context.mfa",
        "context.mfa && true",
        "if has(context.mfa) { context.mfa } else { context.mfa }",
        "has(context.mfa) && context.mfa && account.score > 1",
        "account.pin == \"x\"",
        "has(1)",
        "has(account.name == \"x\")",
        "unset",
        "account.name ?? unset == \"x\"",
        "has(unset)",
        "unset == account.phone",
        "same(account.phone, input.phone)",
    ]));
}

#[test]
fn types() {
    // Types that do not fit together.
    insta::assert_snapshot!(all(&[
        "account.age == \"1\"",
        "account.age == true",
        "state.phone == state.member",
        "account.country == account.name",
        "account.name < \"x\"",
        "account.name + \"x\" == \"y\"",
        "now + now == now",
        "now - 3 == now",
        "principal.groups == principal.groups",
        "account.name in account.name",
        "account.name in account.age",
        "account.age in [1, \"x\"]",
        "starts_with(account.name)",
        "starts_with(account.age, \"x\")",
        "len(account.age) > 1",
        "minutes(-1) < hours(1)",
        "1 / 0 == 1",
        "9223372036854775807 + 1 > 0",
        "true && 1",
        "1 && true",
        "account.age",
        "[1, 2] == [1, 2]",
        "same(account.age, account.name)",
        "same(1)",
        "pick(account.age, 1, 2) == 1",
        "!account.age",
        "-account.name == 1",
        "account.phone ?? 1",
        "if context.trusted { account.phone } else { account.name }",
        "account.name ?? account.age == 1",
        "(account.age + 1) * account.name == 2",
        "\"a\" in \"abc\"",
        "account.name in []",
        "len([1])",
    ]));
}

#[test]
fn forbidden_constructs() {
    // What rhai has and expressions do not, and what is no rhai.
    insta::assert_snapshot!(all(&[
        "",
        "account.name.len() > 3",
        "account.a.b",
        "account?.phone == 1",
        "account[0]",
        "'c' == 'c'",
        "() == account.phone",
        "#{a: 1}",
        "|x| x",
        "let x = 1",
        "x = 1",
        "account.name = 1",
        "eval(\"1\")",
        "print(1)",
        "fn f() {1}",
        "1.5 > 1",
        "a ** b",
        "1 & 2",
        "0..9",
        "while true {1}",
        "switch 1 {1 => 2}",
        "if true { true }",
        "`a${account.name}` == account.name",
        "\"open",
        "(true",
        "true)",
        "true true",
        "f!(1)",
        "Fn(\"x\")",
        "now.hour.x",
        "true ? 1 : 2",
        "throw 1",
        "import \"x\" as y",
        "this.x",
        "grade(1)",
        "grade(1) && true",
        "true /* x",
        "account.name == \"\\q\"",
        "account.static",
        "'",
    ]));
}
