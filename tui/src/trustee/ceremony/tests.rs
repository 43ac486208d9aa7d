//! Ceremonies on boards of two trustees, who keep their secrets on the same two media whatever the election and the run.

use tachiai_schemas::TrusteeIndex;
use tachiai_schemas::election::{Authority, CrlRequirement, Opened, RollCommitment, Text, TrusteeEntry, Witnesses};

use super::*;
use crate::failure::Exit;

/// A board: what each trustee's program is shown.
#[derive(Clone)]
struct Shown {
    entries: Vec<Vec<u8>>,
    deals: Vec<TrusteeFile>,
}

impl Shown {
    /// Of an election in which these two are the trustees, under the age keys that each would hand in now.
    fn of(title: &str, media: &[Secrets; 2]) -> Self {
        Self::naming(title, media, media.each_ref().map(|secrets| secrets.recipient().unwrap().to_owned()))
    }

    fn naming(title: &str, media: &[Secrets; 2], recipients: [String; 2]) -> Self {
        let time = |text: &str| text.parse().unwrap();
        let trustee = |(secrets, recipient): (&Secrets, String)| TrusteeEntry {
            name: secrets.name.clone(),
            signing_key: Bytes(secrets.signing_key().public().to_bytes()),
            recipient,
        };
        let manifest = Manifest {
            election: tachiai_schemas::ElectionId::generate(&mut rand_core::OsRng),
            origin: format!("vote.city.example/{title}"),
            title: Text { ja: title.to_owned(), en: title.to_owned() },
            authority: Authority::Mock,
            opens: time("2027-01-24T00:00:00Z"),
            online_closes: time("2027-01-30T11:00:00Z"),
            poll_closes: time("2027-01-31T11:00:00Z"),
            districts: Vec::new(),
            contests: Vec::new(),
            uncontested: Vec::new(),
            min_unit: 1,
            quorum: 2,
            trustees: media.iter().zip(recipients).map(trustee).collect(),
            board_key: Bytes([1; 32]),
            authority_recipients: Vec::new(),
            witnesses: Witnesses::default(),
            places: vec![],
            count_officers: vec![],
            crl: CrlRequirement::NotRequired,
            card_anchors: Vec::new(),
        };
        let mut shown = Self { entries: Vec::new(), deals: Vec::new() };
        shown.push(Body::Manifest(Box::new(manifest)));
        shown
    }

    fn push(&mut self, body: Body) {
        self.entries.push(Entry { at: "2027-01-20T00:00:00Z".parse().unwrap(), body }.to_bytes().unwrap());
    }

    fn take(&mut self, file: TrusteeFile) {
        match &file {
            TrusteeFile::TrusteeCommit(f) => self.push(Body::Commit(f.clone())),
            TrusteeFile::TrusteeDeal { deal, shares: _ } => self.push(Body::Deal(deal.clone())),
            TrusteeFile::TrusteeConfirm(f) => self.push(Body::Confirm(f.clone())),
            TrusteeFile::TrusteeComplaint(f) => self.push(Body::Complaint(f.clone())),
            _ => panic!("no file of the ceremony"),
        }
        if let TrusteeFile::TrusteeDeal { .. } = file {
            self.deals.push(file);
        }
    }

    fn view(&self, secrets: &Secrets) -> Result<View, Failure> {
        View::read(&self.entries, secrets)
    }

    fn commits(&mut self, media: &mut [Secrets; 2]) {
        for secrets in media {
            let view = self.view(secrets).unwrap();
            self.take(commit(&view, secrets).unwrap());
        }
    }

    fn deals(&mut self, media: &[Secrets; 2]) {
        for secrets in media {
            let view = self.view(secrets).unwrap();
            self.take(deal(&view, secrets).unwrap());
        }
    }

    fn confirm(&self, secrets: &mut Secrets) -> Result<TrusteeFile, Failure> {
        confirm(&self.view(secrets)?, &self.deals, secrets)
    }

    fn confirms(&mut self, media: &mut [Secrets; 2]) {
        for secrets in media {
            let file = self.confirm(secrets).unwrap();
            self.take(file);
        }
    }

    /// Somebody who has not confirmed complains, and the next run begins.
    fn complaint(&mut self, media: &[Secrets; 2]) {
        let view = self.view(&media[1]).unwrap();
        self.take(complain(&view, &media[1], TrusteeIndex::new(1).unwrap(), ComplaintReason::ShareWrong).unwrap());
    }

    /// Opens the election with the last confirmation's keys.
    fn open(&mut self) {
        let Body::Confirm(last) = Entry::from_bytes(self.entries.last().unwrap()).unwrap().body else { panic!("a confirmation") };
        let Confirm { manifest, run, trustee: _, joint_key, share_keys, ceremony } = last.body;
        let roll = RollCommitment { root: Hash32::ZERO.into(), slots: 1, districts: vec![1], file: Hash32::ZERO.into() };
        self.push(Body::Opened(Box::new(Opened { manifest, run, joint_key, share_keys, ceremony, roll })));
    }

