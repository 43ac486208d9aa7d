//! The staff port knows everybody by their certificate, lets each do what the role allows, and needs two officials where nothing can be undone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::json;
use tachiai_schemas::receipt::ElectionSummary;
use tachiai_schemas::staff::{Approval, Pending, Role};
use tachiai_schemas::{Blob, Bytes, Refusal};
use tachiai_tests::appliance::{Appliance, Official, Programs};
use tachiai_tests::story::{Scene, Setting, Story};
use tachiai_tests::wire::Wire;

#[track_caller]
fn refused(official: &Official, arguments: &[&str], code: Refusal) {
    let outcome = official.tachiai(&[&["--json"], arguments].concat()).unwrap().expect(1).unwrap_or_else(|trouble| panic!("{trouble}"));
    let said: serde_json::Value = outcome.json().unwrap();
    assert_eq!((said["code"].as_str(), said["exit"].as_u64()), (Some(code.code()), Some(1)), "{said}");
}

/// Nobody without a certificate of the staff list gets an answer from the staff port that is more than a refusal.
#[track_caller]
fn turned_away(wire: &Wire) {
    for path in ["/healthz", "/api/v1/elections", "/api/v1/approvals"] {
        if let Ok(reply) = wire.send("GET", path, &[], None) {
            reply.refused("forbidden");
        }
    }
}

