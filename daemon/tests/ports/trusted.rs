//! What is trusted of cards is kept for auditors before anything relies on it.

use tachiaid::clock::{Clock, SetClock, SystemClock};

use crate::appliance::{Appliance, folder};
use crate::identity::hanako;

#[tokio::test(flavor = "multi_thread")]
async fn no_card_is_accepted_before_what_is_trusted_is_kept_and_recorded() {
    let clock = std::sync::Arc::new(SetClock::new(SystemClock.now()));
    let (folder, cards) = folder(&clock);
    // A file lies where the folder belongs.
    let trusted = folder.path().join("data/trusted");
    std::fs::write(&trusted, "in the way").unwrap();
    let appliance = Appliance::serve(folder, cards, clock, |_| ()).await;
    let mut client = appliance.client().await;
    let card = hanako(&appliance);
    assert_eq!(card.enrol(&mut client).await.unwrap_err(), "read-only");
    assert_eq!(card.login(&mut client, &appliance).await.unwrap_err(), "read-only");

    let (folder, cards, clock) = appliance.stop().await;
    std::fs::remove_file(&trusted).unwrap();
    let appliance = Appliance::serve(folder, cards, clock, |_| ()).await;
    let mut client = appliance.client().await;
    hanako(&appliance).enrol(&mut client).await.unwrap();
    // Two certification authorities and the key for cards' texts.
    assert_eq!(std::fs::read_dir(&trusted).unwrap().count(), 3);
}
