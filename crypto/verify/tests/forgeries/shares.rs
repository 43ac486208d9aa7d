//! Forged decryption shares: a file whose proofs do not hold is discarded, and without enough others there is no result.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use tachiai_crypto::ceremony::TrusteeIndex;
use tachiai_crypto::election::ballot::BallotHeader;
use tachiai_crypto::election::context::Context;
use tachiai_crypto::group::{Element, G};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::proof::equality::{Column, DecryptionShare, ShareContext};
use tachiai_schemas::election::{Body, CloseReason, Closed, TallyResult};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::trustee::SharesFile;
use tachiai_schemas::{Bytes, LeafIndex, Slot, canonical};
use tachiai_verify::testing::Play;
use tachiai_verify::{Options, Rule, verify_record};

use super::forger::{Draft, ShareLeftOut, no_points, no_scalars, share_bytes, share_challenge, share_holds};
use super::{broken, open};

fn index(trustee: u8) -> TrusteeIndex {
    TrusteeIndex::new(trustee).unwrap()
}

/// An election whose poll is closed and whose statement stands.
fn stated() -> Play {
    let mut play = open(100);
    play.vote_all();
    play.close();
    play.state();
    play
}

/// What the second trustee proves its shares for.
fn context(play: &Play) -> ShareContext {
    let opened = play.board.opened().unwrap();
    let (_, statement) = play.board.declared_statement().unwrap();
    ShareContext { context: *opened.context(), statement, trustee: index(2), share_key: opened.share_keys()[1] }
}

fn columns(play: &Play) -> Vec<Column> {
    play.counting().columns().copied().collect()
}

/// x_2.
fn secret(play: &Play) -> Scalar {
    Scalar::from_canonical_bytes(*play.trustees[1].key.as_ref().unwrap().to_bytes()).unwrap()
}

/// A share of a column, proved by hand for whatever context, ΣA and D = `d`.
fn by_hand(play: &mut Play, context: &ShareContext, column: &Column, d: RistrettoPoint) -> Vec<u8> {
    let (x, k) = (secret(play), Scalar::random(&mut play.rng));
    let c = share_challenge(context, column, &d, [&(G * k), &(column.sum_a.point() * k)], ShareLeftOut::Nothing);
    share_bytes(&d, c, k + c * x)
}

/// The file that a forger makes column by column.
fn file_of(play: &mut Play, mut share: impl FnMut(&mut Play, &ShareContext, &Column) -> Vec<u8>) -> Vec<u8> {
    let context = context(play);
    columns(play).iter().flat_map(|column| share(play, &context, column)).collect()
}

/// The second of two trustees sends a forged file: there is no result, though the declared totals are right. With a third trustee the file is discarded.
fn discarded(rule: Rule, forge: impl Fn(&mut Play) -> Vec<u8>) {
    let honest = {
        let mut play = stated();
        for trustee in [index(1), index(2)] {
            let file = play.share_file(trustee);
            play.push_shares(trustee, file);
        }
        play.result_file()
    };
    let mut play = stated();
    let file = play.share_file(index(1));
    play.push_shares(index(1), file);
    let forged = forge(&mut play);
    play.push_shares(index(2), forged.clone());
    let leaf = play.push_result(honest.clone());
    broken(&play, rule, leaf);

    let mut play = stated();
    play.push_shares(index(2), forged);
    for trustee in [index(1), index(3)] {
        let file = play.share_file(trustee);
        play.push_shares(trustee, file);
    }
    play.finish();
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    let verified = verify_record(folder.path(), &Options::default()).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(verified.verdict.trustees.discarded, [index(2)]);
    assert_eq!(canonical::to_bytes(&TallyResult { contests: canonical::from_bytes::<TallyResult>(&honest).unwrap().contests }).unwrap(), honest);
}

#[test]
fn a_file_made_by_hand_as_the_text_says_is_accepted() {
    let mut play = stated();
    let file = play.share_file(index(1));
    play.push_shares(index(1), file);
    let file = file_of(&mut play, |play, context, column| {
        let d = column.sum_a.point() * secret(play);
        by_hand(play, context, column, d)
    });
    play.push_shares(index(2), file);
    play.finish();
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    assert!(super::verdict(folder.path()).is_ok());
}

#[test]
fn forged_02_a_proof_for_another_column_unit_or_contest() {
    let changes: [fn(&mut Column); 3] = [|column| column.column += 1, |column| column.unit += 1, |column| column.contest += 1];
    for change in changes {
        discarded(Rule::R603, |play| {
            file_of(play, |play, context, column| {
                let mut other = *column;
                change(&mut other);
                let d = column.sum_a.point() * secret(play);
                by_hand(play, context, &other, d)
            })
        });
    }
}

