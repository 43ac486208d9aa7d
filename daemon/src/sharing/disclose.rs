//! Disclosures: encrypted to the agency, recorded, and only then given out. Where a grant gives a form beside the proof, the same people lie in that form beside it, with the
//! same fields; an agency can pull the FHIR bundle over its own certificate as well.

use std::sync::Arc;

use tachiai_crypto::hash::Hash32;
use tachiai_schemas::Refusal;
use tachiai_schemas::roster::disclosure::{Asked, Selection};
use tachiai_schemas::roster::{ChainId, EventId, Need};
use tachiai_schemas::sharing::access::{Access, By, How};
use tachiai_schemas::sharing::agency::{Agency, Format};
use tachiai_schemas::sharing::disclosed::{Disclosed, DisclosedAt, DisclosureRequest, Form, RequestId, Sent};
use tachiai_schemas::sharing::preview::Preview;
use tachiai_schemas::sharing::shared::SharedPeople;
use tachiai_schemas::sharing::{Name, fhir, table};
use tachiai_schemas::staff::Role;
use tachiai_verify::eligibility::seal;
use zeroize::Zeroizing;

use super::access::random;
use super::decide::{self, Asker};
use super::{Event, Given, Sharing, offload};
use crate::refused::Refused;

/// The name of the disclosure's file in an archive.
const PROOF: &str = "people.disclosure";

/// What a fault is said to have happened at.
const DOING: &str = "disclosing people to an agency";

/// How many seconds lie between two pulls of a grant, since each is a disclosure that stays on the disk: as long as a client is told to wait.
const PULL_EVERY: i64 = 3;

/// Whom an agency pulls, and in which event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pull {
    /// The event, where the grant names none and several are under way.
    pub event: Option<EventId>,
    /// Everybody with this need.
    pub need: Option<Need>,
    /// This person.
    pub person: Option<ChainId>,
}

/// A form as it goes out.
type Formed = (Format, Zeroizing<Vec<u8>>);

impl Sharing {
    /// Makes a disclosure. The same request again gets what was made before.
    ///
    /// # Errors
    /// What [`decide::granted`] refuses; [`Refusal::RequestReused`] for another request of the same ID; [`Refusal::ChangedSince`] if something else would leave than
    /// what was seen.
    pub async fn disclose(self: &Arc<Self>, who: &Asker, request: DisclosureRequest) -> Result<DisclosedAt, Refused> {
        let hash = request.hash().map_err(|error| Refused::fault(DOING, error))?;
        let _turn = self.turn.lock().await;
        if let Some(made) = self.state().disclosed.get(&request.request) {
            who.may_have(&made.disclosed.agency)?;
            return if made.disclosed.asked.hash() == hash { Ok(made.clone()) } else { Err(Refusal::RequestReused.into()) };
        }
        self.make(who, request, Sent::Bundle).await.map(|(made, _)| made)
    }

    /// Makes a disclosure of now and gives its FHIR bundle in clear, for the agency's own connection. It is made anew each time: of what went out the appliance can open
    /// nothing any more.
    ///
    /// # Errors
    /// What [`decide::granted`] refuses; [`Refusal::NotFound`] for a grant that there is not; [`Refusal::SharingInvalid`] if it is not told which event;
    /// [`Refusal::RateLimited`] a moment after another pull of the grant.
    pub async fn pull(self: &Arc<Self>, who: &Asker, grant: Name, pull: Pull) -> Result<(DisclosedAt, Zeroizing<Vec<u8>>), Refused> {
        let granted = self.state().grants.get(&grant).map(|made| made.grant.clone()).ok_or(Refusal::NotFound)?;
        let Pull { event, need, person } = pull;
        let of = match (need, person) {
            (Some(need), None) => Selection::Need { need },
            (None, Some(_)) => Selection::Persons {},
            (None, None) => Selection::Everybody {},
            (Some(_), Some(_)) => return Err(Refused::about(Refusal::SharingInvalid, "need, person: one of them")),
        };
        let event = event.or(granted.event).map_or_else(|| self.only_event(), Ok)?;
        let request = DisclosureRequest {
            request: random(),
            grant,
            agency: granted.agency,
            purpose: granted.purpose,
            event,
            shelters: Vec::new(),
            of,
            persons: person.into_iter().collect(),
            fields: Vec::new(),
            format: Some(Format::Fhir),
            seen: None,
        };
        let _turn = self.turn.lock().await;
        decide::granted(&self.state(), who, &request, self.now())?;
        if decide::pulled_since(&self.state(), &request.grant, self.now().plus(-PULL_EVERY)) {
            return Err(Refused::about(Refusal::RateLimited, format!("{PULL_EVERY} seconds between two pulls of a grant")));
        }
        match self.make(who, request, Sent::Pulled).await? {
            (made, Some((_, form))) => Ok((made, form)),
            (_, None) => Err(Refused::fault(DOING, "it was made without a form")),
        }
    }

