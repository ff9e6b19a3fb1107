//! Other lifecycles than the large one: the small one that is shipped, and one of a test's own.

use insta::assert_snapshot;

use crate::common::Project;

#[test]
fn the_small_lifecycle_is_shipped_too() {
    let project = Project::empty();
    assert_snapshot!(project.run("init --dev --lifecycle newsletter"), @r"
      +  stateward.yaml
      +  workflows/newsletter/account.yaml
      +  workflows/newsletter/checks/properties.yaml
      +  workflows/newsletter/scenarios/join_pause_and_leave.yaml
      +  workflows/newsletter/scenarios/nobody_joins_for_another.yaml
      +  workflows/newsletter/subscription.yaml
      +  policies/newsletter/principals.yaml
      +  policies/newsletter/snapshots/matrix.snap
      +  policies/newsletter/tests/readers.yaml
      +  .stateward/key
      +  .stateward/store.redb
    Made a project with a development store in .
    --- stderr ---
    hint: `stateward check` checks the definition, `stateward account create` makes an account
    ");
    project
        .run("account create ann -a email=ann@example.com")
        .exits(0);
    let join = project
        .run("--as reader/ann run ann subscription.join -o json")
        .exits(4);
    let attempt = join.json()["attempt"].as_str().unwrap().to_owned();
    let confirm = format!("confirm {attempt} --code-file -");
    assert_snapshot!(project.run_with(&confirm, &join.code()), @r"
      1 throttle      ✓ within the limits
      2 policy        ✓ owns the account
      3 caller        ✓ is `reader`                             workflows/newsletter/account.yaml:9:3
      4 state         ✓ `subscription.join` leaves from `left`  workflows/newsletter/subscription.yaml:5:3
      5 guard         ✓ no conditions                           workflows/newsletter/subscription.yaml:5:3
      6 quota         ✓ nothing to spend
      7 verification  ✓ proved in 1 of 1 steps                  workflows/newsletter/subscription.yaml:5:3
      ~ subscription  left -> reading  by subscription.join
    Done: account ann is at revision 3
    ");
    assert_snapshot!(Project::empty().run("init --lifecycle newsleter"), @r"
    --- stderr ---
    error[C0008]: there is no shipped lifecycle `newsleter`
    hint: did you mean `newsletter`?
    [exit status: 2]
    ");
}

const ACCOUNT: &str = "\
lifecycle: vault
edition: 2026-11
principal_kinds: { keeper: {} }
callers: { keeper: { kinds: [keeper] } }
verifications:
  second_keeper: { approval: keeper }
";

const DOOR: &str = "\
workflow: door
initial: shut
states: { shut: {}, open: { final: true } }
transitions:
  unlock:
    from: shut
    to: open
    permission: vault:Unlock
    resource: acs:vault:*:${account.id}:door
    caller: keeper
    verify: [second_keeper]
";

const PRINCIPALS: &str = "\
principals:
  keeper/eve: { account: v1, policies: [Keepers] }
  keeper/bob: { account: v1, policies: [Keepers] }
";

/// A project of the vault, with an account of it.
fn vault(account: &str, keepers: &str) -> Project {
    let project = Project::empty();
    project.write("stateward.yaml", "lifecycle: vault\n");
    project.write("workflows/vault/account.yaml", account);
    project.write("workflows/vault/door.yaml", DOOR);
    project.write("policies/principals.yaml", PRINCIPALS);
    project.write("policies/Keepers.rhai", keepers);
    project.run("init --dev").exits(0);
    project.run("account create v1").exits(0);
    project
}

#[test]
fn whoever_approves_has_a_session_of_its_own() {
    let account = format!("{ACCOUNT}context: {{ mfa: bool }}\n");
    let keepers = "//! Who may unlock.\n\nallow \"vault:*\" when context.mfa ?? false;\n";
    let project = vault(&account, keepers);
    let unlock = "--as keeper/eve run v1 door.unlock -o json";
    project.run(unlock).exits(3);
    let asked = project
        .run(&format!("{unlock} --context mfa=true"))
        .exits(4);
    let attempt = asked.json()["attempt"].as_str().unwrap().to_owned();
    let approve = format!("--as keeper/bob confirm {attempt} --approve");
    project.run(&approve).exits(5);
    project
        .run(&format!("{approve} --context mfa=true"))
        .exits(0);
    project.run("audit verify").exits(0);
    let replayed = project.run("audit replay -o json").exits(0).json();
    assert_eq!(replayed["same"], 3, "{replayed}");
}

#[test]
fn an_approval_is_another_principals() {
    let project = vault(ACCOUNT, "//! Who may unlock.\n\nallow \"vault:*\";\n");
    assert!(!project.file("workflows/resource_account").exists());
    let unlock = project.run("--as keeper/eve run v1 door.unlock");
    assert_snapshot!(unlock, @r"
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `Keepers`              policies/Keepers.rhai:3:1
      3 caller        ✓ is `keeper`                       workflows/vault/account.yaml:4:12
      4 state         ✓ `door.unlock` leaves from `shut`  workflows/vault/door.yaml:5:3
      5 guard         ✓ no conditions                     workflows/vault/door.yaml:5:3
      6 quota         ✓ nothing to spend
      7 verification  … waits for `second_keeper`         workflows/vault/account.yaml:6:3
      approval  by another principal that is `keeper`
    Waiting for `second_keeper`, step 1 of 1; the attempt lapses in 30 min
    attempt att_y3vacwd69qb613r6
    --- stderr ---
    hint: `stateward confirm att_y3vacwd69qb613r6 --approve --as PRINCIPAL` approves it
    [exit status: 4]
    ");
    let attempt = project.run("attempt list -o json").json()["attempts"][0]["attempt"].clone();
    let attempt = attempt.as_str().unwrap();
    project
        .run(&format!("--as keeper/eve confirm {attempt} --approve"))
        .exits(5);
    assert_snapshot!(project.run(&format!("--as keeper/bob confirm {attempt} --approve")), @r"
      1 throttle      ✓ within the limits
      2 policy        ✓ allowed by `Keepers`              policies/Keepers.rhai:3:1
      3 caller        ✓ is `keeper`                       workflows/vault/account.yaml:4:12
      4 state         ✓ `door.unlock` leaves from `shut`  workflows/vault/door.yaml:5:3
      5 guard         ✓ no conditions                     workflows/vault/door.yaml:5:3
      6 quota         ✓ nothing to spend
      7 verification  ✓ proved in 1 of 1 steps            workflows/vault/door.yaml:5:3
      ~ door  shut -> open  by door.unlock
    Done: account v1 is at revision 3
    ");
}
