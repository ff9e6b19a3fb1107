//! Conversations, with somebody scripted at the terminal.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use stateward::store::{RedbOptions, RedbStore};

use crate::command::scripted::{self, Ended};
use crate::exit::Exit;
use crate::ui::prompt::Prompts;

/// What somebody does when asked.
#[derive(Debug, Clone, Copy)]
enum Reply {
    /// Types the code that was sent last.
    Code,
    /// Types this.
    Types(&'static str),
    /// Closes the terminal.
    Leaves,
}

/// Somebody who reads the messages and replies by script.
struct Somebody {
    project: PathBuf,
    replies: VecDeque<Reply>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Somebody {
    fn reply(&mut self, question: &str) -> Option<String> {
        self.asked.lock().unwrap().push(question.to_owned());
        let store = self.project.join(".stateward/store.redb");
        let opened = RedbStore::open(store, &RedbOptions::default());
        assert!(
            opened.is_ok(),
            "the store is left to others while somebody types"
        );
        match self.replies.pop_front()? {
            Reply::Types(text) => Some(text.to_owned()),
            Reply::Leaves => None,
            Reply::Code => {
                let messages =
                    std::fs::read_to_string(self.project.join("messages.jsonl")).unwrap();
                let text = messages
                    .lines()
                    .rfind(|line| line.contains("verification_code"));
                let mut runs = text.unwrap().split(|letter: char| !letter.is_ascii_digit());
                runs.rfind(|run| run.len() == 6).map(str::to_owned)
            }
        }
    }
}

impl Prompts for Somebody {
    fn secret(&mut self, question: &str) -> std::io::Result<Option<String>> {
        Ok(self.reply(question))
    }

    fn line(&mut self, question: &str) -> std::io::Result<Option<String>> {
        Ok(self.reply(question))
    }
}

/// Runs a command in a project, with somebody at the terminal.
fn run(project: &Path, command: &str, replies: &[Reply]) -> Went {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let somebody = Somebody {
        project: project.to_owned(),
        replies: replies.iter().copied().collect(),
        asked: asked.clone(),
    };
    let ended = scripted::run(project, command, Box::new(somebody));
    let asked = asked.lock().unwrap().clone();
    Went { ended, asked }
}

/// How a command went, and what was asked.
struct Went {
    ended: Ended,
    asked: Vec<String>,
}

impl std::ops::Deref for Went {
    type Target = Ended;

    fn deref(&self) -> &Ended {
        &self.ended
    }
}

/// A project with account 1001, whose messages go to a file.
fn project() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let yaml = "lifecycle: resource_account\ncourier: { kind: file, path: messages.jsonl }\n";
    std::fs::write(path.join("stateward.yaml"), yaml).unwrap();
    run(path, "init --dev", &[]);
    let attributes = "-a display_name=payments -a country=SG -a site=intl -a path=p \
        -a manager=1000 -a legal_entity=e -a manager_legal_entity=e -a email=a@example.com";
    let create = format!("account create 1001 {attributes}");
    assert_eq!(run(path, &create, &[]).exit, Exit::Done);
    directory
}

const BIND: &str = "--as ram_user/ops-lin run 1001 mobile_phone.bind -i phone=65-91234567";

#[test]
fn a_code_is_asked_for_again_after_a_wrong_one() {
    let project = project();
    let went = run(project.path(), BIND, &[Reply::Types("000000"), Reply::Code]);
    assert_eq!(went.exit, Exit::Done);
    assert_eq!(went.asked, ["Code: ", "Code: "]);
    assert!(
        went.err.contains("sent  a code to +65-****4567"),
        "{}",
        went.err
    );
    assert!(
        went.err.contains("error[V0002]: the code is wrong"),
        "{}",
        went.err
    );
    assert!(went.out.contains("unbound -> bound"), "{}", went.out);
}

#[test]
fn whoever_leaves_finds_the_attempt_waiting() {
    let project = project();
    let went = run(project.path(), &format!("{BIND} -o json"), &[Reply::Leaves]);
    assert_eq!(went.exit, Exit::Waiting);
    let document: serde_json::Value = serde_json::from_str(&went.out).unwrap();
    let attempt = document["attempt"].as_str().unwrap();
    let went = run(
        project.path(),
        &format!("confirm {attempt}"),
        &[Reply::Code],
    );
    assert_eq!(went.exit, Exit::Done);
}

#[test]
fn too_many_wrong_codes_end_it() {
    let project = project();
    let went = run(project.path(), BIND, &[Reply::Types("000000"); 9]);
    assert_eq!(went.exit, Exit::Unproved);
    assert_eq!(went.asked.len(), 5);
}

#[test]
fn a_risk_is_acknowledged_by_yes_and_nothing_else() {
    let project = project();
    run(project.path(), BIND, &[Reply::Code]);
    let switch = "--as ram_user/ops-lin run 1001 member_type.switch_to_cloud";
    let went = run(project.path(), switch, &[Reply::Types("y")]);
    assert_eq!(went.exit, Exit::Waiting);
    assert!(
        went.err
            .contains("risk  The root user has full permissions"),
        "{}",
        went.err
    );
    let went = run(project.path(), switch, &[Reply::Types("yes")]);
    assert_eq!(went.exit, Exit::Done);
    assert_eq!(went.asked, ["Type `yes` to acknowledge it: "]);
}

#[test]
fn one_verification_leads_to_the_next() {
    let project = project();
    run(project.path(), BIND, &[Reply::Code]);
    let switch = "--as ram_user/ops-lin run 1001 member_type.switch_to_cloud --ack root_risk";
    run(project.path(), switch, &[]);
    let back = "--as ram_user/ops-lin run 1001 member_type.switch_to_resource";
    let went = run(project.path(), back, &[Reply::Types("yes"), Reply::Code]);
    assert_eq!(went.exit, Exit::Done);
    assert_eq!(went.asked.len(), 2);
}
