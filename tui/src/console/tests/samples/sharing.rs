//! Agencies, grants, disclosures, alerts and citizens.

use tachiai_crypto::roster::shown::FlagSet;
use tachiai_crypto::roster::{Flag, Need};
use tachiai_schemas::identity::citizen::{Alias, BoundCard, CitizenPerson, CitizenView, LostCode};
use tachiai_schemas::roster::ChainId;
use tachiai_schemas::roster::disclosure::{Basis, Ground, Selection, Withheld};
use tachiai_schemas::sharing::access::{Access, AccessHistory, AccessRecord, By, How};
use tachiai_schemas::sharing::agency::{Agency, AgencyKind, Format, Grant, GrantMade};
use tachiai_schemas::sharing::disclosed::{Disclosed, DisclosedAt, Form, Sent};
use tachiai_schemas::sharing::preview::{FieldShown, PersonShown, Preview};
use tachiai_schemas::staff::Role;
use tachiai_schemas::{Bytes, CitizenId};

use super::{event_id, headquarters, warned};
use crate::console::tests::at;
use crate::console::work::sharing_question::{Answer, Question};

const RECIPIENT: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudrrz4rsjfc9vk";

pub fn agencies() -> Vec<Agency> {
    let of = |name: &str, kind, contact: &str| Agency { name: name.parse().unwrap(), kind, recipient: RECIPIENT.to_owned(), contact: contact.to_owned() };
    vec![
        of("yabu-fire", AgencyKind::Fire, "養父市消防本部 警防課 079-000-0119"),
        of("yoka-hospital", AgencyKind::Medical, "公立八鹿病院 地域医療連携室（夜間は救急外来の当直医師）079-000-5555"),
    ]
}

pub fn grants() -> Vec<GrantMade> {
    let grant = Grant {
        name: "fire-care".parse().unwrap(),
        agency: "yabu-fire".parse().unwrap(),
        kind: AgencyKind::Fire,
        recipient: RECIPIENT.to_owned(),
        purpose: "救急搬送の準備".to_owned(),
        basis: Basis::AffectedLedger,
        event: Some(event_id()),
        shelters: vec![],
        of: vec![Selection::Need { need: Need::Care }, Selection::Persons {}],
        fields: ["birth", "name", "needs"].map(str::to_owned).into(),
        formats: vec![Format::Fhir],
        from: at("2026-11-25T00:00:00Z"),
        until: at("2026-12-08T08:00:00Z"),
    };
    let made = GrantMade { grant, by: ["西村".to_owned(), "足立".to_owned()], at: at("2026-11-25T00:03:00Z"), withdrawn: None };
    let mut ended = made.clone();
    ended.grant.name = "hospital-medical".parse().unwrap();
    ended.grant.agency = "yoka-hospital".parse().unwrap();
    ended.grant.kind = AgencyKind::Medical;
    ended.withdrawn = Some(at("2026-11-25T09:00:00Z"));
    vec![made, ended]
}

pub fn disclosures() -> Vec<DisclosedAt> {
    let grant = grants().remove(0).grant;
    let disclosed = Disclosed {
        request: Bytes([3; 16]),
        asked: Bytes([0; 32]),
        by: "西村".to_owned(),
        agency: grant.agency,
        grant: grant.name,
        purpose: grant.purpose,
        basis: grant.basis,
        event: event_id(),
        shelters: vec![],
        of: grant.of[0],
        fields: grant.fields,
        people: 2,
        withheld: vec![Withheld { ground: Ground::Protected, persons: 1 }],
        plain: Bytes([0; 32]),
        form: Some(Form { format: Format::Fhir, hash: Bytes([0; 32]), sent: Sent::Bundle }),
        sealed: Bytes([0; 32]),
        bytes: 4_096,
    };
    vec![DisclosedAt { at: at("2026-11-26T02:40:00Z"), disclosed }]
}

