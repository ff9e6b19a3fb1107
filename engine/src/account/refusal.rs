//! Denials as they are kept: who was refused what, and by which gate. Nothing personal is in them,
//! so that they need no key to be read; a keyed digest proves that nobody changed or dropped one.

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use super::JournalError;
use super::answer::{Denial, Digest, Gate};
use super::request::{Actor, Command};
use crate::challenge::{CodeKey, KeyId, KeyRing};
use crate::keyed::MAC_LENGTH;
use crate::name::AccountId;
use crate::time::Timestamp;

const VERSION: u8 = 1;
const DENIAL: &str = "stateward/denial/1";
const HEAD: &str = "stateward/denials/1";

/// A denial that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// When.
    pub at: Timestamp,
    /// Who asked: a principal's kind and name, or `owner`.
    pub by: String,
    /// What was asked: `run`, `confirm` and so on.
    pub command: String,
    /// Of what: a transition or an attempt.
    pub subject: Option<String>,
    /// About which account, as far as it was named.
    pub account: Option<AccountId>,
    /// The gate that refused.
    pub gate: Gate,
    /// The diagnostic code.
    pub code: String,
    /// The domain's own error code, where the lifecycle declares one.
    pub deny_code: Option<String>,
    /// Fingerprint of the bundle that decided.
    pub bundle: Digest,
    /// Denials since the one before that were counted and not kept, because there were too many.
    pub uncounted: u64,
}

impl Refusal {
    /// A denial of what somebody asked.
    pub fn new(
        at: Timestamp,
        (actor, command): (&Actor, &Command),
        account: Option<AccountId>,
        denial: &Denial,
        bundle: Digest,
    ) -> Self {
        Self {
            at,
            by: actor.told(),
            command: command.word().to_owned(),
            subject: command.subject(),
            account,
            gate: denial.gate,
            code: denial.code.clone(),
            deny_code: denial.deny_code.clone(),
            bundle,
            uncounted: 0,
        }
    }

    /// The stored form: a version byte, MessagePack, and the proof. `ring` is the ring's name.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub fn seal(&self, keys: &KeyRing, ring: &str, number: u64) -> Result<Vec<u8>, JournalError> {
        let mut bytes = vec![VERSION];
        let written = rmp_serde::encode::write(&mut bytes, self);
        written.map_err(|error| JournalError::Codec(error.to_string()))?;
        let proof = proof(keys.current(), DENIAL, ring, &[number], &bytes);
        bytes.extend(proof);
        Ok(bytes)
    }

    /// Reads a stored denial, and checks its proof.
    ///
    /// # Errors
    /// When it is damaged, of another ring or number, or proved by a key that the ring does not
    /// have.
    pub fn open(
        bytes: &[u8],
        keys: &KeyRing,
        ring: &str,
        number: u64,
    ) -> Result<Self, JournalError> {
        let damaged = || JournalError::Denial(number, "it is damaged");
        let (body, proof) = bytes
            .split_last_chunk::<PROOF_LENGTH>()
            .ok_or_else(damaged)?;
        check(keys, proof, DENIAL, ring, &[number], body)
            .map_err(|why| JournalError::Denial(number, why))?;
        match body.split_first() {
            Some((&VERSION, mut rest)) => {
                let read = rmp_serde::from_read(&mut rest);
                read.ok().filter(|_| rest.is_empty()).ok_or_else(damaged)
            }
            _ => Err(damaged()),
        }
    }
}

/// What proves that a ring holds the denials of these numbers.
pub fn prove_head(keys: &KeyRing, ring: &str, (oldest, newest): (u64, u64)) -> Vec<u8> {
    proof(keys.current(), HEAD, ring, &[oldest, newest], &[]).to_vec()
}

/// Whether a proof of a ring's head holds.
///
/// # Errors
/// When it does not, or was made with a key that the ring of keys does not have.
pub fn check_head(
    keys: &KeyRing,
    ring: &str,
    (oldest, newest): (u64, u64),
    proof: &[u8],
) -> Result<(), JournalError> {
    let proof = proof.try_into();
    let proof = proof.map_err(|_| JournalError::DenialHead("its proof is damaged"))?;
    let checked = check(keys, proof, HEAD, ring, &[oldest, newest], &[]);
    checked.map_err(JournalError::DenialHead)
}

