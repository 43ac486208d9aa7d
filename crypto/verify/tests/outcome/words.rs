//! What people and programs are told.

use std::collections::BTreeSet;

use tachiai_schemas::{Lang, Say};
use tachiai_verify::outcome::{Deposit, Manner, OptionIndex, Out, Sequel, Standing, Wrong};

use crate::{council, options, paper, undrawn};

const STANDINGS: [Standing; 12] = [
    Standing::Elected,
    Standing::ElectedByLot,
    Standing::Tied,
    Standing::MostLevel,
    Standing::LostLot,
    Standing::NotElected,
    Standing::BelowMinimum,
    Standing::Out(Out::Withdrawn),
    Standing::Out(Out::Died),
    Standing::Out(Out::Disqualified),
    Standing::Most,
    Standing::Fewer,
];

#[test]
fn every_standing_manner_deposit_and_sequel_has_words_of_its_own_in_both_languages() {
    let deposits = [Deposit::Returned, Deposit::ForfeitedByVotes, Deposit::ForfeitedByLeaving];
    let sequels = [Sequel::None, Sequel::Reelection, Sequel::GeneralElection, Sequel::Vacancy];
    for lang in [Lang::Ja, Lang::En] {
        let names = [
            STANDINGS.map(|standing| standing.name(lang)).to_vec(),
            [Manner::Poll, Manner::Uncontested, Manner::Referendum].map(|manner| manner.name(lang)).to_vec(),
            deposits.map(|deposit| deposit.name(lang)).to_vec(),
            sequels.map(|sequel| sequel.name(lang)).to_vec(),
        ];
        for names in names {
            assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
            assert!(names.iter().all(|name| name.is_ascii() == (lang == Lang::En)), "{names:?}");
        }
    }
}

#[test]
fn errors_say_what_happened_in_both_languages_and_count_options_from_1() {
    let wrongs = [
        Wrong::Seats { to_fill: 4, all: 3 },
        Wrong::Options(129),
        Wrong::OutOfReferendum(OptionIndex(1)),
        Wrong::NoTie,
        Wrong::LotInReferendum,
        Wrong::ManyLots(2),
        Wrong::OtherTie { lot: options(&[0, 2]), tied: options(&[1, 2]) },
        Wrong::NotTied(OptionIndex(5)),
        Wrong::LotNumber { chosen: 1, seats: 2 },
    ];
    for wrong in &wrongs {
        assert!(wrong.say(Lang::En).is_ascii());
        assert!(wrong.say(Lang::Ja).contains(['。', 'ま']), "{}", wrong.say(Lang::Ja));
    }
    assert_eq!(wrongs[6].to_string(), "a lot was drawn between 1, 3, but those tied for the last seat are 2, 3; draw one between exactly them");
    assert!(wrongs[7].say(Lang::Ja).contains("6番"));
}

#[test]
fn the_outcome_in_json_has_votes_as_exact_texts() {
    let outcome = undrawn(council(2), &paper(&["50.5", "40", "40", "0"]));
    let json = serde_json::to_value(&outcome).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "manner": "poll",
            "totals": {"valid": "130.5", "out": "0", "blank": 0, "otherwise_invalid": 0},
            "thresholds": {"election": "16.3125", "deposit": "6.525"},
            "options": [
                {"votes": "50.5", "rank": 1, "standing": "elected", "deposit": "returned"},
                {"votes": "40", "rank": 2, "standing": "tied", "deposit": "returned"},
                {"votes": "40", "rank": 2, "standing": "tied", "deposit": "returned"},
                {"votes": "0", "rank": 4, "standing": "below-minimum", "deposit": "forfeited-by-votes"},
            ],
            "tie": {"options": [1, 2], "seats": 1, "decided": "open"},
            "seats": {"to_fill": 2, "filled": 1, "open": 1, "empty": 0, "sequel": "none"},
        })
    );
}
