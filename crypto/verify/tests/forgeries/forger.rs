//! A dishonest prover, written from PROTOCOL §7 and §8 alone: it follows them with whatever values, generators and challenges it likes, and checks what it made
//! as a verifier with a gap would. So each forgery is known to work against the gap that it is made for.

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;
use rand_chacha::ChaCha20Rng;
use tachiai_crypto::commitment::BallotGenerators;
use tachiai_crypto::election::ballot::Statement;
use tachiai_crypto::group::{Element, G};
use tachiai_crypto::proof::equality::{Column, ShareContext};
use tachiai_crypto::transcript::Transcript;

/// version ‖ slot ‖ registration leaf ‖ counter ‖ V.
pub const HEADER: usize = 49;

/// The generators of a proof: the protocol's, or others.
pub struct Generators {
    /// Of the bit in the second half of a ciphertext.
    pub message: RistrettoPoint,
    pub p: RistrettoPoint,
    pub g: Vec<RistrettoPoint>,
    pub q: Vec<RistrettoPoint>,
}

impl Generators {
    pub fn of_the_protocol() -> Self {
        let set = BallotGenerators::get();
        Self { message: G, p: *set.p(), g: set.g().to_vec(), q: set.q().to_vec() }
    }
}

/// What a careless implementation leaves out of the challenges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    Nothing,
    Ciphertexts,
    Commitments,
    Announcements,
}

/// One contest of a ballot.
#[derive(Clone)]
pub struct Contest {
    pub a: Vec<RistrettoPoint>,
    pub b: Vec<RistrettoPoint>,
    pub rho: Scalar,
    pub bits: RistrettoPoint,
    pub masks: RistrettoPoint,
    pub u: RistrettoPoint,
    pub v: RistrettoPoint,
    pub f: Vec<Scalar>,
    pub z: Scalar,
    pub w: Scalar,
}

/// What a contest of a forged ballot commits to and what it encrypts.
pub struct Vote {
    pub committed: Vec<i64>,
    pub encrypted: Vec<i64>,
}

impl Vote {
    pub fn of(values: &[i64]) -> Self {
        Self { committed: values.to_vec(), encrypted: values.to_vec() }
    }
}

/// A ballot in its parts.
#[derive(Clone)]
pub struct Draft {
    pub header: [u8; HEADER],
    pub contests: Vec<Contest>,
}

pub fn scalar(value: i64) -> Scalar {
    let size = Scalar::from(value.unsigned_abs());
    if value < 0 { -size } else { size }
}

fn powers(y: Scalar) -> impl Iterator<Item = Scalar> {
    std::iter::successors(Some(Scalar::ONE), move |power| Some(power * y))
}

fn point(bytes: &[u8]) -> RistrettoPoint {
    CompressedRistretto::from_slice(bytes).unwrap().decompress().unwrap()
}

fn bytes(points: &[&RistrettoPoint]) -> Vec<u8> {
    points.iter().flat_map(|point| point.compress().to_bytes()).collect()
}

impl Contest {
    fn ciphertexts(&self) -> Vec<u8> {
        let pairs = self.a.iter().zip(&self.b).flat_map(|(a, b)| bytes(&[a, b]));
        pairs.chain(*self.rho.as_bytes()).collect()
    }

    /// f_1, …, f_k, the last from Σ f_i = s·x.
    pub fn all_f(&self, s: u16, x: Scalar) -> Vec<Scalar> {
        let last = Scalar::from(s) * x - self.f.iter().sum::<Scalar>();
        self.f.iter().copied().chain([last]).collect()
    }

    /// The right side of (1) without z P.
    fn opened(&self, s: u16, x: Scalar, generators: &Generators) -> RistrettoPoint {
        let f = self.all_f(s, x);
        f.iter().zip(generators.g.iter().zip(&generators.q)).map(|(f, (g, q))| g * f + q * (f * (x - f))).sum()
    }

    fn weighted(points: &[RistrettoPoint], y: Scalar) -> RistrettoPoint {
        powers(y).zip(points).map(|(power, point)| point * power).sum()
    }

    fn value(&self, y: Scalar) -> Scalar {
        powers(y).zip(&self.f).map(|(power, f)| power * f).sum()
    }