const KEY_ID_LENGTH: usize = 8;
const PROOF_LENGTH: usize = KEY_ID_LENGTH + MAC_LENGTH;

/// The id of the key, and the keyed digest.
fn proof(
    key: &CodeKey,
    purpose: &str,
    ring: &str,
    numbers: &[u64],
    body: &[u8],
) -> [u8; PROOF_LENGTH] {
    let numbers: Vec<u8> = numbers.iter().flat_map(|it| it.to_be_bytes()).collect();
    let mac = key.mac(purpose, &[ring.as_bytes(), &numbers, body]);
    let id = key.id();
    let mut bytes = id.as_bytes().iter().chain(&mac);
    std::array::from_fn(|_| bytes.next().copied().unwrap_or_default())
}

fn check(
    keys: &KeyRing,
    given: &[u8; PROOF_LENGTH],
    purpose: &str,
    ring: &str,
    numbers: &[u64],
    body: &[u8],
) -> Result<(), &'static str> {
    let id = given.first_chunk::<KEY_ID_LENGTH>().copied();
    let key = keys.get(KeyId::from_bytes(id.unwrap_or_default()));
    let key = key.ok_or("the key that proves it is not in the key file")?;
    let expected = proof(key, purpose, ring, numbers, body);
    match bool::from(expected.ct_eq(given)) {
        true => Ok(()),
        false => Err("it was changed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> KeyRing {
        KeyRing::new(CodeKey::from_bytes([7; 32]))
    }

    fn refusal() -> Refusal {
        let denial = Denial {
            gate: Gate::Policy,
            code: "D0001".to_owned(),
            deny_code: Some("NoPermission".to_owned()),
            effect: None,
            message: "no policy allows it".to_owned(),
            retry_at: None,
            place: None,
        };
        let asked = (&Actor::Owner, &Command::Erase);
        Refusal::new(Timestamp::from_ms(1), asked, None, &denial, Digest([1; 32]))
    }

    #[test]
    fn a_denial_reads_back_in_its_ring_and_place_alone() {
        let bytes = refusal().seal(&keys(), "1001", 3).unwrap();
        let read = |ring, number| Refusal::open(&bytes, &keys(), ring, number);
        assert_eq!(read("1001", 3).unwrap(), refusal());
        read("1002", 3).unwrap_err();
        read("1001", 4).unwrap_err();
        let other = KeyRing::new(CodeKey::from_bytes([8; 32]));
        Refusal::open(&bytes, &other, "1001", 3).unwrap_err();
        let rotated = other.with_older(CodeKey::from_bytes([7; 32]));
        Refusal::open(&bytes, &rotated, "1001", 3).unwrap();
    }

    #[test]
    fn every_turned_bit_and_every_cut_is_found() {
        let bytes = refusal().seal(&keys(), "1001", 3).unwrap();
        let refused = |bytes: &[u8]| Refusal::open(bytes, &keys(), "1001", 3).is_err();
        for bit in 0..bytes.len() * 8 {
            let mut turned = bytes.clone();
            turned[bit / 8] ^= 1 << (bit % 8);
            assert!(refused(&turned), "bit {bit}");
        }
        assert!((0..bytes.len()).all(|length| refused(&bytes[..length])));
    }

    #[test]
    fn a_head_proves_its_numbers_alone() {
        let proof = prove_head(&keys(), "1001", (2, 5));
        let check = |ring, numbers| check_head(&keys(), ring, numbers, &proof);
        check("1001", (2, 5)).unwrap();
        check("1001", (2, 4)).unwrap_err();
        check("1001", (1, 5)).unwrap_err();
        check("1002", (2, 5)).unwrap_err();
        check_head(&keys(), "1001", (2, 5), b"").unwrap_err();
    }
}
