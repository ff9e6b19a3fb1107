//! Cases of the policy language, each as the JSON document that a service would be given.

use acceptance::documents::Documents;
use stateward::expr::Val;
use stateward::policy::document::Kind;
use stateward::time::Timestamp;

/// A document with one statement, imported and asked.
struct Policy {
    documents: Documents,
    script: String,
}

fn policy(effect: &str, condition: &str) -> Policy {
    let documents = Documents::default();
    let text = format!(
        r#"{{"Version": "1", "Statement": [
            {{"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}},
            {{"Effect": "{effect}", "Action": "*", "Resource": "*", "Condition": {condition}}}]}}"#
    );
    let read = documents.import(&text, Kind::Identity, false);
    assert!(read.findings.is_empty(), "{:?}", read.findings);
    Policy {
        script: read.imported.unwrap().script,
        documents,
    }
}

impl Policy {
    /// What it says to an action of ECS, which it allows, or to another one.
    fn says(&self, action: &str, given: &[(&str, Val<'_>)]) -> String {
        let (set, findings) = self.documents.load(&[("p", &self.script)]);
        assert!(findings.is_empty(), "{findings:?}");
        let resource = "acs:s:*:1000:x";
        self.documents.ask(&set, "p", (action, resource), given)
    }

    #[track_caller]
    fn check(&self, action: &str, given: &[(&str, Val<'_>)], effect: &str) {
        assert_eq!(self.says(action, given), effect, "{}", self.script);
    }
}

fn address(text: &str) -> (&str, Val<'_>) {
    ("context.source_ip", Val::Ip(text.parse().unwrap()))
}

fn text(value: &str) -> (&str, Val<'_>) {
    ("context.text", Val::Text(value))
}

#[test]
fn p14_addresses_are_in_networks_or_are_not() {
    let condition = r#"{"IpAddress": {"acs:SourceIp": ["192.0.2.0/24", "203.0.113.2"]}}"#;
    let office = policy("Allow", condition);
    office.check("s:Get", &[address("192.0.2.9")], "Allow");
    office.check("s:Get", &[address("203.0.113.2")], "Allow");
    office.check("s:Get", &[address("198.51.100.1")], "ImplicitDeny");
    office.check("s:Get", &[], "ImplicitDeny");
}

#[test]
fn a_negated_list_denies_everybody_but_those_listed() {
    let condition = r#"{"NotIpAddress": {"acs:SourceIp": ["192.0.2.0/24", "203.0.113.2"]}}"#;
    let office = policy("Deny", condition);
    office.check("ecs:Get", &[address("192.0.2.9")], "Allow");
    office.check("ecs:Get", &[address("203.0.113.2")], "Allow");
    office.check("ecs:Get", &[address("203.0.113.3")], "ExplicitDeny");
    office.check("ecs:Get", &[], "ExplicitDeny");
}

#[test]
fn p16_a_missing_key_is_neither_true_nor_false() {
    let guarded = policy("Deny", r#"{"Bool": {"acs:MFAPresent": "false"}}"#);
    guarded.check("ecs:Get", &[], "Allow");
    guarded.check("ecs:Get", &[("context.mfa", Val::Bool(true))], "Allow");
    guarded.check(
        "ecs:Get",
        &[("context.mfa", Val::Bool(false))],
        "ExplicitDeny",
    );
}

#[test]
fn p17_texts_are_compared_with_and_without_case_and_by_patterns() {
    let holds = |operator: &str, wanted: &str, found: &str| {
        let condition = format!(r#"{{"{operator}": {{"x:Text": "{wanted}"}}}}"#);
        policy("Allow", &condition).says("s:Get", &[text(found)]) == "Allow"
    };
    assert!(!holds("StringEquals", "Dev", "dev"));
    assert!(holds("StringEqualsIgnoreCase", "Dev", "dev"));
    assert!(holds("StringLike", "d?v*", "dev1"));
    assert!(!holds("StringLike", "d?v*", "dv"));
}

#[test]
fn p19_before_a_moment_is_until_it() {
    let condition = r#"{"DateLessThan": {"acs:CurrentTime": "2026-11-22T08:00:00Z"}}"#;
    let early = policy("Allow", condition);
    let at = |text: &str| ("now", Val::Time(text.parse::<Timestamp>().unwrap()));
    early.check("s:Get", &[at("2026-11-22T07:59:59Z")], "Allow");
    early.check("s:Get", &[at("2026-11-22T08:00:00Z")], "ImplicitDeny");
}

#[test]
fn p28_all_but_one_role_are_denied() {
    let condition = r#"{"StringNotLike": {"x:Arn": "acs:ram:*:*:role/svc"}}"#;
    let others = policy("Deny", condition);
    let arn = |text| ("context.arn", Val::Text(text));
    others.check("ecs:Get", &[arn("acs:ram:*:1000:role/svc")], "Allow");
    others.check(
        "ecs:Get",
        &[arn("acs:ram:*:1000:role/other")],
        "ExplicitDeny",
    );
    others.check("ecs:Get", &[], "ExplicitDeny");
}
