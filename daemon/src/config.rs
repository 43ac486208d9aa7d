//! `tachiaid.toml`: read strictly, and every problem in it is named at once by its path.
//!
//! `tests/data/tachiaid.toml` is the commented example. Relative paths are relative to the file's own folder.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use tachiai_schemas::election::CrlRequirement;
use tachiai_schemas::system::in_words;
use tachiai_schemas::{Lang, Say};

use crate::cards::{CardPolicy, CardVerifier, Trust, Trusted};
use crate::http::limits::Rate;
use crate::vault::MasterKey;

mod reader;

use reader::Section;

/// Everything that can be configured.
#[derive(Debug, Clone)]
pub struct Config {
    /// The names under which clients reach the appliance; the first is the origin in card statements and checkpoints.
    pub hosts: Vec<String>,
    /// `DIR`: vault, journals, views.
    pub data: PathBuf,
    /// Where public journals are laid out as files; another disk in production.
    pub mirror: PathBuf,
    /// The master key's file.
    pub master_key: PathBuf,
    /// Sockets.
    pub listen: Listen,
    /// Server certificate of another authority, if not the appliance's own.
    pub tls: Option<TlsFiles>,
    /// Cards.
    pub cards: Trust,
    /// The city's data platform, if it is told of shelters and asked.
    pub broker: Option<Broker>,
    /// Limits.
    pub limits: Limits,
    /// The disk.
    pub disk: Disk,
    /// The log.
    pub log: Log,
}

/// Where the ports are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listen {
    /// For everybody; 8443 by custom.
    pub public: SocketAddr,
    /// For staff, with mutual TLS; 9443 by custom.
    pub staff: SocketAddr,
    /// For logging in from a browser with the card; 8444 by custom, and closed by default.
    pub card: Option<SocketAddr>,
}

/// A server certificate that was issued elsewhere, shown on the public port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain in PEM, the leaf first.
    pub certificate: PathBuf,
    /// The leaf's key in PEM.
    pub key: PathBuf,
}

/// The broker of the city's data platform (NGSI-LD).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broker {
    /// The base of its interface, such as `https://platform.example.jp/ngsi-ld/v1`.
    pub url: String,
    /// The authorities that are trusted for it in PEM; those of the machine if none.
    pub ca: Option<PathBuf>,
    /// A file with a bearer token.
    pub token: Option<PathBuf>,
    /// The tenant.
    pub tenant: Option<String>,
    /// The context by which the platform means the names of what it is asked for; the core context if none.
    pub context: Option<String>,
    /// Every how many seconds it is asked for warnings and hazards; 0 for never.
    pub warnings_seconds: u32,
}

/// How much is taken at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests of one client network on the public port.
    pub network: Rate,
    /// Requests of the machine itself on the public port.
    pub local: Rate,
    /// Requests in one session.
    pub session: Rate,
    /// Sessions at once.
    pub sessions: usize,
    /// Nonces that may be spent within five minutes.
    pub nonces: usize,
    /// Commands that may wait for one journal.
    pub queue: usize,
    /// Proofs that may wait to be verified.
    pub proofs: usize,
    /// Connections at once on each port.
    pub connections: usize,
}

/// What is kept free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    /// Above so many percent in use nothing is written any more.
    pub limit_percent: u8,
    /// A file of so many megabytes (1,000,000 bytes) keeps room for an emergency; 0 for none.
    pub ballast_mb: u64,
}

/// The log on standard error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Which messages, in the notation of `tracing`, such as `info` or `tachiaid=debug,info`.
    pub filter: String,
    /// How they are written.
    pub format: LogFormat,
}

/// How a message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// One problem in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {en}")]
pub struct Problem {
    /// The path of the key, such as `listen.public`; empty for the file as a whole.
    pub path: String,
    /// What is wrong and what belongs there, in Japanese.
    pub ja: String,
    /// What is wrong and what belongs there, in English.
    pub en: String,
}

