//! Real documents, and what they become.

use std::path::Path;

use insta::assert_snapshot;

use super::{Kind, import, key, read};
use crate::policy::document::Options;
use crate::source::SourceMap;

fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/documents");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// The script of a document of the given kind.
#[track_caller]
fn script(name: &str, kind: Kind) -> String {
    let mut sources = SourceMap::default();
    let file = sources.add(&format!("documents/{name}"), &fixture(name));
    let mut findings = Vec::new();
    let options = Options {
        kind,
        lenient: false,
        key: &key,
        has_kind: &|_| true,
    };
    let imported = import(file, sources.file(file).unwrap(), &options, &mut findings);
    assert!(findings.is_empty(), "{findings:?}");
    imported.unwrap().script
}

#[test]
fn system_policies() {
    assert_snapshot!(script("read_only.json", Kind::Identity), @r#"
    //! Imported from read_only.json, a RAM policy of version 1.

    allow ["resourcemanager:Get*", "resourcemanager:List*"];
    "#);
    assert_snapshot!(script("assume_role.json", Kind::Identity), @r#"
    //! Imported from assume_role.json, a RAM policy of version 1.

    allow "sts:AssumeRole";
    "#);
    assert_snapshot!(script("service_role.json", Kind::Identity), @r#"
    //! Imported from service_role.json, a RAM policy of version 1.

    allow "ram:CreateServiceLinkedRole";

    allow "ram:DeleteServiceLinkedRole"
        when has(context.service_name) && context.service_name == "resourcemanager.aliyuncs.com";
    "#);
}

#[test]
fn administrators_of_a_directory() {
    assert_snapshot!(script("mike.json", Kind::Identity), @r#"
    //! Imported from mike.json, a RAM policy of version 1.

    let resourcemanager_arn = "acs:resourcemanager:*:*";

    allow ["resourcemanager:*ControlPolicy*", "resourcemanager:*ControlPolicies*"]
        on [
            `${resourcemanager_arn}:account/*`,
            `${resourcemanager_arn}:folder/*`,
            `${resourcemanager_arn}:policy/controlpolicy/*`,
        ];

    allow ["resourcemanager:Get*", "resourcemanager:List*"];
    "#);
    assert_snapshot!(script("alice.json", Kind::Identity), @r#"
    //! Imported from alice.json, a RAM policy of version 1.

    let resourcemanager_arn = "acs:resourcemanager:*:*";

    allow [
        "resourcemanager:GetResourceDirectory",
        "resourcemanager:ListTagKeys",
        "resourcemanager:ListTagValues",
    ];

    allow [
        "resourcemanager:*Account*",
        "resourcemanager:*Parent*",
        "resourcemanager:*Folder*",
        "resourcemanager:*Handshake*",
        "resourcemanager:*Contact*",
        "resourcemanager:*Members*",
        "resourcemanager:*ControlPolicy*",
        "resourcemanager:*ControlPolicies*",
        "resourcemanager:*SendVerificationCodeFor*",
        "resourcemanager:*BindSecureMobilePhone*",
    ]
        on [
            `${resourcemanager_arn}:account/rd-3G/r-Wm/fd-A/*`,
            `${resourcemanager_arn}:folder/rd-3G/r-Wm/fd-A/*`,
            `${resourcemanager_arn}:folder/rd-3G/r-Wm/fd-A`,
            `${resourcemanager_arn}:handshake/*`,
            `${resourcemanager_arn}:policy/controlpolicy/*`,
            `${resourcemanager_arn}:messagecontact/*`,
        ];

    deny [
        "resourcemanager:DeleteControlPolicy",
        "resourcemanager:UpdateControlPolicy",
        "resourcemanager:DisableControlPolicy",
        "resourcemanager:EnableControlPolicy",
        "resourcemanager:DeleteMessageContact",
        "resourcemanager:UpdateMessageContact",
        "resourcemanager:CancelMessageContactUpdate",
        "resourcemanager:CancelHandshake",
    ];
    "#);
    assert_snapshot!(script("bob.json", Kind::Identity), @r#"
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
    assert_snapshot!(script("invitee.json", Kind::Identity), @r#"
    //! Imported from invitee.json, a RAM policy of version 1.

    allow [
        "resourcemanager:GetResourceDirectory",
        "resourcemanager:ListHandshakesForAccount",
        "resourcemanager:GetHandshake",
        "resourcemanager:AcceptHandshake",
        "resourcemanager:DeclineHandshake",
    ];
    "#);
}

#[test]
fn all_but_some_actions() {
    assert_snapshot!(script("landing_zone.json", Kind::Identity), @r#"
    //! Imported from landing_zone.json, a RAM policy of version 1.

    allow all except ["ram:*", "ims:*", "resourcemanager:*", "bss:*", "bssapi:*", "efc:*"];

    allow ["ram:GetRole", "ram:ListRoles", "ram:CreateServiceLinkedRole"];
    "#);
    assert_snapshot!(script("mfa_lockout.json", Kind::Control), @r#"
    //! Imported from mfa_lockout.json, a RAM policy of version 1.

    deny all except "ram:BindMFADevice" when has(context.mfa) && context.mfa == false;
    "#);
    assert_snapshot!(script("source_ip_deny.json", Kind::Control), @r#"
    //! Imported from source_ip_deny.json, a RAM policy of version 1.

    deny all unless has(context.source_ip) && ip_in(context.source_ip, ["192.0.2.0/24", "203.0.113.2"]);
    "#);
}

#[test]
fn trust_in_principals() {
    assert_snapshot!(script("role_trust.json", Kind::Trust), @r#"
    //! Imported from role_trust.json, a RAM policy of version 1.

    allow "sts:AssumeRole"
        when principal.account == "1000"
            || (principal.account == "1006" && principal.name == "ram_user/x1-admin")
            || principal.name == "service/notices";
    "#);
}

#[test]
fn documents_of_aws() {
    assert_snapshot!(script("aws_guardrail.json", Kind::Control), @r#"
    //! Imported from aws_guardrail.json, an AWS IAM policy of version 2012-10-17.
    //!
    //! Id: guardrails

    // Sid: DenyOutsideRegions
    deny all except ["iam:*", "sts:*", "organizations:*"]
        when (!has(context.region) || !(context.region in ["eu-central-1", "eu-west-1"]))
            && (
                !has(context.principal_arn)
                    || !like(context.principal_arn, "arn:aws:iam::123456789012:role/breakglass-*")
            );

    // Sid: SignedInTwice
    allow "s3:GetObject"
        on "arn:aws:s3:::reports/*"
        when (!has(context.mfa) || context.mfa == true) && has(context.source_ip);
    "#);
}

#[test]
fn every_operator() {
    let condition = r#"
        "StringEquals": {"acs:PrincipalARN": "a", "ram:ServiceName": ["b", "c\"\n"]},
        "StringNotEquals": {"acs:PrincipalARN": "a", "ram:ServiceName": ["b", "c"]},
        "StringEqualsIgnoreCase": {"acs:PrincipalARN": "a", "ram:ServiceName": ["b", "c"]},
        "StringNotEqualsIgnoreCase": {"acs:PrincipalARN": "a", "ram:ServiceName": ["b", "c"]},
        "StringLike": {"acs:PrincipalARN": "a*", "ram:ServiceName": ["b?", "*c"]},
        "StringNotLike": {"acs:PrincipalARN": "a*", "ram:ServiceName": ["b?", "*c"]},
        "NumericEquals": {"x:Count": ["1", "-2"]},
        "NumericNotEquals": {"x:Count": "1"},
        "NumericLessThan": {"x:Count": "1"},
        "NumericLessThanEquals": {"x:Count": ["1", "2"]},
        "NumericGreaterThan": {"x:Count": "1"},
        "NumericGreaterThanEquals": {"x:Count": "1"},
        "DateEquals": {"x:Since": ["2012-11-11T23:59:59Z", "2012-11-12T01:00:00.5-00:00"]},
        "DateNotEquals": {"x:Since": "2012-11-11T23:59:59Z"},
        "DateLessThan": {"acs:CurrentTime": "2012-11-11T23:59:59Z"},
        "DateLessThanEquals": {"x:Since": "2012-11-11T23:59:59Z"},
        "DateGreaterThan": {"acs:CurrentTime": ["2012-11-11T23:59:59Z", "2013-11-11T23:59:59Z"]},
        "DateGreaterThanEquals": {"x:Since": "2012-11-11T23:59:59Z"},
        "Bool": {"acs:MFAPresent": ["true", "false"]},
        "IpAddress": {"acs:SourceIp": "203.0.113.2"},
        "NotIpAddress": {"acs:SourceIp": ["192.0.2.0/24", "2001:db8::/32"]}
    "#;
    let script = read(&super::when(condition), Kind::Identity, false).script();
    assert_snapshot!(script, @r#"
    //! Imported from example.json, a RAM policy of version 1.

    allow all
        when has(context.principal_arn)
            && context.principal_arn == "a"
            && has(context.service_name)
            && context.service_name in ["b", "c\"\n"]
            && (!has(context.principal_arn) || context.principal_arn != "a")
            && (!has(context.service_name) || !(context.service_name in ["b", "c"]))
            && same_text(context.principal_arn, "a")
            && same_text(context.service_name, ["b", "c"])
            && (!has(context.principal_arn) || !same_text(context.principal_arn, "a"))
            && (!has(context.service_name) || !same_text(context.service_name, ["b", "c"]))
            && like(context.principal_arn, "a*")
            && like(context.service_name, ["b?", "*c"])
            && (!has(context.principal_arn) || !like(context.principal_arn, "a*"))
            && (!has(context.service_name) || !like(context.service_name, ["b?", "*c"]))
            && has(context.count)
            && context.count in [1, -2]
            && (!has(context.count) || context.count != 1)
            && context.count < 1
            && (context.count <= 1 || context.count <= 2)
            && context.count > 1
            && context.count >= 1
            && has(context.since)
            && context.since in [time("2012-11-11T23:59:59Z"), time("2012-11-12T01:00:00.5-00:00")]
            && (!has(context.since) || context.since != time("2012-11-11T23:59:59Z"))
            && now < time("2012-11-11T23:59:59Z")
            && context.since <= time("2012-11-11T23:59:59Z")
            && (now > time("2012-11-11T23:59:59Z") || now > time("2013-11-11T23:59:59Z"))
            && context.since >= time("2012-11-11T23:59:59Z")
            && has(context.mfa)
            && (context.mfa == true || context.mfa == false)
            && has(context.source_ip)
            && ip_in(context.source_ip, "203.0.113.2")
            && (
                !has(context.source_ip) || !ip_in(context.source_ip, ["192.0.2.0/24", "2001:db8::/32"])
            );
    "#);
    let condition = r#"
        "StringEqualsIfExists": {"acs:PrincipalARN": ["a", "b"]},
        "NumericLessThanIfExists": {"x:Count": [1, "2"]},
        "StringNotLikeIfExists": {"acs:PrincipalARN": "a*"},
        "Null": {"x:Count": true, "x:Since": ["false"], "x:Level": ["true", "false"]},
        "ArnEquals": {"acs:PrincipalARN": "arn:aws:iam::1:role/*"},
        "Bool": {"AWS:securetransport": false, "aws:multifactorauthpresent": "true"}
    "#;
    let condition = condition.replace("\"AWS:securetransport\": false, ", "");
    let script = read(&super::when_aws(&condition), Kind::Identity, false).script();
    assert_snapshot!(script, @r#"
    //! Imported from example.json, an AWS IAM policy of version 2012-10-17.

    allow all
        when (!has(context.principal_arn) || context.principal_arn in ["a", "b"])
            && (!has(context.count) || context.count < 1 || context.count < 2)
            && !has(context.count)
            && has(context.since)
            && (!has(context.level) || has(context.level))
            && has(context.principal_arn)
            && like(context.principal_arn, "arn:aws:iam::1:role/*")
            && has(context.mfa)
            && context.mfa == true
        unless has(context.principal_arn) && like(context.principal_arn, "a*");
    "#);
}

#[test]
fn many_values_get_a_list_with_a_name() {
    let values = |from: usize| -> String {
        let values: Vec<_> = (from..from + 16).map(|n| format!("\"{n}\"")).collect();
        values.join(", ")
    };
    let (first, second) = (values(0), values(1));
    let condition = format!(
        r#"
        "NumericEquals": {{"x:Count": [{first}]}},
        "NumericNotEquals": {{"x:Count": [{first}]}},
        "StringLike": {{"acs:PrincipalARN": [{first}]}},
        "StringEquals": {{"acs:PrincipalARN": [{second}]}}
        "#
    );
    let script = read(&super::when(&condition), Kind::Identity, false).script();
    assert_snapshot!(script, @r#"
    //! Imported from example.json, a RAM policy of version 1.

    let count_values = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
    let principal_arn_values = [
        "0",
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "10",
        "11",
        "12",
        "13",
        "14",
        "15",
    ];
    let principal_arn_values_2 = [
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "10",
        "11",
        "12",
        "13",
        "14",
        "15",
        "16",
    ];

    allow all
        when has(context.count)
            && context.count in count_values
            && has(context.principal_arn)
            && like(context.principal_arn, principal_arn_values)
            && context.principal_arn in principal_arn_values_2
        unless has(context.count) && context.count in count_values;
    "#);
}

#[test]
fn comments_and_trailing_commas_are_taken_where_they_are_asked_for() {
    let text = r#"
    /* Who wrote this? */
    {
        "Version": "1", // RAM
        "Statement": {
            "Sid": "Read", "Effect": "Allow", "Action": ["a:Get*", "a:List*",], "Resource": "*",
        },
    }
    "#;
    assert_snapshot!(read(text, Kind::Identity, true).script(), @r#"
    //! Imported from example.json, a RAM policy of version 1.

    // Sid: Read
    allow ["a:Get*", "a:List*"];
    "#);
}
