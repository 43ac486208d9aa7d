//! What the room promises, by claim.

mod asides;
mod curve;
mod erase;
mod events;
mod hand_ins;
mod links;
mod people;
mod rooms;
mod routes;
mod statements;
mod taken_over;
mod telling;
