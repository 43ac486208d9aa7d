//! The witness as a server: C2SP `tlog-witness`, for every log that is watched.
//!
//! | status | means |
//! |---|---|
//! | 200 | the cosignature line; what was cosigned is on disk |
//! | 400 | not a request, or `old` is larger than the checkpoint; or of a board, a checkpoint with extension lines |
//! | 403 | the log's key did not sign the checkpoint |
//! | 404 | this log is not watched |
//! | 409 | `old` is not the size of the newest cosigned checkpoint, which is the body (`text/x.tlog.size`); or the checkpoint has that size and another root |
//! | 422 | the proof does not hold |
//! | 500 | the state cannot be read or written; nothing was signed |

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
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
use tachiai_crypto::journal::{LogCheckpoint, NoteError, Origin, SignedCheckpoint};
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
use crate::state::{Held, State};

/// How long a client may take for the handshake, for a request's head, and for all of a request.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
const HEAD_LIMIT: Duration = Duration::from_secs(10);
const CONNECTION_LIMIT: Duration = Duration::from_secs(30);

/// Connections at once; more wait in the kernel's queue.
const CONNECTIONS: usize = 256;

/// Of these, from one address, or from one /64 of IPv6. A proxy on this machine counts its own clients.
const CONNECTIONS_OF_ONE: usize = 16;

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
    // Of a board only the one form is evidence, and only that is cosigned.
    if log.board.is_some()
        && let Err(error) = SignedCheckpoint::parse_and_verify(&new.to_string(), &origin, &key)
    {
        return bad(format!("not in the form of a board's checkpoint: {error}"));
    }
    if request.old > new.checkpoint().size {
        return bad("the old size is larger than the checkpoint".to_owned());
    }
    let held = match state.hold(&origin, &key) {
        Ok(held) => held,
        Err(failure) => return fault(&failure),
    };
    match advance(&held, &new, request.old, &request.proof, advance::now()) {
        Ok(line) => {
            // Anyone may ask for the same again, and that is no news.
            if new.checkpoint().size > request.old {
                voice.cosigned(&origin, new.checkpoint().size);
            }
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], format!("{line}\n")).into_response()
        }
        Err(Refusal::Size(size)) => (StatusCode::CONFLICT, [(header::CONTENT_TYPE, "text/x.tlog.size")], format!("{size}\n")).into_response(),
        Err(Refusal::OtherRoot(known)) => {
            let found = evidence::of_one_size(&log, &key, &known, &new);
            let size = known.checkpoint().size;
            report(voice, &origin, &held, &known, &new, found.as_ref());
            (StatusCode::CONFLICT, [(header::CONTENT_TYPE, "text/x.tlog.size")], format!("{size}\n")).into_response()
        }
        Err(Refusal::Proof(known)) => {
            if let Some(known) = known {
                let found = evidence::from_proof(&log, &key, &known, &new, &request.proof);
                report(voice, &origin, &held, &known, &new, found.as_ref());
            }
            (StatusCode::UNPROCESSABLE_ENTITY, "the consistency proof does not hold\n").into_response()
        }
        Err(Refusal::Fault(failure)) => fault(&failure),
    }
}

/// Keeps and says what was refused. Two roots of one size are a fork of any log; else without evidence it is the request that shows nothing, which anyone
/// may make.
fn report(voice: &Voice, origin: &Origin, held: &Held<'_>, known: &LogCheckpoint, new: &LogCheckpoint, found: Option<&ForkEvidence>) {
    let done = match found {
        Some(evidence) => held.accuse(evidence).map(|path| voice.fork(origin, &path)),
        None => held.keep_refused(known, new).map(|kept| match kept {
            Some(path) if known.checkpoint().size == new.checkpoint().size => voice.fork(origin, &path),
            Some(path) => voice.unshown(origin, &path),
            None => {}
        }),
    };
    if let Err(failure) = done {
        voice.trouble(&failure);
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
        let (slots, peers) = (Arc::new(Semaphore::new(CONNECTIONS)), Peers::default());
        loop {
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { continue };
            let Ok((stream, peer)) = listener.accept().await else {
                // The usual cause is that no file descriptor is left, and that does not change within a microsecond.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let Some(place) = peers.enter(peer.ip()) else { continue };
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
                drop((place, slot));
            });
        }
    })
}

/// How many connections each address has.
#[derive(Clone, Default)]
struct Peers(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// A connection's place among those of its address, until it is dropped.
struct Place {
    peers: Peers,
    of: IpAddr,
}

impl Peers {
    /// A place, unless the address has as many as it may.
    fn enter(&self, address: IpAddr) -> Option<Place> {
        let of = match address.to_canonical() {
            IpAddr::V6(v6) if !v6.is_loopback() => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
            other => other,
        };
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(of).or_default();
        if *count >= CONNECTIONS_OF_ONE && !of.is_loopback() {
            return None;
        }
        *count += 1;
        Some(Place { peers: self.clone(), of })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.peers.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut count) = counts.entry(self.of) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_gets_only_its_part_of_the_connections_and_gets_it_back() {
        let peers = Peers::default();
        let enter = |address: &str| peers.enter(address.parse().unwrap());
        for (one, alike, other) in [("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", "2001:db8:0:1::1")] {
            let mut places: Vec<Place> = (0..CONNECTIONS_OF_ONE).map(|_| enter(one).unwrap()).collect();
            assert!(enter(one).is_none() && enter(alike).is_none() && enter(other).is_some(), "{one}");
            places.pop();
            assert!(enter(alike).is_some());
        }
        assert!(peers.0.lock().unwrap().is_empty());
        let proxy: Vec<Option<Place>> = (0..100).map(|_| enter("127.0.0.1")).collect();
        assert!(proxy.iter().all(Option::is_some));
    }
}
