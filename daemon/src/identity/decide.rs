//! What an enrolment leads to. Pure: seals, keys and time come in with the command.

use tachiai_schemas::identity::FallbackReason;
use tachiai_schemas::roster::LinkVerdict;
use tachiai_schemas::{Blob, CitizenId, HashBytes, Refusal, Timestamp};

use super::state::{Event, Index, State};

/// Binds a card to a person; certificates, statement and nonce are verified already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrol {
    /// When.
    pub at: Timestamp,
    /// The ID for which the payloads were sealed: that under which the person is known, also where another one goes on, or a new one.
    pub citizen: CitizenId,
    /// The card.
    pub card: Index,
    /// The person.
    pub person: Index,
    /// The ID to which the card is bound already, if that is the same person at another address or, at a counter, with another name.
    pub moved: Option<CitizenId>,
    /// The entry that bound a card to the citizen last, as this was prepared.
    pub latest: Option<u64>,
    /// The sealed payload for a new citizen.
    pub registered: Blob,
    /// The sealed payload for the card.
    pub bound: Blob,
    /// What shows who the person is.
    pub proof: Proof,
}

/// What shows who the person is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The signing key of the card.
    SigningKey,
    /// The card's text and two officials.
    Counter {
        /// Why.
        reason: FallbackReason,
        /// The official who read the card, and the one who approved.
        by: [String; 2],
        /// What their request committed to.
        commitment: HashBytes,
    },
}

/// Keeps what was read at a counter until a second official decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keep {
    /// When.
    pub at: Timestamp,
    /// The citizen for whom the payload was sealed.
    pub citizen: CitizenId,
    /// What the request commits to.
    pub commitment: HashBytes,
    /// The sealed payload.
    pub sealed: Blob,
}

/// Issues an ID to somebody without a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// When.
    pub at: Timestamp,
    /// The citizen for whom the payload was sealed.
    pub citizen: CitizenId,
    /// The person.
    pub person: Index,
    /// The official.
    pub by: String,
    /// The sealed payload.
    pub sealed: Blob,
}

/// Puts another code in the place of one that was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replace {
    /// When.
    pub at: Timestamp,
    /// The one that was lost.
    pub lost: CitizenId,
    /// The new one.
    pub code: CitizenId,
    /// The official.
    pub by: String,
}

/// Why a code leads to nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoCode {
    /// There is none like that.
    Unknown,
    /// It was lost.
    Lost(Timestamp),
    /// The new code is one already.
    Taken,
}

/// The entries to append (none for a person who is known) and the citizen.
#[must_use]
pub fn issue(state: &State, command: Issue) -> (Vec<Event>, CitizenId) {
    let Issue { at: _, citizen, person, by, sealed } = command;
    match state.person(&person) {
        Some(known) => (Vec::new(), known),
        None => (vec![Event::CitizenIssued { citizen, person, by, sealed }], citizen),
    }
}

/// The entry to append and the citizen.
///
/// # Errors
/// [`NoCode`].
pub fn replace(state: &State, command: Replace) -> Result<(Event, CitizenId), NoCode> {
    let Replace { at: _, lost, code, by } = command;
    let survivor = state.resolve(lost)?;
    // A code of an alias is one of the alias again, also when that is found to be of somebody else after all.
    let citizen = state.whose(lost).unwrap_or(survivor);
    // A citizen's ID says nothing any more as a code once its first code was lost.
    match state.resolve(code) {
        Err(NoCode::Unknown) if !state.refused.contains(&code) => Ok((Event::CodeReplaced { citizen, lost, code, by }, citizen)),
        Ok(_) | Err(_) => Err(NoCode::Taken),
    }
}

/// Why a card was not bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotBound {
    /// The card is bound to another person.
    Taken,
    /// The card is bound to this person already, and a counter adds nothing to it.
    Already,
    /// What the command was prepared from has changed; prepare it again.
    Stale,
}