    /// Equations (1) to (3).
    pub fn holds(&self, s: u16, h: &RistrettoPoint, generators: &Generators, (y, x): (Scalar, Scalar)) -> [bool; 3] {
        [
            self.bits * x + self.masks == self.opened(s, x, generators) + generators.p * self.z,
            Self::weighted(&self.a, y) * x + self.u == G * self.w,
            Self::weighted(&self.b, y) * x + self.v == h * self.w + generators.message * self.value(y),
        ]
    }
}

impl Draft {
    pub fn read(ballot: &[u8], statement: &Statement) -> Self {
        let mut chunks = ballot[HEADER..].chunks_exact(32);
        let mut next = || chunks.next().unwrap();
        let number = |bytes: &[u8]| Scalar::from_canonical_bytes(bytes.try_into().unwrap()).unwrap();
        let nothing = RistrettoPoint::identity();
        let mut contests = Vec::new();
        for shape in statement.style.shapes() {
            let (a, b) = (0..shape.sent()).map(|_| (point(next()), point(next()))).unzip();
            let rho = number(next());
            contests.push(Contest { a, b, rho, bits: nothing, masks: nothing, u: nothing, v: nothing, f: vec![], z: Scalar::ZERO, w: Scalar::ZERO });
        }
        for contest in &mut contests {
            (contest.bits, contest.masks, contest.u, contest.v) = (point(next()), point(next()), point(next()), point(next()));
        }
        for contest in &mut contests {
            contest.f = contest.a.iter().map(|_| number(next())).collect();
            (contest.z, contest.w) = (number(next()), number(next()));
        }
        Self { header: ballot[..HEADER].try_into().unwrap(), contests }
    }

    /// The bytes, with 64 zeros where the signature goes.
    pub fn write(&self) -> Vec<u8> {
        let mut out = self.header.to_vec();
        self.contests.iter().for_each(|contest| out.extend(contest.ciphertexts()));
        self.contests.iter().for_each(|contest| out.extend(bytes(&[&contest.bits, &contest.masks, &contest.u, &contest.v])));
        for contest in &self.contests {
            contest.f.iter().chain([&contest.z, &contest.w]).for_each(|scalar| out.extend(scalar.as_bytes()));
        }
        out.extend([0; 64]);
        out
    }

    /// y and x of §7.3, over a transcript that leaves something out.
    pub fn challenges(&self, statement: &Statement, left_out: LeftOut) -> (Scalar, Scalar) {
        let mut transcript = Transcript::new("ballot/v1");
        let part = |from: usize, to: usize| self.header[from..to].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        transcript.append("context", statement.context.as_bytes());
        transcript.append_u64("slot", part(1, 5));
        transcript.append_u64("registration-leaf", part(5, 13));
        transcript.append("registration", statement.registration.as_bytes());
        transcript.append("voting-key", &self.header[17..]);
        transcript.append_u64("counter", part(13, 17));
        let style = statement.style.contests().iter().flat_map(|(contest, shape)| [*contest, shape.positions() as u16, shape.selections()]);
        transcript.append("style", &style.flat_map(u16::to_be_bytes).collect::<Vec<_>>());
        let all = |part: &dyn Fn(&Contest) -> Vec<u8>| self.contests.iter().flat_map(part).collect::<Vec<_>>();
        if left_out != LeftOut::Ciphertexts {
            transcript.append("ciphertexts", &all(&Contest::ciphertexts));
        }
        if left_out != LeftOut::Commitments {
            transcript.append("commitments", &all(&|contest| bytes(&[&contest.bits, &contest.masks])));
        }
        let y = transcript.challenge("y");
        if left_out != LeftOut::Announcements {
            transcript.append("announcements", &all(&|contest| bytes(&[&contest.u, &contest.v])));
        }
        (y, transcript.challenge("x"))
    }

    /// Whether every equation of every contest holds under these challenges.
    pub fn holds(&self, statement: &Statement, generators: &Generators, challenges: (Scalar, Scalar)) -> bool {
        let h = statement.joint_key.point();
        self.contests.iter().zip(statement.style.shapes()).all(|(contest, shape)| contest.holds(shape.selections(), h, generators, challenges) == [true; 3])
    }

