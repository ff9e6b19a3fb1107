//! A challenge, the code it stands for, and the comparison with what was presented.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use subtle::{Choice, ConstantTimeEq};
use thiserror::Error;
use zeroize::Zeroizing;

use super::key::{CodeKey, KeyId, KeyRing};
use super::rules::{DIGITS_MAX, DIGITS_MIN};
use crate::hex;
use crate::keyed::MAC_LENGTH;
use crate::name::{AccountId, AttemptId, Name, TransitionName};
use crate::time::Timestamp;

const PURPOSE: &str = "stateward/code/1";

/// The longest code, in bytes.
const CODE_LENGTH_MAX: usize = DIGITS_MAX as usize;

/// A code that was sent: everything about it but the code.
///
/// The code depends on every field: it proves this step of this attempt of this account, at this
/// address, and nothing else. Sending anew draws a new nonce, which makes the older code wrong.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// What the code is for.
    pub transition: TransitionName,
    /// Whose transition it is.
    pub account: AccountId,
    /// The attempt that waits for it.
    pub attempt: AttemptId,
    /// Which step of the attempt, from 0.
    pub step: u32,
    /// The verification that demands it.
    pub verification: Name,
    /// Where it was sent.
    pub address: Arc<str>,
    /// What sets it apart from every other sending.
    #[serde(with = "hex::array")]
    pub nonce: [u8; 16],
    /// The key that the code is derived under.
    pub key_id: KeyId,
    /// The code's length; held between [`DIGITS_MIN`] and [`DIGITS_MAX`].
    pub digits: u8,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// From when on it is no longer accepted.
    pub expires_at: Timestamp,
}

impl Challenge {
    fn digest(&self, key: &CodeKey) -> [u8; MAC_LENGTH] {
        key.mac(
            PURPOSE,
            &[
                self.transition.workflow.as_str().as_bytes(),
                self.transition.transition.as_str().as_bytes(),
                self.account.as_str().as_bytes(),
                self.attempt.as_str().as_bytes(),
                &self.step.to_be_bytes(),
                self.verification.as_str().as_bytes(),
                self.address.as_bytes(),
                &self.nonce,
                self.key_id.as_bytes(),
                &[self.digits],
                &self.sent_at.as_ms().to_be_bytes(),
                &self.expires_at.as_ms().to_be_bytes(),
            ],
        )
    }

    /// A digest that costs what a challenge's does and belongs to none.
    fn stand_in(key: &CodeKey) -> [u8; MAC_LENGTH] {
        let (name, id, number): (&[u8], &[u8], &[u8]) = (&[b'-'; 12], &[b'-'; 20], &[0; 8]);
        let fields = [
            name, name, id, id, number, name, id, id, number, b"-", number, number,
        ];
        key.mac("stateward/no-code/1", &fields)
    }
}

impl fmt::Debug for Challenge {
    /// Without the address, which is personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Challenge")
            .field("transition", &self.transition)
            .field("account", &self.account)
            .field("attempt", &self.attempt)
            .field("step", &self.step)
            .field("verification", &self.verification)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A one-time code, wiped when it is dropped.
#[derive(Clone)]
pub struct Code(Zeroizing<String>);

impl Code {
    /// The code, for the message that carries it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The code that a digest stands for.
    ///
    /// The truncation is that of HOTP (RFC 4226, section 5.3): the low four bits of the last byte
    /// say where to take a number from. It takes 63 bits instead of 31, because 31 bits make some
    /// codes of 8 digits 5 % and some of 9 digits 50 % more likely than others.
    fn truncate(digest: &[u8; MAC_LENGTH], digits: u8) -> Self {
        let digits = digits.clamp(DIGITS_MIN, DIGITS_MAX);
        let offset = usize::from(digest.last().copied().unwrap_or_default() & 0xf);
        let number = digest
            .iter()
            .skip(offset)
            .take(8)
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        let number = (number & (u64::MAX >> 1)) % 10_u64.pow(u32::from(digits));
        Self(Zeroizing::new(format!(
            "{number:0width$}",
            width = usize::from(digits)
        )))
    }

