//! The headquarters give the fire service everybody with a need, and a hospital whom it may have; each agency gets its own and nothing else; an ambulance crew reads
//! one questionnaire, and everybody sees that it did; a resident sees who got what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Read;
use std::path::{Path, PathBuf};

use rand_core::{OsRng, RngCore};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::identity::Enrolled;
use tachiai_schemas::roster::CardRule;
use tachiai_schemas::sharing::alert::Alert;
use tachiai_schemas::sharing::disclosed::{DisclosedAt, Form, Sent};
use tachiai_schemas::staff::{Pending, Role};
use tachiai_schemas::{Bytes, CitizenId, Refusal};
use tachiai_tests::appliance::{Official, Outcome};
use tachiai_tests::reception::{Drill, client};
use tachiai_tests::seat::Seat;
use tachiai_tests::story::now;
use tachiai_tests::wire::Wire;
use tachiaid::config::Config;
use tachiaid::pki::Authority;
use tachiaid::vault::{MasterKey, Vault};

/// An agency with its certificate and its age key.
struct Agency {
    name: &'static str,
    official: Official,
    key: age::x25519::Identity,
}

struct Night {
    drill: Drill,
    /// Approves what the headquarters ask for.
    second: Official,
    fire: Agency,
    hospital: Agency,
}

#[track_caller]
fn ok<T: DeserializeOwned>(outcome: Outcome) -> T {
    outcome.ok().unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap_or_else(|trouble| panic!("{trouble}"))
}

impl Night {
    fn begin(residents: usize) -> Self {
        let drill = Drill::begin(residents, CardRule::WithoutPin);
        let agency = |name: &'static str, kind: &str| {
            let official = drill.scene.appliance.staff(name, Role::Agency).unwrap_or_else(|trouble| panic!("{trouble}"));
            let key = age::x25519::Identity::generate();
            let recipient = key.to_public().to_string();
            let line = ["agency", "set", name, "--kind", kind, "--recipient", &recipient, "--contact", "079-000-0119"];
            drill.headquarters.ask::<Value>(&line).unwrap_or_else(|trouble| panic!("{trouble}"));
            Agency { name, official, key }
        };
        let (fire, hospital) = (agency("fire", "fire"), agency("hospital", "medical"));
        let second = drill.scene.appliance.staff("headquarters-2", Role::Headquarters).unwrap_or_else(|trouble| panic!("{trouble}"));
        Self { drill, second, fire, hospital }
    }

    #[track_caller]
    fn ask<T: DeserializeOwned>(&self, arguments: &[&str]) -> T {
        self.drill.headquarters.ask(arguments).unwrap_or_else(|trouble| panic!("{trouble}"))
    }

    /// Asks for a grant; the first words are name, agency and basis.
    #[track_caller]
    fn ask_grant(&self, [name, agency, basis]: [&str; 3], more: &[&str]) -> Outcome {
        let until = now().plus(3600).to_string();
        let line = ["--json", "agency", "grant", name, "--agency", agency, "--basis", basis, "--purpose", "救急搬送の準備", "--until", &until];
        self.drill.headquarters.tachiai(&[&line, more].concat()).unwrap()
    }

    /// Grants, by two.
    #[track_caller]
    fn grant(&self, words: [&str; 3], more: &[&str]) {
        let pending: Pending = self.ask_grant(words, more).expect(3).unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
        ok::<Value>(self.second.tachiai(&["--json", "approve", &pending.id, "--yes"]).unwrap());
    }

    /// Somebody arrives at the gym; the handle.
    fn arrive(&self, person: &Value) -> String {
        let act = json!({ "chain": null, "after": [], "shelter": "gym", "act": "in", "time": null, "person": person });
        let path = format!("/api/v1/shelter/events/{}/people", self.drill.event);
        let done: Value = client(&self.drill.headquarters).post(&path, None, &act).unwrap_or_else(|failure| panic!("{failure}"));
        done["chain"].as_str().unwrap().to_owned()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.drill.scene.folder.join(name)
    }

    fn verify(&self, file: &Path) -> Outcome {
        self.verify_with(file, &["--json"])
    }

    fn verify_with(&self, file: &Path, more: &[&str]) -> Outcome {
        self.drill.scene.appliance.programs().run("tachiai-verify", [&["disclosure", file.to_str().unwrap()], more].concat()).unwrap()
    }
}

