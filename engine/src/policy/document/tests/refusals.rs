//! What is refused, with its place.

use insta::assert_snapshot;

use super::{Kind, ram, read, when, when_aws};

#[track_caller]
fn refused(text: &str, code: &str) -> String {
    refused_as(text, Kind::Identity, code)
}

#[track_caller]
fn refused_as(text: &str, kind: Kind, code: &str) -> String {
    let answer = read(text, kind, false);
    let report = answer.report();
    assert!(answer.imported.is_none(), "{text}");
    assert!(report.starts_with(code), "{report}");
    report
}

const REST: &str = r#""Effect": "Allow", "Resource": "*""#;

#[test]
fn p12_action_and_not_action_together_are_rejected() {
    let both = ram(&format!(r#"{REST}, "Action": "a:B", "NotAction": "c:D""#));
    assert_snapshot!(refused(&both, "P0309"), @r#"
    P0309 1:86 a statement has `Action` or `NotAction`, not both ["NotAction"]
      the other one
    "#);
}

#[test]
fn p12_an_unknown_version_is_rejected() {
    assert_snapshot!(refused(r#"{"Version": "2", "Statement": []}"#, "P0305"), @r#"
    P0305 1:13 no policy language has this version ["2"]
      help: write "1" for RAM, "2012-10-17" for AWS IAM
    "#);
    assert_snapshot!(refused(r#"{"Version": 1, "Statement": []}"#, "P0305"), @r#"
    P0305 1:13 no policy language has this version [1]
      help: write "1" for RAM, "2012-10-17" for AWS IAM
    "#);
    assert_snapshot!(refused(r#"{"Statement": []}"#, "P0305"), @r#"
    P0305 1:1 the document has no `Version` [{]
      help: write "1" for RAM, "2012-10-17" for AWS IAM
    "#);
}

#[test]
fn p12_an_unknown_operator_is_rejected() {
    let unknown = when(r#""StringEqual": {"acs:SourceIp": "a"}, "Always": {}"#);
    assert_snapshot!(refused(&unknown, "P0311"), @r#"
    P0311 1:98 there is no condition operator `StringEqual` ["StringEqual"]
      help: did you mean `"StringEquals"`?
    P0311 1:136 there is no condition operator `Always` ["Always"]
    "#);
}

#[test]
fn p12_an_operator_that_ram_does_not_have_is_rejected() {
    let text = when(r#""BoolIfExists": {"acs:MFAPresent": "true"}, "Null": {"x:Count": "true"}"#);
    assert_snapshot!(refused(&text, "P0312"), @r#"
    P0312 1:98 condition operator 'IfExists/Null' is not supported ["BoolIfExists"]
      RAM refuses it as well
    P0312 1:142 condition operator 'IfExists/Null' is not supported ["Null"]
      RAM refuses it as well
    "#);
}

#[test]
fn p12_a_comment_is_rejected() {
    let text = "{ // RAM\n  \"Version\": \"1\",\n  \"Statement\": [/* none */],\n}";
    assert_snapshot!(refused(text, "P0302"), @r"
    P0302 1:3 JSON has no comments [// RAM]
      help: `--lenient` takes comments and trailing commas
    P0302 3:17 JSON has no comments [/* none */]
      help: `--lenient` takes comments and trailing commas
    P0302 3:28 JSON has no trailing commas [,]
      help: `--lenient` takes comments and trailing commas
    ");
}

#[test]
fn p13_a_control_policy_has_at_most_4096_characters() {
    let text = |length: usize| {
        let short = ram(&format!(r#"{REST}, "Action": "a:é""#)).replace('é', "B");
        let padding = " ".repeat(length - short.chars().count());
        format!("{short}{padding}")
    };
    let long = refused_as(&text(4_097), Kind::Control, "P0318");
    assert_snapshot!(long, @r"
    P0318 1:1 the document is 4097 characters long []
      help: a control policy has at most 4096 (InvalidParameter.PolicyDocument.Length): divide it
    ");
    read(&text(4_096), Kind::Control, false).script();
    let warned = read(&text(4_097), Kind::Identity, false);
    assert!(warned.imported.is_some());
    assert_snapshot!(warned.report(), @r"
    P0318 1:1 the document is 4097 characters long []
      help: RAM takes custom policies of at most 4096; here there is no such limit
    ");
}

#[test]
fn what_is_no_json_is_refused_where_it_stops_being_json() {
    for text in [
        "",
        " ",
        "{",
        "[",
        "{]",
        "{\"a\" 1}",
        "{\"a\": 1 \"b\": 2}",
        "{'a': 1}",
        "{a: 1}",
        "[1 2]",
        "[,]",
        "[1,,2]",
        "[01]",
        "[+1]",
        "[.5]",
        "[1.]",
        "[0x1]",
        "[NaN]",
        "[\"\\x41\"]",
        "[\"\\ud800\"]",
        "[\"a\nb\"]",
        "[\"a\u{1}b\"]",
        "[1]\u{a0}",
        "[1]\u{b}",
        "\u{feff}[1]",
        "[1] [2]",
        "[true false]",
        "[nul]",
        "[\"a]",
        "[1e]",
        "/",
    ] {
        let answer = read(text, Kind::Identity, true);
        assert!(answer.imported.is_none());
        assert!(
            answer.report().starts_with("P0301"),
            "{text}: {}",
            answer.report()
        );
        assert!(
            serde_json::from_str::<serde_json::Value>(text).is_err(),
            "{text}"
        );
    }
    assert_snapshot!(refused("{\n  \"Version\" \"1\"\n}", "P0301"), @r#"
    P0301 2:13 expected colon after the string or word in object property ["1"]
    "#);
    assert_snapshot!(refused("{\n  \"Version\": \"1\n\"}", "P0301"), @r"
    P0301 2:15 control character (\u0000-\u001F) found while parsing a string []
    ");
    assert_snapshot!(refused("{\n  Version: \"1\"}", "P0301"), @r#"
    P0301 2:3 expected string for object property [Version]
      help: JSON writes texts and names in "…"
    "#);
}

#[test]
fn what_is_too_large_or_too_deep_is_refused() {
    refused_as(&" ".repeat(1 << 19), Kind::Trust, "P0304");
    refused(&"[".repeat(33), "P0304");
    refused_as(&"[".repeat(100_000), Kind::Trust, "P0304");
    // Closing brackets in a text do not make room for more.
    let hidden = "[\"]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\",".repeat(5_000);
    refused_as(&hidden, Kind::Trust, "P0301");
}

#[test]
fn names_that_are_written_twice_are_refused_at_any_depth() {
    let text = when(r#""Bool": {"acs:MFAPresent": "true", "acs:MFAPresent": "false"}"#).replacen(
        '{',
        "{\"Version\": \"1\", ",
        1,
    );
    assert_snapshot!(refused(&text, "P0303"), @r#"
    P0303 1:18 `Version` is written twice ["Version"]
      first here
    P0303 1:149 `acs:MFAPresent` is written twice ["acs:MFAPresent"]
      first here
    "#);
}

#[test]
fn elements_are_refused_by_name() {
    let text = r#"{
  "Version": "1",
  "Id": "x",
  "Statements": [],
  "Statement": [
    {
      "Sid": "A",
      "Effect": "allow",
      "Actoin": "a:B",
      "NotResource": "acs:*",
      "NotPrincipal": "*"
    },
    { "Effect": "Deny", "Action": [], "Resource": [1], "Principal": "*", "Condition": [] },
    "a"
  ]
}"#;
    assert_snapshot!(refused(text, "P03"), @r#"
    P0306 3:3 a document of RAM has no element `Id` ["Id"]
      help: `--lenient` keeps it as a comment
    P0306 4:3 a document has no element `Statements` ["Statements"]
      help: did you mean `"Statement"`?
    P0307 6:5 the statement has no `Action` [{]
    P0306 7:7 a statement of RAM has no element `Sid` ["Sid"]
      help: `--lenient` keeps it as a comment
    P0308 8:17 an effect is `Allow` or `Deny` ["allow"]
      help: did you mean `"Allow"`?
    P0306 9:7 a statement has no element `Actoin` ["Actoin"]
      help: did you mean `"Action"`?
    P0310 10:7 `NotResource` is not imported ["NotResource"]
      help: name the resources that the statement is about
    P0310 11:7 `NotPrincipal` is not imported ["NotPrincipal"]
      help: name the principals that the statement is about
    P0308 13:35 `Action` lists nothing [[]]
    P0308 13:52 `Resource` is a text, not a number [1]
    P0310 13:56 an identity policy names no principals ["Principal"]
      help: `--kind trust` imports policies that name principals
    P0308 13:87 `Condition` is an object, not a list [[]]
    P0308 14:5 a statement is an object, not a text ["a"]
    "#);
}

#[test]
fn patterns_are_checked() {
    let text = ram(
        r#""Effect": "Allow", "Action": ["Get", "", "a:B C"], "Resource": ["", "a b", "acs:${x}"]"#,
    );
    assert_snapshot!(refused(&text, "P01"), @r#"
    P0105 1:63 the action names no service ["Get"]
    P0105 1:70 the pattern is empty [""]
    P0105 1:74 ` ` cannot be part of a name ["a:B C"]
    P0106 1:97 the pattern is empty [""]
    P0106 1:101 ` ` cannot be part of a name ["a b"]
    P0316 1:108 policy variables are not imported ["acs:${x}"]
      help: write a statement in `policies/` whose `when` compares them
    "#);
    let aws = text
        .replacen("\"1\"", "\"2012-10-17\"", 1)
        .replacen("\"\", \"a b\", ", "", 1);
    assert_snapshot!(refused(&aws, "P01"), @r#"
    P0105 1:72 the action names no service ["Get"]
    P0105 1:79 the pattern is empty [""]
    P0105 1:83 ` ` cannot be part of a name ["a:B C"]
    P0316 1:106 policy variables are not imported ["acs:${x}"]
      help: write a statement in `policies/` whose `when` compares them
    "#);
}

#[test]
fn keys_and_operators_must_be_declared_and_fit() {
    let text = when(
        r#""NumericEquals": {"acs:PrincipalARN": "1", "ecs:InstanceCount": "1"},
        "IpAddress": {"x:Other/client-IP": "1.2.3.4"},
        "Bool": {"acs:CurrentTime": "true"},
        "ForAnyValue:StringEquals": {"x:Tags": "a"},
        "BinaryEquals": {"x:Key": "a"},
        "ArnLike": {"acs:PrincipalARN": "a"}"#,
    );
    assert_snapshot!(refused(&text, "P03"), @r#"
    P0314 1:98 `NumericEquals` compares int values, and `acs:PrincipalARN` is text ["NumericEquals"]
      read as `context.principal_arn`
    P0313 1:141 the condition key `ecs:InstanceCount` is not declared ["ecs:InstanceCount"]
      help: add `instance_count: { type: int, key: ecs:InstanceCount }` to `context:` in account.yaml
    P0313 2:23 the condition key `x:Other/client-IP` is not declared ["x:Other/client-IP"]
      help: add `client_ip: { type: ip, key: x:Other/client-IP }` to `context:` in account.yaml
    P0314 3:9 `Bool` compares bool values, and `acs:CurrentTime` is time ["Bool"]
      read as `now`
    P0312 4:9 condition operator 'ForAnyValue:StringEquals' is not supported ["ForAnyValue:StringEquals"]
      our context has one value for each key
    P0312 5:9 condition operator 'BinaryEquals' is not supported ["BinaryEquals"]
      our context has no binary values
    P0312 6:9 condition operator 'ArnLike' is not supported ["ArnLike"]
      RAM has no operators for names of resources
    "#);
}

#[test]
fn values_must_fit_their_operators() {
    let text = when(
        r#""NumericEquals": {"x:Count": ["1.5", "", "9223372036854775808", 1]},
        "DateEquals": {"x:Since": ["2012-11-11", "2012-13-11T00:00:00Z", "2012-11-11T23:59:60Z"]},
        "Bool": {"acs:MFAPresent": ["True", true]},
        "IpAddress": {"acs:SourceIp": ["1.2.3", "1.2.3.4/33", "::/129", "1.2.3.4/+8"]},
        "StringLike": {"x:Level": ["l*", "l?"]},
        "StringEqualsIgnoreCase": {"x:Level": "HI", "acs:PrincipalARN": "Zürich"},
        "StringEquals": {"x:Level": ["lo", "low"], "acs:PrincipalARN": ["${acs:x}", null]}"#,
    );
    assert_snapshot!(refused(&text, "P03"), @r#"
    P0308 1:162 a condition's value is a text, not a number [1]
    P0315 2:36 a date is `2012-11-11T23:59:59Z` ["2012-11-11"]
    P0315 2:50 a date is `2012-11-11T23:59:59Z` ["2012-13-11T00:00:00Z"]
    P0315 2:74 a date is `2012-11-11T23:59:59Z` ["2012-11-11T23:59:60Z"]
    P0308 3:45 a condition's value is a text, not a truth value [true]
    P0315 4:40 this is no address such as 203.0.113.2 or network such as 192.0.2.0/24 ["1.2.3"]
    P0315 4:49 this is no address such as 203.0.113.2 or network such as 192.0.2.0/24 ["1.2.3.4/33"]
    P0315 4:63 this is no address such as 203.0.113.2 or network such as 192.0.2.0/24 ["::/129"]
    P0315 4:73 this is no address such as 203.0.113.2 or network such as 192.0.2.0/24 ["1.2.3.4/+8"]
    P0315 5:42 no word of one of low, high is like this ["l?"]
    P0315 6:47 no word of one of low, high is like this ["HI"]
    P0315 6:73 only A to Z can be compared without regard to case ["Zürich"]
    P0315 7:38 this is never one of low, high ["lo"]
    P0308 7:85 a condition's value is a text, not null [null]
    "#);
    let aws = when_aws(
        r#""ArnLike": {"acs:PrincipalARN": ["arn:aws:iam::*:role/x", "arn:aws:s3:::a:b*", "a*"]},
        "Null": {"acs:CurrentTime": "true", "x:Count": "yes"},
        "NullIfExists": {"x:Count": "true"},
        "NumericEquals": {"x:Count": [1.5, 1e3]},
        "StringEquals": {"acs:PrincipalARN": 5}"#,
    );
    assert_snapshot!(refused(&aws, "P03"), @r#"
    P0315 1:140 only a pattern of six fields with wildcards in the last one can be imported: ours would match across fields ["arn:aws:iam::*:role/x"]
    P0315 1:186 only a pattern of six fields with wildcards in the last one can be imported: ours would match across fields ["a*"]
    P0314 2:37 `now` is never missing ["true"]
    P0315 2:56 a truth value is `true` or `false` ["yes"]
    P0311 3:9 there is no condition operator `NullIfExists` ["NullIfExists"]
    P0315 4:39 numbers are whole here [1.5]
    P0315 4:44 numbers are whole here [1e3]
    P0308 5:46 a condition's value is a text, not a number [5]
    "#);
}

#[test]
fn principals_that_cannot_be_told_are_refused() {
    let text = ram(
        r#""Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {
            "RAM": ["acs:ram::1000:group/x", "acs:ram::*:root", "acs:ram::1000:user/a/b", "1000"],
            "Service": ["a b", "notices"], "Federated": "acs:ram::1:saml-provider/x", "AWS": "*"}"#,
    );
    assert_snapshot!(refused_as(&text, Kind::Trust, "P03"), @r#"
    P0317 2:21 this is no account, user or role ["acs:ram::1000:group/x"]
      help: write `acs:ram::<account>:root`, `…:user/<name>` or `…:role/<name>`
    P0317 2:46 `*` is no account id ["acs:ram::*:root"]
      help: write `acs:ram::<account>:root`, `…:user/<name>` or `…:role/<name>`
    P0317 2:65 `a/b` is no name of a principal here ["acs:ram::1000:user/a/b"]
      help: write `acs:ram::<account>:root`, `…:user/<name>` or `…:role/<name>`
    P0317 2:91 this is no account, user or role ["1000"]
      help: write `acs:ram::<account>:root`, `…:user/<name>` or `…:role/<name>`
    P0317 3:25 `a b` is no name of a principal here ["a b"]
      help: write `acs:ram::<account>:root`, `…:user/<name>` or `…:role/<name>`
    P0310 3:44 `Federated` is not imported ["Federated"]
      help: identity providers are not principals here
    P0306 3:87 `Principal` has no element `AWS` ["AWS"]
      help: it has `RAM`, `Service` and `Federated`
    "#);
    let nobody = ram(r#""Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {}"#);
    assert_snapshot!(refused_as(&nobody, Kind::Trust, "P0308"), @"P0308 1:93 `Principal` names nobody [{}]");
    let aws = ram(r#""Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": ["1000", "arn:aws:iam::1000:user/x", "arn:aws:sts::1:role/x"]}"#);
    let aws = aws.replacen("\"1\"", "\"2012-10-17\"", 1);
    assert_snapshot!(refused_as(&aws, Kind::Trust, "P0317"), @r#"
    P0317 2:39 the lifecycle has no kind of principal `iam_user` ["arn:aws:iam::1000:user/x"]
      help: write `arn:aws:iam::<account>:root`, `…:user/<name>` or `…:role/<name>`
    P0317 2:67 this is no account, user or role ["arn:aws:sts::1:role/x"]
      help: write `arn:aws:iam::<account>:root`, `…:user/<name>` or `…:role/<name>`
    "#);
    let none = ram(r#""Effect": "Allow", "Action": "sts:AssumeRole""#);
    assert_snapshot!(refused_as(&none, Kind::Trust, "P0307"), @"P0307 1:32 the statement has no `Principal` [{]");
}

#[test]
fn an_empty_condition_is_no_condition() {
    assert_snapshot!(refused(&when(""), "P0308"), @r"
    P0308 1:97 `Condition` has no operator, so that it is no condition [{}]
      help: leave it out, if the statement is to hold in any case
    ");
    assert_snapshot!(refused(&when(r#""StringEquals": {}, "Bool": {"acs:MFAPresent": "true"}"#), "P0308"), @r"
    P0308 1:114 `StringEquals` has no condition key, so that it is no condition [{}]
      help: leave it out, if the statement is to hold in any case
    ");
}

#[test]
fn an_account_of_aws_is_trusted_with_roles_alone() {
    let document = |effect: &str, action: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "{effect}", {action},
                "Principal": {{"AWS": ["arn:aws:iam::1:root", "2"]}}}}}}"#
        )
    };
    let refused = |action: &str| refused_as(&document("Allow", action), Kind::Trust, "P0310");
    assert_snapshot!(refused(r#""Action": "sts:*""#), @r#"
    P0310 2:39 `arn:aws:iam::1:root` would be granted more than by AWS ["arn:aws:iam::1:root"]
      an account, for other actions than `sts:AssumeRole`
      help: name its users and roles, or allow `sts:AssumeRole` apart
    P0310 2:62 `2` would be granted more than by AWS ["2"]
      an account, for other actions than `sts:AssumeRole`
      help: name its users and roles, or allow `sts:AssumeRole` apart
    "#);
    refused(r#""Action": ["sts:AssumeRole", "sts:TagSession"]"#);
    refused(r#""NotAction": "sts:AssumeRole""#);
    let taken = |effect, action| read(&document(effect, action), Kind::Trust, false);
    assert!(
        taken("Allow", r#""Action": "sts:assumerole""#)
            .imported
            .is_some()
    );
    assert!(taken("Deny", r#""Action": "sts:*""#).imported.is_some());
}
