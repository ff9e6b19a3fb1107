//! Chance that repeats itself: one number determines everything that is drawn.

/// A stream of numbers that its seed determines (SplitMix64).
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below another; zero where that is zero.
    pub fn below(&mut self, end: u64) -> u64 {
        self.number().checked_rem(end).unwrap_or_default()
    }

    /// Whether something of so many in a hundred happens.
    pub fn percent(&mut self, likely: u64) -> bool {
        self.below(100) < likely
    }

    /// One of some things, if there are any.
    pub fn one_of<'t, T>(&mut self, things: &'t [T]) -> Option<&'t T> {
        let count = u64::try_from(things.len()).unwrap_or(u64::MAX);
        things.get(usize::try_from(self.below(count)).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_determines_what_is_drawn_and_everything_is_drawn_sometime() {
        let drawn = |seed| -> Vec<u64> {
            let mut chance = Chance::new(seed);
            (0..200).map(|_| chance.below(7)).collect()
        };
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
        for number in 0..7 {
            assert!(drawn(1).contains(&number), "{number}");
        }
        assert_eq!(Chance::new(1).one_of::<u8>(&[]), None);
    }
}
