//! The commission audits an election: the roll, and the sealed evidence of every registration. And an operator who votes for people who do not is found.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use age::secrecy::ExposeSecret;
use rustix::process::Signal;
use serde_json::Value;
use tachiai_crypto::election::ballot::cast;
use tachiai_crypto::election::registration::{registration_text, sign_registration};
use tachiai_crypto::hash::{Hash32, tagged};
use tachiai_crypto::signature::SecretKey;
use tachiai_jpki::Serial;
use tachiai_schemas::election::{BallotEntry, Body, Registration, TreeHead};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::evidence::{Binding, Evidence, Opening, SealedEvidence};
use tachiai_schemas::identity::CardStatement;
use tachiai_schemas::receipt::SlotView;
use tachiai_schemas::staff::{Pending, Role};
use tachiai_schemas::{Blob, Bytes, Counter, LeafIndex, Slot, canonical};
use tachiai_tests::appliance::{Outcome, Programs};
use tachiai_tests::card::{Content, PinState};
use tachiai_tests::copy::BoardCopy;
use tachiai_tests::hand::Hand;
use tachiai_tests::seat::Seat;
use tachiai_tests::story::{Setting, Story, now, until};
use tachiai_tests::voters::Voter;
use tachiai_tests::wire::Wire;
use tachiai_verify::eligibility::seal;
use tachiaid::election::private::{PrivateBody, PrivateEntry};
use tachiaid::journal::{Journal, JournalId, Options};

/// An election of so many electors whose authority's key lies in a file.
struct Commission {
    story: Story,
    key: PathBuf,
}

impl Commission {
    fn of(electors: usize) -> Commission {
        let identity = age::x25519::Identity::generate();
        let recipient = identity.to_public().to_string();
        let story = Story::begin(Setting { plan: Box::new(move |plan| plan.recipients = vec![recipient]), ..Setting::of(electors) });
        let key = story.scene.folder.join("authority.txt");
        fs::write(&key, identity.to_string().expose_secret()).unwrap();
        Commission { story, key }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.story.scene.folder.join(name)
    }

    fn export(&self) {
        self.story.holding.export(&self.path("record")).unwrap_or_else(|trouble| panic!("{trouble}"));
        self.story.holding.export_evidence(&self.path("evidence")).unwrap_or_else(|trouble| panic!("{trouble}"));
    }

    fn audit(&self, roll: &Path, arguments: &[&str]) -> Outcome {
        let mut command: Command = Programs::beside_this().unwrap().command("tachiai-verify").unwrap();
        command.arg("eligibility").arg(self.path("record")).arg(self.path("evidence")).arg(roll).arg("--identity").arg(&self.key);
        command.args(["--expect", self.story.holding.fingerprint(), "--test-cards"]).args(arguments);
        Outcome::of(command).unwrap()
    }

    /// Writes entries behind the daemon's back, as whoever runs the machine can.
    fn append(&self, journal: &str, entries: &[Vec<u8>]) {
        let folder = self.story.scene.appliance.data().join("journal");
        let (mut journal, _) = Journal::open(&folder, &JournalId::new(journal).unwrap(), Options::default()).unwrap();
        journal.append_batch(entries).unwrap();
    }
}

#[track_caller]
fn exits(outcome: Outcome, code: i32) -> Outcome {
    outcome.expect(code).unwrap_or_else(|trouble| panic!("{trouble}"))
}

