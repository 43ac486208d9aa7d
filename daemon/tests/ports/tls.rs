//! Who gets through the handshake, and who loses access when.

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use tachiai_schemas::staff::Role;
use tachiaid::app::control::{Answer, Request};

use crate::appliance::{Appliance, Credentials, connect};

#[tokio::test(flavor = "multi_thread")]
async fn the_staff_port_refuses_a_client_without_a_certificate() {
    let appliance = Appliance::start().await;
    assert!(connect(appliance.staff, appliance.tls(None)).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_staff_port_refuses_a_certificate_of_another_authority() {
    let appliance = Appliance::start().await;
    let own = appliance.hire("甲", Role::Commission).await;
    assert!(appliance.staff_client(&own).await.is_ok());

    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority = Issuer::new(params, KeyPair::generate().unwrap());
    let mut leaf = CertificateParams::new(Vec::new()).unwrap();
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    // The forged certificate even bears the key that is on the staff list.
    let key = KeyPair::from_pem(std::str::from_utf8(&own.key).unwrap()).unwrap();
    let forged = leaf.signed_by(&key, &authority).unwrap();
    let forged = Credentials { certificate: forged.pem().into_bytes(), key: own.key };
    assert!(appliance.staff_client(&forged).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_revoked_loses_access_on_the_connection_that_is_open_and_on_new_ones() {
    let appliance = Appliance::start().await;
    let credentials = appliance.hire("甲", Role::Commission).await;
    let mut open = appliance.staff_client(&credentials).await.unwrap();
    assert_eq!(open.get("/api/v1/approvals").await.status, 200);

    assert_eq!(appliance.control(Request::Revoke { name: "甲".to_owned() }).await, Answer::Done);

    assert_eq!(open.get("/api/v1/approvals").await.problem(), "forbidden");
    assert_eq!(open.get("/api/v1/elections").await.problem(), "forbidden");
    assert!(appliance.staff_client(&credentials).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_port_asks_for_no_certificate_and_has_no_staff_routes() {
    let appliance = Appliance::start().await;
    let mut client = appliance.client().await;
    assert_eq!(client.get("/api/v1/elections").await.status, 200);
    assert_eq!(client.get("/api/v1/approvals").await.problem(), "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_1_2_is_spoken_on_both_ports() {
    let appliance = Appliance::start().await;
    let credentials = appliance.hire("甲", Role::Auditor).await;
    let ca = std::fs::read(appliance.folder.path().join("data/tls/ca.pem")).unwrap();
    let only = |credentials: Option<&Credentials>| {
        use rustls::pki_types::pem::PemObject;
        use rustls::pki_types::{CertificateDer, PrivateKeyDer};
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(&ca).unwrap()).unwrap();
        let builder = rustls::ClientConfig::builder_with_provider(tachiaid::http::tls::provider())
            .with_protocol_versions(&[&rustls::version::TLS12])
            .unwrap()
            .with_root_certificates(roots);
        match credentials {
            None => builder.with_no_client_auth(),
            Some(Credentials { certificate, key }) => {
                builder.with_client_auth_cert(vec![CertificateDer::from_pem_slice(certificate).unwrap()], PrivateKeyDer::from_pem_slice(key).unwrap()).unwrap()
            }
        }
    };
    assert!(connect(appliance.public, only(None)).await.is_ok());
    assert!(connect(appliance.staff, only(Some(&credentials))).await.is_ok());
    assert!(connect(appliance.staff, only(None)).await.is_err());
}