    fn share(&self, secrets: &Secrets, run: u32) -> Option<[u8; 32]> {
        secrets.held(leaf_hash(&self.entries[0]))?.key(run).map(|key| key.secret.0)
    }

    /// The share fits the key that was published when the election opened.
    #[track_caller]
    fn can_be_decrypted_by(&self, media: &[Secrets; 2]) {
        for (index, secrets) in media.iter().enumerate() {
            let view = self.view(secrets).unwrap();
            let opening = view.opened.unwrap();
            let key = secrets.held(view.manifest_hash).unwrap().key(opening.run).unwrap();
            assert_eq!(key.ceremony.hash(), opening.ceremony);
            let published = view.confirms[0].body.share_keys[index].0;
            let published = Element::decode(&published).unwrap();
            tachiai_crypto::ceremony::DecryptionKey::from_bytes(view.own, &key.secret.0, &published).unwrap();
        }
    }
}

fn media() -> [Secrets; 2] {
    ["秋葉", "石橋"].map(|name| Secrets::generate(name.to_owned()))
}

#[test]
fn one_medium_serves_two_elections_at_once_and_each_keeps_its_share() {
    let mut media = media();
    // Even when both commissions were given the same file.
    let [mut a, mut b] = ["a", "b"].map(|title| Shown::of(title, &media));
    a.commits(&mut media);
    b.commits(&mut media);
    a.deals(&media);
    b.deals(&media);
    a.confirms(&mut media);
    let share = a.share(&media[0], 1).unwrap();
    b.confirms(&mut media);
    assert_eq!(a.share(&media[0], 1), Some(share));
    assert_ne!(b.share(&media[0], 1), Some(share));
    a.open();
    b.open();
    a.can_be_decrypted_by(&media);
    b.can_be_decrypted_by(&media);
}

#[test]
fn what_one_election_destroys_at_its_opening_another_still_has() {
    let mut media = media();
    let [mut a, mut b] = ["a", "b"].map(|title| Shown::of(title, &media));
    a.commits(&mut media);
    b.commits(&mut media);
    a.deals(&media);
    a.confirms(&mut media);
    a.open();
    for secrets in &mut media {
        let view = a.view(secrets).unwrap();
        assert!(forget(&view, secrets));
        assert!(!forget(&view, secrets));
        assert!(!secrets.held(view.manifest_hash).unwrap().in_ceremony());
    }
    b.deals(&media);
    b.confirms(&mut media);
    b.open();
    a.can_be_decrypted_by(&media);
    b.can_be_decrypted_by(&media);

    // Only who says so destroys a share, and only that one.
    let [a_hash, b_hash] = [&a, &b].map(|board| leaf_hash(&board.entries[0]));
    assert!(media[0].destroy(a_hash));
    assert!(!media[0].destroy(a_hash));
    assert!(a.share(&media[0], 1).is_none() && media[0].held(b_hash).is_some());
    let said = a.view(&media[0]).map(drop).unwrap_err();
    assert!(said.exit == Exit::Refused && said.en.contains("destroyed with"), "{said}");
    b.can_be_decrypted_by(&media);
}

#[test]
fn a_later_election_needs_a_fresh_file_and_says_so_before_anything_is_promised() {
    let mut media = media();
    let mut a = Shown::of("a", &media);
    let recipients = media.each_ref().map(|secrets| secrets.recipient().unwrap().to_owned());
    a.commits(&mut media);
    a.deals(&media);
    a.confirms(&mut media);
    a.open();
    for secrets in &mut media {
        let view = a.view(secrets).unwrap();
        forget(&view, secrets);
        assert!(card(secrets).is_err());
    }
    let old = Shown::naming("b", &media, recipients);
    let Err(failure) = old.view(&media[0]) else { panic!("refused") };
    assert_eq!(failure.exit, Exit::Refused);
    assert!(failure.en.contains("tachiai trustee card"), "{failure}");

    for secrets in &mut media {
        secrets.receive_anew();
        let Ok(TrusteeFile::TrusteeCard(card)) = card(secrets) else { panic!("a card") };
        assert_eq!(card.body.signing_key.0, secrets.signing_key().public().to_bytes());
    }
    let mut b = Shown::of("b", &media);
    b.commits(&mut media);
    b.deals(&media);
    b.confirms(&mut media);
    b.open();
    a.can_be_decrypted_by(&media);
    b.can_be_decrypted_by(&media);
    // Keys that were never anybody's here.
    let Err(failure) = Shown::naming("c", &media, ["age1a", "age1b"].map(str::to_owned)).view(&media[0]) else { panic!("refused") };
    assert!(failure.en.contains("another recipient key"), "{failure}");
}

