//! Totals with a proof, disclosures and own entries, each checked by the verifier from its file alone.

use std::sync::Arc;

use tachiai_schemas::roll::Protection;
use tachiai_schemas::roster::disclosure::{Asked, Basis, Ground, Selection, Withheld};
use tachiai_schemas::roster::person::Birth;
use tachiai_schemas::roster::{Act, Need, Person};
use tachiai_schemas::sharing::preview::PersonShown;
use tachiai_schemas::{Lang, Refusal};
use tachiai_verify::roster::{disclosure, own, statement};

use crate::shelter::kept::{Kept, LookedBy};
use crate::shelter::testing::{Hall, Terminal, chain, person};

/// Thirty people in the gymnasium, every third of whom needs care; the last two are under protection.
async fn full() -> (Hall, Terminal) {
    let hall = Hall::new().await;
    let mut gym = hall.terminal("gym-1", "gym").await;
    let at = hall.millis();
    let written: Vec<_> = (0..30).map(|number| gym.act(chain(number), Act::In, &somebody(number), at)).collect();
    hall.take(gym.hand_in(&hall, &written, at)).await.unwrap();
    (hall, gym)
}

fn somebody(number: u8) -> Person {
    let protection = if number >= 28 { Protection::Protected } else { Protection::Open };
    let needs = if number.is_multiple_of(3) || number == 29 { vec![Need::Care] } else { vec![] };
    Person { birth: Birth::Years(20 + 2 * number), needs, protection, ..person(&format!("住民 {number}")) }
}

