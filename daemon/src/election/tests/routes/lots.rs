//! Lots that are entered wrongly, dropped by two officials, and signed anew.

use axum::http::StatusCode;
use tachiai_schemas::counting::{LotDrop, LotSigned, LotsView, Signing};
use tachiai_schemas::paper::Lot;
use tachiai_schemas::refusal::Problem;
use tachiai_schemas::staff::Role;
use tachiai_verify::testing::Places;

use super::super::count::{city, opened, refused, to_the_result};
use super::super::*;
use super::{Site, site};

/// A city in which both candidates have one vote.
async fn tied() -> (City, Places) {
    let (mut city, places) = city(3).await;
    for voter in [0, 1] {
        city.register(voter).await;
        city.vote(voter, Some(voter)).await;
    }
    to_the_result(&city, &places).await;
    (city, places)
}

fn lot(city: &City, chosen: u16) -> Lot {
    Lot { opened: opened(city).into(), contest: 0, tied: vec![0, 1], chosen: vec![chosen] }
}

fn signed(places: &Places, lot: &Lot, officers: &[u8], seen: u64) -> LotSigned {
    LotSigned { signatures: places.attest_by(lot.clone(), officers).signatures, body: lot.clone(), seen }
}

fn dropping(number: u64, reason: &str) -> LotDrop {
    LotDrop { contest: 0, number, reason: reason.to_owned() }
}

async fn post<T: serde::Serialize>(site: &Site, city: &City, which: u8, rest: &str, body: &T) -> (StatusCode, Vec<u8>) {
    let path = format!("/elections/{}/{rest}", city.id);
    site.as_one(Role::Commission, which, "POST", &path, serde_json::to_vec(body).unwrap()).await
}

async fn lots(site: &Site, city: &City) -> LotsView {
    let (status, body) = site.as_one(Role::Commission, 0, "GET", &format!("/elections/{}/lots", city.id), Vec::new()).await;
    assert_eq!(status, StatusCode::OK);
    serde_json::from_slice(&body).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_from_before_a_lot_was_dropped_brings_it_back_for_nobody() {
    let (city, places) = tied().await;
    let site = site(&city);
    let mistaken = lot(&city, 0);
    // One official has the form for entering a lot open, another one the window in which this lot is signed.
    let form = lots(&site, &city).await.number(0);
    let (status, _) = post(&site, &city, 0, "lots", &signed(&places, &mistaken, &[0], form)).await;
    assert_eq!(status, StatusCode::OK);
    let window = lots(&site, &city).await.number(0);
    for which in [0, 1] {
        let (status, body) = post(&site, &city, which, "lots/drop", &dropping(window, "読み違い")).await;
        assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&body));
    }
    let dropped = lots(&site, &city).await;
    assert!(dropped.lots.is_empty() && dropped.dropped[0].wishes.each_ref().map(|wish| wish.reason.as_str()) == ["読み違い"; 2]);

    for seen in [form, window] {
        let (status, body) = post(&site, &city, 2, "lots", &signed(&places, &mistaken, &[1], seen)).await;
        let problem: Problem = serde_json::from_slice(&body).unwrap();
        assert_eq!((status, problem.code.as_str()), (StatusCode::CONFLICT, "overtaken"));
        let said = String::from_utf8(body).unwrap();
        assert!(said.contains("取り消しました") && said.contains("読み違い") && said.contains("今、署名しているくじはありません"), "{said}");
    }
    let (status, _) = post(&site, &city, 2, "lots/drop", &dropping(window, "同じく")).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(lots(&site, &city).await, dropped, "nothing was entered, signed or dropped by it");

    // Who has looked enters the right one.
    let right = lot(&city, 1);
    let (status, body) = post(&site, &city, 2, "lots", &signed(&places, &right, &[0, 1, 2], dropped.number(0))).await;
    assert_eq!(status, StatusCode::OK);
    assert!(serde_json::from_slice::<Signing>(&body).unwrap().recorded.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lot_that_is_entered_again_as_it_was_is_another_one_to_every_window() {
    let (city, places) = tied().await;
    let (live, lot) = (city.live(), lot(&city, 0));
    live.sign_lot("sato", signed(&places, &lot, &[0], 0)).await.unwrap();
    let window = live.lots().number(0);
    for by in ["sato", "tanaka"] {
        live.drop_lot(by, dropping(window, "読み違い")).await.unwrap();
    }
    live.sign_lot("sato", signed(&places, &lot, &[0], live.lots().number(0))).await.unwrap();
    let again = live.lots();
    for stale in [0, window] {
        let refused = live.sign_lot("suzuki", signed(&places, &lot, &[1], stale)).await.unwrap_err();
        assert_eq!(refused.refusal, Refusal::Overtaken);
        assert!(refused.ja.unwrap().ends_with("今はsatoが入力したくじ（当選人: 甲）に署名しています。"));
    }
    assert_eq!(live.drop_lot("suzuki", dropping(window, "読み違い")).await.unwrap_err().refusal, Refusal::Overtaken);
    assert_eq!(live.lots(), again);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_enter_the_same_lot_at_once_and_one_who_sends_it_twice_sign_one() {
    let (city, places) = tied().await;
    let (live, lot) = (city.live(), lot(&city, 0));
    for officers in [&[0][..], &[0], &[1]] {
        live.sign_lot("sato", signed(&places, &lot, officers, 0)).await.unwrap();
    }
    assert_eq!(live.lots().lots[0].signed, [0, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_lot_than_the_one_that_is_signed_is_refused_until_two_officials_dropped_that_one_with_its_signatures() {
    let (mut city, places) = tied().await;
    let (mistaken, right) = (lot(&city, 0), lot(&city, 1));
    let live = city.live();
    live.sign_lot("sato", signed(&places, &mistaken, &[0, 1], 0)).await.unwrap();
    let number = live.lots().number(0);
    let differs = live.sign_lot("sato", signed(&places, &right, &[2], number)).await.unwrap_err();
    assert_eq!(differs.refusal, Refusal::LotDiffers);
    assert!(differs.ja.unwrap().contains("署名済みのくじの当選人: 甲／送られたくじの当選人: 乙"));
    for _ in 0..2 {
        let lots = live.drop_lot("sato", dropping(number, "読み違い")).await.unwrap().lots;
        let asked = lots[0].drop_asked.as_ref().map(|wish| (wish.by.as_str(), wish.reason.as_str()));
        assert_eq!((asked, lots[0].signed.as_slice()), (Some(("sato", "読み違い")), &[0, 1][..]));
    }
    assert_eq!(refused(live.drop_lot("tanaka", dropping(number, " ")).await), Refusal::BadRequest);
    assert!(live.drop_lot("tanaka", dropping(number, "同じく")).await.unwrap().lots.is_empty());
    // A restart forgets neither that it was dropped nor why.
    let before = live.lots();
    drop(live);
    let store = Arc::clone(&city.store);
    city.restart(store).await;
    let live = city.live();
    assert_eq!(live.lots(), before);
    live.sign_lot("sato", signed(&places, &right, &[2], before.number(0))).await.unwrap();
    assert_eq!(live.lots().lots[0].signed, [2], "the signatures of the other one are gone");
}
