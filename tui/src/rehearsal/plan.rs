//! What a real specification and roll become in a rehearsal. Pure: nothing of a person of the roll is taken over but that there is one in the district.

use tachiai_schemas::election::{Authority, Choice, Text};
use tachiai_schemas::paper::{Officer, Place, PlaceKind, Session};
use tachiai_schemas::roll::Elector;
use tachiai_schemas::spec::{ContestSpec, ElectionSpec, WitnessesSpec};
use tachiai_schemas::validate::MAX_TEXT;
use tachiai_schemas::{Bytes, Timestamp};

/// What stands before a title.
pub const PREFIX: [&str; 2] = ["【リハーサル】", "REHEARSAL: "];

/// How long the vote would go on, in seconds; a mock election is closed when it suits.
const HOURS: i64 = 6 * 3600;

/// Invented family names.
const FAMILY: [&str; 10] = ["試験", "練習", "見本", "仮名", "例題", "演習", "模擬", "架空", "予行", "稽古"];

/// Invented given names: for men, then for women.
const GIVEN: [[&str; 6]; 2] = [["一郎", "二郎", "三郎", "四郎", "五郎", "六郎"], ["一子", "二子", "三子", "四子", "五子", "六子"]];

/// Somebody who does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Counted from 0; also the number of the card.
    pub number: usize,
    /// Family and given name, parted by U+3000.
    pub name: String,
    /// Birth date, YYYY-MM-DD.
    pub birth: String,
    /// Male or female.
    pub sex: Sex,
    /// Address.
    pub address: String,
    /// The index of the district.
    pub district: usize,
}

/// A sex, as rolls and cards have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// 男.
    Male,
    /// 女.
    Female,
}

/// Keys and people of a rehearsal, which are made anew and thrown away.
pub struct Throwaway {
    /// Who can read the evidence.
    pub recipient: String,
    /// The officers of the count and of every place.
    pub officers: Vec<Officer>,
    /// The key of each place's desks, in the order of [`places`].
    pub desks: Vec<Bytes<32>>,
}

/// The places of a specification that are rehearsed: those with desks, before the day and on it.
pub fn places(real: &ElectionSpec) -> impl Iterator<Item = &Place> {
    real.places.iter().filter(|place| place.kind != PlaceKind::Absentee)
}

/// The specification of the rehearsal: mock, open now, with throw-away keys and officers, all places open all the time, and no witnesses of others.
#[must_use]
pub fn rehearsed(real: &ElectionSpec, now: Timestamp, throwaway: Throwaway) -> ElectionSpec {
    let [ja, en] = PREFIX;
    let Throwaway { recipient, officers, desks } = throwaway;
    let (opens, poll_closes) = (now.plus(-60), now.plus(HOURS + 3600));
    let open =
        |(place, key): (&Place, Bytes<32>)| Place { key, officers: officers.clone(), sessions: vec![Session { opens, closes: poll_closes }], ..place.clone() };
    let places = places(real).zip(desks).map(open).collect();
    ElectionSpec {
        title: Text { ja: marked(ja, &real.title.ja), en: marked(en, &real.title.en) },
        authority: Authority::Mock,
        opens,
        online_closes: now.plus(HOURS),
        poll_closes,
        authority_recipients: vec![recipient],
        witnesses: WitnessesSpec::default(),
        places,
        count_officers: officers,
        ..real.clone()
    }
}

/// A real title behind the mark of a rehearsal; one that would be too long with it ends in `…`.
fn marked(mark: &str, title: &str) -> String {
    let room = MAX_TEXT.saturating_sub(mark.chars().count());
    if title.chars().count() <= room {
        return format!("{mark}{title}");
    }
    let kept: String = title.chars().take(room.saturating_sub(1)).collect();
    format!("{mark}{}…", kept.trim_end())
}

/// Invented electors: as many as the roll has, or `most` of them spread over its districts as the roll is.
#[must_use]
pub fn people(roll: &[Elector], most: usize) -> Vec<Person> {
    let mut districts: Vec<usize> = roll.iter().map(|elector| usize::from(elector.district)).collect();
    districts.sort_unstable();
    let count = districts.len().min(most);
    // Evenly over the sorted districts, so that each has its part.
    (0..count).map(|number| person(number, districts.get(number * districts.len() / count.max(1)).copied().unwrap_or_default())).collect()
}

