//! The ceremony from one trustee's side: commit, deal, confirm or complain (PROTOCOL §4).

use std::io::{Read, Write};
use std::iter;
use std::str::FromStr;

use tachiai_crypto::ceremony::{
    CeremonyId, Commitments, DealPublic, Polynomial, Quorum, SecretShare, SharePlaintext, combine, derive, trustee_list_hash, verify_deal,
};
use tachiai_crypto::election::context::{Fingerprint, fingerprint};
use tachiai_crypto::group::Element;
use tachiai_crypto::hash::Hash32;
use tachiai_crypto::journal::BoardSecretKey;
use tachiai_crypto::journal::{Tree, leaf_hash};
use tachiai_crypto::signature::Signature;
use tachiai_schemas::election::{Body, Manifest, TreeHead};
use tachiai_schemas::entry::Entry;
use tachiai_schemas::trustee::{Commit, Complaint, ComplaintReason, Confirm, Deal, EncryptedShare, ShareHash, Signed, SignedKind, TrusteeCard, TrusteeFile};
use tachiai_schemas::{Blob, Bytes, Lang, Say, TrusteeIndex};
use zeroize::Zeroizing;

use super::held::{About, KeyShare};
use super::secrets::Secrets;
use crate::failure::Failure;

/// The board up to the ceremony, as one trustee reads it.
pub struct View {
    /// The manifest.
    pub manifest: Manifest,
    /// Its leaf hash, M.
    pub manifest_hash: Hash32,
    /// This trustee's index.
    pub own: TrusteeIndex,
    /// The current run.
    pub run: u32,
    commits: Vec<Signed<Commit>>,
    deals: Vec<Signed<Deal>>,
    confirms: Vec<Signed<Confirm>>,
    /// How the election was opened, if it was: the ceremony is over.
    pub opened: Option<Opening>,
    head: TreeHead,
}

/// What the opening of an election fixed.
#[derive(Debug, Clone, Copy)]
pub struct Opening {
    /// The run whose key it uses.
    pub run: u32,
    /// The hash of that ceremony.
    pub ceremony: Hash32,
    /// The fingerprint, as it stands in the public notice.
    pub fingerprint: Fingerprint,
}

/// What a trustee does next in the ceremony.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Commit.
    Commit,
    /// Wait for the commits of the others.
    WaitForCommits,
    /// Deal.
    Deal,
    /// Wait for the deals of the others.
    WaitForDeals,
    /// Confirm.
    Confirm,
    /// Wait for the confirmations of the others and for the opening.
    WaitForOpening,
    /// The election is open: the next act is the tally.
    Tally,
}

impl Say for Next {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Commit => "tachiai trustee commit",
            Self::WaitForCommits => lang.pick("ほかの立会人の確約を待つ", "wait for the commits of the others"),
            Self::Deal => "tachiai trustee deal",
            Self::WaitForDeals => lang.pick("ほかの立会人の分散鍵を待つ", "wait for the deals of the others"),
            Self::Confirm => "tachiai trustee confirm",
            Self::WaitForOpening => lang.pick("ほかの立会人の確認と投票開始を待つ", "wait for the other confirmations and the opening"),
            Self::Tally => lang.pick("投票締切の後に tachiai trustee decrypt", "after the poll has closed: tachiai trustee decrypt"),
        }
        .to_owned()
    }
}

