//! Registrations, ballots and challenges as an attacker or a broken program sends them: each is refused with its code, signed by the board, and leaves no
//! trace on it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use tachiai::client::Client;
use tachiai_crypto::election::ballot::{BallotHeader, Statement};
use tachiai_crypto::election::context::ElectionId;
use tachiai_crypto::election::registration::RegistrationFields;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::signature::SecretKey;
use tachiai_schemas::receipt::{CastRequest, Receipt, RegistrationRequest};
use tachiai_schemas::refusal::Problem;
use tachiai_schemas::{Blob, Bytes, LeafIndex, Slot};
use tachiai_tests::card::{KeyPool, POOL};
use tachiai_tests::copy::BoardCopy;
use tachiai_tests::hand::{Hand, Registered, cast_request};
use tachiai_tests::story::{Setting, Story, now, until};
use tachiai_tests::wire::{Reply, Wire};
use tachiai_verify::testing::{Play, contest};

/// The voters and what they see.
struct Place {
    story: Story,
    wire: Wire,
    client: Client,
    copy: BoardCopy,
}

impl Place {
    fn of(story: Story) -> Place {
        let (wire, client) = (Wire::public(&story.scene.appliance), story.client());
        let copy = BoardCopy::fetch(&client, story.election());
        Place { story, wire, client, copy }
    }

    fn arrive(&self, elector: usize) -> Hand {
        Hand::arrive(self.story.scene.card(elector), &self.wire)
    }

    fn register(&mut self, hand: &mut Hand) -> Registered {
        hand.register(&self.wire, &self.client, &mut self.copy)
    }

    fn cast(&self, ballot: &[u8]) -> Reply {
        self.wire.post(&self.story.path("/ballots"), None, &cast_request(ballot))
    }

    #[track_caller]
    fn accept(&mut self, ballot: &[u8]) -> Receipt {
        let receipt: Receipt = self.cast(ballot).json();
        self.copy.follow(&self.client);
        self.copy.assert_holds(&receipt);
        receipt
    }

    /// The refusal of a ballot, which the board must have signed over exactly this request.
    #[track_caller]
    fn refuse(&self, ballot: &[u8], code: &str) -> Problem {
        let body = serde_json::to_vec(&CastRequest { ballot: Blob(ballot.to_vec()) }).unwrap();
        let problem = self.wire.post_bytes(&self.story.path("/ballots"), None, &body).refused(code);
        self.assert_signed(&problem, &body);
        problem
    }

    #[track_caller]
    fn refuse_registration(&self, hand: &Hand, request: &RegistrationRequest, code: &str) {
        let body = serde_json::to_vec(request).unwrap();
        let problem = self.wire.post_bytes(&self.story.path("/registrations"), hand.token(), &body).refused(code);
        self.assert_signed(&problem, &body);
    }

    #[track_caller]
    fn assert_signed(&self, problem: &Problem, body: &[u8]) {
        let signed = problem.signed.as_ref().expect("the board signs what it refuses");
        assert_eq!((signed.election, signed.code.as_str()), (self.story.election(), problem.code.as_str()));
        assert_eq!(signed.request.hash(), Hash32::sha256(body));
        self.copy.board.board_key().unwrap().verify_hash(&signed.hash(), &signed.signature.0).unwrap();
    }

    /// Nothing came onto the board since the copy was made.
    #[track_caller]
    fn assert_untouched(&mut self) {
        let before = self.copy.tree.len();
        self.copy.follow(&self.client);
        assert_eq!(self.copy.tree.len(), before);
    }
}

#[test]
fn ballots_that_are_not_good_are_refused_by_name() {
    let mut place = Place::of(Story::new(4));
    let (mut first, mut second) = (place.arrive(0), place.arrive(1));
    let (one, two) = (place.register(&mut first), place.register(&mut second));
    let good = one.ballot(&place.copy, 5, 1);
    let receipt = place.accept(good.bytes());

    replayed(&mut place, good.bytes(), &receipt);
    malformed(&mut place, &one);
    changed(&mut place, &one);
    copied(&mut place, good.bytes(), &two);
    foreign(&mut place, &one);

    // A counter that does not exceed the last, and one that does.
    place.refuse(one.ballot(&place.copy, 5, 2).bytes(), "counter-too-low");
    place.refuse(one.ballot(&place.copy, 4, 2).bytes(), "counter-too-low");
    let later = place.accept(one.ballot(&place.copy, 6, 2).bytes());

    // A key that is the slot's no more.
    let again = place.register(&mut first);
    let stale = one.ballot_of(&place.copy.board.statement_for(one.slot).unwrap(), one.slot, one.leaf, 9, 0);
    place.refuse(stale.bytes(), "key-not-current");
    let stale = one.ballot_of(&place.copy.board.statement_for(one.slot).unwrap(), one.slot, again.leaf, 9, 0);
    place.refuse(stale.bytes(), "key-not-current");
    place.assert_untouched();
    let newest = place.accept(again.ballot(&place.copy, 0, 3).bytes());

    challenges(&mut place, &again, &later, &newest);
    late(&mut place, &mut second, &two, good.bytes(), &receipt);
}

