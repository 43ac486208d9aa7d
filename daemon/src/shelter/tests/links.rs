use tachiai_schemas::Refusal;
use tachiai_schemas::roster::{Act, ChainId, LinkVerdict, Need, Person};
use tachiai_schemas::shelter::merged::{self, Protecting};
use tachiai_schemas::shelter::{LinkRequest, PersonAct};
use tachiai_schemas::staff::Matter;

use super::super::people::Sight;
use super::super::testing::{Hall, person};

async fn two(hall: &Hall) -> (ChainId, ChainId) {
    let mut chains = Vec::new();
    for (name, shelter) in [("西村　花子", "gym"), ("西村　華子", "school")] {
        let act = PersonAct { chain: None, after: vec![], shelter: shelter.parse().unwrap(), act: Act::In, time: None, person: person(name) };
        chains.push(hall.event.write_person("西村", Sight::All, act).await.unwrap().chain);
    }
    (chains[0], chains[1])
}

fn request((chain, other): (ChainId, ChainId), verdict: LinkVerdict) -> LinkRequest {
    LinkRequest { chain, other, verdict, evidence: "保険証で同じ生年月日".to_owned() }
}

fn by() -> [String; 2] {
    ["西村".to_owned(), "田中".to_owned()]
}

#[tokio::test(flavor = "multi_thread")]
async fn two_handles_that_officials_link_count_once_with_both_histories_and_come_apart_again() {
    let hall = Hall::new().await;
    let pair = two(&hall).await;
    let Matter::LinkPeople { event, commitment, .. } = hall.event.prepare_link("西村", request(pair, LinkVerdict::Same), &[]).await.unwrap() else {
        unreachable!()
    };
    assert_eq!((event, hall.event.summary().unwrap().present), (hall.event.id, 2), "nothing is linked before two officials agree");
    hall.event.ready_to_link(&commitment).unwrap();
    let shown = hall.event.shown_link(&commitment).unwrap();
    assert_eq!((shown.case.commitment(), shown.people.len(), shown.case.request.evidence.as_str()), (commitment.hash(), 2, "保険証で同じ生年月日"));
    let done = hall.event.link(&commitment, by()).await.unwrap();
    assert_eq!(hall.event.link(&commitment, by()).await.unwrap(), done, "once, also after a restart in between");
    assert_eq!(hall.event.ready_to_link(&commitment).unwrap_err().refusal, Refusal::ChangedSince);
    assert_eq!(hall.event.summary().unwrap().present, 1);
    let view = hall.event.person("西村", Sight::All, pair.1).await.unwrap();
    assert_eq!((view.handles.len(), view.history.len(), view.heads.len()), (2, 2, 2));
    assert_eq!(hall.event.shown_link(&commitment).unwrap().people.len(), 1);
    let store = std::sync::Arc::clone(&hall.store);
    let hall = hall.restarted(store).await.unwrap();
    let Matter::LinkPeople { commitment, .. } = hall.event.prepare_link("西村", request(pair, LinkVerdict::Apart), &[]).await.unwrap() else {
        unreachable!()
    };
    hall.event.link(&commitment, by()).await.unwrap();
    assert_eq!((hall.event.summary().unwrap().present, hall.event.duplicates("西村").await.unwrap().len()), (2, 0));
    assert_eq!(hall.event.problems(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_without_evidence_or_with_nobody_is_refused() {
    let hall = Hall::new().await;
    let (one, other) = two(&hall).await;
    let refused = |request: LinkRequest| {
        let event = std::sync::Arc::clone(&hall.event);
        async move { event.prepare_link("西村", request, &[]).await.unwrap_err().refusal }
    };
    assert_eq!(refused(request((one, one), LinkVerdict::Same)).await, Refusal::ShelterInvalid);
    assert_eq!(refused(LinkRequest { evidence: " ".to_owned(), ..request((one, other), LinkVerdict::Same) }).await, Refusal::ShelterInvalid);
    assert_eq!(refused(request((one, ChainId([9; 16])), LinkVerdict::Same)).await, Refusal::NotFound);
    assert_eq!(hall.event.ready_to_link(&tachiai_schemas::Bytes([0; 32])).unwrap_err().refusal, Refusal::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_linked_handles_are_one_record_with_both_contents_until_one_act_settles_the_fields() {
    let hall = Hall::new().await;
    let mut chains = Vec::new();
    let one = Person { phone: "079-662-0000".to_owned(), ..person("西村　花子") };
    let other = Person { needs: vec![Need::Care], note: "車いす".to_owned(), ..person("西村　花子") };
    for (person, shelter) in [(one, "gym"), (other, "school")] {
        let act = PersonAct { chain: None, after: vec![], shelter: shelter.parse().unwrap(), act: Act::In, time: None, person };
        chains.push(hall.event.write_person("西村", Sight::All, act).await.unwrap().chain);
    }
    let pair = (chains[0], chains[1]);
    let Matter::LinkPeople { commitment, .. } = hall.event.prepare_link("西村", request(pair, LinkVerdict::Same), &[]).await.unwrap() else { unreachable!() };
    hall.event.link(&commitment, by()).await.unwrap();
    let view = hall.event.person("西村", Sight::All, pair.0).await.unwrap();
    let differ: Vec<_> = view.differs.iter().map(|of| (of.field.as_str(), of.values.len())).collect();
    assert_eq!(differ, [("needs", 2), ("note", 2), ("phone", 2)]);
    // The record of the gym, with needs and note of the school's, in one entry that follows both.
    let of = |shelter: &str| view.heads.iter().find(|step| step.shelter.as_str() == shelter).unwrap();
    let (gym, school) = (of("gym"), of("school"));
    let fields = ["needs", "note"].map(|field| (field.to_owned(), school.entry));
    let person = merged::settled(&view.heads, gym.entry, &fields, Protecting::Kept).unwrap();
    let after = view.heads.iter().map(|step| step.entry).collect();
    let act = PersonAct { chain: Some(gym.chain), after, shelter: gym.shelter.clone(), act: Act::Edit, time: None, person };
    hall.event.write_person("西村", Sight::All, act).await.unwrap();
    let view = hall.event.person("西村", Sight::All, pair.1).await.unwrap();
    let record = view.counts.person.unwrap();
    assert_eq!((view.heads.len(), view.differs.len(), view.conflict, view.history.len()), (1, 0, None, 3), "both histories stay");
    assert_eq!((record.phone.as_str(), record.needs.as_slice(), record.note.as_str()), ("079-662-0000", &[Need::Care][..], "車いす"));
    assert_eq!(hall.event.summary().unwrap().present, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_link_asked_for_again_while_it_waits_is_one_case_and_other_words_are_another() {
    let hall = Hall::new().await;
    let pair = two(&hall).await;
    let first = hall.event.prepare_link("西村", request(pair, LinkVerdict::Same), &[]).await.unwrap();
    let waiting = [first.clone()];
    assert_eq!(hall.event.prepare_link("西村", request(pair, LinkVerdict::Same), &waiting).await.unwrap(), first);
    let other = LinkRequest { evidence: "診察券".to_owned(), ..request(pair, LinkVerdict::Same) };
    assert_ne!(hall.event.prepare_link("西村", other, &waiting).await.unwrap(), first);
    // What does not wait any more, as after it expired, is asked for anew.
    assert_ne!(hall.event.prepare_link("西村", request(pair, LinkVerdict::Same), &[]).await.unwrap(), first);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_evidence_of_a_link_goes_with_either_of_the_two() {
    for erased in [0, 1] {
        let hall = Hall::new().await;
        let (one, other) = two(&hall).await;
        let Matter::LinkPeople { commitment, .. } = hall.event.prepare_link("西村", request((one, other), LinkVerdict::Same), &[]).await.unwrap() else {
            unreachable!()
        };
        hall.event.shown_link(&commitment).unwrap();
        let gone = [one, other][erased];
        hall.event.services.vault.erase(&[gone.into()], &mut rand_core::OsRng).unwrap();
        assert!(hall.event.shown_link(&commitment).is_err(), "{erased}");
    }
}
