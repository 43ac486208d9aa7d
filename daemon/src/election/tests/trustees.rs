//! Trustees' files mixed up, missing, broken, repeated; and the acts that wait for them.

use rand_core::OsRng;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::BoardSecretKey;
use tachiai_schemas::receipt::Phase;
use tachiai_schemas::staff::Act;
use tachiai_schemas::trustee::{Complaint, ComplaintReason, TrusteeCard, TrusteeFile};
use tachiai_schemas::{Refusal, TrusteeIndex};

use crate::election::testing::*;
use crate::refused::Refused;

fn refused<T>(result: Result<T, Refused>) -> Refused {
    result.err().expect("it was not refused")
}

async fn take(city: &City, file: TrusteeFile) -> Result<(), Refused> {
    city.live().take_file(file).await
}

fn complaint(city: &City, place: usize, against: u8) -> TrusteeFile {
    let live = city.live();
    let published = live.board();
    let board = &published.state.board;
    let trustee = &city.trustees[place];
    TrusteeFile::TrusteeComplaint(trustee.sign(Complaint {
        manifest: board.manifest_hash().unwrap().into(),
        run: board.run().number(),
        trustee: trustee.index,
        against: TrusteeIndex::new(against).unwrap(),
        reason: ComplaintReason::ShareWrong,
    }))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_again_gets_the_same_answer_and_another_one_is_refused() {
    let mut city = City::ceremony(2).await;
    let commit = city.commit(0);
    take(&city, commit.clone()).await.unwrap();
    take(&city, commit).await.unwrap();
    let other = city.commit(0);
    let refused = refused(take(&city, other).await);
    assert_eq!(refused.refusal, Refusal::TrusteeTwice);
    assert_eq!(refused.detail.unwrap(), "trustee-commit of trustee 1");
    assert_eq!(city.kinds()["trustee-commit"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_before_its_round_names_who_is_missing() {
    let mut city = City::ceremony(2).await;
    let commits = [city.commit(0), city.commit(1), city.commit(2)];
    let early = city.deal(0);
    let [first, _, third] = commits.clone();
    take(&city, first).await.unwrap();
    take(&city, third).await.unwrap();
    let refused = refused(take(&city, early.clone()).await);
    assert_eq!((refused.refusal, refused.detail.unwrap().as_str()), (Refusal::Incomplete, "trustee-deal: the trustee-commit of trustee 2 must come first"));
    let [_, second, _] = commits;
    take(&city, second).await.unwrap();
    take(&city, early).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_another_election_run_or_trustee_are_refused_and_named() {
    let (mut here, mut there) = (City::ceremony(2).await, City::ceremony(2).await);
    let foreign = there.commit(0);
    let refusal = refused(take(&here, foreign).await);
    assert_eq!(refusal.refusal, Refusal::TrusteeFile);
    assert!(refusal.detail.unwrap().contains("of another election"));

    let TrusteeFile::TrusteeCommit(mut stolen) = here.commit(0) else { panic!("no commit") };
    stolen.body.trustee = TrusteeIndex::new(2).unwrap();
    let refusal = refused(take(&here, TrusteeFile::TrusteeCommit(stolen)).await);
    assert_eq!(refusal.refusal, Refusal::TrusteeFile);
    assert!(refusal.detail.unwrap().contains("trustee 2 did not sign"));

    let TrusteeFile::TrusteeCommit(mut unknown) = here.commit(0) else { panic!("no commit") };
    unknown.body.trustee = TrusteeIndex::new(9).unwrap();
    assert!(refused(take(&here, TrusteeFile::TrusteeCommit(unknown)).await).detail.unwrap().contains("lists no such trustee"));

    let TrusteeFile::TrusteeCommit(commit) = here.commit(0) else { panic!("no commit") };
    let mut body = commit.body;
    body.run = 2;
    let later = TrusteeFile::TrusteeCommit(here.trustees[0].sign(body));
    assert!(refused(take(&here, later).await).detail.unwrap().contains("run 2"));
    assert!(!here.kinds().contains_key("trustee-commit"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_with_missing_changed_or_extra_shares_is_refused() {
    let mut city = City::ceremony(2).await;
    for place in 0..3 {
        let file = city.commit(place);
        take(&city, file).await.unwrap();
    }
    let TrusteeFile::TrusteeDeal { deal, shares } = city.deal(0) else { panic!("no deal") };
    let with = |change: fn(&mut Vec<tachiai_schemas::trustee::EncryptedShare>)| {
        let mut shares = shares.clone();
        change(&mut shares);
        TrusteeFile::TrusteeDeal { deal: deal.clone(), shares }
    };
    for hostile in [
        with(|shares| drop(shares.pop())),
        with(|shares| shares[0].age.0[0] ^= 1),
        with(|shares| {
            let age = shares[0].age.clone();
            shares[0].age = std::mem::replace(&mut shares[1].age, age);
        }),
        with(|shares| shares.push(shares[0].clone())),
        with(|shares| {
            let mut own = shares[0].clone();
            own.to = TrusteeIndex::new(1).unwrap();
            shares.push(own);
        }),
    ] {
        assert_eq!(refused(take(&city, hostile).await).refusal, Refusal::TrusteeFile);
    }
    let TrusteeFile::TrusteeDeal { deal: other, .. } = city.deal(1) else { panic!("no deal") };
    let mut mixed = deal.clone();
    mixed.signature = other.signature;
    assert_eq!(refused(take(&city, TrusteeFile::TrusteeDeal { deal: mixed, shares: shares.clone() }).await).refusal, Refusal::TrusteeFile);
    take(&city, TrusteeFile::TrusteeDeal { deal, shares }).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trustee_gets_the_others_files_with_only_the_own_share() {
    let mut city = City::ceremony(2).await;
    city.make_key().await;
    let live = city.live();
    let files = crate::election::files::files_for(&live.board().state, &live.private(), TrusteeIndex::new(2).unwrap()).unwrap();
    assert_eq!(files.len(), 6);
    for file in files {
        if let TrusteeFile::TrusteeDeal { deal, shares } = file {
            assert_ne!(deal.body.trustee.get(), 2);
            assert_eq!(shares.iter().map(|share| share.to.get()).collect::<Vec<_>>(), [2]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_ends_the_run_and_the_next_one_makes_the_key() {
    let mut city = City::ceremony(2).await;
    for place in 0..3 {
        let file = city.commit(place);
        take(&city, file).await.unwrap();
    }
    let early = complaint(&city, 1, 1);
    assert_eq!(refused(take(&city, early).await).refusal, Refusal::Incomplete);
    let old = city.deal(0);
    for place in 0..3 {
        take(&city, city.deal(place)).await.unwrap_or_else(|refused| panic!("{refused}"));
    }
    let file = complaint(&city, 1, 1);
    take(&city, file.clone()).await.unwrap();
    take(&city, file).await.unwrap();
    assert_eq!(city.live().status(Vec::new()).unwrap().run, 2);
    assert!(refused(take(&city, old).await).detail.unwrap().contains("the current one is 2"));
    assert_eq!(refused(city.perform(Act::Open).await).refusal, Refusal::Incomplete);
    city.make_key().await;
    assert_eq!(city.perform(Act::Open).await.unwrap().phase, Phase::Open);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_of_another_key_is_refused() {
    let mut city = City::ceremony(2).await;
    for place in 0..3 {
        let file = city.commit(place);
        take(&city, file).await.unwrap();
    }
    for place in 0..3 {
        take(&city, city.deal(place)).await.unwrap();
    }
    let TrusteeFile::TrusteeConfirm(confirm) = city.confirm(0) else { panic!("no confirmation") };
    let mut body = confirm.body;
    body.joint_key = body.share_keys[0];
    let wrong = TrusteeFile::TrusteeConfirm(city.trustees[0].sign(body));
    assert_eq!(refused(take(&city, wrong).await).refusal, Refusal::TrusteeFile);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_opens_before_everything_is_there() {
    let mut city = City::draft(2).await;
    assert_eq!(refused(city.perform(Act::Open).await).refusal, Refusal::WrongPhase);
    city.live().start_ceremony("official").await.unwrap();
    assert_eq!(refused(city.live().start_ceremony("official").await).refusal, Refusal::WrongPhase);
    assert_eq!(refused(city.perform(Act::Open).await).refusal, Refusal::Incomplete);
    city.make_key().await;
    let done = city.perform(Act::Open).await.unwrap();
    assert_eq!(done.fingerprint.unwrap().len(), 24);
    assert_eq!(refused(city.perform(Act::Open).await).refusal, Refusal::WrongPhase);
    for act in [Act::ClosePoll, Act::Count, Act::Publish] {
        assert_eq!(refused(city.perform(act).await).refusal, Refusal::WrongPhase, "{act:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trustees_card_is_taken_once_and_only_in_the_draft() {
    let city = City::draft(2).await;
    let again = city.live().add_trustee("official", city.trustees[1].card()).await.unwrap();
    assert_eq!(again.trustee.get(), 2);
    let fourth = BoardSecretKey::generate(&mut OsRng);
    let recipient = age::x25519::Identity::generate().to_public().to_string();
    let body = TrusteeCard { name: "四人目".to_owned(), signing_key: tachiai_schemas::Bytes(fourth.public().to_bytes()), recipient };
    let json = tachiai_schemas::canonical::to_bytes(&body).unwrap();
    let signature = tachiai_schemas::Bytes(fourth.sign_bytes("file/trustee-card", &json));
    let card = tachiai_schemas::trustee::Signed { body, signature };
    let too_many = city.live().add_trustee("official", TrusteeFile::TrusteeCard(card.clone())).await;
    assert!(refused(too_many).detail.unwrap().contains("all 3 trustees"));
    let mut forged = card;
    forged.body.name = "他人".to_owned();
    let forged = city.live().add_trustee("official", TrusteeFile::TrusteeCard(forged)).await;
    assert!(refused(forged).detail.unwrap().contains("did not sign"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ceremony_without_all_trustees_does_not_start_and_makes_no_key() {
    let city = City::draft(2).await;
    let recipient = city.authority.to_public().to_string();
    let id = city.elections.create("official", spec("mock", &recipient)).await.unwrap().election;
    let live = city.elections.get(id).unwrap();
    let refusal = refused(live.start_ceremony("official").await);
    assert_eq!((refusal.refusal, refusal.detail.unwrap().as_str()), (Refusal::Incomplete, "0 of 3 trustees are listed"));
    assert!(live.private().board_key.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_specification_names_every_field() {
    let city = City::draft(2).await;
    let mut wrong = spec("mock", "age1nonsense");
    wrong.quorum = 1;
    let refusal = refused(city.elections.create("official", wrong).await);
    assert_eq!(refusal.refusal, Refusal::SpecInvalid);
    let detail = refusal.detail.unwrap();
    assert!(detail.contains("quorum") && detail.contains("authority_recipients"), "{detail}");
    city.clock.set(time(CLOSES));
    let past = city.elections.create("official", spec("mock", &city.authority.to_public().to_string())).await;
    assert!(refused(past).detail.unwrap().starts_with("online_closes"));
}

#[tokio::test(flavor = "multi_thread")]
async fn tally_signatures_and_shares_are_refused_when_they_are_of_something_else() {
    let mut city = City::open(3).await;
    city.register(0).await;
    city.vote(0, Some(0)).await;
    city.clock.set(time(CLOSES));
    city.perform(Act::CloseOnline).await.unwrap();
    city.clock.set(time(POLL_CLOSES));
    city.perform(Act::ClosePoll).await.unwrap();

    let TrusteeFile::TallySignature { statement, signature } = city.tally_signature(0) else { panic!("no signature") };
    let mut other = statement.clone();
    other.counted += 1;
    assert_eq!(refused(take(&city, TrusteeFile::TallySignature { statement: other, signature: signature.clone() }).await).refusal, Refusal::TrusteeFile);
    let mut stolen = signature.clone();
    stolen.trustee = TrusteeIndex::new(2).unwrap();
    assert_eq!(refused(take(&city, TrusteeFile::TallySignature { statement: statement.clone(), signature: stolen }).await).refusal, Refusal::TrusteeFile);
    // Two of three trustees are not enough here: floor((3 + 2 - 1) / 2) + 1 = 3.
    take(&city, city.tally_signature(0)).await.unwrap();
    take(&city, city.tally_signature(0)).await.unwrap();
    take(&city, city.tally_signature(1)).await.unwrap();
    assert_eq!(city.live().status(Vec::new()).unwrap().summary.phase, Phase::PollClosed);
    take(&city, city.tally_signature(2)).await.unwrap();
    assert_eq!(city.live().status(Vec::new()).unwrap().summary.phase, Phase::Tallying);
    take(&city, city.tally_signature(2)).await.unwrap();

    let TrusteeFile::DecryptionShares { shares, file } = city.shares(0) else { panic!("no shares") };
    let mut changed = file.clone();
    changed.0[0] ^= 1;
    assert_eq!(refused(take(&city, TrusteeFile::DecryptionShares { shares: shares.clone(), file: changed }).await).refusal, Refusal::TrusteeFile);
    // Another trustee's shares under the own signature: the proofs are under the other's key.
    let TrusteeFile::DecryptionShares { file: others, .. } = city.shares(1) else { panic!("no shares") };
    let mut body = shares.body.clone();
    body.file = Hash32::sha256(&others.0).into();
    let mixed = TrusteeFile::DecryptionShares { shares: city.trustees[0].sign(body), file: others };
    let refusal = refused(take(&city, mixed).await);
    assert!(refusal.detail.unwrap().contains("立会人1"));
    take(&city, TrusteeFile::DecryptionShares { shares: shares.clone(), file: file.clone() }).await.unwrap();
    take(&city, TrusteeFile::DecryptionShares { shares, file }).await.unwrap();
    assert_eq!(refused(city.perform(Act::Count).await).refusal, Refusal::Incomplete);
    take(&city, city.shares(2)).await.unwrap();
    assert_eq!(city.perform(Act::Count).await.unwrap().phase, Phase::Tallied);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_election_in_which_nobody_voted_is_counted() {
    let city = City::open(2).await;
    city.to_the_count().await;
    city.perform(Act::Count).await.unwrap();
    assert_eq!(city.perform(Act::Publish).await.unwrap().phase, Phase::Published);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_says_what_comes_next_in_both_languages() {
    let mut city = City::ceremony(2).await;
    let file = city.commit(1);
    take(&city, file).await.unwrap();
    let status = city.live().status(Vec::new()).unwrap();
    assert_eq!(status.next_en, "Waiting for the trustees' commit files: 立会人1, 立会人3");
    assert!(status.next_ja.contains("立会人1、立会人3"));
    assert_eq!(status.trustees[1].received, ["commit"]);
}
