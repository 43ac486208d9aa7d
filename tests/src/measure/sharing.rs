//! What an appliance with a full roster takes for those outside: totals stated, people disclosed to an agency, a questionnaire of a citizen kept.

use std::collections::BTreeMap;
use std::time::Duration;

use rand_core::{OsRng, RngCore};
use serde_json::Value;
use tachiai::card::{LastTry, Pin};
use tachiai::client::Client;
use tachiai::voter::Respondent;
use tachiai_crypto::roster::Need;
use tachiai_jpki::UnixTime;
use tachiai_schemas::roster::EventId;
use tachiai_schemas::roster::disclosure::{Basis, Selection};
use tachiai_schemas::sharing::agency::{Agency, AgencyKind, Grant};
use tachiai_schemas::sharing::disclosed::{DisclosedAt, DisclosureRequest};
use tachiai_schemas::shelter::StatementMade;
use tachiai_schemas::shelter::questionnaire::{Answer, Answers, Definition};
use tachiai_schemas::staff::Pending;
use tachiai_schemas::{Bytes, InPlaceOf};

use super::report::{Report, Unit, percentile};
use super::shelter::times;
use crate::appliance::{Appliance, Official, Residents};
use crate::city::{City, Day};
use crate::trouble::{Doing, Trouble};
use crate::voters::{Voter, now};

/// How often totals are stated and people disclosed; the median counts.
const ROUNDS: usize = 5;

/// Citizens who fill in a questionnaire, and how often each does: fewer times than a session may ask at once.
const CITIZENS: usize = 40;
const TIMES: usize = 5;

/// Measures statements and disclosures of everybody with a need of care at the appliance of `client`, which must be headquarters'; `second`
/// approves.
///
/// # Errors
/// [`Trouble`].
pub fn measure_sharing(client: &Client, second: &Official, event: EventId, report: &mut Report) -> Result<(), Trouble> {
    let stated = times(&[(); ROUNDS], |()| {
        client.post::<_, StatementMade>(&format!("/api/v1/shelter/events/{event}/statements"), None, &()).map(drop).doing("stating")
    })?;
    report.time("statement_made_ms", percentile(&stated, 50), Unit::Milliseconds);
    let name = |name: &str| name.parse().doing("a name");
    let recipient = age::x25519::Identity::generate().to_public().to_string();
    let agency = Agency { name: name("fire")?, kind: AgencyKind::Fire, recipient, contact: "079-000-0119".to_owned() };
    let _: Agency = client.post("/api/v1/sharing/agencies", None, &InPlaceOf::nothing(agency.clone())).doing("an agency")?;
    let (of, purpose) = (Selection::Need { need: Need::Care }, "救急搬送の準備".to_owned());
    let grant = Grant {
        name: name("care")?,
        agency: name("fire")?,
        kind: agency.kind,
        recipient: agency.recipient.clone(),
        purpose: purpose.clone(),
        basis: Basis::VitalEmergency,
        event: None,
        shelters: Vec::new(),
        of: vec![of],
        fields: ["address", "birth", "name", "needs"].map(str::to_owned).to_vec(),
        formats: Vec::new(),
        from: now().plus(-60),
        until: now().plus(3600),
    };
    let pending: Pending = client.post("/api/v1/sharing/grants", None, &grant).doing("a grant")?;
    let _: Value = second.ask(&["approve", &pending.id, "--yes"])?;
    let (mut people, mut bytes) = (0, 0);
    let took = times(&[(); ROUNDS], |()| {
        let mut request = [0; 16];
        OsRng.fill_bytes(&mut request);
        let asked = DisclosureRequest {
            request: Bytes(request),
            grant: grant.name.clone(),
            agency: agency.name.clone(),
            purpose: purpose.clone(),
            event,
            shelters: Vec::new(),
            of,
            persons: Vec::new(),
            fields: Vec::new(),
            format: None,
            seen: None,
        };
        let made: DisclosedAt = client.post("/api/v1/sharing/disclosures", None, &asked).doing("a disclosure")?;
        (people, bytes) = (made.disclosed.people, made.disclosed.bytes);
        Ok(())
    })?;
    report.time(&format!("bundle_{people}_s"), percentile(&took, 50), Unit::Seconds);
    report.value(&format!("bundle_{people}_bytes"), bytes as f64, Unit::Bytes);
    Ok(())
}

/// Measures how long citizens wait for their answers to a questionnaire to be sealed and on the disk.
///
/// # Errors
/// [`Trouble`].
pub fn measure_questionnaire(appliance: &Appliance, residents: &Residents, headquarters: &Client, report: &mut Report) -> Result<(), Trouble> {
    let definition = include_bytes!("../../data/shelter/questionnaire.toml");
    let defined: Result<Definition, _> = headquarters.post_bytes("/api/v1/shelter/questionnaires", "application/toml", definition);
    let defined = defined.map_err(|_| Trouble::new("defining a questionnaire", "it was not taken"))?;
    let chosen = |word: &str| -> Result<Answer, Trouble> { Ok(Answer::Chosen(vec![word.parse().doing("an option")?])) };
    let answers = BTreeMap::from([("care".to_owned(), chosen("none")?), ("treatment".to_owned(), chosen("dialysis")?)]);
    let answers = Answers { questionnaire: defined.id, version: defined.version, answers };
    let client = appliance.client()?;
    let mut took: Vec<Duration> = Vec::with_capacity(CITIZENS * TIMES);
    for elector in City::yabu().doing("the city")?.electors(1, CITIZENS, Day::of(now())) {
        let mut voter = Voter::new(residents.card_of(&elector)?)?;
        voter.enrol(&client)?;
        let at = UnixTime::from_secs(now().unix().unsigned_abs());
        let respondent = Respondent::enter(&client, voter.card(), &Pin::new(&"1234".into()).doing("the usual PIN")?, LastTry::Keep, at).doing("logging in")?;
        took.extend(times(&[(); TIMES], |()| respondent.fill(&answers).map(drop).doing("a questionnaire"))?);
    }
    took.sort_unstable();
    report.time("questionnaire_p50_ms", percentile(&took, 50), Unit::Milliseconds);
    report.time("questionnaire_p99_ms", percentile(&took, 99), Unit::Milliseconds);
    Ok(())
}