/// The same bytes again get the same receipt, and are there once.
fn replayed(place: &mut Place, ballot: &[u8], receipt: &Receipt) {
    for _ in 0..3 {
        let again: Receipt = place.cast(ballot).json();
        assert_eq!((again.leaf, again.leaf_hash, again.ballot, again.at), (receipt.leaf, receipt.leaf_hash, receipt.ballot, receipt.at));
        place.copy.assert_holds(&again);
    }
    place.assert_untouched();
}

fn malformed(place: &mut Place, one: &Registered) {
    let good = one.ballot(&place.copy, 7, 0);
    let bytes = good.bytes();
    for wrong in [&[][..], &bytes[..1], &bytes[..BallotHeader::LEN], &bytes[..bytes.len() - 1], &[bytes, &[0]].concat(), &[0; 100]] {
        place.refuse(wrong, "ballot-malformed");
    }
    let mut version = bytes.to_vec();
    version[0] ^= 0xff;
    place.refuse(&version, "ballot-malformed");
    // An element that is none: all ones is no canonical encoding.
    let mut element = bytes.to_vec();
    element[BallotHeader::LEN..BallotHeader::LEN + 32].fill(0xff);
    place.refuse(&element, "ballot-malformed");
    // A scalar that is not reduced, at the end.
    let mut scalar = bytes.to_vec();
    let end = scalar.len();
    scalar[end - 32..].fill(0xff);
    place.refuse(&scalar, "ballot-malformed");
    place.assert_untouched();
}

/// One flipped bit anywhere.
fn changed(place: &mut Place, one: &Registered) {
    let good = one.ballot(&place.copy, 8, 0);
    let bytes = good.bytes();
    for place_in in (0..bytes.len()).step_by(17) {
        let mut flipped = bytes.to_vec();
        flipped[place_in] ^= 1;
        let problem = serde_json::from_slice::<Problem>(&place.cast(&flipped).body).unwrap_or_else(|_| panic!("byte {place_in} may be changed"));
        let known = ["ballot-malformed", "ballot-proof", "ballot-signature", "key-not-current", "counter-too-low"];
        // A higher counter is refused for the signature, which covers it.
        assert!(known.contains(&problem.code.as_str()), "byte {place_in}: {}", problem.code);
    }
    let mut signature = bytes.to_vec();
    let end = signature.len();
    signature[end - 32] ^= 1;
    place.refuse(&signature, "ballot-signature");
    place.assert_untouched();
}

/// Somebody else's ballot under one's own slot.
fn copied(place: &mut Place, ballot: &[u8], two: &Registered) {
    let own = two.ballot(&place.copy, 0, 0);
    let mut under_another_slot = ballot.to_vec();
    under_another_slot[..BallotHeader::LEN].copy_from_slice(&own.bytes()[..BallotHeader::LEN]);
    let problem = serde_json::from_slice::<Problem>(&place.cast(&under_another_slot).body).unwrap();
    assert!(["ballot-copied", "ballot-proof", "ballot-signature"].contains(&problem.code.as_str()), "{}", problem.code);
    // The ciphertexts of one's own ballot, the rest copied.
    let mut mixed = own.bytes().to_vec();
    mixed[BallotHeader::LEN..BallotHeader::LEN + 64].copy_from_slice(&ballot[BallotHeader::LEN..BallotHeader::LEN + 64]);
    let problem = serde_json::from_slice::<Problem>(&place.cast(&mixed).body).unwrap();
    assert!(["ballot-copied", "ballot-proof", "ballot-signature"].contains(&problem.code.as_str()), "{}", problem.code);
    place.assert_untouched();
}

