//! NIST's FF1 samples: csrc.nist.gov, "Examples with Intermediate Values", FF1samples.pdf. All nine.

use maskgate_reversible::ff1::Ff1;

const KEY: [u8; 32] = [
    0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c, //
    0xef, 0x43, 0x59, 0xd8, 0xd5, 0x80, 0xaa, 0x4f, 0x7f, 0x03, 0x6d, 0x6f, 0x04, 0xfc, 0x6a, 0x94,
];

const NONE: &[u8] = &[];
const TEN: &[u8] = &[0x39, 0x38, 0x37, 0x36, 0x35, 0x34, 0x33, 0x32, 0x31, 0x30];
const ELEVEN: &[u8] = &[0x37, 0x37, 0x37, 0x37, 0x70, 0x71, 0x72, 0x73, 0x37, 0x37, 0x37];

/// Its number, bytes of the key, radix, tweak, plaintext, ciphertext.
type Sample = (u32, usize, u32, &'static [u8], &'static str, &'static str);

const SAMPLES: [Sample; 9] = [
    (1, 16, 10, NONE, "0123456789", "2433477484"),
    (2, 16, 10, TEN, "0123456789", "6124200773"),
    (3, 16, 36, ELEVEN, "0123456789abcdefghi", "a9tv40mll9kdu509eum"),
    (4, 24, 10, NONE, "0123456789", "2830668132"),
    (5, 24, 10, TEN, "0123456789", "2496655549"),
    (6, 24, 36, ELEVEN, "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"),
    (7, 32, 10, NONE, "0123456789", "6657667009"),
    (8, 32, 10, TEN, "0123456789", "1001623463"),
    (9, 32, 36, ELEVEN, "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"),
];

fn numerals(text: &str) -> Vec<u16> {
    text.chars().map(|character| character.to_digit(36).unwrap() as u16).collect()
}

#[test]
fn all_nine_samples_both_ways() {
    for (sample, key, radix, tweak, plaintext, ciphertext) in SAMPLES {
        let mut ff1 = Ff1::new(&KEY[..key], radix, tweak).unwrap();
        let mut string = numerals(plaintext);
        ff1.encrypt(&mut string).unwrap();
        assert_eq!(string, numerals(ciphertext), "sample {sample}");
        ff1.decrypt(&mut string).unwrap();
        assert_eq!(string, numerals(plaintext), "sample {sample}");
    }
}