/// What the grant would give: two people.
pub fn preview() -> Preview {
    let Grant { name, agency, kind, recipient, purpose, basis, event: _, shelters, of, fields, formats: _, from: _, until: _ } = grants().remove(0).grant;
    let field = |name: &str, value: &str| FieldShown { name: name.to_owned(), value: value.to_owned() };
    let person = |n: u8, name: &str, day: &str, needs: &str| PersonShown {
        chain: ChainId([n; 16]),
        shelter: "gym".parse().unwrap(),
        since: at("2026-11-25T03:10:00Z"),
        set: [Flag::Need(Need::Care)].into_iter().collect::<FlagSet>(),
        fields: vec![field("birth", &format!("{{\"day\":\"{day}\"}}")), field("name", &format!("\"{name}\"")), field("needs", needs)],
    };
    let people = vec![person(1, "西村　花子", "1950-04-01", "[\"care\"]"), person(2, "足立　太郎", "1941-12-30", "[\"care\",\"food\"]")];
    let withheld = vec![Withheld { ground: Ground::Protected, persons: 1 }];
    Preview { agency, kind, recipient, grant: name, purpose, basis, event: event_id(), shelters, of: of[0], fields, format: None, people, withheld }
}

/// The code of the citizen.
pub fn code() -> CitizenId {
    CitizenId([7; 16])
}

fn citizen() -> CitizenView {
    let person = |name: &str, address: &str| CitizenPerson {
        name: name.to_owned(),
        birth_date: "1950-04-01".to_owned(),
        sex: "2".to_owned(),
        address: address.to_owned(),
    };
    CitizenView {
        citizen: CitizenId([5; 16]),
        code: code(),
        person: person("西村　花子", "兵庫県養父市広谷２５０番地１"),
        cards: vec![BoundCard { at: at("2026-04-02T01:00:00Z") }],
        lost: vec![LostCode { code: CitizenId([6; 16]), at: at("2026-06-02T01:00:00Z"), by: "足立".to_owned() }],
        aliases: vec![Alias {
            citizen: CitizenId([8; 16]),
            code: CitizenId([9; 16]),
            person: person("藤原　花子", "兵庫県養父市八鹿町八鹿１６７５番地"),
            at: at("2026-07-01T01:00:00Z"),
            by: ["西村".to_owned(), "足立".to_owned()],
        }],
    }
}

fn access(before: Option<u64>) -> AccessHistory {
    let grant = grants().remove(0).grant;
    let agency = By::Agency { agency: grant.agency, kind: grant.kind, purpose: grant.purpose, basis: grant.basis };
    let record = |leaf, time: &str, how, by: By, fields: &[&str]| AccessRecord {
        leaf,
        at: at(time),
        access: Access { how, by, event: None, fields: fields.iter().map(|field| (*field).to_owned()).collect() },
    };
    let office = || By::Office { role: Role::Headquarters };
    let records = match before {
        None => vec![
            record(40, "2026-11-26T02:40:00Z", How::Disclosure, agency.clone(), &["birth", "name", "needs"]),
            record(39, "2026-11-26T02:39:00Z", How::Preview, office(), &["birth", "name", "needs"]),
            record(31, "2026-11-26T01:00:00Z", How::BreakGlass, agency, &[]),
        ],
        Some(_) => vec![record(2, "2026-10-01T01:00:00Z", How::Citizen, By::Office { role: Role::Commission }, &[])],
    };
    AccessHistory { citizen: CitizenId([5; 16]), all: 4, records, before: before.is_none().then_some(31) }
}

/// What the appliance answers.
pub fn answer(question: &Question) -> Answer {
    match question {
        Question::Agencies => Answer::Agencies(agencies()),
        Question::Grants => Answer::Grants(grants()),
        Question::Disclosures => Answer::Disclosures(disclosures()),
        Question::Warnings => Answer::Warnings(Box::new(warned(Vec::new()))),
        Question::Alerts => Answer::Alerts(headquarters().alerts.unwrap()),
        Question::Preview(_) => Answer::Preview(Box::new(preview())),
        Question::Citizen(_) => Answer::Citizen(Box::new(citizen())),
        Question::Access(_, before) => Answer::Access(Box::new(access(*before))),
    }
}
