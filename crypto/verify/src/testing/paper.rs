//! Polling places of a played election, with the secrets of desks and officers.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::BoardSecretKey;
use tachiai_schemas::election::{Body, Manifest, Published, TallyResult};
use tachiai_schemas::paper::{
    Attested, DayClose, Identified, LinkPolicy, Lot, Manner, Officer, OfficerRole, OfficerSignature, PaperCount, PaperIssue, PaperUndo, Place, PlaceKind,
    Session, UndoReason,
};
use tachiai_schemas::trustee::{Signed, SignedKind};
use tachiai_schemas::{Bytes, LeafIndex, Slot, canonical};

use super::{Play, text};
use crate::elected::outcomes;

/// The secrets of the places of [`Places::add`]: the same for every play.
pub struct Places {
    /// The key of each place's desks.
    pub desks: Vec<BoardSecretKey>,
    /// The manager and the witnesses, the same at all places and at the count.
    pub officers: Vec<BoardSecretKey>,
}

/// The first session is the time of online voting, the second follows up to the close of the poll.
pub const SESSIONS: usize = 2;

impl Default for Places {
    fn default() -> Self {
        let mut rng = ChaCha20Rng::from_seed([77; 32]);
        let mut keys = |number| (0..number).map(|_| BoardSecretKey::generate(&mut rng)).collect();
        Self { desks: keys(2), officers: keys(3) }
    }
}

impl Places {
    /// Lists the officers: a manager and two witnesses.
    #[must_use]
    pub fn listed(&self) -> Vec<Officer> {
        let roles = [("Manager", OfficerRole::Manager), ("Witness 1", OfficerRole::Witness), ("Witness 2", OfficerRole::Witness)];
        let officers = self.officers.iter().zip(roles);
        officers.map(|(key, (name, role))| Officer { name: name.to_owned(), role, key: Bytes(key.public().to_bytes()) }).collect()
    }

    /// Adds two places to a manifest: one for early voting, one for the day.
    pub fn add(&self, manifest: &mut Manifest) {
        let middle = manifest.online_closes;
        let sessions = vec![Session { opens: manifest.opens, closes: middle }, Session { opens: middle.plus(1), closes: manifest.poll_closes }];
        let place = |(key, (id, kind)): (&BoardSecretKey, (&str, PlaceKind))| Place {
            id: id.to_owned(),
            name: text(id),
            kind,
            key: Bytes(key.public().to_bytes()),
            officers: self.listed(),
            sessions: sessions.clone(),
            offline: LinkPolicy::Provisional,
        };
        manifest.places = self.desks.iter().zip([("city-hall", PlaceKind::Early), ("school", PlaceKind::Day)]).map(place).collect();
        manifest.count_officers = self.listed();
    }

    /// A hand-out of all papers of a slot, signed by the place.
    #[must_use]
    pub fn issue(&self, play: &Play, place: u16, session: u16, slot: Slot) -> PaperIssue {
        let district = play.board.district_of(slot).unwrap_or(0);
        let style = play.board.style_of(district).unwrap();
        PaperIssue {
            opened: play.board.opened().unwrap().leaf_hash().into(),
            place,
            session,
            slot,
            contests: style.style().contests().iter().map(|(contest, _)| *contest).collect(),
            manner: Manner::Own,
            identified: Identified::Card,
            issued_at: play.now,
            evidence: Hash32::sha256(b"evidence").into(),
        }
    }

    /// Signs a hand-out with the key of its place, or of the first one.
    #[must_use]
    pub fn sign(&self, issue: PaperIssue) -> Signed<PaperIssue> {
        let desk = self.desks.get(usize::from(issue.place)).unwrap_or(&self.desks[0]);
        let signature = Bytes(desk.sign_bytes(&format!("file/{}", PaperIssue::KIND), &canonical::to_bytes(&issue).unwrap()));
        Signed { body: issue, signature }
    }

    /// Signs a body by these officers.
    #[must_use]
    pub fn attest_by<T: SignedKind>(&self, body: T, officers: &[u8]) -> Attested<T> {
        let json = canonical::to_bytes(&body).unwrap();
        let sign = |officer: &u8| {
            let signature = Bytes(self.officers[usize::from(*officer)].sign_bytes(&format!("file/{}", T::KIND), &json));
            OfficerSignature { officer: *officer, signature }
        };
        Attested { signatures: officers.iter().map(sign).collect(), body }
    }

    /// Signs a body by the manager and both witnesses.
    #[must_use]
    pub fn attest<T: SignedKind>(&self, body: T) -> Attested<T> {
        self.attest_by(body, &[0, 1, 2])
    }

    /// The undo of the papers that a slot holds.
    #[must_use]
    pub fn undo(&self, play: &Play, slot: Slot) -> PaperUndo {
        let leaf = play.board.desk(slot).paper.map_or(LeafIndex(0), |paper| paper.leaf);
        PaperUndo { opened: play.board.opened().unwrap().leaf_hash().into(), slot, leaf, reason: UndoReason::Declined }
    }

    /// The close of a day, everything in the box.
    #[must_use]
    pub fn close(&self, play: &Play, place: u16, session: u16) -> DayClose {
        play.board.day(place, session).unwrap().close(play.board.opened().unwrap().leaf_hash(), place, session, &Default::default())
    }

