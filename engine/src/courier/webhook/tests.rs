//! Webhooks against a real server on this machine, which speaks just enough HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread::{self, JoinHandle};

use serde_json::{Value, json};

use super::super::sample;
use super::*;
use crate::lifecycle::model::Channel;

/// A clock that goes on by a second whenever it is read.
struct TickingClock(AtomicI64);

impl Clock for TickingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.0.fetch_add(1_000, Ordering::Relaxed))
    }
}

#[derive(Debug)]
struct Seen {
    head: Vec<String>,
    body: Vec<u8>,
}

impl Seen {
    fn header(&self, name: &str) -> &str {
        let mut lines = self.head.iter().filter_map(|line| line.split_once(": "));
        lines
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .unwrap()
            .1
    }
}

/// A server that answers one request after another with these statuses.
fn serve(answers: &'static [&'static str]) -> (String, JoinHandle<Vec<Seen>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}/messages", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let answer = |answer: &&str| {
            let (stream, _) = listener.accept().unwrap();
            converse(&stream, answer)
        };
        answers.iter().map(answer).collect()
    });
    (url, server)
}

fn converse(mut stream: &TcpStream, answer: &str) -> Seen {
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim_end() {
            "" => break,
            line => head.push(line.to_owned()),
        }
    }
    let mut seen = Seen {
        head,
        body: Vec::new(),
    };
    let length = seen.header("Content-Length").parse().unwrap();
    seen.body.resize(length, 0);
    reader.read_exact(&mut seen.body).unwrap();
    let answer = format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).unwrap();
    seen
}

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn courier(url: &str) -> WebhookCourier {
    let config = WebhookConfig {
        timeout: Duration::from_secs(5),
        wait_first: Duration::from_millis(1),
        wait_max: Duration::from_millis(2),
        ..WebhookConfig::new(url, SECRET)
    };
    let clock = TickingClock(AtomicI64::new(1_793_491_200_000));
    WebhookCourier::new(config, Arc::new(clock)).unwrap()
}

#[test]
fn a_message_is_posted_signed_and_tried_again_under_the_same_id() {
    let (url, server) = serve(&["503 Service Unavailable", "202 Accepted"]);
    courier(&url)
        .deliver(&sample("msg_0123456789abcdef", Channel::Sms))
        .unwrap();
    let seen = server.join().unwrap();
    assert_eq!(seen.len(), 2);
    for (request, timestamp) in seen.iter().zip(["1793491200", "1793491201"]) {
        assert_eq!(request.head[0], "POST /messages HTTP/1.1");
        assert_eq!(request.header("Idempotency-Key"), "msg_0123456789abcdef");
        assert_eq!(request.header("Content-Type"), "application/json");
        assert_eq!(request.header("Stateward-Timestamp"), timestamp);
        // As a receiver would check it.
        let signed = [timestamp.as_bytes(), b".", request.body.as_slice()].concat();
        let expected = keyed::mac(SECRET.as_bytes(), &[&signed]);
        let signature = format!("v1={}", hex::encode(&expected));
        assert_eq!(request.header("Stateward-Signature"), signature);
    }
    assert_eq!(seen[0].body, seen[1].body);
    assert_eq!(
        serde_json::from_slice::<Value>(&seen[0].body).unwrap(),
        json!({
            "id": "msg_0123456789abcdef", "account": "1001", "to": "+6591234567", "by": "sms",
            "message": "phone_code", "text": "Your code is 424242.",
        })
    );
}

#[test]
fn the_environment_names_no_proxy() {
    let courier = courier("http://127.0.0.1/");
    assert!(courier.agent.config().proxy().is_none());
}

/// Computed apart; receivers are written against it.
#[test]
fn the_signature_is_frozen() {
    let signature = webhook_signature(&SECRET.into(), Timestamp::from_ms(1_793_491_200_999), b"{}");
    assert_eq!(
        signature,
        "870ed3afc42a95c635f321002b20f77fe170a7d844b971b2dc05a20dabf5f440"
    );
}

#[test]
fn tries_are_bounded() {
    let (url, server) = serve(&["500 Oops", "429 Too Many Requests", "502 Bad Gateway"]);
    let error = courier(&url)
        .deliver(&sample("msg_1", Channel::Sms))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the webhook courier cannot deliver now: the receiver answered 502"
    );
    assert_eq!(server.join().unwrap().len(), 3);
}

#[test]
fn other_refusals_and_redirects_are_final() {
    for answer in [
        &["400 Bad Request"],
        &["404 Not Found"],
        &["307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/"],
    ] {
        let (url, server) = serve(answer);
        let error = courier(&url)
            .deliver(&sample("msg_1", Channel::Sms))
            .unwrap_err();
        assert!(error.is_permanent(), "{answer:?}: {error}");
        assert!(!format!("{error:?} {error}").contains("424242"));
        assert_eq!(server.join().unwrap().len(), 1);
    }
}

#[test]
fn a_receiver_that_is_not_there_is_tried_again_later() {
    let address = TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap();
    let error = courier(&format!("http://{address}/"))
        .deliver(&sample("msg_1", Channel::Sms))
        .unwrap_err();
    assert!(matches!(error, CourierError::Temporary { .. }), "{error}");
}

#[test]
fn a_receiver_that_does_not_answer_is_given_up() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let config = WebhookConfig {
        timeout: Duration::from_millis(50),
        tries: 1,
        ..WebhookConfig::new(url, SECRET)
    };
    let clock = Arc::new(TickingClock(AtomicI64::new(0)));
    let courier = WebhookCourier::new(config, clock).unwrap();
    let error = courier.deliver(&sample("msg_1", Channel::Sms)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the webhook courier cannot deliver now: the receiver did not answer in time"
    );
}

#[test]
fn configurations_that_cannot_work_are_refused() {
    let refused = |url: &str, secret: &str| {
        let clock = Arc::new(TickingClock(AtomicI64::new(0)));
        WebhookCourier::new(WebhookConfig::new(url, secret), clock).err()
    };
    assert_eq!(refused("https://example.com/hook", SECRET), None);
    assert_eq!(refused("http://127.0.0.1:8080/", SECRET), None);
    assert_eq!(refused("http://[::1]:8080/", SECRET), None);
    for url in [
        "",
        "/hook",
        "ftp://example.com/",
        "not a url",
        "https://a:b@c.example/",
    ] {
        assert_eq!(refused(url, SECRET), Some(WebhookConfigError::Url), "{url}");
    }
    assert_eq!(
        refused("http://example.com/", SECRET),
        Some(WebhookConfigError::Clear)
    );
    assert_eq!(
        refused("https://example.com/", "short"),
        Some(WebhookConfigError::Secret)
    );
}
