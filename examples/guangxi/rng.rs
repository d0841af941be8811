//! Chance that is no chance: everything is a function of the seed and a number, so that any part can be made again
//! without the parts before it.

/// splitmix64.
#[derive(Clone)]
pub struct Rng(u64);

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Rng {
    /// A stream of its own for each pair of numbers.
    pub fn new(seed: u64, number: u64, stream: u64) -> Rng {
        Rng(mix(mix(seed ^ 0x5851_F42D_4C95_7F2D) ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15)).wrapping_add(mix(stream)))
    }

    pub fn of_text(seed: u64, text: &str) -> Rng {
        let hash = text.bytes().fold(0xCBF2_9CE4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3));
        Rng::new(seed, hash, 0)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// 0 ≤ x < `end`.
    pub fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }

    /// `low` ≤ x ≤ `high`.
    pub fn range(&mut self, low: u32, high: u32) -> u32 {
        low + self.below((high - low + 1) as usize) as u32
    }

    /// 0 ≤ x < 1.
    pub fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn chance(&mut self, of: f64) -> bool {
        self.part() < of
    }

    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    pub fn one<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

const DIGITS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";

/// A reversible scramble of the low `bits` bits: different numbers stay different.
fn scramble(number: u64, seed: u64, bits: u32) -> u64 {
    let mask = (1u64 << bits) - 1;
    let mut x = number & mask;
    for round in 0..3u64 {
        x = x.wrapping_mul(mix(seed ^ round) | 1) & mask;
        x ^= x >> (bits / 2);
        x = x.wrapping_add(mix(seed ^ (round + 7))) & mask;
    }
    x
}

fn base32(mut x: u64, count: usize, out: &mut String) {
    let mut digits = [0u8; 12];
    for d in digits[..count].iter_mut().rev() {
        *d = DIGITS[(x & 31) as usize];
        x >>= 5;
    }
    out.extend(digits[..count].iter().map(|b| char::from(*b)));
}

/// Id of item `number`: ten characters, a letter first so that no reader of YAML takes it for a number.
pub fn id(seed: u64, number: u32) -> String {
    let x = scramble(u64::from(number), seed, 45);
    let mut out = String::with_capacity(10);
    out.push(char::from(b'a' + (x % 19) as u8));
    base32(x, 9, &mut out);
    out
}

/// Six characters for the name of a file; different for each number below 2³⁰.
pub fn short(seed: u64, number: u32) -> String {
    let mut out = String::with_capacity(6);
    base32(scramble(u64::from(number), seed ^ 0xA5A5, 30), 6, &mut out);
    out
}