impl Agency {
    /// What is encrypted to it.
    fn open(&self, bundle: &[u8]) -> Result<Vec<u8>, String> {
        let decryptor = age::Decryptor::new(bundle).map_err(|error| error.to_string())?;
        let mut plain = Vec::new();
        let mut reader = decryptor.decrypt(std::iter::once(&self.key as &dyn age::Identity)).map_err(|error| error.to_string())?;
        reader.read_to_end(&mut plain).map_err(|error| error.to_string())?;
        Ok(plain)
    }
}

fn person(name: &str, more: Value) -> Value {
    let mut person = json!({ "name": name, "phone": "090-0000-0000", "identified": "typed", "stay": "shelter" });
    person.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    person
}

fn id() -> Bytes<16> {
    let mut bytes = [0; 16];
    OsRng.fill_bytes(&mut bytes);
    Bytes(bytes)
}

#[test]
fn the_fire_service_gets_everybody_with_a_need_and_can_check_that_nobody_was_withheld_in_silence() {
    let night = Night::begin(2);
    night.arrive(&person("要介護　一", json!({ "needs": ["care"] })));
    night.arrive(&person("要介護　二", json!({ "needs": ["care", "food"] })));
    night.arrive(&person("元気　三", json!({})));
    night.arrive(&person("秘密　四", json!({ "needs": ["care"], "protection": "protected" })));
    night.grant(["fire-care", "fire", "affected-ledger"], &["--need", "care", "--field", "name", "--field", "needs"]);
    let bundle = night.file("fire.age");
    let made: DisclosedAt = night.ask(&["disclose", "--grant", "fire-care", "--need", "care", "--out", bundle.to_str().unwrap()]);
    assert_eq!((made.disclosed.people, made.disclosed.withheld.len(), made.disclosed.withheld[0].persons), (2, 1, 1));

    // The agency opens it with its key, and it verifies.
    let bytes = std::fs::read(&bundle).unwrap();
    let plain = night.fire.open(&bytes).unwrap();
    let file = night.file("fire.disclosure");
    std::fs::write(&file, &plain).unwrap();
    let verdict: Value = ok(night.verify(&file));
    assert!(verdict.to_string().contains("fire") && !verdict.to_string().contains("要介護　一"), "{verdict}");
    // Whom it is about is shown to who asks for it, in words and for a program.
    let told = night.verify_with(&file, &["--lang", "ja"]).ok().unwrap_or_else(|trouble| panic!("{trouble}")).stdout;
    assert!(told.contains("--people を付けると") && !told.contains("要介護　一"), "{told}");
    let told = night.verify_with(&file, &["--lang", "ja", "--people"]).ok().unwrap_or_else(|trouble| panic!("{trouble}")).stdout;
    let at = |text: &str| told.find(text).unwrap_or_else(|| panic!("{text}: {told}"));
    assert!(at("正しい提供です") < at("氏名: 要介護　一") && at("氏名: 要介護　二") < told.len() && at("配慮: 要介護・要支援、食物アレルギー") > 0, "{told}");
    let named: Value = ok(night.verify_with(&file, &["--json", "--people"]));
    assert_eq!((named["people"].as_u64(), named["given"].as_array().map(Vec::len)), (Some(2), Some(2)), "{named}");
    assert!(named["given"].to_string().contains("要介護　一"), "{named}");
    let text = String::from_utf8(plain.clone()).unwrap();
    assert!(text.contains("要介護　一") && text.contains("要介護　二"));
    for absent in ["元気", "秘密", "090-0000-0000"] {
        assert!(!text.contains(absent), "{absent} was given");
    }
    // A bundle for another recipient, an altered one, and an altered disclosure.
    assert!(night.hospital.open(&bytes).is_err());
    for at in [40, bytes.len() / 2, bytes.len() - 1] {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        assert!(night.fire.open(&altered).is_err(), "byte {at}");
    }
    std::fs::write(&file, text.replacen("要介護　一", "要介護　七", 1)).unwrap();
    for more in [&["--json", "--people"][..], &["--people"]] {
        let refuted = night.verify_with(&file, more);
        assert_eq!(refuted.code, Some(1));
        assert!(!refuted.stdout.contains("要介護") && !refuted.stderr.contains("要介護"), "nobody in what does not hold is shown: {refuted:?}");
    }

    // The agency fetches the same bundle over its own certificate, also after a restart.
    let mut night = night;
    night.drill.scene.appliance.stop().unwrap();
    night.drill.scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    let fetched = night.file("fetched.age");
    let request = made.disclosed.request.to_string();
    ok::<Value>(night.fire.official.tachiai(&["--json", "agency", "fetch", &request, "--out", fetched.to_str().unwrap()]).unwrap());
    assert_eq!(std::fs::read(&fetched).unwrap(), bytes);
    let own: Vec<DisclosedAt> = night.fire.official.ask(&["agency", "disclosures"]).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!(own, [made]);
    let log = std::fs::read_to_string(night.drill.scene.appliance.log()).unwrap();
    assert!(!log.contains("要介護"));
}