    /// Whether `presented` is this code; takes the same time whatever either of them is.
    fn equals(&self, presented: &str) -> Choice {
        let expected = padded(self.0.as_bytes());
        let given = padded(presented.as_bytes());
        expected.ct_eq(&*given) & self.0.len().ct_eq(&presented.len())
    }
}

/// The first bytes of a text, filled up with zeros to the length of the longest code.
fn padded(text: &[u8]) -> Zeroizing<[u8; CODE_LENGTH_MAX]> {
    let mut padded = Zeroizing::new([0; CODE_LENGTH_MAX]);
    for (to, from) in padded.iter_mut().zip(text) {
        *to = *from;
    }
    padded
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(******)")
    }
}

/// The key of a challenge is not in the ring: its code can be neither sent nor checked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the code key `{key_id}` is not in the key ring")]
pub struct UnknownKey {
    /// The missing key.
    pub key_id: KeyId,
}

/// The code of a challenge.
///
/// # Errors
/// When the ring lacks the challenge's key.
pub fn derive(ring: &KeyRing, challenge: &Challenge) -> Result<Code, UnknownKey> {
    let key_id = challenge.key_id;
    let key = ring.get(key_id).ok_or(UnknownKey { key_id })?;
    Ok(Code::truncate(&challenge.digest(key), challenge.digits))
}