/// Ballots made for another election, another joint key, another registration, another slot.
fn foreign(place: &mut Place, one: &Registered) {
    let here = place.copy.board.statement_for(one.slot).unwrap();
    let mut play = Play::with(9, (2, 2), vec![contest("mayor", 4, tachiai_schemas::election::Choice::UpTo(1))], 1, 2, |_| {});
    play.ceremony();
    play.open();
    play.register(Slot(0));
    let there = play.board.statement_for(Slot(0)).unwrap();
    let mixed = |change: fn(&mut Statement, &Statement)| {
        let mut statement = Statement { context: here.context, joint_key: here.joint_key, registration: here.registration, style: here.style.clone() };
        change(&mut statement, &there);
        one.ballot_of(&statement, one.slot, one.leaf, 20, 0)
    };
    for ballot in [
        mixed(|statement, there| statement.context = there.context),
        mixed(|statement, there| statement.joint_key = there.joint_key),
        mixed(|statement, _| statement.registration = Hash32::sha256(b"another registration")),
    ] {
        let problem = serde_json::from_slice::<Problem>(&place.cast(ballot.bytes()).body).unwrap();
        assert!(["ballot-proof", "ballot-signature"].contains(&problem.code.as_str()), "{}", problem.code);
    }
    for (slot, leaf) in [(Slot(9_999), one.leaf), (Slot(one.slot.0 ^ 1), one.leaf), (one.slot, LeafIndex(0)), (one.slot, LeafIndex(u64::MAX))] {
        place.refuse(one.ballot_of(&here, slot, leaf, 21, 0).bytes(), "key-not-current");
    }
    place.assert_untouched();
}

fn challenges(place: &mut Place, one: &Registered, superseded: &Receipt, current: &Receipt) {
    let path = place.story.path("/challenges");
    let old = one.challenge(&place.copy, superseded);
    place.wire.post(&path, None, &old).refused("not-current-ballot");
    let mut forged = one.challenge(&place.copy, current);
    forged.signature.0[0] ^= 1;
    let problem: Problem = serde_json::from_slice(&place.wire.post(&path, None, &forged).body).unwrap();
    assert!(["not-current-ballot", "ballot-signature", "bad-request"].contains(&problem.code.as_str()), "{}", problem.code);
    let unknown = tachiai_schemas::election::Challenged { ballot: Hash32::sha256(b"no ballot").into(), ..one.challenge(&place.copy, current) };
    place.wire.post(&path, None, &unknown).refused("not-current-ballot");
    place.assert_untouched();
    let good = one.challenge(&place.copy, current);
    let receipt: Receipt = place.wire.post(&path, None, &good).json();
    let again: Receipt = place.wire.post(&path, None, &good).json();
    assert_eq!((receipt.leaf, receipt.leaf_hash), (again.leaf, again.leaf_hash));
    place.copy.follow(&place.client);
    place.copy.assert_holds(&receipt);
    // What was challenged does not come back: its bytes again get the old receipt and change nothing.
    assert_eq!(place.copy.board.counted_ballots(), 0);
}

/// After the close nothing is heard but repetitions.
fn late(place: &mut Place, second: &mut Hand, two: &Registered, recorded: &[u8], receipt: &Receipt) {
    let key = SecretKey::generate(&mut rand_core::OsRng);
    let fields = second.fields(&place.wire, &place.copy, &key);
    let registration = second.registration(&fields, &key);
    place.story.holding.act("close-online").unwrap_or_else(|trouble| panic!("{trouble}"));
    place.copy.follow(&place.client);
    place.refuse(two.ballot(&place.copy, 3, 0).bytes(), "late");
    place.refuse_registration(second, &registration, "late");
    let again: Receipt = place.cast(recorded).json();
    assert_eq!((again.leaf, again.leaf_hash), (receipt.leaf, receipt.leaf_hash));
    place.assert_untouched();
}