#[test]
fn exactly_what_a_preview_showed_leaves_or_nothing() {
    let night = Night::begin(2);
    night.arrive(&person("要介護　一", json!({ "needs": ["care"] })));
    night.arrive(&person("秘密　四", json!({ "needs": ["care"], "protection": "protected" })));
    night.grant(["fire-care", "fire", "affected-ledger"], &["--need", "care", "--field", "name"]);
    let line = ["disclose", "--grant", "fire-care", "--need", "care"];
    let preview = || -> Value { night.ask(&[&line[..], &["--preview"]].concat()) };
    let seen = |shown: &Value| shown["seen"].as_str().unwrap().to_owned();
    let first = preview();
    assert_eq!(first["preview"]["people"].as_array().unwrap().len(), 1);
    assert_eq!(first["preview"]["withheld"][0]["persons"], 1);
    assert!(first.to_string().contains("要介護　一") && !first.to_string().contains("秘密") && !first.to_string().contains("090-0000-0000"));
    assert_eq!(seen(&preview()), seen(&first));

    // Somebody arrives: what was shown is not what would leave.
    night.arrive(&person("要介護　二", json!({ "needs": ["care"] })));
    let out = night.file("seen.age");
    let give = |seen: &str| [&line[..], &["--seen", seen, "--out", out.to_str().unwrap()]].concat().into_iter().map(str::to_owned).collect::<Vec<_>>();
    let words = |line: &[String]| -> Outcome {
        let line: Vec<&str> = line.iter().map(String::as_str).collect();
        night.drill.headquarters.tachiai(&[&["--json"][..], &line].concat()).unwrap()
    };
    assert_eq!(words(&give(&seen(&first))).code, Some(1));
    assert!(!out.exists());
    let made: DisclosedAt = ok(words(&give(&seen(&preview()))));
    assert_eq!(made.disclosed.people, 2);
    assert!(out.exists());
}

