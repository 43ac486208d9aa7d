//! What screens are made of.

pub mod bar;
pub mod cut;
pub mod field;
pub mod form;
pub mod held;
pub mod hits;
pub mod letters;
pub mod paper;
pub mod popup;
pub mod secret;
pub mod table;
pub mod typing;
