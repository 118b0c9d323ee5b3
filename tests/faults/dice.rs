//! Chance that can be had again: everything random in a run comes from its seed.

use std::time::Duration;

/// SplitMix64: small, and good enough to shuffle faults with.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice of one hand: the same seed and name throw the same.
    pub fn new(seed: u64, name: &str) -> Self {
        let name = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(seed ^ name)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `count`.
    pub fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % count as u64).expect("below a usize")
    }

    /// True about once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.next() % (to - from))
    }

    pub fn shuffle<T>(&mut self, things: &mut [T]) {
        for at in (1..things.len()).rev() {
            things.swap(at, self.below(at + 1));
        }
    }
}

#[test]
fn the_same_seed_throws_the_same() {
    let throws = |seed, name| {
        let mut dice = Dice::new(seed, name);
        [dice.below(1000), dice.below(1000), dice.below(1000)]
    };
    assert_eq!(throws(7, "nemesis"), throws(7, "nemesis"));
    assert_ne!(throws(7, "nemesis"), throws(8, "nemesis"));
    assert_ne!(throws(7, "nemesis"), throws(7, "clients"));
}
