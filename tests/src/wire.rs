//! Requests as nobody's program sends them: any bytes, any header, and the answer as it came.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a story that cannot go on fails")]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tachiai_schemas::refusal::Problem;
use ureq::http::Request;
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig};

use crate::appliance::{Appliance, Official};

/// A connection to one port.
#[derive(Clone)]
pub struct Wire {
    agent: ureq::Agent,
    base: String,
}

/// An answer as it came.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The content type.
    pub kind: String,
    /// Every header, by its name in small letters.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Wire {
    /// To the public port.
    pub fn public(appliance: &Appliance) -> Wire {
        Wire::new(appliance.url(), &appliance.ca(), None)
    }

    /// To the staff port with an official's certificate.
    pub fn staff(appliance: &Appliance, official: &Official) -> Wire {
        let folder = official.profile().parent().unwrap();
        let profile: toml::Table = fs::read_to_string(official.profile()).unwrap().parse().unwrap();
        let read = |key: &str| fs::read(folder.join(profile[key].as_str().unwrap())).unwrap();
        Wire::with_identity(appliance.staff_url(), &appliance.ca(), &read("cert"), &read("key"))
    }

    /// To a port with any certificate and key, PEM.
    pub fn with_identity(base: String, ca: &Path, certificate: &[u8], key: &[u8]) -> Wire {
        let chain: Vec<_> = certificates(certificate);
        Wire::new(base, ca, Some(ClientCert::new_with_certs(&chain, PrivateKey::from_pem(key).unwrap())))
    }

    /// To a port without a certificate.
    pub fn anonymous(base: String, ca: &Path) -> Wire {
        Wire::new(base, ca, None)
    }

    fn new(base: String, ca: &Path, identity: Option<ClientCert>) -> Wire {
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::from(certificates(&fs::read(ca).unwrap())))
            .client_cert(identity)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let agent = ureq::Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .new_agent();
        Wire { agent, base }
    }

    /// Sends a request once.
    ///
    /// # Errors
    /// There is no connection, or it broke off.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Result<Reply, ureq::Error> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match body {
            Some(body) => self.agent.run(request.body(body).unwrap()),
            None => self.agent.run(request.body(()).unwrap()),
        }?;
        let status = response.status().as_u16();
        let text = |value: &ureq::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let headers: Vec<_> = response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        let kind = response.headers().get("content-type").map(text).unwrap_or_default();
        let body = response.into_body().into_with_config().limit(1 << 30).read_to_vec()?;
        Ok(Reply { status, kind, headers, body })
    }

    /// Gets.
    pub fn get(&self, path: &str, token: Option<&str>) -> Reply {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let headers: Vec<_> = bearer.iter().map(|bearer| ("authorization", bearer.as_str())).chain([("accept-language", "en")]).collect();
        self.send("GET", path, &headers, None).unwrap()
    }

    /// Posts JSON.
    pub fn post(&self, path: &str, token: Option<&str>, body: &impl Serialize) -> Reply {
        self.post_bytes(path, token, &serde_json::to_vec(body).unwrap())
    }

    /// Posts bytes as if they were JSON.
    pub fn post_bytes(&self, path: &str, token: Option<&str>, body: &[u8]) -> Reply {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("content-type", "application/json"), ("accept-language", "en")];
        headers.extend(bearer.iter().map(|bearer| ("authorization", bearer.as_str())));
        self.send("POST", path, &headers, Some(body)).unwrap()
    }
}

fn certificates(pem: &[u8]) -> Vec<Certificate<'static>> {
    let found = ureq::tls::parse_pem(pem).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    found.collect()
}

impl Reply {
    /// The answer, which must be a success.
    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        assert!((200..300).contains(&self.status), "status {}: {}", self.status, self.text());
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The problem, which must have this code and be told as RFC 9457 says.
    #[track_caller]
    pub fn refused(&self, code: &str) -> Problem {
        assert_eq!(self.kind, "application/problem+json", "status {}: {}", self.status, self.text());
        let problem: Problem = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem.code, code, "{}", self.text());
        let known = tachiai_schemas::Refusal::ALL.iter().find(|refusal| refusal.code() == code).unwrap();
        assert_eq!((self.status, problem.status), (known.status(), known.status()), "{code}");
        assert_eq!(problem.kind, format!("urn:tachiai:problem:{code}"));
        assert!(!problem.title.is_empty());
        problem
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body for a message.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
