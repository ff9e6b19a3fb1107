//! Sealing: authenticated encryption of what only the holder of a key may read or make.
//!
//! XChaCha20-Poly1305, whose nonces are long enough to be drawn at random. A seal is bound to its
//! purpose and to a context: bytes that are not sealed but must be the same when it is opened.

use std::fmt;

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Bytes of a key.
pub const KEY_LENGTH: usize = 32;
/// Bytes of a nonce.
pub const NONCE_LENGTH: usize = 24;
/// By how many bytes what is sealed is longer than what it says.
pub const TAG_LENGTH: usize = 16;

/// A key to seal with, wiped when it is dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SealKey([u8; KEY_LENGTH]);

impl SealKey {
    /// The key of these bytes.
    pub fn from_bytes(bytes: [u8; KEY_LENGTH]) -> Self {
        Self(bytes)
    }

    /// The key's bytes, to be sealed under another.
    pub fn reveal(&self) -> &[u8; KEY_LENGTH] {
        &self.0
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey")
    }
}

/// A number that is used once with a key; public.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nonce(pub [u8; NONCE_LENGTH]);

/// Why something cannot be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SealError {
    /// It was sealed under another key, for another purpose or in another context, or was changed
    /// since. Nobody can tell which.
    #[error("it was sealed otherwise, or changed since")]
    Refused,
    /// It is longer than the cipher allows: 256 GiB.
    #[error("it is too long to be sealed")]
    TooLong,
}

/// Seals `plain`. No two things may be sealed with one key and nonce.
///
/// # Errors
/// [`SealError::TooLong`].
pub fn seal(
    key: &SealKey,
    purpose: &str,
    context: &[u8],
    nonce: &Nonce,
    plain: &[u8],
) -> Result<Vec<u8>, SealError> {
    // Sized at once, so that no copy of what is not sealed yet is left behind by growing.
    let mut bytes = Vec::with_capacity(plain.len().saturating_add(TAG_LENGTH));
    bytes.extend(plain);
    let bound = bound(purpose, context);
    match cipher(key).encrypt_in_place(&XNonce::from(nonce.0), &bound, &mut bytes) {
        Ok(()) => Ok(bytes),
        Err(_) => {
            bytes.zeroize();
            Err(SealError::TooLong)
        }
    }
}

/// Opens what [`seal`] made of the same purpose, context and nonce.
///
/// # Errors
/// [`SealError::Refused`].
pub fn open(
    key: &SealKey,
    purpose: &str,
    context: &[u8],
    nonce: &Nonce,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let mut bytes = Zeroizing::new(sealed.to_vec());
    let bound = bound(purpose, context);
    let opened = cipher(key).decrypt_in_place(&XNonce::from(nonce.0), &bound, &mut *bytes);
    opened.map_err(|_| SealError::Refused)?;
    Ok(bytes)
}

fn cipher(key: &SealKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&key.0.into())
}

/// Purpose and context as one: no two pairs give the same bytes.
fn bound(purpose: &str, context: &[u8]) -> Vec<u8> {
    let length = (purpose.len() as u64).to_be_bytes();
    [&length, purpose.as_bytes(), context].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: Nonce = Nonce([3; NONCE_LENGTH]);

    fn key(byte: u8) -> SealKey {
        SealKey::from_bytes([byte; KEY_LENGTH])
    }

    #[test]
    fn what_was_sealed_opens_and_says_nothing_sealed() {
        for plain in [b"".as_slice(), b"hunter2", &[7; 5_000]] {
            let sealed = seal(&key(1), "test", b"here", &NONCE, plain).unwrap();
            assert_eq!(sealed.len(), plain.len() + TAG_LENGTH);
            assert!(plain.is_empty() || !sealed.windows(plain.len()).any(|it| it == plain));
            let opened = open(&key(1), "test", b"here", &NONCE, &sealed).unwrap();
            assert_eq!(*opened, plain);
        }
    }

    #[test]
    fn a_seal_depends_on_everything() {
        let sealed = seal(&key(1), "test", b"here", &NONCE, b"hunter2").unwrap();
        let other = Nonce([4; NONCE_LENGTH]);
        for opened in [
            open(&key(2), "test", b"here", &NONCE, &sealed),
            open(&key(1), "text", b"here", &NONCE, &sealed),
            open(&key(1), "testh", b"ere", &NONCE, &sealed),
            open(&key(1), "test", b"there", &NONCE, &sealed),
            open(&key(1), "test", b"here", &other, &sealed),
            open(&key(1), "test", b"here", &NONCE, b""),
        ] {
            assert_eq!(opened.unwrap_err(), SealError::Refused);
        }
    }

    #[test]
    fn every_turned_bit_and_every_cut_is_refused() {
        let sealed = seal(&key(1), "test", b"", &NONCE, b"hunter2").unwrap();
        let refused = |bytes: &[u8]| open(&key(1), "test", b"", &NONCE, bytes).is_err();
        for bit in 0..sealed.len() * 8 {
            let mut turned = sealed.clone();
            turned[bit / 8] ^= 1 << (bit % 8);
            assert!(refused(&turned), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(refused(&sealed[..length]), "{length} bytes");
        }
    }

    /// From draft-irtf-cfrg-xchacha-03, appendix A.3.1, without the purpose that is bound here.
    #[test]
    fn the_cipher_is_xchacha20_poly1305() {
        let key = SealKey::from_bytes(std::array::from_fn(|index| 0x80 + index as u8));
        let nonce: [u8; NONCE_LENGTH] = std::array::from_fn(|index| 0x40 + index as u8);
        let context = b"PQRS\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7";
        let mut bytes = b"Ladies and Gentlemen of the class of '99: If I could offer you \
            only one tip for the future, sunscreen would be it."
            .to_vec();
        let sealed = cipher(&key).encrypt_in_place(&XNonce::from(nonce), context, &mut bytes);
        sealed.unwrap();
        let shown = crate::hex::encode(&bytes);
        assert!(shown.starts_with("bd6d179d3e83d43b9576579493c0e939572a1700252bfacc"));
        assert!(shown.ends_with("c0875924c1c7987947deafd8780acf49"));
    }

    #[test]
    fn a_key_is_not_shown_by_debug() {
        assert_eq!(format!("{:?}", key(0xab)), "SealKey");
    }
}
