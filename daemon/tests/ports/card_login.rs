//! Logging in on the card port, where a browser shows the certificate of a card: who gets a session, and who reads why not.

use std::sync::{Arc, Mutex};

use hyper::Method;
use rustls::client::ResolvesClientCert;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, SignatureScheme};
use tachiai_jpki::testing::{CaKey, Holder, Municipality, TestCa};
use tachiai_jpki::{Purpose, UnixTime, Validity};
use tachiai_schemas::identity::Session;
use tachiaid::http::tls::provider;

use crate::appliance::{Answered, Appliance, Client, dial};
use crate::identity::{hanako, is_logged_in, unix};

const KEYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/jpki/keys");
const LOGIN: &str = "/api/v1/sessions/card";

/// The names of authorities and the signature schemes that the server asked for.
type Asked = (Vec<Vec<u8>>, Vec<SignatureScheme>);

/// Shows one certificate and signs with one key, whether they belong together or not; remembers what was asked.
#[derive(Debug)]
struct Shows {
    key: Arc<CertifiedKey>,
    asked: Mutex<Option<Asked>>,
}

impl Shows {
    fn new(certificate: &[u8], key: &str) -> Arc<Self> {
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(std::fs::read(format!("{KEYS}/{key}.pkcs8.der")).unwrap()));
        let key = CertifiedKey::new(vec![CertificateDer::from(certificate.to_vec())], any_supported_type(&key).unwrap());
        Arc::new(Self { key: Arc::new(key), asked: Mutex::new(None) })
    }
}