    /// The count of a contest whose papers are all for one option.
    #[must_use]
    pub fn paper_count(&self, play: &Play, contest: u16, option: usize) -> PaperCount {
        let valid = play.board.in_boxes(contest);
        let mut thousandths = vec![0; play.manifest.contests[usize::from(contest)].options.len()];
        thousandths[option] = valid * 1_000;
        PaperCount { opened: play.board.opened().unwrap().leaf_hash().into(), contest, thousandths, valid, blank: 0, invalid: 0 }
    }

    /// A lot.
    #[must_use]
    pub fn lot(&self, play: &Play, contest: u16, tied: &[u16], chosen: &[u16]) -> Lot {
        Lot { opened: play.board.opened().unwrap().leaf_hash().into(), contest, tied: tied.to_vec(), chosen: chosen.to_vec() }
    }

    /// Appends a hand-out to a slot.
    pub fn push_issue(&self, play: &mut Play, place: u16, session: u16, slot: Slot) -> LeafIndex {
        let issue = self.sign(self.issue(play, place, session, slot));
        play.push(Body::PaperIssued(Box::new(issue)))
    }

    /// Appends the close of online voting if it is not there, of every day on which papers were handed out that is not closed, and of the poll.
    pub fn close_all(&self, play: &mut Play) {
        let (online, poll) = (play.manifest.online_closes, play.manifest.poll_closes);
        let reason = tachiai_schemas::election::CloseReason::Scheduled;
        if play.board.online_closed().is_none() {
            play.push_at(online.max(play.now), Body::OnlineClosed(tachiai_schemas::election::Closed { reason }));
        }
        play.now = poll;
        for (place, session) in (0..self.desks.len() as u16).flat_map(|place| (0..SESSIONS as u16).map(move |session| (place, session))) {
            let day = play.board.day(place, session).unwrap();
            if day.handouts() > 0 && day.closed().is_none() {
                let close = self.attest(self.close(play, place, session));
                play.push_at(poll, Body::DayClosed(close));
            }
        }
        play.push_at(poll, Body::PollClosed(tachiai_schemas::election::Closed { reason }));
    }

    /// The whole count, with all papers for the first option of each contest.
    pub fn count(&self, play: &mut Play) {
        for contest in 0..play.manifest.contests.len() as u16 {
            let contested = play.board.is_contested(contest, &play.manifest.contests[usize::from(contest)]);
            if contested && play.board.in_boxes(contest) > 0 {
                let count = self.attest(self.paper_count(play, contest, 0));
                play.push(Body::PaperCount(count));
            }
        }
        self.tally(play);
        self.draw(play);
        self.publish(play);
    }

    /// Draws every lot that the votes ask for: the first of those who are tied get the seats.
    pub fn draw(&self, play: &mut Play) {
        let (_, entry) = play.board.result().unwrap();
        let result: TallyResult = canonical::from_bytes(&play.attachments[&entry.file.hash()]).unwrap();
        for (contest, outcome) in (0..).zip(outcomes(&play.board, &result.contests, None).unwrap()) {
            if let Some(tie) = outcome.awaits_lot() {
                let tied: Vec<u16> = tie.options.iter().map(|option| option.0).collect();
                let lot = self.attest(self.lot(play, contest, &tied, &tied[..usize::from(tie.seats)]));
                play.push(Body::Lot(lot));
            }
        }
    }

    /// Statement, shares of t trustees, and result.
    pub fn tally(&self, play: &mut Play) {
        play.state();
        for trustee in play.indices().into_iter().take(usize::from(play.manifest.quorum)) {
            let file = play.share_file(trustee);
            play.push_shares(trustee, file);
        }
        let file = play.result_file();
        play.push_result(file);
    }

    /// The publication.
    pub fn publish(&self, play: &mut Play) -> LeafIndex {
        let (result, _) = play.board.result().unwrap();
        play.push(Body::Published(Published { result }))
    }
}

impl Play {
    /// [`Play::new`] with the places of [`Places::add`].
    #[must_use]
    pub fn with_places(seed: u8) -> (Self, Places) {
        let places = Places::default();
        let contests = vec![
            super::contest("mayor", 5, tachiai_schemas::election::Choice::Exactly(1)),
            super::contest("council", 3, tachiai_schemas::election::Choice::UpTo(2)),
        ];
        let play = Self::with(seed, (3, 2), contests, 2, 8, |manifest| places.add(manifest));
        (play, places)
    }

    /// A whole honest election with papers: as [`Play::whole`]; then slot 0, who voted online, gets a paper, and slot 4 gets one, gives it back and gets another at
    /// the other place.
    #[must_use]
    pub fn whole_with_papers(seed: u8) -> Self {
        let (mut play, places) = Self::with_places(seed);
        play.ceremony();
        play.open();
        play.vote_all();
        places.push_issue(&mut play, 0, 0, Slot(0));
        places.push_issue(&mut play, 0, 0, Slot(4));
        let undo = places.attest(places.undo(&play, Slot(4)));
        play.push(Body::PaperUndone(undo));
        places.push_issue(&mut play, 1, 0, Slot(4));
        places.close_all(&mut play);
        places.count(&mut play);
        play
    }
}
