//! Whatever the console asks and does is asked by a request that the appliance describes. An appliance that knows nothing but what these tests tell it hears the
//! requests over the client's own TLS, and refuses what it was not told to answer. A deed of several requests that ends at a refusal here is done whole by the stories;
//! where such a request stands behind a proof, the function that sends it is called beside.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;
use tachiai_crypto::hash::Hash32;
use tachiai_schemas::counting::{LotDrop, LotSigned, PaperFigures};
use tachiai_schemas::identity::case::{CitizenEraseRequest, CitizenLinkRequest};
use tachiai_schemas::identity::citizen::CitizenPerson;
use tachiai_schemas::paper::{CandidateOut, Lot, OutReason, PaperCount, RollChangeReason};
use tachiai_schemas::record::{RECORD_FORMAT, RecordFile, RecordIndex};
use tachiai_schemas::roll::case::{Complaint, Decision, Objection, RollOrder, RollRequest, Ruling};
use tachiai_schemas::roster::disclosure::Selection;
use tachiai_schemas::roster::{CardRule, ChainId, EventKind, LinkVerdict, OpenState};
use tachiai_schemas::sharing::agency::Grant;
use tachiai_schemas::sharing::disclosed::DisclosureRequest;
use tachiai_schemas::shelter::case::{AsideRequest, AsideVerdict, CloseRequest, EraseGround};
use tachiai_schemas::shelter::import::{ImportKind, ImportOthers, ImportRows};
use tachiai_schemas::shelter::merged::Protecting;
use tachiai_schemas::shelter::{EventSpec, LinkRequest};
use tachiai_schemas::spec::ElectionSpec;
use tachiai_schemas::staff::{Act, Matter, Shown};
use tachiai_schemas::trustee::{Signed, TrusteeCard, TrusteeFile};
use tachiai_schemas::{Bytes, CitizenId, InPlaceOf, Lang, LeafIndex, canonical};

use super::deed::elections::{Added, Drawn, Key, Printing};
use super::deed::sharing::Unsaid;
use super::shelters::{Set, Settle};
use super::{Deed, Desk, Question, STREAM, deed, question, sharing_deed, sharing_question};
use crate::client::Client;
use crate::commands::count;
use crate::commands::shelter::import::Source;
use crate::commands::shelter::settle::settlement;
use crate::console::tests::{commands, now, samples};
use crate::console::widgets::secret::Secret;
use crate::console::work::deed::{elections, shelters};
use crate::console::work::question::{elections as elections_question, shelters as shelters_question};
use crate::profile::Profile;

/// What the appliance describes: a method and a path, and the names of what can be said behind `?`, one a line. The daemon's own test holds that its description says
/// the same.
const DESCRIBED: &str = include_str!("../../../../daemon/routes.txt");

/// An appliance that notes what it is asked.
struct Appliance {
    /// The requests: the method, and the path with what stands behind `?`.
    heard: Arc<Mutex<Vec<String>>>,
    desk: Desk,
    /// Files that are named.
    folder: tempfile::TempDir,
}

impl Appliance {
    /// One that answers these paths, and refuses every other.
    fn start(answers: BTreeMap<String, Vec<u8>>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
        let [ca, key_file] = ["ca.pem", "key.pem"].map(|name| folder.path().join(name));
        std::fs::write(&ca, own.cert.pem()).unwrap();
        std::fs::write(&key_file, own.signing_key.serialize_pem()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let server = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let (config, answers, notes) = (Arc::new(config), Arc::new(answers), heard.clone());
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (config, answers, notes) = (config.clone(), answers.clone(), notes.clone());
                thread::spawn(move || serve(stream, config, &answers, &notes));
            }
        });
        let client = Client::new(&server, &ca, None, Lang::En).unwrap();
        let profile = Profile { server, cert: ca.clone(), ca, key: key_file };
        Self { heard, desk: Desk { client, profile }, folder }
    }

    /// What was asked since this was asked last.
    fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }

    /// A file with this in it.
    fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