/// Enrols a card without signing certificate at the counter, by two officials, and votes with it.
fn at_the_counter(story: &Story, elector: usize) {
    let mut content = story.scene.card(elector);
    content.signing = None;
    content.text.pin = PinState::digits("1234");
    let seat = Seat::with(&story.scene, &content, &[]);
    let (first, second) = (&story.holding.staff().first, &story.holding.staff().second);
    let socket = seat.socket();
    let arguments = ["--json", "card", "enrol-counter", "--reason", "not-issued", "--card", socket.to_str().unwrap()];
    let fds = ["--text-pin-fd", "0", "--pin-fd", "0", "--yes"];
    let pending: Pending = exits(first.tachiai_with_secret("1234\n1234", &[&arguments[..], &fds].concat()).unwrap(), 3).json().unwrap();
    exits(second.tachiai(&["approve", &pending.id, "--yes"]).unwrap(), 0);
    fs::write(seat.file("pin"), "1234\n1234").unwrap();
    let appliance = &story.scene.appliance;
    let mut process = appliance.programs().command("tachiai").unwrap();
    process.stdin(fs::File::open(seat.file("pin")).unwrap()).current_dir(seat.folder.path());
    process.args(["vote", "--server", &appliance.url(), "--ca"]).arg(appliance.ca()).arg("--card").arg(seat.socket()).arg("--state").arg(seat.file("state"));
    process.args(["--election", &story.election().to_string(), "--manifest", story.holding.fingerprint(), "--choice", "mayor=m1"]);
    process.args(["--pin-fd", "0", "--text-pin-fd", "0", "--yes", "--receipt"]).arg(seat.file("receipt.json"));
    exits(Outcome::of(process).unwrap(), 0);
}

/// Another card of an elector.
fn renewed(story: &Story, elector: usize) -> Content {
    let residents = &story.scene.residents;
    let mut order = story.scene.electors[elector].order(residents.validity());
    order.number = 60 + elector;
    order.issue(residents.authorities(), residents.pool()).unwrap()
}