fn verify(file: &[u8], since: Option<&[u8]>) -> statement::StatementVerdict {
    let mut since = since;
    let since = since.as_mut().map(|file| (file as &mut dyn std::io::BufRead, "before"));
    statement::verify(file, "now", since, None).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_is_registered_verifies_alone_and_is_there_after_a_restart() {
    let (hall, _gym) = full().await;
    let made = hall.event.state("西村").await.unwrap();
    assert_eq!((made.number, made.scopes.len()), (0, 2));
    let file = hall.event.statement_file(0).unwrap();
    let verdict = verify(&file, None);
    assert_eq!((verdict.scopes[0].persons, verdict.registered), (30, made.leaf));
    assert!(matches!(hall.event.statement_file(1), Err(refused) if refused.refusal == Refusal::NotFound));
    assert!(hall.event.orphans().is_empty() && hall.event.problems().is_empty());
    let store = Arc::clone(&hall.store);
    let hall = hall.restarted(store).await.unwrap();
    assert_eq!(hall.event.statement_file(0).unwrap(), file);
    // Nothing changed but the registration: the same again, with the lives of before read from the journal.
    assert_eq!(hall.event.state("西村").await.unwrap().number, 1);
    assert_eq!(verify(&hall.event.statement_file(1).unwrap(), Some(&file)).since, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn none_is_made_of_few_people_or_of_a_small_change() {
    let hall = Hall::new().await;
    let refused = hall.event.state("西村").await.unwrap_err();
    assert_eq!(refused.refusal, Refusal::StatementNotNow);
    let said = [Lang::Ja, Lang::En].map(|lang| refused.detail_in(lang).unwrap());
    assert!(said[0].starts_with("在所者は0人です。") && said[1].starts_with("0 people are there."), "{said:?}");
    assert!(!said[0].contains("有効") && !said[1].contains("stands"), "there is none before: {said:?}");
    assert!(hall.event.stated().unwrap().is_empty());
    let (hall, mut gym) = full().await;
    hall.event.state("西村").await.unwrap();
    let at = hall.millis();
    let one = gym.act(chain(0), Act::Out, &somebody(0), at);
    hall.take(gym.hand_in(&hall, &[one], at)).await.unwrap();
    let refused = hall.event.state("西村").await.unwrap_err();
    assert_eq!(refused.refusal, Refusal::StatementNotNow);
    let said = [Lang::Ja, Lang::En].map(|lang| refused.detail_in(lang).unwrap());
    assert!(said[0].contains("第0号の集計の後に入所・退所した方は1人です") && said[0].ends_with("それまでは第0号の集計が有効です。"), "{said:?}");
    assert!(said[1].contains("1 people came or left since statement 0") && said[1].ends_with("Until then statement 0 stands."), "{said:?}");
    let nine: Vec<_> = (1..11).map(|number| gym.act(chain(number), Act::Out, &somebody(number), at)).collect();
    hall.take(gym.hand_in(&hall, &nine, at)).await.unwrap();
    assert_eq!(hall.event.state("西村").await.unwrap().number, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_state_at_once_make_two_statements() {
    let (hall, _gym) = full().await;
    let (one, two) = tokio::join!(hall.event.state("西村"), hall.event.state("上垣"));
    let mut numbers = [one.unwrap().number, two.unwrap().number];
    numbers.sort_unstable();
    assert_eq!(numbers, [0, 1]);
    verify(&hall.event.statement_file(1).unwrap(), Some(&hall.event.statement_file(0).unwrap()));
}

fn asked(of: Selection, basis: Basis, persons: Vec<u8>) -> Asked {
    Asked {
        agency: "yabu-fire".to_owned(),
        purpose: "救助".to_owned(),
        basis,
        shelters: vec![],
        of,
        persons: persons.into_iter().map(chain).collect(),
        fields: ["name", "birth", "needs", "room"].map(str::to_owned).to_vec(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disclosure_gives_everybody_with_the_need_but_those_withheld_on_a_ground_and_verifies_alone() {
    let (hall, _gym) = full().await;
    let care = Selection::Need { need: Need::Care };
    let no_consent = |chain_of, _: &Person| (chain_of == chain(3)).then_some(Ground::NoConsent);
    let made = hall.event.disclose(asked(care, Basis::Consent, vec![]), no_consent).await.unwrap();
    let disclosure::Held { verdict, disclosure, people, shelters } = disclosure::verify(made.file.as_slice(), "file", None).ok().unwrap();
    let withheld = vec![Withheld { ground: Ground::Protected, persons: 1 }, Withheld { ground: Ground::NoConsent, persons: 1 }];
    assert_eq!((verdict.people, verdict.others, &verdict.terms.withheld, verdict.complete), (9, 21, &withheld, true));
    let names: Vec<&str> = disclosure.people[0].fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["birth", "name", "needs"], "there is no room, and nothing else may go");
    assert_eq!(made.people.len(), 9);
    let shared = made.shared.people();
    assert_eq!(shared.iter().map(|shared| shared.chain).collect::<Vec<_>>(), disclosure.people.iter().map(|person| person.chain).collect::<Vec<_>>());
    assert!(
        shared.iter().all(|shared| shared.person().address.is_empty() && shared.person().name.starts_with("住民") && shared.shelter.shelter.as_str() == "gym")
    );
    // The agency is shown what an official was shown before.
    assert!(Some(people) == PersonShown::of(&disclosure.people, &made.shared));
    assert_eq!(shelters.keys().map(ToString::to_string).collect::<Vec<_>>(), ["gym"]);
    let text = String::from_utf8(made.file).unwrap();
    assert!(text.contains("住民 6") && !text.contains("住民 3\"") && !text.contains("住民 29") && !text.contains("養父市八鹿町八鹿1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_under_protection_is_disclosed_by_name_in_an_emergency_alone() {
    let (hall, _gym) = full().await;
    let people = |made: crate::shelter::disclose::Made| disclosure::verify(made.file.as_slice(), "file", None).ok().unwrap().verdict.people;
    for (basis, expected) in [(Basis::Consent, 0), (Basis::VitalEmergency, 1)] {
        let made = hall.event.disclose(asked(Selection::Persons {}, basis, vec![29]), |_, _| None).await.unwrap();
        assert_eq!(people(made), expected, "{basis:?}");
    }
    let made = hall.event.disclose(asked(Selection::Everybody {}, Basis::VitalEmergency, vec![]), |_, _| None).await.unwrap();
    assert_eq!(people(made), 28);
    let nobody = hall.event.disclose(asked(Selection::Persons {}, Basis::Consent, vec![99]), |_, _| None).await.map(drop).unwrap_err();
    assert_eq!(nobody.refusal, Refusal::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_entry_verifies_and_who_took_it_is_recorded() {
    let (hall, _gym) = full().await;
    let own = hall.event.own_entry("西村", chain(5)).await.unwrap();
    let verdict = own::verify(&own, None).unwrap();
    assert!(verdict.fields.iter().any(|(name, value)| name == "name" && value.contains("住民 5")));
    let looked = hall.event.private.entries().filter_map(|entry| match entry.unwrap().1 {
        Kept::LookedUp { by, how: LookedBy::Handle, handles } => Some((by, handles)),
        _ => None,
    });
    assert_eq!(looked.last(), Some(("西村".to_owned(), vec![chain(5)])));
    assert_eq!(hall.event.own_entry("西村", chain(99)).await.map(drop).unwrap_err().refusal, Refusal::NotFound);
}
