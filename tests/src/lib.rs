//! What the end-to-end tests and the demonstration are built of.
//!
//! | module | is |
//! |---|---|
//! | [`card`] | software cards |
//! | [`city`] | the simulated city and its election |
//! | [`appliance`] | a daemon and consoles as real processes |
//! | [`town`] | a town with polling places: desks, their officials, the authority |
//! | [`trustees`] | trustees with media of their own, between which only files pass |
//! | [`holding`] | the commission's and the trustees' steps of an election |
//! | [`voters`] | voters by the thousand |
//! | [`pcscd`] | a PC/SC service of one's own with virtual readers |
//! | [`desk`] | a desk with card readers and the console |
//! | [`link`] | a line to the appliance that can be cut |
//! | [`platform`] | a city's data platform that fails on purpose |
//! | [`polling`] | polling places with desks and officers |
//! | [`night`] | shelters in a night: terminals, headquarters, residents |
//! | [`reception`] | receptions of shelters with terminals |
//! | [`hall`] | the shelters of an appliance within the process, at a clock that the test sets |
//! | [`demo`] | the demonstration |
//! | [`story`] | where an end-to-end story begins: an open election |
//! | [`seat`] | a voter's seat: a card process and the commands |
//! | [`onlooker`] | a witness with the program and a state folder |
//! | [`wire`] | requests as nobody's program sends them |
//! | [`hand`] | a voter by hand, who can change each part of a request |
//! | [`copy`] | a copy of a board, checked entry by entry |
//! | [`fuzz`] | spoilt bytes for every reader |
//! | [`measure`] | the benchmarks |
//! | [`signals`] | what a program does when it is told to end |
//! | [`trouble`] | what goes wrong, said with what to do |

pub mod appliance;
pub mod card;
pub mod city;
pub mod copy;
pub mod demo;
pub mod desk;
pub mod fuzz;
pub mod hall;
pub mod hand;
pub mod holding;
pub mod link;
pub mod measure;
pub mod night;
pub mod onlooker;
pub mod pcscd;
pub mod platform;
pub mod polling;
pub mod program;
pub mod reception;
pub mod relay;
pub mod seat;
pub mod signals;
pub mod story;
pub mod town;
pub mod trouble;
pub mod trustees;
pub mod voters;
pub mod wire;
