//! On what grounds people are given: their consent, and the record of the disclosure.

use super::super::shared::{SharedPeople, SharedPerson};
use super::Systems;
use super::form::{Agent, AuditEntity, AuditEvent, CodeableConcept, Coding, Consent, Provision, ProvisionActor, Reference, Source, id_of};
use super::patient::patient_id;
use crate::roster::disclosure::Basis;

const SCOPE: &str = "http://terminology.hl7.org/CodeSystem/consentscope";
const ACT: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const ROLE: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
const DICOM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const ENTITY_TYPE: &str = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const ENTITY_ROLE: &str = "http://terminology.hl7.org/CodeSystem/object-role";

/// That a person consented, where that is the basis. Where the law is, there is no consent to tell of.
pub(super) fn consent(person: &SharedPerson, people: &SharedPeople) -> Option<Consent> {
    match people.receiver.basis {
        Basis::Consent => {}
        Basis::ActionSupport | Basis::AffectedLedger | Basis::VitalEmergency => return None,
    }
    let actor = ProvisionActor {
        role: CodeableConcept::coded(Coding::new(ROLE, "IRCP", "information recipient")),
        reference: Reference::named(&people.receiver.agency),
    };
    Some(Consent {
        id: id_of("Consent", &[&person.chain.0, people.receiver.agency.as_bytes(), people.receiver.purpose.as_bytes()]),
        status: "active",
        scope: CodeableConcept::coded(Coding::new(SCOPE, "patient-privacy", "Privacy Consent")),
        category: vec![CodeableConcept::coded(Coding::new(ACT, "IDSCL", "information disclosure"))],
        patient: Reference::to(&patient_id(person)),
        policy_rule: CodeableConcept::said(law(Basis::Consent)),
        provision: Provision { kind: "permit", actor: vec![actor] },
    })
}

/// The record of the disclosure, with everybody who is in it.
pub(super) fn audit(people: &SharedPeople, systems: &Systems) -> AuditEvent {
    let given = |person: &SharedPerson| AuditEntity {
        what: Reference::to(&patient_id(person)),
        kind: Coding::new(ENTITY_TYPE, "1", "Person"),
        role: Coding::new(ENTITY_ROLE, "1", "Patient"),
    };
    let agent = |code, display, who: &str, requestor, policy| Agent {
        kind: CodeableConcept::coded(Coding::new(DICOM, code, display)),
        who: Reference::named(who),
        requestor,
        policy,
    };
    AuditEvent {
        id: id_of("AuditEvent", &[systems.event.as_bytes(), people.made.to_string().as_bytes(), people.receiver.agency.as_bytes()]),
        kind: Coding::new(DICOM, "110106", "Export"),
        action: "R",
        recorded: people.made.timestamp(),
        outcome: "0",
        purpose_of_event: vec![CodeableConcept { coding: vec![basis(people.receiver.basis, systems)], text: people.receiver.purpose.clone() }],
        agent: vec![
            agent("110153", "Source Role ID", &systems.host, false, Vec::new()),
            agent("110152", "Destination Role ID", &people.receiver.agency, true, Vec::new()),
        ],
        source: Source { observer: Reference::named(&systems.host) },
        entity: people.people().iter().map(given).collect(),
    }
}

fn basis(basis: Basis, systems: &Systems) -> Coding {
    Coding::new(systems.host("basis"), super::key(basis), law(basis))
}

/// The law that a basis is in.
const fn law(basis: Basis) -> &'static str {
    match basis {
        Basis::Consent => "個人情報の保護に関する法律第69条第2項第1号(本人の同意)",
        Basis::ActionSupport => "災害対策基本法第49条の11第3項(避難行動要支援者)",
        Basis::AffectedLedger => "災害対策基本法第90条の4(被災者台帳)",
        Basis::VitalEmergency => "個人情報の保護に関する法律第69条第2項第4号(生命・身体の危険)",
    }
}
