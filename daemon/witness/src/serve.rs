//! The witness as a server: C2SP `tlog-witness`, for every log that is watched.
//!
//! | status | means |
//! |---|---|
//! | 200 | the cosignature line; what was cosigned is on disk |
//! | 400 | not a request, or `old` is larger than the checkpoint |
//! | 403 | the log's key did not sign the checkpoint |
//! | 404 | this log is not watched |
//! | 409 | `old` is not the size of the newest cosigned checkpoint, which is the body (`text/x.tlog.size`); or the checkpoint has that size and another root |
//! | 422 | the proof does not hold |
//! | 500 | the state cannot be read or written; nothing was signed |

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tachiai_crypto::journal::{LogCheckpoint, NoteError};
use tachiai_schemas::fork::ForkEvidence;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

use crate::advance::{self, Refusal, advance};
use crate::evidence;
use crate::failure::{Exit, Failure};
use crate::request::{AddCheckpoint, MAX_BODY};
use crate::say::Voice;
use crate::state::State;

/// How long a client may take for the handshake, for a request's head, and for all of a request.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
const HEAD_LIMIT: Duration = Duration::from_secs(15);
const CONNECTION_LIMIT: Duration = Duration::from_secs(120);

/// Connections at once; more wait in the kernel's queue.
const CONNECTIONS: usize = 256;

/// What the routes need.
#[derive(Clone)]
struct App {
    state: Arc<State>,
    voice: Voice,
}

/// The routes.
pub fn router(state: Arc<State>, voice: Voice) -> Router {
    Router::new().route("/add-checkpoint", post(add_checkpoint)).layer(DefaultBodyLimit::max(MAX_BODY)).with_state(App { state, voice })
}

async fn add_checkpoint(Shared(app): Shared<App>, body: Bytes) -> Response {
    // The file's lock and its sync block, and the answer is not given before.
    match tokio::task::spawn_blocking(move || answer(&app, &body)).await {
        Ok(response) => response,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn answer(app: &App, body: &[u8]) -> Response {
    let App { state, voice } = app;
    let bad = |why: String| (StatusCode::BAD_REQUEST, format!("{why}\n")).into_response();
    let request: AddCheckpoint = match std::str::from_utf8(body).ok().and_then(|text| text.parse().ok()) {
        Some(request) => request,
        None => return bad(crate::request::MalformedRequest.to_string()),
    };
    let fault = |failure: &Failure| {
        voice.trouble(failure);
        (StatusCode::INTERNAL_SERVER_ERROR, "the witness cannot use its state; nothing was signed\n").into_response()
    };
    let Some(origin) = LogCheckpoint::origin_of(&request.note) else { return bad("the checkpoint has no origin".to_owned()) };
    let log = match state.log(&origin) {
        Ok(Some(log)) => log,
        Ok(None) => return (StatusCode::NOT_FOUND, "this log is not watched\n").into_response(),
        Err(failure) => return fault(&failure),
    };
    let key = match log.parts() {
        Ok((_, key)) => key,
        Err(failure) => return fault(&failure),
    };
    let new = match LogCheckpoint::parse_and_verify(&request.note, &origin, &key) {
        Ok(new) => new,
        Err(NoteError::Unsigned) => return (StatusCode::FORBIDDEN, "the log's key did not sign this checkpoint\n").into_response(),
        Err(error) => return bad(error.to_string()),
    };
    if request.old > new.checkpoint().size {
        return bad("the old size is larger than the checkpoint".to_owned());
    }
    let held = match state.hold(&origin, &key) {
        Ok(held) => held,
        Err(failure) => return fault(&failure),
    };
    match advance(&held, &new, request.old, &request.proof, advance::now()) {
        Ok(line) => {
            voice.cosigned(&origin, new.checkpoint().size);
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], format!("{line}\n")).into_response()
        }
        Err(Refusal::Size(size)) => (StatusCode::CONFLICT, [(header::CONTENT_TYPE, "text/x.tlog.size")], format!("{size}\n")).into_response(),
        Err(Refusal::OtherRoot(known)) => {
            let found = evidence::of_one_size(&log, &key, &known, &new);
            let size = known.checkpoint().size;
            report(voice, held.accuse_if(found.as_ref()), &origin);
            (StatusCode::CONFLICT, [(header::CONTENT_TYPE, "text/x.tlog.size")], format!("{size}\n")).into_response()
        }
        Err(Refusal::Proof(known)) => {
            let found = known.and_then(|known| evidence::from_proof(&log, &key, &known, &new, &request.proof));
            report(voice, held.accuse_if(found.as_ref()), &origin);
            (StatusCode::UNPROCESSABLE_ENTITY, "the consistency proof does not hold\n").into_response()
        }
        Err(Refusal::Fault(failure)) => fault(&failure),
    }
}