/// The entries to append (none if everything is as asked already) and the citizen, by the ID that goes on.
///
/// Two IDs of one person count as one where it is compared whose a card is, and each keeps what is its own: a card is bound under the ID by which the person that it
/// names is known, so that nothing has to be moved when the IDs are taken apart.
///
/// # Errors
/// [`NotBound`].
pub fn enrol(state: &State, command: Enrol) -> Result<(Vec<Event>, CitizenId), NotBound> {
    let Enrol { at: _, citizen, card, person, moved, latest, registered, bound, proof } = command;
    // It was sealed under a key that is destroyed.
    if state.erased.contains_key(&citizen) {
        return Err(NotBound::Stale);
    }
    let known = state.whose_person(&person);
    let holder = state.whose_card(&card);
    let is_one = |holder, known| state.survivor(holder) == state.survivor(known);
    let same = match (holder, known) {
        // The holder has changed since, by another card: an election's evidence must show of this one who the holder is.
        (Some(holder), Some(known)) if is_one(holder, known) && state.bound_as(&card) != Some(person) => Some(known),
        (Some(holder), Some(known)) if is_one(holder, known) => match (&proof, state.fallback(&card)) {
            (Proof::SigningKey, None) => return Ok((Vec::new(), state.survivor(known))),
            (Proof::Counter { .. }, _) => return Err(NotBound::Already),
            // The signing key says more than two officials did.
            (Proof::SigningKey, Some(_)) => Some(known),
        },
        (Some(_), Some(_)) => return Err(NotBound::Taken),
        (Some(holder), None) if moved == Some(holder) => Some(holder),
        (Some(_), None) => return Err(NotBound::Taken),
        (None, known) => known,
    };
    // Officials were shown what was known of the person, and decide on nothing else.
    if matches!(proof, Proof::Counter { .. }) && same.and_then(|same| state.citizen(same)).map(|known| known.latest) != latest {
        return Err(NotBound::Stale);
    }
    let binding = match proof {
        Proof::SigningKey => Event::CardBound { citizen, card, person, sealed: bound },
        Proof::Counter { reason, by, commitment } => Event::CardBoundAtCounter { citizen, card, person, reason, by, commitment, sealed: bound },
    };
    match same {
        Some(same) if same == citizen => Ok((vec![binding], state.survivor(citizen))),
        Some(_) => Err(NotBound::Stale),
        // A payload sealed for somebody who is known would be appended under the wrong person.
        None if state.citizens.contains_key(&citizen) => Err(NotBound::Stale),
        None => Ok((vec![Event::CitizenRegistered { citizen, sealed: registered }, binding], citizen)),
    }
}

/// Whether an entry about citizens' IDs may follow everything before it.
///
/// # Errors
/// [`Refusal::NotFound`] if it is about nobody, [`Refusal::ChangedSince`] if what it rests on has changed.
pub fn may_settle(state: &State, event: &Event) -> Result<(), Refusal> {
    let is_known = |citizen: &CitizenId| state.citizens.contains_key(citizen);
    match event {
        Event::CitizenCaseAsked { by: _, citizens, commitment: _, sealed: _ } => citizens.iter().all(is_known).then_some(()).ok_or(Refusal::NotFound),
        Event::CitizensLinked { citizen, other, verdict, by: _, commitment: _ } => may_link(state, *citizen, *other, *verdict),
        Event::CitizenErasing { citizens, ground: _, by: _, commitment: _ } => {
            let first = citizens.first().filter(|first| is_known(first)).ok_or(Refusal::NotFound)?;
            if state.ids(*first) == *citizens { Ok(()) } else { Err(Refusal::ChangedSince) }
        }
        Event::CitizenErased { commitment } => state.erasing.get(commitment).map(drop).ok_or(Refusal::NotFound),
        Event::CitizenRegistered { .. }
        | Event::CardBound { .. }
        | Event::CitizenIssued { .. }
        | Event::CodeReplaced { .. }
        | Event::CitizenLookedAt { .. }
        | Event::CounterRead { .. }
        | Event::CardBoundAtCounter { .. } => Err(Refusal::NotFound),
    }
}

/// Whether two IDs can be found to be of one person, or of two after all.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::ChangedSince`] if it is so already, or one of them is an alias.
pub fn may_link(state: &State, citizen: CitizenId, other: CitizenId, verdict: LinkVerdict) -> Result<(), Refusal> {
    if [citizen, other].iter().any(|id| !state.citizens.contains_key(id)) {
        return Err(Refusal::NotFound);
    }
    let may = match verdict {
        LinkVerdict::Same => citizen != other && [citizen, other].iter().all(|id| !state.aliases.contains_key(id)),
        LinkVerdict::Apart => state.aliases.get(&other).is_some_and(|alias| alias.of == citizen),
    };
    if may { Ok(()) } else { Err(Refusal::ChangedSince) }
}

