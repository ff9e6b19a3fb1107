//! The program while it watches files.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use super::Project;

/// The program while it watches, ended with the test.
pub struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    /// Starts it with these arguments.
    pub fn start(project: &Project, args: &[&str]) -> Self {
        let mut command = project.command();
        command.args(args);
        let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        let (sender, lines) = channel();
        read_lines(child.stdout.take().unwrap(), sender.clone());
        read_lines(child.stderr.take().unwrap(), sender);
        Self { child, lines }
    }

    /// Waits for a line with this text, and for a run to end. Lines of the two streams come in any
    /// order.
    #[track_caller]
    pub fn until(&mut self, text: &str) {
        let mut seen = String::new();
        let (mut found, mut ended) = (false, false);
        while !found || !ended {
            let line = self.lines.recv_timeout(Duration::from_secs(60));
            let line = line.unwrap_or_else(|_| panic!("no {text:?} in:\n{seen}"));
            found |= line.contains(text);
            ended |= line.contains("Watching for changes");
            seen.push_str(&line);
            seen.push('\n');
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_lines(stream: impl Read + Send + 'static, to: Sender<String>) {
    std::thread::spawn(move || {
        let lines = BufReader::new(stream).lines();
        for line in lines.map_while(Result::ok) {
            if to.send(line).is_err() {
                return;
            }
        }
    });
}
