//! AES-SIV as text, what isn't such a text, and which keys are refused.

use maskgate_reversible::siv::{Forged, Siv};

const KEY: &[u8] = b"0123456789abcdefghijklmnopqrstuv";
const URL_SAFE: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn siv() -> Siv {
    Siv::new(KEY, &[b"pii.email"]).unwrap()
}

#[test]
fn texts_of_every_length_both_ways() {
    for length in 0..120 {
        let plain: Vec<u8> = (0..length).map(|i| (i * 7) as u8).collect();
        let mut out = b"siv:k1:".to_vec();
        siv().encrypt_to_text(&plain, &mut out);
        let text = out.split_off(7);
        assert_eq!(out, b"siv:k1:");
        assert_eq!(text.len(), ((16 + length as usize) * 4).div_ceil(3));
        assert!(text.iter().all(|byte| URL_SAFE.contains(byte)));
        assert_eq!(siv().decrypt_text(&text, &mut out), Ok(()));
        assert_eq!(out[7..], plain);
    }
}

#[test]
fn equal_values_are_equal_and_others_are_not() {
    let made = |siv: &Siv, plain: &[u8]| {
        let mut out = vec![];
        siv.encrypt_to_text(plain, &mut out);
        out
    };
    assert_eq!(made(&siv(), b"ann@example.com"), made(&siv(), b"ann@example.com"));
    assert_ne!(made(&siv(), b"ann@example.com"), made(&siv(), b"bob@example.com"));
    assert_ne!(made(&siv(), b"ann@example.com"), made(&Siv::new(KEY, &[b"crm.email"]).unwrap(), b"ann@example.com"));
    assert_ne!(made(&siv(), b""), made(&Siv::new(KEY, &[]).unwrap(), b""));
}

#[test]
fn whatever_is_changed_is_found() {
    for plain in [b"".as_slice(), b"short", b"sixteen bytes :)", b"a text of more than two whole blocks"] {
        let (mut sealed, mut text) = (vec![], vec![]);
        siv().encrypt(plain, &mut sealed);
        siv().encrypt_to_text(plain, &mut text);
        let mut out = b"before".to_vec();
        for bit in 0..8 * sealed.len() {
            sealed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(siv().decrypt(&sealed, &mut out), Err(Forged));
            sealed[bit / 8] ^= 1 << (bit % 8);
        }
        for length in 0..sealed.len() {
            assert_eq!(siv().decrypt(&sealed[..length], &mut out), Err(Forged));
        }
        for at in 0..text.len() {
            let before = text[at];
            for byte in (0..=255).filter(|byte| *byte != before) {
                text[at] = byte;
                assert_eq!(siv().decrypt_text(&text, &mut out), Err(Forged), "at {at}");
            }
            text[at] = before;
            assert_eq!(siv().decrypt_text(&text[..at], &mut out), Err(Forged));
        }
        assert_eq!(Siv::new(KEY, &[b"pii.phone"]).unwrap().decrypt(&sealed, &mut out), Err(Forged));
        assert_eq!(out, b"before");
        assert_eq!(siv().decrypt_text(&text, &mut out), Ok(()));
        assert_eq!(out[6..], *plain);
    }
}

#[test]
fn one_text_a_ciphertext() {
    let mut text = vec![];
    siv().encrypt_to_text(b"four", &mut text);
    for other in [[&text, b"==".as_slice()].concat(), [&text, b"\n".as_slice()].concat(), [b" ", &text[..]].concat()] {
        assert_eq!(siv().decrypt_text(&other, &mut vec![]), Err(Forged));
    }
    for other in ["", "A", "AAAA", "////////////////////////", "++++++++++++++++++++++++", "ÄÖÜ"] {
        assert_eq!(siv().decrypt_text(other.as_bytes(), &mut vec![]), Err(Forged));
    }
}

#[test]
fn weak_keys_are_refused() {
    let refused = |key: &[u8]| Siv::new(key, &[b"domain"]).err().unwrap().text().to_string();
    assert_eq!(refused(&KEY[..16]), "the key has 16 bytes; it must have 32, 48 or 64");
    assert_eq!(refused(&[0; 32]), "the key's halves are equal");
    assert_eq!(refused(&[&KEY[..16], &KEY[..16]].concat()), "the key's halves are equal");
    assert_eq!(refused(&[&KEY[..16], &[0; 16]].concat()), "the key is one byte repeated");
    assert_eq!(refused(&[&[b'x'; 24], &KEY[..24]].concat()), "the key is one byte repeated");
    let most: Vec<&[u8]> = vec![b"a"; 127];
    assert!(Siv::new(KEY, &most[..126]).is_ok());
    assert_eq!(Siv::new(KEY, &most).err().unwrap().text(), "there are more than 126 strings of associated data");
}