#[cfg(test)]
mod tests {
    use tachiai_schemas::Bytes;
    use tachiai_schemas::identity::Standing;
    use tachiai_schemas::shelter::case::EraseGround;

    use super::*;

    fn command(citizen: u8, card: u8, person: u8) -> Enrol {
        Enrol {
            at: Timestamp::from_unix(0).unwrap(),
            citizen: CitizenId([citizen; 16]),
            card: Index(Bytes([card; 32])),
            person: Index(Bytes([person; 32])),
            moved: None,
            latest: None,
            registered: Blob::default(),
            bound: Blob::default(),
            proof: Proof::SigningKey,
        }
    }

    fn at_counter(citizen: u8, card: u8, person: u8) -> Enrol {
        let by = ["甲".to_owned(), "乙".to_owned()];
        let proof = Proof::Counter { reason: FallbackReason::Expired, by, commitment: Bytes([card; 32]) };
        Enrol { proof, ..command(citizen, card, person) }
    }

    fn done(state: &mut State, command: Enrol) -> Result<CitizenId, NotBound> {
        let (events, citizen) = enrol(state, command)?;
        let seq = state.cards.len() as u64 * 2;
        for (seq, event) in (seq..).zip(&events) {
            state.apply(seq, Timestamp::from_unix(0).unwrap(), event);
        }
        Ok(citizen)
    }

    #[test]
    fn a_card_that_was_bound_before_its_holder_moved_is_bound_again() {
        let mut state = State::default();
        for card in [1, 2] {
            done(&mut state, command(1, card, 1)).unwrap();
        }
        // The first card is bound as the person of the new address, and the second is still bound as that of the old one.
        done(&mut state, Enrol { moved: Some(CitizenId([1; 16])), ..command(1, 1, 9) }).unwrap();
        let second = || command(1, 2, 9);
        assert_eq!(enrol(&state, second()).unwrap().0.len(), 1);
        done(&mut state, second()).unwrap();
        assert_eq!(state.bound_as(&second().card), Some(second().person));
        assert_eq!(enrol(&state, second()), Ok((Vec::new(), CitizenId([1; 16]))));
    }

    #[test]
    fn the_same_enrolment_again_changes_nothing() {
        let mut state = State::default();
        assert_eq!(done(&mut state, command(1, 1, 1)), Ok(CitizenId([1; 16])));
        assert_eq!(enrol(&state, command(2, 1, 1)), Ok((Vec::new(), CitizenId([1; 16]))));
    }

    #[test]
    fn a_new_card_of_a_known_person_is_bound_to_the_same_citizen() {
        let mut state = State::default();
        done(&mut state, command(1, 1, 1)).unwrap();
        assert_eq!(done(&mut state, command(1, 2, 1)), Ok(CitizenId([1; 16])));
        assert_eq!(state.holder(&Index(Bytes([2; 32]))).map(|(citizen, _)| citizen), Some(CitizenId([1; 16])));
        assert_eq!(state.len(), 1);
    }

    #[test]
    fn a_card_of_somebody_else_is_not_bound() {
        let mut state = State::default();
        done(&mut state, command(1, 1, 1)).unwrap();
        done(&mut state, command(2, 2, 2)).unwrap();
        assert_eq!(done(&mut state, command(3, 1, 3)), Err(NotBound::Taken));
        assert_eq!(done(&mut state, command(2, 1, 2)), Err(NotBound::Taken));
    }

    #[test]
    fn who_moved_stays_the_same_citizen_and_the_old_person_is_forgotten() {
        let mut state = State::default();
        done(&mut state, command(1, 1, 1)).unwrap();
        let moved = Enrol { moved: Some(CitizenId([1; 16])), ..command(1, 1, 2) };
        assert_eq!(done(&mut state, moved), Ok(CitizenId([1; 16])));
        assert_eq!(state.person(&Index(Bytes([1; 32]))), None);
        assert_eq!(state.person(&Index(Bytes([2; 32]))), Some(CitizenId([1; 16])));
    }

