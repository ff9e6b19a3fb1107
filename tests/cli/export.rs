//! Policies in the words of another engine.

use insta::assert_snapshot;

use crate::common::Project;

#[test]
fn policies_are_exported_to_cedar() {
    let project = Project::new();
    assert_snapshot!(project.run("policy export --to cedar DirectoryInvitee FolderAdministrator"), @r#"
    // Exported by stateward: DirectoryInvitee, FolderAdministrator.
    //
    // Ask Action::"ask" about one resource at a time, in requests that conform to the schema, with
    //   principal                  in Policy::"NAME" for every policy that it has
    //   context.asked.action       the permission, in lower case
    //   context.asked.resource     the resource, with `*` for an empty region or account
    //
    // These are the statements of policies alone: who owns an account needs none, and what limits
    // policies from outside of them is not in here.

    @id("policies/DirectoryInvitee.rhai:5:1#1")
    permit (principal in Policy::"DirectoryInvitee", action == Action::"ask", resource)
    when { ["resourcemanager:getresourcedirectory", "resourcemanager:listhandshakesforaccount",
        "resourcemanager:gethandshake", "resourcemanager:accepthandshake",
        "resourcemanager:declinehandshake"].contains(context.asked.action) };

    @id("policies/FolderAdministrator.rhai:8:1#1")
    permit (principal in Policy::"FolderAdministrator", action == Action::"ask", resource)
    when { ["resourcemanager:getresourcedirectory", "resourcemanager:listtagkeys",
        "resourcemanager:listtagvalues"].contains(context.asked.action) };

    @id("policies/FolderAdministrator.rhai:14:1#1")
    permit (principal in Policy::"FolderAdministrator", action == Action::"ask", resource)
    when { context.asked.action like "resourcemanager:*account*"
        || context.asked.action like "resourcemanager:*parent*"
        || context.asked.action like "resourcemanager:*folder*"
        || context.asked.action like "resourcemanager:*handshake*"
        || context.asked.action like "resourcemanager:*contact*"
        || context.asked.action like "resourcemanager:*members*"
        || context.asked.action like "resourcemanager:*controlpolicy*"
        || context.asked.action like "resourcemanager:*controlpolicies*"
        || context.asked.action like "resourcemanager:*sendverificationcodefor*"
        || context.asked.action like "resourcemanager:*bindsecuremobilephone*" }
    when { context.asked.resource like "acs:resourcemanager:*:*:account/rd-3G/r-Wm/fd-A/*"
        || context.asked.resource like "acs:resourcemanager:*:*:folder/rd-3G/r-Wm/fd-A"
        || context.asked.resource like "acs:resourcemanager:*:*:folder/rd-3G/r-Wm/fd-A/*"
        || context.asked.resource like "acs:resourcemanager:*:*:handshake/*"
        || context.asked.resource like "acs:resourcemanager:*:*:policy/controlpolicy/*"
        || context.asked.resource like "acs:resourcemanager:*:*:messagecontact/*" };

    @id("policies/FolderAdministrator.rhai:35:1#1")
    @because("what the whole directory shares is for its own administrators to change")
    forbid (principal in Policy::"FolderAdministrator", action == Action::"ask", resource)
    when { ["resourcemanager:deletecontrolpolicy", "resourcemanager:updatecontrolpolicy",
        "resourcemanager:disablecontrolpolicy", "resourcemanager:enablecontrolpolicy",
        "resourcemanager:deletemessagecontact", "resourcemanager:updatemessagecontact",
        "resourcemanager:cancelmessagecontactupdate", "resourcemanager:cancelhandshake"].contains(context.asked.action) };
    "#);
    assert_snapshot!(project.run("policy export --to cedar --schema DirectoryInvitee"), @r"
    entity Policy;
    entity Principal in [Policy];
    entity Resource;

    action ask appliesTo {
      principal: [Principal],
      resource: [Resource],
      context: {
        asked: { action: String, resource: String },
      },
    };
    ");
    let document = project
        .run("policy export --to cedar -o json")
        .exits(0)
        .json();
    assert_eq!(document["schema"], "stateward/policy-export/v1");
    assert_eq!(document["to"], "cedar");
}

#[test]
fn what_cedar_cannot_express_is_refused_at_its_place() {
    let project = Project::new();
    project.write(
        "policies/Odd.rhai",
        r#"
deny "resourcemanager:*" on "acs:resourcemanager:*:*:folder/r-??" when now - account.created_at < hours(8);
allow "resourcemanager:Get*" when number_fits_site(account.phone ?? "+6591234567", account.site);
allow "resourcemanager:List*";
"#,
    );
    let refused = project.run("policy export --to cedar Odd");
    assert_snapshot!(refused, @r#"
    --- stderr ---
    error[P0322]: Cedar has no `?`, which the pattern `acs:resourcemanager:*:*:folder/r-??` uses
      ╭▸ policies/Odd.rhai:2:1
      │
    2 │ deny "resourcemanager:*" on "acs:resourcemanager:*:*:folder/r-??" when now - account.created_at < hours(8);
      │ ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
      │
      ╰ help: `*` is the only wildcard of Cedar

    error[P0321]: Cedar cannot express `-`
      ╭▸ policies/Odd.rhai:2:72
      │
    2 │ deny "resourcemanager:*" on "acs:resourcemanager:*:*:folder/r-??" when now - account.created_at < hours(8);
      │                                                                        ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
      │
      ╰ help: Cedar passes over a policy whose arithmetic fails, where a failing condition denies here

    error[P0321]: Cedar cannot express the function `phone_country`
      ╭▸ policies/Odd.rhai:3:35
      │
    3 │ allow "resourcemanager:Get*" when number_fits_site(account.phone ?? "+6591234567", account.site);
      │                                   ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
      │
      ╰ help: Cedar has nothing that means the same

    nothing is exported: 3 refusals
    [exit status: 8]
    "#);
    let document = project
        .run("policy export --to cedar Odd -o json")
        .exits(8)
        .json();
    assert_eq!(document["policies"], serde_json::Value::Null);
    assert_eq!(document["findings"][0]["code"], "P0322");
    assert_snapshot!(project.run("policy export --to rego Odd"), @r"
    --- stderr ---
    error: invalid value 'rego' for '--to <ENGINE>'
      [possible values: cedar]

    For more information, try '--help'.
    [exit status: 2]
    ");
}
