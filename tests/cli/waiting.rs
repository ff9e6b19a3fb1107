//! A store that another process has open, and how long to wait for it.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use insta::assert_snapshot;

use crate::common::{BIND, Project};

/// A real process that has the store open for as long as its courier waits for an answer.
struct Holder {
    process: Child,
    courier: TcpStream,
}

impl Holder {
    fn of(project: &Project) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        project.write("secret", "sixteen bytes and more");
        let file = project.read("stateward.yaml");
        let courier = format!("courier: {{ kind: webhook, url: '{url}', secret_file: secret }}\n");
        project.write("stateward.yaml", &format!("{file}{courier}"));
        let mut command = project.command();
        command.args(BIND.split_whitespace());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().unwrap();
        let (mut courier, _) = listener.accept().unwrap();
        let mut begun = [0; 4];
        courier.read_exact(&mut begun).unwrap();
        assert_eq!(&begun, b"POST");
        project.write("stateward.yaml", &file);
        Self { process, courier }
    }

    /// Hangs up on the courier, whereupon the process ends.
    fn let_go(mut self) {
        drop(self.courier);
        self.process.wait().unwrap();
    }
}

#[test]
fn a_second_process_is_told_what_to_do_or_waits() {
    let project = Project::with_account();
    let holder = Holder::of(&project);
    assert_snapshot!(project.run("account list --wait 0"), @r"
    --- stderr ---
    error[S0003]: $PROJECT/.stateward/store.redb is in use by another process
    hint: another command or program has it open: stop that, or wait for it with `--wait 30s`
    [exit status: 1]
    ");
    thread::scope(|scope| {
        let second = scope.spawn(|| project.run("account list --wait 60s"));
        thread::sleep(Duration::from_millis(200));
        holder.let_go();
        let list = second.join().unwrap().exits(0);
        assert!(list.stdout.contains("1001"), "{list}");
    });
}

#[test]
fn how_long_to_wait_can_be_said() {
    let project = Project::with_account();
    let holder = Holder::of(&project);
    let took = |wait: &str| {
        let begun = Instant::now();
        project.run(&format!("account list --wait {wait}")).exits(1);
        begun.elapsed()
    };
    assert!(took("700ms") >= Duration::from_millis(700));
    let begun = Instant::now();
    project.run("account list").exits(1);
    assert!(
        begun.elapsed() >= Duration::from_secs(2),
        "as it is said in the help"
    );
    holder.let_go();
    assert_snapshot!(project.run("account list --wait soon"), @r"
    --- stderr ---
    error: invalid value 'soon' for '--wait <DURATION>': write a duration such as 5s or 2m, or 0

    For more information, try '--help'.
    [exit status: 2]
    ");
}