#[test]
fn heavy_the_commission_audits_an_election_with_a_counter_a_renewed_card_and_a_revoked_one() {
    let mut commission = Commission::of(12);
    let story = &commission.story;
    // Eight of twelve vote: one enrolled at the counter, one again with a renewed card, one whose card is revoked afterwards.
    at_the_counter(story, 0);
    for elector in 1..8 {
        let mut booth = story.booth(elector);
        story.vote(&mut booth, Some(elector % 4));
    }
    let mut voter = Voter::new(renewed(story, 1)).unwrap();
    voter.enrol(&story.client()).unwrap();
    let mut booth = voter.enter(&story.client(), &story.pinned).unwrap();
    story.vote(&mut booth, Some(0));
    let revoked = story.scene.electors[2].number as u64 + 1;
    story.scene.residents.publish_revocations(&[Serial::from_u64(revoked).unwrap()]).unwrap();
    story.scene.appliance.daemon().unwrap().signal(Signal::HUP).unwrap();
    let (wire, mut hand) = (Wire::public(&story.scene.appliance), Hand::with(story.scene.card(2)));
    until("the card is revoked", || hand.log_in(&wire).status != 200);

    for act in ["close-online", "close-poll"] {
        story.holding.act(act).unwrap_or_else(|trouble| panic!("{trouble}"));
    }
    story.holding.decrypt(2).unwrap_or_else(|trouble| panic!("{trouble}"));
    for act in ["count", "publish"] {
        story.holding.act(act).unwrap_or_else(|trouble| panic!("{trouble}"));
    }

    // Auditors may take the evidence away as well, trustees may not; whoever does is recorded.
    commission.story.scene.appliance.stop().unwrap();
    let auditor = commission.story.scene.appliance.staff("auditor", Role::Auditor).unwrap();
    let trustee = commission.story.scene.appliance.staff("curious", Role::Trustee).unwrap();
    commission.story.scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    commission.export();
    let id = commission.story.election().to_string();
    let (theirs, nothing) = (commission.path("theirs"), commission.path("nothing"));
    let ask = |folder: &Path| ["--json".to_owned(), "election".into(), "export-evidence".into(), folder.display().to_string(), "--election".into(), id.clone()];
    let arguments = |words: &[String; 6]| words.clone();
    let run = |official: &tachiai_tests::appliance::Official, folder: &Path| {
        let words = arguments(&ask(folder));
        official.tachiai(&words.iter().map(String::as_str).collect::<Vec<_>>()).unwrap()
    };
    let exported: Value = exits(run(&auditor, &theirs), 0).json().unwrap();
    assert_eq!(exported["registrations"], 9);
    exits(run(&auditor, &theirs), 1);
    let forbidden: Value = exits(run(&trustee, &nothing), 1).json().unwrap();
    assert_eq!(forbidden["code"], "forbidden");
    commission.story.scene.appliance.stop().unwrap();
    let (journal, _) =
        Journal::open(&commission.story.scene.appliance.data().join("journal"), &JournalId::new("appliance").unwrap(), Options::default()).unwrap();
    let entries: Vec<Value> = journal.reader().iter_from(0).map(|bytes| serde_json::from_slice(&bytes.unwrap()).unwrap()).collect();
    let of = |kind: &str| entries.iter().filter(|entry| entry["kind"] == kind).collect::<Vec<_>>();
    let by: Vec<&str> = of("evidence-exported").iter().map(|entry| entry["body"]["by"].as_str().unwrap()).collect();
    assert_eq!(by, ["nishimura", "auditor"]);
    // Once at the start, once for the new lists; a start with the same ones is nothing new.
    assert_eq!(of("cards-trusted").len(), 2);

    // From here on there is no appliance.
    let roll = commission.path("files/roll.csv");
    let verdict: Value = exits(commission.audit(&roll, &["--json"]), 0).json().unwrap();
    assert_eq!((&verdict["verdict"], &verdict["trust"], &verdict["crl"]), (&"holds".into(), &"fingerprint".into(), &"required".into()));
    assert_eq!(
        (&verdict["electors"], &verdict["registrations"], &verdict["registered_slots"], &verdict["cards"]),
        (&12.into(), &9.into(), &8.into(), &9.into())
    );
    assert_eq!((verdict["fallbacks"].as_array().unwrap().len(), &verdict["fallbacks"][0]["fallback"]["reason"]), (1, &"not-issued".into()));
    assert_eq!((verdict["several_cards"].as_array().unwrap().len(), &verdict["several_cards"][0]["cards"]), (1, &2.into()));
    // The later list dates the revocation before the vote.
    assert_eq!((verdict["revoked_since"].as_array().unwrap().len(), &verdict["lists"]), (1, &4.into()));
    let named = exits(commission.audit(&roll, &["--names"]), 0).stdout;
    for elector in 0..3 {
        let name = &commission.story.scene.electors[elector].name;
        assert!(named.contains(name.as_str()) && !verdict.to_string().contains(name.as_str()), "{named}");
    }

    // Another roll, a record that is not whole, evidence that is not.
    let text = fs::read_to_string(&roll).unwrap();
    let tampered = commission.path("tampered.csv");
    let last = text.lines().last().unwrap();
    for other in [
        text.replace(last, ""),
        text.clone() + &last.replacen("28200", "99999", 1).replacen(&commission.story.scene.electors[11].name, "幽霊　太郎", 1) + "\r\n",
    ] {
        fs::write(&tampered, other).unwrap();
        let refuted: Value = exits(commission.audit(&tampered, &["--json"]), 1).json().unwrap();
        assert_eq!(refuted["rule"], "R702", "{refuted}");
    }
    fs::remove_file(commission.path("evidence/registrations/0")).unwrap();
    let incomplete: Value = exits(commission.audit(&roll, &["--json"]), 2).json().unwrap();
    assert_eq!(incomplete["verdict"], "incomplete");
}

/// A registration of a key that the operator made, for a slot whose elector does not vote, and a ballot under it.
struct Ghost {
    leaf: LeafIndex,
    registration: Registration,
    text: Vec<u8>,
    key: SecretKey,
}

