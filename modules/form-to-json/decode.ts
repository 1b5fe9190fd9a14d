// Percent-decoding in place, with UTF-8 (Unicode table 3-7) checked on the way: the place of what is wrong is then one of the
// message as it came.
import { refuse } from "maskgate";

import { percentLiteral } from "./settings";

const PLUS: u8 = 0x2b;
const PERCENT: u8 = 0x25;
const DELETE: u8 = 0x7f;

let message: usize = 0;

// The character of several bytes that is being read: where it begins in the message, how many bytes are still to come, and
// between which two the next one has to be.
let lead: usize = 0;
let missing: i32 = 0;
let least: u32 = 0;
let most: u32 = 0;

/** Says where the message begins, from which the places of refusals are counted. */
export function decodeBegins(start: usize): void {
  message = start;
}

/** Decodes the bytes from `start` up to `end`, and gives the end of what they become; 0: they are refused. */
export function decode(start: usize, end: usize): usize {
  let at = plainEnd(start, end);
  let to = at;
  missing = 0;
  while (at < end) {
    const from = at;
    let byte = load<u8>(at++);
    if (byte == PLUS) {
      byte = 0x20;
    } else if (byte == PERCENT) {
      const value = at + 2 <= end ? (hexValue(load<u8>(at)) << 4) | hexValue(load<u8>(at, 1)) : -1;
      if (value >= 0) {
        byte = <u8>value;
        at += 2;
      } else if (!percentLiteral) {
        return wrong("form_bad_percent", from);
      }
    } else if (byte < 0x20 || byte == DELETE) {
      return wrong("form_bad_character", from);
    }
    if ((byte >= 0x80 || missing) && !goesOn(byte, from)) return wrong("invalid_utf8", lead);
    store<u8>(to++, byte);
  }
  return missing ? wrong("invalid_utf8", lead) : to;
}

function wrong(code: string, at: usize): usize {
  refuse(code, <i32>(at - message));
  return 0;
}

/** Where the first byte stands that doesn't stand for itself, or that needs a look. */
function plainEnd(at: usize, end: usize): usize {
  while (at < end) {
    const bytes = v128.load(at);
    const outside = v128.or(i8x16.lt_s(bytes, i8x16.splat(0x20)), i8x16.eq(bytes, i8x16.splat(DELETE)));
    const encoded = v128.or(i8x16.eq(bytes, i8x16.splat(PLUS)), i8x16.eq(bytes, i8x16.splat(PERCENT)));
    const found = i8x16.bitmask(v128.or(outside, encoded));
    if (found) return min(at + ctz(found), end);
    at += 16;
  }
  return end;
}

/** What a hexadecimal digit stands for; below 0: it is none. */
function hexValue(digit: u32): i32 {
  if (digit - 0x30 < 10) return digit - 0x30;
  const letter = (digit | 0x20) - 0x61;
  return letter < 6 ? letter + 10 : -1;
}

/** Whether a byte may follow those before it in UTF-8, where it or one of them isn't ASCII. */
function goesOn(byte: u32, from: usize): bool {
  if (missing) {
    if (byte < least || byte > most) return false;
    missing--;
  } else {
    lead = from;
    if (byte < 0xc2 || byte > 0xf4) return false;
    missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    // They keep out overlong forms, surrogates and what is above U+10FFFF.
    least = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
    most = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
    return true;
  }
  least = 0x80;
  most = 0xbf;
  return true;
}
