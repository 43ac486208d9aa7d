//! The elements of FHIR R4 that are used here, each as the standard names it. An element that has nothing in it is left out: R4 forbids empty ones.

use serde::Serialize;
use serde_json::value::RawValue;
use tachiai_crypto::labels;

use crate::Timestamp;

/// Writes an R4 element: its names in lower camel case, without what is empty.
macro_rules! element {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Serialize)]
        #[serde(rename_all = "camelCase")]
        pub(super) struct $name {
            $($(#[$field_doc])* #[serde(skip_serializing_if = "Empty::is_empty")] pub(super) $field: $type),*
        }
    };
}

/// Whether there is nothing in an element.
trait Empty {
    fn is_empty(&self) -> bool;
}

impl Empty for String {
    fn is_empty(&self) -> bool {
        Self::is_empty(self)
    }
}

impl<T> Empty for Vec<T> {
    fn is_empty(&self) -> bool {
        Self::is_empty(self)
    }
}

impl<T> Empty for Option<T> {
    fn is_empty(&self) -> bool {
        self.is_none()
    }
}

/// What always has something in it.
macro_rules! never_empty {
    ($($type:ty),*) => { $(impl Empty for $type { fn is_empty(&self) -> bool { false } })* };
}

never_empty!(&'static str, bool, Timestamp, Reference, Coding, CodeableConcept, Period, Source, Provision, Box<RawValue>);

element! { Meta { profile: Vec<&'static str> } }

impl Meta {
    pub(super) fn of(profile: &'static str) -> Option<Self> {
        Some(Self { profile: vec![profile] })
    }
}

element! { Identifier { #[serde(rename = "use")] usage: &'static str, system: String, value: String } }

impl Identifier {
    pub(super) fn new(usage: &'static str, system: String, value: impl ToString) -> Self {
        Self { usage, system, value: value.to_string() }
    }
}

element! { Extension { url: &'static str, value_code: &'static str } }

element! { HumanName { extension: Vec<Extension>, #[serde(rename = "use")] usage: &'static str, text: String, family: String, given: Vec<String> } }

element! { ContactPoint { system: &'static str, value: String } }

element! { Address { #[serde(rename = "use")] usage: Option<&'static str>, text: String } }

element! { Coding { system: String, code: String, display: String } }

impl Coding {
    pub(super) fn new(system: impl Into<String>, code: impl Into<String>, display: impl Into<String>) -> Self {
        Self { system: system.into(), code: code.into(), display: display.into() }
    }
}

element! { CodeableConcept { coding: Vec<Coding>, text: String } }

impl CodeableConcept {
    pub(super) fn coded(coding: Coding) -> Self {
        Self { coding: vec![coding], text: String::new() }
    }

    pub(super) fn said(text: impl Into<String>) -> Self {
        Self { coding: Vec::new(), text: text.into() }
    }
}

element! { Period { start: Timestamp } }

element! { Reference { reference: String, display: String } }

impl Reference {
    /// To an entry of the same bundle.
    pub(super) fn to(id: &str) -> Self {
        Self { reference: urn(id), display: String::new() }
    }

    /// To somebody who is no entry of the bundle.
    pub(super) fn named(display: impl Into<String>) -> Self {
        Self { reference: String::new(), display: display.into() }
    }
}

element! {
    Patient {
        id: String,
        meta: Option<Meta>,
        identifier: Vec<Identifier>,
        name: Vec<HumanName>,
        telecom: Vec<ContactPoint>,
        gender: Option<&'static str>,
        birth_date: String,
        address: Vec<Address>,
    }
}

element! {
    Encounter {
        id: String,
        meta: Option<Meta>,
        status: &'static str,
        class: Coding,
        service_type: CodeableConcept,
        priority: Option<CodeableConcept>,
        subject: Reference,
        period: Period,
        location: Vec<EncounterLocation>,
    }
}

element! { EncounterLocation { location: Reference, status: &'static str } }

element! {
    Location {
        id: String,
        meta: Option<Meta>,
        identifier: Vec<Identifier>,
        status: &'static str,
        name: String,
        alias: Vec<String>,
        mode: &'static str,
        address: Option<Address>,
        position: Option<Position>,
    }
}

element! { Position { longitude: Box<RawValue>, latitude: Box<RawValue> } }

element! {
    QuestionnaireResponse {
        id: String,
        questionnaire: String,
        status: &'static str,
        subject: Reference,
        encounter: Reference,
        authored: Timestamp,
        item: Vec<Item>,
    }
}

element! { Item { link_id: String, text: String, answer: Vec<Answer> } }

/// An answer of one type.
#[derive(Clone, Serialize)]
pub(super) enum Answer {
    #[serde(rename = "valueBoolean")]
    Boolean(bool),
    #[serde(rename = "valueDecimal")]
    Decimal(Box<RawValue>),
    #[serde(rename = "valueString")]
    Text(String),
    #[serde(rename = "valueCoding")]
    Coding(Coding),
}

element! {
    Consent {
        id: String,
        status: &'static str,
        scope: CodeableConcept,
        category: Vec<CodeableConcept>,
        patient: Reference,
        policy_rule: CodeableConcept,
        provision: Provision,
    }
}

element! { Provision { #[serde(rename = "type")] kind: &'static str, actor: Vec<ProvisionActor> } }

element! { ProvisionActor { role: CodeableConcept, reference: Reference } }

element! {
    AuditEvent {
        id: String,
        #[serde(rename = "type")] kind: Coding,
        action: &'static str,
        recorded: Timestamp,
        outcome: &'static str,
        purpose_of_event: Vec<CodeableConcept>,
        agent: Vec<Agent>,
        source: Source,
        entity: Vec<AuditEntity>,
    }
}

element! { Agent { #[serde(rename = "type")] kind: CodeableConcept, who: Reference, requestor: bool, policy: Vec<String> } }

element! { Source { observer: Reference } }

element! { AuditEntity { what: Reference, #[serde(rename = "type")] kind: Coding, role: Coding } }

/// A resource.
#[derive(Clone, Serialize)]
#[serde(tag = "resourceType")]
pub(super) enum Resource {
    Patient(Box<Patient>),
    Encounter(Box<Encounter>),
    Location(Box<Location>),
    QuestionnaireResponse(Box<QuestionnaireResponse>),
    Consent(Box<Consent>),
    AuditEvent(Box<AuditEvent>),
}

impl Resource {
    fn id(&self) -> &str {
        match self {
            Self::Patient(resource) => &resource.id,
            Self::Encounter(resource) => &resource.id,
            Self::Location(resource) => &resource.id,
            Self::QuestionnaireResponse(resource) => &resource.id,
            Self::Consent(resource) => &resource.id,
            Self::AuditEvent(resource) => &resource.id,
        }
    }
}

/// A resource of the bundle.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    full_url: String,
    resource: Resource,
}

impl Entry {
    pub(super) fn new(resource: Resource) -> Self {
        Self { full_url: urn(resource.id()), resource }
    }
}

/// The bundle.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bundle {
    resource_type: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: Timestamp,
    entry: Vec<Entry>,
}

impl Bundle {
    pub(super) const fn collection(timestamp: Timestamp, entry: Vec<Entry>) -> Self {
        Self { resource_type: "Bundle", kind: "collection", timestamp, entry }
    }
}

/// The UUID of a resource: of the same thing in the same event it is the same in every bundle, and tells nothing of it.
pub(super) fn id_of(kind: &str, parts: &[&[u8]]) -> String {
    let hash = tachiai_crypto::hash::tagged(labels::hash::FHIR_ID, &[&[kind.as_bytes()], parts].concat()).to_bytes();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    // Version 8 (of one's own making), variant of RFC 9562.
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = data_encoding::HEXLOWER.encode(&bytes);
    let groups: Vec<&str> = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)].into_iter().filter_map(|(from, to)| hex.get(from..to)).collect();
    groups.join("-")
}

fn urn(id: &str) -> String {
    format!("urn:uuid:{id}")
}

/// A decimal number, as it is written.
pub(super) fn decimal(text: String) -> Result<Box<RawValue>, serde_json::Error> {
    RawValue::from_string(text)
}
