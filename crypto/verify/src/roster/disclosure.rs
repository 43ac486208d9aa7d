//! Disclosures: made by the appliance, checked by the agency that got one, or by whoever it shows it to (PROTOCOL §18.4).

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;

use rand_core::{CryptoRng, OsRng, RngCore};
use serde::Serialize;
use tachiai_crypto::election::context::Fingerprint;
use tachiai_crypto::group::{DecodeError, Element};
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::InclusionProof;
use tachiai_crypto::roster::entry::Opening as Commitment;
use tachiai_crypto::roster::fields::{self, Field};
use tachiai_crypto::roster::shown::{Claim, FlagSet, Shown, ShownError, Sum, verify_batch};
use tachiai_crypto::roster::{ChainId, Flag};
use tachiai_schemas::election::Text;
use tachiai_schemas::roster::disclosure::{
    Disclosed, Disclosure, DisclosureHead, Selection, ShownField, Terms, Withheld, claim_of_person, claim_of_rest, context,
};
use tachiai_schemas::roster::opening::{self, Opening};
use tachiai_schemas::roster::statement::VERSION;
use tachiai_schemas::roster::{Act, Entry, ShelterId};
use tachiai_schemas::sharing::preview::{FieldShown, PersonShown};
use tachiai_schemas::{Blob, Bytes, HashBytes, LeafIndex};

use super::Ended;
use super::Step;
use super::file::{Entries, Lines};
use super::groups::Group;
use super::live::Live;
use crate::failure::Failure;
use crate::rule::{Breaks, Rule, Violation, require};

/// Somebody who is disclosed, with all that the appliance knows.
pub struct Given<'a> {
    /// The leaf of the latest entry.
    pub leaf: u64,
    /// The entry.
    pub entry: &'a Entry,
    /// Its opening.
    pub opening: &'a Opening,
    /// What opens its commitment.
    pub commitment: &'a Commitment,
}

