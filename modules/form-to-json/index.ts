// form-to-json: a URL-encoded form becomes a JSON object, by the form parser of the WHATWG's URL standard, but that what it
// would mend is refused.
import { Bytes, Counter, Output, Result, Setting, find, refuse, serve } from "maskgate";

import { decode, decodeBegins } from "./decode";
import { limit, read } from "./settings";
import { clear, leftOut, put, root } from "./tree";
import { write } from "./write";

const AMPERSAND: u8 = 0x26;
const EQUALS: u8 = 0x3d;

const fields = new Counter("fields");
const repeats = new Counter("left_out");

function configure(settings: Setting): void {
  read(settings);
}

function transform(received: Bytes, out: Output): Result {
  const message = received.withoutLineEnd();
  const start = message.start;
  const end = start + <usize>message.length;
  decodeBegins(start);
  clear(start);
  let count = 0;
  for (let at = start; at < end; at++) {
    const after = find(AMPERSAND, at, end);
    if (after > at) {
      if (++count > limit) return refuse("form_too_many_fields", <i32>(at - start));
      if (!field(at, after)) return Result.Refuse;
    }
    at = after;
  }
  fields.add(count);
  repeats.add(leftOut);
  write(root, out);
  return Result.Pass;
}

/** Takes the field that stands there, `name=value` or `name` alone. False: it is refused. */
function field(start: usize, end: usize): bool {
  const nameEnd = find(EQUALS, start, end);
  const name = decode(start, nameEnd);
  if (!name) return false;
  const value = min(nameEnd + 1, end);
  const valueEnd = decode(value, end);
  return valueEnd != 0 && put(start, name, value, valueEnd);
}

serve(configure, transform);