fn person(number: usize, district: usize) -> Person {
    let sex = if number.is_multiple_of(2) { Sex::Male } else { Sex::Female };
    let given = GIVEN[usize::from(sex == Sex::Female)];
    let name = format!("{}\u{3000}{}", FAMILY[number % FAMILY.len()], given[number / 2 % given.len()]);
    let birth = format!("{}-{:02}-{:02}", 1935 + number * 7 % 65, 1 + number % 12, 1 + number * 5 % 28);
    Person { number, name, birth, sex, address: format!("架空県架空市架空町{}番地", number + 1), district }
}

/// The roll as a CSV file.
#[must_use]
pub fn roll_csv(spec: &ElectionSpec, people: &[Person]) -> String {
    let mut text = "宛名番号,氏名,氏名カナ,生年月日,性別,住所,投票区\n".to_owned();
    for Person { number, name, birth, sex, address, district } in people {
        let sex = match sex {
            Sex::Male => "男",
            Sex::Female => "女",
        };
        let district = spec.districts.get(*district).map_or("", |district| district.id.as_str());
        text += &format!("R{:06},{name},,{birth},{sex},{address},{district}\n", number + 1);
    }
    text
}

/// The place at which somebody gets papers: every fourth one, where there are places; the others vote online.
#[must_use]
pub fn place_of(spec: &ElectionSpec, person: &Person) -> Option<usize> {
    (person.number % 4 == 3).then(|| (person.number / 4).checked_rem(spec.places.len())).flatten()
}

/// The contests that somebody votes in.
pub fn ballot<'a>(spec: &'a ElectionSpec, person: &Person) -> impl Iterator<Item = &'a ContestSpec> {
    let own = spec.districts.get(person.district).map(|district| district.id.clone());
    let held = move |contest: &&ContestSpec| contest.districts.as_ref().is_none_or(|ids| own.as_ref().is_some_and(|own| ids.contains(own)));
    spec.contests.iter().filter(|contest| contest.is_contested()).filter(held)
}

/// What somebody chooses in a contest, as indices of its options; nothing is a blank vote. It has no meaning but that the count can be foretold.
#[must_use]
pub fn choice(contest: &ContestSpec, person: &Person) -> Vec<usize> {
    let options = contest.options.len();
    match contest.choose {
        Choice::UpTo(_) if person.number % 10 == 9 => Vec::new(),
        // Two thirds for the first half, so that hardly any contest ends in a tie.
        Choice::UpTo(_) => vec![person.number * person.number % options.max(1)],
        Choice::Exactly(number) => {
            let mut chosen: Vec<usize> = (0..usize::from(number)).map(|more| (person.number * person.number + more) % options.max(1)).collect();
            chosen.sort_unstable();
            chosen
        }
    }
}

/// What the count of a contest must find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foretold {
    /// The votes of each option.
    pub votes: Vec<u64>,
    /// How many chose somebody.
    pub valid: u64,
    /// How many chose nobody.
    pub blank: u64,
}

