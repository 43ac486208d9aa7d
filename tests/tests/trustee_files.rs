//! Trustees' files that are mixed up, missing, of another election, corrupt or sent twice; and a wrong share, which ends a run of the ceremony and not the
//! election.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::str::FromStr;

use tachiai::commands::trustee::key_fingerprint;
use tachiai::trustee::ceremony::sign;
use tachiai::trustee::medium::Medium;
use tachiai::voter::Pinned;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::staff::{ElectionStatus, TrusteeStatus};
use tachiai_schemas::trustee::{Commit, ComplaintReason, Deal, Signed, TrusteeCard, TrusteeFile};
use tachiai_schemas::{Blob, TrusteeIndex, canonical};
use tachiai_tests::appliance::Outcome;
use tachiai_tests::city::Encoding;
use tachiai_tests::holding::Holding;
use tachiai_tests::story::{Scene, Setting, Story};
use tachiai_tests::trustees::{PASSPHRASE, Step, Trustee};
use tachiai_tests::wire::Wire;

struct Ceremony {
    scene: Scene,
    holding: Holding,
    wire: Wire,
}

impl Ceremony {
    /// An election with three trustees, two of whom must act; the third works over the network. Nobody is listed yet.
    fn begin() -> Ceremony {
        let mut scene = Scene::set(Setting { trustees: (3, 2), ..Setting::of(4) });
        let staff = scene.appoint();
        scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
        let holding = scene.create(staff);
        let wire = Wire::staff(&scene.appliance, &holding.staff().first);
        Ceremony { scene, holding, wire }
    }

    fn command(&self, arguments: &[&str]) -> Outcome {
        let id = self.holding.election.to_string();
        self.holding.staff().first.tachiai(&[&["--json", "election"], arguments, &["--election", &id]].concat()).unwrap()
    }

    fn path(&self, rest: &str) -> String {
        format!("/api/v1/elections/{}{rest}", self.holding.election)
    }

    fn trustee(&self, index: usize) -> &Trustee {
        &self.holding.staff().trustees[index - 1]
    }

    fn stick(&self) -> PathBuf {
        self.scene.folder.join("people/stick")
    }

    fn carry(&self) -> Outcome {
        self.command(&["carry", self.stick().to_str().unwrap()])
    }

    #[track_caller]
    fn carried(&self) {
        ok(self.carry());
    }

    fn status(&self) -> ElectionStatus {
        self.holding.status().unwrap_or_else(|trouble| panic!("{trouble}"))
    }

    fn medium(&self, index: usize) -> Medium {
        Medium::open(self.trustee(index).folder(), PASSPHRASE.into()).unwrap()
    }

    fn send(&self, file: &TrusteeFile) -> tachiai_tests::wire::Reply {
        self.wire.post(&self.path("/trustee-files"), None, file)
    }

    /// Refused as no file of this election and step, for a reason that names the trustee.
    #[track_caller]
    fn wrong(&self, file: &TrusteeFile, about: &str) {
        let problem = self.send(file).refused("trustee-file");
        let detail = problem.detail.unwrap_or_default();
        assert!(detail.contains(about), "{detail}");
    }

    fn commit_of(&self, index: usize, change: impl FnOnce(&mut Commit)) -> TrusteeFile {
        let manifest = self.status().manifest.unwrap();
        let commitment = Hash32::sha256(b"a commitment that nobody will open").into();
        let mut commit = Commit { manifest, run: 1, trustee: TrusteeIndex::new(index as u8).unwrap(), commitment };
        change(&mut commit);
        TrusteeFile::TrusteeCommit(sign(commit, &self.medium(index).secrets.signing_key()).unwrap())
    }
}

#[track_caller]
fn ok(outcome: Outcome) {
    outcome.ok().unwrap_or_else(|trouble| panic!("{trouble}"));
}

