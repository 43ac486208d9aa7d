//! R111 and R112: cosignatures in a record. R113: evidence of a fork.

use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::{BoardSecretKey, Checkpoint, CosignedCheckpoint, Origin, SignedCheckpoint, Tree, WitnessSecretKey, leaf_hash};
use tachiai_schemas::election::{Choice, WitnessEntry, Witnesses};
use tachiai_schemas::fork::ForkEvidence;
use tachiai_schemas::{Bytes, LeafIndex, Slot};
use tachiai_verify::fork::{Of, check_fork, evidence};
use tachiai_verify::testing::{Play, contest};
use tachiai_verify::witness::{MAX_FILES, SLACK, WitnessesOutcome};
use tachiai_verify::{Failure, Incomplete, Options, Rule, verify_record};

use super::{broken, end};

fn witness(n: u8) -> WitnessSecretKey {
    WitnessSecretKey::from_seed(Origin::new(&format!("witness.example/{n}")).unwrap(), &[100 + n; 32])
}

/// An election with three witnesses, of whom two must cosign, ready for votes.
fn watched() -> Play {
    let mut play = Play::with(70, (3, 2), vec![contest("mayor", 3, Choice::Exactly(1))], 1, 4, |manifest| {
        let entry = |n| WitnessEntry { name: format!("witness.example/{n}"), key: Bytes(witness(n).public().unwrap().to_bytes()) };
        manifest.witnesses = Witnesses { quorum: 2, keys: vec![entry(1), entry(2), entry(3)] };
    });
    play.ceremony();
    play.open();
    play
}

/// The election at its end, cosigned by none.
fn whole() -> Play {
    let mut play = watched();
    play.vote_all();
    end(play)
}

fn head(play: &Play) -> Checkpoint {
    play.checkpoint().checkpoint().clone()
}

/// A cosigned checkpoint, a minute after the last entry.
fn cosigned(signed: SignedCheckpoint, witnesses: &[u8], time: u64) -> String {
    let text = signed.checkpoint().to_note_text();
    CosignedCheckpoint::new(signed, witnesses.iter().map(|n| witness(*n).cosign(&text, time)).collect()).to_string()
}

fn time(play: &Play) -> u64 {
    u64::try_from(play.now.unix()).unwrap() + 60
}

/// The play, cosigned at its present size.
fn cosign(play: &mut Play, witnesses: &[u8]) {
    let text = cosigned(play.checkpoint(), witnesses, time(play));
    play.cosigned.insert(play.tree.len(), text);
}

fn verdict(play: &Play) -> Result<WitnessesOutcome, Failure> {
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    verify_record(folder.path(), &Options::default()).map(|verified| verified.verdict.witnesses)
}

#[test]
fn a_record_with_the_quorum_holds_and_says_what_existed_when() {
    let mut play = watched();
    play.vote_all();
    play.close();
    let closed = time(&play);
    cosign(&mut play, &[1, 3]);
    play.count();
    let end = time(&play);
    cosign(&mut play, &[2, 3]);
    let outcome = verdict(&play).unwrap();
    let size = play.tree.len();
    assert_eq!(outcome.keys.iter().map(|key| key.size).collect::<Vec<_>>(), [Some(play.board.poll_closed().unwrap().0 + 1), Some(size), Some(size)]);
    let bounds: Vec<_> = outcome.bounds.iter().map(|bound| (bound.milestone, u64::try_from(bound.by.unix()).unwrap(), bound.witnesses.len())).collect();
    assert_eq!(bounds, [("opened", closed, 3), ("online-closed", closed, 3), ("poll-closed", closed, 3), ("published", end, 2)]);
}

#[test]
fn a_published_record_without_the_quorum_is_incomplete_and_says_who_is_missing() {
    let mut play = whole();
    let missing = |play: &Play| match verdict(play) {
        Err(Failure::Incomplete(Incomplete::Unwitnessed { have, quorum: 2, missing })) => (have, missing),
        other => panic!("{:?}", other.err()),
    };
    let names = |list: &[u8]| list.iter().map(|n| format!("witness.example/{n}")).collect::<Vec<_>>();
    assert_eq!(missing(&play), (0, names(&[1, 2, 3])));
    cosign(&mut play, &[2]);
    assert_eq!(missing(&play), (1, names(&[1, 3])));
    // The quorum under an earlier size is not the quorum under the end.
    let mut early = watched();
    cosign(&mut early, &[1, 2]);
    early.vote_all();
    assert_eq!(missing(&end(early)), (0, names(&[1, 2, 3])));
    cosign(&mut play, &[1, 2]);
    assert!(verdict(&play).is_ok());
}