/// Answers the requests of a connection, one after the other, until it ends.
fn serve(stream: TcpStream, config: Arc<ServerConfig>, answers: &BTreeMap<String, Vec<u8>>, notes: &Mutex<Vec<String>>) {
    let mut stream = BufReader::new(StreamOwned::new(ServerConnection::new(config).unwrap(), stream));
    loop {
        let (mut line, mut length) = (String::new(), 0);
        if stream.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut words = line.split_whitespace().map(ToOwned::to_owned);
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        loop {
            let mut header = String::new();
            stream.read_line(&mut header).unwrap();
            match header.trim_end().to_ascii_lowercase().split_once(": ") {
                Some(("content-length", text)) => length = text.parse().unwrap(),
                Some(_) => {}
                None => break,
            }
        }
        stream.read_exact(&mut vec![0; length]).unwrap();
        // Noted before it is answered: whoever has the answer finds it here.
        notes.lock().unwrap().push(format!("{method} {path}"));
        let (status, kind, body) = match answers.get(path.split('?').next().unwrap()) {
            Some(body) => ("200 OK", "application/json", body.clone()),
            None => ("404 Not Found", "application/problem+json", b"{}".to_vec()),
        };
        let head = format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n", body.len());
        let stream = stream.get_mut();
        if stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)).and_then(|()| stream.flush()).is_err() {
            return;
        }
    }
}

/// Whether the appliance describes a request: the method, every part of the path, and everything that stands behind `?`.
fn is_described(request: &str) -> bool {
    let (path, query) = request.split_once('?').unwrap_or((request, ""));
    let said = query.split('&').filter(|part| !part.is_empty()).map(|part| part.split('=').next().unwrap_or(part));
    let said: BTreeSet<&str> = said.collect();
    DESCRIBED.lines().any(|line| {
        let (template, names) = line.split_once('?').unwrap_or((line, ""));
        let (asked, parts): (Vec<_>, Vec<_>) = (path.split('/').collect(), template.split('/').collect());
        let fits = asked.len() == parts.len() && asked.iter().zip(&parts).all(|(asked, part)| asked == part || (part.starts_with('{') && !asked.is_empty()));
        fits && said.is_subset(&names.split('&').collect())
    })
}

fn answers() -> BTreeMap<String, Vec<u8>> {
    let (event, election) = (samples::event_id(), samples::election());
    let index = RecordIndex {
        format: RECORD_FORMAT.to_owned(),
        origin: "here".to_owned(),
        size: 14,
        files: vec![RecordFile { path: "checkpoint".to_owned(), bytes: 1, sha256: Bytes([0; 32]) }],
    };
    let status = samples::election_status(tachiai_schemas::receipt::Phase::Open);
    let trustees = status.trustees.clone();
    assert!(!trustees.is_empty(), "what is carried for trustees is asked for");
    [
        (format!("/api/v1/shelter/events/{event}"), json!(samples::event_view())),
        (format!("/api/v1/shelter/events/{event}/statements"), json!(samples::shelters::statement(1, "2026-11-25T21:00:00Z", 1_204))),
        (format!("/api/v1/elections/{election}/status"), json!(status)),
        (format!("/api/v1/elections/{election}/trustee-files"), json!([])),
        (format!("/api/v1/elections/{election}/record"), json!(index)),
        ("/api/v1/sharing/disclosures".to_owned(), json!(samples::sharing::disclosures().remove(0))),
    ]
    .map(|(path, answer)| (path, answer.to_string().into_bytes()))
    .into()
}

const SPEC: &str = include_str!("../../../../tests/data/spec.toml");

fn source(kind: ImportKind) -> Source {
    Source { kind, rows: ImportRows::All, others: ImportOthers::default() }
}

const KINDS: [ImportKind; 3] = [ImportKind::Facilities, ImportKind::Residents, ImportKind::SupportList];

