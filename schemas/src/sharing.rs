//! Sharing: the forms in which what the appliance knows leaves it, and in which other systems' data come in.
//!
//! Nothing here decides who may have what: that is decided before, and what is not permitted never reaches a form ([`shared`]).

pub mod fhir;
pub mod ngsi;
pub mod outbox;
pub mod shared;
pub mod table;
