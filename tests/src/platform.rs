//! A city's data platform on a real socket, which fails on purpose.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use serde_json::Value;

/// How the platform behaves at one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Answers with an error.
    Says(u16),
    /// Hangs up before it reads.
    HangsUp,
    /// Answers with something else.
    Babbles,
    /// Answers with a page for people, as proxies do.
    ShowsAPage,
    /// Breaks off in the middle of the answer.
    BreaksOff,
    /// Answers with five million bytes.
    Floods,
}

#[derive(Default)]
struct Held {
    moods: VecDeque<Mood>,
    always: Option<Mood>,
    entities: Vec<Value>,
    asked: Vec<String>,
}

/// The platform. It goes through its moods, and tells what it has afterwards, whatever it is asked for.
#[derive(Clone)]
pub struct Platform {
    url: String,
    held: Arc<Mutex<Held>>,
}

impl Platform {
    /// Begins to answer, on a thread that lasts as long as the process.
    ///
    /// # Errors
    /// The system's.
    pub fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let platform = Self { url: format!("http://{}/ngsi-ld/v1", listener.local_addr()?), held: Arc::default() };
        let own = platform.clone();
        thread::spawn(move || listener.incoming().flatten().for_each(|stream| own.serve(&stream)));
        Ok(platform)
    }

    /// The section `[broker]` for an appliance that asks for warnings every so many seconds.
    #[must_use]
    pub fn section(&self, warnings_seconds: i64) -> toml::Table {
        [("url".to_owned(), toml::Value::from(self.url.clone())), ("warnings_seconds".to_owned(), warnings_seconds.into())].into_iter().collect()
    }

    /// What it tells from now on.
    pub fn tells(&self, entities: Vec<Value>) {
        self.held().entities = entities;
    }

    /// How it behaves at the next requests.
    pub fn goes_through(&self, moods: &[Mood]) {
        self.held().moods = moods.iter().copied().collect();
    }

    /// How it behaves at every request from now on.
    pub fn stays(&self, mood: Option<Mood>) {
        self.held().always = mood;
    }

    /// The first lines of the requests so far.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.held().asked.clone()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whoever asks may go away in the middle of it.
    fn serve(&self, mut stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        let mut first = String::new();
        let _ = reader.read_line(&mut first);
        let mut line = String::new();
        while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
            line.clear();
        }
        let (mood, body) = {
            let mut held = self.held();
            held.asked.push(first);
            let mood = held.moods.pop_front().or(held.always);
            (mood, Value::from(held.entities.clone()).to_string())
        };
        let answer = |status: u16, kind: &str, length: usize, body: &str| {
            format!("HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
        };
        let page = "<html><body>Bad Gateway</body></html>";
        let answer = match mood {
            Some(Mood::HangsUp) => return,
            Some(Mood::Says(status)) => answer(status, "text/plain", 0, ""),
            Some(Mood::Babbles) => answer(200, "text/plain", 5, "hello"),
            Some(Mood::ShowsAPage) => answer(200, "text/html", page.len(), page),
            Some(Mood::BreaksOff) => answer(200, "application/ld+json", body.len(), "["),
            Some(Mood::Floods) => answer(200, "application/ld+json", 5_000_000, &" ".repeat(5_000_000)),
            None => answer(200, "application/ld+json", body.len(), &body),
        };
        let _ = stream.write_all(answer.as_bytes());
    }
}
