//! Mail against a real server on this machine, which speaks just enough SMTP.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use super::super::sample;
use super::*;

struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        "2026-11-22T08:30:00Z".parse().unwrap()
    }
}

/// What the server saw: commands as they came, and mails without their final dot.
#[derive(Debug, Default, Clone)]
struct Seen {
    commands: Vec<String>,
    mails: Vec<String>,
}

/// A server for so many connections that answers `RCPT` with a line of the test's choice.
fn serve(connections: usize, answer_to_rcpt: &'static str) -> (u16, JoinHandle<Seen>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        let seen = Mutex::new(Seen::default());
        for _ in 0..connections {
            let (stream, _) = listener.accept().unwrap();
            converse(stream, answer_to_rcpt, &mut seen.lock().unwrap());
        }
        seen.into_inner().unwrap()
    });
    (port, server)
}

fn converse(stream: TcpStream, answer_to_rcpt: &str, seen: &mut Seen) {
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let say = |line: &str| (&stream).write_all(format!("{line}\r\n").as_bytes());
    say("220 test").unwrap();
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|length| length > 0) {
        let command = line.trim_end().to_owned();
        line.clear();
        let answer = match command.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => "250-test\r\n250 8BITMIME",
            "MAIL" => "250 sender",
            "RCPT" => answer_to_rcpt,
            "DATA" => {
                say("354 go on").unwrap();
                seen.mails.push(read_mail(&mut reader));
                "250 taken"
            }
            "QUIT" => "221 bye",
            _ => "502 what",
        };
        seen.commands.push(command);
        // A client that has had enough hangs up without listening.
        if say(answer).is_err() {
            return;
        }
    }
}

fn read_mail(reader: &mut impl BufRead) -> String {
    let mut mail = String::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line == ".\r\n" {
            return mail;
        }
        mail.push_str(&line);
    }
}

fn config(port: u16) -> SmtpConfig {
    SmtpConfig {
        port,
        tls: SmtpTls::None,
        timeout: Duration::from_secs(5),
        ..SmtpConfig::new("127.0.0.1", "Stateward <codes@accounts.example>")
    }
}

fn courier(config: SmtpConfig) -> SmtpCourier {
    SmtpCourier::new(config, Arc::new(FixedClock)).unwrap()
}

#[test]
fn a_mail_is_sent_and_a_repeat_is_recognisable() {
    let (port, server) = serve(2, "250 recipient");
    let courier = courier(config(port));
    for _ in 0..2 {
        courier
            .deliver(&sample("msg_0123456789abcdef", Channel::Email))
            .unwrap();
    }
    let seen = server.join().unwrap();
    assert_eq!(seen.mails.len(), 2);
    assert_eq!(seen.mails[0], seen.mails[1]);
    for header in [
        "From: Stateward <codes@accounts.example>",
        "To: ops@example.com",
        "Subject: About your account",
        "Date: Sun, 22 Nov 2026 08:30:00 +0000",
        "Message-ID: <msg_0123456789abcdef@accounts.example>",
        "X-Stateward-Message-Id: msg_0123456789abcdef",
    ] {
        assert!(
            seen.mails[0].contains(&format!("{header}\r\n")),
            "{header} in {}",
            seen.mails[0]
        );
    }
    assert!(
        seen.mails[0].ends_with("\r\n\r\nYour code is 424242.\r\n"),
        "{}",
        seen.mails[0]
    );
    assert_eq!(seen.commands[0], "EHLO accounts.example");
    assert!(
        seen.commands
            .contains(&"RCPT TO:<ops@example.com>".to_owned())
    );
}

#[test]
fn a_text_message_needs_a_gateway() {
    let text = sample("msg_1", Channel::Sms);
    let error = courier(config(1)).deliver(&text).unwrap_err();
    assert!(error.is_permanent(), "{error}");

    let (port, server) = serve(1, "250 recipient");
    let gateway = Some("sms.example.net".to_owned());
    courier(SmtpConfig {
        sms_gateway: gateway,
        ..config(port)
    })
    .deliver(&text)
    .unwrap();
    let seen = server.join().unwrap();
    assert!(
        seen.commands
            .contains(&"RCPT TO:<6591234567@sms.example.net>".to_owned())
    );
}

#[test]
fn refusals_are_told_apart_and_never_quoted() {
    for (answer, permanent) in [
        (
            "550 5.1.1 no <ops@example.com> for: Your code is 424242.",
            true,
        ),
        (
            "451 4.3.0 later, <ops@example.com>: Your code is 424242.",
            false,
        ),
        ("535 5.7.8 sign in first", false),
    ] {
        let (port, server) = serve(1, answer);
        let error = courier(config(port))
            .deliver(&sample("msg_1", Channel::Email))
            .unwrap_err();
        assert_eq!(error.is_permanent(), permanent, "{answer}: {error}");
        let (words, debug) = (error.to_string(), format!("{error:?}"));
        assert!(words.contains(&answer[..3]), "{words}");
        for said in [words, debug] {
            assert!(!said.contains("424242") && !said.contains("ops@"), "{said}");
        }
        assert!(server.join().unwrap().mails.is_empty());
    }
}

#[test]
fn a_server_that_is_not_there_is_tried_again() {
    let port = TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let error = courier(config(port))
        .deliver(&sample("msg_1", Channel::Email))
        .unwrap_err();
    assert!(matches!(error, CourierError::Temporary { .. }), "{error}");
}

#[test]
fn an_address_cannot_add_recipients_or_headers() {
    let mut hostile = sample("msg_1", Channel::Email);
    for to in [
        "a@b.example\r\nBcc: c@d.example",
        "a@b.example, c@d.example",
        "no mailbox",
        "",
    ] {
        hostile.to = to.to_owned();
        let error = courier(config(1)).deliver(&hostile).unwrap_err();
        assert!(error.is_permanent(), "{to}: {error}");
    }
}

#[test]
fn configurations_that_cannot_work_are_refused() {
    let refused = |config| SmtpCourier::new(config, Arc::new(FixedClock)).unwrap_err();
    let clear = SmtpConfig {
        tls: SmtpTls::None,
        ..SmtpConfig::new("mail.example", "a@b.example")
    };
    assert_eq!(
        refused(clear),
        SmtpConfigError::Clear {
            host: "mail.example".to_owned()
        }
    );
    assert!(matches!(
        refused(SmtpConfig::new("mail.example", "nobody")),
        SmtpConfigError::From { .. }
    ));
    let gateway = Some("not a domain".to_owned());
    assert!(matches!(
        refused(SmtpConfig {
            sms_gateway: gateway,
            ..SmtpConfig::new("mail.example", "a@b.example")
        }),
        SmtpConfigError::Gateway { .. }
    ));
    for tls in [SmtpTls::Tls, SmtpTls::StartTls] {
        let config = SmtpConfig {
            tls,
            ..SmtpConfig::new("mail.example", "a@b.example")
        };
        assert!(SmtpCourier::new(config, Arc::new(FixedClock)).is_ok());
    }
}

/// A server that offers no encryption gets no mail, even if it asks for it in clear.
#[test]
fn starttls_is_not_optional() {
    let (port, server) = serve(1, "250 recipient");
    let config = SmtpConfig {
        tls: SmtpTls::StartTls,
        ..config(port)
    };
    let error = courier(config)
        .deliver(&sample("msg_1", Channel::Email))
        .unwrap_err();
    assert!(!error.is_permanent(), "{error}");
    let seen = server.join().unwrap();
    assert!(seen.mails.is_empty() && !seen.commands.iter().any(|c| c.starts_with("MAIL")));
}
