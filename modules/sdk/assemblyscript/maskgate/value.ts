import { Bytes } from "./bytes";
import { invalidUtf8, numberEnd } from "./text";

export enum Kind {
  Null,
  Boolean,
  Number,
  Text,
  List,
  Object,
}

/** A JSON value. */
@final
export class Value {
  /** A string's text, a number as it was written, or `true`. */
  text: string = "";
  /** An object's, for each of `items`. */
  names: string[] = [];
  items: Value[] = [];

  constructor(public kind: Kind) {}
}

const DEPTH: i32 = 64; // levels of a configuration

let at: usize = 0;
let end: usize = 0;
let wrong: bool = false;

/** Where the last `parse` found a byte that doesn't fit, in bytes from the text's first; -1: nowhere. */
export let parseStopped: i32 = -1;

/** Reads a JSON text (RFC 8259). Null: it isn't one, and `parseStopped` says where. */
export function parse(json: Bytes): Value | null {
  const invalid = invalidUtf8(json.start, json.length);
  at = json.start;
  end = json.start + <usize>(invalid < 0 ? json.length : invalid);
  wrong = false;
  const value = parseValue(DEPTH);
  skipSpace();
  const whole = !wrong && at == end && invalid < 0;
  parseStopped = whole ? -1 : <i32>(at - json.start);
  return whole ? value : null;
}

/** The byte that comes, 0 at the end. */
function next(): u8 {
  return at < end && !wrong ? load<u8>(at) : 0;
}

function skipSpace(): void {
  for (let c = next(); c == 0x20 || c == 0x09 || c == 0x0a || c == 0x0d; c = next()) at++;
}

/** Reads a byte, which has to come. */
function take(byte: u8): void {
  if (next() == byte) at++;
  else wrong = true;
}

/** Reads a byte and white space around it, if it comes. */
function follows(byte: u8): bool {
  skipSpace();
  if (next() != byte) return false;
  at++;
  skipSpace();
  return true;
}

function word(text: string, kind: Kind): Value {
  for (let i = 0; i < text.length; i++) take(<u8>text.charCodeAt(i));
  const value = new Value(kind);
  if (text == "true") value.text = text;
  return value;
}

function parseValue(levels: i32): Value {
  skipSpace();
  switch (next()) {
    case 0x7b: return container(Kind.Object, 0x7b, 0x7d, levels); // { }
    case 0x5b: return container(Kind.List, 0x5b, 0x5d, levels); // [ ]
    case 0x22: {
      const value = new Value(Kind.Text);
      value.text = parseString();
      return value;
    }
    case 0x74: return word("true", Kind.Boolean);
    case 0x66: return word("false", Kind.Boolean);
    case 0x6e: return word("null", Kind.Null);
    default: return parseNumber();
  }
}

function container(kind: Kind, open: u8, close: u8, levels: i32): Value {
  const value = new Value(kind);
  if (!levels) wrong = true;
  follows(open);
  if (follows(close)) return value;
  while (!wrong) {
    if (kind == Kind.Object) {
      value.names.push(parseString());
      skipSpace();
      take(0x3a); // :
    }
    value.items.push(parseValue(levels - 1));
    if (follows(close)) break;
    take(0x2c); // ,
    skipSpace();
  }
  return value;
}

function parseNumber(): Value {
  const value = new Value(Kind.Number);
  const after: usize = wrong ? 0 : numberEnd(at, end);
  if (!after) {
    wrong = true;
    return value;
  }
  value.text = String.UTF8.decodeUnsafe(at, after - at);
  at = after;
  return value;
}

function parseString(): string {
  take(0x22);
  let text = "";
  let from = at;
  while (!wrong) {
    const c = next();
    if (c == 0x22) {
      text += String.UTF8.decodeUnsafe(from, at - from);
      at++;
      return text;
    }
    if (c < 0x20) {
      wrong = true;
    } else if (c == 0x5c) {
      text += String.UTF8.decodeUnsafe(from, at - from) + escaped();
      from = at;
    } else {
      at++;
    }
  }
  return "";
}

/** Reads an escape. */
function escaped(): string {
  at++;
  const c = next();
  at++;
  switch (c) {
    case 0x22: return '"';
    case 0x2f: return "/";
    case 0x5c: return "\\";
    case 0x62: return "\b";
    case 0x66: return "\f";
    case 0x6e: return "\n";
    case 0x72: return "\r";
    case 0x74: return "\t";
    case 0x75: return scalar();
    default: {
      at--;
      wrong = true;
      return "";
    }
  }
}

/** Reads the digits of a \u escape, and of the one behind it where they are the halves of a surrogate pair. */
function scalar(): string {
  const unit = codeUnit();
  if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
  take(0x5c);
  take(0x75);
  const low = codeUnit();
  if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff) wrong = true;
  return String.fromCharCode(unit, low);
}

function codeUnit(): i32 {
  let unit = 0;
  for (let i = 0; i < 4; i++) {
    const c = <i32>next();
    const letter = c | 0x20;
    let digit = -1;
    if (c >= 0x30 && c <= 0x39) digit = c - 0x30;
    else if (letter >= 0x61 && letter <= 0x66) digit = letter - 0x57;
    if (digit < 0) {
      wrong = true;
      return 0;
    }
    unit = unit * 16 + digit;
    at++;
  }
  return unit;
}
