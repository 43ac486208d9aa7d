//! An appliance in a temporary folder, served by this process, and clients for it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{HeaderMap, Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use rand_core::OsRng;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde::de::DeserializeOwned;
use tachiai_jpki::testing::{TestCa, TextAuthority};
use tachiai_jpki::{Purpose, UnixTime, Validity};
use tachiai_schemas::election::CrlRequirement;
use tachiai_schemas::refusal::Problem;
use tachiai_schemas::staff::Role;
use tachiaid::app::control::{Answer, Request as ControlRequest, ask};
use tachiaid::app::setup::{Setup, create};
use tachiaid::app::{App, Base, Listeners};
use tachiaid::cards::CardPolicy;
use tachiaid::clock::{Clock, SetClock, SystemClock};
use tachiaid::config::Config;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

/// The name in what cards sign.
pub const HOST: &str = "localhost";

pub struct Appliance {
    pub folder: TempDir,
    pub clock: Arc<SetClock>,
    pub cards: TestCa,
    pub public: SocketAddr,
    pub staff: SocketAddr,
    pub card: SocketAddr,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

/// What a member of staff holds.
pub struct Credentials {
    pub certificate: Vec<u8>,
    pub key: Vec<u8>,
}

/// An answer with its body.
#[derive(Debug)]
pub struct Answered {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answered {
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The problem's code, after checking that it is a problem in every respect.
    pub fn problem(&self) -> String {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        let problem: Problem = self.json();
        assert_eq!(problem.status, self.status.as_u16());
        assert_eq!(problem.kind, format!("urn:tachiai:problem:{}", problem.code));
        problem.code
    }
}

/// A connection, kept alive.
pub struct Client(SendRequest<Full<Bytes>>);

impl Client {
    pub async fn send(&mut self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Result<Answered, hyper::Error> {
        let mut request = Request::builder().method(method).uri(path).header("host", HOST);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.0.ready().await?;
        let response = self.0.send_request(request.body(Full::new(body.into())).unwrap()).await?;
        let (parts, body) = response.into_parts();
        Ok(Answered { status: parts.status, headers: parts.headers, body: body.collect().await?.to_bytes() })
    }

    /// Asks for a stream; gives what comes of it one after the other.
    pub async fn follow(&mut self, path: &str) -> Incoming {
        let request = Request::builder().uri(path).header("host", HOST).body(Full::new(Bytes::new())).unwrap();
        self.0.ready().await.unwrap();
        let response = self.0.send_request(request).await.unwrap();
        assert_eq!((response.status(), response.headers()["content-type"].to_str().unwrap()), (StatusCode::OK, "text/event-stream"));
        response.into_body()
    }

    pub async fn get(&mut self, path: &str) -> Answered {
        self.send(Method::GET, path, &[], "").await.unwrap()
    }

    pub async fn post(&mut self, path: &str, body: &impl serde::Serialize) -> Answered {
        self.send(Method::POST, path, &[("content-type", "application/json")], serde_json::to_vec(body).unwrap()).await.unwrap()
    }
}

/// A folder as `tachiaid init` makes it, trusting the test CA.
pub fn folder(clock: &SetClock) -> (TempDir, TestCa) {
    let folder = tempfile::tempdir().unwrap();
    let now = u64::try_from(clock.now().unix()).unwrap();
    let validity = Validity { not_before: UnixTime::from_secs(now - 86_400), not_after: UnixTime::from_secs(now + 86_400 * 365) };
    let cards = TestCa::with_published_keys(validity).unwrap();
    let anchors = [Purpose::UserAuthentication, Purpose::DigitalSignature].map(|purpose| {
        let path = folder.path().join(format!("{purpose:?}.der"));
        std::fs::write(&path, cards.authority(purpose).certificate()).unwrap();
        path
    });
    let root = folder.path().join("text-root.bin");
    std::fs::write(&root, TextAuthority::with_published_keys().unwrap().anchor_bytes().unwrap()).unwrap();
    let setup = Setup {
        data: folder.path().join("data"),
        hosts: vec![HOST.to_owned(), "127.0.0.1".to_owned()],
        master_key: Some(folder.path().join("master.key")),
        mirror: None,
        public: "127.0.0.1:0".parse().unwrap(),
        staff: "127.0.0.1:0".parse().unwrap(),
        anchors: anchors.to_vec(),
        text_anchors: vec![root],
        crls: Vec::new(),
        crl: CrlRequirement::NotRequired,
        policy: CardPolicy::Test,
    };
    create(&setup, clock.now(), &mut OsRng).unwrap();
    (folder, cards)
}

pub fn config(folder: &Path) -> Config {
    let mut config = Config::read(&folder.join("data/tachiaid.toml")).unwrap();
    // A disk that is nearly full must not fail a test of something else.
    config.disk.limit_percent = 99;
    config.disk.ballast_mb = 1;
    config
}

impl Appliance {
    pub async fn start() -> Self {
        let clock = Arc::new(SetClock::new(SystemClock.now()));
        let (folder, cards) = folder(&clock);
        Self::serve(folder, cards, clock, |_| ()).await
    }

