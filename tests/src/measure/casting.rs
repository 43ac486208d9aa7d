//! An appliance under load: ballots of as many voters over 64 connections, each acknowledged only when it is on the disk,
//! and then the record of that election in front of the verifier.
//!
//! Every ballot has a voter of its own, enrolled and registered by the usual commands with a software card. Ballots are
//! made beforehand; the load generator shares the machine with the daemon.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

use super::eligibility;
use super::records::verify;
use super::report::{Report, Unit, percentile};
use crate::appliance::{self, Appliance};
use crate::demo::{Extent, Folder, Screen, Stage};
use crate::trouble::{Doing, Trouble};
use crate::voters::{Voter, in_parallel, usual_threads};

/// How many trustees release their shares.
const SHARING: usize = 3;

/// How much load.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Voters, each with one ballot.
    pub ballots: usize,
    /// Connections that send them.
    pub connections: usize,
}

/// Measures casting, then the verification of the finished election's record.
///
/// # Errors
/// [`Trouble`]; a ballot that is not accepted is one.
pub fn measure_appliance(folder: &Folder, load: Load, screen: &mut Screen, report: &mut Report) -> Result<(), Trouble> {
    let mut stage = Stage::set(folder, load.ballots, Extent::Online, screen)?;
    let ballots = seal(&stage, screen)?;
    let path = format!("/api/v1/elections/{}/ballots", stage.holding.election);
    let target = Target::of(&stage.appliance, &path)?;
    let (took, latencies) = screen.phase("投票の負荷", "ballots cast", ballots.len(), |_| target.send(ballots, load.connections))?;
    report.value("cast_ballots_per_s", latencies.len() as f64 / took.as_secs_f64(), Unit::PerSecond);
    report.time("cast_p50_ms", percentile(&latencies, 50), Unit::Milliseconds);
    report.time("cast_p99_ms", percentile(&latencies, 99), Unit::Milliseconds);

    let holding = &stage.holding;
    screen.phase("締切・開票・公表", "closed, counted, published", 0, |_| {
        holding.act("close-online")?;
        holding.act("close-poll")?;
        holding.decrypt(SHARING)?;
        holding.act("count")?;
        holding.act("publish")?;
        stage.witness.look()?.ok().map(drop)
    })?;
    let record = folder.join("record");
    screen.phase("記録の書き出し", "record exported", 0, |_| holding.export(&record))?;
    screen.phase("証拠の書き出し", "evidence exported", 0, |_| holding.export_evidence(&folder.join("evidence")))?;
    let fingerprint = holding.fingerprint().to_owned();
    stage.appliance.stop()?;
    let (took, peak) =
        screen.phase("記録の検証", "record verified", load.ballots, |_| verify(stage.appliance.programs(), &record, &["--expect", &fingerprint]))?;
    report.value("verify_record_ballots_per_s", load.ballots as f64 / took.as_secs_f64(), Unit::PerSecond);
    report.time("verify_record_s", took, Unit::Seconds);
    report.value("verify_record_peak_mb", peak as f64 / 1e6, Unit::Megabytes);
    screen.phase("資格の監査", "eligibility audited", load.ballots, |_| eligibility::measure(&stage.appliance, folder, &fingerprint, load.ballots, report))
}

/// Everyone enrols and registers; returns one request body for each.
fn seal(stage: &Stage, screen: &mut Screen) -> Result<Vec<Bytes>, Trouble> {
    let client = || stage.appliance.client();
    let cards = &stage.cards;
    screen.phase("本人登録", "enrolled", cards.len(), |progress| {
        in_parallel(cards, usual_threads(), client, |client, _, card| Voter::new(card.clone())?.enrol(client), || progress.step())
    })?;
    let pinned = stage.pinned()?;
    screen.phase("鍵の登録・投票用紙の作成", "keys registered, ballots sealed", cards.len(), |progress| {
        let seal = |client: &mut tachiai::client::Client, number: usize, card: &crate::card::Content| -> Result<Bytes, Trouble> {
            let mut booth = Voter::new(card.clone())?.enter(client, &pinned)?;
            let sealed = booth.seal(&[vec![number % 4]]).doing("sealing a ballot")?;
            serde_json::to_vec(&sealed.request()).doing("writing a ballot").map(Bytes::from)
        };
        in_parallel(cards, usual_threads(), client, seal, || progress.step())
    })
}

/// Where ballots are sent.
struct Target {
    address: SocketAddr,
    path: String,
    tls: TlsConnector,
}

impl Target {
    fn of(appliance: &Appliance, path: &str) -> Result<Target, Trouble> {
        let ca = appliance.ca();
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(&ca).map_err(|error| Trouble::file(&ca, error))? {
            roots.add(certificate.map_err(|error| Trouble::file(&ca, error))?).map_err(|error| Trouble::file(&ca, error))?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .doing("TLS")?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Target { address: appliance.public_address(), path: path.to_owned(), tls: TlsConnector::from(Arc::new(config)) })
    }

    /// Sends every body once, over so many connections that stay open; returns how long that took and, sorted, how long
    /// each answer took.
    fn send(self, bodies: Vec<Bytes>, connections: usize) -> Result<(Duration, Vec<Duration>), Trouble> {
        let runtime = Runtime::new().doing("starting threads")?;
        runtime.block_on(async move {
            let mut senders = Vec::with_capacity(connections);
            for _ in 0..connections {
                senders.push(self.connect().await?);
            }
            let (bodies, next, target) = (Arc::new(bodies), Arc::new(AtomicUsize::new(0)), Arc::new(self));
            let start = Instant::now();
            let mut tasks = JoinSet::new();
            for sender in senders {
                tasks.spawn(cast(Arc::clone(&target), sender, Arc::clone(&bodies), Arc::clone(&next)));
            }
            let mut latencies = Vec::with_capacity(bodies.len());
            while let Some(done) = tasks.join_next().await {
                latencies.extend(done.doing("casting")??);
            }
            let took = start.elapsed();
            latencies.sort_unstable();
            Ok((took, latencies))
        })
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, Trouble> {
        let tcp = TcpStream::connect(self.address).await.doing("connecting")?;
        tcp.set_nodelay(true).doing("connecting")?;
        let name = ServerName::try_from(appliance::HOST).doing("the host's name")?;
        let tls = self.tls.connect(name, tcp).await.doing("TLS")?;
        let (sender, connection) = handshake(TokioIo::new(tls)).await.doing("HTTP")?;
        // Its end is seen by the sender.
        tokio::spawn(connection);
        Ok(sender)
    }
}

/// One connection: takes the next body until there is none.
async fn cast(target: Arc<Target>, mut sender: SendRequest<Full<Bytes>>, bodies: Arc<Vec<Bytes>>, next: Arc<AtomicUsize>) -> Result<Vec<Duration>, Trouble> {
    let mut latencies = Vec::new();
    while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
        let request = hyper::Request::post(&target.path)
            .header(HOST, appliance::HOST)
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(body.clone()))
            .doing("a request")?;
        let start = Instant::now();
        sender.ready().await.doing("a connection")?;
        let answer = sender.send_request(request).await.doing("an answer")?;
        let status = answer.status();
        let text = answer.into_body().collect().await.doing("an answer")?.to_bytes();
        latencies.push(start.elapsed());
        if !status.is_success() {
            return Err(Trouble::new("casting", format!("status {status}: {}", String::from_utf8_lossy(&text))));
        }
    }
    Ok(latencies)
}
