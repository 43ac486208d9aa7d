//! A broker that fails on purpose, on a real socket: in the end each message has arrived, in order, and what came twice came with the same key.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use super::*;
use crate::clock::SystemClock;

/// How the broker behaves at one request.
#[derive(Debug, Clone, Copy)]
enum Mood {
    /// Takes it.
    Takes,
    /// Hangs up before it reads.
    HangsUp,
    /// Reads and never answers, until the client gives up.
    Hangs,
    /// Answers so, and does not take it.
    Says(u16),
    /// Takes it, and drops the answer.
    DropsTheAnswer,
}

/// What arrived: the key and the body.
type Arrival = (String, String);

struct Broker {
    url: String,
    arrived: Arc<Mutex<Vec<Arrival>>>,
    /// Told once for each request that is over.
    served: mpsc::Receiver<()>,
}

impl Broker {
    /// Goes through its moods, and takes everything afterwards.
    fn start(moods: &[Mood]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/ngsi-ld/v1/entityOperations/upsert", listener.local_addr().unwrap());
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let (tell, served) = mpsc::channel();
        let (kept, mut moods) = (Arc::clone(&arrived), VecDeque::from(moods.to_vec()));
        thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.unwrap(), moods.pop_front().unwrap_or(Mood::Takes), &kept);
                if tell.send(()).is_err() {
                    return;
                }
            }
        });
        Self { url, arrived, served }
    }

    fn arrived(&self) -> Vec<Arrival> {
        self.arrived.lock().unwrap().clone()
    }

    fn target(&self) -> Target {
        Target { url: self.url.clone(), ca: None, token: None, tenant: None, media_type: "application/ld+json", timeout: Duration::from_millis(400) }
    }
}

fn serve(stream: TcpStream, mood: Mood, arrived: &Mutex<Vec<Arrival>>) {
    if matches!(mood, Mood::HangsUp) {
        return;
    }
    let mut reader = BufReader::new(stream);
    let (mut key, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() == 0 {
            return;
        }
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("idempotency-key: ") {
            key = value.to_owned();
        }
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let take = || arrived.lock().unwrap().push((key.clone(), String::from_utf8(body.clone()).unwrap()));
    let answer = |status: u16| {
        let text = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        reader.get_ref().write_all(text.as_bytes()).unwrap();
    };
    match mood {
        Mood::Takes => {
            take();
            answer(204);
        }
        Mood::Says(status) => answer(status),
        Mood::DropsTheAnswer => take(),
        // The client hangs up when it has waited long enough.
        Mood::Hangs => drop(reader.get_ref().read_to_end(&mut Vec::new())),
        Mood::HangsUp => {}
    }
}

/// A wait that no test notices.
const SOON: Backoff = Backoff { first: Duration::from_millis(1), most: Duration::from_millis(2) };

/// A wait that no test sees the end of.
const NEVER: Backoff = Backoff { first: Duration::from_secs(86_400), most: Duration::from_secs(86_400) };

fn open(dir: &tempfile::TempDir, target: &Target, backoff: Backoff) -> Outbox {
    Outbox::open(&dir.path().join("outbox"), target, backoff, Arc::new(SystemClock)).unwrap()
}

/// Waits until so many requests were served; a broker that gets none in ten seconds has lost something.
fn wait(broker: &Broker, requests: usize) {
    for _ in 0..requests {
        broker.served.recv_timeout(Duration::from_secs(10)).unwrap();
    }
}

/// Waits until nothing waits any more.
fn until_sent(outbox: &Outbox) -> OutboxView {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        let view = outbox.view();
        if view.waiting == 0 && view.failures == 0 {
            return view;
        }
        assert!(Instant::now() < end, "{view:?}");
        thread::yield_now();
    }
}