/// Whether `presented`, without the white space around it, is the code of a challenge.
///
/// A missing challenge, an unknown key, a code of the wrong length and a wrong code cost the same
/// work as the right one (but for the length of the names in the challenge). Whether the challenge
/// has expired, or has been used, is not asked here.
pub fn verify(ring: &KeyRing, challenge: Option<&Challenge>, presented: &str) -> bool {
    let known = challenge.and_then(|challenge| Some((challenge, ring.get(challenge.key_id)?)));
    let (code, exists) = match known {
        Some((challenge, key)) => {
            let code = Code::truncate(&challenge.digest(key), challenge.digits);
            (code, Choice::from(1))
        }
        None => {
            let digest = Challenge::stand_in(ring.current());
            (Code::truncate(&digest, DIGITS_MIN), Choice::from(0))
        }
    };
    (code.equals(presented.trim()) & exists).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ring() -> KeyRing {
        KeyRing::new(CodeKey::from_bytes([1; 32])).with_older(CodeKey::from_bytes([2; 32]))
    }

    fn challenge() -> Challenge {
        Challenge {
            transition: "mobile_phone.bind".parse().unwrap(),
            account: "1001".parse().unwrap(),
            attempt: "att_0123456789abcdef".parse().unwrap(),
            step: 0,
            verification: "new_phone".parse().unwrap(),
            address: "+6591234567".into(),
            nonce: [9; 16],
            key_id: ring().current().id(),
            digits: 6,
            sent_at: Timestamp::from_ms(1_000),
            expires_at: Timestamp::from_ms(601_000),
        }
    }

    fn code(challenge: &Challenge) -> String {
        derive(&ring(), challenge).unwrap().reveal().to_owned()
    }

    /// Codes outlive releases (and are checked by a store restored elsewhere): this one is computed
    /// apart, from the documented encoding.
    #[test]
    fn the_derivation_is_frozen() {
        assert_eq!(code(&challenge()), "973984");
        let long = Challenge {
            digits: 10,
            ..challenge()
        };
        assert_eq!(code(&long), "6867785138");
    }

    #[test]
    fn the_right_code_is_accepted_and_nothing_else() {
        let (ring, challenge) = (ring(), challenge());
        let right = code(&challenge);
        assert!(verify(&ring, Some(&challenge), &right));
        assert!(verify(&ring, Some(&challenge), &format!(" {right}\r\n")));
        let longer = format!("{right}0");
        let shorter = &right[..5];
        let zeros = "\0".repeat(10);
        for wrong in ["", "abcdef", "000000", &longer, shorter, &zeros, "٠١٢٣٤٥"] {
            assert!(!verify(&ring, Some(&challenge), wrong), "{wrong:?}");
        }
    }

    #[test]
    fn no_code_fits_a_missing_challenge_or_a_missing_key() {
        let stand_in = Challenge::stand_in(ring().current());
        let code = Code::truncate(&stand_in, 6);
        assert!(!verify(&ring(), None, code.reveal()));
        let mut stranger = challenge();
        stranger.key_id = CodeKey::from_bytes([3; 32]).id();
        assert!(!verify(&ring(), Some(&stranger), code.reveal()));
        let key_id = stranger.key_id;
        assert_eq!(
            derive(&ring(), &stranger).unwrap_err(),
            UnknownKey { key_id }
        );
    }

    #[test]
    fn an_older_key_still_checks_its_codes() {
        let mut older = challenge();
        older.key_id = CodeKey::from_bytes([2; 32]).id();
        assert!(verify(&ring(), Some(&older), &code(&older)));
    }

    #[test]
    fn the_code_depends_on_every_field() {
        let base = Challenge {
            digits: 10,
            ..challenge()
        };
        let change = |change: fn(&mut Challenge)| {
            let mut changed = base.clone();
            change(&mut changed);
            changed
        };
        let others = [
            change(|c| c.transition = "mobile_phone.change".parse().unwrap()),
            change(|c| c.transition = "mobile_phon.ebind".parse().unwrap()),
            change(|c| c.account = "1002".parse().unwrap()),
            change(|c| c.attempt = "att_0123456789abcdeg".parse().unwrap()),
            change(|c| c.step = 1),
            change(|c| c.verification = "old_phone".parse().unwrap()),
            change(|c| c.address = "+6591234568".into()),
            change(|c| c.nonce = [8; 16]),
            change(|c| c.key_id = CodeKey::from_bytes([2; 32]).id()),
            change(|c| c.sent_at = Timestamp::from_ms(1_001)),
            change(|c| c.expires_at = Timestamp::from_ms(601_001)),
        ];
        for other in others {
            assert_ne!(code(&other), code(&base), "{other:?}");
        }
    }

    #[test]
    fn debug_shows_neither_code_nor_address() {
        let challenge = challenge();
        let code = derive(&ring(), &challenge).unwrap();
        assert_eq!(format!("{code:?}"), "Code(******)");
        assert!(!format!("{challenge:?}").contains("+65"));
    }

    #[test]
    fn a_challenge_survives_the_store() {
        let challenge = challenge();
        let json = serde_json::to_string(&challenge).unwrap();
        assert_eq!(serde_json::from_str::<Challenge>(&json).unwrap(), challenge);
        let packed = rmp_serde::to_vec_named(&challenge).unwrap();
        assert_eq!(
            rmp_serde::from_slice::<Challenge>(&packed).unwrap(),
            challenge
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        /// 1,000 cases: a code has its length, is digits, and only itself is accepted; a damaged
        /// length cannot make a code shorter than six digits.
        #[test]
        fn codes_have_their_length_and_match_only_themselves(
            nonce: [u8; 16], digits: u8, presented in "[0-9]{0,12}",
        ) {
            let challenge = Challenge { nonce, digits, ..challenge() };
            let code = code(&challenge);
            prop_assert_eq!(code.len(), usize::from(digits.clamp(6, 10)));
            prop_assert!(code.bytes().all(|digit| digit.is_ascii_digit()));
            prop_assert!(verify(&ring(), Some(&challenge), &code));
            prop_assert_eq!(verify(&ring(), Some(&challenge), &presented), presented == code);
        }
    }
}