    /// Follows §7 with these votes. What is left out of the challenges is chosen last, so that all equations hold; `shift` is then what V' of the first contest
    /// holds too much.
    pub fn prove(
        header: [u8; HEADER],
        votes: &[Vote],
        statement: &Statement,
        generators: &Generators,
        (left_out, shift): (LeftOut, Scalar),
        rng: &mut ChaCha20Rng,
    ) -> Self {
        let h = statement.joint_key.point();
        let mut secrets = Vec::new();
        let mut draft = Self { header, contests: Vec::new() };
        for Vote { committed, encrypted } in votes {
            let k = committed.len();
            let mut draw = |count: usize| (0..count).map(|_| Scalar::random(rng)).collect::<Vec<_>>();
            let (r, mut masks, blinding) = (draw(k), draw(k - 1), draw(3));
            masks.push(-masks.iter().sum::<Scalar>());
            let bits: Vec<Scalar> = committed.iter().copied().map(scalar).collect();
            let (alpha, beta) = (blinding[0], blinding[1]);
            let over = |coefficients: &dyn Fn(usize) -> (Scalar, Scalar), blinding: Scalar| {
                let points = generators.g.iter().zip(&generators.q).take(k).enumerate();
                points.map(|(i, (g, q))| g * coefficients(i).0 + q * coefficients(i).1).sum::<RistrettoPoint>() + generators.p * blinding
            };
            let nothing = RistrettoPoint::identity();
            draft.contests.push(Contest {
                a: r.iter().take(k - 1).map(|r| G * r).collect(),
                b: r.iter().zip(encrypted).take(k - 1).map(|(r, value)| h * r + generators.message * scalar(*value)).collect(),
                rho: r.iter().sum(),
                bits: over(&|i| (bits[i], masks[i] * (Scalar::ONE - bits[i] - bits[i])), beta),
                masks: over(&|i| (masks[i], -(masks[i] * masks[i])), alpha),
                u: nothing,
                v: nothing,
                f: vec![Scalar::ZERO; k - 1],
                z: Scalar::ZERO,
                w: Scalar::ZERO,
            });
            secrets.push((r, masks, bits, blinding));
        }
        let (y, _) = draft.challenges(statement, left_out);
        for (place, (contest, (_, masks, _, blinding))) in draft.contests.iter_mut().zip(&secrets).enumerate() {
            let weighted: Scalar = powers(y).zip(&masks[..contest.a.len()]).map(|(power, mask)| power * mask).sum();
            contest.u = G * blinding[2];
            contest.v = h * blinding[2] + generators.message * (weighted + if place == 0 { shift } else { Scalar::ZERO });
        }
        let (_, x) = draft.challenges(statement, left_out);
        for ((contest, (r, masks, bits, blinding)), shape) in draft.contests.iter_mut().zip(&secrets).zip(statement.style.shapes()) {
            let sent = contest.a.len();
            contest.f = bits.iter().zip(masks).take(sent).map(|(bit, mask)| bit * x + mask).collect();
            contest.z = blinding[1] * x + blinding[0];
            contest.w = x * powers(y).zip(&r[..sent]).map(|(power, r)| power * r).sum::<Scalar>() + blinding[2];
            match left_out {
                LeftOut::Nothing => {}
                LeftOut::Commitments => contest.masks = contest.opened(shape.selections(), x, generators) + generators.p * contest.z - contest.bits * x,
                LeftOut::Announcements => {
                    contest.u = G * contest.w - Contest::weighted(&contest.a, y) * x;
                    contest.v = h * contest.w + generators.message * contest.value(y) - Contest::weighted(&contest.b, y) * x;
                }
                LeftOut::Ciphertexts => {
                    let lacking = h * contest.w + generators.message * contest.value(y) - contest.v - Contest::weighted(&contest.b, y) * x;
                    contest.b[0] += lacking * x.invert();
                }
            }
        }
        draft
    }
}

/// What a careless trustee's proof leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShareLeftOut {
    Nothing,
    Share,
    Announcements,
}