#[track_caller]
fn refused(outcome: &Outcome, code: &str) {
    let said: serde_json::Value = outcome.json().unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!((outcome.code, said["code"].as_str()), (Some(1), Some(code)), "{said}");
}

fn read(path: &Path) -> TrusteeFile {
    canonical::from_bytes(&fs::read(path).unwrap()).unwrap()
}

fn write(path: &Path, file: &TrusteeFile) {
    fs::write(path, canonical::to_bytes(file).unwrap()).unwrap();
}

fn encrypted(plain: &[u8], recipient: &str) -> Blob {
    let recipient = age::x25519::Recipient::from_str(recipient).unwrap();
    let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient)).unwrap();
    let mut out = Vec::new();
    let mut writer = encryptor.wrap_output(&mut out).unwrap();
    writer.write_all(plain).unwrap();
    writer.finish().unwrap();
    Blob(out)
}

#[test]
fn the_cards_of_trustees_are_listed_once_and_only_as_they_signed_them() {
    let ceremony = Ceremony::begin();
    let add = |path: &Path| ceremony.command(&["add-trustee", path.to_str().unwrap()]);
    let card = ceremony.trustee(1).card();
    let first: TrusteeStatus = add(&card).ok().unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
    let again: TrusteeStatus = add(&card).ok().unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
    assert_eq!(first, again);
    assert_eq!(ceremony.status().trustees.len(), 1);

    // Corrupt, another name under the same signature, the same key under another name, another file.
    let spoilt = ceremony.scene.folder.join("spoilt.json");
    let bytes = fs::read(&card).unwrap();
    for changed in [&bytes[..bytes.len() - 2], &[&bytes[..], b"\n"].concat(), b"{}", b""] {
        fs::write(&spoilt, changed).unwrap();
        let outcome = add(&spoilt);
        assert_eq!(outcome.code, Some(2), "{outcome:?}");
        assert!(outcome.stdout.contains("spoilt.json"), "{outcome:?}");
    }
    let TrusteeFile::TrusteeCard(signed) = read(&card) else { panic!("a card") };
    let renamed = TrusteeCard { name: "somebody else".to_owned(), ..signed.body.clone() };
    write(&spoilt, &TrusteeFile::TrusteeCard(Signed { body: renamed.clone(), signature: signed.signature }));
    refused(&add(&spoilt), "trustee-file");
    write(&spoilt, &TrusteeFile::TrusteeCard(sign(renamed, &ceremony.medium(1).secrets.signing_key()).unwrap()));
    refused(&add(&spoilt), "trustee-twice");

    // Too few, then all, then one too many, then too late.
    refused(&ceremony.command(&["ceremony"]), "incomplete");
    for index in [2, 3] {
        ok(add(&ceremony.trustee(index).card()));
    }
    let fourth = Trustee::new(
        ceremony.scene.appliance.programs(),
        &ceremony.scene.folder.join("fourth"),
        "fourth",
        tachiai_tests::trustees::Way::Stick(ceremony.stick()),
    );
    let fourth = fourth.unwrap_or_else(|trouble| panic!("{trouble}"));
    refused(&add(&fourth.card()), "trustee-file");
    ok(ceremony.command(&["ceremony"]));
    refused(&add(&fourth.card()), "trustee-file");
    // Whoever is not in the manifest is told so by their own program.
    ceremony.carried();
    let outcome = fourth.step(Step::State).unwrap();
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stderr.contains("not in the manifest"), "{outcome:?}");
}

#[test]
fn files_of_the_ceremony_that_do_not_belong_are_refused_and_a_wrong_share_begins_it_anew() {
    let ceremony = Ceremony::begin();
    // Before there is a manifest no file belongs anywhere.
    ceremony
        .send(&TrusteeFile::TrusteeCommit(Signed {
            body: Commit { manifest: Hash32::ZERO.into(), run: 1, trustee: TrusteeIndex::new(1).unwrap(), commitment: Hash32::ZERO.into() },
            signature: tachiai_schemas::Bytes([0; 64]),
        }))
        .refused("wrong-phase");
    for index in 1..=3 {
        ok(ceremony.command(&["add-trustee", ceremony.trustee(index).card().to_str().unwrap()]));
    }
    ok(ceremony.command(&["ceremony"]));
    commits(&ceremony);
    deals(&ceremony);
    wrong_share(&ceremony);
    again(ceremony);
}