/// What the count of a contest must find, of the people of one channel.
pub fn foretold<'a>(spec: &ElectionSpec, contest: &ContestSpec, people: impl Iterator<Item = &'a Person>) -> Foretold {
    let mut foretold = Foretold { votes: vec![0; contest.options.len()], valid: 0, blank: 0 };
    for person in people.filter(|person| ballot(spec, person).any(|held| held.id == contest.id)) {
        let chosen = choice(contest, person);
        if chosen.is_empty() {
            foretold.blank += 1;
        } else {
            foretold.valid += 1;
        }
        for option in chosen {
            if let Some(total) = foretold.votes.get_mut(option) {
                *total += 1;
            }
        }
    }
    foretold
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn spec() -> ElectionSpec {
        ElectionSpec::from_toml(include_str!("../../../tests/data/spec.toml")).unwrap()
    }

    fn roll(counts: [usize; 4]) -> Vec<Elector> {
        let elector = |district: usize, number: usize| Elector {
            number: format!("{district}-{number}"),
            name: format!("実在　{number}"),
            kana: String::new(),
            birth: "1980-04-01".to_owned(),
            sex: "1".to_owned(),
            address: "兵庫県養父市".to_owned(),
            district: district as u16,
        };
        counts.iter().enumerate().flat_map(|(district, count)| (0..*count).map(move |number| elector(district, number))).collect()
    }

    fn now() -> Timestamp {
        Timestamp::from_unix(1_800_000_000).unwrap()
    }

    #[test]
    fn nothing_can_be_taken_for_real() {
        let real = ElectionSpec { authority: Authority::Statutory, ..spec() };
        let throwaway = Throwaway { recipient: real.authority_recipients[0].clone(), officers: Vec::new(), desks: Vec::new() };
        let rehearsed = rehearsed(&real, now(), throwaway);
        assert_eq!(rehearsed.authority, Authority::Mock);
        assert!(rehearsed.title.ja.starts_with("【リハーサル】") && rehearsed.title.en.starts_with("REHEARSAL"));
        assert!(rehearsed.opens < now() && now() < rehearsed.online_closes);
        assert!(rehearsed.witnesses.keys.is_empty() && rehearsed.places.is_empty());
        rehearsed.validate().unwrap();
    }

    #[test]
    fn a_title_of_any_allowed_length_has_room_for_the_mark() {
        for length in [1, 180, 188, 189, 190, 192, 193, 194, 200] {
            let title = Text { ja: "選".repeat(length), en: "e".repeat(length) };
            let real = ElectionSpec { title, ..spec() };
            real.validate().unwrap();
            let throwaway = Throwaway { recipient: real.authority_recipients[0].clone(), officers: Vec::new(), desks: Vec::new() };
            let Text { ja, en } = rehearsed(&real, now(), throwaway).title;
            for (title, mark, original) in [(&ja, PREFIX[0], &real.title.ja), (&en, PREFIX[1], &real.title.en)] {
                let fits = mark.chars().count() + length <= MAX_TEXT;
                assert_eq!(title.chars().count(), if fits { mark.chars().count() + length } else { MAX_TEXT }, "{length}");
                assert_eq!(title == &format!("{mark}{original}"), fits, "{length}");
                assert!(title.starts_with(mark), "{title}");
            }
            let rehearsed = ElectionSpec { title: Text { ja, en }, ..spec() };
            rehearsed.validate().unwrap();
        }
    }

    #[test]
    fn nobody_of_the_roll_is_in_the_rehearsal() {
        let roll = roll([3, 2, 1, 4]);
        let invented = roll_csv(&spec(), &people(&roll, 100));
        assert!(!invented.contains("実在") && !invented.contains("1980-04-01") && !invented.contains("兵庫県"), "{invented}");
        assert_eq!(invented.lines().count(), 11);
    }

    #[test]
    fn every_district_has_its_part_of_the_people() {
        let all = people(&roll([3, 2, 1, 4]), 100);
        let in_district = |people: &[Person], district| people.iter().filter(|person| person.district == district).count();
        assert_eq!([0, 1, 2, 3].map(|district| in_district(&all, district)), [3, 2, 1, 4]);
        let some = people(&roll([300, 200, 100, 400]), 10);
        assert_eq!([0, 1, 2, 3].map(|district| in_district(&some, district)), [3, 2, 1, 4]);
        assert!(people(&[], 10).is_empty());
    }

    #[test]
    fn a_thousand_invented_people_are_a_roll_without_errors() {
        let people = people(&roll([250; 4]), 1_000);
        let distinct: BTreeSet<_> = people.iter().map(|person| (&person.name, &person.birth, &person.address)).collect();
        assert_eq!(distinct.len(), 1_000);
        let spec = spec();
        let import = tachiai_schemas::roll::import(roll_csv(&spec, &people).as_bytes(), &spec.districts, now());
        assert_eq!((import.report.electors, import.report.errors), (1_000, Vec::new()));
    }

    #[test]
    fn the_foretold_votes_are_those_of_the_ballots() {
        let (spec, people) = (spec(), people(&roll([10; 4]), 40));
        let [mayor, school] = spec.contests.as_slice() else { panic!("two contests") };
        let of = |contest| foretold(&spec, contest, people.iter());
        assert_eq!((of(mayor).valid, of(mayor).blank, of(mayor).votes.iter().sum::<u64>()), (36, 4, 36));
        // Only two of four districts vote on the school, and everybody chooses.
        assert_eq!((of(school).valid, of(school).blank), (20, 0));
        // Without places nobody gets papers.
        let spec = ElectionSpec { places: Vec::new(), ..spec };
        assert!(people.iter().all(|person| place_of(&spec, person).is_none()));
    }
}
