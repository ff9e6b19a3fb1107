//! Keyed hashing: HMAC-SHA-256 over parts that cannot be confused with one another.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Bytes of an HMAC-SHA-256.
pub const MAC_LENGTH: usize = 32;

/// The block of SHA-256, to which HMAC pads its key.
const BLOCK_LENGTH: usize = 64;

#[cfg(any(test, feature = "webhook"))]
/// HMAC-SHA-256 of the bytes of `parts`, one after another (RFC 2104).
pub fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; MAC_LENGTH] {
    let mut hmac = Hmac::<Sha256>::new(&(*block(key)).into());
    for part in parts {
        hmac.update(part);
    }
    hmac.finalize().into_bytes().into()
}

/// HMAC-SHA-256 of a list of fields: `purpose` first, then each field, every one of them preceded
/// by its length as eight bytes.
///
/// No two lists have the same encoding, so a digest made for one purpose or one field is worth
/// nothing for another.
pub fn mac_of_fields(key: &[u8], purpose: &str, fields: &[&[u8]]) -> [u8; MAC_LENGTH] {
    let mut hmac = Hmac::<Sha256>::new(&(*block(key)).into());
    for field in std::iter::once(&purpose.as_bytes()).chain(fields) {
        hmac.update(&(field.len() as u64).to_be_bytes());
        hmac.update(field);
    }
    hmac.finalize().into_bytes().into()
}

/// The key as HMAC takes it: hashed where it is longer than a block, then padded with zeros.
fn block(key: &[u8]) -> Zeroizing<[u8; BLOCK_LENGTH]> {
    let mut block = Zeroizing::new([0; BLOCK_LENGTH]);
    if key.len() > BLOCK_LENGTH {
        fill(&mut *block, &Sha256::digest(key));
    } else {
        fill(&mut *block, key);
    }
    block
}

fn fill(block: &mut [u8], bytes: &[u8]) {
    for (to, from) in block.iter_mut().zip(bytes) {
        *to = *from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;

    /// RFC 4231, test cases 2 (a short key) and 6 (a key longer than a block).
    #[test]
    fn the_vectors_of_rfc_4231_hold() {
        assert_eq!(
            hex::encode(&mac(b"Jefe", &[b"what do ya want ", b"for nothing?"])),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hex::encode(&mac(
                &[0xaa; 131],
                &[b"Test Using Larger Than Block-Size Key - Hash Key First"]
            )),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        let digests = [
            mac_of_fields(b"key", "purpose", &[b"ab", b"c"]),
            mac_of_fields(b"key", "purpose", &[b"a", b"bc"]),
            mac_of_fields(b"key", "purpose", &[b"abc"]),
            mac_of_fields(b"key", "purpose", &[b"abc", b""]),
            mac_of_fields(b"key", "purposea", &[b"bc"]),
        ];
        for (index, digest) in digests.iter().enumerate() {
            assert!(digests.iter().skip(index + 1).all(|other| other != digest));
        }
    }
}
