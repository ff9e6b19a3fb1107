//! The rules of one-time codes that a lifecycle can set.

use std::time::Duration;

use crate::name::Name;
use crate::time::Timestamp;

/// The shortest code: 20 bits (NIST SP 800-63B-4, section 3.1.3.2).
pub const DIGITS_MIN: u8 = 6;
/// The longest code.
pub const DIGITS_MAX: u8 = 10;
/// The longest life of a code (NIST SP 800-63B-4, section 3.1.3.2; OWASP ASVS 5, V6.5.5).
pub const VALID_FOR_MAX: Duration = Duration::from_secs(600);

/// The rules of one-time codes; what the defaults follow is in the documentation of this module's
/// [parent](super).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeRules {
    /// Length of the code, [`DIGITS_MIN`] to [`DIGITS_MAX`].
    pub digits: u8,
    /// Life of a code, at most [`VALID_FOR_MAX`].
    pub valid_for: Duration,
    /// Wrong codes until the attempt is locked.
    pub attempts: u32,
    /// Wait before the 2nd, 3rd, … sending; the last one repeats.
    pub resend_after: Vec<Duration>,
    /// Most sendings per attempt.
    pub sends: u32,
    /// The quotas that every sending spends; all must admit it.
    pub quotas: Vec<Name>,
}

impl Default for CodeRules {
    fn default() -> Self {
        Self {
            digits: DIGITS_MIN,
            valid_for: VALID_FOR_MAX,
            attempts: 5,
            resend_after: [30, 60, 120, 300].map(Duration::from_secs).to_vec(),
            sends: 5,
            quotas: Vec::new(),
        }
    }
}

impl CodeRules {
    /// From when on the code may be sent once more, after `sends` sendings of which the last was at
    /// `last_sent`; never, if they are used up.
    ///
    /// A first sending waits for nothing.
    pub fn resend_at(&self, sends: u32, last_sent: Timestamp) -> Option<Timestamp> {
        if sends >= self.sends {
            return None;
        }
        let Some(resend) = sends.checked_sub(1) else {
            return Some(last_sent);
        };
        let wait = usize::try_from(resend)
            .ok()
            .and_then(|resend| self.resend_after.get(resend))
            .or(self.resend_after.last())
            .copied()
            .unwrap_or_default();
        Some(last_sent.after(wait))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_sendings_end() {
        let rules = CodeRules::default();
        let sent = Timestamp::from_ms(1_000_000);
        let waits: Vec<_> = (0..7)
            .map(|sends| {
                rules
                    .resend_at(sends, sent)
                    .map(|at| at.since(sent).as_secs())
            })
            .collect();
        assert_eq!(
            waits,
            [
                Some(0),
                Some(30),
                Some(60),
                Some(120),
                Some(300),
                None,
                None
            ]
        );
    }

    #[test]
    fn the_last_wait_repeats_and_none_is_no_wait() {
        let sent = Timestamp::from_ms(0);
        let rules = |waits: &[u64]| CodeRules {
            resend_after: waits.iter().copied().map(Duration::from_secs).collect(),
            ..CodeRules::default()
        };
        assert_eq!(
            rules(&[60]).resend_at(4, sent),
            Some(Timestamp::from_ms(60_000))
        );
        assert_eq!(rules(&[]).resend_at(4, sent), Some(sent));
    }
}
