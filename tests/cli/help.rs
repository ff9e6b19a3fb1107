//! Help, completions and manual pages.

use insta::assert_snapshot;

use crate::common::Project;

#[test]
fn commands_are_listed() {
    let help = Project::empty().run("help").exits(0);
    let commands = help.stdout.split("Options:").next().unwrap();
    assert_snapshot!(commands, @r"
    A policy-driven state machine engine for account lifecycles.

    YAML says what may happen to an account, policies say who may ask for it, and every decision is
    explained and kept. Begin with `stateward demo`.

    Usage: stateward [OPTIONS] <COMMAND>

    Commands:
      demo         Play the shipped lifecycle on a store that is thrown away
      init         Make a project: stateward.yaml, a lifecycle, policies, a store and its key
      check        Check lifecycle, policies and principals
      diff         Tell what a change of the definition does: weakenings first
      takeover     Tell what falls to whoever controls a phone, a mailbox, an operator
      explain      Explain a diagnostic code
      graph        Draw the lifecycle, one workflow, or where an account stands
      run          Ask for a transition of an account
      confirm      Prove the step that an attempt waits for
      resend       Send another code for an attempt; it voids the one before
      cancel       Give an attempt up
      why          Explain what a request would lead to, gate by gate
      simulate     Play scenarios: what is done with accounts, and what is expected to come of it
      plan         Find the cheapest lawful way to a goal, or what is missing for one
      apply        Take the next step of a plan
      account      Create accounts, look at them, give them apps, and erase them
      attempt      Look at the attempts that wait for a proof
      quota        Look at what accounts have used of their limits
      audit        Check, repeat, list and export what was decided, as the store's owner
      policy       Look at policies, test them, and review what they allow
      store        Look after the store
      tick         Let everything happen that is due by now: timed transitions, lapses, reminders
      pump         Send the messages that wait
      schema       Print a JSON Schema: of the project file, lifecycle files, policy cases, scenarios,
                   or a document
      completions  Print completions for a shell
      man          Print the manual page, or write the pages of all commands into a directory
      help         Show help on a command, or on a topic: exit-codes, environment, output
    ");
}

#[test]
fn a_command_is_explained() {
    let help = Project::empty().run("help confirm").exits(0);
    let own = help
        .stdout
        .split("Options of every command:")
        .next()
        .unwrap();
    assert_snapshot!(own, @r"
    Prove the step that an attempt waits for

    A code is typed on a terminal or read from a file: never given as an argument, where others could
    see it. Without `--as`, the store's owner proves on behalf of whoever asked.

    Usage: stateward confirm [OPTIONS] <ATTEMPT>

    Arguments:
      <ATTEMPT>
              The attempt

    Options:
          --code-file <FILE>
              The file that holds the code; `-` for standard input

          --ack <NAME>
              A risk that is acknowledged: the name of its verification

          --approve
              Approve, as the principal of `--as`

          --key <KEY>
              Under this key a repeated request gets its first answer again

      -h, --help
              Print help (see a summary with '-h')
    ");
    let same = Project::empty().run("confirm --help").exits(0);
    assert_eq!(help.stdout, same.stdout);
}

#[test]
fn options_of_every_command_are_explained() {
    let help = Project::empty().run("tick -h").exits(0);
    let shared = help.stdout.find("Options of every command:").unwrap();
    assert_snapshot!(&help.stdout[shared..], @r"
    Options of every command:
          --as <PRINCIPAL>        Who asks: a principal of policies/principals.yaml, as `kind/name`
          --context <NAME=VALUE>  A fact about the session, such as `mfa=true`
      -o, --output <FORM>         The form of answers [default: text] [possible values: text, json,
                                  jsonl]
          --color <WHEN>          When to use colour [default: auto] [possible values: auto, always,
                                  never]
          --no-input              Ask nothing, even on a terminal
          --reveal                Show personal data in full
          --wait <DURATION>       How long to wait for a store that another process has open, such as
                                  `5s`; 0 fails at once [default: 2s]
      -C, --project <DIR>         The project's directory; otherwise the nearest one upward with a
                                  stateward.yaml
    ");
}

#[test]
fn exit_codes_are_a_topic() {
    assert_snapshot!(Project::empty().run("help exit-codes"), @r"
    Every command ends with one of these codes; a decision has the code of its outcome.
    Commands that only explain (`why`, `explain`, `run --dry-run`) end with 0.

      0   done; of a request: it was applied
      1   failed: a file, the store, the project, a courier
      2   the command line is wrong, or uses a name that does not exist
      3   denied by policy, caller rule, condition or throttle
      4   waiting: an attempt needs a proof; see `stateward confirm`
      5   the proof was wrong, too late or is no longer taken
      6   a quota is used up
      7   not possible from the present state, or malformed input
      8   checking found errors, a policy test failed, or the store does not hold together
      70  a defect of the program; please report it
    ");
}

#[test]
fn the_environment_is_a_topic() {
    assert_snapshot!(Project::empty().run("help environment"), @r"
    These environment variables are read, and no others.

      STATEWARD_NOW   the present time (RFC 3339), for repeatable runs; development stores only
      STATEWARD_SEED  a number or any text that fixes ids and codes; development stores only
      NO_COLOR        if set and not empty, no colour
      CLICOLOR        if 0, no colour
      CLICOLOR_FORCE  if set and not 0, colour even into pipes
      TERM            if `dumb`, no colour

    Secrets never come from variables: codes are typed or read from a file, the keys of
    couriers from files that stateward.yaml names.
    ");
}

#[test]
fn output_is_a_topic() {
    assert_snapshot!(Project::empty().run("help output"), @r#"
    Answers go to standard output, everything else (notices, hints, errors) to standard error.

      -o text    for people; the form may change with any version
      -o json    exactly one document, on every way out, also when the command fails
      -o jsonl   one document a line: one per item of a list, otherwise one
      -o sarif   findings only, for code scanning: `check` alone answers so

    Each document names its schema and version, for example `stateward/run/v1`. Within a version
    fields are only ever added. A command that fails answers with `stateward/error/v1`:

      { "schema": "stateward/error/v1", "code": "C0002", "message": "…",
        "hints": ["…"], "exit": 1 }

    `run`, `confirm`, `resend` and `cancel` answer with the decision: `decision` is `applied`, `pending`
    or `denied`; `attempt` names the attempt that waits. `stateward schema DOCUMENT` prints the JSON
    Schema of a document. Times are RFC 3339 in UTC. Help, manual pages, completions and schemas are
    what they are in every form.

    Personal data are masked, in every form, unless `--reveal` is given.
    "#);
}

#[test]
fn an_unknown_topic_has_a_suggestion() {
    assert_snapshot!(Project::empty().run("help exit-code"), @r"
    --- stderr ---
    error[C0008]: there is no command or help topic `exit-code`
    hint: did you mean `exit-codes`?
    [exit status: 2]
    ");
}

#[test]
fn a_mistyped_command_has_a_suggestion() {
    assert_snapshot!(Project::empty().run("chek"), @r"
    --- stderr ---
    error: unrecognized subcommand 'chek'

      tip: some similar subcommands exist: 'schema', 'check'

    Usage: stateward [OPTIONS] <COMMAND>

    For more information, try '--help'.
    [exit status: 2]
    ");
}

#[test]
fn every_shell_has_completions() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = Project::empty()
            .run(&format!("completions {shell}"))
            .exits(0);
        assert!(script.stdout.contains("confirm"), "{shell}");
    }
}

#[test]
fn manual_pages_are_written_one_per_command() {
    let project = Project::empty();
    project.run("man pages").exits(0);
    for page in [
        "stateward.1",
        "stateward-run.1",
        "stateward-account-create.1",
    ] {
        assert!(
            project.read(&format!("pages/{page}")).contains(".TH"),
            "{page}"
        );
    }
    assert!(project.run("man").exits(0).stdout.contains(".SH SYNOPSIS"));
}

#[test]
fn the_version_is_told() {
    let version = Project::empty().run("--version").exits(0);
    assert_eq!(
        version.stdout,
        format!("stateward {}\n", env!("CARGO_PKG_VERSION"))
    );
}