    pub async fn serve(folder: TempDir, cards: TestCa, clock: Arc<SetClock>, adjust: impl FnOnce(&mut Config)) -> Self {
        let mut config = config(folder.path());
        adjust(&mut config);
        let app = Arc::new(App::new(Base::open(config, clock.clone()).unwrap()).unwrap());
        let bind = || async { TcpListener::bind("127.0.0.1:0").await.unwrap() };
        let card = bind().await;
        let address = card.local_addr().unwrap();
        let listeners = Listeners { public: bind().await, staff: bind().await, card: Some(card) };
        let (public, staff) = (listeners.public.local_addr().unwrap(), listeners.staff.local_addr().unwrap());
        let (stop, stopped) = watch::channel(false);
        let serving = tokio::spawn(async move { app.run(listeners, stopped, || ()).await.unwrap() });
        let appliance = Self { folder, clock, cards, public, staff, card: address, stop, serving };
        // The answer shows that the control socket and the ports are there.
        let healthy = appliance.client().await.get("/healthz").await;
        assert_eq!(healthy.status, StatusCode::OK, "{healthy:?}");
        appliance
    }

    pub async fn stop(self) -> (TempDir, TestCa, Arc<SetClock>) {
        self.stop.send(true).unwrap();
        self.serving.await.unwrap();
        (self.folder, self.cards, self.clock)
    }

    /// Adds a member of staff through the control socket, as the command does while the daemon runs.
    pub async fn hire(&self, name: &str, role: Role) -> Credentials {
        match self.control(ControlRequest::Add { name: name.to_owned(), role }).await {
            Answer::Issued(issued) => Credentials { certificate: issued.certificate.into_bytes(), key: issued.key.into_bytes() },
            other => panic!("{other:?}"),
        }
    }

    pub async fn control(&self, request: ControlRequest) -> Answer {
        let data = self.folder.path().join("data");
        tokio::task::spawn_blocking(move || ask(&data, &request).unwrap()).await.unwrap()
    }

    pub async fn client(&self) -> Client {
        connect(self.public, self.tls(None)).await.unwrap()
    }

    pub async fn staff_client(&self, credentials: &Credentials) -> Result<Client, String> {
        connect(self.staff, self.tls(Some(credentials))).await
    }

    /// What a client of this appliance trusts.
    pub fn roots(&self) -> RootCertStore {
        let ca = std::fs::read(self.folder.path().join("data/tls/ca.pem")).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(&ca).unwrap()).unwrap();
        roots
    }

    pub fn tls(&self, credentials: Option<&Credentials>) -> ClientConfig {
        let builder = ClientConfig::builder_with_provider(tachiaid::http::tls::provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(self.roots());
        match credentials {
            None => builder.with_no_client_auth(),
            Some(Credentials { certificate, key }) => {
                builder.with_client_auth_cert(vec![CertificateDer::from_pem_slice(certificate).unwrap()], PrivateKeyDer::from_pem_slice(key).unwrap()).unwrap()
            }
        }
    }
}

/// Connects and asks for nothing yet.
pub async fn dial(address: SocketAddr, tls: ClientConfig) -> Result<Client, String> {
    let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    let name = ServerName::try_from(HOST).unwrap();
    let stream = TlsConnector::from(Arc::new(tls)).connect(name, stream).await.map_err(|error| error.to_string())?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    tokio::spawn(connection);
    Ok(Client(sender))
}

/// Connects; in TLS 1.3 a client learns only from its first request that its certificate was refused, so this asks once.
pub async fn connect(address: SocketAddr, tls: ClientConfig) -> Result<Client, String> {
    let mut client = dial(address, tls).await?;
    client.send(Method::GET, "/healthz", &[], "").await.map_err(|error| error.to_string())?;
    Ok(client)
}
