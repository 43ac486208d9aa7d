//! The first format of a medium, which had no number and room for one election. It is read, never written.

use serde::Deserialize;
use tachiai_schemas::election::TreeHead;
use tachiai_schemas::{Blob, Bytes, HashBytes, TrusteeIndex};
use zeroize::Zeroize;

use super::held::{Held, KeyShare, Run};
use super::secrets;

/// Everything that the medium held.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Secrets {
    name: String,
    signing_seed: Bytes<32>,
    identity: Option<String>,
    recipient: String,
    run: Option<FirstRun>,
    key: Option<FirstKey>,
    statement: Option<HashBytes>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FirstRun {
    manifest: HashBytes,
    run: u32,
    polynomial: Blob,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FirstKey {
    manifest: HashBytes,
    run: u32,
    ceremony: HashBytes,
    trustee: TrusteeIndex,
    secret: Bytes<32>,
    share_key: Bytes<32>,
    checkpoint: TreeHead,
}

impl From<Secrets> for secrets::Secrets {
    fn from(old: Secrets) -> Self {
        let Secrets { name, mut signing_seed, identity, recipient, run, key, statement } = old;
        let mut new = Self::with(name, signing_seed);
        signing_seed.0.zeroize();
        let held = |manifest| Held { manifest, about: None, recipient: recipient.clone(), identity: identity.clone(), runs: Vec::new(), statement: None };
        if let Some(FirstKey { manifest, run, ceremony, trustee, mut secret, share_key, checkpoint }) = key {
            let key = Some(KeyShare { ceremony, trustee, secret, share_key, checkpoint });
            secret.0.zeroize();
            // The statement is this election's: signing one destroyed the identity, without which no other share could be confirmed.
            let mut of_key = held(manifest);
            of_key.runs.push(Run { run, polynomial: None, key });
            of_key.statement = statement;
            new.elections.push(of_key);
        }
        if let Some(FirstRun { manifest, run, polynomial }) = run {
            let at = new.elections.iter().position(|held| held.manifest == manifest).unwrap_or_else(|| {
                new.elections.push(held(manifest));
                new.elections.len() - 1
            });
            let polynomial = Some(polynomial);
            match new.elections[at].runs.iter_mut().find(|known| known.run == run) {
                Some(known) => known.polynomial = polynomial,
                None => new.elections[at].runs.push(Run { run, polynomial, key: None }),
            }
        }
        if let Some(identity) = identity {
            new.receives_with(recipient, identity);
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use tachiai_crypto::hash::Hash32;

    use super::*;

    fn medium(run: u32, identity: &str) -> String {
        let [a, b, c, d] = [1, 2, 3, 4].map(|byte| Bytes([byte; 32])).map(|bytes: Bytes<32>| serde_json::to_string(&bytes).unwrap());
        format!(
            r#"{{"name":"立会一郎","signing_seed":{a},"identity":{identity},"recipient":"age1x","run":{{"manifest":{b},"run":{run},"polynomial":"AAEC"}},
            "key":{{"manifest":{b},"run":1,"ceremony":{c},"trustee":2,"secret":{a},"share_key":{d},"checkpoint":{{"size":7,"root":{c}}}}},"statement":{d}}}"#
        )
    }

    #[test]
    fn a_medium_of_the_first_format_is_read_with_everything_on_it() {
        let text = medium(2, "\"AGE-SECRET-KEY-1\"");
        let secrets = secrets::Secrets::from_json(text.as_bytes()).unwrap();
        assert_eq!((secrets.name.as_str(), secrets.recipient()), ("立会一郎", Some("age1x")));
        let [held] = secrets.elections() else { panic!("one election") };
        assert_eq!((held.manifest, held.statement, held.identity.as_deref()), (Bytes([2; 32]), Some(Bytes([4; 32])), Some("AGE-SECRET-KEY-1")));
        assert_eq!(held.confirmed(), [1]);
        let key = held.key(1).unwrap();
        assert_eq!((key.secret, key.trustee.get(), key.checkpoint.size), (Bytes([1; 32]), 2, 7));
        assert_eq!(held.polynomial(2).unwrap().0, [0, 1, 2]);
        assert!(held.polynomial(1).is_none());

        // And it is written in the new one.
        let again = secrets::Secrets::from_json(&serde_json::to_vec(&secrets).unwrap()).unwrap();
        assert_eq!(again.held(Hash32::from_bytes([2; 32])).unwrap().key(1).unwrap().secret, Bytes([1; 32]));
    }

    #[test]
    fn what_was_destroyed_on_it_stays_so_and_a_polynomial_meets_its_share() {
        let secrets = secrets::Secrets::from_json(medium(1, "null").as_bytes()).unwrap();
        assert_eq!(secrets.recipient(), None);
        let [held] = secrets.elections() else { panic!("one election") };
        assert!(held.identity.is_none());
        assert_eq!((held.confirmed(), held.polynomial(1).unwrap().0.as_slice()), (vec![1], &[0, 1, 2][..]));
    }

    #[test]
    fn a_medium_of_a_newer_format_is_refused_by_its_number() {
        let Err(error) = secrets::Secrets::from_json(br#"{"format":3,"anything":[]}"#) else { panic!("refused") };
        assert!(error.to_string().contains("format 3"), "{error}");
    }
}
