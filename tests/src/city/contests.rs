//! The election that the simulated city holds.

use tachiai_schemas::Timestamp;
use tachiai_schemas::election::{Authority, Choice, ContestKind, ContestOption, CrlRequirement, Text};
use tachiai_schemas::paper::{Officer, Place};
use tachiai_schemas::spec::{ContestSpec, ElectionSpec, WitnessesSpec};

use super::places::City;

/// The names of the candidates for mayor; nobody by these names stands anywhere.
const MAYOR: [(&str, &str); 4] = [("立会　太郎", "Tachiai Taro"), ("検証　花子", "Kensho Hanako"), ("公開　次郎", "Kokai Jiro"), ("証明　桜", "Shomei Sakura")];

/// Seats of the city council.
const SEATS: u16 = 16;

/// Candidates for the city council.
const COUNCIL: u16 = 20;

/// What is voted on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Polls {
    /// The mayor, four candidates or blank.
    Mayor,
    /// The mayor, and the council of 20 candidates.
    MayorAndCouncil,
    /// The mayor, and in these districts one seat of a council of theirs, for which two stand.
    MayorAndWard(Vec<String>),
    /// Both, and a question to the first district alone.
    All,
}

/// What a specification says beside the city itself.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What is voted on.
    pub polls: Polls,
    /// t.
    pub quorum: u8,
    /// n.
    pub trustees: u8,
    /// When online voting opens; the closes are a week later.
    pub opens: Timestamp,
    /// age recipients of the evidence.
    pub recipients: Vec<String>,
    /// Whether a fresh revocation list is required.
    pub crl: CrlRequirement,
    /// The least number of ballots in a unit.
    pub min_unit: u32,
    /// The witnesses of the board.
    pub witnesses: WitnessesSpec,
    /// The polling places.
    pub places: Vec<Place>,
    /// Who signs the count of the papers.
    pub count_officers: Vec<Officer>,
}

impl Plan {
    /// A mock election of the mayor with a quorum of 3 of 5 trustees, open since `opens`.
    pub fn usual(opens: Timestamp, recipient: String) -> Plan {
        Plan {
            polls: Polls::Mayor,
            quorum: 3,
            trustees: 5,
            opens,
            recipients: vec![recipient],
            crl: CrlRequirement::Required,
            min_unit: 10,
            witnesses: WitnessesSpec::default(),
            places: Vec::new(),
            count_officers: Vec::new(),
        }
    }

    /// The specification for a city.
    pub fn spec(&self, city: &City) -> ElectionSpec {
        let Plan { polls, quorum, trustees, opens, recipients, crl, min_unit, witnesses, places, count_officers } = self;
        let mut contests = vec![mayor()];
        match polls {
            Polls::Mayor => {}
            Polls::MayorAndCouncil => contests.push(council()),
            Polls::All => contests.extend([council(), question(city)]),
            Polls::MayorAndWard(districts) => contests.push(ward(districts)),
        }
        ElectionSpec {
            title: Text { ja: "養父市長選挙（模擬）".to_owned(), en: "Mock election of the Mayor of Yabu".to_owned() },
            authority: Authority::Mock,
            opens: *opens,
            online_closes: opens.plus(7 * 86_400),
            poll_closes: opens.plus(7 * 86_400 + 3600),
            quorum: *quorum,
            trustees: *trustees,
            min_unit: *min_unit,
            crl: *crl,
            authority_recipients: recipients.clone(),
            witnesses: witnesses.clone(),
            places: places.clone(),
            count_officers: count_officers.clone(),
            districts: city.spec_districts(),
            contests,
        }
    }

    /// The specification as `SPEC.toml`.
    ///
    /// # Errors
    /// What the TOML writer says; never for the values of [`Plan`].
    pub fn toml(&self, city: &City) -> Result<String, toml::ser::Error> {
        toml::to_string(&self.spec(city))
    }
}

fn mayor() -> ContestSpec {
    let option =
        |(index, (ja, en)): (usize, &(&str, &str))| ContestOption { id: format!("m{}", index + 1), name: Text { ja: (*ja).to_owned(), en: (*en).to_owned() } };
    ContestSpec {
        id: "mayor".to_owned(),
        title: Text { ja: "市長".to_owned(), en: "Mayor".to_owned() },
        kind: ContestKind::Mayor,
        seats: 1,
        choose: Choice::UpTo(1),
        options: MAYOR.iter().enumerate().map(option).collect(),
        districts: None,
    }
}

fn question(city: &City) -> ContestSpec {
    let option = |(id, ja, en): (&str, &str, &str)| ContestOption { id: id.to_owned(), name: Text { ja: ja.to_owned(), en: en.to_owned() } };
    ContestSpec {
        id: "school".to_owned(),
        title: Text { ja: "小学校の統合".to_owned(), en: "Merging the schools".to_owned() },
        kind: ContestKind::Referendum,
        seats: 0,
        choose: Choice::Exactly(1),
        options: [("for", "賛成", "For"), ("against", "反対", "Against")].map(option).to_vec(),
        districts: city.spec_districts().first().map(|district| vec![district.id.clone()]),
    }
}

fn council() -> ContestSpec {
    let option = |number| ContestOption { id: format!("c{number}"), name: Text { ja: format!("候補者{number:02}"), en: format!("Candidate {number:02}") } };
    ContestSpec {
        id: "council".to_owned(),
        title: Text { ja: "市議会議員".to_owned(), en: "City council".to_owned() },
        kind: ContestKind::Council,
        seats: SEATS,
        choose: Choice::UpTo(1),
        options: (1..=COUNCIL).map(option).collect(),
        districts: None,
    }
}

/// The names of the candidates of the small contest.
const WARD: [(&str, &str); 2] = [("同票　一郎", "Dohyo Ichiro"), ("抽選　さくら", "Chusen Sakura")];

fn ward(districts: &[String]) -> ContestSpec {
    let option =
        |(index, (ja, en)): (usize, &(&str, &str))| ContestOption { id: format!("w{}", index + 1), name: Text { ja: (*ja).to_owned(), en: (*en).to_owned() } };
    ContestSpec {
        id: "ward".to_owned(),
        title: Text { ja: "地区協議会委員".to_owned(), en: "District council".to_owned() },
        kind: ContestKind::Council,
        seats: 1,
        choose: Choice::UpTo(1),
        options: WARD.iter().enumerate().map(option).collect(),
        districts: Some(districts.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specification_survives_its_text() {
        let city = City::yabu().unwrap();
        let plan = Plan { polls: Polls::MayorAndCouncil, ..Plan::usual(Timestamp::from_unix(1_795_000_000).unwrap(), "age1example".to_owned()) };
        assert_eq!(ElectionSpec::from_toml(&plan.toml(&city).unwrap()).unwrap(), plan.spec(&city));
    }
}