/// The bodies in the order in which they came first; each has one key, and each key one body.
fn firsts(arrived: &[Arrival]) -> Vec<String> {
    let mut keys: BTreeMap<&str, &str> = BTreeMap::new();
    let mut firsts = Vec::new();
    for (key, body) in arrived {
        assert_eq!(key.len(), 34, "{key}");
        if keys.insert(key, body).is_none_or(|before| {
            assert_eq!(before, body);
            false
        }) {
            firsts.push(body.clone());
        }
    }
    firsts
}

#[test]
fn every_message_arrives_in_order_whatever_the_broker_does() {
    use Mood::{DropsTheAnswer, Hangs, HangsUp, Says, Takes};
    let broker =
        Broker::start(&[HangsUp, Says(500), Hangs, DropsTheAnswer, Takes, Says(429), DropsTheAnswer, DropsTheAnswer, Says(401), Says(404), Takes, Says(503)]);
    let dir = tempfile::tempdir().unwrap();
    let outbox = open(&dir, &broker.target(), SOON);
    let bodies: Vec<String> = (0..20).map(|number| format!("[{{\"n\":{number}}}]")).collect();
    for body in &bodies {
        outbox.put(None, body.as_bytes()).unwrap();
    }
    let view = until_sent(&outbox);
    assert_eq!((view.since, view.error, view.refused), (None, None, 0));
    let arrived = broker.arrived();
    assert_eq!(firsts(&arrived), bodies);
    // Three answers were dropped, so three came once more.
    assert_eq!(arrived.len(), bodies.len() + 3);
}

#[test]
fn what_waits_survives_the_end_of_the_process_and_keeps_its_key() {
    let broker = Broker::start(&[Mood::DropsTheAnswer]);
    let dir = tempfile::tempdir().unwrap();
    let outbox = open(&dir, &broker.target(), NEVER);
    let key = outbox.put(None, b"[1]").unwrap();
    outbox.put(None, b"[2]").unwrap();
    wait(&broker, 1);
    // A copy of the disk as it is at this moment is what a killed process leaves behind, with a message that was being written.
    let copy = tempfile::tempdir().unwrap();
    std::fs::create_dir(copy.path().join("outbox")).unwrap();
    for entry in std::fs::read_dir(dir.path().join("outbox")).unwrap().map(Result::unwrap) {
        std::fs::copy(entry.path(), copy.path().join("outbox").join(entry.file_name())).unwrap();
    }
    std::fs::write(copy.path().join("outbox/00000000000000000002.new"), b"{\"key\":").unwrap();
    let again = open(&copy, &broker.target(), SOON);
    until_sent(&again);
    let arrived = broker.arrived();
    assert_eq!(firsts(&arrived), ["[1]", "[2]"]);
    assert_eq!(arrived.iter().filter(|(of, _)| *of == format!("\"{key}\"")).count(), 2);
}

#[test]
fn a_failure_is_seen_with_how_much_waits_and_why() {
    let broker = Broker::start(&[Mood::Says(500)]);
    let dir = tempfile::tempdir().unwrap();
    let outbox = open(&dir, &broker.target(), NEVER);
    assert_eq!(outbox.condition(), Condition::default());
    outbox.put(None, b"[1]").unwrap();
    let end = Instant::now() + Duration::from_secs(10);
    while outbox.view().failures == 0 && Instant::now() < end {
        thread::yield_now();
    }
    let view = outbox.view();
    assert_eq!((view.waiting, view.failures, view.refused), (1, 1, 0));
    assert!(view.since.is_some() && view.error.unwrap().what.starts_with("status 500"));
    assert_eq!(outbox.condition().warnings, [Ailment::PlatformSilent { waiting: 1, failures: 1 }]);
}

