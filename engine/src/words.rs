//! Texts taken eight bytes at a time, a word each: to compare and to hash short ones without a call.

/// How many bytes are taken at a time.
pub(crate) const WORD: usize = 8;

/// The last bytes of a text, fewer than a word has, with zeros behind them.
pub(crate) fn word_of(rest: &[u8]) -> u64 {
    // Four bytes or more are two halves, which may overlap: what they share is the same in both.
    if let (Some(first), Some(last)) = (rest.first_chunk(), rest.last_chunk()) {
        let last = u64::from(u32::from_le_bytes(*last));
        return u64::from(u32::from_le_bytes(*first)) | last << (8 * (rest.len() - 4));
    }
    let bytes = rest.iter().rev();
    bytes.fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Whether two texts are the same. Names are short and mostly of different lengths, so that two
/// words tell; the general comparison is a call that costs more than that.
#[inline]
pub(crate) fn same(one: &str, other: &str) -> bool {
    same_bytes(one.as_bytes(), other.as_bytes())
}

/// Whether a text begins with another.
#[inline]
pub(crate) fn begins_with(text: &str, beginning: &str) -> bool {
    let head = text.as_bytes().get(..beginning.len());
    head.is_some_and(|head| same_bytes(head, beginning.as_bytes()))
}

/// Whether a text ends with another.
#[inline]
pub(crate) fn ends_with(text: &str, end: &str) -> bool {
    let tail = text.len().checked_sub(end.len());
    let tail = tail.and_then(|from| text.as_bytes().get(from..));
    tail.is_some_and(|tail| same_bytes(tail, end.as_bytes()))
}

#[inline]
fn same_bytes(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    match (one.first_chunk::<WORD>(), other.first_chunk::<WORD>()) {
        // Up to two words, which may overlap.
        (Some(first), Some(same)) if one.len() <= 2 * WORD => {
            first == same && one.last_chunk::<WORD>() == other.last_chunk::<WORD>()
        }
        (Some(first), Some(same)) => first == same && one == other,
        _ => word_of(one) == word_of(other),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_word_has_its_bytes_in_order_and_zeros_behind() {
        for length in 0..WORD {
            let bytes: Vec<u8> = (1..).take(length).collect();
            let mut word = [0; WORD];
            word[..length].copy_from_slice(&bytes);
            assert_eq!(word_of(&bytes), u64::from_le_bytes(word), "{length}");
        }
    }

    /// Every length with a difference at every place.
    #[test]
    fn one_byte_makes_a_difference_wherever_it_is() {
        for length in 0..40 {
            let text = "a".repeat(length);
            assert!(same(&text, &text.clone()), "{length}");
            assert!(!same(&text, &format!("{text}a")), "{length}");
            assert!(!same(&text, &format!("{text}\0")), "{length}");
            for place in 0..length {
                let mut other = text.clone();
                other.replace_range(place..=place, "\0");
                assert!(!same(&text, &other), "{length} {place}");
            }
        }
    }

    proptest! {
        #[test]
        fn beginnings_and_ends_are_what_they_are(one in "[abé]{0,20}", other in "[abé]{0,20}") {
            let text = format!("{one}{other}");
            prop_assert!(begins_with(&text, &one) && ends_with(&text, &other));
            prop_assert_eq!(begins_with(&one, &other), one.starts_with(&other));
            prop_assert_eq!(ends_with(&one, &other), one.ends_with(&other));
        }

        #[test]
        fn same_is_equality(one in "[ab\0é]{0,20}", other in "[ab\0é]{0,20}") {
            prop_assert_eq!(same(&one, &other), one == other);
            prop_assert!(same(&one, &one.clone()));
        }
    }
}