    #[test]
    fn a_card_is_bound_at_a_counter_once_and_the_list_says_so() {
        let mut state = State::default();
        assert_eq!(done(&mut state, at_counter(1, 1, 1)), Ok(CitizenId([1; 16])));
        assert_eq!(done(&mut state, at_counter(1, 1, 1)), Err(NotBound::Already));
        assert_eq!(done(&mut state, at_counter(2, 1, 2)), Err(NotBound::Taken));
        let [listed] = &state.fallbacks()[..] else { panic!("one fallback") };
        assert_eq!((listed.citizen, listed.standing), (CitizenId([1; 16]), Standing::Current));
        assert_eq!(state.fallback(&Index(Bytes([1; 32]))).as_deref(), Some(&listed.fallback));
        assert_eq!(state.bound_at_counter(&Bytes([1; 32])), Some(CitizenId([1; 16])));
    }

    #[test]
    fn the_signing_key_replaces_a_fallback_and_a_fallback_never_replaces_it() {
        let mut state = State::default();
        done(&mut state, at_counter(1, 1, 1)).unwrap();
        assert_eq!(done(&mut state, command(1, 1, 1)), Ok(CitizenId([1; 16])));
        assert_eq!(state.fallback(&Index(Bytes([1; 32]))), None);
        assert_eq!(state.fallbacks()[0].standing, Standing::Replaced);
        assert_eq!(enrol(&state, command(1, 1, 1)), Ok((Vec::new(), CitizenId([1; 16]))));
        assert_eq!(done(&mut state, at_counter(1, 1, 1)), Err(NotBound::Already));
    }

    #[test]
    fn at_a_counter_nothing_is_bound_on_top_of_what_the_officials_did_not_see() {
        let mut state = State::default();
        done(&mut state, command(1, 1, 1)).unwrap();
        let latest = state.citizen(CitizenId([1; 16])).unwrap().latest;
        for unseen in [None, Some(latest + 1)] {
            assert_eq!(enrol(&state, Enrol { latest: unseen, ..at_counter(1, 2, 1) }), Err(NotBound::Stale));
        }
        assert_eq!(done(&mut state, Enrol { latest: Some(latest), ..at_counter(1, 2, 1) }), Ok(CitizenId([1; 16])));
        assert_eq!(state.cards_of(CitizenId([1; 16])).len(), 2);
    }

    fn issued(citizen: u8, person: u8) -> Issue {
        let at = Timestamp::from_unix(0).unwrap();
        Issue { at, citizen: CitizenId([citizen; 16]), person: Index(Bytes([person; 32])), by: "西村".to_owned(), sealed: Blob::default() }
    }

    fn lost(lost: u8, code: u8) -> Replace {
        Replace { at: Timestamp::from_unix(7).unwrap(), lost: CitizenId([lost; 16]), code: CitizenId([code; 16]), by: "西村".to_owned() }
    }

    #[test]
    fn an_id_without_a_card_is_issued_once_and_a_card_of_the_person_goes_to_it() {
        let mut state = State::default();
        let at = Timestamp::from_unix(0).unwrap();
        let (events, citizen) = issue(&state, issued(1, 1));
        state.apply(0, at, &events[0]);
        assert_eq!((events.len(), citizen), (1, CitizenId([1; 16])));
        assert_eq!(issue(&state, issued(2, 1)), (Vec::new(), citizen));
        assert_eq!(done(&mut state, command(1, 1, 1)), Ok(citizen));
        // The renewal of the card, with another key, too; and whoever has a card has an ID.
        assert_eq!(done(&mut state, command(1, 2, 1)), Ok(citizen));
        assert_eq!((state.len(), state.cards_of(citizen).len()), (1, 2));
        assert_eq!(issue(&state, issued(3, 1)), (Vec::new(), citizen));
    }

