//! What is exported to Cedar, to the letter; that it means the same, `tests/peers` has Cedar say.

use super::world::World;
use crate::policy::cedar::{Export, export};

fn exported(script: &str) -> Export {
    let world = World::one(script);
    export(world.policies.iter(), &world.vocabulary).unwrap()
}

/// The exported statements, without what a reader has to know.
fn statements(script: &str) -> String {
    let Export { policies, .. } = exported(script);
    let (_, statements) = policies.split_once("\n\n").unwrap();
    statements.to_owned()
}

/// The condition of a lone statement `allow all when …`.
fn condition(when: &str) -> String {
    let text = statements(&format!("allow all when {when};"));
    let (_, clause) = text.split_once("\nwhen { ").unwrap();
    let clause = clause.strip_suffix(" };\n").unwrap();
    clause.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn refused(script: &str) -> String {
    let mut world = World::one(script);
    world.findings = export(world.policies.iter(), &world.vocabulary).unwrap_err();
    world.report()
}

#[test]
fn a_policy_becomes_one_that_a_reader_of_cedar_understands() {
    let Export { policies, schema } = exported(
        r#"
        allow ["ecs:Get*", "ecs:List*", "ecs:Stop", "ecs:Start"]
            on ["acs:ecs::1000:disk/*", "acs:ecs:*:*:image/1"]
            when has(context.source_ip) && ip_in(context.source_ip, "192.0.2.0/24");
        deny all except "ram:BindMFADevice" unless context.mfa ?? false
            because "sign in with a \"second\" factor";
        "#,
    );
    insta::assert_snapshot!(policies, @r#"
    // Exported by stateward: p.
    //
    // Ask Action::"ask" about one resource at a time, in requests that conform to the schema, with
    //   principal                  in Policy::"NAME" for every policy that it has
    //   context.asked.action       the permission, in lower case
    //   context.asked.resource     the resource, with `*` for an empty region or account
    //   context.context.mfa        context.mfa
    //   context.context.source_ip  context.source_ip
    //
    // These are the statements of policies alone: who owns an account needs none, and what limits
    // policies from outside of them is not in here.

    @id("policies/p.rhai:2:9#1")
    permit (principal in Policy::"p", action == Action::"ask", resource)
    when { ["ecs:stop", "ecs:start"].contains(context.asked.action)
        || context.asked.action like "ecs:get*" || context.asked.action like "ecs:list*" }
    when { context.asked.resource like "acs:ecs:\*:1000:disk/*"
        || context.asked.resource like "acs:ecs:*:*:image/1" }
    when { context.context has source_ip && context.context.source_ip.isInRange(ip("192.0.2.0/24")) };

    @id("policies/p.rhai:5:9#1")
    @because("sign in with a \"second\" factor")
    forbid (principal in Policy::"p", action == Action::"ask", resource)
    when { !(context.asked.action == "ram:bindmfadevice") }
    unless { if context.context has mfa then context.context.mfa else false };
    "#);
    insta::assert_snapshot!(schema, @r"
    entity Policy;
    entity Principal in [Policy];
    entity Resource;

    action ask appliesTo {
      principal: [Principal],
      resource: [Resource],
      context: {
        asked: { action: String, resource: String },
        context: { mfa?: Bool, source_ip?: ipaddr },
      },
    };
    ");
}

#[test]
fn conditions_keep_their_meaning() {
    for (ours, cedar) in [
        (
            "account.country == \"SG\"",
            r#"context.account.country == "SG""#,
        ),
        (
            "now.hour >= 8 && now.hour < 18",
            "context.now.hour >= 8 && context.now.hour < 18",
        ),
        (
            "!(account.country in [\"SG\", \"DE\"])",
            r#"!["SG", "DE"].contains(context.account.country)"#,
        ),
        (
            "\"admins\" in principal.groups",
            r#"context.principal.groups.contains("admins")"#,
        ),
        (
            "(context.mfa ?? false) == (now.hour > 8)",
            "(if context.context has mfa then context.context.mfa else false) == (context.now.hour > 8)",
        ),
        (
            "has(context.source_ip) && ip_in(context.source_ip, [\"192.0.2.7\", \"::ffff:192.0.2.0/95\"])",
            "context.context has source_ip && (context.context.source_ip.isInRange(ip(\"192.0.2.7/32\")) || \
             context.context.source_ip.isInRange(ip(\"0:0:0:0:0:ffff:c000:200/95\")))",
        ),
        (
            "like(resource, [\"a*\", \"b\"])",
            r#"context.resource like "a*" || context.resource like "b""#,
        ),
        (
            "has(context.mfa) && context.mfa || now.hour == -1",
            "context.context has mfa && context.context.mfa || context.now.hour == -1",
        ),
        (
            "if has(context.mfa) { context.mfa } else { now.hour > 3 }",
            "if context.context has mfa then context.context.mfa else context.now.hour > 3",
        ),
        (
            "like(resource, \"*/a\\\\*\")",
            r#"context.resource like "*/a\\*""#,
        ),
        (
            "contains(resource, \"*\")",
            r#"context.resource like "*\**""#,
        ),
        (
            "ends_with(permission, \"s\")",
            r#"context.permission like "*s""#,
        ),
        (
            "!has(context.mfa) || context.mfa",
            "if context.context has mfa then context.context.mfa else true",
        ),
        (
            "now.hour > 3 || !(has(context.mfa) && has(context.source_ip)) || \
             context.mfa || ip_in(context.source_ip, \"192.0.2.0/24\")",
            "context.now.hour > 3 || (if context.context has mfa && context.context has source_ip \
             then context.context.mfa || context.context.source_ip.isInRange(ip(\"192.0.2.0/24\")) \
             else true)",
        ),
        (
            "now.hour > 3 || !has(context.mfa)",
            "context.now.hour > 3 || !(context.context has mfa)",
        ),
        ("has(account.country)", "true"),
        ("principal.name in []", "false"),
    ] {
        assert_eq!(condition(ours), cedar, "{ours}");
    }
}

#[test]
fn what_cedar_lacks_is_refused_at_its_place() {
    insta::assert_snapshot!(
        refused(r#"
        allow "ecs:*" when len(principal.groups) > 2;
        deny "ecs:Stop" when now.hour + 1 > 8 unless principal.name == lower("A");
        allow "ecs:Get?" on "acs:ecs:*:*:disk/?";
        allow "ecs:Get*" when like(resource, account.country);
        allow "ecs:List*" when like(resource, ["b", "a?"]);
        allow "ecs:Stop" when same_text(resource, "a");
        "#), @r#"
        P0321 2:28 Cedar cannot express the function `len` [len(principal.groups) > 2]
          help: Cedar has nothing that means the same
        P0321 3:30 Cedar cannot express `+` [now.hour + 1 > 8]
          help: Cedar passes over a policy whose arithmetic fails, where a failing condition denies here
        P0322 4:9 Cedar has no `?`, which the pattern `ecs:Get?` uses [allow "ecs:Get?" on "acs:ecs:*:*:disk/?"]
          help: `*` is the only wildcard of Cedar
        P0322 4:9 Cedar has no `?`, which the pattern `acs:ecs:*:*:disk/?` uses [allow "ecs:Get?" on "acs:ecs:*:*:disk/?"]
          help: `*` is the only wildcard of Cedar
        P0321 5:31 Cedar cannot express `like` with a text of the request [like(resource, account.country)]
          help: Cedar compares with what stands in the policy
        P0321 6:32 Cedar cannot express `?` in the pattern "a?" [like(resource, ["b", "a?"])]
          help: `*` is the only wildcard of Cedar
        P0321 7:31 Cedar cannot express the function `same_text` [same_text(resource, "a")]
          help: Cedar has nothing that means the same
        "#);
}
