//! Accepts TLS connections, hands their requests to a router, and ends them gracefully.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use super::card::PeerCertificate;
use super::limits::PeerAddress;
use super::official::PeerKey;
use super::tls;

/// How long a client may take for the TLS handshake.
pub const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// How long a client may take for the head of a request, and how long a connection may lie idle between two.
pub const HEAD_LIMIT: Duration = Duration::from_secs(30);

/// How long requests may go on after the order to stop.
pub const DRAIN_LIMIT: Duration = Duration::from_secs(20);

/// One port: where, under which TLS, and who answers.
pub struct Port {
    /// Its name in the log.
    pub name: &'static str,
    /// The socket.
    pub listener: TcpListener,
    /// TLS.
    pub tls: Arc<ServerConfig>,
    /// The routes.
    pub router: Router,
    /// What is spoken over TLS.
    pub speaks: Speaks,
    /// Connections at once; more wait in the kernel's queue.
    pub connections: usize,
}

/// What a port speaks over TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    /// HTTP/1.1 and HTTP/2.
    Both,
    /// HTTP/1.1 alone, even with a client that begins HTTP/2 unasked: a connection of that goes on after an answer.
    Http1,
}

/// How connections of a port are answered.
#[derive(Clone)]
struct Answers {
    acceptor: TlsAcceptor,
    speaks: Speaks,
    router: Router,
}

/// Serves a port until `stop` becomes true or its sender is gone; then finishes the requests that are under way.
pub async fn serve(port: Port, mut stop: watch::Receiver<bool>) {
    let Port { name, listener, tls, router, speaks, connections } = port;
    let answers = Answers { acceptor: TlsAcceptor::from(tls), speaks, router };
    let graceful = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(connections));
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &slots) => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, address, slot)) => {
                tokio::spawn(connection(stream, address, answers.clone(), graceful.watcher(), slot));
            }
            Err(error) => {
                tracing::warn!(port = name, %error, "a connection could not be accepted");
                // The usual cause is that no file descriptor is left, and that does not change within a microsecond.
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_LIMIT, graceful.shutdown()).await.is_err() {
        tracing::warn!(port = name, "some requests did not end in time and were cut off");
    }
}

async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> std::io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let slot = slots.clone().acquire_owned().await.map_err(std::io::Error::other)?;
    let (stream, address) = listener.accept().await?;
    Ok((stream, address, slot))
}

async fn connection(stream: TcpStream, address: SocketAddr, answers: Answers, watcher: Watcher, slot: OwnedSemaphorePermit) {
    let Answers { acceptor, speaks, router } = answers;
    // Small answers must not wait for the client's acknowledgement of the last one.
    let _ = stream.set_nodelay(true);
    let stream = match tokio::time::timeout(HANDSHAKE_LIMIT, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            tracing::debug!(%error, "a TLS handshake failed");
            return;
        }
        Err(_) => return,
    };
    let leaf = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    let peer = leaf.and_then(tls::key_of).map(PeerKey);
    let certificate = leaf.map(|leaf| PeerCertificate(Arc::from(leaf.as_ref())));
    let service = service_fn(move |request: Request<Incoming>| {
        let (router, certificate) = (router.clone(), certificate.clone());
        async move {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(PeerAddress(address.ip()));
            if let Some(peer) = peer {
                request.extensions_mut().insert(peer);
            }
            if let Some(certificate) = certificate {
                request.extensions_mut().insert(certificate);
            }
            match router.oneshot(request).await {
                Ok(response) => Ok::<_, Infallible>(response),
                Err(never) => match never {},
            }
        }
    });
    let builder = Builder::new(TokioExecutor::new());
    let mut builder = match speaks {
        Speaks::Both => builder,
        Speaks::Http1 => builder.http1_only(),
    };
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_LIMIT).max_buf_size(64 << 10);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HEAD_LIMIT)
        .keep_alive_timeout(HANDSHAKE_LIMIT)
        .max_concurrent_streams(64)
        .max_header_list_size(16 << 10);
    let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a connection ended with an error");
    }
    drop(slot);
}
