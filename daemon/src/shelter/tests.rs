//! What the room promises, by claim.

mod events;
mod hand_ins;
mod links;
mod people;
mod routes;
mod telling;