    /// The only event that is not closed.
    ///
    /// # Errors
    /// [`Refusal::SharingInvalid`] if there is none, or more than one.
    pub fn only_event(&self) -> Result<EventId, Refused> {
        let invalid = |ja, en| Err(Refused::said(Refusal::SharingInvalid, ja, en));
        match self.services.rosters.under_way().as_slice() {
            [only] => Ok(*only),
            [] => invalid("進行中の災害・行事がありません", "event: none is under way"),
            _ => invalid(
                "進行中の災害・行事が複数あります。どれかをIDで指定します（--event）。IDは災害対策本部に尋ねてください",
                "event: several are under way, so name one by its ID (--event), which the headquarters know",
            ),
        }
    }

    /// The caller has the turn.
    async fn make(self: &Arc<Self>, who: &Asker, request: DisclosureRequest, sent: Sent) -> Result<(DisclosedAt, Option<Formed>), Refused> {
        let hash = request.hash().map_err(|error| Refused::fault(DOING, error))?;
        let (agency, asked) = decide::granted(&self.state(), who, &request, self.now())?;
        let (event, format, kind) = (request.event, request.format, agency.kind);
        let (given, terms) = self.given(&agency, asked, event).await?;
        if let Some(seen) = request.seen {
            let now = preview(agency.clone(), terms.clone(), &request, &given).seen().map_err(|error| Refused::fault(DOING, error))?;
            if now != seen {
                return Err(Refusal::ChangedSince.into());
            }
        }
        let Asked { agency: _, purpose, basis, shelters, of, persons: _, fields } = terms;
        let Given { file, people, shown: _, withheld, shared } = given;
        let this = Arc::clone(self);
        let recipient = agency.recipient.clone();
        let (plain, sealed, bytes, formed, committed) = offload(move || {
            let fault = |error: &dyn std::fmt::Display| Refused::fault(DOING, error);
            let formed = format.map(|format| form(&shared, format)).transpose()?;
            let bundle = match &formed {
                None => seal(&file, &[recipient]),
                Some((format, form)) => seal(&archive([(PROOF, &file), (format.file(), form)]).map_err(|error| fault(&error))?, &[recipient]),
            };
            let bundle = bundle.map_err(|error| fault(&error))?;
            let sealed = this.bundles.put(&bundle).map_err(|error| fault(&error))?;
            let committed = formed.as_ref().map(|(format, form)| Form { format: *format, hash: Form::commitment(&file, form), sent });
            Ok((Hash32::sha256(&file), sealed, bundle.len() as u64, formed, committed))
        })
        .await?;
        let by = By::Agency { agency: agency.name.clone(), kind, purpose: purpose.clone(), basis };
        let access = Access { how: How::Disclosure, by, event: Some(event), fields: fields.clone() };
        let mut events = vec![Event::Disclosed(Disclosed {
            request: request.request,
            asked: hash.into(),
            by: who.name().to_owned(),
            agency: agency.name,
            grant: request.grant,
            purpose,
            basis,
            event,
            shelters,
            of,
            fields,
            people: people.len() as u64,
            withheld,
            plain: plain.into(),
            form: committed,
            sealed: sealed.into(),
            bytes,
        })];
        events.extend(self.accessed(&access, &people)?);
        self.record(events).await?;
        tracing::info!(event = %event, people = people.len(), "people were disclosed to an agency");
        Ok((self.disclosure(who, request.request)?, formed))
    }