#[test]
fn forged_12_more_cosigned_sizes_than_milestones_are_refused() {
    let mut play = watched();
    for _ in 0..MAX_FILES {
        play.vote(Slot(0));
        cosign(&mut play, &[1, 2]);
    }
    assert!(record(&play).is_ok());
    play.vote(Slot(0));
    cosign(&mut play, &[1, 2]);
    broken(&play, Rule::R111, None);
}

/// What the verifier says of a record from before its publication.
fn record(play: &Play) -> Result<(), Failure> {
    let folder = tempfile::tempdir().unwrap();
    play.write(folder.path());
    super::verdict(folder.path())
}

#[test]
fn cosignatures_that_are_not_in_the_one_form_or_not_of_this_board_are_refused() {
    type Forge = fn(&Play) -> String;
    let of = |play: &Play| cosigned(play.checkpoint(), &[1, 2], time(play));
    assert!({
        let mut play = whole();
        play.cosigned.insert(play.tree.len(), of(&play));
        verdict(&play).is_ok()
    });
    let forgeries: &[(&str, Forge)] = &[
        ("no line of a witness", |play| play.checkpoint().as_str().to_owned()),
        ("a witness twice", |play| cosigned(play.checkpoint(), &[1, 1], time(play))),
        ("another order than the manifest's", |play| cosigned(play.checkpoint(), &[2, 1], time(play))),
        ("a witness that the manifest does not list", |play| cosigned(play.checkpoint(), &[1, 2, 4], time(play))),
        ("a line that was made for another size", |play| {
            let other = play.board_key.sign(&Checkpoint { size: 3, ..head(play) });
            let line = cosigned(other, &[1], time(play)).lines().last().unwrap().to_owned();
            format!("{}{line}\n", play.checkpoint())
        }),
        ("a changed time", |play| {
            let text = play.checkpoint().checkpoint().to_note_text();
            let (one, other) = (witness(1).cosign(&text, time(play)).to_string(), witness(1).cosign(&text, time(play) + 1).to_string());
            // Key id and time are the first 16 characters, the rest is the signature.
            let at = one.rfind(' ').unwrap() + 17;
            format!("{}{}{}\n", play.checkpoint(), &one[..at], &other[at..])
        }),
        ("no line of the board", |play| {
            let text = cosigned(play.checkpoint(), &[1, 2], time(play));
            let own = play.checkpoint().as_str().lines().last().unwrap().to_owned();
            text.replace(&format!("{own}\n"), "")
        }),
        ("the line of the board at the end", |play| {
            let text = cosigned(play.checkpoint(), &[1, 2], time(play));
            let own = format!("{}\n", play.checkpoint().as_str().lines().last().unwrap());
            format!("{}{own}", text.replace(&own, ""))
        }),
        ("signed by another board key", |play| cosigned(BoardSecretKey::from_seed(&[1; 32]).sign(&head(play)), &[1, 2], time(play))),
        ("another root", |play| cosigned(play.board_key.sign(&Checkpoint { root: Hash32::ZERO, ..head(play) }), &[1, 2], time(play))),
        ("another size than its name", |play| {
            let size = play.tree.len() - 1;
            cosigned(play.board_key.sign(&Checkpoint { size, root: play.tree.root_at(size).unwrap(), ..head(play) }), &[1, 2], time(play))
        }),
        ("an extension line", |play| cosigned(play.checkpoint(), &[1, 2], time(play)).replacen("\n\n", "\nextension\n\n", 1)),
        ("an empty line at the end", |play| cosigned(play.checkpoint(), &[1, 2], time(play)) + "\n"),
        ("no newline at the end", |play| cosigned(play.checkpoint(), &[1, 2], time(play)).trim_end().to_owned()),
    ];
    for (what, forge) in forgeries {
        let mut play = whole();
        let text = forge(&play);
        assert_ne!(text, of(&play), "{what}");
        play.cosigned.insert(play.tree.len(), text);
        let found = match verdict(&play) {
            Err(Failure::Refuted(violation)) => violation.rule,
            other => panic!("{what}: {:?}", other.err()),
        };
        assert_eq!(found, Rule::R111, "{what}");
    }
}

