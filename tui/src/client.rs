//! The client of the appliance's API: one TLS connection pool, requests in the types of the schemas, refusals as failures.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::refusal::Problem;
use tachiai_schemas::refusal::detail::in_japanese;
use tachiai_schemas::system::in_words;
use tachiai_schemas::{Lang, Refusal};
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig};

use crate::failure::{Exit, Failure};

/// How often a busy server is asked again, with growing pauses.
const RETRIES: u32 = 6;

/// The longest answer that is read: a record's largest file is an entry bundle of 256 entries.
const MAX_BODY: u64 = 1 << 30;

/// A client certificate and key of the appliance's own authority, PEM.
pub struct Identity {
    /// The certificate.
    pub certificate: Vec<u8>,
    /// The key.
    pub key: Vec<u8>,
}

/// A client of one server.
#[derive(Clone)]
pub struct Client {
    agent: ureq::Agent,
    tls: TlsConfig,
    base: String,
    lang: Lang,
}

/// The answer to a command that may need a second official.
pub enum Answer<T> {
    /// Done.
    Done(T),
    /// Waiting: status 202 and its body.
    Accepted(Vec<u8>),
}

/// So much of an answer is read at once.
const PART: u64 = 64 << 10;

/// The longest list that the appliance takes, in bytes: a roll, a register, facilities.
const LONGEST_LIST: u64 = 64 << 20;

