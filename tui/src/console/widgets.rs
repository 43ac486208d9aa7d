//! What screens are made of.

pub mod bar;
pub mod cut;
pub mod field;
pub mod paper;
pub mod popup;
pub mod table;