/// Trustee 1 has confirmed run 1 when the other one complains: the board with the confirmation, and with the complaint as well.
fn complained_about(media: &mut [Secrets; 2]) -> (Shown, Shown) {
    let mut board = Shown::of("a", media);
    board.commits(media);
    board.deals(media);
    let file = board.confirm(&mut media[0]).unwrap();
    board.take(file);
    let confirmed = board.clone();
    board.complaint(media);
    board.deals.clear();
    (confirmed, board)
}

#[test]
fn a_share_of_an_earlier_run_stays_until_the_opening_names_a_run() {
    let mut media = media();
    // Trustee 2 confirms and complains: there are two boards now, and trustee 1 is shown the one with the complaint.
    let (mut first, mut second) = complained_about(&mut media);
    let file = first.confirm(&mut media[1]).unwrap();
    first.take(file);
    let first_share = second.share(&media[0], 1).unwrap();
    second.commits(&mut media);
    second.deals(&media);
    second.confirms(&mut media);
    assert_eq!(second.share(&media[0], 1), Some(first_share));
    assert_ne!(second.share(&media[0], 2), Some(first_share));

    // The election is opened with run 1 all the same, and its key can still be used.
    assert!(first.view(&media[0]).is_err());
    first.open();
    first.can_be_decrypted_by(&media);
    for secrets in &mut media {
        let view = first.view(secrets).unwrap();
        forget(&view, secrets);
        assert_eq!(secrets.held(view.manifest_hash).unwrap().confirmed(), [1, 2]);
    }
    first.can_be_decrypted_by(&media);
    // The notice decides.
    media[0].held_mut(leaf_hash(&first.entries[0])).unwrap().settle(1);
    assert_eq!(media[0].elections()[0].confirmed(), [1]);
    assert_eq!(first.share(&media[0], 1), Some(first_share));
}

#[test]
fn a_later_run_on_a_board_that_forgot_the_confirmed_one_is_evidence_of_a_fork() {
    let mut media = media();
    let (_, real) = complained_about(&mut media);
    let share = real.share(&media[0], 1);
    // The same manifest, the deals in another order: everything is signed by whom it should be.
    let mut fork = real.clone();
    fork.entries.swap(3, 4);
    let refused = fork.view(&media[0]).map(drop).unwrap_err();
    assert_eq!(refused.exit, Exit::Refused);
    assert!(refused.en.contains("evidence of a fork") && refused.en.contains("run 1"), "{refused}");
    // Who had confirmed nothing cannot tell; who had goes on with the real board.
    fork.view(&media[1]).unwrap();
    let view = real.view(&media[0]).unwrap();
    commit(&view, &mut media[0]).unwrap();
    assert_eq!(real.share(&media[0], 1), share);

    // A board that is merely old is not called a fork, as long as it is not open.
    let mut old = real.clone();
    old.entries.truncate(4);
    assert_eq!(old.view(&media[0]).map(drop).unwrap_err().exit, Exit::Incomplete);
}

#[test]
fn a_run_is_never_confirmed_with_two_transcripts() {
    let mut media = media();
    let mut board = Shown::of("a", &media);
    board.commits(&mut media);
    board.deals(&media);
    board.confirm(&mut media[0]).unwrap();
    let share = board.share(&media[0], 1);
    let again = board.confirm(&mut media[0]).unwrap();
    let TrusteeFile::TrusteeConfirm(again) = again else { panic!("a confirmation") };
    let held = media[0].held_mut(leaf_hash(&board.entries[0])).unwrap();
    let checkpoint = TreeHead { size: 1, root: Bytes([0; 32]) };
    let other = KeyShare { ceremony: Bytes([9; 32]), trustee: TrusteeIndex::new(1).unwrap(), secret: Bytes([9; 32]), share_key: Bytes([9; 32]), checkpoint };
    assert_eq!(held.keep(1, other).unwrap_err().exit, Exit::Refused);
    assert_eq!(held.key(1).unwrap().ceremony, again.body.ceremony);
    assert_eq!(board.share(&media[0], 1), share);
}

#[test]
fn the_fingerprint_of_a_view_is_that_of_the_notice() {
    let mut media = media();
    let mut board = Shown::of("a", &media);
    board.commits(&mut media);
    board.deals(&media);
    board.confirms(&mut media);
    assert!(board.view(&media[0]).unwrap().opened.is_none());
    board.open();
    let opening = board.view(&media[0]).unwrap().opened.unwrap();
    let [manifest, opened] = [&board.entries[0], board.entries.last().unwrap()].map(|entry| leaf_hash(entry));
    assert_eq!(opening.fingerprint, fingerprint(manifest, opened, &[1; 32]));
}