impl View {
    /// Reads the entries of a board whose rules were checked, and compares it with what this medium confirmed before.
    ///
    /// # Errors
    /// [`Failure`] when this trustee is not in the manifest, cannot receive shares there, or confirmed a share on a board that this one does not extend.
    pub fn read(entries: &[Vec<u8>], secrets: &Secrets) -> Result<Self, Failure> {
        let malformed = |e: &dyn std::fmt::Display| Failure::incomplete(format!("掲示板を読み取れません: {e}"), format!("the board cannot be read: {e}"));
        let mut tree = Tree::new();
        let mut parsed = Vec::new();
        for bytes in entries {
            tree.push(leaf_hash(bytes));
            parsed.push(Entry::from_bytes(bytes).map_err(|e| malformed(&e))?);
        }
        let mut bodies = parsed.into_iter().map(|e| e.body);
        let Some(Body::Manifest(manifest)) = bodies.next() else {
            return Err(malformed(&"leaf 0 is no manifest"));
        };
        let own_key = secrets.signing_key().public().to_bytes();
        let place = manifest.trustees.iter().position(|t| t.signing_key.0 == own_key).ok_or_else(|| {
            Failure::refused(
                "この選挙の立会人に含まれていません。別の選挙のファイルか、別の媒体です。",
                "this trustee is not in the manifest: the files are of another election, or the medium is another one.",
            )
        })?;
        let manifest_hash = leaf_hash(&entries[0]);
        secrets.may_receive(manifest_hash, &manifest.trustees[place].recipient)?;
        let own = u8::try_from(place + 1).ok().and_then(|i| TrusteeIndex::new(i).ok()).ok_or_else(|| malformed(&"too many trustees"))?;
        let mut view = Self {
            manifest: *manifest,
            manifest_hash,
            own,
            run: 1,
            commits: Vec::new(),
            deals: Vec::new(),
            confirms: Vec::new(),
            opened: None,
            head: TreeHead { size: tree.len(), root: tree.root().into() },
        };
        for (leaf, body) in (1..).zip(bodies) {
            match body {
                Body::Commit(f) => view.commits.push(f),
                Body::Deal(f) => view.deals.push(f),
                Body::Confirm(f) => view.confirms.push(f),
                Body::Complaint(f) => {
                    view.run = f.body.run + 1;
                    view.commits.clear();
                    view.deals.clear();
                    view.confirms.clear();
                }
                Body::Opened(opened) => {
                    let fingerprint = fingerprint(manifest_hash, leaf_hash(&entries[leaf]), &view.manifest.board_key.0);
                    view.opened = Some(Opening { run: opened.run, ceremony: opened.ceremony.hash(), fingerprint });
                }
                _ => {}
            }
        }
        view.commits.sort_by_key(|f| f.body.trustee);
        view.deals.sort_by_key(|f| f.body.trustee);
        if let Some(held) = secrets.held(manifest_hash) {
            held.extended_by(&tree, view.opened.map(|opening| opening.run))?;
        }
        Ok(view)
    }

    /// How people know this election.
    #[must_use]
    pub fn about(&self) -> About {
        About { election: self.manifest.election, title: self.manifest.title.clone(), origin: self.manifest.origin.clone() }
    }

    fn recipient(&self) -> &str {
        &self.manifest.trustees[usize::from(self.own.get()) - 1].recipient
    }

    /// What comes next for this trustee.
    #[must_use]
    pub fn next(&self) -> Next {
        let n = self.manifest.trustees.len();
        if self.opened.is_some() {
            Next::Tally
        } else if self.confirms.iter().any(|f| f.body.trustee == self.own) {
            Next::WaitForOpening
        } else if self.deals.len() == n {
            Next::Confirm
        } else if self.deals.iter().any(|f| f.body.trustee == self.own) {
            Next::WaitForDeals
        } else if self.commits.len() == n {
            Next::Deal
        } else if self.commits.iter().any(|f| f.body.trustee == self.own) {
            Next::WaitForCommits
        } else {
            Next::Commit
        }
    }

    /// Checks that a step is the next one.
    ///
    /// # Errors
    /// [`Failure`] (1) that says what comes next and who is missing.
    pub fn expect(&self, wanted: Next) -> Result<(), Failure> {
        let next = self.next();
        if next == wanted {
            return Ok(());
        }
        let who = self.missing().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let missing = match next {
            Next::Tally => (String::new(), String::new()),
            _ => (format!("まだ届いていない立会人: {who}"), format!("still missing from trustees: {who}")),
        };
        Err(Failure::refused(
            format!("今はこの手順ではありません（次にすること: {}）。{}", next.say(Lang::Ja), missing.0),
            format!("this is not the step now (next: {}). {}", next.say(Lang::En), missing.1),
        ))
    }