/// A trustee's file, as it would be handed in.
fn trustee_file(at: &Appliance) -> (PathBuf, Hash32) {
    let card = TrusteeFile::TrusteeCard(Signed {
        body: TrusteeCard { name: "立会一郎".to_owned(), signing_key: Bytes([1; 32]), recipient: "age1".to_owned() },
        signature: Bytes([0; 64]),
    });
    let path = at.file("card.json", &canonical::to_bytes(&card).unwrap());
    let (_, sha256) = elections_question::bytes_of(&path).unwrap();
    (path, sha256)
}

/// A disclosure, as it was looked at before.
fn disclosure() -> DisclosureRequest {
    let Grant { name, agency, purpose, fields, .. } = samples::sharing::grants().remove(0).grant;
    DisclosureRequest {
        request: Bytes([7; 16]),
        grant: name,
        agency,
        purpose,
        event: samples::event_id(),
        shelters: Vec::new(),
        of: Selection::Everybody {},
        persons: Vec::new(),
        fields,
        format: None,
        seen: None,
    }
}

/// Every question.
fn questions(at: &Appliance) -> Vec<Question> {
    use elections_question::Question as OfElections;
    use sharing_question::{Asked, Question as OfSharing};
    use shelters_question::Question as OfShelters;

    let (event, id, code) = (samples::event_id(), samples::election(), samples::sharing::code());
    let csv = at.file("roll.csv", b"a,b\n");
    let mut all = vec![
        Question::Approvals,
        Question::Declined,
        Question::Election(id),
        Question::Roll(id),
        Question::Turnout(id, None),
        Question::Turnout(id, Some(now())),
        Question::Outcome(id),
        Question::Event(event),
        Question::People(event, "に".to_owned(), None),
        Question::Person(event, ChainId([1; 16])),
        Question::Conflicts(event),
        Question::Journal(None),
        Question::Journal(Some(7)),
        Question::Acts(id, None),
        Question::Acts(id, Some(7)),
        Question::Path(csv.clone()),
    ];
    let sharing = [
        OfSharing::Agencies,
        OfSharing::Grants,
        OfSharing::Disclosures,
        OfSharing::Alerts,
        OfSharing::Warnings,
        OfSharing::Preview(Asked(disclosure())),
        OfSharing::Citizen(code),
        OfSharing::Access(code, None),
        OfSharing::Access(code, Some(7)),
    ];
    let elections = [
        OfElections::RollFile(id, csv.clone()),
        OfElections::TrusteeFile(trustee_file(at).0),
        OfElections::SpecFile(at.file("spec.toml", SPEC.as_bytes())),
        OfElections::Board(id, 0),
        OfElections::Counting(id),
        OfElections::RollPeople(id, "1042".to_owned()),
        OfElections::Declarations(id, None),
        OfElections::Declarations(id, Some(7)),
        OfElections::RollRow(csv.clone()),
    ];
    let shelters = [
        OfShelters::Facilities,
        OfShelters::Request(at.file("request.json", json!(samples::shelters::request("gym-1", "gym", 1)).to_string().as_bytes())),
        OfShelters::Duplicates(event),
        OfShelters::Missing(event),
        OfShelters::Statements(event),
        OfShelters::Outstanding(event),
        OfShelters::Events,
        OfShelters::Questionnaire(event, ChainId([1; 16])),
        OfShelters::Asides(event),
        OfShelters::Aside(event, samples::shelters::aside_file()),
    ];
    all.extend(sharing.map(Question::Sharing));
    all.extend(elections.map(Question::Elections));
    all.extend(shelters.map(Question::Shelters));
    all.extend(KINDS.map(|kind| Question::Shelters(OfShelters::Import(source(kind), csv.clone()))));
    all
}