#[test]
fn a_size_that_the_board_never_had_is_refused() {
    let mut play = whole();
    let size = play.tree.len() + 1;
    let text = cosigned(play.board_key.sign(&Checkpoint { size, ..head(&play) }), &[1, 2], time(&play));
    play.cosigned.insert(size, text);
    broken(&play, Rule::R111, None);
}

#[test]
fn a_file_of_cosignatures_has_one_name() {
    for path in ["cosigned/0", "cosigned/01", "cosigned/+1", "cosigned/x", "cosigned/", "cosigned/1/1"] {
        let folder = tempfile::tempdir().unwrap();
        let mut play = whole();
        cosign(&mut play, &[1, 2]);
        play.write(folder.path());
        let index = folder.path().join("record.json");
        let text = std::fs::read_to_string(&index).unwrap().replace(&format!("cosigned/{}", play.tree.len()), path);
        std::fs::write(&index, text).unwrap();
        assert_eq!(super::violation(folder.path()).rule, Rule::R107, "{path}");
    }
}

#[test]
fn a_cosignature_from_before_the_entries_that_it_covers_is_refused() {
    let mut play = whole();
    let last = u64::try_from(play.now.unix()).unwrap();
    let size = play.tree.len();
    let slack = u64::try_from(SLACK).unwrap();
    // A clock that is a little behind is no forgery.
    play.cosigned.insert(size, cosigned(play.checkpoint(), &[1, 2], last - slack));
    assert!(verdict(&play).is_ok());
    play.cosigned.insert(size, cosigned(play.checkpoint(), &[1, 2], last - slack - 1));
    broken(&play, Rule::R112, LeafIndex(size - 1));
    // What was cosigned before the end is not measured against the end.
    let mut early = watched();
    cosign(&mut early, &[1, 2]);
    early.vote_all();
    let mut early = end(early);
    cosign(&mut early, &[1, 2]);
    assert!(verdict(&early).is_ok());
}

/// An election and its twin by the same keys that goes another way from some leaf on.
fn twins() -> (Play, Play) {
    let (mut one, mut other) = (watched(), watched());
    for slot in 0..3 {
        one.vote(Slot(slot));
        other.vote(Slot(slot + 1));
    }
    (one, other)
}

fn of(play: &Play) -> Of {
    Of { manifest: play.board.manifest_hash().unwrap(), opened: Some(play.board.opened().unwrap().leaf_hash()), board_key: play.board_key.public() }
}

fn proves(evidence: &ForkEvidence) -> Result<u64, Rule> {
    check_fork(evidence, None).map(|fork| fork.differ_at).map_err(|violation| violation.rule)
}

#[test]
fn two_boards_of_one_key_are_evidence_whatever_their_sizes() {
    let (one, mut other) = twins();
    let same = evidence(&of(&one), &one.checkpoint(), &other.tree, &other.checkpoint()).unwrap();
    assert_eq!((proves(&same), &same.between), (Ok(one.tree.len()), &None));
    let before = one.checkpoint();
    for _ in 0..40 {
        other.vote(Slot(3));
        let found = evidence(&of(&one), &before, &other.tree, &other.checkpoint()).unwrap();
        assert_eq!(proves(&found), Ok(before.checkpoint().size));
    }
    let expected = one.board.fingerprint().unwrap();
    assert!(check_fork(&same, Some(&expected)).is_ok());
}

#[test]
fn a_board_that_grew_is_no_evidence() {
    let mut play = watched();
    let before = play.checkpoint();
    assert_eq!(evidence(&of(&play), &before, &play.tree, &play.checkpoint()), None);
    play.vote_all();
    assert_eq!(evidence(&of(&play), &before, &play.tree, &play.checkpoint()), None);
}

