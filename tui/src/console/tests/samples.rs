//! What an appliance may say.

pub mod shelters;

use tachiai_crypto::roster::EventId;
use tachiai_schemas::counting::{ContestOutcome, OptionOutcome, OutcomeView, TieView, Turnout, TurnoutCell, TurnoutParts};
use tachiai_schemas::election::{Authority, ContestKind, Text};
use tachiai_schemas::health::{Ailment, JournalOf, NotWriting};
use tachiai_schemas::journal::{JournalLine, JournalPage};
use tachiai_schemas::paper::RollChangeReason;
use tachiai_schemas::receipt::{ElectionSummary, Phase};
use tachiai_schemas::roll::case::RollOverview;
use tachiai_schemas::roll::{Elector, Listed, Protection, RollCase, Standing};
use tachiai_schemas::roster::LinkVerdict;
use tachiai_schemas::roster::person::{Birth, Identified, Relation, Sex, Triage};
use tachiai_schemas::roster::shelter::Pets;
use tachiai_schemas::roster::{self, CardRule, ChainId, Declared, EventKind, Hlc, OpenState, Person, ShelterState};
use tachiai_schemas::sharing::alert::Alert;
use tachiai_schemas::sharing::warning::{Hazard, Severity, Warning, WarningKnown, Warnings};
use tachiai_schemas::shelter::merged;
use tachiai_schemas::shelter::questionnaire::Kept;
use tachiai_schemas::shelter::{
    ConflictKind, EventSummary, EventView, Extent, LinkCase, LinkRequest, LinkShown, PeopleFound, PersonView, QuestionnaireSeen, Resident, ShelterView,
    StepView, Totals,
};
use tachiai_schemas::staff::{Act, ElectionStatus, Matter, NextDeed, Pending, Role, Shown, TrusteeStatus, WitnessStatus};
use tachiai_schemas::status::{
    ApplianceNow, CheckpointNow, DiskNow, ElectionInside, ElectionNow, EventNow, JournalNow, Log, Reading, ShelterNow, Status, Viewer, WaitingNow,
};
use tachiai_schemas::{Bytes, ElectionId, LeafIndex, Timestamp, TrusteeIndex};

use super::{at, now};
use crate::commands::approve::Names;
use crate::console::work::Waiting;
use crate::console::work::question::path::Found;

pub mod sharing;

/// What lies under a path: a folder where it ends with a slash.
pub fn found(path: &std::path::Path) -> Found {
    let names = ["backup/", "facilities.geojson", "residents-2026.csv", "residents-2027.csv"];
    if path.as_os_str().as_encoded_bytes().ends_with(b"/") { Found::Folder(names.map(str::to_owned).into()) } else { Found::File }
}

pub fn text(ja: &str, en: &str) -> Text {
    Text { ja: ja.to_owned(), en: en.to_owned() }
}

pub fn election() -> ElectionId {
    "aaaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap()
}

fn appliance() -> ApplianceNow {
    ApplianceNow {
        version: "0.1.0".to_owned(),
        disk: Some(DiskNow { used_percent: 41, limit_percent: 80, free_mb: 183_400 }),
        journals: [("aaaaaaaaaaaaaaaaaaaaaaaaaa", 14_300_000), ("appliance", 120_000)].map(|(name, bytes)| JournalNow { name: name.to_owned(), bytes }).into(),
        checkpoints: vec![
            CheckpointNow { cosigned: 2, quorum: 2, witnessed: Some(now().plus(-30)), ..checkpoint(Log::Election { election: election() }, 12_481) },
            checkpoint(Log::Event { event: event_id() }, 1_530),
            checkpoint(Log::Access {}, 214),
        ],
        broken: Vec::new(),
        warnings: Vec::new(),
        backup: Some(at("2026-11-25T17:00:00Z")),
    }
}

