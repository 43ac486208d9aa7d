//! What an approval brought about, in words: the command and the console say the same.

use serde_json::{Value, json};
use tachiai_schemas::Lang;
use tachiai_schemas::staff::Settled;

use super::{citizens, shelter};
use crate::client::Client;
use crate::commands::card::enrol::enrolled_text;
use crate::commands::{agency, by_name, count, election, roll};

/// In words. What the municipality publishes of an event that is declared now is asked of the appliance.
#[must_use]
pub fn text(lang: Lang, client: &Client, settled: &Settled) -> String {
    match settled {
        Settled::Election(done) => election::act_done(lang, done),
        Settled::CandidateOut(recorded) => count::recorded_text(lang, recorded),
        Settled::EnrolCounter(enrolled) => enrolled_text(lang, enrolled),
        Settled::AttendedLook(_) => by_name::look_approved_text(lang).to_owned(),
        Settled::PapersByName(_) => by_name::prepared_text(lang).to_owned(),
        Settled::RollChange(done) => roll::done_text(lang, done),
        Settled::DeclareEvent(made) => shelter::declared_text(lang, client, made),
        Settled::CloseEvent(ended) => shelter::closed_text(lang, ended),
        Settled::SettleAside(done) => shelter::settled_text(lang, done),
        Settled::LinkPeople(done) => shelter::linked_text(lang, done),
        Settled::ErasePerson(done) => shelter::erased_text(lang, done),
        Settled::Grant(made) => agency::grant_text(lang, made, &agency::names_of(client, [&**made])),
        Settled::LinkCitizens(done) => citizens::linked_text(lang, done),
        Settled::EraseCitizen(done) => citizens::erased_text(lang, done),
    }
}

/// For a program: what was brought about, without its kind, which stood in what was approved.
#[must_use]
pub fn value(settled: &Settled) -> Value {
    json!(settled).get_mut("result").map(Value::take).unwrap_or_default()
}