#[test]
fn forged_02_columns_exchanged_within_a_file() {
    discarded(Rule::R603, |play| {
        let mut file = play.share_file(index(2));
        let (first, second) = file.split_at_mut(96);
        first.swap_with_slice(&mut second[..96]);
        file
    });
}

#[test]
fn forged_02_a_proof_for_another_set_of_ballots() {
    // With the superseded ballot of slot 1 among them, decrypted and proved properly.
    discarded(Rule::R603, |play| {
        let ballots = play.entries.iter().filter_map(|bytes| match Entry::from_bytes(bytes).unwrap().body {
            Body::Ballot(ballot) => Some(ballot.ballot.0),
            _ => None,
        });
        let superseded = ballots.into_iter().find(|bytes| BallotHeader::peek(bytes).unwrap().slot == Slot(1)).unwrap();
        let superseded = Draft::read(&superseded, &play.board.statement_for(Slot(1)).unwrap());
        file_of(play, |play, context, column| {
            let mut other = *column;
            let place = usize::from(column.column);
            if (column.contest, column.unit) == (0, 1) && place < 4 {
                other.sum_a = Element::new(other.sum_a.point() + superseded.contests[0].a[place]);
                other.sum_b = Element::new(other.sum_b.point() + superseded.contests[0].b[place]);
            }
            let d = other.sum_a.point() * secret(play);
            by_hand(play, context, &other, d)
        })
    });
    // The right ΣA beside another ΣB.
    discarded(Rule::R603, |play| {
        file_of(play, |play, context, column| {
            let other = Column { sum_b: Element::new(column.sum_b.point() + G), ..*column };
            let d = column.sum_a.point() * secret(play);
            by_hand(play, context, &other, d)
        })
    });
}

#[test]
fn forged_02_another_share_than_the_proved_one() {
    // D + G under the proof for D, and a D of another secret under a proof by the right one.
    discarded(Rule::R603, |play| {
        let mut file = play.share_file(index(2));
        let d = columns(play)[0].sum_a.point() * secret(play) + G;
        file[..32].copy_from_slice(d.compress().as_bytes());
        file
    });
    discarded(Rule::R603, |play| {
        file_of(play, |play, context, column| {
            let d = column.sum_a.point() * (secret(play) + Scalar::ONE);
            by_hand(play, context, column, d)
        })
    });
}

#[test]
fn forged_02_a_proof_for_another_statement_election_or_trustee() {
    let changes: [fn(&mut ShareContext, &Play); 4] = [
        |context, _| context.statement = Hash32::sha256(b"other"),
        |context, _| context.context = Context::from_hash(Hash32::sha256(b"other")),
        |context, _| context.trustee = index(1),
        |context, play| context.share_key = play.board.opened().unwrap().share_keys()[0],
    ];
    for change in changes {
        discarded(Rule::R603, |play| {
            file_of(play, |play, context, column| {
                let mut other = *context;
                change(&mut other, play);
                let d = column.sum_a.point() * secret(play);
                by_hand(play, &other, column, d)
            })
        });
    }
}

#[test]
fn forged_08_shares_of_another_election_with_the_same_keys_and_votes() {
    // The same trustees, polynomials and sums in an election of another context: the proofs are good there.
    discarded(Rule::R603, |play| {
        let mut other = open(101);
        other.vote_all();
        let elsewhere = Context::new(
            &other.manifest.election,
            other.board.manifest_hash().unwrap(),
            other.board.opened().unwrap().leaf_hash(),
            play.board.opened().unwrap().joint_key(),
            play.board.opened().unwrap().entry().ceremony.hash(),
            other.roll.root(),
        );
        file_of(play, |play, context, column| {
            let d = column.sum_a.point() * secret(play);
            let there = ShareContext { context: elsewhere, ..*context };
            let share = by_hand(play, &there, column, d);
            assert!(DecryptionShare::decode(share[..].try_into().unwrap()).unwrap().verify(&there, column).is_ok());
            share
        })
    });
}