fn commits(ceremony: &Ceremony) {
    let size = ceremony.status().summary.size;
    // No record on the stick yet; a wrong passphrase.
    let outcome = ceremony.trustee(1).step(Step::Commit).unwrap();
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    assert!(outcome.stderr.contains("carry"), "{outcome:?}");
    // A name that was mistyped becomes no folder of this machine.
    let mistyped = ceremony.stick().with_file_name("stikc");
    let outcome = ceremony.command(&["carry", mistyped.to_str().unwrap()]);
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    assert!(outcome.stdout.contains("stikc") && !mistyped.exists(), "{outcome:?}");
    ceremony.carried();

    // Of another election, run or trustee; signed by somebody else.
    ceremony.wrong(&ceremony.commit_of(1, |commit| commit.manifest = Hash32::sha256(b"another election").into()), "another election");
    ceremony.wrong(&ceremony.commit_of(1, |commit| commit.run = 2), "run 2");
    ceremony.wrong(&ceremony.commit_of(1, |commit| commit.trustee = TrusteeIndex::new(9).unwrap()), "trustee 9");
    ceremony.wrong(&ceremony.commit_of(1, |commit| commit.trustee = TrusteeIndex::new(2).unwrap()), "2");
    assert_eq!(ceremony.status().summary.size, size);

    // Too early for the next step: it is said who is missing.
    let outcome = ceremony.trustee(1).step(Step::Deal).unwrap();
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    ok(ceremony.trustee(1).step(Step::Commit).unwrap());
    let first = ceremony.stick().join("files/run1-1-commit-1.json");
    let bytes = fs::read(&first).unwrap();

    // Corrupt on its way: named, and nothing else is lost.
    fs::write(&first, &bytes[..bytes.len() / 2]).unwrap();
    let outcome = ceremony.carry();
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    assert!(outcome.stdout.contains("run1-1-commit-1.json"), "{outcome:?}");
    // Its names mean nothing: what is in a file counts.
    fs::rename(&first, ceremony.stick().join("files/mixed-up.json")).unwrap();
    fs::write(ceremony.stick().join("files/mixed-up.json"), &bytes).unwrap();
    ceremony.carried();
    let outcome = ceremony.trustee(1).step(Step::Deal).unwrap();
    assert!(outcome.code == Some(1) && outcome.stderr.contains("2, 3"), "{outcome:?}");

    // Twice the same is once; another one is refused.
    fs::copy(ceremony.stick().join("files/mixed-up.json"), ceremony.stick().join("files/copy.json")).unwrap();
    ceremony.carried();
    assert_eq!(ceremony.status().trustees[0].received, ["commit"]);
    ceremony.send(&ceremony.commit_of(1, |_| ())).refused("trustee-twice");
    let different = ceremony.stick().join("files/different.json");
    write(&different, &ceremony.commit_of(1, |_| ()));
    refused(&ceremony.carry(), "trustee-twice");
    fs::remove_file(&different).unwrap();
    // One of another election keeps nothing from travelling, and only what the appliance did not have is counted.
    let foreign = ceremony.stick().join("files/foreign.json");
    write(&foreign, &ceremony.commit_of(1, |commit| commit.manifest = Hash32::sha256(b"another election").into()));
    let carried: serde_json::Value = ceremony.carry().ok().unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
    assert_eq!((&carried["sent"], &carried["foreign"]), (&serde_json::json!(0), &serde_json::json!(1)), "{carried}");
    fs::remove_file(&foreign).unwrap();

    ok(ceremony.trustee(2).step(Step::Commit).unwrap());
    ok(ceremony.trustee(3).step(Step::Commit).unwrap());
    ceremony.carried();
}