impl Say for Problem {
    fn say(&self, lang: Lang) -> String {
        let text = lang.pick(&self.ja, &self.en);
        if self.path.is_empty() { text.to_owned() } else { format!("{}: {text}", self.path) }
    }
}

impl Config {
    /// Reads the file.
    ///
    /// # Errors
    /// Every problem in it.
    pub fn read(path: &Path) -> Result<Self, Vec<Problem>> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let [ja, en] = in_words(&error);
            vec![Problem {
                path: String::new(), ja: format!("{} を読めません: {ja}", path.display()), en: format!("cannot read {}: {en}", path.display())
            }]
        })?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Self::parse(&text, folder)
    }

    /// Reads the text of a file that lies in `folder`. Looks at no other file.
    ///
    /// # Errors
    /// Every problem in it.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, Vec<Problem>> {
        let table = text.parse::<toml::Table>().map_err(|error| {
            let what = error.to_string();
            vec![Problem { path: String::new(), ja: format!("TOML として読めません: {what}"), en: format!("this is not TOML: {what}") }]
        })?;
        let mut problems = Vec::new();
        let mut file = Section::new("", table, &mut problems);

        let hosts: Vec<String> =
            file.need("hosts", "ホスト名の配列、例 [\"vote.example.jp\"]", "an array of host names, such as [\"vote.example.jp\"]").unwrap_or_default();
        let data: PathBuf = file.or("data", PathBuf::from("."));
        let mirror: PathBuf = file.or("mirror", data.join("mirror"));
        let master_key: PathBuf = file.need("master_key", "マスターキーのファイル", "the file of the master key").unwrap_or_default();

        let mut section = file.section("listen");
        let listen = Listen {
            public: section.or("public", SocketAddr::from(([0, 0, 0, 0], 8443))),
            staff: section.or("staff", SocketAddr::from(([0, 0, 0, 0], 9443))),
            card: section.take("card"),
        };
        section.finish();
        if listen.public == listen.staff && listen.public.port() != 0 {
            file.problem("listen.staff", "公開用と同じアドレスです", "the same address as the public port's");
        }
        if listen.card.is_some_and(|card| card.port() != 0 && [listen.public, listen.staff].contains(&card)) {
            file.problem("listen.card", "ほかのポートと同じアドレスです", "the same address as another port's");
        }

        let mut section = file.section("tls");
        let tls = match (section.take::<PathBuf>("certificate"), section.take::<PathBuf>("key")) {
            (Some(certificate), Some(key)) => Some(TlsFiles { certificate: folder.join(certificate), key: folder.join(key) }),
            (None, None) => None,
            (Some(_), None) => {
                section.problem("key", "certificate には key が必要です", "certificate needs a key");
                None
            }
            (None, Some(_)) => {
                section.problem("certificate", "key には certificate が必要です", "key needs a certificate");
                None
            }
        };
        section.finish();

        let mut section = file.section("cards");
        let cards = Trust {
            anchors: paths(folder, section.or("anchors", Vec::new())),
            text_anchors: paths(folder, section.or("text_anchors", Vec::new())),
            crls: paths(folder, section.or("crls", Vec::new())),
            crl: section.or("crl", CrlRequirement::Required),
            policy: section.or("policy", CardPolicy::Production),
        };
        section.finish();

        let mut section = file.section("broker");
        let broker = broker(folder, &mut section);
        section.finish();

        let mut section = file.section("limits");
        let limits = Limits {
            network: rate(&mut section, "network", 50, 200),
            local: rate(&mut section, "local", 50_000, 100_000),
            session: rate(&mut section, "session", 10, 40),
            sessions: section.number("sessions", 100_000, 1..=10_000_000),
            nonces: section.number("nonces", 1_000_000, 1..=100_000_000),
            queue: section.number("queue", 4_096, 1..=1_000_000),
            proofs: section.number("proofs", 2_048, 1..=1_000_000),
            connections: section.number("connections", 4_096, 1..=1_000_000),
        };
        section.finish();

        let mut section = file.section("disk");
        let disk = Disk { limit_percent: section.number("limit_percent", 80, 1..=99), ballast_mb: section.number("ballast_mb", 64, 0..=1_000_000) };
        section.finish();

        let mut section = file.section("log");
        let log = Log { filter: section.or("filter", "info".to_owned()), format: section.or("format", LogFormat::Text) };
        if let Err(error) = log.filter.parse::<tracing_subscriber::EnvFilter>() {
            section.problem("filter", &format!("フィルターではありません: {error}"), &format!("not a filter: {error}"));
        }
        section.finish();

        check_hosts(&hosts, &mut file);
        file.finish();
        if !problems.is_empty() {
            return Err(problems);
        }
        // Collecting the components takes the "." out of "DIR/.", which would look odd in messages.
        let place = |path: PathBuf| folder.join(path).components().collect::<PathBuf>();
        Ok(Self { hosts, data: place(data), mirror: place(mirror), master_key: place(master_key), listen, tls, cards, broker, limits, disk, log })
    }

    /// The name in card statements, and the first part of each board's origin.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.hosts.first().map_or("", String::as_str)
    }

    /// What only the files themselves can tell: whether each can be read and holds what it should.
    #[must_use]
    pub fn check_files(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut add = |path: &str, ja: String, en: String| problems.push(Problem { path: path.to_owned(), ja, en });
        if !self.data.join("vault").is_dir() {
            let dir = self.data.display();
            add(
                "data",
                format!("{dir} に vault がありません。tachiaid init で作成してください"),
                format!("there is no vault in {dir}; make it with tachiaid init"),
            );
        }
        if let Err(error) = MasterKey::read(&self.master_key) {
            add("master_key", format!("マスターキーを使えません: {error}"), error.to_string());
        }
        match CardVerifier::load(&self.cards) {
            Err(error) => add("cards", format!("カード検証の設定を使えません: {error}"), error.to_string()),
            Ok(verifier) => {
                let Trusted { anchors, text_anchors: _, crls } = verifier.trusted();
                if anchors == 0 {
                    let (ja, en) = ("認証局の証明書がないため、どのカードも使えません", "no certification authority is trusted, so no card will be accepted");
                    add("cards.anchors", ja.to_owned(), en.to_owned());
                }
                if crls == 0 && self.cards.crl == CrlRequirement::Required {
                    let (ja, en) = ("失効リストがないため、どのカードも使えません", "there is no revocation list, so no card will be accepted");
                    add("cards.crls", ja.to_owned(), en.to_owned());
                }
            }
        }
        let tls = self.tls.iter().flat_map(|tls| [("tls.certificate", &tls.certificate), ("tls.key", &tls.key)]);
        let broker = self.broker.iter().flat_map(|broker| [("broker.ca", &broker.ca), ("broker.token", &broker.token)]);
        for (key, path) in tls.chain(broker.filter_map(|(key, path)| path.as_ref().map(|path| (key, path)))) {
            if let Err(error) = std::fs::File::open(path) {
                let [ja, en] = in_words(&error);
                add(key, format!("{} を開けません: {ja}", path.display()), format!("cannot open {}: {en}", path.display()));
            }
        }
        problems
    }

    /// What is in order, and what somebody might miss all the same.
    #[must_use]
    pub fn notes(&self) -> Vec<Problem> {
        let mut notes = Vec::new();
        let trusted = CardVerifier::load(&self.cards).map(|verifier| verifier.trusted());
        if let Ok(Trusted { text_anchors: 0, .. }) = trusted {
            notes.push(note(
                "cards.text_anchors",
                "券面事項の検証用の鍵がないため、署名用電子証明書のない方を窓口で登録できません。J-LIS から受け取った鍵を設定してください",
                "no key for cards' texts is trusted, so nobody without a signing certificate can be enrolled at a counter; put the keys here that J-LIS hands out",
            ));
        }
        if self.listen.card.is_none() {
            notes.push(note(
                "listen.card",
                "カードによるブラウザからのログイン用ポートは開きません",
                "the port for logging in from a browser with the card is not opened",
            ));
        }
        notes
    }
}

