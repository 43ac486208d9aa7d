//! Staff on the staff port, and the list that decides about them.

use hyper::Method;
use tachiai_schemas::staff::Role;
use tachiaid::app::control::{Answer, Request};

use crate::appliance::Appliance;

const ELECTION: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

#[tokio::test(flavor = "multi_thread")]
async fn a_role_allows_what_it_allows_and_no_more() {
    let appliance = Appliance::start().await;
    let acts = format!("/api/v1/elections/{ELECTION}/acts");
    for (role, approvals, act) in [
        (Role::Commission, 200, "not-found"),
        (Role::Auditor, 200, "forbidden"),
        (Role::Trustee, 403, "forbidden"),
        (Role::Poll, 200, "forbidden"),
        (Role::Reception, 403, "forbidden"),
        (Role::Headquarters, 200, "forbidden"),
        (Role::Agency, 403, "forbidden"),
    ] {
        let credentials = appliance.hire(role.name(), role).await;
        let mut client = appliance.staff_client(&credentials).await.unwrap();
        assert_eq!(client.get("/api/v1/approvals").await.status, approvals, "{role}");
        assert_eq!(client.post(&acts, &serde_json::json!({ "act": "open" })).await.problem(), act, "{role}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_request_cannot_be_approved() {
    let appliance = Appliance::start().await;
    let credentials = appliance.hire("甲", Role::Commission).await;
    let mut client = appliance.staff_client(&credentials).await.unwrap();
    let approval = serde_json::json!({ "message": "A".repeat(43), "signature": "" });
    assert_eq!(client.post("/api/v1/approvals/aaaaaaaa", &approval).await.problem(), "not-found");
    let answered = client.send(Method::POST, "/api/v1/approvals/aaaaaaaa", &[("content-type", "application/json")], "{}").await.unwrap();
    assert_eq!(answered.problem(), "bad-request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_given_once_and_the_refusal_says_what_to_do() {
    let appliance = Appliance::start().await;
    appliance.hire("甲", Role::Commission).await;
    match appliance.control(Request::Add { name: "甲".to_owned(), role: Role::Auditor }).await {
        Answer::Refused { ja, en } => {
            assert!(ja.contains("失効"), "{ja}");
            assert!(en.contains("revoke"), "{en}");
        }
        other => panic!("{other:?}"),
    }
    match appliance.control(Request::List).await {
        Answer::Staff(listed) => assert_eq!(listed.iter().map(|l| (l.name.as_str(), l.role)).collect::<Vec<_>>(), [("甲", Role::Commission)]),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_staff_list_survives_a_restart() {
    let appliance = Appliance::start().await;
    let stays = appliance.hire("甲", Role::Commission).await;
    let leaves = appliance.hire("乙", Role::Commission).await;
    appliance.control(Request::Revoke { name: "乙".to_owned() }).await;
    let (folder, cards, clock) = appliance.stop().await;
    let appliance = Appliance::serve(folder, cards, clock, |_| ()).await;
    assert!(appliance.staff_client(&stays).await.is_ok());
    assert!(appliance.staff_client(&leaves).await.is_err());
}