    /// What a disclosure would give now. That the people were looked at is durable before it is shown.
    ///
    /// # Errors
    /// What [`decide::granted`] refuses.
    pub async fn preview(self: &Arc<Self>, who: &Asker, role: Role, request: DisclosureRequest) -> Result<Preview, Refused> {
        let (agency, asked) = decide::granted(&self.state(), who, &request, self.now())?;
        let fields = asked.fields.clone();
        let (given, terms) = self.given(&agency, asked, request.event).await?;
        let preview = preview(agency, terms, &request, &given);
        let access = Access { how: How::Preview, by: By::Office { role }, event: Some(request.event), fields };
        let people = given.people.len() as u64;
        let mut events = vec![Event::Previewed { by: who.name().to_owned(), grant: request.grant, event: request.event, people }];
        events.extend(self.accessed(&access, &given.people)?);
        self.record(events).await?;
        Ok(preview)
    }

    /// What the rosters give, and what they were asked.
    async fn given(self: &Arc<Self>, agency: &Agency, asked: Asked, event: EventId) -> Result<(Given, Asked), Refused> {
        let (basis, kind, consents, terms) = (asked.basis, agency.kind, self.consents(), asked.clone());
        let asked_of = consents.clone();
        let may = move |candidate: &super::Candidate<'_>| decide::ground(basis, candidate, kind, asked_of.of(candidate.chain, candidate.citizen));
        let given = self.services.rosters.disclose(event, asked, Box::new(may)).await?;
        consents.complete()?;
        Ok((given, terms))
    }

    /// A disclosure that was made.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::OtherAgency`].
    pub fn disclosure(&self, who: &Asker, request: RequestId) -> Result<DisclosedAt, Refused> {
        let made = self.state().disclosed.get(&request).cloned().ok_or(Refusal::NotFound)?;
        who.may_have(&made.disclosed.agency)?;
        Ok(made)
    }

    /// The disclosures that somebody may see: an agency its own.
    #[must_use]
    pub fn disclosures(&self, who: &Asker) -> Vec<DisclosedAt> {
        let mut made: Vec<DisclosedAt> = self.state().disclosed.values().filter(|made| who.may_have(&made.disclosed.agency).is_ok()).cloned().collect();
        made.sort_by_key(|made| made.at);
        made
    }

    /// The bundle of a disclosure.
    ///
    /// # Errors
    /// As for [`Sharing::disclosure`]; [`Refusal::GrantOver`] for an agency whose grant was withdrawn.
    pub fn bundle(&self, who: &Asker, request: RequestId) -> Result<Vec<u8>, Refused> {
        let DisclosedAt { at: _, disclosed } = self.disclosure(who, request)?;
        let is_withdrawn = self.state().grants.get(&disclosed.grant).is_none_or(|made| made.withdrawn.is_some());
        if matches!(who, Asker::Agency { .. }) && is_withdrawn {
            return Err(Refusal::GrantOver.into());
        }
        self.bundles.get(disclosed.sealed.hash()).map_err(|error| Refused::fault("reading a bundle", error))
    }
}

/// What an official is shown of it.
fn preview(agency: Agency, terms: Asked, request: &DisclosureRequest, given: &Given) -> Preview {
    let Agency { name, kind, recipient, contact: _ } = agency;
    let Asked { agency: _, purpose, basis, shelters, of, persons: _, fields } = terms;
    let (grant, event, format) = (request.grant.clone(), request.event, request.format);
    let (people, withheld) = (given.shown.clone(), given.withheld.clone());
    Preview { agency: name, kind, recipient, grant, purpose, basis, event, shelters, of, fields, format, people, withheld }
}

/// The people in a form.
fn form(people: &SharedPeople, format: Format) -> Result<Formed, Refused> {
    let bytes = match format {
        Format::Fhir => fhir::bundle(people).map_err(|error| Refused::fault(DOING, error))?,
        Format::Csv => table::csv(people).map_err(|error| Refused::fault(DOING, error))?,
    };
    Ok((format, Zeroizing::new(bytes)))
}

/// An archive (tar) of files, each readable to its owner alone.
fn archive<'a>(files: impl IntoIterator<Item = (&'a str, &'a Zeroizing<Vec<u8>>)>) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        archive.append_data(&mut header, name, bytes.as_slice())?;
    }
    archive.into_inner().map(Zeroizing::new)
}
