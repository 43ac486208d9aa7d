//! Two people of whom everything is known, each word of it a marker that stands nowhere else.

use tachiai_crypto::roster::{ChainId, Need, Stay};

use super::{Permitted, Receiver, SharedPeople};
use crate::election::Text;
use crate::roll::Protection;
use crate::roster::disclosure::Basis;
use crate::roster::person::{Birth, Damage, Disclosure, Household, Identified, Relation, Sex, Triage};
use crate::roster::shelter::{Pets, Position};
use crate::roster::{CardRule, Declared, EventKind, Hlc, OpenState, Person, ShelterState};
use crate::shelter::questionnaire::{Answer, Answers, Definition, Filled, FilledBy, YesNo};
use crate::{Bytes, CitizenId, HashBytes};

/// The markers, by the field that they stand in.
pub fn markers() -> Vec<(&'static str, &'static str)> {
    vec![
        ("name", "氏印"),
        ("name_jis", "漢印"),
        ("kana", "カナジルシ"),
        ("birth", "1950-04"),
        ("address", "住印"),
        ("phone", "079-555-0001"),
        ("district", "区印"),
        ("association", "会印"),
        ("household", "dinbugq2"),
        ("resident", "RES-77"),
        ("citizen", "bmfqwcyl"),
        ("needs_note", "配印"),
        ("allergies", "卵印"),
        ("medication", "薬印"),
        ("pets", "犬印"),
        ("language", "語印"),
        ("qualifications", "資印"),
        ("wish", "望印"),
        ("room", "室印"),
        ("destination", "先印"),
        ("questionnaire", "答印"),
        ("note", "備印"),
    ]
}

/// A person with every field.
pub fn marked() -> Person {
    Person {
        name: "氏印　花子".to_owned(),
        name_jis: Some("漢印　花子".to_owned()),
        kana: "カナジルシ　ハナコ".to_owned(),
        birth: Birth::Day("1950-04-00".parse().unwrap()),
        sex: Sex::Female,
        address: "兵庫県養父市住印1番地".to_owned(),
        phone: "079-555-0001".to_owned(),
        district: "区印".to_owned(),
        association: "会印".to_owned(),
        household: Some(Household { id: ChainId([0x1a; 16]), relation: Relation::Head }),
        resident: Some("RES-77".to_owned()),
        citizen: Some(CitizenId(*b"\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b")),
        identified: Identified::CardPin,
        stay: Stay::Home,
        needs: vec![Need::Care, Need::Food],
        needs_note: "配印".to_owned(),
        allergies: vec!["卵印".to_owned()],
        medication: "薬印".to_owned(),
        pets: "犬印".to_owned(),
        language: "語印".to_owned(),
        qualifications: "資印".to_owned(),
        damage: Some(Damage::AboveFloor),
        wish: "望印".to_owned(),
        room: "室印".to_owned(),
        disclosure: Disclosure::Place,
        protection: Protection::Protected,
        destination: "先印".to_owned(),
        questionnaire: Some(HashBytes::from(tachiai_crypto::hash::Hash32::sha256(b"answers"))),
        triage: Some(Triage::Red),
        note: "備印".to_owned(),
    }
}

/// A shelter.
pub fn shelter() -> ShelterState {
    ShelterState {
        shelter: "gym".parse().unwrap(),
        name: Text { ja: "八鹿体育館".to_owned(), en: "Yoka Gymnasium".to_owned() },
        address: "兵庫県養父市八鹿町八鹿1".to_owned(),
        district: "八鹿".to_owned(),
        position: Some(Position { latitude: 3_540_500, longitude: 13_476_543 }),
        capacity: Some(200),
        rooms: vec![],
        features: vec![],
        pets: Pets::Unknown,
        state: OpenState::Open,
    }
}

/// An event.
pub fn declared() -> Declared {
    Declared {
        kind: EventKind::Disaster,
        title: Text { ja: "令和8年台風第15号".to_owned(), en: "Typhoon 15 of 2026".to_owned() },
        municipality: "282227".to_owned(),
        began: "2026-09-01T06:00:00Z".parse().unwrap(),
        card: CardRule::WithoutPin,
        origin: "yabu.example/event".to_owned(),
        key: Bytes([3; 32]),
        recipient: "age1".to_owned(),
        min_group: 10,
    }
}

/// A questionnaire.
pub fn questionnaire() -> Definition {
    Definition::from_toml(
        "id = 'flood'\nversion = 2\ntitle = { ja = '問診票', en = 'Questionnaire' }\nnotice = { ja = '読む人', en = 'Who reads it' }\n\
         [[questions]]\nid = 'fever'\ntext = { ja = '熱はありますか', en = 'Do you have a fever?' }\nkind = { type = 'yes-no' }\n\
         [[questions]]\nid = 'temperature'\ntext = { ja = '体温', en = 'Temperature' }\n\
         kind = { type = 'number', min = '30', max = '45', decimals = 1, unit = { ja = '℃', en = 'C' } }\n\
         [[questions]]\nid = 'words'\ntext = { ja = '様子', en = 'How you are' }\nkind = { type = 'text' }\n\
         [[questions]]\nid = 'illness'\ntext = { ja = '持病', en = 'Illnesses' }\n\
         kind = { type = 'many', options = [{ id = 'heart', text = { ja = '心臓', en = 'Heart' } }, { id = 'lung', text = { ja = '肺', en = 'Lungs' } }] }\n",
    )
    .unwrap()
}

fn filled() -> Filled {
    let answers = [
        ("fever", Answer::YesNo(YesNo::Yes)),
        ("temperature", Answer::Number("37.5".to_owned())),
        ("words", Answer::Text("答印".to_owned())),
        ("illness", Answer::Chosen(vec!["heart".parse().unwrap(), "lung".parse().unwrap()])),
    ];
    let answers = answers.into_iter().map(|(question, answer)| (question.to_owned(), answer)).collect();
    Filled {
        salt: Bytes([9; 32]),
        at: "2026-09-01T11:30:00Z".parse().unwrap(),
        by: FilledBy::Person,
        answers: Answers { questionnaire: "flood".parse().unwrap(), version: 2, answers },
        triage: Triage::Red,
        because: vec!["fever".parse().unwrap()],
    }
}

/// A disclosure on consent of somebody with every field, and of somebody of whom nearly nothing is known.
pub fn people(permitted: Permitted) -> SharedPeople {
    let receiver = Receiver { agency: "養父病院".to_owned(), purpose: "診療".to_owned(), basis: Basis::Consent };
    let made = Hlc::at("2026-09-01T12:00:00Z".parse().unwrap());
    let event = tachiai_crypto::roster::EventId([2; 16]);
    let mut people = SharedPeople::new(event, declared(), made, receiver, permitted);
    people.questionnaires = vec![questionnaire()];
    let since = Hlc::at("2026-09-01T09:15:00Z".parse().unwrap());
    people.give(ChainId([1; 16]), &marked(), shelter(), since, Some(filled()));
    people.give(ChainId([5; 16]), &Person { birth: Birth::Years(40), ..Person::unknown(Identified::Typed, Stay::Vehicle) }, shelter(), since, None);
    people
}