#[test]
fn forged_01_shares_under_weak_challenges() {
    // D is another one: it takes one vote from the total, and the proof works where the challenge does not bind D, or not what was announced.
    discarded(Rule::R603, |play| {
        file_of(play, |play, context, column| {
            let d = column.sum_a.point() * secret(play) + G;
            let c = share_challenge(context, column, &d, [&G, &G], ShareLeftOut::Announcements);
            let s = Scalar::random(&mut play.rng);
            assert!(share_holds(context, column, (&d, c, s), ShareLeftOut::Announcements), "a verifier with this gap is deceived");
            share_bytes(&d, c, s)
        })
    });
    discarded(Rule::R603, |play| {
        file_of(play, |play, context, column| {
            // The second announcement is off by G; D, chosen after c, makes up for it.
            let k = Scalar::random(&mut play.rng);
            let (a, x) = (*column.sum_a.point(), secret(play));
            let announced = [G * k, a * k + G];
            let c = share_challenge(context, column, &a, [&announced[0], &announced[1]], ShareLeftOut::Share);
            let s = k + c * x;
            let d = (a * s - announced[1]) * c.invert();
            assert_ne!(d, a * x);
            assert!(share_holds(context, column, (&d, c, s), ShareLeftOut::Share), "a verifier with this gap is deceived");
            share_bytes(&d, c, s)
        })
    });
}

#[test]
fn forged_11_shares_over_another_base() {
    // log_{2G} of (2 x) G: a proof with 2G in place of G.
    discarded(Rule::R603, |play| {
        file_of(play, |play, context, column| {
            let (x, k) = (secret(play) + secret(play), Scalar::random(&mut play.rng));
            let base = G * Scalar::from(2_u64).invert();
            let (a, d) = (column.sum_a.point(), column.sum_a.point() * x);
            assert_eq!(base * x, *context.share_key.point());
            let c = share_challenge(context, column, &d, [&(base * k), &(a * k)], ShareLeftOut::Nothing);
            share_bytes(&d, c, k + c * x)
        })
    });
}

/// A share file of the first trustee that is spoilt in form.
fn malformed(rule: Rule, forge: impl FnOnce(&mut Vec<u8>)) {
    let mut play = stated();
    let mut file = play.share_file(index(1));
    forge(&mut file);
    let leaf = play.push_shares(index(1), file);
    broken(&play, rule, leaf);
}

#[test]
fn forged_04_shares_that_are_no_points_or_scalars() {
    let columns = columns(&stated()).len();
    assert!(columns >= 16);
    for column in [0, columns - 1] {
        for (_, bytes) in no_points() {
            malformed(Rule::R602, |file| file[96 * column..96 * column + 32].copy_from_slice(&bytes));
        }
        for part in [32, 64] {
            let at = 96 * column + part;
            for place in 0..3 {
                malformed(Rule::R602, |file| {
                    let (_, bytes) = no_scalars(&file[at..at + 32])[place];
                    file[at..at + 32].copy_from_slice(&bytes);
                });
            }
        }
    }
}

#[test]
fn forged_04_a_bad_encoding_behind_a_bad_proof() {
    // A file with both is malformed, as a whole, whatever is looked at first.
    malformed(Rule::R602, |file| {
        file[64] ^= 1;
        let last = file.len() - 32;
        file[last..].fill(0xff);
    });
}

#[test]
fn forged_09_the_identity_as_a_share_or_nothing_but_zeros() {
    malformed(Rule::R602, |file| file[..32].fill(0));
    malformed(Rule::R602, |file| file.fill(0));
    // Zeros as proof only: a proof like any other that does not hold.
    discarded(Rule::R603, |play| {
        let mut file = play.share_file(index(2));
        file[32..96].fill(0);
        file
    });
}

#[test]
fn forged_18_shares_that_nobody_signed() {
    let mut play = stated();
    let file = play.share_file(index(1));
    let file = play.attach(file);
    let (_, statement) = play.board.declared_statement().unwrap();
    let mut shares = play.sign(index(1), SharesFile { statement: statement.into(), trustee: index(1), file: file.into() });
    shares.signature = Bytes([0; 64]);
    let leaf = play.push(Body::Shares(shares));
    broken(&play, Rule::R602, leaf);
}