#[test]
fn registrations_that_are_not_good_are_refused_by_name() {
    let mut place = Place::of(Story::new(3));
    let (mut first, mut second) = (place.arrive(0), place.arrive(1));
    let one = place.register(&mut first);

    // The same request again gets the same receipt.
    let again: Receipt = place.wire.post(&place.story.path("/registrations"), first.token(), &one.request).json();
    assert_eq!((again.leaf, again.leaf_hash), (one.receipt.leaf, one.receipt.leaf_hash));
    place.assert_untouched();

    type Change = fn(&mut RegistrationFields);
    let changes: [(&str, &str, Change); 11] = [
        ("the same number again", "registration-sequence", |fields| fields.seq -= 1),
        ("a number left out", "registration-sequence", |fields| fields.seq += 1),
        ("another predecessor", "registration-sequence", |fields| fields.previous = Some(Hash32::sha256(b"x"))),
        ("no predecessor", "registration-sequence", |fields| fields.previous = None),
        ("a board that never was", "registration-mismatch", |fields| fields.checkpoint_root = Hash32::sha256(b"x")),
        ("a board of the future", "registration-mismatch", |fields| fields.checkpoint_size += 1),
        ("another election", "registration-mismatch", |fields| fields.election = ElectionId::generate(&mut rand_core::OsRng)),
        ("another manifest", "registration-mismatch", |fields| fields.manifest = Hash32::sha256(b"x")),
        ("another opening", "registration-mismatch", |fields| fields.opened = Hash32::sha256(b"x")),
        ("another slot", "registration-mismatch", |fields| fields.slot = Slot(fields.slot.0 ^ 1)),
        ("another origin", "wrong-origin", |fields| fields.origin = "elsewhere.example.jp/x".to_owned()),
    ];
    for (what, code, change) in changes {
        let key = SecretKey::generate(&mut rand_core::OsRng);
        let mut fields = first.fields(&place.wire, &place.copy, &key);
        change(&mut fields);
        let request = first.registration(&fields, &key);
        eprintln!("{what}");
        place.refuse_registration(&first, &request, code);
    }

    let key = SecretKey::generate(&mut rand_core::OsRng);
    let fresh = |hand: &Hand, place: &Place| hand.fields(&place.wire, &place.copy, &key);

    // A nonce that was spent by an earlier registration, and one that the appliance never gave.
    let mut fields = fresh(&first, &place);
    fields.nonce = Bytes::<32>([7; 32]).0;
    let request = first.registration(&fields, &key);
    place.refuse_registration(&first, &request, "nonce-spent");
    let fields = fresh(&first, &place);
    let mut request = first.registration(&fields, &key);
    request.possession.0[63] ^= 0x01;
    let body = serde_json::to_vec(&request).unwrap();
    let problem: Problem = serde_json::from_slice(&place.wire.post_bytes(&place.story.path("/registrations"), first.token(), &body).body).unwrap();
    assert_eq!(problem.code, "possession");
    let request = first.registration(&fields, &key);
    place.refuse_registration(&first, &request, "nonce-spent");

    // A card's signature that is wrong.
    let mut request = first.registration(&fresh(&first, &place), &key);
    request.card.signature.0[9] ^= 1;
    place.refuse_registration(&first, &request, "card-signature");

    // The session of another citizen: with the other's card, and with one's own.
    let request = first.registration(&fresh(&first, &place), &key);
    place.refuse_registration(&second, &request, "registration-mismatch");
    let fields = fresh(&second, &place);
    let request = first.registration(&fields, &key);
    place.refuse_registration(&second, &request, "card-certificate");

    // A key that was registered before, for another slot.
    let fields = second.fields(&place.wire, &place.copy, &one.key);
    let request = second.registration(&fields, &one.key);
    place.refuse_registration(&second, &request, "key-reused");

    // Another purpose.
    let login = first.login(&place.wire);
    place.refuse_registration(&first, &RegistrationRequest { card: login, possession: Bytes([0; 64]) }, "wrong-origin");
    place.assert_untouched();

    // No session.
    let request = first.registration(&fresh(&first, &place), &key);
    place.wire.post(&place.story.path("/registrations"), None, &request).refused("login-required");
    let token = first.token().unwrap().to_owned();
    let ended = place.wire.send("DELETE", "/api/v1/sessions", &[("authorization", &format!("Bearer {token}"))], None).unwrap();
    assert!((200..300).contains(&ended.status), "{}", ended.text());
    place.refuse_registration_without_session(&first, &request);
    place.assert_untouched();
    place.register(&mut second);
}

impl Place {
    #[track_caller]
    fn refuse_registration_without_session(&self, hand: &Hand, request: &RegistrationRequest) {
        self.wire.post(&self.story.path("/registrations"), hand.token(), request).refused("login-required");
    }
}

/// Who votes when the clock has passed the close is late, although no official closed anything yet.
#[test]
fn the_clock_closes_the_vote() {
    const SECONDS: i64 = 30;
    // Making the keys of a card may take long, and is not to take of these seconds.
    for key in [0, POOL / 2] {
        KeyPool::shared().generated(key).unwrap();
    }
    let mut place = Place::of(Story::begin(Setting { plan: Box::new(|plan| plan.opens = now().plus(SECONDS - 7 * 86_400)), ..Setting::of(2) }));
    let mut hand = place.arrive(0);
    let registered = place.register(&mut hand);
    let closes = place.copy.board.manifest().unwrap().online_closes;
    let receipt = place.accept(registered.ballot(&place.copy, 0, 0).bytes());
    assert!(receipt.at < closes, "setting the scene took longer than the vote was to last");
    until("the vote is over", || now() >= closes);
    place.refuse(registered.ballot(&place.copy, 1, 1).bytes(), "late");
    place.assert_untouched();
    let done = place.story.holding.act("close-online").unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!(done.phase, tachiai_schemas::receipt::Phase::OnlineClosed);
}