/// The challenge of a decryption share (§8.4).
pub fn share_challenge(
    ShareContext { context, statement, trustee, share_key }: &ShareContext,
    column: &Column,
    d: &RistrettoPoint,
    announcements: [&RistrettoPoint; 2],
    left_out: ShareLeftOut,
) -> Scalar {
    let mut transcript = Transcript::new("decryption/v1");
    transcript.append("context", context.as_bytes());
    transcript.append("statement", statement.as_bytes());
    transcript.append_u64("trustee", trustee.get().into());
    transcript.append("share-key", share_key.as_bytes());
    transcript.append_u64("contest", column.contest.into());
    transcript.append_u64("unit", column.unit.into());
    transcript.append_u64("column", column.column.into());
    transcript.append("sum-a", column.sum_a.as_bytes());
    transcript.append("sum-b", column.sum_b.as_bytes());
    if left_out != ShareLeftOut::Share {
        transcript.append("share", d.compress().as_bytes());
    }
    if left_out != ShareLeftOut::Announcements {
        transcript.append("announcement-g", announcements[0].compress().as_bytes());
        transcript.append("announcement-a", announcements[1].compress().as_bytes());
    }
    transcript.challenge("c")
}

/// D ‖ c ‖ s.
pub fn share_bytes(d: &RistrettoPoint, c: Scalar, s: Scalar) -> Vec<u8> {
    [d.compress().to_bytes(), c.to_bytes(), s.to_bytes()].concat()
}

/// Whether a share satisfies a verifier that leaves something out.
pub fn share_holds(context: &ShareContext, column: &Column, (d, c, s): (&RistrettoPoint, Scalar, Scalar), left_out: ShareLeftOut) -> bool {
    let announced = [G * s - context.share_key.point() * c, column.sum_a.point() * s - d * c];
    share_challenge(context, column, d, [&announced[0], &announced[1]], left_out) == c
}

/// Encodings that no point has: negative, not reduced, with the highest bit, of no square, and those of the curve's torsion.
pub fn no_points() -> Vec<(&'static str, [u8; 32])> {
    let order = |add: u8| {
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (0xed + add, 0x7f);
        bytes
    };
    let hex = |text: &str| <[u8; 32]>::try_from(data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap()).unwrap();
    let mut negative = G.compress().to_bytes();
    negative[0] ^= 1;
    let mut high = G.compress().to_bytes();
    high[31] |= 0x80;
    let mut all = vec![
        ("negative", negative),
        ("the field's order", order(0)),
        ("the field's order plus one", order(1)),
        ("all ones", [0xff; 32]),
        ("the highest bit set", high),
        ("no square", hex("26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371")),
        ("a negative xy", hex("3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e")),
    ];
    // Zero is the identity, which is another matter. What decodes is a point like any other: this group has no torsion.
    let torsion = curve25519_dalek::constants::EIGHT_TORSION.map(|point| point.compress().to_bytes());
    all.extend(torsion.into_iter().filter(|bytes| *bytes != [0; 32] && CompressedRistretto(*bytes).decompress().is_none()).map(|bytes| ("torsion", bytes)));
    assert!(all.iter().filter(|(name, _)| *name == "torsion").count() >= 3);
    assert!(all.iter().all(|(_, bytes)| CompressedRistretto(*bytes).decompress().is_none()));
    all
}

/// ℓ.
pub fn group_order() -> [u8; 32] {
    let mut order = (-Scalar::ONE).to_bytes();
    order[0] += 1;
    order
}

/// A number plus ℓ, which counts the same.
pub fn plus_order(number: &[u8]) -> [u8; 32] {
    let (mut sum, mut carry) = ([0; 32], 0_u16);
    for ((out, byte), order) in sum.iter_mut().zip(number).zip(group_order()) {
        carry += u16::from(*byte) + u16::from(order);
        *out = carry as u8;
        carry >>= 8;
    }
    assert_eq!(carry, 0);
    sum
}

/// Encodings that no scalar has, the first of them worth as much as `honest`.
pub fn no_scalars(honest: &[u8]) -> Vec<(&'static str, [u8; 32])> {
    vec![("the same plus the order", plus_order(honest)), ("the order", group_order()), ("all ones", [0xff; 32])]
}

/// The encoding of a point.
pub fn encoded(point: RistrettoPoint) -> [u8; 32] {
    *Element::new(point).as_bytes()
}