/// Every deed that is done by asking the appliance.
fn deeds(at: &Appliance) -> Vec<Deed> {
    let waiting = Shown::from(samples::asked(Matter::Election { election: samples::election(), act: Act::CloseOnline, roll: None }));
    let mut all = vec![
        Deed::Act(samples::election(), Act::CloseOnline),
        Deed::Approve(Box::new(waiting)),
        Deed::Decline("k3v7q2xm".to_owned(), None),
        Deed::Decline("k3v7q2xm".to_owned(), Some("no".to_owned())),
    ];
    all.extend(of_sharing(at).into_iter().map(Deed::Sharing));
    all.extend(of_shelters(at).into_iter().map(Deed::Shelters));
    all.extend(of_elections(at).into_iter().map(Deed::Elections));
    all
}

fn of_sharing(at: &Appliance) -> Vec<sharing_deed::Deed> {
    use sharing_deed::Deed as Of;

    let said = |text: &str| text.to_owned();
    let (code, other) = (samples::sharing::code(), CitizenId([8; 16]));
    let link = CitizenLinkRequest { citizen: code, other, verdict: LinkVerdict::Same, evidence: said("免許証"), reason: said("再交付") };
    let person = CitizenPerson { name: said("西村 花子"), birth_date: said("1950-04-01"), sex: said("2"), address: said("養父市") };
    vec![
        Of::SetAgency(Box::new(InPlaceOf { before: None, now: samples::sharing::agencies().remove(0) })),
        Of::Grant(Box::new(samples::sharing::grants().remove(0).grant)),
        Of::Withdraw("fire-care".parse().unwrap()),
        Of::Disclose(Box::new(disclosure()), at.folder.path().join("bundle.age")),
        Of::Issue(Box::new(Unsaid(person))),
        Of::Lose(code),
        Of::Link(Box::new(Unsaid(link))),
        Of::Erase(code, Box::new(Unsaid(CitizenEraseRequest { ground: EraseGround::Request, reason: said("本人の申出") }))),
        Of::Print(crate::commands::citizen::ToPrint { code, pdf: at.folder.path().join("card.pdf"), named: true, text: Lang::Ja }),
    ]
}

fn of_shelters(at: &Appliance) -> Vec<shelters::Deed> {
    use shelters::Deed as Of;

    let (event, view) = (samples::event_id(), samples::contradicted());
    let state = samples::event_view().shelters.remove(0).state;
    let spec = EventSpec {
        kind: EventKind::Drill,
        title: samples::text("訓練", "drill"),
        municipality: "282227".to_owned(),
        began: now(),
        card: CardRule::Pin,
        min_group: 10,
    };
    let set = Set { shelter: state.shelter.clone(), from: state.state, to: OpenState::Full };
    let keep = view.heads[0].entry;
    let act = settlement(&view, keep, &[], Protecting::Kept, "電話で確認").unwrap();
    let link = LinkRequest { chain: ChainId([1; 16]), other: ChainId([2; 16]), verdict: LinkVerdict::Same, evidence: "免許証".to_owned() };
    let aside = AsideRequest {
        file: samples::shelters::aside_file(),
        entries: vec![0],
        content: samples::shelters::aside_file(),
        verdict: AsideVerdict::Drop,
        reason: "訓練の入力".to_owned(),
    };
    let mut all = vec![
        Of::Declare(Box::new(spec)),
        Of::Close(event, Box::new(CloseRequest { anyway: None })),
        Of::Open(event, Box::new(InPlaceOf { before: Some(state.clone()), now: state })),
        Of::Set(event, set),
        Of::Admit(Box::new(samples::shelters::request("gym-1", "gym", 1))),
        Of::Revoke(event, "gym-1".parse().unwrap()),
        Of::SetupFile(event, at.folder.path().join("setup.json")),
        Of::Settle(event, Box::new(Settle { view, keep, fields: Vec::new(), reason: "電話で確認".to_owned() })),
        Of::Unsettle(event, Box::new(act)),
        Of::Aside(event, Box::new(aside)),
        Of::Link(event, Box::new(link)),
        Of::Statement(event, None, at.folder.path().join("1.statement")),
        Of::Statement(event, Some(2), at.folder.path().join("2.statement")),
        Of::Verify(event, 2),
    ];
    let file = at.file("list.csv", b"a,b\n");
    all.extend(KINDS.map(|kind| {
        let mut shown = samples::shelters::import(source(kind));
        (shown.file, shown.replaces) = (Hash32::sha256(b"a,b\n").into(), Some(Bytes([3; 32])));
        Of::Import(source(kind), file.clone(), Box::new(shown), Some(12))
    }));
    all
}

