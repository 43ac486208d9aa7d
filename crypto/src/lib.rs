//! The cryptography of Tachiai: groups, proofs, ceremony, ballots, tally, journal trees and checkpoints.
//!
//! Nothing here does I/O, reads a clock or logs: chance comes in as an argument. The normative text is `crypto/PROTOCOL.md`; the
//! labels of hashes, transcripts and signatures stand in [`labels`], all of them together.
//!
//! | file | is | PROTOCOL | label |
//! |---|---|---|---|
//! | [`group`] | points and scalars, their one encoding, generators | §1.1, §1.5 | |
//! | [`hash`] | 32 bytes of SHA-256; the tagged hash | §1.2 | |
//! | [`transcript`] | the transcript of a proof, and its challenges | §1.4 | |
//! | [`commitment`] | the generators of ballots | §1.5, §7.3 | set `ballot` |
//! | [`signature`] | Schnorr signatures of voting keys and of possession | §2.1 | transcript `signature/v1` |
//! | [`elgamal`] | a ciphertext of one bit | §7.1 | |
//! | [`ceremony`] | the trustees' ceremony: quorum, indices, trustee list | §4 | hash `trustees` |
//! | `ceremony/deal.rs` | polynomials, commitments, possession, shares | §4.1, §4.2 | hashes `trustee-commit`, `possession`; purpose `trustee-possession` |
//! | `ceremony/confirm.rs` | joint key, share keys, ceremony hash, a trustee's secret | §4.3 | hash `ceremony` |
//! | [`election::context`] | identifiers, context, fingerprint, shapes and styles | §1.8, §5.3–§5.5, §7.1 | hashes `context`, `fingerprint` |
//! | [`election::roll`] | electors, slots and their commitments | §5.1, §5.2 | hashes `person`, `slot` |
//! | [`election::registration`] | the text that card and voting key sign | §6 | purpose `registration`; hash `evidence` |
//! | [`election::ballot`] | a ballot's bytes, how it is cast and checked | §7.2–§7.4 | transcript `ballot/v1`, hash `ballot`, purpose `ballot` |
//! | [`proof::zero_one`] | the bit-vector proof of a contest | §7.3, §12.3 | within `ballot/v1` |
//! | [`proof::batch`] | many ballots in one multiscalar multiplication | §7.5 | |
//! | [`election::challenge`] | a challenge takes a ballot out of the count | §7.7 | hash `challenge`, purpose `challenge` |
//! | [`election::opening`] | what a challenged ballot holds | §7.7 | |
//! | [`election::tally`] | units, sums, counted digest, result | §8.1–§8.3, §8.5 | hashes `counted`, `tally-statement` |
//! | [`proof::equality`] | a decryption share and its proof | §8.4 | transcript `decryption/v1` |
//! | [`roster`] | identifiers and standing of people at shelters | §17.1–§17.3 | set `roster`, hash `roster-chain` |
//! | [`roster::entry`] | the commitment of a roster entry and its proof | §17.4 | transcript `roster-entry/v1` |
//! | [`roster::fields`] | the tree over a person's salted fields | §17.5 | hash `roster-field` |
//! | [`journal`] | tree, checkpoints, tiles, receipts as texts | §3, §10 | C2SP formats |

pub mod ceremony;
pub mod commitment;
pub mod election;
pub mod elgamal;
pub mod group;
pub mod hash;
pub mod journal;
pub mod labels;
pub mod proof;
pub mod roster;
pub mod signature;
pub mod transcript;