impl ResolvesClientCert for Shows {
    fn resolve(&self, hints: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        *self.asked.lock().unwrap() = Some((hints.iter().map(|hint| hint.to_vec()).collect(), schemes.to_vec()));
        Some(self.key.clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

fn browser(appliance: &Appliance, shows: Option<Arc<Shows>>) -> ClientConfig {
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().unwrap().with_root_certificates(appliance.roots());
    match shows {
        Some(shows) => builder.with_client_cert_resolver(shows),
        None => builder.with_no_client_auth(),
    }
}

async fn connect(appliance: &Appliance, shows: Option<Arc<Shows>>) -> Result<Client, String> {
    dial(appliance.card, browser(appliance, shows)).await
}

async fn login(appliance: &Appliance, shows: Option<Arc<Shows>>) -> Answered {
    connect(appliance, shows).await.unwrap().send(Method::POST, LOGIN, &[], "").await.unwrap()
}

async fn page(appliance: &Appliance, shows: Option<Arc<Shows>>, method: Method, headers: &[(&str, &str)]) -> (u16, String) {
    let answered = connect(appliance, shows).await.unwrap().send(method, "/", headers, "").await.unwrap();
    assert_eq!(answered.headers["content-type"], "text/html; charset=utf-8");
    // Under `no-referrer` a browser would send the form with `Origin: null`, which is refused.
    assert_eq!(answered.headers["referrer-policy"], "same-origin");
    assert!(answered.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    (answered.status.as_u16(), String::from_utf8(answered.body.to_vec()).unwrap())
}

fn issued(ca: &TestCa, appliance: &Appliance, key: &str, serial: u64, seconds: (i64, i64)) -> Vec<u8> {
    let spki_der = CaKey::from_pkcs8(&std::fs::read(format!("{KEYS}/{key}.pkcs8.der")).unwrap()).unwrap().spki_der();
    let at = |seconds: i64| UnixTime::from_secs(unix(appliance).checked_add_signed(seconds).unwrap());
    let validity = Validity { not_before: at(seconds.0), not_after: at(seconds.1) };
    ca.authentication_certificate(&Holder { spki_der, serial, validity, municipality: Municipality::yabu() }).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_holder_of_an_enrolled_card_gets_a_session_like_any_other() {
    let appliance = Appliance::start().await;
    let card = hanako(&appliance);
    let mut public = appliance.client().await;
    let citizen = card.enrol(&mut public).await.unwrap();
    let shows = || Some(Shows::new(&card.authentication, "holder"));

    let answered = login(&appliance, shows()).await;
    assert_eq!(answered.status, 201, "{answered:?}");
    assert_eq!(answered.headers["connection"], "close");
    let session: Session = answered.json();
    assert_eq!(session.citizen, citizen);
    assert!(is_logged_in(&mut public, &session).await);
    appliance.clock.advance(tachiaid::http::session::IDLE + 1);
    assert!(!is_logged_in(&mut public, &session).await);

    // And in a browser, in both languages.
    let (status, text) = page(&appliance, shows(), Method::GET, &[]).await;
    assert!(status == 200 && text.contains("lang=\"ja\"") && text.contains("ログインする"), "{text}");
    let (status, text) = page(&appliance, shows(), Method::GET, &[("accept-language", "en")]).await;
    assert!(status == 200 && text.contains("lang=\"en\"") && text.contains("does not let anybody vote"), "{text}");
    let (status, text) = page(&appliance, shows(), Method::POST, &[("accept-language", "en")]).await;
    assert!(status == 200 && text.contains(&citizen.to_string()), "{text}");
    let token = text.split("<code>").nth(1).unwrap().split("</code>").next().unwrap();
    let session = Session { token: token.parse().unwrap(), ..session };
    assert!(is_logged_in(&mut public, &session).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_p_384_card_logs_in() {
    let appliance = Appliance::start().await;
    let certificate = issued(&appliance.cards, &appliance, "p384-holder", 7, (-60, 3600));
    let answered = login(&appliance, Some(Shows::new(&certificate, "p384-holder"))).await;
    // The handshake is good; nobody is enrolled with it.
    assert_eq!(answered.problem(), "not-enrolled");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_gets_no_session_reads_why() {
    let appliance = Appliance::start().await;
    let card = hanako(&appliance);
    let cards = &appliance.cards;
    assert_eq!(login(&appliance, None).await.problem(), "card-not-shown");
    assert_eq!(login(&appliance, Some(Shows::new(&card.authentication, "holder"))).await.problem(), "not-enrolled");
    card.enrol(&mut appliance.client().await).await.unwrap();
    let key = |name: &str| CaKey::from_pkcs8(&std::fs::read(format!("{KEYS}/{name}.pkcs8.der")).unwrap()).unwrap();
    let validity = Validity { not_before: UnixTime::from_secs(unix(&appliance) - 60), not_after: UnixTime::from_secs(unix(&appliance) + 3600) };
    let others = TestCa::new(key("same-name-ca"), key("same-name-ca"), validity).unwrap();
    for (what, certificate, reason) in [
        ("expired", issued(cards, &appliance, "holder", 1, (-3600, -1)), "expired"),
        ("not yet valid", issued(cards, &appliance, "holder", 2, (60, 3600)), "not valid before"),
        ("of another authority of that name", issued(&others, &appliance, "holder", 3, (-60, 3600)), "issue"),
        ("for signing", card.signing.clone(), "key usage"),
        ("an authority's", cards.authority(Purpose::UserAuthentication).certificate().to_vec(), ""),
    ] {
        let signer = if what == "an authority's" { "authentication-ca" } else { "holder" };
        let answered = login(&appliance, Some(Shows::new(&certificate, signer))).await;
        assert_eq!(answered.problem(), "card-certificate", "{what}");
        assert!(String::from_utf8_lossy(&answered.body).contains(reason), "{what}: {answered:?}");
        for (lang, word) in [("ja", "窓口"), ("en", "counter")] {
            let (status, text) = page(&appliance, Some(Shows::new(&certificate, signer)), Method::GET, &[("accept-language", lang)]).await;
            assert!(status == 403 && text.contains(word) && text.contains("card-certificate"), "{what}: {text}");
        }
    }
    let (status, text) = page(&appliance, None, Method::GET, &[("accept-language", "en")]).await;
    assert!(status == 401 && text.contains("Put the card on the reader"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_is_revoked_or_cannot_be_checked_gets_no_session() {
    let appliance = Appliance::start().await;
    let card = hanako(&appliance);
    card.enrol(&mut appliance.client().await).await.unwrap();
    let (folder, cards, clock) = appliance.stop().await;
    let required = |config: &mut tachiaid::config::Config| config.cards.crl = tachiai_schemas::election::CrlRequirement::Required;
    let appliance = Appliance::serve(folder, cards, clock, required).await;
    let shows = || Some(Shows::new(&card.authentication, "holder"));
    assert_eq!(login(&appliance, shows()).await.problem(), "crl-stale");

    let now = unix(&appliance);
    let validity = Validity { not_before: UnixTime::from_secs(now - 60), not_after: UnixTime::from_secs(now + 86_400) };
    let serial = tachiai_jpki::Serial::from_u64(1001).unwrap();
    let revoked = vec![(serial, validity.not_before, tachiai_jpki::crl::Revocation::Revoked)];
    let list = tachiai_jpki::testing::RevocationList { validity, municipality: Some(Municipality::yabu()), revoked };
    let list = appliance.cards.authority(Purpose::UserAuthentication).revocation_list(&list).unwrap();
    std::fs::write(appliance.folder.path().join("data/crls/list.crl"), list).unwrap();
    let (folder, cards, clock) = appliance.stop().await;
    let appliance = Appliance::serve(folder, cards, clock, required).await;
    assert_eq!(login(&appliance, shows()).await.problem(), "card-certificate");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_without_its_key_gets_no_connection() {
    let appliance = Appliance::start().await;
    let card = hanako(&appliance);
    card.enrol(&mut appliance.client().await).await.unwrap();
    // The certificate can be read from a card without a PIN; the key cannot.
    assert!(connect(&appliance, Some(Shows::new(&card.authentication, "other-holder"))).await.is_err());
    assert!(connect(&appliance, Some(Shows::new(&card.authentication, "p384-holder"))).await.is_err());
    assert!(connect(&appliance, Some(Shows::new(b"no certificate", "holder"))).await.is_err());
    let weak = {
        let holder = Holder {
            spki_der: std::fs::read(format!("{KEYS}/holder-1024.spki.der")).unwrap(),
            serial: 9,
            validity: Validity { not_before: UnixTime::from_secs(unix(&appliance) - 60), not_after: UnixTime::from_secs(unix(&appliance) + 60) },
            municipality: Municipality::yabu(),
        };
        appliance.cards.authentication_certificate(&holder).unwrap()
    };
    assert!(connect(&appliance, Some(Shows::new(&weak, "holder"))).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_tls_1_2_is_spoken_and_only_what_cards_sign_is_asked_for() {
    let appliance = Appliance::start().await;
    let card = hanako(&appliance);
    let shows = Shows::new(&card.authentication, "holder");
    connect(&appliance, Some(shows.clone())).await.unwrap();
    let (hints, schemes) = shows.asked.lock().unwrap().clone().unwrap();
    assert_eq!(schemes, [SignatureScheme::RSA_PKCS1_SHA256, SignatureScheme::ECDSA_NISTP384_SHA384]);
    // The authority for signing is trusted too; its certificates are not asked for here.
    let authority = |purpose| appliance.cards.authority(purpose).anchor().unwrap().subject_der();
    assert_eq!(hints, [authority(Purpose::UserAuthentication)]);
    assert_ne!(hints, [authority(Purpose::DigitalSignature)]);

    let builder = ClientConfig::builder_with_provider(provider()).with_protocol_versions(&[&rustls::version::TLS13]).unwrap();
    let modern = builder.with_root_certificates(appliance.roots()).with_no_client_auth();
    assert!(dial(appliance.card, modern).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_handshake_is_resumed_and_no_connection_serves_twice() {
    let appliance = Appliance::start().await;
    let card = hanako(&appliance);
    card.enrol(&mut appliance.client().await).await.unwrap();
    let shows = Shows::new(&card.authentication, "holder");
    // One configuration keeps what the server gives for resumption.
    let tls = browser(&appliance, Some(shows.clone()));
    for _ in 0..3 {
        *shows.asked.lock().unwrap() = None;
        let mut client = dial(appliance.card, tls.clone()).await.unwrap();
        assert!(shows.asked.lock().unwrap().is_some(), "the card did not sign this handshake");
        assert_eq!(client.send(Method::POST, LOGIN, &[], "").await.unwrap().status, 201);
        assert!(client.send(Method::POST, LOGIN, &[], "").await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn http_2_is_not_spoken_even_if_it_begins_unasked() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let appliance = Appliance::start().await;
    let connector = tokio_rustls::TlsConnector::from(Arc::new(browser(&appliance, None)));
    let stream = tokio::net::TcpStream::connect(appliance.card).await.unwrap();
    let mut stream = connector.connect("localhost".try_into().unwrap(), stream).await.unwrap();
    // The preface of HTTP/2 and an empty SETTINGS frame: a server that speaks it answers with a SETTINGS frame of its own.
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1."), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_site_begins_no_session_and_the_port_has_no_other_routes() {
    let appliance = Appliance::start().await;
    let card = hanako(&appliance);
    let mut public = appliance.client().await;
    card.enrol(&mut public).await.unwrap();
    let shows = || Some(Shows::new(&card.authentication, "holder"));
    for (origin, status) in [("https://evil.example", 403), ("null", 403), ("http://localhost", 403), ("https://localhost", 201)] {
        let answered = connect(&appliance, shows()).await.unwrap().send(Method::POST, LOGIN, &[("origin", origin)], "").await.unwrap();
        assert_eq!(answered.status, status, "{origin}");
    }
    let (status, text) = page(&appliance, shows(), Method::POST, &[("origin", "https://evil.example")]).await;
    assert!(status == 403 && text.contains("wrong-origin"), "{text}");
    for path in ["/healthz", "/api/v1/elections", "/api/v1/approvals", "/api/v1/openapi.json"] {
        let answered = connect(&appliance, shows()).await.unwrap().send(Method::GET, path, &[], "").await.unwrap();
        assert_eq!(answered.problem(), "not-found", "{path}");
    }
    // The other ports know nothing of the route.
    assert_eq!(public.post(LOGIN, &serde_json::json!({})).await.problem(), "not-found");
}