fn of_elections(at: &Appliance) -> Vec<elections::Deed> {
    use elections::Deed as Of;

    let id = samples::election();
    let said = |text: &str| text.to_owned();
    let roll = at.file("new-roll.csv", b"a,b\n");
    let (trustee, sha256) = trustee_file(at);
    let key = || Key { path: at.folder.path().join("officer.age"), passphrase: Secret::default().typed() };
    let (count, lot) = (counted(), drawn());
    let order = RollOrder::Add { csv: said("a,b\n1,2\n") };
    let stick = at.folder.path().join("stick");
    std::fs::create_dir_all(&stick).unwrap();
    vec![
        Of::Create(Box::new(ElectionSpec::from_toml(SPEC).unwrap())),
        Of::ImportRoll(id, roll.clone(), Hash32::sha256(b"a,b\n"), None),
        Of::ImportRoll(id, roll.clone(), Hash32::sha256(b"a,b\n"), Some(Bytes([3; 32]))),
        Of::AddTrustee(id, trustee, sha256),
        Of::Ceremony(id),
        Of::Carry(id, stick),
        Of::Cosign(id, at.file("cosigned.txt", b"x")),
        Of::Export(id, at.folder.path().join("record")),
        Of::Print(Printing { record: at.folder.path().join("none"), out: at.folder.path().join("papers"), expect: None, issuer: None, place: None }),
        Of::EnterPapers(id, PaperFigures { contest: 0, thousandths: vec![1_000], valid: 1, blank: 0, invalid: 0 }),
        Of::SignPapers(id, count, key()),
        Of::Lot(id, Drawn { contest: 0, tied: lot.tied, chosen: lot.chosen, seen: 0 }, key()),
        Of::DropLot(id, LotDrop { contest: 0, number: 1, reason: said("打ち間違い") }),
        Of::Out(id, CandidateOut { contest: 0, option: 1, reason: OutReason::Withdrawn }),
        Of::Object(id, Objection { objector: said("朝来 太郎"), about: said("1042"), complaint: Complaint::LeftOut, grounds: said("転入") }),
        Of::Decide(id, 1, Decision { ruling: Ruling::Upheld, reason: said("認める") }),
        Of::Change(id, RollRequest { order, reason: RollChangeReason::Correction, note: said("訂正"), objection: None }),
        Of::Add(id, Added { path: roll, row: said("a,b\n1,2\n"), reason: RollChangeReason::Correction, note: said("補正登録"), objection: None }),
        Of::CheckEntry(id, LeafIndex(3), Hash32::sha256(b"entry")),
        Of::CheckBoard(id, None),
    ]
}

fn counted() -> PaperCount {
    PaperCount { opened: Bytes([3; 32]), contest: 0, thousandths: vec![1_000], valid: 1, blank: 0, invalid: 0 }
}

fn drawn() -> Lot {
    Lot { opened: Bytes([3; 32]), contest: 0, tied: vec![0, 1], chosen: vec![0] }
}

/// The name of a question in the table of commands.
const fn asked(question: &Question) -> &'static str {
    match question {
        Question::Sharing(question) => commands::sharing_asked(question),
        Question::Elections(question) => commands::elections_asked(question),
        Question::Shelters(question) => commands::shelters_asked(question),
        question => commands::question(question),
    }
}

/// The name of a deed in the table of commands.
const fn done(deed: &Deed) -> &'static str {
    match deed {
        Deed::Sharing(deed) => commands::sharing_done(deed),
        Deed::Elections(deed) => commands::elections_done(deed),
        Deed::Shelters(deed) => commands::shelters_done(deed),
        deed => commands::deed(deed),
    }
}