    #[test]
    fn a_lost_code_says_nothing_at_once_and_the_person_stays_the_same() {
        let mut state = State::default();
        let citizen = done(&mut state, command(1, 1, 1)).unwrap();
        assert_eq!((state.resolve(citizen), state.code(citizen)), (Ok(citizen), citizen));
        for (seq, (old, new)) in (10..).zip([(1, 5), (5, 6)]) {
            let (event, whose) = replace(&state, lost(old, new)).unwrap();
            state.apply(seq, Timestamp::from_unix(7).unwrap(), &event);
            assert_eq!((whose, state.resolve(CitizenId([new; 16])), state.code(citizen)), (citizen, Ok(citizen), CitizenId([new; 16])));
            assert_eq!(state.resolve(CitizenId([old; 16])), Err(NoCode::Lost(Timestamp::from_unix(7).unwrap())));
        }
        assert_eq!(replace(&state, lost(1, 7)), Err(NoCode::Lost(Timestamp::from_unix(7).unwrap())), "once");
        assert_eq!(replace(&state, lost(9, 7)), Err(NoCode::Unknown));
        assert_eq!(replace(&state, lost(6, 5)), Err(NoCode::Taken), "a lost code is never given out again");
        assert_eq!(state.lost_codes(citizen).count(), 2);
        // The card of the person logs in as before.
        assert_eq!(state.holder(&command(1, 1, 1).card).map(|(citizen, _)| citizen), Some(citizen));
    }

    fn link(citizen: u8, other: u8, verdict: LinkVerdict) -> Event {
        let (by, commitment) = (["甲".to_owned(), "乙".to_owned()], Bytes([citizen; 32]));
        Event::CitizensLinked { citizen: CitizenId([citizen; 16]), other: CitizenId([other; 16]), verdict, by, commitment }
    }

    fn settled(state: &mut State, event: &Event) -> Result<(), Refusal> {
        may_settle(state, event)?;
        state.apply(1_000 + state.linked.len() as u64, Timestamp::from_unix(9).unwrap(), event);
        Ok(())
    }

    #[test]
    fn two_ids_of_one_person_lead_to_the_one_that_goes_on_and_can_be_taken_apart_again() {
        let (one, two, three) = (CitizenId([1; 16]), CitizenId([2; 16]), CitizenId([3; 16]));
        let mut state = State::default();
        for id in 1..=3 {
            done(&mut state, command(id, id, id)).unwrap();
        }
        let apart = state.clone();
        settled(&mut state, &link(1, 2, LinkVerdict::Same)).unwrap();
        // Cards, persons and codes of both lead to one; who a card is of stays what its own ID says.
        let latest = |id| apart.own(id).unwrap().latest;
        assert_eq!((state.holder(&command(2, 2, 2).card), state.holder(&command(1, 1, 1).card)), (Some((one, latest(two))), Some((one, latest(one)))));
        assert_eq!((state.person(&command(2, 2, 2).person), state.resolve(two), state.whose(two)), (Some(one), Ok(one), Some(two)));
        assert_eq!((state.cards_of(one).len(), state.ids(two)), (2, vec![one, two]));
        // A card that comes later is bound under the ID by which its person is known, and leads to the one that goes on.
        assert_eq!(done(&mut state, command(1, 9, 2)), Err(NotBound::Stale));
        assert_eq!(done(&mut state, command(2, 9, 2)), Ok(one));
        assert_eq!(done(&mut state, command(2, 9, 2)), Ok(one), "again");
        assert_eq!(done(&mut state, Enrol { moved: Some(two), ..command(2, 9, 8) }), Ok(one), "also whoever moved");
        for (again, refusal) in [(link(1, 2, LinkVerdict::Same), Refusal::ChangedSince), (link(2, 3, LinkVerdict::Same), Refusal::ChangedSince)] {
            assert_eq!(settled(&mut state, &again), Err(refusal), "an alias takes no other");
        }
        assert_eq!(settled(&mut state, &link(1, 9, LinkVerdict::Same)), Err(Refusal::NotFound));
        assert_eq!(settled(&mut state, &link(2, 1, LinkVerdict::Apart)), Err(Refusal::ChangedSince), "it is the other way round");
        // A third takes both along; taking apart leaves to each what was its own.
        settled(&mut state, &link(3, 1, LinkVerdict::Same)).unwrap();
        assert_eq!((state.survivor(two), state.ids(one).len()), (three, 3));
        settled(&mut state, &link(3, 1, LinkVerdict::Apart)).unwrap();
        settled(&mut state, &link(1, 2, LinkVerdict::Apart)).unwrap();
        assert_eq!((state.own(one), state.holder(&command(1, 1, 1).card)), (apart.own(one), apart.holder(&command(1, 1, 1).card)));
        let moved = Index(Bytes([8; 32]));
        assert_eq!((state.person(&command(1, 1, 1).person), state.person(&moved), state.own(two).map(|own| own.person)), (Some(one), Some(two), Some(moved)));
        for card in [2, 9] {
            assert_eq!(state.holder(&Index(Bytes([card; 32]))), Some((two, state.own(two).unwrap().latest)));
        }
        assert_eq!((state.cards_of(two).len(), state.resolve(two), state.cards_of(one).len()), (2, Ok(two), 1));
    }