impl Ghost {
    fn new(copy: &BoardCopy) -> Ghost {
        let manifest = copy.board.manifest().unwrap();
        let slot = (0..).map(Slot).find(|slot| copy.board.slot(*slot).is_none()).unwrap();
        let key = SecretKey::generate(&mut rand_core::OsRng);
        let fields = tachiai_crypto::election::registration::RegistrationFields {
            origin: manifest.origin.clone(),
            nonce: [7; 32],
            election: copy.election,
            manifest: copy.board.manifest_hash().unwrap(),
            opened: copy.board.opened().unwrap().leaf_hash(),
            slot,
            slot_commitment: copy.board.roll_slot(slot).unwrap().commitment,
            voting_key: key.public(),
            seq: 0,
            previous: None,
            checkpoint_size: copy.tree.len(),
            checkpoint_root: copy.tree.root(),
        };
        let text = registration_text(&fields);
        let registration = Registration {
            slot,
            slot_commitment: fields.slot_commitment.into(),
            voting_key: Bytes(*key.public().as_bytes()),
            seq: 0,
            previous: None,
            checkpoint: TreeHead { size: fields.checkpoint_size, root: fields.checkpoint_root.into() },
            nonce: Bytes(fields.nonce),
            origin: fields.origin,
            possession: Bytes(sign_registration(&text, &key, &mut rand_core::OsRng).to_bytes()),
            evidence: Hash32::sha256(b"nothing").into(),
        };
        Ghost { leaf: LeafIndex(copy.tree.len()), registration, text, key }
    }

    /// Writes both into the board's journal while the daemon is stopped.
    fn vote(&self, commission: &mut Commission, copy: &mut BoardCopy) {
        commission.story.scene.appliance.stop().unwrap();
        let entry = |body| Entry { at: now(), body }.to_bytes().unwrap();
        let id = commission.story.election().to_string();
        commission.append(&id, &[entry(Body::Registration(Box::new(self.registration.clone())))]);
        commission.story.scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
        copy.follow(&commission.story.client());
        let statement = copy.board.statement_for(self.registration.slot).unwrap();
        let chosen = vec![vec![3]];
        let (ballot, _) = cast(&chosen, &statement, self.registration.slot, self.leaf, Counter(0), &self.key, &mut rand_core::OsRng).unwrap();
        commission.story.scene.appliance.stop().unwrap();
        commission.append(&id, &[entry(Body::Ballot(BallotEntry { ballot: Blob(ballot.bytes().to_vec()) }))]);
        commission.story.scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    }
}

/// The public finds nothing, and the audit is refuted by this rule at the ghost's leaf.
#[track_caller]
fn found(commission: &Commission, ghost: &Ghost, rule: &str) {
    commission.export();
    let mut public = Programs::beside_this().unwrap().command("tachiai-verify").unwrap();
    public.arg(commission.path("record")).args(["--partial", "--json", "--expect", commission.story.holding.fingerprint()]);
    let verdict: Value = exits(Outcome::of(public).unwrap(), 0).json().unwrap();
    assert_eq!((&verdict["registrations"], &verdict["counted"]), (&3.into(), &3.into()));
    let roll = commission.path("files/roll.csv");
    let refuted: Value = exits(commission.audit(&roll, &["--partial", "--json"]), 1).json().unwrap();
    assert_eq!((&refuted["rule"], &refuted["leaf"]), (&rule.into(), &ghost.leaf.0.into()), "{refuted}");
}

#[test]
fn a_vote_that_the_operator_casts_for_somebody_who_does_not_is_found_by_the_missing_evidence() {
    let mut commission = Commission::of(4);
    for elector in 0..2 {
        let mut booth = commission.story.booth(elector);
        commission.story.vote(&mut booth, Some(0));
    }
    let mut copy = BoardCopy::fetch(&commission.story.client(), commission.story.election());
    let ghost = Ghost::new(&copy);
    ghost.vote(&mut commission, &mut copy);
    found(&commission, &ghost, "R703");
}

