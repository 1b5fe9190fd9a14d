//! The pass over a text that stops at the bytes that a finding can hang on.

/// A set of bytes; of digits in a row only the first counts.
pub struct Anchors {
    /// For the low half of a byte, the high halves with which it is in the set, one bit each.
    low: [u8; 16],
    /// The bit that stands for a byte's high half.
    high: [u8; 16],
}

impl Anchors {
    /// `set`: of at most eight high halves.
    pub fn new(set: &[u8]) -> Self {
        let (mut low, mut high) = ([0; 16], [0; 16]);
        let mut next = 1;
        for byte in set {
            let bit = &mut high[usize::from(byte >> 4)];
            if *bit == 0 {
                (*bit, next) = (next, next << 1);
            }
            low[usize::from(byte & 15)] |= *bit;
        }
        Self { low, high }
    }

    pub fn is_empty(&self) -> bool {
        self.low == [0; 16]
    }

    /// Whether a byte of the set is in the text.
    #[inline(always)]
    pub fn any(&self, text: &[u8]) -> bool {
        let mut blocks = text.chunks_exact(16);
        // `chunks_exact` gives 16 bytes.
        let found = |block: &[u8]| block.try_into().is_ok_and(|block| self.bits(block).0 != 0);
        let mut rest = [0; 16];
        rest[..text.len() % 16].copy_from_slice(&text[text.len() / 16 * 16..]);
        blocks.any(found) || found(&rest)
    }

    /// Calls `stop` with each place of the text where a byte of the set stands; of a run of digits only its first.
    #[inline(always)]
    pub fn each(&self, text: &[u8], mut stop: impl FnMut(usize)) {
        let mut blocks = text.chunks_exact(16);
        let (mut start, mut digit) = (0, 0);
        for block in &mut blocks {
            // `chunks_exact` gives 16 bytes.
            let Ok(block) = block.try_into() else { return };
            self.block(block, start, &mut digit, &mut stop);
            start += 16;
        }
        let rest = blocks.remainder();
        if !rest.is_empty() {
            let mut block = [0; 16];
            block[..rest.len()].copy_from_slice(rest);
            self.block(&block, start, &mut digit, &mut stop);
        }
    }

    /// `digit`: 1 where the byte before the block is a digit.
    #[inline(always)]
    fn block(&self, block: &[u8; 16], start: usize, digit: &mut u32, stop: &mut impl FnMut(usize)) {
        let (anchors, digits) = self.bits(block);
        let mut bits = anchors & !(digits & (digits << 1 | *digit));
        *digit = digits >> 15 & 1;
        while bits != 0 {
            stop(start + bits.trailing_zeros() as usize);
            bits &= bits - 1;
        }
    }

    /// Which of the bytes are in the set, and which are digits; the lowest bit is the first byte.
    #[cfg(target_arch = "wasm32")]
    #[inline(always)]
    fn bits(&self, block: &[u8; 16]) -> (u32, u32) {
        use core::arch::wasm32::{
            i8x16_eq, u8x16_bitmask, u8x16_lt, u8x16_shr, u8x16_splat, u8x16_sub, u8x16_swizzle, v128_and, v128_load,
        };
        // SAFETY: all three are 16 bytes.
        let (block, low, high) = unsafe {
            (
                v128_load(block.as_ptr().cast()),
                v128_load(self.low.as_ptr().cast()),
                v128_load(self.high.as_ptr().cast()),
            )
        };
        let low = u8x16_swizzle(low, v128_and(block, u8x16_splat(15)));
        let high = u8x16_swizzle(high, u8x16_shr(block, 4));
        let none = u8x16_bitmask(i8x16_eq(v128_and(low, high), u8x16_splat(0))) as u32;
        let digits = u8x16_bitmask(u8x16_lt(u8x16_sub(block, u8x16_splat(b'0')), u8x16_splat(10))) as u32;
        (none ^ 0xffff, digits)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn bits(&self, block: &[u8; 16]) -> (u32, u32) {
        let (mut anchors, mut digits) = (0, 0);
        for (i, byte) in block.iter().enumerate() {
            let found = self.low[usize::from(byte & 15)] & self.high[usize::from(byte >> 4)] != 0;
            anchors |= u32::from(found) << i;
            digits |= u32::from(byte.is_ascii_digit()) << i;
        }
        (anchors, digits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_in_the_set_and_the_first_digit_of_each_run() {
        let anchors = Anchors::new(b"0123456789@:");
        for padding in 0..40 {
            let text = "x".repeat(padding) + "a@12 3456789012345678901234567890:é7\u{40}0";
            assert!(anchors.any(text.as_bytes()) && !anchors.any(&text.as_bytes()[..padding + 1]), "{padding}");
            let mut found = Vec::new();
            anchors.each(text.as_bytes(), |at| found.push(at - padding));
            assert_eq!(found, [1, 2, 5, 33, 36, 37, 38], "{padding}");
            let anchors = Anchors::new("é%".as_bytes());
            let mut found = Vec::new();
            anchors.each(("x".repeat(padding) + "é%Ã").as_bytes(), |at| found.push(at - padding));
            assert_eq!(found, [0, 1, 2, 3], "{padding}");
        }
    }
}