#[test]
fn evidence_that_was_altered_proves_nothing() {
    let (one, mut other) = twins();
    other.vote(Slot(3));
    let good = evidence(&of(&one), &one.checkpoint(), &other.tree, &other.checkpoint()).unwrap();
    assert!(proves(&good).is_ok());
    let mut grown = watched();
    for slot in 0..3 {
        grown.vote(Slot(slot));
    }
    let smaller = grown.checkpoint();
    grown.vote(Slot(3));
    type Alter<'a> = Box<dyn Fn(&mut ForkEvidence) + 'a>;
    let alterations: Vec<Alter<'_>> = vec![
        Box::new(|file| file.format = "tachiai-fork/2".to_owned()),
        Box::new(|file| file.origin = "other.example/x".to_owned()),
        Box::new(|file| file.board_key = Bytes([0; 32])),
        Box::new(|file| file.board_key = Bytes(BoardSecretKey::from_seed(&[1; 32]).public().to_bytes())),
        Box::new(|file| file.first = file.first.replacen("\n\n", "\nx\n\n", 1)),
        Box::new(|file| file.second = BoardSecretKey::from_seed(&[1; 32]).sign(&head(&other)).to_string()),
        Box::new(|file| std::mem::swap(&mut file.first, &mut file.second)),
        Box::new(|file| file.between = None),
        Box::new(|file| file.second = file.first.clone()),
        Box::new(|file| file.between.as_mut().unwrap().root = Hash32::ZERO.into()),
        Box::new(|file| file.between.as_mut().unwrap().hashes.truncate(1)),
        Box::new(|file| file.between.as_mut().unwrap().hashes.push(Hash32::ZERO.into())),
        // The honest board: what lies between is the first itself.
        Box::new(|file| {
            let (size, end) = (smaller.checkpoint().size, grown.tree.len());
            file.second = grown.checkpoint().to_string();
            let between = file.between.as_mut().unwrap();
            between.root = grown.tree.root_at(size).unwrap().into();
            between.hashes = grown.tree.consistency(size, end).unwrap().into_hashes().into_iter().map(Into::into).collect();
            file.first = smaller.to_string();
        }),
    ];
    for (index, alter) in alterations.into_iter().enumerate() {
        let mut file = good.clone();
        alter(&mut file);
        assert_eq!(proves(&file), Err(Rule::R113), "alteration {index}");
    }
    // One size and one root is one board, whoever signed it twice.
    let twice = ForkEvidence { first: good.first.clone(), second: good.first.clone(), between: None, ..good.clone() };
    assert_eq!(proves(&twice), Err(Rule::R113));
}

#[test]
fn evidence_about_another_election_is_refused_where_a_fingerprint_is_expected() {
    let (one, other) = twins();
    let good = evidence(&of(&one), &one.checkpoint(), &other.tree, &other.checkpoint()).unwrap();
    let expected = one.board.fingerprint().unwrap();
    let elsewhere = Play::whole(60).board.fingerprint().unwrap();
    let rule = |file: &ForkEvidence, expect| check_fork(file, Some(expect)).unwrap_err().rule;
    assert_eq!(rule(&good, &elsewhere), Rule::R302);
    assert_eq!(rule(&ForkEvidence { manifest: Hash32::ZERO.into(), ..good.clone() }, &expected), Rule::R302);
    assert_eq!(rule(&ForkEvidence { opened: None, ..good }, &expected), Rule::R302);
}

#[test]
fn a_tree_that_the_key_holder_rewrote_is_evidence_at_every_pair_of_sizes() {
    let key = BoardSecretKey::from_seed(&[3; 32]);
    let origin = Origin::new("h/x").unwrap();
    let leaves = |with: u8| -> Tree { (0..20_u8).map(|n| leaf_hash(&[if n == 2 { with } else { n }])).collect() };
    let (one, other) = (leaves(2), leaves(200));
    let of = Of { manifest: Hash32::ZERO, opened: None, board_key: key.public() };
    let sign = |tree: &Tree, size| key.sign(&Checkpoint { origin: origin.clone(), size, root: tree.root_at(size).unwrap() });
    for a in 1..20 {
        for b in a..=20 {
            let found = evidence(&of, &sign(&one, a), &other, &sign(&other, b));
            assert_eq!(found.is_some(), a > 2, "{a} and {b}");
            assert!(found.is_none_or(|found| proves(&found) == Ok(a)), "{a} and {b}");
        }
    }
}