#[test]
fn what_a_grant_does_not_give_is_refused_in_its_own_words() {
    let night = Night::begin(2);
    let chain = night.arrive(&person("要介護　一", json!({ "needs": ["care"] })));
    night.grant(["fire-care", "fire", "affected-ledger"], &["--need", "care", "--field", "name"]);
    night.grant(["hospital-one", "hospital", "affected-ledger"], &["--persons", "--field", "name"]);
    let event = night.drill.event;
    let other: Value = json!("aaaaaaaaaaaaaaaaaaaaaaaaaa");
    let good = json!({
        "request": id(), "grant": "fire-care", "agency": "fire", "purpose": "救急搬送の準備", "event": event, "shelters": [],
        "of": { "kind": "need", "need": "care" }, "persons": [], "fields": ["name"],
    });
    let [fire, hospital] = [&night.fire, &night.hospital].map(|agency| Wire::staff(&night.drill.scene.appliance, &agency.official));
    let path = "/api/v1/sharing/disclosures";
    let changed = |key: &str, value: Value| {
        let mut asked = good.clone();
        asked[key] = value;
        asked["request"] = json!(id());
        asked
    };
    for (key, value, refusal) in [
        ("agency", json!("hospital"), Refusal::OtherAgency),
        ("grant", json!("hospital-one"), Refusal::OtherAgency),
        ("grant", json!("none"), Refusal::NotFound),
        ("purpose", json!("訓練"), Refusal::PurposeNotGranted),
        ("purpose", json!(["救急搬送の準備", "訓練"]), Refusal::BadRequest),
        ("fields", json!(["name", "phone"]), Refusal::FieldNotGranted),
        ("of", json!({ "kind": "everybody" }), Refusal::PersonNotGranted),
        ("of", json!({ "kind": "need", "need": "medical" }), Refusal::PersonNotGranted),
        ("persons", json!([chain]), Refusal::SharingInvalid),
        ("shelters", json!(["nowhere", 7]), Refusal::BadRequest),
        ("event", other, Refusal::NotFound),
    ] {
        fire.post(path, None, &changed(key, value)).refused(refusal.code());
    }
    // Two purposes in one request.
    let two = serde_json::to_string(&good).unwrap().replacen("\"purpose\":", "\"purpose\":\"訓練\",\"purpose\":", 1);
    fire.post_bytes(path, None, two.as_bytes()).refused(Refusal::BadRequest.code());
    let line = ["disclose", "--grant", "fire-care", "--need", "care", "--purpose", "訓練", "--purpose", "救急搬送の準備", "--out", "x.age"];
    assert_eq!(night.drill.headquarters.tachiai(&line).unwrap().code, Some(64));
    // A replay gets what was made before; the same ID for something else, nothing.
    let first: DisclosedAt = fire.post(path, None, &good).json();
    assert_eq!(fire.post(path, None, &good).json::<DisclosedAt>(), first);
    fire.post(
        path,
        None,
        &json!({ "request": good["request"], "grant": "fire-care", "agency": "fire", "purpose": "救急搬送の準備", "event": event,
        "shelters": ["gym"], "of": good["of"], "persons": [], "fields": ["name"] }),
    )
    .refused(Refusal::RequestReused.code());
    let bundle = format!("{path}/{}/bundle", first.disclosed.request);
    hospital.get(&bundle, None).refused(Refusal::OtherAgency.code());
    hospital.post(path, None, &good).refused(Refusal::OtherAgency.code());
    assert!(hospital.get(path, None).json::<Vec<DisclosedAt>>().is_empty());
    assert_eq!(fire.get(&bundle, None).body.len() as u64, first.disclosed.bytes);
    // An agency does nothing of the headquarters', and nobody else what is an agency's.
    let agency = json!({ "name": "fire", "kind": "fire", "recipient": night.hospital.key.to_public().to_string(), "contact": "x" });
    let agency = json!({ "before": null, "now": agency });
    fire.post("/api/v1/sharing/agencies", None, &agency).refused(Refusal::Forbidden.code());
    fire.get("/api/v1/sharing/alerts", None).refused(Refusal::Forbidden.code());
    Wire::staff(&night.drill.scene.appliance, &night.drill.desk).get(path, None).refused(Refusal::Forbidden.code());
    // A grant is not made twice; once withdrawn, nothing is given on it.
    let until = now().plus(60).to_string();
    let again =
        ["agency", "grant", "fire-care", "--agency", "fire", "--basis", "consent", "--purpose", "別", "--everybody", "--field", "name", "--until", &until];
    let said: Value = night.drill.headquarters.tachiai(&[&["--json"], &again[..]].concat()).unwrap().expect(1).unwrap().json().unwrap();
    assert_eq!(said["code"], json!("grant-taken"), "it is said before a colleague is asked");
    // Whoever saw it otherwise than it is changes nothing.
    let stale = json!({ "before": null, "now": { "name": "fire", "kind": "fire", "recipient": night.hospital.key.to_public().to_string(), "contact": "y" } });
    Wire::staff(&night.drill.scene.appliance, &night.drill.headquarters).post("/api/v1/sharing/agencies", None, &stale).refused(Refusal::Overtaken.code());
    // One official sends the agency elsewhere: what two granted does not go there.
    let set = |recipient: String| night.ask::<Value>(&["agency", "set", "fire", "--kind", "fire", "--recipient", &recipient, "--contact", "079-000-0119"]);
    set(night.hospital.key.to_public().to_string());
    fire.post(path, None, &changed("fields", json!([]))).refused(Refusal::AgencyChanged.code());
    set(night.fire.key.to_public().to_string());
    assert_eq!(fire.post(path, None, &changed("fields", json!([]))).json::<DisclosedAt>().disclosed.people, 1);
    night.ask::<Value>(&["agency", "withdraw", "fire-care"]);
    fire.post(path, None, &changed("fields", json!([]))).refused(Refusal::GrantOver.code());
    fire.get(&bundle, None).refused(Refusal::GrantOver.code());
    // Nothing of all this that was refused stands in the list.
    assert_eq!(night.ask::<Vec<DisclosedAt>>(&["agency", "disclosures"]).len(), 2);
}

/// The files of an archive.
fn files(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(archive);
    let files = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (entry.path().unwrap().to_str().unwrap().to_owned(), bytes)
    });
    files.collect()
}

