//! A witness follows boards of elections, and other transparency logs, and cosigns each checkpoint that extends all that it has seen of the log. Two people
//! who are shown cosigned checkpoints by enough witnesses are shown one board.
//!
//! | file | is |
//! |---|---|
//! | [`advance`] | the one decision: does it extend what was cosigned? then write it down, then sign |
//! | [`state`] | what must never be forgotten, in a folder |
//! | [`disk`] | files that survive a power cut |
//! | [`board`] | a board at its appliance, or on a stick |
//! | [`follow`] | look at boards, cosign, hand in |
//! | [`request`], [`serve`] | the C2SP protocol `tlog-witness`, as server |
//! | [`feed`] | and as client, for a board |
//! | [`evidence`] | a fork as a file that convinces others |
//! | [`client`], [`say`], [`failure`], [`cli`] | HTTP, output, exit codes, command line |

pub mod advance;
pub mod board;
pub mod cli;
pub mod client;
pub mod disk;
pub mod evidence;
pub mod failure;
pub mod feed;
pub mod follow;
pub mod request;
pub mod say;
pub mod serve;
pub mod state;