    /// Whose files are missing in the round under way.
    #[must_use]
    pub fn missing(&self) -> Vec<TrusteeIndex> {
        let have: Vec<TrusteeIndex> = match self.next() {
            Next::Commit | Next::WaitForCommits => self.commits.iter().map(|f| f.body.trustee).collect(),
            Next::Deal | Next::WaitForDeals => self.deals.iter().map(|f| f.body.trustee).collect(),
            Next::Confirm | Next::WaitForOpening => self.confirms.iter().map(|f| f.body.trustee).collect(),
            Next::Tally => return Vec::new(),
        };
        let all = (1..).map_while(|index| TrusteeIndex::new(index).ok()).take(self.manifest.trustees.len());
        all.filter(|index| !have.contains(index)).collect()
    }

    /// How many entries the board has that was read.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.head.size
    }

    fn quorum(&self) -> Result<Quorum, Failure> {
        let n = u8::try_from(self.manifest.trustees.len()).unwrap_or(u8::MAX);
        Quorum::new(n, self.manifest.quorum).map_err(|e| failed(&e))
    }

    fn ceremony(&self) -> CeremonyId {
        let trustees = trustee_list_hash(self.manifest.trustees.iter().map(|t| (&t.signing_key.0, t.recipient.as_str())));
        CeremonyId { manifest: self.manifest_hash, run: self.run, trustees }
    }

    fn commit_of(&self, index: TrusteeIndex) -> Result<Hash32, Failure> {
        self.commits
            .iter()
            .find(|f| f.body.trustee == index)
            .map(|f| f.body.commitment.hash())
            .ok_or_else(|| Failure::incomplete(format!("立会人 {index} の確約がありません。"), format!("the commit of trustee {index} is missing.")))
    }
}

fn failed(e: &dyn std::fmt::Display) -> Failure {
    Failure::refused(format!("鍵生成を続けられません: {e}"), format!("the ceremony cannot go on: {e}"))
}

/// Signs the body of a trustee's file (PROTOCOL §2.3).
///
/// # Errors
/// None in practice: the body's JSON can always be written.
pub fn sign<T: SignedKind>(body: T, key: &BoardSecretKey) -> Result<Signed<T>, Failure> {
    let json = tachiai_schemas::canonical::to_bytes(&body).map_err(|e| failed(&e))?;
    let signature = Bytes(key.sign_bytes(&format!("file/{}", T::KIND), &json));
    Ok(Signed { body, signature })
}

/// The file with a trustee's keys for the next election.
///
/// # Errors
/// [`Failure`] when the age keys that were made last are used up.
pub fn card(secrets: &Secrets) -> Result<TrusteeFile, Failure> {
    let key = secrets.signing_key();
    let recipient = secrets.recipient().ok_or_else(used_up)?.to_owned();
    let body = TrusteeCard { name: secrets.name.clone(), signing_key: Bytes(key.public().to_bytes()), recipient };
    Ok(TrusteeFile::TrusteeCard(sign(body, &key)?))
}

fn used_up() -> Failure {
    Failure::refused("この媒体の受信鍵はすでに破棄されています。", "the age identity of this medium has been destroyed already.")
}

/// Round 0: draws the polynomial and commits to it. Repeated in the same run, it gives the same file.
///
/// # Errors
/// [`Failure`] when it is not the time.
pub fn commit(view: &View, secrets: &mut Secrets) -> Result<TrusteeFile, Failure> {
    view.expect(Next::Commit)?;
    let quorum = view.quorum()?;
    secrets
        .begin(view.manifest_hash, view.about(), view.recipient())?
        .promise(view.run, || Blob(Polynomial::generate(quorum, &mut rand_core::OsRng).to_bytes().to_vec()));
    let polynomial = polynomial(view, secrets, quorum)?;
    let commitment = polynomial.commit(&view.ceremony(), view.own).into();
    let body = Commit { manifest: view.manifest_hash.into(), run: view.run, trustee: view.own, commitment };
    Ok(TrusteeFile::TrusteeCommit(sign(body, &secrets.signing_key())?))
}

fn polynomial(view: &View, secrets: &Secrets, quorum: Quorum) -> Result<Polynomial, Failure> {
    let polynomial = secrets.held(view.manifest_hash).and_then(|held| held.polynomial(view.run)).ok_or_else(no_secret)?;
    Polynomial::from_bytes(&polynomial.0, quorum).map_err(|e| failed(&e))
}