#[test]
fn forged_28_a_vote_moved_with_the_shares_adapted() {
    // Two colluding trustees move one vote of the first contest from one option to another: D_i − μ_i G and D_i + μ_i G with Σ λ_i μ_i = 1.
    let mut play = stated();
    let first = {
        let mut honest = stated();
        for trustee in [index(1), index(2)] {
            let file = honest.share_file(trustee);
            honest.push_shares(trustee, file);
        }
        canonical::from_bytes::<TallyResult>(&honest.result_file()).unwrap()
    };
    let unit = &first.contests[0].units[0];
    let from = unit.iter().position(|total| *total > 0).unwrap();
    let to = (from + 1) % unit.len();
    for trustee in [index(1), index(2)] {
        let mut file = play.share_file(trustee);
        // λ_1 = 2 and λ_2 = −1 at 0: the first trustee alone moves it by half.
        if trustee == index(1) {
            let half = Scalar::from(2_u64).invert();
            for (column, sign) in [(from, half), (to, -half)] {
                let at = 96 * column;
                let old = curve25519_dalek::ristretto::CompressedRistretto::from_slice(&file[at..at + 32]).unwrap().decompress().unwrap();
                file[at..at + 32].copy_from_slice((old + G * sign).compress().as_bytes());
            }
        }
        play.push_shares(trustee, file);
    }
    // The shares, were they believed, give the declared totals.
    let mut forged = first.clone();
    let contest = &mut forged.contests[0];
    (contest.units[0][from], contest.units[0][to]) = (unit[from] - 1, unit[to] + 1);
    (contest.totals[from], contest.totals[to]) = (contest.totals[from] - 1, contest.totals[to] + 1);
    let quorum = play.board.quorum().unwrap();
    for (place, declared) in [(from, unit[from] - 1), (to, unit[to] + 1)] {
        let of_column: Vec<_> = play
            .board
            .shares()
            .map(|(trustee, state)| (trustee, DecryptionShare::decode(play.attachments[&state.file][96 * place..96 * place + 96].try_into().unwrap()).unwrap()))
            .collect();
        let combined = tachiai_crypto::election::tally::combine_shares(quorum, &columns(&play)[place], &of_column).unwrap();
        assert_eq!(tachiai_crypto::election::tally::discrete_log(&combined, 20), Some(declared), "the shares are adapted to the lie");
    }
    let leaf = play.push_result(canonical::to_bytes(&forged).unwrap());
    broken(&play, Rule::R603, leaf);
}

#[test]
fn forged_29_shares_for_another_unit_or_set() {
    // Two units' shares change places, contest by contest; and the shares of the count that would have been without the last ballot.
    discarded(Rule::R603, |play| {
        let file = play.share_file(index(2));
        let columns = columns(play);
        let of = |contest: u16, unit: u16| {
            let found: Vec<usize> =
                columns.iter().enumerate().filter(|(_, column)| (column.contest, column.unit) == (contest, unit)).map(|(at, _)| at).collect();
            file[96 * found[0]..96 * (found[found.len() - 1] + 1)].to_vec()
        };
        [of(0, 1), of(0, 0), of(1, 1), of(1, 0)].concat()
    });
}

#[test]
fn forged_30_a_second_statement_after_more_voting() {
    // The board is made to go on after its statement: one ballot more, and a statement of that, properly signed by the same trustees.
    let mut play = stated();
    let leaf = play.vote(Slot(4));
    broken(&play, Rule::R507, leaf);

    let mut play = stated();
    let mut longer = open(100);
    longer.vote_all();
    longer.vote(Slot(4));
    longer.close();
    let statement = longer.statement();
    assert_ne!(statement.statement.digest, play.board.declared_statement().unwrap().0.digest);
    let leaf = play.push(Body::TallyStatement(Box::new(statement)));
    broken(&play, Rule::R601, leaf);
}

#[test]
fn forged_25_anything_but_the_count_after_poll_closed() {
    let closed = |state: bool| {
        let mut play = open(100);
        play.vote_all();
        let challenged = play.challenged(Slot(0));
        let (registration, _) = play.registration(Slot(0));
        let (ballot, _) = play.ballot(Slot(0));
        let (commit, opened) = (play.sign(index(1), play.commit(index(1))), play.opened());
        play.close();
        if state {
            play.state();
        }
        let entries = [
            (Body::Registration(Box::new(registration)), Rule::R406),
            (Body::Ballot(tachiai_schemas::election::BallotEntry { ballot: tachiai_schemas::Blob(ballot.bytes().to_vec()) }), Rule::R507),
            (Body::Challenged(challenged), Rule::R508),
            (Body::Commit(commit), Rule::R105),
            (Body::Opened(Box::new(opened)), Rule::R105),
            (Body::Manifest(Box::new(play.manifest.clone())), Rule::R103),
            (Body::OnlineClosed(Closed { reason: CloseReason::Scheduled }), Rule::R105),
            (Body::PollClosed(Closed { reason: CloseReason::Scheduled }), Rule::R105),
        ];
        (play, entries)
    };
    for state in [false, true] {
        for place in 0..8 {
            let (mut play, entries) = closed(state);
            let (body, rule) = entries.into_iter().nth(place).unwrap();
            let leaf = LeafIndex(play.tree.len());
            // The board's fold is not asked to take over what it must refuse.
            let entry = Entry { at: play.now.plus(1), body };
            play.entries.push(entry.to_bytes().unwrap());
            broken(&play, rule, leaf);
        }
    }
}