#[test]
fn the_same_people_go_in_the_form_that_the_grant_gives_and_in_no_other() {
    let night = Night::begin(2);
    night.arrive(&person("透析　一", json!({ "needs": ["medical"], "birth": { "day": "1950-04-01" } })));
    night.arrive(&person("元気　二", json!({})));
    let fields = ["--need", "medical", "--field", "name", "--field", "birth"];
    night.grant(["hospital-care", "hospital", "affected-ledger"], &[&fields[..], &["--format", "fhir", "--format", "csv"]].concat());
    night.grant(["hospital-proof", "hospital", "affected-ledger"], &fields);
    let out = |name: &str| night.file(name).to_str().unwrap().to_owned();
    for (format, name) in [("csv", "people.csv"), ("fhir", "people.fhir.json")] {
        let bundle = out(&format!("{format}.age"));
        let line = ["disclose", "--grant", "hospital-care", "--need", "medical", "--format", format, "--out", &bundle];
        let made: DisclosedAt = night.ask(&line);
        let files = files(&night.hospital.open(&std::fs::read(&bundle).unwrap()).unwrap());
        let [(proof, disclosure), (form, people)] = &files[..] else { panic!("{} files", files.len()) };
        assert_eq!((proof.as_str(), form.as_str()), ("people.disclosure", name));
        let file = night.file("people.disclosure");
        std::fs::write(&file, disclosure).unwrap();
        ok::<Value>(night.verify(&file));
        let recorded = made.disclosed.form.unwrap();
        assert_eq!((made.disclosed.plain.hash(), recorded.hash), (Hash32::sha256(disclosure), Form::commitment(disclosure, people)));
        assert_ne!(recorded.hash.hash(), Hash32::sha256(people), "what has few possibilities is not found by trying");
        let text = String::from_utf8(people.clone()).unwrap();
        assert!(text.contains("透析") && text.contains("1950-04-01"), "{text}");
        for absent in ["元気", "090-0000-0000"] {
            assert!(!text.contains(absent), "{absent} was given as {format}");
        }
    }
    let event = night.drill.event.to_string();
    // The hospital pulls the bundle of now over its own certificate; any client may.
    let pulled = night.file("pulled.json");
    ok::<Value>(
        night
            .hospital
            .official
            .tachiai(&["--json", "agency", "pull", "hospital-care", "--event", &event, "--need", "medical", "--out", &out("pulled.json")])
            .unwrap(),
    );
    let bytes = std::fs::read(&pulled).unwrap();
    let bundle: Value = serde_json::from_slice(&bytes).unwrap();
    let text = bundle.to_string();
    assert!(bundle["resourceType"] == "Bundle" && text.contains("透析") && !text.contains("元気") && !text.contains("090-0000-0000"), "{text}");
    // `make fhir` reads it with a strict library.
    std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("granted.fhir.json"), &bytes).unwrap();
    let made: Vec<DisclosedAt> = night.hospital.official.ask(&["agency", "disclosures"]).unwrap_or_else(|trouble| panic!("{trouble}"));
    let pulled = made.iter().find(|made| made.disclosed.form.is_some_and(|form| form.sent == Sent::Pulled)).unwrap();
    let proof = night.file("pulled.age");
    let request = pulled.disclosed.request.to_string();
    ok::<Value>(night.hospital.official.tachiai(&["--json", "agency", "fetch", &request, "--out", proof.to_str().unwrap()]).unwrap());
    let beside = files(&night.hospital.open(&std::fs::read(&proof).unwrap()).unwrap());
    assert_eq!((made.len(), pulled.disclosed.form.unwrap().hash), (3, Form::commitment(&beside[0].1, &bytes)));
    // What the grant does not have.
    let refused = |outcome: Outcome, code: Refusal| {
        let said: Value = outcome.expect(1).unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
        assert_eq!(said["code"], code.code(), "{said}");
    };
    let disclose = |more: &[&str]| {
        let line = ["--json", "disclose", "--need", "medical", "--out", &out("none.age")];
        night.drill.headquarters.tachiai(&[&line, more].concat()).unwrap()
    };
    refused(disclose(&["--grant", "hospital-proof", "--format", "fhir"]), Refusal::FormatNotGranted);
    refused(disclose(&["--grant", "hospital-care", "--format", "csv", "--field", "phone"]), Refusal::FieldNotGranted);
    assert_eq!(disclose(&["--grant", "hospital-care", "--format", "ngsi-ld"]).code, Some(64), "people never go to the data platform");
    let pull = |official: &Official, more: &[&str]| {
        official.tachiai(&[&["--json", "agency", "pull", "--event", &event, "--out", &out("none.json")], more].concat()).unwrap()
    };
    refused(pull(&night.hospital.official, &["hospital-proof", "--need", "medical"]), Refusal::FormatNotGranted);
    refused(pull(&night.hospital.official, &["hospital-care"]), Refusal::PersonNotGranted);
    refused(pull(&night.fire.official, &["hospital-care", "--need", "medical"]), Refusal::OtherAgency);
    refused(pull(&night.drill.headquarters, &["hospital-care", "--need", "medical"]), Refusal::Forbidden);
    let welfare = ["agency", "set", "welfare", "--kind", "welfare", "--recipient", &night.fire.key.to_public().to_string(), "--contact", "079-000-0000"];
    night.ask::<Value>(&welfare);
    refused(night.ask_grant(["w", "welfare", "consent"], &["--everybody", "--field", "name", "--format", "fhir"]), Refusal::FormatNotGranted);
    // Nobody grants alone, and an agency does not ask for itself.
    let pending: Pending = night.ask_grant(["alone", "hospital", "consent"], &["--everybody", "--field", "name"]).expect(3).unwrap().json().unwrap();
    assert_eq!(night.drill.headquarters.tachiai(&["approve", &pending.id, "--yes"]).unwrap().code, Some(1));
    assert_eq!(disclose(&["--grant", "alone"]).code, Some(1), "there is none yet");
    let shown = night.second.tachiai_in(tachiai_schemas::Lang::Ja, &["approvals"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert!(
        shown.stdout.contains("alone")
            && shown.stdout.contains("救急搬送の準備")
            && shown.stdout.contains(&night.hospital.key.to_public().to_string())
            && shown.stdout.contains("全員"),
        "{}",
        shown.stdout
    );
}

#[test]
fn an_agency_with_an_expired_certificate_is_told_so_and_gets_nothing() {
    let mut night = Night::begin(2);
    night.drill.scene.appliance.stop().unwrap();
    let config = Config::read(&night.drill.scene.appliance.config()).unwrap_or_else(|error| panic!("{error:?}"));
    let vault = Vault::open(&config.data.join("vault"), MasterKey::read(&config.master_key).unwrap()).unwrap();
    let issued = Authority::open(&config.data, &vault).unwrap().issue(night.fire.name, Role::Agency, now().plus(-400 * 24 * 3600)).unwrap();
    drop(vault);
    night.drill.scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    let profile = night.fire.official.profile();
    let table: toml::Table = std::fs::read_to_string(profile).unwrap().parse().unwrap();
    let folder = profile.parent().unwrap();
    std::fs::write(folder.join(table["cert"].as_str().unwrap()), &issued.certificate).unwrap();
    std::fs::write(folder.join(table["key"].as_str().unwrap()), issued.key.as_bytes()).unwrap();
    let outcome = night.fire.official.tachiai(&["agency", "disclosures"]).unwrap();
    // Where the line breaks before the reason comes through, there is no connection.
    assert!(outcome.code == Some(1) && outcome.stderr.contains("has expired") || outcome.code == Some(4), "{outcome:?}");
    assert_eq!(outcome.stdout, "");
}

#[test]
fn a_resident_sees_who_got_what_and_consent_holds_at_once() {
    let night = Night::begin(2);
    let seat = Seat::of(&night.drill.scene, 0);
    let by_card = |command: &str, more: &[&str]| seat.run(&["--json"], command, "1234", &[&["--pin-fd", "0"], more].concat());
    let enrolled: Enrolled = ok(seat.run(&["--json"], "card enrol", "YABU2026\n1234", &["--password-fd", "0", "--pin-fd", "0"]));
    let citizen: CitizenId = enrolled.citizen;
    let chain = night.arrive(&person("養父　太郎", json!({ "citizen": citizen, "identified": "card-pin", "needs": ["medical"] })));
    let nobody = night.arrive(&person("別人　花子", json!({ "needs": ["medical"] })));
    // Whoever is typed may be anybody, whichever ID and number the reception wrote down.
    let typed = night.arrive(&person("名乗り　次郎", json!({ "citizen": citizen, "resident": "4711", "identified": "typed" })));
    let keep = seat.file("first.json");
    let said: Value = ok(by_card("access list", &["--keep", keep.to_str().unwrap()]));
    assert_eq!((said["own"].as_array().unwrap().len(), &said["log"]), (0, &json!(0)), "{said}");

    // Without consent nobody is given; with it, who consented; after the withdrawal, nobody.
    night.grant(["by-consent", "hospital", "consent"], &["--everybody", "--persons", "--field", "name"]);
    let disclose = |name: &str| -> DisclosedAt {
        let out = night.file(name);
        night.ask(&["disclose", "--grant", "by-consent", "--everybody", "--out", out.to_str().unwrap()])
    };
    assert_eq!(disclose("none.age").disclosed.people, 0);
    ok::<Value>(by_card("access consent", &["--kind", "medical"]));
    let one = disclose("one.age").disclosed;
    assert_eq!((one.people, one.withheld.len(), one.withheld[0].persons), (1, 1, 2));
    ok::<Value>(by_card("access consent", &["--withdraw"]));
    assert_eq!(disclose("again.age").disclosed.people, 0);
    ok::<Value>(night.drill.desk.tachiai(&["--json", "access", "desk-consent", &nobody, "--kind", "medical"]).unwrap());
    assert_eq!(disclose("desk.age").disclosed.people, 1);

    // An emergency: first why, which the headquarters see, then the content.
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/shelter/questionnaire.toml");
    night.ask::<Value>(&["shelter", "questionnaire", "define", path.to_str().unwrap()]);
    let answers = seat.file("answers.json");
    std::fs::write(&answers, r#"{"questionnaire":"shelter-medical","version":1,"answers":{"care":{"chosen":["none"]},"treatment":{"chosen":["dialysis"]}}}"#)
        .unwrap();
    ok::<Value>(by_card("questionnaire fill", &["shelter-medical", "--answers", answers.to_str().unwrap()]));
    let event = night.drill.event.to_string();
    let line = ["--json", "access", "alert", "--citizen", &citizen.to_string(), "--event", &event, "--who-fd", "0"];
    let short = night.fire.official.tachiai_with_secret("because=急\n", &line).unwrap();
    assert_eq!(short.code, Some(1), "{short:?}");
    let alert: Alert = ok(night.fire.official.tachiai_with_secret("because=意識がなく、搬送先で透析の要否を確かめる\n", &line).unwrap());
    let alerts: Vec<Alert> = night.ask(&["access", "alerts"]);
    assert_eq!((alerts.len(), &alerts[0].chain.to_string(), alerts[0].read.len()), (1, &chain, 0));
    let other = night.hospital.official.tachiai(&["--json", "access", "read", &alert.id.to_string()]).unwrap();
    assert!(other.code == Some(1) && other.stdout.contains("other-agency"), "{other:?}");
    let read: Value = ok(night.fire.official.tachiai(&["--json", "access", "read", &alert.id.to_string()]).unwrap());
    assert!(read.to_string().contains("dialysis"), "{read}");
    assert_eq!(night.ask::<Vec<Alert>>(&["access", "alerts"])[0].read.len(), 1);

    // Of somebody without a questionnaire there is nothing to be read, and that is what is recorded. The only event need not be named.
    let line = ["--json", "access", "alert", "--handle", &nobody, "--who-fd", "0"];
    let empty: Alert = ok(night.fire.official.tachiai_with_secret("because=意識がなく、服薬を確かめる\n", &line).unwrap());
    assert_eq!(empty.event, night.drill.event);
    let none = night.fire.official.tachiai(&["--json", "access", "read", &empty.id.to_string()]).unwrap();
    assert!(none.code == Some(1) && none.stdout.contains("no-questionnaire"), "{none:?}");
    let alerts: Vec<Alert> = night.ask(&["access", "alerts"]);
    let of = |id| alerts.iter().find(|alert| alert.id == id).map(|alert| (alert.read.len(), alert.nothing.len()));
    assert_eq!((of(alert.id), of(empty.id)), (Some((1, 0)), Some((0, 1))));

    // The resident sees both, and that nothing is left out; the log goes on from the list that was kept.
    let mut night = night;
    night.drill.scene.appliance.stop().unwrap();
    night.drill.scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    let second = seat.file("second.json");
    let said: Value = ok(by_card("access list", &["--since", keep.to_str().unwrap(), "--keep", second.to_str().unwrap()]));
    let own = |said: &Value| -> Vec<(Value, Value)> {
        let by = |access: &Value| [&access["by"]["agency"], &access["by"]["role"]].into_iter().find(|by| !by.is_null()).unwrap().clone();
        said["own"].as_array().unwrap().iter().map(|own| (own["access"]["how"].clone(), by(&own["access"]))).collect()
    };
    let given = [(json!("disclosure"), json!("hospital")), (json!("break-glass-asked"), json!("fire")), (json!("break-glass"), json!("fire"))];
    assert_eq!(own(&said), given, "{said}");
    assert_eq!(said["log"], json!(6), "the other person's is a pseudonym: {said}");
    // The municipality's own officials are on the list as well: who searches, who opens the record, who looks up the citizen ID.
    let search = ["--json", "shelter", "person", "search", "--who-fd", "0"];
    let found: Value = ok(night.drill.headquarters.tachiai_with_secret("name=養父\n", &search).unwrap());
    assert!(found.to_string().contains("養父　太郎"), "{found}");
    night.ask::<Value>(&["shelter", "person", "show", &chain]);
    night.ask::<Value>(&["shelter", "person", "show", &nobody]);
    night.ask::<Value>(&["shelter", "person", "show", &typed]);
    night.ask::<Value>(&["shelter", "questionnaire", "show", &chain]);
    night.ask::<Value>(&["citizen", "show", &citizen.to_string()]);
    let looked = ["search", "record", "questionnaire", "citizen"].map(|how| (json!(how), json!("headquarters")));
    let said: Value = ok(by_card("access list", &["--since", second.to_str().unwrap()]));
    assert_eq!((own(&said), &said["log"]), ([&given[..], &looked].concat(), &json!(12)), "{said}");
    // The own entry comes over the public port, with the list, and the verifier takes it.
    let folder = seat.file("own");
    let taken: Value = ok(by_card("access own", &["--out", folder.to_str().unwrap()]));
    assert_eq!((taken["entries"].as_array().unwrap().len(), own(&taken).len()), (1, 7), "{taken}");
    let entry = taken["entries"][0].as_str().unwrap();
    let verdict = night.drill.scene.appliance.programs().run("tachiai-verify", ["own", entry, "--json"]).unwrap();
    assert!(ok::<Value>(verdict).to_string().contains("養父　太郎"));
    assert!(!std::fs::read_to_string(entry).unwrap().contains("別人"));
    // A list of another log is evidence of a fork.
    let kept: Value = serde_json::from_slice(&std::fs::read(&second).unwrap()).unwrap();
    let mut forged = kept.clone();
    forged["key"] = json!(Bytes(tachiai_crypto::journal::BoardSecretKey::generate(&mut OsRng).public().to_bytes()));
    std::fs::write(&keep, forged.to_string()).unwrap();
    assert_eq!(by_card("access list", &["--since", keep.to_str().unwrap()]).code, Some(1));
    // Neither names nor handles nor the reason stand in the appliance's journal or the log.
    for file in std::fs::read_dir(night.drill.scene.appliance.data().join("journal/appliance")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for secret in ["養父　太郎", "透析", &chain] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
        }
    }
    let log = std::fs::read_to_string(night.drill.scene.appliance.log()).unwrap();
    assert!(!log.contains("養父　太郎") && !log.contains("dialysis"));

    // Consented to at a desk, withdrawn at home, and then the citizen is erased: what was withdrawn does not hold again.
    let people = |name: &str| {
        let out = night.file(name);
        night.ask::<DisclosedAt>(&["disclose", "--grant", "by-consent", "--everybody", "--out", out.to_str().unwrap()]).disclosed.people
    };
    ok::<Value>(night.drill.desk.tachiai(&["--json", "access", "desk-consent", &chain, "--kind", "medical"]).unwrap());
    assert_eq!(people("both.age"), 2);
    ok::<Value>(by_card("access consent", &["--withdraw"]));
    assert_eq!(people("withdrawn.age"), 1);
    let erase = ["--json", "citizen", "erase", &citizen.to_string(), "--ground", "request", "--who-fd", "0"];
    let pending: Pending = night.drill.headquarters.tachiai_with_secret("reason=本人から申出\n", &erase).unwrap().expect(3).unwrap().json().unwrap();
    ok::<Value>(night.second.tachiai(&["--json", "approve", &pending.id, "--yes"]).unwrap());
    assert_eq!(people("erased.age"), 1);
}