fn no_secret() -> Failure {
    Failure::refused(
        "この媒体には今回の鍵生成の秘密がありません。確約を作った媒体を使ってください。",
        "this medium does not hold the secret of this run. Use the medium that made the commit.",
    )
}

/// Rounds 1 and 2: reveals the commitments and seals a share for every other trustee.
///
/// # Errors
/// [`Failure`] when it is not the time.
pub fn deal(view: &View, secrets: &Secrets) -> Result<TrusteeFile, Failure> {
    view.expect(Next::Deal)?;
    let (quorum, ceremony) = (view.quorum()?, view.ceremony());
    let polynomial = polynomial(view, secrets, quorum)?;
    if polynomial.commit(&ceremony, view.own) != view.commit_of(view.own)? {
        return Err(failed(&"the commit on the board is not this medium's"));
    }
    let mut shares = Vec::new();
    for to in quorum.others(view.own) {
        let recipient = &view.manifest.trustees[usize::from(to.get()) - 1].recipient;
        let recipient = age::x25519::Recipient::from_str(recipient).map_err(|e| failed(&e))?;
        let plain = polynomial.share_for(&ceremony, view.own, to);
        shares.push(EncryptedShare { to, age: Blob(seal(plain.as_bytes(), &recipient)?) });
    }
    let body = Deal {
        manifest: view.manifest_hash.into(),
        run: view.run,
        trustee: view.own,
        commitments: polynomial.commitments().encodings().into_iter().map(Bytes).collect(),
        possession: Bytes(polynomial.possession(&ceremony, view.own, &mut rand_core::OsRng).to_bytes()),
        shares: shares.iter().map(|s| ShareHash { to: s.to, sha256: Hash32::sha256(&s.age.0).into() }).collect(),
    };
    Ok(TrusteeFile::TrusteeDeal { deal: sign(body, &secrets.signing_key())?, shares })
}

fn seal(plain: &[u8], recipient: &age::x25519::Recipient) -> Result<Vec<u8>, Failure> {
    let encryptor = age::Encryptor::with_recipients(iter::once(recipient as &dyn age::Recipient)).map_err(|e| failed(&e))?;
    let mut out = Vec::new();
    let mut writer = encryptor.wrap_output(&mut out).map_err(|e| failed(&e))?;
    writer.write_all(plain).and_then(|()| writer.finish().map(drop)).map_err(|e| failed(&e))?;
    Ok(out)
}

/// Round 3: opens the shares, checks them, derives the joint key and confirms; a wrong share becomes a complaint instead.
///
/// # Errors
/// [`Failure`] when it is not the time or files are missing.
pub fn confirm(view: &View, files: &[TrusteeFile], secrets: &mut Secrets) -> Result<TrusteeFile, Failure> {
    view.expect(Next::Confirm)?;
    let (quorum, ceremony) = (view.quorum()?, view.ceremony());
    let mut deals = Vec::new();
    let mut shares = vec![polynomial(view, secrets, quorum)?.own_share(view.own)];
    for signed in &view.deals {
        let from = signed.body.trustee;
        let Ok(public) = public_deal(view, &ceremony, quorum, &signed.body) else {
            return complain(view, secrets, from, ComplaintReason::DealInvalid);
        };
        if from != view.own {
            match open_share(view, files, secrets, &ceremony, &signed.body, &public.commitments)? {
                Ok(share) => shares.push(share),
                Err(reason) => return complain(view, secrets, from, reason),
            }
        }
        deals.push(public);
    }
    let result = derive(&ceremony, quorum, &deals).map_err(|e| failed(&e))?;
    let key = combine(&result, view.own, &shares).map_err(|e| failed(&e))?;
    let share = KeyShare {
        ceremony: result.hash.into(),
        trustee: view.own,
        secret: Bytes(*key.to_bytes()),
        share_key: Bytes(*key.share_key().as_bytes()),
        checkpoint: view.head,
    };
    secrets.held_mut(view.manifest_hash).ok_or_else(no_secret)?.keep(view.run, share)?;
    let body = Confirm {
        manifest: view.manifest_hash.into(),
        run: view.run,
        trustee: view.own,
        joint_key: Bytes(*result.joint_key.as_bytes()),
        share_keys: result.share_keys.iter().map(|k: &Element| Bytes(*k.as_bytes())).collect(),
        ceremony: result.hash.into(),
    };
    Ok(TrusteeFile::TrusteeConfirm(sign(body, &secrets.signing_key())?))
}