/// Why a disclosure cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum CannotDisclose {
    /// Somebody is not there, or is there twice.
    #[error("leaf {0} is not the latest entry of somebody who counts there, or is given twice")]
    NotThere(u64),
    /// The opening of an entry of somebody who counts is not there.
    #[error("the opening of leaf {0} is missing")]
    Closed(u64),
    /// The others have the need, more or fewer than are withheld.
    #[error("of the others {have} have the need, {withheld} are withheld")]
    Unaccounted {
        /// How many of the others have it.
        have: u64,
        /// How many are withheld.
        withheld: u64,
    },
    /// A commitment is none.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A proof cannot be made.
    #[error(transparent)]
    Proof(#[from] ShownError),
    /// It cannot be written.
    #[error(transparent)]
    Form(#[from] tachiai_schemas::canonical::CanonicalError),
}

/// Those among whom a disclosure chooses.
#[must_use]
pub fn asked(live: &Live, shelters: &[ShelterId]) -> Live {
    live.only(|_, present| shelters.is_empty() || shelters.contains(&present.shelter))
}

/// Makes a disclosure. `others` gives what opens the commitment of somebody who counts and is not given; it is asked only where a need is.
///
/// # Errors
/// [`CannotDisclose`].
pub fn make<'a>(
    terms: Terms,
    live: &Live,
    given: &[Given<'_>],
    others: impl Fn(&Hash32) -> Option<&'a Commitment>,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Disclosure, CannotDisclose> {
    let there = asked(live, &terms.shelters);
    let given: BTreeMap<u64, &Given<'_>> = given.iter().map(|given| (given.leaf, given)).collect();
    let mut people = Vec::with_capacity(given.len());
    for (leaf, Given { entry, opening, commitment, .. }) in &given {
        let present = there.get(*leaf).ok_or(CannotDisclose::NotThere(*leaf))?;
        let set = terms.flags.iter().filter(|flag| commitment.flags().get(flag.index()) == Some(&1)).collect();
        people.push(Disclosed {
            chain: present.chain,
            leaf: *leaf,
            set,
            size: opening.fields.len() as u64,
            fields: shown_fields(entry, opening, &terms.fields).ok_or(CannotDisclose::Closed(*leaf))?,
        });
    }
    let context = context(&terms, &people)?;
    let mut proofs = Vec::with_capacity(people.len());
    for (disclosed, given) in people.iter().zip(given.values()) {
        let present = there.get(disclosed.leaf).ok_or(CannotDisclose::NotThere(disclosed.leaf))?;
        let mut sum = Sum::default();
        sum.add(&Element::decode(&present.commitment)?, given.commitment);
        let claim = Claim::of(context, &sum, terms.flags, None);
        proofs.push(Blob(claim.prove(&sum, rng)?.to_bytes()));
    }
    let rest = match terms.of {
        Selection::Everybody {} | Selection::Persons {} => None,
        Selection::Need { need } => {
            let mut sum = Sum::default();
            for (leaf, present) in there.iter().filter(|(leaf, _)| !given.contains_key(leaf)) {
                sum.add(&Element::decode(&present.commitment)?, others(&present.hash).ok_or(CannotDisclose::Closed(leaf))?);
            }
            let have = sum.totals().get(Flag::Need(need).index()).copied().unwrap_or(0);
            let withheld = Withheld::sum(&terms.withheld);
            let unaccounted = CannotDisclose::Unaccounted { have, withheld };
            if have != withheld {
                return Err(unaccounted);
            }
            let claim = claim_of_rest(context, need, there.len() - people.len() as u64, withheld).ok_or(unaccounted)?;
            Some(Blob(claim.prove(&sum, rng)?.to_bytes()))
        }
    };
    Ok(Disclosure { terms, people, proofs, rest })
}

/// The permitted fields of an opening with their inclusion proofs; `None` for an entry that has none.
fn shown_fields(entry: &Entry, opening: &Opening, permitted: &[String]) -> Option<Vec<ShownField>> {
    let (place, _) = opening::place(entry)?;
    let tree = fields::tree(&place, opening.fields.iter().map(|field| Field { name: &field.name, salt: &field.salt.0, value: field.value.as_bytes() }));
    let size = opening.fields.len() as u64;
    let permitted = (0..).zip(&opening.fields).filter(|(_, field)| permitted.contains(&field.name));
    permitted
        .map(|(index, opening::SaltedField { name, salt, value })| {
            let proof = tree.inclusion(index, size).ok()?.hashes().iter().map(|hash| HashBytes::from(*hash)).collect();
            Some(ShownField { index, name: name.clone(), salt: Bytes(salt.0), value: value.clone(), proof })
        })
        .collect()
}

/// What a disclosure that holds says. It names nobody.
#[derive(Debug, Clone, Serialize)]
pub struct DisclosureVerdict {
    /// Always `holds`.
    pub verdict: &'static str,
    /// The fingerprint of the event.
    pub fingerprint: String,
    /// Whether that is the fingerprint of the notice.
    pub compared: bool,
    /// What the event is.
    pub declared: tachiai_schemas::roster::Declared,
    /// What, to whom, on what grounds.
    pub terms: Terms,
    /// How many people are disclosed.
    pub people: u64,
    /// How many others count there.
    pub others: u64,
    /// Whether it was proved that of the others only those withheld have the need.
    pub complete: bool,
    /// Handles of people who left in the hour before by when that was entered, or went out and in around it as far as the file goes.
    pub flapping: Vec<ChainId>,
    /// The close of the event, if the file goes so far.
    pub ended: Option<Ended>,
}

/// A disclosure that holds.
///
/// There is no `Debug`: a roster must not reach a log.
pub struct Held {
    /// What it says, without naming anybody.
    pub verdict: DisclosureVerdict,
    /// What was made.
    pub disclosure: Disclosure,
    /// The people with all that is given of them, ascending by handle, as an official was shown them before.
    pub people: Vec<PersonShown>,
    /// What the shelters are called where they count.
    pub shelters: BTreeMap<ShelterId, Text>,
}

/// Checks the file of a disclosure, and gives what it holds; nobody in it is told of before all of it was checked.
///
/// # Errors
/// [`Failure`].
pub fn verify(from: impl BufRead, path: &str, expect: Option<&Fingerprint>) -> Result<Held, Failure> {
    let file: Lines<DisclosureHead> = Lines::read(from, path, "a disclosure")?;
    let DisclosureHead { disclosure: signed, checkpoint } = file.head;
    let terms = &signed.body.terms;
    let entries = Entries::check(&file.entries, &checkpoint, terms.size, &[], expect)?;
    let live = entries.signed(&signed, terms.event, terms.size, terms.root.hash())?;
    let disclosure = &signed.body;
    let there = asked(live, &terms.shelters);
    check_terms(terms, &there)?;
    check_people(&entries, disclosure, &there)?;
    check_rest(&entries, disclosure, &there)?;
    let people = disclosure.people.len() as u64;
    let verdict = DisclosureVerdict {
        verdict: "holds",
        fingerprint: entries.fingerprint.to_string(),
        compared: expect.is_some(),
        declared: entries.declared.clone(),
        terms: terms.clone(),
        people,
        others: there.len() - people,
        complete: !matches!(terms.of, Selection::Persons {}),
        flapping: flapping(&entries, terms),
        ended: entries.roster.ended(),
    };
    let shown = shown(&entries, disclosure, &there);
    let name = |shown: &PersonShown| Some((shown.shelter.clone(), entries.roster.shelter(&shown.shelter)?.name.clone()));
    let shelters = shown.iter().filter_map(name).collect();
    Ok(Held { verdict, disclosure: signed.body, people: shown, shelters })
}

/// The people of a disclosure that was checked.
fn shown(entries: &Entries, disclosure: &Disclosure, there: &Live) -> Vec<PersonShown> {
    let field = |ShownField { index: _, name, salt: _, value, proof: _ }: &ShownField| FieldShown { name: name.clone(), value: value.clone() };
    let one = |Disclosed { chain, leaf, set, size: _, fields }: &Disclosed| {
        let (present, entry) = (there.get(*leaf)?, entries.entry(*leaf)?);
        let (shelter, since) = (present.shelter.clone(), entry.body.time.timestamp());
        Some(PersonShown { chain: *chain, shelter, since, set: *set, fields: fields.iter().map(field).collect() })
    };
    let mut shown: Vec<PersonShown> = disclosure.people.iter().filter_map(one).collect();
    shown.sort_by_key(|person| person.chain);
    shown
}

fn check_terms(terms: &Terms, there: &Live) -> Result<(), Violation> {
    let Terms { v, event: _, size: _, root: _, made: _, agency: _, purpose, basis: _, shelters, of, flags, fields, persons, live, withheld } = terms;
    require!(*v == VERSION, R912, "version {v} is unknown, this program knows {VERSION}");
    require!(shelters.is_sorted_by(|one, two| one < two), R921, "the shelters are not in order, each once");
    require!(fields.is_sorted_by(|one, two| one < two), R921, "the fields are not in order, each once");
    require!(withheld.is_sorted_by(|one, two| one.ground < two.ground), R921, "the grounds are not in order, each once");
    require!(withheld.iter().all(|withheld| withheld.persons > 0), R921, "a ground withholds nobody");
    require!((1..=200).contains(&purpose.chars().count()), R921, "the purpose has 1 to 200 characters");
    match of {
        Selection::Need { need } => require!(flags.contains(Flag::Need(*need)), R921, "the need that was asked for is not opened"),
        Selection::Everybody {} => {}
        Selection::Persons {} => require!(withheld.is_empty(), R921, "nothing is said of others where persons are asked for"),
    }
    require!(*persons == there.len(), R922, "{} people count there, it says {persons}", there.len());
    require!(live.hash() == there.digest(), R922, "those who count there are not those that it is about");
    Ok(())
}

fn check_people(entries: &Entries, disclosure: &Disclosure, there: &Live) -> Result<(), Violation> {
    let Disclosure { terms, people, proofs, rest: _ } = disclosure;
    require!(people.is_sorted_by(|one, two| one.leaf < two.leaf), R922, "the people are not in the order of their entries, each once");
    require!(people.len() == proofs.len(), R923, "there is not one proof for each person");
    let context = context(terms, people).breaks(Rule::R921)?;
    let mut proved: Vec<(Claim, &Element, Shown)> = Vec::with_capacity(people.len());
    for (disclosed, proof) in people.iter().zip(proofs) {
        proved.push(check_person(entries, terms, context, disclosed, proof, there).map_err(|violation| violation.at(LeafIndex(disclosed.leaf)))?);
    }
    let items: Vec<(&Claim, &Element, &Shown)> = proved.iter().map(|(claim, commitment, proof)| (claim, *commitment, proof)).collect();
    for (disclosed, verdict) in people.iter().zip(verify_batch(&items, &mut OsRng)) {
        verdict.breaks(Rule::R923).and_then(|()| check_fields(entries, terms, disclosed)).map_err(|violation| violation.at(LeafIndex(disclosed.leaf)))?;
    }
    if matches!(terms.of, Selection::Everybody {}) {
        let accounted = (people.len() as u64).saturating_add(Withheld::sum(&terms.withheld));
        require!(accounted == there.len(), R922, "{} people count there, {accounted} are disclosed or withheld", there.len());
    }
    Ok(())
}

/// Holds a person against everything but the proof, and the fields; gives what is to be proved of which commitment.
fn check_person<'a>(
    entries: &'a Entries,
    terms: &Terms,
    context: Hash32,
    disclosed: &Disclosed,
    proof: &Blob,
    there: &Live,
) -> Result<(Claim, &'a Element, Shown), Violation> {
    let Disclosed { chain, leaf, set, size: _, fields: _ } = disclosed;
    let present = there.get(*leaf).filter(|present| present.chain == *chain);
    require!(present.is_some(), R922, "it is not the latest entry of somebody who counts there");
    require!(set.iter().all(|flag| terms.flags.contains(flag)), R923, "a flag is set that is not opened");
    if let Selection::Need { need } = terms.of {
        require!(set.contains(Flag::Need(need)), R922, "the person does not have the need that was asked for");
    }
    let claim = claim_of_person(context, terms.flags, *set).ok_or_else(|| Violation::of_record(Rule::R923, "the flags are no claim"))?;
    let commitment = entries.commitment(*leaf).ok_or_else(|| Violation::of_record(Rule::R923, "the entry has no commitment"))?;
    let proof = Shown::decode(&claim, &proof.0).breaks(Rule::R923)?;
    Ok((claim, commitment, proof))
}