/// A list that is to be handed to the appliance, whole.
///
/// # Errors
/// [`Failure`] where it cannot be read, is no file, or is longer than the appliance takes.
pub fn read_list(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |e: std::io::Error| Failure::file(path, &e);
    let file = File::open(path).map_err(failed)?;
    let found = file.metadata().map_err(failed)?;
    let shown = path.display();
    if found.is_dir() {
        return Err(Failure::incomplete(format!("{shown} はフォルダーです。ファイルを指定してください。"), format!("{shown} is a folder. Name a file.")));
    }
    let mut bytes = Vec::new();
    // What is no file may have no end.
    file.take(LONGEST_LIST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LONGEST_LIST {
        let most = LONGEST_LIST >> 20;
        return Err(Failure::incomplete(
            format!("{shown} は大きすぎます。取り込めるのは {most} MiB までです。別のファイルを指定していないか、確かめてください。"),
            format!("{shown} is too large: at most {most} MiB are taken over. See whether it is another file than you meant."),
        ));
    }
    Ok(bytes)
}

/// How long it may take until there is a connection, until an answer begins, and until what is sent or answered is through.
const PATIENT: [Duration; 3] = [Duration::from_secs(10), Duration::from_secs(60), Duration::from_secs(30 * 60)];

/// The same where a terminal asks for little, and can ask again.
const HASTY: [Duration; 3] = [Duration::from_secs(3), Duration::from_secs(10), Duration::from_secs(60)];

fn agent(tls: &TlsConfig, [connect, answer, through]: [Duration; 3]) -> ureq::Agent {
    ureq::Agent::config_builder()
        .tls_config(tls.clone())
        .http_status_as_error(false)
        .https_only(true)
        .max_redirects(0)
        .proxy(None)
        .user_agent(concat!("tachiai/", env!("CARGO_PKG_VERSION")))
        .timeout_connect(Some(connect))
        .timeout_send_body(Some(through))
        .timeout_recv_response(Some(answer))
        .timeout_recv_body(Some(through))
        .build()
        .new_agent()
}

impl Client {
    /// Connects nothing yet; reads the authority's certificate and makes the TLS configuration.
    ///
    /// `server` is `https://host:port`. Only that authority is trusted, none of the system's.
    ///
    /// # Errors
    /// [`Failure`] when a file cannot be read or a URL is not `https`.
    pub fn new(server: &str, ca: &Path, identity: Option<&Identity>, lang: Lang) -> Result<Self, Failure> {
        let base = server.trim_end_matches('/');
        if !base.starts_with("https://") {
            return Err(Failure::new(
                Exit::Usage,
                format!("サーバーのURLは https:// で始まります: {server}"),
                format!("the server's URL begins with https://: {server}"),
            ));
        }
        let pem = std::fs::read(ca).map_err(|e| Failure::file(ca, &e))?;
        let roots = ureq::tls::parse_pem(&pem)
            .filter_map(|item| match item {
                Ok(PemItem::Certificate(certificate)) => Some(certificate),
                _ => None,
            })
            .collect::<Vec<_>>();
        if roots.is_empty() {
            return Err(Failure::file(ca, &"no certificate in it"));
        }
        let client_cert = identity.map(client_cert).transpose()?;
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::from(roots))
            .client_cert(client_cert)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        Ok(Self { agent: agent(&tls, PATIENT), tls, base: base.to_owned(), lang })
    }

    /// The same, which gives up soon, and is asked again.
    #[must_use]
    pub fn hasty(&self) -> Self {
        Self { agent: agent(&self.tls, HASTY), ..self.clone() }
    }

    /// The host and port of the server.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.base.trim_start_matches("https://")
    }

    /// The host name of the server, without its port.
    #[must_use]
    pub fn host(&self) -> &str {
        let authority = self.authority();
        authority.rsplit_once(':').map_or(authority, |(host, _)| host)
    }

    /// Gets JSON.
    ///
    /// # Errors
    /// [`Failure`]: no connection, or the server's refusal.
    pub fn get<T: DeserializeOwned>(&self, path: &str, token: Option<&str>) -> Result<T, Failure> {
        self.json(self.send("GET", path, token, None, "application/json")?)
    }

    /// Gets bytes.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn get_bytes(&self, path: &str) -> Result<Vec<u8>, Failure> {
        self.get_long(path, &mut |_, _| {})
    }

    /// Gets many bytes; `each` gets how many of them are here, and how many there are where the server says so.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn get_long(&self, path: &str, each: &mut dyn FnMut(u64, Option<u64>)) -> Result<Vec<u8>, Failure> {
        let reply = self.exchange("GET", path, None, None, "*/*", each)?;
        if (200..300).contains(&reply.status) { Ok(reply.body) } else { Err(self.refusal(&reply)) }
    }

    /// Follows server-sent events: `each` gets the kind and the data of every one, and says whether to go on. Ends without a failure when the server ends the
    /// stream.
    ///
    /// # Errors
    /// As [`Client::get`]; also where the stream breaks off, or goes on for longer than `longest`.
    pub fn follow(&self, path: &str, longest: Duration, mut each: impl FnMut(&str, &str) -> ControlFlow<()>) -> Result<(), Failure> {
        let request = self.request("GET", path, "text/event-stream").body(()).map_err(|e| self.no_connection(&e))?;
        let request = self.agent.configure_request(request).timeout_recv_body(Some(longest)).build();
        let response = self.agent.run(request).map_err(|e| self.no_connection(&e))?;
        let status = response.status().as_u16();
        if !(200..300).contains(&status) {
            let body = response.into_body().into_with_config().limit(MAX_BODY).read_to_vec().map_err(|e| self.no_connection(&e))?;
            return Err(self.refusal(&Reply { status, problem: true, body }));
        }
        let mut kind = String::new();
        for line in BufReader::new(response.into_body().into_reader()).lines() {
            let line = line.map_err(|e| self.no_connection(&e))?;
            if let Some(name) = line.strip_prefix("event: ") {
                name.clone_into(&mut kind);
            } else if let Some(data) = line.strip_prefix("data: ")
                && each(&kind, data).is_break()
            {
                break;
            }
        }
        Ok(())
    }

    fn request(&self, method: &str, path: &str, accept: &str) -> ureq::http::request::Builder {
        let url = format!("{}{path}", self.base);
        ureq::http::Request::builder().method(method).uri(&url).header("accept", accept).header("accept-language", self.lang.pick("ja", "en"))
    }

    /// Posts JSON and gets JSON.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn post<B: Serialize, T: DeserializeOwned>(&self, path: &str, token: Option<&str>, body: &B) -> Result<T, Failure> {
        self.json(self.post_raw(path, token, body)?)
    }

    /// Posts JSON that is answered without a body.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn post_nothing<B: Serialize>(&self, path: &str, body: &B) -> Result<(), Failure> {
        self.post_raw(path, None, body).map(drop)
    }

    /// Posts JSON; the answer may be that a second official is awaited.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn act<B: Serialize, T: DeserializeOwned>(&self, path: &str, body: &B) -> Result<Answer<T>, Failure> {
        let reply = self.post_raw(path, None, body)?;
        if reply.status == 202 { Ok(Answer::Accepted(reply.body)) } else { Ok(Answer::Done(self.json(reply)?)) }
    }

    /// Posts bytes of another type than JSON. A refusal with a body of type `T` instead of a problem is returned as `Err(Ok(T))`.
    ///
    /// # Errors
    /// The refusal's own body, or [`Failure`].
    pub fn post_bytes<T: DeserializeOwned>(&self, path: &str, kind: &str, body: &[u8]) -> Result<T, Result<T, Failure>> {
        let reply = self.exchange("POST", path, None, Some((kind, body)), "application/json", &mut |_, _| {}).map_err(Err)?;
        if (200..300).contains(&reply.status) {
            return self.json(reply).map_err(Err);
        }
        match serde_json::from_slice::<T>(&reply.body) {
            Ok(report) if !reply.problem => Err(Ok(report)),
            _ => Err(Err(self.refusal(&reply))),
        }
    }

    /// Posts text that is answered without a body.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn post_text(&self, path: &str, body: &[u8]) -> Result<(), Failure> {
        self.send("POST", path, None, Some(("text/plain", body)), "application/json").map(drop)
    }

    /// Deletes.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn delete(&self, path: &str, token: Option<&str>) -> Result<(), Failure> {
        self.send("DELETE", path, token, None, "application/json").map(drop)
    }

    fn post_raw<B: Serialize>(&self, path: &str, token: Option<&str>, body: &B) -> Result<Reply, Failure> {
        let body = serde_json::to_vec(body).map_err(|e| Failure::incomplete(e.to_string(), e.to_string()))?;
        let refused = |mut failure: Failure| {
            // A refusal of another request says nothing about this one.
            failure.signed = failure.signed.filter(|signed| signed.request.hash() == Hash32::sha256(&body));
            failure
        };
        self.send("POST", path, token, Some(("application/json", &body)), "application/json").map_err(refused)
    }

    fn send(&self, method: &str, path: &str, token: Option<&str>, body: Option<(&str, &[u8])>, accept: &str) -> Result<Reply, Failure> {
        let reply = self.exchange(method, path, token, body, accept, &mut |_, _| {})?;
        if (200..300).contains(&reply.status) { Ok(reply) } else { Err(self.refusal(&reply)) }
    }

    /// Sends once, and again while the server says that it is busy: every request of this API can be repeated without harm.
    fn exchange(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<(&str, &[u8])>,
        accept: &str,
        each: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<Reply, Failure> {
        let mut pause = Duration::from_millis(100);
        for _ in 0..RETRIES {
            let reply = self.once(method, path, token, body, accept, each)?;
            let busy = matches!(reply.status, 429 | 503) && reply.code().is_some_and(|c| matches!(c, Refusal::Busy | Refusal::RateLimited));
            if !busy {
                return Ok(reply);
            }
            std::thread::sleep(pause);
            pause *= 2;
        }
        self.once(method, path, token, body, accept, each)
    }

    fn once(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<(&str, &[u8])>,
        accept: &str,
        each: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<Reply, Failure> {
        // What only asks changes nothing that could be unknown.
        let failed = |e: &ureq::Error| Failure { lost: method != "GET" && was_sent(e), ..self.no_connection(e) };
        let run = || {
            let mut request = self.request(method, path, accept);
            if let Some(token) = token {
                request = request.header("authorization", format!("Bearer {token}"));
            }
            match body {
                Some((kind, bytes)) => self.agent.run(request.header("content-type", kind).body(bytes)?),
                None => self.agent.run(request.body(())?),
            }
        };
        let response = match run() {
            // The server may close an idle connection just when it is used again. Every request of this API can be repeated without harm.
            Err(ureq::Error::Io(e)) if matches!(e.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => run(),
            other => other,
        }
        .map_err(|e| failed(&e))?;
        let status = response.status().as_u16();
        let problem = response.headers().get("content-type").is_some_and(|v| v.as_bytes().starts_with(b"application/problem+json"));
        let length = response.body().content_length();
        let mut reader = response.into_body().into_with_config().limit(MAX_BODY).reader();
        let mut body = Vec::new();
        while reader.by_ref().take(PART).read_to_end(&mut body).map_err(|e| failed(&ureq::Error::from(e)))? > 0 {
            each(body.len() as u64, length);
        }
        Ok(Reply { status, problem, body })
    }

    fn no_connection(&self, cause: &dyn std::fmt::Display) -> Failure {
        let cause = cause.to_string();
        if is_expired(&cause) {
            return Failure::refused(
                "この証明書は有効期限が切れています。装置の管理者に新しい証明書を発行してもらってください（tachiaid staff add）。",
                "this client certificate has expired. Have the administrator issue a new one (`tachiaid staff add`).",
            );
        }
        if is_revoked(&cause) {
            return Failure::refused(
                "この証明書は職員名簿にありません。失効したか、別の装置のものです。装置の管理者に確かめてください（tachiaid staff list）。",
                "this client certificate is not on the staff list: it was revoked, or is of another appliance. Ask the administrator (`tachiaid staff list`).",
            );
        }
        let [ja, en] = in_words(&cause);
        Failure::new(
            Exit::NoConnection,
            format!("サーバー {} に接続できません: {ja}。URL・認証局ファイル・ネットワークを確かめてください。", self.base),
            format!("no connection to {}: {en}. Check the URL, the authority's file and the network.", self.base),
        )
    }

    fn json<T: DeserializeOwned>(&self, reply: Reply) -> Result<T, Failure> {
        serde_json::from_slice(&reply.body).map_err(|e| {
            Failure::incomplete(
                format!("サーバーの応答を読み取れません: {e}。版の違いがないか確かめてください。"),
                format!("the server's answer cannot be read: {e}. Check that both are of one version."),
            )
        })
    }

    fn refusal(&self, reply: &Reply) -> Failure {
        use tachiai_schemas::Say;
        let Ok(problem) = serde_json::from_slice::<Problem>(&reply.body) else {
            return Failure::incomplete(
                format!("サーバーが状態 {} を返しました。", reply.status),
                format!("the server answered with status {}.", reply.status),
            );
        };
        let code = reply.code();
        let detail = |lang: Lang| {
            let said = problem.detail.as_deref()?;
            Some(match lang {
                Lang::Ja => format!("（{}）", in_japanese(said).unwrap_or(said)),
                Lang::En => format!(" ({said})"),
            })
        };
        let text = |lang| code.map_or_else(|| problem.title.clone(), |c| c.say(lang)) + &detail(lang).unwrap_or_default();
        let exit = match code {
            Some(Refusal::CardCertificate | Refusal::CardSignature) => Exit::Card,
            Some(c) if c.blame() == tachiai_schemas::refusal::Blame::Fault => Exit::NoConnection,
            _ => Exit::Refused,
        };
        let (ja, en) = (text(Lang::Ja), text(Lang::En));
        Failure { exit, ja, en, code, signed: problem.signed.map(Box::new), lost: false }
    }
}

struct Reply {
    status: u16,
    problem: bool,
    body: Vec<u8>,
}

impl Reply {
    fn code(&self) -> Option<Refusal> {
        let problem: Problem = serde_json::from_slice(&self.body).ok()?;
        Refusal::ALL.iter().copied().find(|r| r.code() == problem.code)
    }
}

/// Whether a request may have reached the server, though no answer came.
fn was_sent(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Timeout(during) => !matches!(during, ureq::Timeout::Resolve | ureq::Timeout::Connect),
        ureq::Error::Io(error) => !matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::NotFound),
        ureq::Error::Protocol(_) => true,
        _ => false,
    }
}