fn report(voice: &Voice, accused: Result<Option<std::path::PathBuf>, Failure>, origin: &tachiai_crypto::journal::Origin) {
    match accused {
        Ok(Some(path)) => voice.fork(origin, &path),
        Ok(None) => voice.unproved(origin),
        Err(failure) => voice.trouble(&failure),
    }
}

impl crate::state::Held<'_> {
    fn accuse_if(&self, evidence: Option<&ForkEvidence>) -> Result<Option<std::path::PathBuf>, Failure> {
        evidence.map(|evidence| self.accuse(evidence)).transpose()
    }
}

/// Certificate chain and key of the server, PEM.
pub struct Tls<'a> {
    /// The chain, the leaf first.
    pub certificate: &'a Path,
    /// The leaf's key.
    pub key: &'a Path,
}

/// Serves until the process is ended, which it may be at any moment.
///
/// # Errors
/// [`Failure`] if it cannot listen or the certificate cannot be used.
pub fn serve(state: Arc<State>, voice: Voice, listen: SocketAddr, tls: Option<&Tls<'_>>) -> Result<Exit, Failure> {
    let acceptor = tls.map(acceptor).transpose()?;
    let cannot = |error: std::io::Error| {
        Failure::new(Exit::Incomplete, format!("{listen} で待ち受けできません: {error}"), format!("cannot listen at {listen}: {error}"))
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(cannot)?;
    runtime.block_on(async {
        let listener = TcpListener::bind(listen).await.map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        voice.listening(address, acceptor.is_some());
        let router = router(state, voice);
        let slots = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { continue };
            let Ok((stream, _)) = listener.accept().await else {
                // The usual cause is that no file descriptor is left, and that does not change within a microsecond.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let (router, acceptor) = (router.clone(), acceptor.clone());
            tokio::spawn(async move {
                // Small answers must not wait for the client's acknowledgement of the last one.
                let _ = stream.set_nodelay(true);
                match acceptor {
                    None => connection(stream, router).await,
                    Some(acceptor) => {
                        if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_LIMIT, acceptor.accept(stream)).await {
                            connection(stream, router).await;
                        }
                    }
                }
                drop(slot);
            });
        }
    })
}

async fn connection(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, router: Router) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_LIMIT).max_buf_size(64 << 10);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(HEAD_LIMIT).keep_alive_timeout(HANDSHAKE_LIMIT).max_concurrent_streams(16);
    let served = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    // A connection that was cut off says nothing about what was cosigned: that is on disk, and the client asks again.
    let _ = tokio::time::timeout(CONNECTION_LIMIT, served).await;
}

fn acceptor(Tls { certificate, key }: &Tls<'_>) -> Result<TlsAcceptor, Failure> {
    let chain =
        CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(|error| Failure::file(certificate, error))?;
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| Failure::file(key, error))?;
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(chain, secret));
    Ok(TlsAcceptor::from(Arc::new(config.map_err(|error| Failure::file(certificate, error))?)))
}