fn check_fields(entries: &Entries, terms: &Terms, disclosed: &Disclosed) -> Result<(), Violation> {
    let Disclosed { chain: _, leaf, set: _, size, fields: shown } = disclosed;
    let entry = entries.entry(*leaf).and_then(|entry| opening::place(&entry.body));
    let Some((place, root)) = entry else { return Err(Violation::of_record(Rule::R924, "the entry has no fields")) };
    require!(shown.is_sorted_by(|one, two| one.name < two.name && one.index < two.index), R924, "the fields are not in order, each once");
    for ShownField { index, name, salt, value, proof } in shown {
        require!(terms.fields.contains(name), R924, "the field {name} may not be disclosed");
        let path = InclusionProof::from_hashes(proof.iter().map(|hash| hash.hash()).collect());
        let field = Field { name, salt: &salt.0, value: value.as_bytes() };
        require!(fields::stands_under(&place, &field, *index, *size, &path, root), R924, "the field {name} is not the entry's");
    }
    Ok(())
}

fn check_rest(entries: &Entries, disclosure: &Disclosure, there: &Live) -> Result<(), Violation> {
    let Disclosure { terms, people, proofs: _, rest } = disclosure;
    let (need, rest) = match (terms.of, rest) {
        (Selection::Need { need }, Some(rest)) => (need, rest),
        (Selection::Need { .. }, None) => return Err(Violation::of_record(Rule::R925, "the proof about the others is missing")),
        (Selection::Everybody {} | Selection::Persons {}, None) => return Ok(()),
        (Selection::Everybody {} | Selection::Persons {}, Some(_)) => return Err(Violation::of_record(Rule::R925, "no need was asked for")),
    };
    let disclosed: BTreeSet<u64> = people.iter().map(|disclosed| disclosed.leaf).collect();
    let others = there.only(|leaf, _| !disclosed.contains(&leaf));
    let context = context(terms, people).breaks(Rule::R921)?;
    let claim = claim_of_rest(context, need, others.len(), Withheld::sum(&terms.withheld));
    let claim = claim.ok_or_else(|| Violation::of_record(Rule::R925, "more are withheld than there are others"))?;
    let proof = Shown::decode(&claim, &rest.0).breaks(Rule::R925)?;
    let sum = entries.sum(&others).ok_or_else(|| Violation::of_record(Rule::R925, "somebody who counts has no commitment"))?;
    claim.verify(&sum, &proof).breaks(Rule::R925)
}