/// Whether the server turned the client's certificate away because it is too old; of the server's own another word is said.
fn is_expired(cause: &str) -> bool {
    cause.contains("received fatal alert: CertificateExpired")
}

/// Whether the server turned the client's certificate away because nobody on the staff list holds it.
fn is_revoked(cause: &str) -> bool {
    cause.contains("received fatal alert: CertificateRevoked")
}

fn client_cert(identity: &Identity) -> Result<ClientCert, Failure> {
    let bad = |what: &str| {
        Failure::incomplete(
            format!("職員証明書を読み取れません（{what}）。プロファイルの cert と key を確かめてください。"),
            format!("the client certificate cannot be read ({what}). Check cert and key in the profile."),
        )
    };
    let chain = ureq::tls::parse_pem(&identity.certificate)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect::<Vec<Certificate<'static>>>();
    if chain.is_empty() {
        return Err(bad("cert"));
    }
    let key = PrivateKey::from_pem(&identity.key).map_err(|_| bad("key"))?;
    Ok(ClientCert::new_with_certs(&chain, key))
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::Say;

    use super::*;

    #[test]
    fn a_list_is_a_file_with_an_end_and_no_longer_than_the_appliance_takes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        std::fs::write(&path, "a,b\n").unwrap();
        assert_eq!(read_list(&path).unwrap(), b"a,b\n");
        assert!(read_list(Path::new("/dev/zero")).unwrap_err().say(Lang::En).contains("too large"));
        assert!(read_list(folder.path()).unwrap_err().say(Lang::En).contains("is a folder"));
    }

    #[test]
    fn an_expired_client_certificate_is_told_from_an_expired_server() {
        let alert = rustls::Error::AlertReceived(rustls::AlertDescription::CertificateExpired);
        let server = rustls::Error::InvalidCertificate(rustls::CertificateError::Expired);
        assert!(is_expired(&alert.to_string()) && !is_expired(&server.to_string()));
        let alert = rustls::Error::AlertReceived(rustls::AlertDescription::CertificateRevoked);
        assert!(is_revoked(&alert.to_string()) && !is_revoked(&server.to_string()));
    }
}