#[test]
fn a_message_that_is_refused_as_such_is_kept_and_holds_up_nothing() {
    let broker = Broker::start(&[Mood::Says(400), Mood::Says(207)]);
    let dir = tempfile::tempdir().unwrap();
    let outbox = open(&dir, &broker.target(), SOON);
    for body in ["[1]", "[2]", "[3]"] {
        outbox.put(None, body.as_bytes()).unwrap();
    }
    assert_eq!(until_sent(&outbox).refused, 2);
    assert_eq!(firsts(&broker.arrived()), ["[3]"]);
    let kept = std::fs::read_to_string(dir.path().join("outbox/refused/00000000000000000000")).unwrap();
    assert!(kept.ends_with("\n[1]"));
    // A number is not given a second time while its file lies there.
    drop(outbox);
    let again = open(&dir, &broker.target(), SOON);
    again.put(None, b"[4]").unwrap();
    assert_eq!(until_sent(&again).refused, 2);
}

#[test]
fn a_newer_message_about_a_subject_takes_the_place_of_the_one_that_waits() {
    let broker = Broker::start(&[Mood::Says(500)]);
    let dir = tempfile::tempdir().unwrap();
    let outbox = open(&dir, &broker.target(), NEVER);
    outbox.put(None, b"[0]").unwrap();
    wait(&broker, 1);
    for number in 1..=50 {
        outbox.put(Some("gym"), format!("[{number}]").as_bytes()).unwrap();
        outbox.put(Some("school"), format!("[{}]", number + 100).as_bytes()).unwrap();
    }
    assert_eq!(outbox.view().waiting, 3);
    drop(outbox);
    let again = open(&dir, &broker.target(), SOON);
    until_sent(&again);
    assert_eq!(firsts(&broker.arrived()), ["[0]", "[50]", "[150]"]);
}

#[test]
fn a_file_that_is_no_message_is_set_aside_at_the_start() {
    let broker = Broker::start(&[]);
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("outbox")).unwrap();
    std::fs::write(dir.path().join("outbox/00000000000000000007"), b"spoilt").unwrap();
    let outbox = open(&dir, &broker.target(), SOON);
    outbox.put(None, b"[1]").unwrap();
    assert_eq!(until_sent(&outbox).refused, 1);
    assert_eq!(firsts(&broker.arrived()), ["[1]"]);
}

#[test]
fn a_token_and_a_tenant_go_along_and_a_missing_token_is_a_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let token: PathBuf = dir.path().join("token");
    let target = Target {
        url: format!("http://{}/x", listener.local_addr().unwrap()),
        ca: None,
        token: Some(token.clone()),
        tenant: Some("yabu".to_owned()),
        media_type: "application/ld+json",
        timeout: Duration::from_secs(10),
    };
    let message = Message { seq: 0, key: Key::random(&mut OsRng), body: b"[]".to_vec() };
    let sender = Sender::new(&target).unwrap();
    assert!(matches!(sender.send(&message), Fate::Failed(what) if what.contains("token")));
    std::fs::write(&token, "s3cret\n").unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut seen = Vec::new();
        while !seen.ends_with(b"\r\n\r\n[]") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            seen.push(byte[0]);
        }
        stream.write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n").unwrap();
        String::from_utf8(seen).unwrap().to_ascii_lowercase()
    });
    assert_eq!(sender.send(&message), Fate::Arrived);
    let seen = server.join().unwrap();
    for header in ["authorization: bearer s3cret\r\n", "ngsild-tenant: yabu\r\n", "content-type: application/ld+json\r\n"] {
        assert!(seen.contains(header), "{seen}");
    }
}

#[test]
fn what_a_broker_says_of_a_query_that_names_a_person_is_not_repeated() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/ngsi-ld/v1", listener.local_addr().unwrap());
    let broker = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream);
        let mut first = String::new();
        reader.read_line(&mut first).unwrap();
        let mut line = String::new();
        while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
            line.clear();
        }
        let answer = format!("HTTP/1.1 400 X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{first}", first.len());
        reader.get_ref().write_all(answer.as_bytes()).unwrap();
        first
    });
    let told = fetch::Fetcher::new(&url, None, None, None, None).unwrap().each("StepCount", "refCitizen%3D%3D%22abc%22", 1, |_| Ok(()));
    assert!(broker.join().unwrap().contains("abc"));
    assert_eq!(told.unwrap_err(), "status 400");
}