/// That these are all of the tables, and that each sends at least one request that the appliance describes, unless it is one of those that need none, and sends none
/// that it does not.
fn hold(tables: std::ops::Range<usize>, apart: &[&str], quiet: &[&str], heard: &[(&'static str, Vec<String>)]) {
    let known: BTreeSet<&str> = heard.iter().map(|(name, _)| *name).collect();
    let named = commands::TABLES[tables].iter().copied().flatten().map(|(name, _)| *name).filter(|name| !apart.contains(name));
    assert_eq!(named.collect::<BTreeSet<_>>(), known, "each is tried");
    for (name, requests) in heard {
        assert_eq!(requests.is_empty(), quiet.contains(name), "{name}: {requests:?}");
        for request in requests {
            assert!(is_described(request), "{name}: the appliance does not describe {request}");
        }
    }
}

#[test]
fn every_question_is_a_request_that_the_appliance_describes() {
    let at = Appliance::start(answers());
    let heard: Vec<_> = questions(&at)
        .iter()
        .map(|question| {
            // What it answers is of no matter here.
            let _ = question::ask(&at.desk, question);
            (asked(question), at.heard())
        })
        .collect();
    let apart = ["Question::Sharing(_)", "Question::Elections(_)", "Question::Shelters(_)"];
    let of_this_machine = [
        "Question::Path(_)",
        "OfElectionsAsked::TrusteeFile(_)",
        "OfElectionsAsked::SpecFile(_)",
        "OfElectionsAsked::RollRow(_)",
        "OfSheltersAsked::Request(_)",
    ];
    hold(0..4, &apart, &of_this_machine, &heard);
}

#[test]
fn every_deed_is_a_request_that_the_appliance_describes() {
    let at = Appliance::start(answers());
    let heard: Vec<_> = deeds(&at)
        .iter()
        .map(|deed| {
            let _ = deed::perform(&at.desk, deed, &|_, _| {});
            (done(deed), at.heard())
        })
        .collect();
    let apart = ["Deed::Sharing(_)", "Deed::Elections(_)", "Deed::Shelters(_)", "Deed::Reception(_)", "Deed::Seat(_)"];
    hold(4..8, &apart, &["OfElections::Print(_)"], &heard);
    // What changes something is not only looked up.
    let posts = |wanted: &str| heard.iter().any(|(name, requests)| *name == wanted && requests.iter().any(|request| request.starts_with("POST ")));
    for name in ["OfShelters::Open(..)", "OfShelters::Set(..)", "OfShelters::Settle(..)", "OfShelters::Statement(..)", "Deed::Approve(_)"] {
        assert!(posts(name), "{name}: {heard:?}");
    }
}

#[test]
fn what_is_signed_behind_a_proof_and_what_is_followed_are_requests_that_the_appliance_describes() {
    let at = Appliance::start(BTreeMap::new());
    let (client, id) = (&at.desk.client, samples::election());
    let _ = (count::hand_in(client, id, counted(), Vec::new()), count::signed(client, id, &counted()));
    let _ = (
        count::hand_in_lot(client, id, &LotSigned { body: drawn(), signatures: Vec::new(), seen: 0 }),
        count::tie(client, id, 0),
        count::lots(client, id),
        count::outs(client, id),
    );
    let heard = at.heard();
    assert_eq!(heard.iter().filter(|request| request.starts_with("POST ")).count(), 2, "{heard:?}");
    for request in heard.iter().map(String::as_str).chain([format!("GET {STREAM}").as_str()]) {
        assert!(is_described(request), "the appliance does not describe {request}");
    }
}

#[test]
fn a_request_that_the_appliance_does_not_describe_is_told_from_one_that_it_does() {
    assert!(is_described("GET /api/v1/approvals") && is_described("POST /api/v1/approvals/k3v7q2xm"));
    for wrong in ["PUT /api/v1/approvals", "GET /api/v1/approval", "POST /api/v1/approvals/", "GET /api/v1/approvals?of=me"] {
        assert!(!is_described(wrong), "{wrong}");
    }
}