/// A log whose every entry is signed.
pub fn checkpoint(log: Log, size: u64) -> CheckpointNow {
    CheckpointNow { log, signed: Some(now().plus(-42)), size, waiting: 0, cosigned: 0, quorum: 0, witnessed: None }
}

fn summary(title: Text, authority: Authority, phase: Phase) -> ElectionSummary {
    ElectionSummary {
        election: election(),
        title,
        authority,
        phase,
        opens: at("2026-11-20T00:00:00Z"),
        online_closes: at("2026-11-28T11:00:00Z"),
        poll_closes: at("2026-11-29T11:00:00Z"),
        opened: Some(LeafIndex(14)),
        size: 12_481,
    }
}

pub fn empty(role: Role) -> Status {
    Status {
        at: now(),
        viewer: Viewer { name: "西村".to_owned(), role },
        elections: Vec::new(),
        events: matches!(role, Role::Headquarters | Role::Reception).then(Vec::new),
        waiting: matches!(role, Role::Commission | Role::Headquarters).then(Vec::new),
        alerts: (role == Role::Headquarters).then(Vec::new),
        warnings: None,
        appliance: matches!(role, Role::Commission | Role::Headquarters).then(appliance),
    }
}

pub fn commission() -> Status {
    let inside = |counted, deed, ja: &str, en: &str| {
        let witness = |name: &str, size| WitnessStatus { name: name.to_owned(), size: Some(size), at: Some(now().plus(-30)) };
        Some(ElectionInside {
            electors: 18_700,
            counted,
            next: text(ja, en),
            next_deed: Some(deed),
            papers: 0,
            checkpoint: Some(12_481),
            witness_quorum: 2,
            witnesses: vec![witness("hyogo", 12_481), witness("kobe-u", 12_481), witness("shimbun", 11_902)],
        })
    };
    let open = summary(text("養父市長選挙", "Mayor of Yabu City"), Authority::Mock, Phase::Open);
    let draft = summary(text("養父市議会議員補欠選挙", "By-election of the City Council"), Authority::Mock, Phase::Draft);
    let draft = ElectionSummary { election: "baaaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap(), opened: None, size: 0, ..draft };
    let next = "オンライン投票の受付は2026年11月28日20時00分までです。その後、職員2人で締め切ってください。";
    let waits = |id: &str, by: &str, age: i64| WaitingNow {
        id: id.to_owned(),
        requested_by: by.to_owned(),
        requested_at: now().plus(-age),
        election: Some(election()),
        event: None,
        reading: Reading::Free,
    };
    let first = ElectionNow {
        summary: open,
        inside: inside(6_204, NextDeed::CloseOnline, next, "Online voting goes on until 2026-11-28 20:00 JST. Then two officials close it."),
    };
    let mut second = ElectionNow {
        summary: draft,
        inside: inside(0, NextDeed::ListTrustees, "立会人を登録してください(2/5)。", "List the trustees (2 of 5)."),
    };
    if let Some(inside) = &mut second.inside {
        (inside.checkpoint, inside.witnesses) = (None, Vec::new());
    }
    Status { elections: vec![first, second], waiting: Some(vec![waits("k3v7q2xm", "足立", 250), waits("b2c4d6e8", "西村", 30)]), ..empty(Role::Commission) }
}

fn shelter(id: &str, names: [&str; 2], state: OpenState, capacity: Option<u32>, staying: u64) -> ShelterNow {
    ShelterNow { shelter: id.parse().unwrap(), name: text(names[0], names[1]), district: "八鹿".to_owned(), state, capacity, staying, heads: None }
}

/// An event that is over.
pub fn closed() -> EventSummary {
    let closed = Some(Hlc::at_millis(at("2025-09-01T06:00:00Z").unix().unsigned_abs() * 1_000));
    EventSummary { event: EventId([8; 16]), closed, open_shelters: 0, present: 0, ..event(text("令和7年度 総合防災訓練", "Drill of 2025"), 0) }
}

pub fn event(title: Text, conflicts: u64) -> EventSummary {
    EventSummary {
        event: EventId([7; 16]),
        declared: Declared {
            kind: EventKind::Disaster,
            title,
            municipality: "282227".to_owned(),
            origin: "vote.city.yabu.example/roster".to_owned(),
            began: at("2026-11-25T09:00:00Z"),
            card: CardRule::WithoutPin,
            min_group: 10,
            key: Bytes([0; 32]),
            recipient: "age1".to_owned(),
        },
        closed: None,
        open_shelters: 8,
        present: 1_204,
        conflicts,
    }
}

pub fn headquarters() -> Status {
    let mut shelters = vec![
        shelter("gym", ["八鹿体育館", "Yoka Gymnasium"], OpenState::Full, Some(300), 312),
        shelter("school", ["養父小学校", "Yabu Elementary School"], OpenState::Crowded, Some(250), 201),
        shelter("hall", ["大屋ホール", "Oya Hall"], OpenState::Open, Some(400), 12),
        shelter("temple", ["満福寺", "Mampukuji"], OpenState::Open, None, 31),
    ];
    shelters.extend((1..=4).map(|n| shelter(&format!("kominkan-{n}"), ["地区公民館", "Community Centre"], OpenState::Open, Some(80), n)));
    if let Some(hall) = shelters.get_mut(2) {
        hall.heads = Some(20);
    }
    let alert = Alert {
        id: Bytes([1; 16]),
        at: at("2026-11-26T02:12:00Z"),
        agency: "yabu-fire".parse().unwrap(),
        event: EventId([7; 16]),
        chain: ChainId([2; 16]),
        reason: "搬送中に意識を失ったため、服薬を確かめる".to_owned(),
        read: vec![at("2026-11-26T02:13:00Z")],
        nothing: vec![],
    };
    Status {
        events: Some(vec![EventNow { summary: event(text("令和8年台風第15号", "Typhoon 15 of 2026"), 2), shelters, asking: 1 }]),
        alerts: Some(vec![alert]),
        ..empty(Role::Headquarters)
    }
}

pub fn long() -> Status {
    let long = "衆議院議員総選挙及び最高裁判所裁判官国民審査並びに養父市長選挙及び養父市議会議員補欠選挙の同日選挙";
    let english = "General election of the House of Representatives, national review of the Supreme Court and by-election of the City Council on one day";
    let mut status = commission();
    status.viewer.name = "寿限無寿限無五劫の擦り切れ海砂利水魚".to_owned();
    for election in &mut status.elections {
        election.summary.title = text(long, english);
    }
    if let Some(waiting) = &mut status.waiting {
        waiting[0].requested_by = "東京特許許可局局長代理補佐心得".to_owned();
    }
    let mut shelters = headquarters().events.unwrap().remove(0).shelters;
    shelters[0].name = text("養父市立八鹿青渓中学校第二体育館（旧八鹿町立）", "Second Gymnasium of the Yoka Seikei Junior High School of Yabu City");
    shelters[0].heads = Some(1_000_000);
    status.events = Some(vec![EventNow { summary: event(text(long, english), 1_000), shelters, asking: 0 }]);
    if let Some(appliance) = &mut status.appliance {
        appliance.broken = vec![Ailment::ReadOnly { journal: JournalOf::Election { election: election() }, why: NotWriting::DiskFull }];
        appliance.disk = Some(DiskNow { used_percent: 80, limit_percent: 80, free_mb: 900 });
    }
    status
}

/// What others warn of, with these of them in front.
pub fn warned(first: Vec<WarningKnown>) -> Warnings {
    let known = |number: u8, hazard, what: &str, severity, [area, source, description]: [&str; 3]| {
        let issued = at("2026-11-26T03:00:00Z").plus(-600 * i64::from(number));
        let (what, id) = (what.to_owned(), format!("urn:ngsi-ld:Alert:jma-{number:04}"));
        let [area, source, description] = [area, source, description].map(str::to_owned);
        let warning = Warning { id, hazard, what, severity, issued, from: None, until: Some(at("2026-11-26T15:00:00Z")), description, area, source };
        WarningKnown { warning, first: issued.plus(90), told: issued.plus(90) }
    };
    let jma = "神戸地方気象台";
    let mut road = known(4, Hazard::Traffic, "roadClosed", None, ["県道6号（大屋町明延～一円）", "", ""]);
    (road.warning.from, road.warning.until) = (Some(at("2026-11-26T09:00:00Z")), None);
    let all = vec![
        known(
            1,
            Hazard::Weather,
            "rainfall",
            Some(Severity::Critical),
            ["養父市", jma, "大雨特別警報（土砂災害）。これまでに経験したことのないような大雨となっています。"],
        ),
        known(
            2,
            Hazard::NaturalDisaster,
            "floodRisk",
            Some(Severity::High),
            ["円山川（府市場）", "兵庫県", "氾濫危険水位に達しました。水位 4.62m（12時00分）。"],
        ),
        known(3, Hazard::Weather, "wind", Some(Severity::Medium), ["但馬南部", jma, "強風注意報"]),
        road,
        known(5, Hazard::Weather, "volcanicAsh", Some(Severity::Informational), ["但馬北部", jma, "降灰予報（定時）"]),
    ];
    let known: Vec<WarningKnown> = first.into_iter().chain(all).collect();
    Warnings { heard: Some(now().plus(-40)), silent: None, left_out: 0, unrecorded: 0, all: known.len() as u64, known }
}

/// Three things: of another official, of the one who sits here, and one that does not fit what would be signed.
pub fn waiting() -> Vec<Waiting> {
    let of = |id: &str, by: &str, age: i64, act| {
        let matter = Matter::Election { election: election(), act, roll: None };
        let mut pending = Pending { id: id.to_owned(), matter, requested_by: by.to_owned(), requested_at: now().plus(-age), message: Bytes([0; 32]) };
        pending.message = pending.message_hash().into();
        let shown = Shown::from(pending);
        seen(shown)
    };
    let mut waiting = vec![of("k3v7q2xm", "足立", 250, Act::CloseOnline), of("b2c4d6e8", "西村", 30, Act::Publish), of("z9y8x7w6", "藤原", 4_000, Act::Count)];
    // Its message is that of another request.
    let mut shown = waiting.remove(2).shown;
    shown.pending.message = Bytes([9; 32]);
    waiting.push(seen(shown));
    waiting
}

/// As the second official sees it.
fn seen(shown: Shown) -> Waiting {
    let mut names = Names::default();
    names.election(election(), &text("養父市長選挙", "Mayor of Yabu City"));
    let view = event_view();
    names.event(event_id(), &view.summary.declared.title, &view.shelters);
    Waiting::of(shown, &names)
}

pub fn asked(matter: Matter) -> Pending {
    let mut pending = Pending { id: "k3v7q2xm".to_owned(), matter, requested_by: "足立".to_owned(), requested_at: now().plus(-250), message: Bytes([0; 32]) };
    pending.message = pending.message_hash().into();
    pending
}

/// A correction of an elector with every field that there is.
pub fn long_change() -> Waiting {
    let listed = |district: u16, address: &str| Listed {
        elector: Elector {
            number: "0000123456".to_owned(),
            name: "西村 花子".to_owned(),
            kana: "ニシムラ ハナコ".to_owned(),
            birth: "1944-05-06".to_owned(),
            sex: "2".to_owned(),
            address: address.to_owned(),
            district,
        },
        standing: Standing {
            since: "2001-04-01".parse().ok(),
            suspended: Some("公職選挙法第11条".to_owned()),
            left: "2026-11-01".parse().ok(),
            ..Standing::default()
        },
    };
    let case = RollCase {
        salt: Bytes([1; 32]),
        change: None,
        reason: RollChangeReason::Correction,
        note: "本人の届出により投票区と住所を改める。住民票の写しと本人確認書類を窓口で確かめた。".to_owned(),
        objection: Some(3),
        slot: None,
        before: Some(listed(4, "兵庫県養父市八鹿町八鹿1675番地 県営八鹿住宅2号棟305号室")),
        after: Some(listed(11, "兵庫県養父市広谷250番地1")),
    };
    let matter = Matter::RollChange { election: election(), change: None, reason: case.reason, commitment: case.commitment().into() };
    seen(Shown { pending: asked(matter), person: None, roll: Some(Box::new(case)), elector: None, link: None, case: None, search: None, citizens: None })
}

/// Two records that are said to be of one person, each with many entries.
pub fn long_link() -> Waiting {
    let (event, chain, other) = (EventId([7; 16]), ChainId([1; 16]), ChainId([2; 16]));
    let evidence = "保険証の記号・番号が同じで、ご家族も同じ方だと言っている。".to_owned();
    let case = LinkCase { salt: Bytes([4; 32]), event, request: LinkRequest { chain, other, verdict: LinkVerdict::Same, evidence } };
    let mut view = contradicted();
    view.history = view.history.iter().cycle().take(9).cloned().collect();
    let commitment = case.commitment().into();
    let link = LinkShown { case, people: vec![view.clone(), PersonView { handles: vec![other], ..view }] };
    let matter = Matter::LinkPeople { event, chain, other, verdict: LinkVerdict::Same, commitment };
    seen(Shown { pending: asked(matter), person: None, roll: None, elector: None, link: Some(Box::new(link)), case: None, search: None, citizens: None })
}

/// A change of the roll as a role sees it to which it is not shown whom it is about.
pub fn unshown() -> Waiting {
    let mut waiting = long_change();
    waiting.shown.roll = None;
    seen(waiting.shown)
}

/// The event of the samples.
pub fn event_id() -> EventId {
    EventId([7; 16])
}

/// An election at a phase, with five trustees who have handed in everything up to it.
pub fn election_status(phase: Phase) -> ElectionStatus {
    let upto = match phase {
        Phase::Draft | Phase::Ceremony => 0,
        Phase::Open | Phase::OnlineClosed | Phase::PollClosed => 3,
        Phase::Tallying => 4,
        Phase::Tallied | Phase::Published => 5,
    };
    let trustee = |(index, name): (u8, &str)| TrusteeStatus {
        trustee: TrusteeIndex::new(index).unwrap(),
        name: name.to_owned(),
        signing_key: Bytes([index; 32]),
        received: ["commit", "deal", "confirm", "tally-signature", "shares"].iter().take(upto).map(|name| (*name).to_owned()).collect(),
    };
    let witness = |name: &str| WitnessStatus { name: name.to_owned(), size: Some(12_481), at: Some(now()) };
    ElectionStatus {
        summary: summary(text("養父市長選挙", "Mayor of Yabu City"), Authority::Mock, phase),
        electors: 18_700,
        manifest: None,
        fingerprint: (phase >= Phase::Open).then(|| "k3v7-q2xm-9r4t-p5aw-b6cd".to_owned()),
        trustees_wanted: 5,
        quorum: 3,
        trustees: (1..).zip(["浅野", "石田", "上垣", "遠藤", "小野山"]).map(trustee).collect(),
        run: 1,
        witness_quorum: 2,
        witnesses: ["hyogo", "kobe-u", "shimbun"].map(witness).into(),
        registrations: 7_020,
        ballots: 8_810,
        counted: 6_204,
        out: Vec::new(),
        without_poll: Vec::new(),
        pending: Vec::new(),
        next_ja: String::new(),
        next_en: String::new(),
        next_deed: None,
    }
}

/// The turnout up to an hour: more of it, the later.
pub fn turnout(at: Timestamp) -> Turnout {
    let hours = u64::try_from(at.unix() / 3_600 % 97).unwrap();
    let cell = |entitled: u64| TurnoutCell { entitled, online: entitled * hours / 200, early: entitled / 20, day: 0, absentee: 3 };
    Turnout {
        election: election(),
        at,
        size: 12_481,
        all: cell(18_700),
        parts: TurnoutParts {
            at,
            size: 12_000,
            all: cell(18_700),
            names: vec![text("八鹿第1投票区", "Yoka 1"), text("養父第2投票区", "Yabu 2"), text("大屋第9投票区", "Oya 9")],
            districts: vec![Some(cell(4_100)), Some(cell(2_222)), None],
            ages: Vec::new(),
            sexes: [None, None, None],
        },
    }
}

/// What became of a contest with equal votes for the last seat.
pub fn outcome() -> OutcomeView {
    let option = |ja: &str, en: &str, online: u64, votes: &str, standing: [&str; 2]| OptionOutcome {
        id: en.to_ascii_lowercase(),
        name: text(ja, en),
        online,
        paper: "1,204".to_owned(),
        votes: votes.to_owned(),
        rank: None,
        standing: "tied".to_owned(),
        standing_text: text(standing[0], standing[1]),
        deposit_forfeited: false,
    };
    let tied = ["同数", "tied"];
    OutcomeView {
        election: election(),
        published: false,
        contests: vec![ContestOutcome {
            contest: Some(0),
            id: "mayor".to_owned(),
            title: text("養父市長", "Mayor of Yabu"),
            kind: ContestKind::Mayor,
            without_poll: false,
            valid: "6412".to_owned(),
            nobodys: "0".to_owned(),
            blank: 31,
            invalid: 12,
            out: "0".to_owned(),
            minimum: Some("1603".to_owned()),
            forfeiture: Some("641.2".to_owned()),
            options: vec![
                option("八木 花子", "YAGI Hanako", 1_900, "3104", tied),
                option("但馬 一郎", "TAJIMA Ichiro", 1_900, "3104", tied),
                option("和田山 次郎", "WADAYAMA Jiro", 100, "204", ["落選", "not elected"]),
            ],
            tie: Some(TieView { options: vec![0, 1], seats: 1, decided: false }),
            seats: None,
            units: Vec::new(),
            papers_missing: false,
        }],
    }
}

/// A roll as it is a few days before the poll.
pub fn roll() -> RollOverview {
    RollOverview { electors: 18_700, unqualified: 41, barred: Vec::new(), declarations: 312, objections: Vec::new(), changes: Vec::new() }
}

fn hlc(text: &str) -> Hlc {
    Hlc::at(at(text))
}

/// Somebody of this name.
fn named(name: &str, kana: &str, address: &str) -> Person {
    Person {
        kana: kana.to_owned(),
        address: address.to_owned(),
        birth: Birth::Years(81),
        name: name.to_owned(),
        ..Person::unknown(Identified::List, roster::Stay::Shelter)
    }
}

fn step(number: u8, shelter: &str, terminal: &str, act: roster::Act, time: &str, person: Option<Person>) -> StepView {
    StepView {
        chain: ChainId([number; 16]),
        entry: Bytes([number; 32]),
        time: hlc(time),
        entered: hlc(time),
        terminal: terminal.parse().unwrap(),
        shelter: shelter.parse().unwrap(),
        act,
        person,
    }
}

/// Somebody who is present in two shelters by two terminals.
pub fn contradicted() -> PersonView {
    let one = step(1, "gym", "gym-1", roster::Act::In, "2026-11-25T11:20:00Z", Some(named("西村 花子", "ニシムラ ハナコ", "養父市八鹿町八鹿1675")));
    let other = step(2, "school", "school-2", roster::Act::In, "2026-11-25T12:05:00Z", Some(named("西村 花子", "ニシムラ ハナコ", "養父市広谷250-1")));
    let heads = vec![one.clone(), other.clone()];
    PersonView {
        handles: vec![ChainId([1; 16])],
        differs: merged::differences(&heads),
        counts: other.clone(),
        conflict: Some(ConflictKind::TwoPlaces),
        history: vec![one, other],
        heads,
        questionnaire: Some(QuestionnaireSeen::Linked {
            kept: Kept { hash: Bytes([4; 32]), at: at("2026-11-25T12:10:00Z"), triage: Triage::Yellow },
            worst: Triage::Yellow,
        }),
    }
}

/// People of one name: one in the roster, one of whom nothing can be opened, and a resident who is nowhere.
pub fn people() -> PeopleFound {
    let lost = step(3, "hall", "hall-1", roster::Act::Out, "2026-11-25T13:00:00Z", None);
    let unopened = PersonView { heads: vec![lost.clone()], counts: lost, conflict: None, differs: Vec::new(), history: Vec::new(), ..contradicted() };
    let resident = Resident {
        number: "10023".to_owned(),
        name: "西垣 次郎".to_owned(),
        name_jis: None,
        kana: "ニシガキ ジロウ".to_owned(),
        birth: None,
        sex: Sex::Male,
        address: "養父市大屋町加保7".to_owned(),
        district: String::new(),
        household: String::new(),
        relation: Relation::Member,
        citizen: None,
        protection: Protection::default(),
        support: None,
    };
    PeopleFound { people: vec![contradicted(), unopened], residents: vec![resident], extent: Extent::More }
}

/// The event of the headquarters' sample with all its shelters.
pub fn event_view() -> EventView {
    let now = headquarters().events.unwrap().remove(0);
    let shelters = now.shelters.iter().enumerate().map(|(place, shelter)| {
        let totals = Totals { present: shelter.staying, stays: [shelter.staying, 0, 0], heads: shelter.heads, ..Totals::default() };
        let state = ShelterState {
            shelter: shelter.shelter.clone(),
            name: shelter.name.clone(),
            address: "養父市".to_owned(),
            district: ["八鹿", "養父", "大屋"][place % 3].to_owned(),
            position: None,
            capacity: shelter.capacity,
            rooms: Vec::new(),
            features: Vec::new(),
            pets: Pets::Unknown,
            state: shelter.state,
        };
        ShelterView { state, totals, rooms: None }
    });
    EventView {
        summary: now.summary.clone(),
        shelters: shelters.collect(),
        terminals: shelters::terminals(),
        asking: shelters::asking(),
        totals: Totals { present: 1_204, ages: [12, 40, 88, 600, 201, 250, 13], stays: [1_100, 80, 24], ..Totals::default() },
        aside: 3,
        doubles: Some(1),
        fingerprint: "k7qd-3m2a-xw5e-ph4t-6zcj".to_owned(),
        checkpoint: String::new(),
    }
}

/// Of a journal of 1,200 entries 500: from one on, or the last.
pub fn journal(from: Option<u64>) -> JournalPage {
    let from = from.unwrap_or(700);
    let entry = |seq: u64| {
        let (kind, by, said) = match seq % 4 {
            0 => ("act-requested", vec!["西村"], vec!["id=k3v7q2xm", "kind=election", "act=close-online"]),
            1 => ("act-approved", vec!["足立"], vec!["id=k3v7q2xm"]),
            2 => ("act-finished", vec![], vec!["id=k3v7q2xm"]),
            _ => ("card-bound-at-counter", vec!["西村", "足立"], vec!["reason=not-issued"]),
        };
        let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect::<Vec<String>>();
        JournalLine { seq, at: at("2026-11-26T03:00:00Z").plus(i64::try_from(seq).unwrap()), kind: kind.to_owned(), by: owned(by), said: owned(said) }
    };
    JournalPage { size: 1_200, entries: (from..(from + 500).min(1_200)).map(entry).collect() }
}