fn note(path: &str, ja: &str, en: &str) -> Problem {
    Problem { path: path.to_owned(), ja: ja.to_owned(), en: en.to_owned() }
}

fn paths(folder: &Path, listed: Vec<PathBuf>) -> Vec<PathBuf> {
    listed.into_iter().map(|path| folder.join(path)).collect()
}

fn rate(section: &mut Section<'_>, name: &str, per_second: u32, burst: u32) -> Rate {
    let mut one = |key: String, default: u32| NonZeroU32::new(section.number(&key, default, 1..=10_000_000)).unwrap_or(NonZeroU32::MIN);
    Rate { per_second: one(format!("{name}_per_second"), per_second), burst: one(format!("{name}_burst"), burst) }
}

fn broker(folder: &Path, section: &mut Section<'_>) -> Option<Broker> {
    let url = section.take::<String>("url");
    let (ca, token): (Option<PathBuf>, Option<PathBuf>) = (section.take("ca"), section.take("token"));
    let (tenant, context) = (section.take::<String>("tenant"), section.take::<String>("context"));
    let warnings_seconds = section.number("warnings_seconds", 300, 0..=86_400);
    let Some(url) = url else {
        if ca.is_some() || token.is_some() || tenant.is_some() || context.is_some() {
            section.problem("url", "データ連携基盤の URL が必要です", "the URL of the data platform is missing");
        }
        return None;
    };
    let url = url.trim_end_matches('/').to_owned();
    // A token, and what the platform is told, would go over the network for everybody to read and change.
    let is_here = url.strip_prefix("http://").is_some_and(|rest| {
        let host = rest.split(['/', ':']).next().unwrap_or_default();
        ["127.0.0.1", "localhost"].contains(&host)
    });
    if !url.starts_with("https://") && !is_here {
        section.problem(
            "url",
            "https:// で始まる URL です（http:// は 127.0.0.1 と localhost だけ）",
            "a URL with https:// (http:// to 127.0.0.1 and localhost only)",
        );
    }
    let is_word = |tenant: &String| (1..=64).contains(&tenant.len()) && tenant.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if tenant.as_ref().is_some_and(|tenant| !is_word(tenant)) {
        section.problem("tenant", "英数字・ハイフン・下線で 64 文字までです", "letters, digits, hyphens and underscores, at most 64");
    }
    // It stands in a header, between angle brackets.
    let is_url = |context: &String| context.starts_with("https://") && context.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"".contains(&byte));
    if context.as_ref().is_some_and(|context| !is_url(context)) {
        section.problem("context", "https:// で始まる URL です", "a URL with https://");
    }
    Some(Broker { url, ca: ca.map(|ca| folder.join(ca)), token: token.map(|token| folder.join(token)), tenant, context, warnings_seconds })
}

fn check_hosts(hosts: &[String], file: &mut Section<'_>) {
    if hosts.is_empty() {
        return file.problem("hosts", "少なくとも一つ必要です", "at least one is needed");
    }
    for (index, host) in hosts.iter().enumerate() {
        if !is_host(host) {
            file.problem(
                &format!("hosts[{index}]"),
                "ホスト名は小文字の英数字・ハイフン・ドット、または IP アドレスです（ポート番号は付けません）",
                "a host is small letters, digits, hyphens and dots, or an IP address, without a port",
            );
        }
    }
}

/// Whether the text is a host name in small letters or an IP address.
#[must_use]
pub fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    text.parse::<IpAddr>().is_ok() || (text.len() <= 253 && text.split('.').all(label))
}

/// What a key of the file may hold.
pub(crate) trait Value: DeserializeOwned {}
impl<T: DeserializeOwned> Value for T {}

#[cfg(test)]
mod tests;
