//! RFC 5297, appendix A: the two examples of AES-SIV.

use maskgate_reversible::siv::{Forged, Siv};

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|character| character.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
}

fn both_ways(key: &str, associated: &[&str], plaintext: &str, ciphertext: &str) {
    let associated: Vec<Vec<u8>> = associated.iter().map(|hex| bytes(hex)).collect();
    let associated: Vec<&[u8]> = associated.iter().map(Vec::as_slice).collect();
    let siv = Siv::new(&bytes(key), &associated).unwrap();
    let mut made = vec![];
    siv.encrypt(&bytes(plaintext), &mut made);
    assert_eq!(made, bytes(ciphertext));
    let mut back = vec![];
    assert_eq!(siv.decrypt(&made, &mut back), Ok(()));
    assert_eq!(back, bytes(plaintext));

    let other = Siv::new(&bytes(key), &[b"another domain"]).unwrap();
    assert_eq!(other.decrypt(&made, &mut vec![]), Err(Forged));
}

#[test]
fn a_1_deterministic_authenticated_encryption() {
    both_ways(
        "fffefdfc fbfaf9f8 f7f6f5f4 f3f2f1f0 f0f1f2f3 f4f5f6f7 f8f9fafb fcfdfeff",
        &["10111213 14151617 18191a1b 1c1d1e1f 20212223 24252627"],
        "11223344 55667788 99aabbcc ddee",
        "85632d07 c6e8f37f 950acd32 0a2ecc93 40c02b96 90c4dc04 daef7f6a fe5c",
    );
}

#[test]
fn a_2_nonce_based_authenticated_encryption() {
    both_ways(
        "7f7e7d7c 7b7a7978 77767574 73727170 40414243 44454647 48494a4b 4c4d4e4f",
        &[
            "00112233 44556677 8899aabb ccddeeff deaddada deaddada ffeeddcc bbaa9988 77665544 33221100",
            "10203040 50607080 90a0",
            "09f91102 9d74e35b d84156c5 635688c0",
        ],
        "74686973 20697320 736f6d65 20706c61 696e7465 78742074 6f20656e 63727970 74207573 696e6720 5349562d 414553",
        "7bdb6e3b 432667eb 06f4d14b ff2fbd0f cb900f2f ddbe4043 26601965 c889bf17 dba77ceb 094fa663 b7a3f748 \
         ba8af829 ea64ad54 4a272e9c 485b62a3 fd5c0d",
    );
}
