use std::fs;

use tachiai_crypto::journal::{BoardKey, Tree};
use tachiai_schemas::{Lang, Slot};
use tachiai_verify::check_fork;
use tachiai_verify::testing::Play;

use super::*;

const VOICE: Voice = Voice { lang: Lang::En, json: true };

/// An election that is open, later by so many seconds than its twin: they differ from `opened` on.
fn open(later: i64) -> Play {
    let mut play = Play::new(3);
    play.ceremony();
    play.now = tachiai_schemas::Timestamp::from_unix(play.now.unix() + later).unwrap();
    play.open();
    play
}

fn fingerprint(play: &Play) -> Fingerprint {
    play.board.fingerprint().unwrap()
}

struct Site {
    folder: tempfile::TempDir,
    state: State,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let state = State::init(&folder.path().join("state"), "witness.example/1").unwrap();
        Self { folder, state }
    }

    fn stick(&self, play: &Play) -> PathBuf {
        let stick = self.folder.path().join(format!("stick-{}", fs::read_dir(self.folder.path()).unwrap().count()));
        play.write(&stick);
        stick
    }

    fn watch(&self, play: &Play, expect: Option<&Fingerprint>) -> Result<Exit, Failure> {
        watch(&self.state, VOICE, &Place::Stick(&self.stick(play)), expect)
    }

    fn cosign(&self, play: &Play) -> Result<Exit, Failure> {
        stick(&self.state, VOICE, &self.stick(play))
    }

    /// What is pinned, and the size that everything must extend.
    fn pinned(&self) -> (PinnedBoard, u64) {
        let (origin, log) = self.state.logs().unwrap().pop_first().unwrap();
        let newest = self.state.hold(&origin, &log.parts().unwrap().1).unwrap().newest().unwrap().unwrap();
        (log.board.unwrap(), newest.checkpoint().size)
    }

    fn evidence(&self) -> Vec<ForkEvidence> {
        let (origin, log) = self.state.logs().unwrap().pop_first().unwrap();
        let paths = self.state.hold(&origin, &log.parts().unwrap().1).unwrap().evidence().unwrap();
        paths.iter().map(|path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap()).collect()
    }
}

#[test]
fn a_board_that_forked_before_its_opening_is_not_pinned_beside_the_one_that_is_cosigned() {
    for votes in 0..4 {
        let (site, one, mut other) = (Site::new(), open(0), open(1));
        assert_ne!(fingerprint(&one).to_string(), fingerprint(&other).to_string());
        for slot in 0..votes {
            other.vote(Slot(slot));
        }
        assert_eq!(site.watch(&one, None), Ok(Exit::Done));
        assert_eq!(site.cosign(&one), Ok(Exit::Done));
        let before = site.pinned();
        // The notice names the other one, and so does the evidence.
        assert_eq!(site.watch(&other, Some(&fingerprint(&other))), Ok(Exit::Refused));
        assert_eq!(site.pinned(), before);
        assert!(!before.0.compared);
        let evidence = site.evidence();
        assert_eq!(check_fork(&evidence[0], Some(&fingerprint(&other))).unwrap().sizes, (one.tree.len(), other.tree.len()));
    }
}

#[test]
fn without_a_fingerprint_a_fork_changes_nothing_that_was_pinned_with_one() {
    let (site, one, mut other) = (Site::new(), open(0), open(1));
    other.vote_all();
    assert_eq!(site.watch(&one, Some(&fingerprint(&one))), Ok(Exit::Done));
    let before = site.pinned();
    assert!(before.0.compared);
    assert_eq!(site.watch(&other, None), Ok(Exit::Refused));
    assert_eq!(site.pinned(), before);
    assert!(check_fork(&site.evidence()[0], Some(&fingerprint(&one))).is_ok());
}

#[test]
fn a_board_that_is_pinned_again_is_cosigned_from_there_on_and_an_older_copy_is_refused() {
    let (site, mut play) = (Site::new(), open(0));
    assert_eq!(site.watch(&play, None), Ok(Exit::Done));
    let early = open(0);
    play.vote_all();
    assert_eq!(site.watch(&play, Some(&fingerprint(&play))), Ok(Exit::Done));
    let (board, size) = site.pinned();
    assert!(board.compared && size == play.tree.len());
    assert_eq!(site.watch(&early, None).unwrap_err().exit, Exit::Refused);
    assert_eq!((site.cosign(&early).unwrap_err().exit, site.cosign(&play)), (Exit::Refused, Ok(Exit::Done)));
    assert_eq!(site.pinned(), (board, size));
}

/// An appliance that shows one board to who pins it, and another to who asks whether it extends what was cosigned.
struct TwoFaced(OnStick, OnStick);

impl Board for TwoFaced {
    fn since(&self, old: u64, origin: &Origin, key: &BoardKey) -> Result<(LogCheckpoint, ConsistencyProof), Failure> {
        self.1.since(old, origin, key)
    }

    fn newest(&self, origin: &Origin, key: &BoardKey) -> Result<LogCheckpoint, Failure> {
        self.1.newest(origin, key)
    }

    fn tree(&self, size: u64) -> Result<Tree, Failure> {
        self.1.tree(size)
    }

    fn pinned(&self) -> Result<Pinned, Failure> {
        self.0.pinned()
    }
}

#[test]
fn a_proof_about_another_checkpoint_than_the_pinned_one_pins_nothing() {
    let (mut one, mut other) = (open(0), open(1));
    let early = open(0);
    one.vote_all();
    other.vote_all();
    let faces = |site: &Site, other: &Play| TwoFaced(OnStick::open(&site.stick(other)).unwrap(), OnStick::open(&site.stick(&one)).unwrap());
    let (site, expect) = (Site::new(), fingerprint(&other));
    site.watch(&early, None).unwrap();
    let before = site.pinned();
    assert_eq!(pin(&site.state, VOICE, &faces(&site, &other), None, Some(&expect)), Ok(Exit::Refused));
    assert_eq!(site.evidence().len(), 1);
    // Of another size it is asked again, and not for ever.
    other.vote(Slot(0));
    assert_eq!(pin(&site.state, VOICE, &faces(&site, &other), None, Some(&expect)).unwrap_err().exit, Exit::NoConnection);
    assert_eq!(site.pinned(), before);
}
