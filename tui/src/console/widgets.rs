//! What screens are made of.

pub mod bar;
pub mod cut;
pub mod field;
pub mod form;
pub mod held;
pub mod hits;
pub mod letters;
pub mod paper;
pub mod path;
pub mod popup;
pub mod secret;
pub mod several;
pub mod table;
pub mod typing;