fn deals(ceremony: &Ceremony) {
    for index in [1, 2, 3] {
        ok(ceremony.trustee(index).step(Step::Deal).unwrap());
    }
    let path = ceremony.stick().join("files/run1-2-deal-1.json");
    let TrusteeFile::TrusteeDeal { deal, shares } = read(&path) else { panic!("a deal") };

    // Shares that are missing, too many or not the ones that were signed.
    let with = |shares: Vec<_>| TrusteeFile::TrusteeDeal { deal: deal.clone(), shares };
    ceremony.wrong(&with(shares[1..].to_vec()), "trustee 2");
    ceremony.wrong(&with([&shares[..], &shares[..1]].concat()), "trustee 2");
    let mut swapped = shares.clone();
    swapped[0].age = shares[1].age.clone();
    ceremony.wrong(&with(swapped), "trustee 2");
    let mut changed = deal.clone();
    changed.body.shares[0].sha256 = Hash32::sha256(b"x").into();
    ceremony.wrong(&TrusteeFile::TrusteeDeal { deal: changed, shares: shares.clone() }, "1");

    // A dealer who gives trustee 2 something else than a share, and signs it.
    let medium = ceremony.medium(2);
    let recipient = medium.secrets.recipient().unwrap();
    let mut bad = shares.clone();
    bad[0].age = encrypted(&[7; 70], recipient);
    let mut body: Deal = deal.body.clone();
    body.shares[0].sha256 = Hash32::sha256(&bad[0].age.0).into();
    let signed = sign(body, &ceremony.medium(1).secrets.signing_key()).unwrap();
    write(&path, &TrusteeFile::TrusteeDeal { deal: signed, shares: bad });
    ceremony.carried();
    assert!(ceremony.status().trustees.iter().all(|trustee| trustee.received.contains(&"deal".to_owned())));
}

fn wrong_share(ceremony: &Ceremony) {
    // A trustee who is given the files of another has no share among them; that is nobody's fault and no complaint.
    let (own, others) = (ceremony.stick().join("for-3"), ceremony.stick().join("for-1"));
    let aside = ceremony.stick().join("aside");
    fs::rename(&others, &aside).unwrap();
    fs::rename(&own, &others).unwrap();
    let outcome = ceremony.trustee(1).step(Step::Confirm).unwrap();
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    fs::rename(&others, &own).unwrap();
    // Files that are missing, too.
    let outcome = ceremony.trustee(1).step(Step::Confirm).unwrap();
    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    fs::rename(&aside, &others).unwrap();
    assert_eq!(ceremony.status().run, 1);

    // The wrong share itself is: who got it complains, about the dealer.
    let outcome = ceremony.trustee(2).step(Step::Confirm).unwrap();
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stderr.contains("trustee 1"), "{outcome:?}");
    let TrusteeFile::TrusteeComplaint(complaint) = read(&ceremony.stick().join("files/run1-complaint-2.json")) else { panic!("a complaint") };
    assert_eq!((complaint.body.against.get(), complaint.body.reason), (1, ComplaintReason::ShareUnreadable));
    ceremony.carried();
    assert_eq!(ceremony.status().run, 2);
    assert!(ceremony.status().trustees.iter().all(|trustee| trustee.received.is_empty()), "{:?}", ceremony.status().trustees);
}

