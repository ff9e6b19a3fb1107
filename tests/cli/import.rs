//! Bringing JSON policy documents into a project.

use insta::assert_snapshot;

use crate::common::Project;

/// A project with a document of `tests/fixtures/documents` in it.
fn with(name: &str) -> Project {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/documents");
    let text = std::fs::read_to_string(format!("{folder}/{name}")).unwrap();
    let project = Project::new();
    project.write(name, &text);
    project
}

const WRONG: &str = r#"{
  "Version": "1",
  "Statement": [
    {
      "Sid": "Ops",
      "Effect": "Allow",
      "Action": "ecs:*",
      "NotAction": "ecs:Delete*",
      "Resource": "*",
      "Condition": {
        "BoolIfExists": { "acs:MFAPresent": "true" },
        "IpAddres": { "acs:SourceIp": "192.0.2.0/24" },
        "NumericLessThan": { "ecs:InstanceCount": "5" }
      }
    }
  ]
}
"#;

#[test]
fn a_document_becomes_a_policy_of_the_project() {
    let project = with("bob.json");
    assert_snapshot!(project.run("policy import bob.json --name Bob"), @r"
      +  policies/Bob.rhai  2 statements  from bob.json, RAM
    --- stderr ---
    hint: principals.yaml beside it says who has a policy; `stateward check` checks them
    ");
    assert_snapshot!(project.read("policies/Bob.rhai"), @r#"
    //! Imported from bob.json, a RAM policy of version 1.

    allow "resourcemanager:*Account*"
        on [
            "acs:resourcemanager::1000:account/rd-3G/r-Wm/fd-B/*",
            "acs:resourcemanager:*:1000:account/rd-3G/r-Wm/fd-B/*",
        ]
        when has(context.source_ip)
            && ip_in(context.source_ip, ["192.0.2.0/24", "203.0.113.2"])
            && has(context.mfa)
            && context.mfa == true;

    deny "resourcemanager:*Delete*";
    "#);
    project.run("check").exits(0);
    project.run("policy fmt --check policies/Bob.rhai").exits(0);
    let again = project.run("policy import bob.json --name Bob");
    assert_snapshot!(again, @r"
    --- stderr ---
    error[C0001]: there is policies/Bob.rhai already
    hint: `--force` replaces it, `--name` gives another name
    [exit status: 2]
    ");
    project
        .run("policy import bob.json --name Bob --force")
        .exits(0);
}

#[test]
fn a_policy_can_be_printed_instead() {
    let project = with("source_ip_deny.json");
    assert_snapshot!(project.run("policy import source_ip_deny.json --out -"), @r#"
    //! Imported from source_ip_deny.json, a RAM policy of version 1.

    deny all unless has(context.source_ip) && ip_in(context.source_ip, ["192.0.2.0/24", "203.0.113.2"]);
    "#);
    assert!(!project.file("policies/source_ip_deny.rhai").exists());
    let json = project.run("policy import source_ip_deny.json --out - -o json");
    assert_snapshot!(json, @r#"
    {
      "schema": "stateward/policy-import/v1",
      "policies": [
        {
          "policy": "source_ip_deny",
          "document": "source_ip_deny.json",
          "dialect": "RAM",
          "kind": "identity",
          "statements": 1,
          "path": null,
          "script": "//! Imported from source_ip_deny.json, a RAM policy of version 1.\n\ndeny all unless has(context.source_ip) && ip_in(context.source_ip, [\"192.0.2.0/24\", \"203.0.113.2\"]);\n"
        }
      ],
      "findings": []
    }
    "#);
}

#[test]
fn trust_in_principals_becomes_conditions() {
    let project = with("role_trust.json");
    assert_snapshot!(project.run("policy import role_trust.json"), @r#"
    nothing was imported: 2 errors
    --- stderr ---
    error[P0307]: the statement has no `Resource`
      ╭▸ role_trust.json:4:5
      │
    4 │     {
      ╰╴    ━

    error[P0310]: an identity policy names no principals
      ╭▸ role_trust.json:7:7
      │
    7 │       "Principal": {
      │       ━━━━━━━━━━━
      │
      ╰ help: `--kind trust` imports policies that name principals

    hint: `stateward explain P0307` tells more
    [exit status: 8]
    "#);
    assert_snapshot!(project.run("policy import role_trust.json --kind trust --out -"), @r#"
    //! Imported from role_trust.json, a RAM policy of version 1.

    allow "sts:AssumeRole"
        when principal.account == "1000"
            || (principal.account == "1006" && principal.name == "ram_user/x1-admin")
            || principal.name == "service/notices";
    "#);
}

#[test]
fn what_cannot_be_said_is_refused_and_nothing_is_written() {
    let project = with("mike.json");
    project.write("wrong.json", WRONG);
    let answer = project.run("policy import mike.json wrong.json");
    assert_snapshot!(answer, @r#"
    nothing was imported: 5 errors
    --- stderr ---
    error[P0306]: a statement of RAM has no element `Sid`
      ╭▸ wrong.json:5:7
      │
    5 │       "Sid": "Ops",
      │       ━━━━━
      │
      ╰ help: `--lenient` keeps it as a comment

    error[P0309]: a statement has `Action` or `NotAction`, not both
      ╭▸ wrong.json:8:7
      │
    7 │       "Action": "ecs:*",
      │       ──────── the other one
    8 │       "NotAction": "ecs:Delete*",
      ╰╴      ━━━━━━━━━━━

    error[P0312]: condition operator 'IfExists/Null' is not supported
       ╭▸ wrong.json:11:9
       │
    11 │         "BoolIfExists": { "acs:MFAPresent": "true" },
       ╰╴        ━━━━━━━━━━━━━━ RAM refuses it as well

    error[P0311]: there is no condition operator `IpAddres`
       ╭▸ wrong.json:12:9
       │
    12 │         "IpAddres": { "acs:SourceIp": "192.0.2.0/24" },
       │         ━━━━━━━━━━
       ╰╴
    help: did you mean `"IpAddress"`?
       ╭╴
    12 │         "IpAddress": { "acs:SourceIp": "192.0.2.0/24" },
       ╰╴                 +

    error[P0313]: the condition key `ecs:InstanceCount` is not declared
       ╭▸ wrong.json:13:30
       │
    13 │         "NumericLessThan": { "ecs:InstanceCount": "5" }
       │                              ━━━━━━━━━━━━━━━━━━━
       │
       ╰ help: add `instance_count: { type: int, key: ecs:InstanceCount }` to `context:` in account.yaml

    hint: `stateward explain P0306` tells more
    [exit status: 8]
    "#);
    assert!(!project.file("policies/mike.rhai").exists());
    let json = project
        .run("policy import wrong.json -o json")
        .exits(8)
        .json();
    assert_eq!(json["schema"], "stateward/policy-import/v1");
    assert_eq!(json["policies"].as_array().unwrap().len(), 0);
    assert_eq!(json["findings"][0]["code"], "P0306");
    assert_eq!(json["findings"][0]["place"]["path"], "wrong.json");
    assert_eq!(json["findings"][0]["place"]["line"], 5);
}

#[test]
fn comments_are_taken_where_they_are_asked_for() {
    let project = Project::new();
    let text = "{\n  // From the console.\n  \"Version\": \"1\",\n  \"Statement\": [{ \"Sid\": \
                \"Read\", \"Effect\": \"Allow\", \"Action\": \"ecs:Get*\", \"Resource\": \"*\", }]\n}\n";
    project.write("commented.json", text);
    assert_snapshot!(project.run("policy import commented.json"), @r#"
    nothing was imported: 2 errors
    --- stderr ---
    error[P0302]: JSON has no comments
      ╭▸ commented.json:2:3
      │
    2 │   // From the console.
      │   ━━━━━━━━━━━━━━━━━━━━
      │
      ╰ help: `--lenient` takes comments and trailing commas

    error[P0302]: JSON has no trailing commas
      ╭▸ commented.json:4:90
      │
    4 │   "Statement": [{ "Sid": "Read", "Effect": "Allow", "Action": "ecs:Get*", "Resource": "*", }]
      │                                                                                          ━
      │
      ╰ help: `--lenient` takes comments and trailing commas

    hint: `stateward explain P0302` tells more
    [exit status: 8]
    "#);
    assert_snapshot!(project.run("policy import commented.json --lenient --out -"), @r#"
    //! Imported from commented.json, a RAM policy of version 1.

    // Sid: Read
    allow "ecs:Get*";
    "#);
}

#[test]
fn a_control_policy_has_a_limit_of_its_own() {
    let project = with("mike.json");
    let text = project.read("mike.json");
    project.write(
        "long.json",
        &format!("{text}{}", " ".repeat(4_097 - text.len())),
    );
    assert_snapshot!(project.run("policy import long.json --kind control"), @r"
    nothing was imported: 1 error
    --- stderr ---
    error[P0318]: the document is 4097 characters long
      ╭▸ long.json:1:1
      │
    1 │ {
      │ ━
      │
      ╰ help: a control policy has at most 4096 (InvalidParameter.PolicyDocument.Length): divide it

    hint: `stateward explain P0318` tells more
    [exit status: 8]
    ");
    assert_snapshot!(project.run("policy import long.json"), @r"
      +  policies/long.rhai  2 statements  from long.json, RAM
    --- stderr ---
    warning[P0318]: the document is 4097 characters long
      ╭▸ long.json:1:1
      │
    1 │ {
      │ ━
      │
      ╰ help: RAM takes custom policies of at most 4096; here there is no such limit
    ");
}

#[test]
fn long_lists_are_imported_and_endless_conditions_are_not() {
    let project = Project::new();
    let document = |condition: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Deny", "Action": "*",
                "Resource": "*", "Condition": {{{condition}}}}}}}"#
        )
    };
    let networks: Vec<_> = (0..400)
        .map(|n| format!("\"10.{}.{}.0/24\"", n / 200, n % 200))
        .collect();
    let networks = networks.join(",");
    for operator in ["IpAddress", "NotIpAddress", "IpAddressIfExists"] {
        let condition = format!(r#""{operator}": {{"aws:SourceIp": [{networks}]}}"#);
        project.write("long.json", &document(&condition));
        project.run("policy import long.json --force").exits(0);
    }
    let times: Vec<_> = (0..70).map(|n| format!("\"{n}\"")).collect();
    let condition = format!(r#""NumericLessThan": {{"x:Count": [{}]}}"#, times.join(","));
    project.replace(
        "workflows/resource_account/account.yaml",
        "\ncontext:\n",
        "\ncontext:\n  count: { type: int, key: x:Count }\n",
    );
    project.write("endless.json", &document(&condition));
    assert_snapshot!(project.run("policy import endless.json"), @r#"
    nothing was imported: 1 error
    --- stderr ---
    error[P0110]: this is nested too deeply
      ╭▸ policies/endless.rhai:3:1267
      │
    3 │ ….count < 53 || context.count < 54 || context.count < 55 || context.count < 56 || context.count < 57 || context.count < 58 || context.c…
      │                                                                    ━
      │
      ╰ help: write long alternatives as a list: `x in ["a", "b"]`

    hint: `stateward explain P0110` tells more
    [exit status: 8]
    "#);
}

#[test]
fn several_documents_are_several_policies() {
    let project = with("mike.json");
    let (first, second) = (with("alice.json"), with("aws_guardrail.json"));
    project.write("a/alice.json", &first.read("alice.json"));
    project.write("b/alice.json", &first.read("alice.json"));
    project.write("aws.v2.json", &second.read("aws_guardrail.json"));
    assert_snapshot!(project.run("policy import mike.json a/alice.json --out imported"), @r"
    +  imported/mike.rhai   2 statements  from mike.json, RAM
    +  imported/alice.rhai  3 statements  from a/alice.json, RAM
    ");
    assert!(project.file("imported/alice.rhai").exists());
    for (arguments, says) in [
        (
            "a/alice.json b/alice.json",
            "two documents would be policy `alice`",
        ),
        (
            "mike.json a/alice.json --name x",
            "several policies cannot have one name",
        ),
        (
            "mike.json a/alice.json --out -",
            "several policies cannot be one text",
        ),
        ("aws.v2.json", "`aws.v2` is not a policy name"),
    ] {
        let answer = project.run(&format!("policy import {arguments}")).exits(2);
        assert!(answer.stderr.contains(says), "{answer}");
    }
    let missing = project.run("policy import nothing.json").exits(1);
    assert!(
        missing.stderr.contains("could not read nothing.json"),
        "{missing}"
    );
}

#[test]
fn an_imported_policy_decides_requests() {
    let project = with("source_ip_deny.json");
    project.create("1001").exits(0);
    project
        .run("policy import source_ip_deny.json --name Office")
        .exits(0);
    project.replace(
        "policies/principals.yaml",
        "ram_user/full: { account: \"1000\", policies: [AliyunResourceDirectoryFullAccess] }",
        "ram_user/full: { account: \"1000\", policies: [AliyunResourceDirectoryFullAccess, Office] }",
    );
    let show = "--as ram_user/full account show 1001";
    project
        .run(&format!("{show} --context source_ip=192.0.2.9"))
        .exits(0);
    assert_snapshot!(project.run(&format!("{show} --context acs:SourceIp=198.51.100.1")), @r"
    Denied at policy: denied by `Office`
      D0002 · ExplicitDeny
    --- stderr ---
    hint: `stateward explain D0002` tells more
    [exit status: 3]
    ");
    project.run(show).exits(3);
}