#[test]
fn a_vote_that_the_operator_casts_with_an_accomplices_card_is_found_by_the_evidence() {
    let mut commission = Commission::of(4);
    let mut booth = commission.story.booth(0);
    commission.story.vote(&mut booth, Some(0));
    let (wire, client) = (Wire::public(&commission.story.scene.appliance), commission.story.client());
    let mut copy = BoardCopy::fetch(&client, commission.story.election());
    // The accomplice is an elector too, with a good card and an own slot.
    let mut accomplice = Hand::arrive(commission.story.scene.card(1), &wire);
    let registered = accomplice.register(&wire, &client, &mut copy);
    let ballot = registered.ballot(&copy, 0, 0);
    wire.post(&commission.story.path("/ballots"), None, &tachiai_tests::hand::cast_request(ballot.bytes())).json::<Value>();
    copy.follow(&client);
    let mut ghost = Ghost::new(&copy);
    let CardStatement { statement, signature, certificate } = accomplice.sign(ghost.text.clone());
    let SlotView { salt, name, birth, sex, address, .. } = accomplice.slot(&wire, &copy);
    let district = copy.board.roll_slot(registered.slot).unwrap().district;
    let district = copy.board.manifest().unwrap().districts[usize::from(district)].id.clone();
    let elector = Opening { salt, name, birth, sex, address, district };
    let binding = Binding::Card(accomplice.enrolment(&wire));
    let evidence = canonical::to_bytes(&Evidence { certificate, signature, statement, elector, binding, bound: now(), fallback: None }).unwrap();
    let salt = [8; 32];
    ghost.registration.evidence = tagged("evidence", &[&salt, &evidence]).into();
    let plain = canonical::to_bytes(&SealedEvidence { salt: Bytes(salt), evidence: Blob(evidence) }).unwrap();
    let sealed = Blob(seal(&plain, &copy.board.manifest().unwrap().authority_recipients).unwrap());
    let entry = PrivateEntry::new(now(), PrivateBody::Evidence { slot: ghost.registration.slot, hash: ghost.registration.evidence, sealed });
    commission.story.scene.appliance.stop().unwrap();
    commission.append(&format!("{}-private", commission.story.election()), &[entry.to_bytes().unwrap()]);
    commission.story.scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    ghost.vote(&mut commission, &mut copy);
    found(&commission, &ghost, "R706");
}

#[test]
fn a_card_whose_binding_names_the_former_address_registers_nothing_until_it_is_bound_again() {
    let story = Story::new(3);
    let wire = Wire::public(&story.scene.appliance);
    let residents = &story.scene.residents;
    let card = |number: usize, address: Option<&str>| {
        let mut order = story.scene.electors[0].order(residents.validity());
        order.number = number;
        order.attributes.address = address.map_or(order.attributes.address, str::to_owned);
        Hand::with(order.issue(residents.authorities(), residents.pool()).unwrap())
    };
    // Two cards of one person, bound before a move; after it only the first is bound again.
    let former = Some("兵庫県朝来市和田山町和田山１番地");
    for (number, address) in [(70, former), (71, former), (70, None)] {
        card(number, address).enrol(&wire).json::<Value>();
    }
    let mut second = card(71, None);
    second.log_in(&wire).json::<Value>();
    let copy = BoardCopy::fetch(&story.client(), story.election());
    let key = SecretKey::generate(&mut rand_core::OsRng);
    let fields = second.fields(&wire, &copy, &key);
    let request = second.registration(&fields, &key);
    wire.post(&story.path("/registrations"), second.token(), &request).refused("not-enrolled");
    // Its binding would not have shown the auditors that the holder is the elector.
    second.enrol(&wire).json::<Value>();
    second.log_in(&wire).json::<Value>();
    let request = second.registration(&second.fields(&wire, &copy, &key), &key);
    wire.post(&story.path("/registrations"), second.token(), &request).json::<Value>();
}