/// The second run goes well, although the files of the first still lie on the stick.
fn again(ceremony: Ceremony) {
    let trustees = &ceremony.holding.staff().trustees;
    let round = |step, trustees| ceremony.holding.round(step, trustees).unwrap_or_else(|trouble| panic!("{trouble}"));
    round(Step::Commit, trustees);
    round(Step::Deal, trustees);
    // The first one confirms there, at a terminal.
    not_compared(&ceremony);
    round(Step::Confirm, &trustees[1..]);
    let Ceremony { scene, holding, .. } = ceremony;
    let story = Story::open(scene, holding);
    says_which_election(&story);
    for elector in 0..4 {
        let mut booth = story.booth(elector);
        story.vote(&mut booth, Some(elector % 2));
    }
    for act in ["close-online", "close-poll"] {
        story.holding.act(act).unwrap_or_else(|trouble| panic!("{trouble}"));
    }
    count(&story);
    assert_eq!(story.holding.act("count").unwrap_or_else(|trouble| panic!("{trouble}")).phase, Phase::Tallied);
    story.holding.act("publish").unwrap_or_else(|trouble| panic!("{trouble}"));
    let record = story.scene.folder.join("record");
    story.holding.export(&record).unwrap_or_else(|trouble| panic!("{trouble}"));
    let verdict =
        story.scene.appliance.programs().run("tachiai-verify", [record.to_str().unwrap(), "--expect", story.holding.fingerprint(), "--json"]).unwrap();
    let verdict: serde_json::Value = verdict.ok().unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
    assert_eq!(verdict["trustees"]["run"], 2);
    assert_eq!(verdict["counted"], 4);
}

/// Without a word that the keys were compared nothing is confirmed; the keys stand there as each trustee has them.
fn not_compared(ceremony: &Ceremony) {
    let medium = ceremony.trustee(1).folder().join("trustee.age");
    let before = fs::read(&medium).unwrap();
    let outcome = ceremony.trustee(1).does(&["confirm"]).unwrap();
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stderr.contains("--compared") && outcome.stderr.contains("in person"), "{outcome:?}");
    for index in 1..=3 {
        let (name, fingerprint) = own(&ceremony.medium(index));
        let line = format!("{index} {fingerprint}  {name}");
        assert!(outcome.stderr.contains(&line), "{line}: {outcome:?}");
    }
    // On a terminal it asks, and shows the same.
    let (code, said) = on_a_terminal(ceremony, "n\n");
    assert!(code == Some(1) && said.contains(&own(&ceremony.medium(3)).1) && said.contains("[y/N]"), "{code:?} {said}");
    assert_eq!(fs::read(&medium).unwrap(), before);
    let handed_in = ceremony.stick().join("files/run2-3-confirm-1.json");
    assert!(!handed_in.exists());
    let (code, said) = on_a_terminal(ceremony, "y\n");
    assert!(code == Some(0) && handed_in.exists(), "{code:?} {said}");
    // A step that is not the next one is refused for that, whatever was compared.
    let outcome = ceremony.trustee(1).does(&["deal"]).unwrap();
    assert!(outcome.code == Some(1) && outcome.stderr.contains("not the step now"), "{outcome:?}");
}