fn public_deal(view: &View, ceremony: &CeremonyId, quorum: Quorum, deal: &Deal) -> Result<DealPublic, Failure> {
    let commit = view.commit_of(deal.trustee)?;
    let encodings: Vec<_> = deal.commitments.iter().map(|c| c.0).collect();
    let commitments = Commitments::decode(&encodings, quorum).map_err(|e| failed(&e))?;
    let possession = Signature::decode(&deal.possession.0).map_err(|e| failed(&e))?;
    verify_deal(ceremony, quorum, deal.trustee, commit, &commitments, &possession).map_err(|e| failed(&e))?;
    let share_hashes = deal.shares.iter().map(|s| (s.to, s.sha256.hash())).collect();
    Ok(DealPublic { index: deal.trustee, commit, commitments, possession, share_hashes })
}

/// The outer error is about files that are missing or not the dealer's; the inner one is the dealer's fault.
fn open_share(
    view: &View,
    files: &[TrusteeFile],
    secrets: &Secrets,
    ceremony: &CeremonyId,
    deal: &Deal,
    commitments: &Commitments,
) -> Result<Result<SecretShare, ComplaintReason>, Failure> {
    let from = deal.trustee;
    let missing = || {
        Failure::incomplete(
            format!("立会人 {from} からの分散鍵が届いていません。ファイルを受け取ってからもう一度実行してください。"),
            format!("the share from trustee {from} is not here. Get the file and try again."),
        )
    };
    let wanted = deal.shares.iter().find(|s| s.to == view.own).ok_or_else(missing)?.sha256.hash();
    let sealed = files
        .iter()
        .filter_map(|file| match file {
            TrusteeFile::TrusteeDeal { deal: d, shares } if d.body == *deal => Some(shares),
            _ => None,
        })
        .flatten()
        .find(|s| s.to == view.own && Hash32::sha256(&s.age.0) == wanted)
        .ok_or_else(missing)?;
    let identity = secrets.held(view.manifest_hash).and_then(|held| held.identity.as_deref()).ok_or_else(used_up)?;
    let identity = age::x25519::Identity::from_str(identity).map_err(|e| failed(&e))?;
    Ok(open(&sealed.age.0, &identity)
        .ok_or(ComplaintReason::ShareUnreadable)
        .and_then(|plain| SharePlaintext::parse(&plain).map_err(|_| ComplaintReason::ShareUnreadable))
        .and_then(|share| share.check(ceremony, from, view.own, commitments).map_err(|_| ComplaintReason::ShareWrong)))
}

fn open(sealed: &[u8], identity: &age::x25519::Identity) -> Option<Zeroizing<Vec<u8>>> {
    let decryptor = age::Decryptor::new_buffered(sealed).ok()?;
    let mut reader = decryptor.decrypt(iter::once(identity as &dyn age::Identity)).ok()?;
    let mut plain = Zeroizing::new(Vec::new());
    reader.by_ref().take(1024).read_to_end(&mut plain).ok()?;
    Some(plain)
}

fn complain(view: &View, secrets: &Secrets, against: TrusteeIndex, reason: ComplaintReason) -> Result<TrusteeFile, Failure> {
    let body = Complaint { manifest: view.manifest_hash.into(), run: view.run, trustee: view.own, against, reason };
    Ok(TrusteeFile::TrusteeComplaint(sign(body, &secrets.signing_key())?))
}

/// Once the election is open, what its ceremony needed is destroyed; says whether there was any.
pub fn forget(view: &View, secrets: &mut Secrets) -> bool {
    view.opened.is_some() && secrets.forget(view.manifest_hash)
}

#[cfg(test)]
mod tests;
