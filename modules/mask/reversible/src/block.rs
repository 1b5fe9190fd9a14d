//! The block cipher: AES (FIPS 197) under a key of any of its three lengths. Only its forward direction is needed.

use aes::cipher::{Array, BlockCipherEncrypt, KeyInit, typenum::U16};
use aes::{Aes128, Aes192, Aes256};
use alloc::boxed::Box;

use crate::key::{self, Weak};

/// Blocks that are enciphered in the time of one, where AES is computed in software.
pub(crate) const ABREAST: usize = 4;

/// In boxes: a key schedule has 700 to 1000 bytes.
pub(crate) enum Cipher {
    Aes128(Box<Aes128>),
    Aes192(Box<Aes192>),
    Aes256(Box<Aes256>),
}

impl Cipher {
    /// `key`: 16, 24 or 32 bytes.
    pub fn new(key: &[u8]) -> Result<Self, Weak> {
        key::sized(key, 16, 24, 32)?;
        key::drawn(key)?;
        let wrong = |_| Weak::new("the key has a length that AES doesn't have");
        Ok(match key.len() {
            16 => Self::Aes128(Box::new(Aes128::new_from_slice(key).map_err(wrong)?)),
            24 => Self::Aes192(Box::new(Aes192::new_from_slice(key).map_err(wrong)?)),
            _ => Self::Aes256(Box::new(Aes256::new_from_slice(key).map_err(wrong)?)),
        })
    }

    /// A block, as a big-endian number, enciphered.
    #[inline]
    pub fn encipher(&self, block: u128) -> u128 {
        let mut block: Array<u8, U16> = block.to_be_bytes().into();
        match self {
            Self::Aes128(aes) => aes.encrypt_block(&mut block),
            Self::Aes192(aes) => aes.encrypt_block(&mut block),
            Self::Aes256(aes) => aes.encrypt_block(&mut block),
        }
        u128::from_be_bytes(block.into())
    }

    /// Four blocks, each enciphered by itself.
    #[inline]
    pub fn encipher_abreast(&self, blocks: [u128; ABREAST]) -> [u128; ABREAST] {
        let mut blocks = blocks.map(|block| Array::<u8, U16>::from(block.to_be_bytes()));
        match self {
            Self::Aes128(aes) => aes.encrypt_blocks(&mut blocks),
            Self::Aes192(aes) => aes.encrypt_blocks(&mut blocks),
            Self::Aes256(aes) => aes.encrypt_blocks(&mut blocks),
        }
        blocks.map(|block| u128::from_be_bytes(block.into()))
    }

    /// CBC-MAC: the state after these blocks (whole ones, the rest of `bytes` is left alone), from `state` on.
    pub fn chain(&self, state: u128, bytes: &[u8]) -> u128 {
        let (blocks, _) = bytes.as_chunks::<16>();
        blocks.iter().fold(state, |state, block| self.encipher(state ^ u128::from_be_bytes(*block)))
    }
}