    #[test]
    fn a_card_that_names_the_person_of_the_other_id_takes_nothing_from_it() {
        let (one, two) = (CitizenId([1; 16]), CitizenId([2; 16]));
        let mut state = State::default();
        for id in [1, 2] {
            done(&mut state, command(id, id, id)).unwrap();
        }
        let apart = state.clone();
        settled(&mut state, &link(1, 2, LinkVerdict::Same)).unwrap();
        // The card of the one is enrolled anew after the name became that of the other.
        assert_eq!(done(&mut state, command(2, 1, 2)), Ok(one));
        settled(&mut state, &link(1, 2, LinkVerdict::Apart)).unwrap();
        for (id, person) in [(one, 1), (two, 2)] {
            let person = Index(Bytes([person; 32]));
            assert_eq!((state.person(&person), state.own(id).map(|own| own.person)), (Some(id), Some(person)));
        }
        assert_eq!((state.own(one), state.holder(&command(1, 1, 1).card).map(|(id, _)| id)), (apart.own(one), Some(two)));
    }

    #[test]
    fn who_was_erased_is_found_by_nothing_and_nothing_is_bound_under_the_old_id_again() {
        let (one, two) = (CitizenId([1; 16]), CitizenId([2; 16]));
        let mut state = State::default();
        done(&mut state, command(1, 1, 1)).unwrap();
        done(&mut state, at_counter(2, 2, 2)).unwrap();
        let (replaced, _) = replace(&state, lost(1, 5)).unwrap();
        state.apply(50, Timestamp::from_unix(7).unwrap(), &replaced);
        settled(&mut state, &link(1, 2, LinkVerdict::Same)).unwrap();
        let erasing =
            |citizens| Event::CitizenErasing { citizens, ground: EraseGround::Request, by: ["甲".to_owned(), "乙".to_owned()], commitment: Bytes([8; 32]) };
        assert_eq!(settled(&mut state, &erasing(vec![one])), Err(Refusal::ChangedSince), "an alias goes along");
        let late = Event::CounterRead { citizen: one, commitment: Bytes([4; 32]), sealed: Blob::default() };
        settled(&mut state, &erasing(vec![one, two])).unwrap();
        state.apply(60, Timestamp::from_unix(9).unwrap(), &late);
        assert_eq!((state.len(), state.read_at_counter(&Bytes([4; 32])), state.holder(&command(1, 1, 1).card)), (0, None, None));
        for code in [two, CitizenId([5; 16])] {
            assert_eq!((state.resolve(code), state.refused.contains(&code)), (Err(NoCode::Unknown), true));
        }
        assert_eq!(state.resolve(one), Err(NoCode::Lost(Timestamp::from_unix(7).unwrap())));
        // What was sealed under the old key is not taken, and the person gets another ID.
        assert_eq!(enrol(&state, command(1, 1, 1)), Err(NotBound::Stale));
        assert_eq!(done(&mut state, command(6, 1, 1)), Ok(CitizenId([6; 16])));
        assert_eq!((replace(&state, lost(6, 5)), replace(&state, lost(6, 2))), (Err(NoCode::Taken), Err(NoCode::Taken)));
        assert_eq!(settled(&mut state, &erasing(vec![one, two])), Err(Refusal::NotFound));
    }

    #[test]
    fn payloads_sealed_for_the_wrong_citizen_are_not_appended() {
        let mut state = State::default();
        done(&mut state, command(1, 1, 1)).unwrap();
        assert_eq!(enrol(&state, command(9, 2, 1)), Err(NotBound::Stale));
        assert_eq!(enrol(&state, command(1, 3, 3)), Err(NotBound::Stale));
    }
}