/// An hour, in milliseconds.
const AROUND: u64 = 60 * 60 * 1000;

/// By when entries were entered, which their terminals cannot date back unnoticed, and for each person over all handles.
fn flapping(entries: &Entries, terms: &Terms) -> Vec<ChainId> {
    let roster = &entries.roster;
    let near = |step: &&Step| step.entered.millis().abs_diff(terms.made.millis()) <= AROUND;
    let flaps = |group: &Group<'_>| {
        let mut steps: Vec<&Step> = group.handles.iter().flat_map(|handle| roster.steps(handle)).collect();
        steps.sort_by(|one, two| one.moment.cmp(&two.moment));
        let out_and_in = steps.windows(2).any(|pair| matches!(pair, [out, back] if out.act == Act::Out && back.act.is_present() && near(out)));
        let left = steps.last().is_some_and(|last| last.act == Act::Out && last.entered <= terms.made && near(last));
        out_and_in || left
    };
    roster.groups().into_iter().filter(flaps).map(|group| group.chain).collect()
}

/// The flags that a set of fields lets follow: whoever may have a field may have the flags that are made of it.
#[must_use]
pub fn flags_of(fields: &[String]) -> FlagSet {
    use tachiai_crypto::roster::{AgeBand, Need, Stay};
    let has = |name: &str| fields.iter().any(|field| field == name);
    let ages = AgeBand::ALL.map(Flag::Age).into_iter().filter(|_| has("birth"));
    let stays = Stay::ALL.map(Flag::Stay).into_iter().filter(|_| has("stay"));
    let needs = Need::ALL.map(Flag::Need).into_iter().filter(|_| has("needs"));
    [Flag::Present].into_iter().chain(ages).chain(stays).chain(needs).collect()
}