/// Trustee 1 confirms at a terminal and types this answer.
fn on_a_terminal(ceremony: &Ceremony, answer: &str) -> (Option<i32>, String) {
    let programs = ceremony.scene.appliance.programs();
    let passphrase = ceremony.scene.folder.join("passphrase");
    fs::write(&passphrase, PASSPHRASE).unwrap();
    let (program, stick) = (programs.path("tachiai").unwrap(), ceremony.stick());
    let [program, dir, stick, passphrase] = [&program, ceremony.trustee(1).folder(), &stick, &passphrase].map(Path::display);
    let line = format!("'{program}' --lang en trustee confirm --dir '{dir}' --stick '{stick}' --passphrase-fd 3 3<'{passphrase}'");
    let mut terminal = Command::new("script");
    terminal.args(["--quiet", "--return", "--command", &line, "/dev/null"]).env("SHELL", "/bin/sh");
    let mut child = terminal.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(answer.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

fn own(medium: &Medium) -> (String, String) {
    (medium.secrets.name.clone(), key_fingerprint(&medium.secrets.signing_key().public().to_bytes()))
}

/// Whoever asks is told the election, its fingerprint as in the notice, and everyone's keys; for people and for programs.
fn says_which_election(story: &Story) {
    story.holding.carry().unwrap_or_else(|trouble| panic!("{trouble}"));
    let trustees = &story.holding.staff().trustees;
    for (index, trustee) in trustees.iter().enumerate() {
        let said = state(trustee);
        assert_eq!(said["fingerprint"], story.holding.fingerprint());
        assert_eq!(said["election"]["election"], story.election().to_string());
        assert!(said["election"]["origin"].as_str().unwrap().ends_with(&story.election().to_string()), "{said}");
        assert_eq!(said["election"]["title"]["ja"], story.pinned.manifest.title.ja);
        for (other, listed) in trustees.iter().zip(said["trustees"].as_array().unwrap()) {
            let (name, fingerprint) = own(&Medium::open(other.folder(), PASSPHRASE.into()).unwrap());
            assert_eq!((listed["name"].as_str(), listed["fingerprint"].as_str()), (Some(name.as_str()), Some(fingerprint.as_str())));
            assert_eq!(listed["you"], listed["trustee"] == index + 1);
        }
        let [held] = said["medium"].as_array().unwrap().as_slice() else { panic!("one election: {said}") };
        // The share of the first run, where it was confirmed, is of no use; only the notice says so for certain.
        assert_eq!((&held["manifest"], &held["in_ceremony"]), (&said["manifest"], &serde_json::json!(false)));
        assert!(held["confirmed_runs"].as_array().unwrap().contains(&2.into()), "{said}");
    }
    let outcome = trustees[0].step(Step::State).unwrap();
    let title = &story.pinned.manifest.title.en;
    assert!(outcome.stdout.contains(story.holding.fingerprint()) && outcome.stdout.contains(title.as_str()), "{outcome:?}");
    assert!(outcome.stdout.contains("(you)"), "{outcome:?}");
}

fn state(trustee: &Trustee) -> serde_json::Value {
    trustee.does(&["state", "--json"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap()
}

/// A fingerprint that is well formed, but of no election here.
const OTHER: &str = "aaaa-aaaa-aaaa-aaaa-aaaa";

/// The board of another election than the announced one is not even signed for, and the fingerprint cannot be left out.
fn another_notice(story: &Story, other: &str) {
    let trustee = &story.holding.staff().trustees[0];
    let medium = trustee.folder().join("trustee.age");
    let before = fs::read(&medium).unwrap();
    let outcome = trustee.step(Step::Decrypt(other)).unwrap();
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    // Which one the record has is not said: it would be copied instead of compared with the notice.
    assert!([other, "evidence"].iter().all(|part| outcome.stderr.contains(part)) && !outcome.stderr.contains(story.holding.fingerprint()), "{outcome:?}");
    let outcome = trustee.does(&["decrypt", "--expect", other, "--json"]).unwrap();
    let said: serde_json::Value = outcome.json().unwrap();
    assert!(outcome.code == Some(1) && said["exit"] == 1 && said["error"].as_str().unwrap().contains("evidence"), "{outcome:?}");
    assert_eq!(trustee.does(&["decrypt"]).unwrap().code, Some(64));
    assert_eq!(fs::read(&medium).unwrap(), before);
}

/// Statements and shares that are not the ones of this board.
fn count(story: &Story) {
    story.holding.carry().unwrap_or_else(|trouble| panic!("{trouble}"));
    another_notice(story, OTHER);
    let files = story.scene.folder.join("people/stick/files");
    let wire = Wire::staff(&story.scene.appliance, &story.holding.staff().first);
    let send = |file: &TrusteeFile| wire.post(&story.path("/trustee-files"), None, file);
    let trustees = &story.holding.staff().trustees;
    story.holding.round(story.holding.decrypting(), &trustees[..1]).unwrap_or_else(|trouble| panic!("{trouble}"));
    let signed = read(&files.join("tally-1-statement-1.json"));
    let TrusteeFile::TallySignature { statement, signature } = signed.clone() else { panic!("a signature") };
    let mut other = statement.clone();
    other.counted += 1;
    send(&TrusteeFile::TallySignature { statement: other, signature: signature.clone() }).refused("trustee-file");
    let mut of_nobody = signature.clone();
    of_nobody.trustee = TrusteeIndex::new(2).unwrap();
    send(&TrusteeFile::TallySignature { statement: statement.clone(), signature: of_nobody }).refused("trustee-file");
    send(&signed).json::<ElectionStatus>();
    // Who counts now learns how many have signed of how many who have to, and what comes first; so does a trustee.
    let outcome = story.holding.staff().first.tachiai(&["election", "count", "--election", &story.election().to_string()]).unwrap();
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(["1 of 3 trustees signed it", "What comes first: The trustees verify"].iter().all(|words| outcome.stderr.contains(words)), "{outcome:?}");
    let outcome = trustees[0].step(Step::Decrypt(story.holding.fingerprint())).unwrap();
    assert!(outcome.stdout.contains("3 of the 3 trustees must sign: 1 of 3 signed"), "{outcome:?}");
    // A file on a stick is not handed in.
    assert!(outcome.stdout.contains("the appliance does not have it yet"), "{outcome:?}");

    story.holding.round(story.holding.decrypting(), &trustees[1..]).unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!(story.holding.status().unwrap().summary.phase, Phase::Tallying);
    story.holding.round(story.holding.decrypting(), &trustees[..1]).unwrap_or_else(|trouble| panic!("{trouble}"));
    let shares = read(&files.join("tally-2-shares-1.json"));
    send(&shares).json::<ElectionStatus>();
    let TrusteeFile::DecryptionShares { shares, file } = shares else { panic!("shares") };
    let mut changed = file.clone();
    changed.0[0] ^= 1;
    send(&TrusteeFile::DecryptionShares { shares: shares.clone(), file: changed }).refused("trustee-file");
    let mut stolen = shares;
    stolen.body.trustee = TrusteeIndex::new(2).unwrap();
    send(&TrusteeFile::DecryptionShares { shares: stolen, file }).refused("trustee-file");
    // One of two that are needed.
    refused(&story.holding.staff().first.tachiai(&["--json", "election", "count", "--election", &story.election().to_string()]).unwrap(), "incomplete");
    story.holding.round(story.holding.decrypting(), &trustees[1..2]).unwrap_or_else(|trouble| panic!("{trouble}"));
}

/// Two commissions take the same people, who each have one medium; what they do for one election comes between what they do for the other.
#[test]
fn one_medium_serves_two_elections_at_once() {
    let mut scene = Scene::set(Setting::of(2));
    let staff = scene.appoint();
    scene.appliance.start().unwrap_or_else(|trouble| panic!("{trouble}"));
    let staff_of_b = staff.again().unwrap_or_else(|trouble| panic!("{trouble}"));
    let mut a = scene.create(staff);
    let files = scene.folder.join("files-of-b");
    let mut b = Holding::create(staff_of_b, &scene.plan, &scene.city, &scene.electors, Encoding::Utf8, &files).unwrap_or_else(|trouble| panic!("{trouble}"));
    let round = |holding: &Holding, step| holding.round(step, &holding.staff().trustees).unwrap_or_else(|trouble| panic!("{trouble}"));
    for holding in [&a, &b] {
        holding.begin_ceremony().unwrap_or_else(|trouble| panic!("{trouble}"));
    }
    round(&a, Step::Commit);
    round(&b, Step::Commit);
    round(&a, Step::Deal);
    round(&b, Step::Deal);
    round(&a, Step::Confirm);
    a.open().unwrap_or_else(|trouble| panic!("{trouble}"));
    // A's ceremony is forgotten, B's is not over.
    round(&a, Step::State);
    round(&b, Step::Confirm);
    b.open().unwrap_or_else(|trouble| panic!("{trouble}"));
    round(&b, Step::State);
    both_are_on_the_medium([&a, &b]);

    let story = Story::opened(scene, a);
    let client = story.client();
    let of_b = Pinned::fetch(&client, b.election, Some(&b.fingerprint().parse().unwrap()), None).unwrap_or_else(|failure| panic!("{failure}"));
    for elector in 0..2 {
        let mut voter = story.voter(elector);
        for pinned in [&story.pinned, &of_b] {
            let mut booth = voter.enter(&client, pinned).unwrap_or_else(|trouble| panic!("{trouble}"));
            story.vote(&mut booth, Some(elector));
        }
    }
    let holdings = [&story.holding, &b];
    for holding in holdings {
        for act in ["close-online", "close-poll"] {
            holding.act(act).unwrap_or_else(|trouble| panic!("{trouble}"));
        }
        holding.carry().unwrap_or_else(|trouble| panic!("{trouble}"));
    }
    // The stick of one election with the notice of the other.
    another_notice(&story, b.fingerprint());
    for holding in holdings {
        holding.decrypt(2).unwrap_or_else(|trouble| panic!("{trouble}"));
    }
    for holding in holdings {
        assert_eq!(holding.act("count").unwrap_or_else(|trouble| panic!("{trouble}")).phase, Phase::Tallied);
        holding.act("publish").unwrap_or_else(|trouble| panic!("{trouble}"));
    }
    destroyed_knowingly([&story.holding, &b]);
}

fn both_are_on_the_medium(holdings: [&Holding; 2]) {
    let trustee = &holdings[0].staff().trustees[0];
    let said: serde_json::Value = trustee.on_medium(&["state", "--json"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
    let held = said["medium"].as_array().unwrap();
    assert_eq!(held.len(), 2, "{said}");
    for (held, holding) in held.iter().zip(holdings) {
        assert_eq!(held["election"]["election"], holding.election.to_string());
        assert_eq!((&held["confirmed_runs"], &held["in_ceremony"]), (&serde_json::json!([1]), &serde_json::json!(false)));
    }
    let outcome = trustee.on_medium(&["state"]).unwrap();
    let lines = holdings.map(|holding| holding.election.to_string()).iter().filter(|id| outcome.stdout.contains(id.as_str())).count();
    assert!(lines == 2 && outcome.stdout.contains("share of the key, run 1"), "{outcome:?}");
}

/// What is no longer needed goes when the trustee says so, and not before; the other election's share stays.
fn destroyed_knowingly(holdings: [&Holding; 2]) {
    let trustee = &holdings[0].staff().trustees[0];
    let held = || {
        let said: serde_json::Value = trustee.on_medium(&["state", "--json"]).unwrap().ok().unwrap_or_else(|trouble| panic!("{trouble}")).json().unwrap();
        said["medium"].as_array().unwrap().clone()
    };
    let manifest = held()[0]["manifest"].as_str().unwrap().to_owned();
    let outcome = trustee.on_medium(&["destroy", "--manifest", &manifest]).unwrap();
    assert!(outcome.code == Some(1) && outcome.stderr.contains("--yes"), "{outcome:?}");
    assert_eq!(held().len(), 2);
    ok(trustee.on_medium(&["destroy", "--manifest", &manifest, "--yes"]).unwrap());
    let [rest] = held().try_into().unwrap();
    assert_eq!(rest["election"]["election"], holdings[1].election.to_string());
    assert_eq!(trustee.on_medium(&["destroy", "--manifest", &manifest, "--yes"]).unwrap().code, Some(1));
    let outcome = trustee.step(Step::State).unwrap();
    assert!(outcome.code == Some(1) && outcome.stderr.contains("destroyed with"), "{outcome:?}");
}
