// UTF-8 (Unicode 3.9, table 3-7), what JSON strings escape, and how JSON writes numbers (RFC 8259).

/**
 * Where the first byte is that isn't part of valid UTF-8, in bytes from `start`; -1: there is none. 16 bytes behind the text
 * must be readable.
 */
export function invalidUtf8(start: usize, length: i32): i32 {
  const end = start + <usize>length;
  let at = start;
  while (at < end) {
    const tops = i8x16.bitmask(v128.load(at));
    if (!tops) {
      at += 16;
      continue;
    }
    at += ctz(tops);
    if (at >= end) break;
    const size = scalarLength(at, end);
    if (!size) return <i32>(at - start);
    at += size;
  }
  return -1;
}

/** Where the first such byte stands at or behind `at`; `end`: none does. 16 bytes behind the end must be readable. */
export function find(byte: u8, at: usize, end: usize): usize {
  const wanted = i8x16.splat(byte);
  while (at < end) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), wanted));
    if (found) return min(at + ctz(found), end);
    at += 16;
  }
  return end;
}

/** How many bytes the character at `at` has; 0: it is none, or goes on behind `end`. */
export function scalarLength(at: usize, end: usize): usize {
  const first = <u32>load<u8>(at);
  if (first < 0x80) return 1;
  const size: usize = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (first < 0xc2 || first > 0xf4 || end - at < size) return 0;
  // The second byte alone has bounds of its own: they keep out overlong forms, surrogates and what is above U+10FFFF.
  const second = <u32>load<u8>(at, 1);
  const least: u32 = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const most: u32 = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return 0;
  if (size > 2 && (load<u8>(at, 2) & 0xc0) != 0x80) return 0;
  if (size > 3 && (load<u8>(at, 3) & 0xc0) != 0x80) return 0;
  return size;
}

/** Which of 16 bytes a JSON string can't have as they are: a bit for each. */
// @ts-ignore: decorator
@inline
export function escapedOf(bytes: v128): i32 {
  const controls = i8x16.lt_u(bytes, i8x16.splat(0x20));
  const quotes = i8x16.eq(bytes, i8x16.splat(0x22));
  return i8x16.bitmask(v128.or(v128.or(controls, quotes), i8x16.eq(bytes, i8x16.splat(0x5c))));
}

/** The letter of a two-character escape such as `\n`; 0: there is none. */
export function escapeLetter(byte: u8): u8 {
  switch (byte) {
    case 0x08: return 0x62; // b
    case 0x09: return 0x74; // t
    case 0x0a: return 0x6e; // n
    case 0x0c: return 0x66; // f
    case 0x0d: return 0x72; // r
    case 0x22: return byte;
    case 0x5c: return byte;
    default: return 0;
  }
}

/** The digit in hexadecimal, in lower case. */
// @ts-ignore: decorator
@inline
export function hexDigit(value: u32): u8 {
  return <u8>(value < 10 ? 0x30 + value : 0x57 + value);
}

// @ts-ignore: decorator
@inline
function isDigit(byte: u32): bool {
  return byte - 0x30 < 10;
}

function skipDigits(at: usize, end: usize): usize {
  while (at < end && isDigit(load<u8>(at))) at++;
  return at;
}

/** Where an integer as JSON writes it ends that begins at `at`; 0: none does. */
function integerEnd(at: usize, end: usize): usize {
  if (at < end && load<u8>(at) == 0x2d) at++; // -
  if (at < end && load<u8>(at) == 0x30) return at + 1; // 0, and no digit after it
  const after = skipDigits(at, end);
  return after > at ? after : 0;
}

/** Whether the text is an integer as JSON writes it: without fraction and exponent. */
export function isInteger(start: usize, length: i32): bool {
  return length > 0 && integerEnd(start, start + <usize>length) == start + <usize>length;
}

/** Whether the text is a number as JSON writes it. */
export function isNumber(start: usize, length: i32): bool {
  return length > 0 && numberEnd(start, start + <usize>length) == start + <usize>length;
}

/** Where the number ends that begins at `start`; 0: none does. */
export function numberEnd(start: usize, end: usize): usize {
  let at = integerEnd(start, end);
  if (!at) return 0;
  if (at < end && load<u8>(at) == 0x2e) { // .
    const after = skipDigits(at + 1, end);
    if (after == at + 1) return 0;
    at = after;
  }
  if (at < end && (load<u8>(at) | 0x20) == 0x65) { // e, E
    at++;
    if (at < end && (load<u8>(at) == 0x2b || load<u8>(at) == 0x2d)) at++; // + -
    const after = skipDigits(at, end);
    if (after == at) return 0;
    at = after;
  }
  return at;
}