fn own_authority(name: &str) -> (String, String) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::new(Vec::<String>::new()).unwrap();
    parameters.distinguished_name.push(rcgen::DnType::CommonName, name);
    parameters.distinguished_name.push(rcgen::DnType::OrganizationalUnitName, "commission");
    (parameters.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

/// Another appliance, whose authority has the same name as this one's.
fn another_appliance(folder: &std::path::Path, residents: &tachiai_tests::appliance::Residents) -> Official {
    let other = Appliance::create(Programs::beside_this().unwrap(), &folder.join("another"), residents, |_| ()).unwrap();
    other.staff("nishimura", Role::Commission).unwrap()
}

#[test]
fn only_listed_certificates_get_in_and_each_role_does_its_own() {
    let mut scene = Scene::set(Setting::of(2));
    let staff = scene.appoint();
    let auditor = scene.appliance.staff("auditor", Role::Auditor).unwrap();
    let poll = scene.appliance.staff("poll", Role::Poll).unwrap();
    scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    let holding = scene.create(staff);
    let (url, ca) = (scene.appliance.staff_url(), scene.appliance.ca());

    // No certificate, one's own, that of another appliance, and a listed one on the wrong side of a key.
    turned_away(&Wire::anonymous(url.clone(), &ca));
    let (certificate, key) = own_authority("nishimura");
    turned_away(&Wire::with_identity(url.clone(), &ca, certificate.as_bytes(), key.as_bytes()));
    let stranger = another_appliance(&scene.folder, &scene.residents);
    let folder = stranger.profile().parent().unwrap();
    let profile: toml::Table = std::fs::read_to_string(stranger.profile()).unwrap().parse().unwrap();
    let read = |key: &str| std::fs::read(folder.join(profile[key].as_str().unwrap())).unwrap();
    turned_away(&Wire::with_identity(url, &ca, &read("cert"), &read("key")));

    // Roles.
    let id = holding.election.to_string();
    let spec = scene.folder.join("files/SPEC.toml");
    let roll = scene.folder.join("files/roll.csv");
    let card = holding.staff().trustees[0].card();
    let network_trustee = Wire::staff(&scene.appliance, &scene.appliance.staff("trustee-x", Role::Trustee).unwrap());
    for official in [&auditor, &poll] {
        refused(official, &["election", "create", spec.to_str().unwrap()], Refusal::Forbidden);
        refused(official, &["election", "import-roll", roll.to_str().unwrap(), "--election", &id], Refusal::Forbidden);
        refused(official, &["election", "add-trustee", card.to_str().unwrap(), "--election", &id], Refusal::Forbidden);
        refused(official, &["election", "ceremony", "--election", &id], Refusal::Forbidden);
        refused(official, &["election", "open", "--election", &id], Refusal::Forbidden);
    }
    auditor.tachiai(&["election", "status", "--election", &id]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    refused(&poll, &["election", "status", "--election", &id], Refusal::Forbidden);
    network_trustee.get(&format!("/api/v1/elections/{id}/status"), None).json::<serde_json::Value>();
    network_trustee.post(&format!("/api/v1/elections/{id}/acts"), None, &json!({ "act": "open" })).refused("forbidden");
    network_trustee.get("/api/v1/approvals", None).refused("forbidden");

    // Whoever is taken off the list is out at once, on a connection that stands as on a new one.
    let auditor_wire = Wire::staff(&scene.appliance, &auditor);
    auditor_wire.get("/api/v1/elections", None).json::<Vec<ElectionSummary>>();
    scene.appliance.tachiaid(&["staff", "revoke", "auditor"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    turned_away(&auditor_wire);
    turned_away(&Wire::staff(&scene.appliance, &auditor));
    let outcome = auditor.tachiai(&["election", "status", "--election", &id]).unwrap();
    assert!(matches!(outcome.code, Some(1 | 4)), "{outcome:?}");

    // Staff bodies are read as strictly as everybody's.
    let commission = Wire::staff(&scene.appliance, &holding.staff().first);
    commission.post(&format!("/api/v1/elections/{id}/acts"), None, &json!({ "act": "erase" })).refused("bad-request");
    commission.post(&format!("/api/v1/elections/{id}/acts"), None, &json!({ "act": "open", "now": true })).refused("bad-request");
    commission.post("/api/v1/elections", None, &json!({})).refused("bad-request");
    commission.post_bytes(&format!("/api/v1/elections/{id}/trustee-files"), None, b"{").refused("bad-request");
}

#[test]
fn two_officials_agree_and_nothing_is_done_out_of_its_phase() {
    let mut scene = Scene::set(Setting::of(2));
    let staff = scene.appoint();
    scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    let holding = scene.create(staff);
    let (first, second) = (holding.staff().first.clone(), holding.staff().second.clone());
    let id = holding.election.to_string();
    let ask = |act: &str| first.tachiai(&["--json", "election", act, "--election", &id]).unwrap();
    let asked = |act: &str| ask(act).expect(3).unwrap_or_else(|trouble| panic!("{trouble}")).json::<Pending>().unwrap();

    // Drafts and ceremonies cannot be closed, counted or published, nor opened before they are complete.
    for act in ["open", "close-online", "close-poll", "count", "publish"] {
        let said: serde_json::Value = ask(act).expect(1).unwrap_or_else(|trouble| panic!("{act}: {trouble}")).json().unwrap();
        assert!(["wrong-phase", "incomplete"].contains(&said["code"].as_str().unwrap()), "{act}: {said}");
    }
    refused(&first, &["election", "ceremony", "--election", &id], Refusal::Incomplete);
    holding.ceremony().unwrap_or_else(|trouble| panic!("{trouble}"));
    refused(&first, &["election", "ceremony", "--election", &id], Refusal::WrongPhase);
    refused(&first, &["election", "close-online", "--election", &id], Refusal::WrongPhase);

    // The same official, a wrong signature, another message, an ID that nobody was given.
    let pending = asked("open");
    assert_eq!(pending.requested_by, "nishimura");
    refused(&first, &["approve", &pending.id, "--yes"], Refusal::SameOfficial);
    let wire = Wire::staff(&scene.appliance, &second);
    let path = format!("/api/v1/approvals/{}", pending.id);
    let forged = Approval { message: pending.message, signature: Blob(vec![0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01]) };
    wire.post(&path, None, &forged).refused("approval-signature");
    let other = Approval { message: Bytes([1; 32]), signature: Blob(Vec::new()) };
    wire.post(&path, None, &other).refused("approval-signature");
    wire.post("/api/v1/approvals/aaaaaaaa", None, &forged).refused("not-found");
    let unknown = second.tachiai(&["approve", "aaaaaaaa", "--yes"]).unwrap();
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    let listed = second.tachiai(&["approvals"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(listed.stdout.contains(&pending.id), "{}", listed.stdout);

    // Approved, it is done, once.
    second.ask::<serde_json::Value>(&["approve", &pending.id, "--yes"]).unwrap_or_else(|trouble| panic!("{trouble}"));
    let again = second.tachiai(&["approve", &pending.id, "--yes"]).unwrap();
    assert_eq!(again.code, Some(1), "{again:?}");
    refused(&first, &["election", "open", "--election", &id], Refusal::WrongPhase);
    let status = holding.status().unwrap();
    assert_eq!(status.summary.phase, tachiai_schemas::receipt::Phase::Open);
    assert!(status.pending.is_empty(), "{:?}", status.pending);

    // What waits survives a restart.
    let pending = asked("close-online");
    scene.appliance.stop().unwrap_or_else(|trouble| panic!("{trouble}"));
    scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    second.ask::<serde_json::Value>(&["approve", &pending.id, "--yes"]).unwrap_or_else(|trouble| panic!("{trouble}"));
    refused(&first, &["election", "close-online", "--election", &id], Refusal::WrongPhase);
    refused(&first, &["election", "count", "--election", &id], Refusal::WrongPhase);
    refused(&first, &["election", "import-roll", scene.folder.join("files/roll.csv").to_str().unwrap(), "--election", &id], Refusal::WrongPhase);
}

#[test]
fn staff_can_be_listed_and_added_while_the_daemon_runs() {
    let story = Story::new(2);
    let appliance = &story.scene.appliance;
    let late = appliance.staff("latecomer", Role::Auditor).unwrap_or_else(|trouble| panic!("{trouble}"));
    Wire::staff(appliance, &late).get("/api/v1/elections", None).json::<Vec<ElectionSummary>>();
    let listed = appliance.tachiaid(&["--json", "staff", "list"]).unwrap().ok().unwrap();
    for name in ["nishimura", "tanaka", "latecomer"] {
        assert!(listed.stdout.contains(name), "{}", listed.stdout);
    }
    let twice = appliance.tachiaid(&["--lang", "en", "staff", "revoke", "nobody"]).unwrap();
    assert_eq!(twice.code, Some(1), "{twice:?}");
    assert!(twice.stderr.contains("nobody"), "{}", twice.stderr);
}
