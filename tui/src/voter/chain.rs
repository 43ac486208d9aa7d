//! What shows that checkpoints are of one history: consistency proofs up to the same newer checkpoint (PROTOCOL §10).

use std::fmt::Display;

use tachiai_crypto::journal::{BoardKey, Checkpoint, ConsistencyProof, Origin, SignedCheckpoint, verify_consistency};
use tachiai_schemas::receipt::Consistency;

use crate::failure::{Exit, Failure};

/// How often every checkpoint is asked about while the board grows between two answers.
const ROUNDS: usize = 16;

/// Something that the server said does not hold.
pub(super) fn distrust(ja: impl Display, en: impl Display) -> Failure {
    Failure::refused(
        format!("{ja}。ここで中止しました。選挙管理委員会に知らせてください。"),
        format!("{en}. This was stopped here. Tell the election commission."),
    )
}

/// Checks that an answer's checkpoint is signed and extends `old`, and gives it.
fn extend(old: &Checkpoint, answer: &Consistency, origin: &Origin, key: &BoardKey) -> Result<SignedCheckpoint, Failure> {
    let Consistency { from: _, hashes, checkpoint } = answer;
    let new = SignedCheckpoint::parse_and_verify(checkpoint, origin, key).map_err(|e| distrust(&e, &e))?;
    let proof = ConsistencyProof::from_hashes(hashes.iter().map(|h| h.hash()).collect());
    let head = new.checkpoint();
    verify_consistency(old.size, old.root, head.size, head.root, &proof).map_err(|_| fork(old.size))?;
    Ok(new)
}

fn fork(size: u64) -> Failure {
    distrust(
        format!("掲示板が二つに分かれています（{size}件目の時点と一致しません）"),
        format!("evidence of a fork: the board does not extend its own checkpoint of size {size}"),
    )
}

/// Gives one checkpoint that extends every one of `olds`.
///
/// A server that forks answers each question from the board that fits it, so it does not count that every old checkpoint is extended by some
/// newer one: the proofs must end in the same. `ask` fetches the answer for an older size; the board may grow between two answers, and is then
/// asked again.
///
/// # Errors
/// [`Failure`] of `ask`; exit 1 when an answer does not hold or two roots of one size are signed; exit 4 when the board grew each time.
pub(super) fn common(
    olds: &[&Checkpoint],
    origin: &Origin,
    key: &BoardKey,
    mut ask: impl FnMut(u64) -> Result<Consistency, Failure>,
) -> Result<SignedCheckpoint, Failure> {
    let mut newest: Option<SignedCheckpoint> = None;
    let mut agreeing = 0;
    for old in olds.iter().cycle().take(ROUNDS * olds.len()) {
        let new = extend(old, &ask(old.size)?, origin, key)?;
        match &newest {
            Some(before) if before.checkpoint().size == new.checkpoint().size => {
                if before.checkpoint().root != new.checkpoint().root {
                    return Err(fork(new.checkpoint().size));
                }
                agreeing += 1;
            }
            _ => agreeing = 1,
        }
        if agreeing == olds.len() {
            return Ok(new);
        }
        newest = Some(new);
    }
    Err(Failure::new(
        Exit::NoConnection,
        "掲示板が更新され続けているため、整合性を確認できませんでした。しばらくしてからもう一度お試しください。",
        "the board grew faster than its consistency could be checked. Try again a little later.",
    ))
}

#[cfg(test)]
mod tests {
    use tachiai_crypto::journal::{BoardSecretKey, Tree, leaf_hash};

    use super::*;

    /// A board of the names of its leaves.
    struct Board {
        tree: Tree,
        secret: BoardSecretKey,
    }

    fn origin() -> Origin {
        Origin::new("vote.example.jp/aaaaaaaaaaaaaaaaaaaaaaaaaa").unwrap()
    }

    impl Board {
        fn of(leaves: &[&str]) -> Self {
            let mut tree = Tree::new();
            for leaf in leaves {
                tree.push(leaf_hash(leaf.as_bytes()));
            }
            Self { tree, secret: BoardSecretKey::from_seed(&[7; 32]) }
        }

        fn at(&self, size: u64) -> Checkpoint {
            Checkpoint { origin: origin(), size, root: self.tree.root_at(size).unwrap() }
        }

        fn answer(&self, from: u64) -> Consistency {
            self.answer_to(from, self.tree.len())
        }

        fn answer_to(&self, from: u64, size: u64) -> Consistency {
            let hashes = self.tree.consistency(from, size).unwrap().into_hashes().into_iter().map(Into::into).collect();
            Consistency { from, hashes, checkpoint: self.secret.sign(&self.at(size)).as_str().to_owned() }
        }
    }

    fn key() -> BoardKey {
        BoardSecretKey::from_seed(&[7; 32]).public()
    }

    #[test]
    fn one_checkpoint_that_extends_all_is_taken() {
        let board = Board::of(&["m", "o", "a", "b", "c"]);
        let head = common(&[&board.at(2), &board.at(4)], &origin(), &key(), |from| Ok(board.answer(from))).unwrap();
        assert_eq!(head.checkpoint(), &board.at(5));
    }

    #[test]
    fn a_server_that_answers_from_two_boards_of_one_size_is_found_out() {
        let (seen, other) = (Board::of(&["m", "o", "a", "b", "c"]), Board::of(&["m", "o", "x", "y", "z"]));
        // The prefix is extended by either board, the checkpoint of an earlier visit only by the one that was shown then.
        let failure = common(&[&seen.at(2), &seen.at(4)], &origin(), &key(), |from| Ok(if from == 2 { other.answer(from) } else { seen.answer(from) }));
        assert_eq!(failure.unwrap_err().exit, Exit::Refused);
    }

    #[test]
    fn a_consistency_answer_for_another_checkpoint_is_refused() {
        let (seen, other) = (Board::of(&["m", "o", "a", "b", "c"]), Board::of(&["m", "o", "x", "y", "z", "w"]));
        // Boards of two sizes never end in one checkpoint, so nothing is taken however often they are asked.
        let failure = common(&[&seen.at(2), &seen.at(4)], &origin(), &key(), |from| Ok(if from == 2 { other.answer(from) } else { seen.answer(from) }));
        assert_eq!(failure.unwrap_err().exit, Exit::NoConnection);
        // Nor is an answer taken that does not extend what it was asked about.
        let failure = common(&[&seen.at(2), &seen.at(4)], &origin(), &key(), |from| Ok(other.answer(from)));
        assert_eq!(failure.unwrap_err().exit, Exit::Refused);
        let shorter = common(&[&seen.at(4)], &origin(), &key(), |_| Ok(seen.answer_to(2, 3)));
        assert_eq!(shorter.unwrap_err().exit, Exit::Refused);
    }

    #[test]
    fn a_board_that_grows_between_two_answers_is_asked_again() {
        let board = Board::of(&["m", "o", "a", "b", "c", "d"]);
        let mut sizes = [4, 5, 5].into_iter();
        let head = common(&[&board.at(2), &board.at(4)], &origin(), &key(), |from| Ok(board.answer_to(from, sizes.next().unwrap()))).unwrap();
        assert_eq!(head.checkpoint(), &board.at(5));
    }

    #[test]
    fn a_checkpoint_that_another_key_signed_is_refused() {
        let board = Board::of(&["m", "o", "a"]);
        let stranger = BoardSecretKey::from_seed(&[8; 32]).public();
        assert_eq!(common(&[&board.at(2)], &origin(), &stranger, |from| Ok(board.answer(from))).unwrap_err().exit, Exit::Refused);
    }
}
