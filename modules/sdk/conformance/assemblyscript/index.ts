// The conformance module in AssemblyScript: every way a message can go, alike in each language of the SDKs (../vectors.yaml).
import { Bytes, Counter, Output, Result, Setting, refuse, refuseWhole, serve } from "maskgate";

const passed = new Counter("passed");
const dropped = new Counter("dropped");
const refused = new Counter("refused");
const written = new Counter("bytes");

let prefix = Bytes.of("");
let secret: Bytes | null = null;
let upper = false;

function configure(settings: Setting): void {
  settings.only(["prefix", "secret", "upper"]);
  prefix = settings.bytes("prefix");
  upper = settings.bool("upper", false);
  secret = settings.secret("secret");
}

function transform(received: Bytes, out: Output): Result {
  const message = withoutLineFeed(received);
  if (message.length == 0) return drop();
  switch (message[0]) {
    case 0x21: // !
      return refuses("conformance_refused", 1);
    case 0x2a: // *
      if (asksForSeveral(message)) return several(message[1] - 0x30, message.slice(3), out);
      break;
    case 0x23: // #
      return count(message, out);
    case 0x3f: // ?
      if (message.length == 1) throw new Error("asked to");
      break;
    case 0x24: // $
      if (message.length == 1) return secretLength(out);
  }
  if (upper) raise(message);
  out.put(prefix);
  out.put(message);
  return pass(out);
}

function withoutLineFeed(message: Bytes): Bytes {
  const last = message.length - 1;
  return last >= 0 && message[last] == 0x0a ? message.slice(0, last) : message;
}

function asksForSeveral(message: Bytes): bool {
  return message.length > 2 && message[1] >= 0x30 && message[1] <= 0x39 && message[2] == 0x3a;
}

function several(times: i32, rest: Bytes, out: Output): Result {
  if (!times) return drop();
  for (let i = 0; i < times; i++) {
    out.put(prefix);
    out.put(rest);
    pass(out);
    out.pass();
  }
  return Result.Several;
}

function secretLength(out: Output): Result {
  const bytes = secret;
  if (!bytes) {
    refused.add(1);
    return refuseWhole("conformance_no_secret");
  }
  out.putNumber(bytes.length);
  return pass(out);
}

/** How many Unicode scalars stand behind the first byte. */
function count(message: Bytes, out: Output): Result {
  const text = message.slice(1);
  const invalid = text.invalidUtf8();
  if (invalid >= 0) return refuses("conformance_invalid_utf8", 1 + invalid);
  let scalars = 0;
  for (let i = 0; i < text.length; i++) {
    if ((text[i] & 0xc0) != 0x80) scalars++; // not a continuation
  }
  out.putNumber(scalars);
  return pass(out);
}

/** Makes A to Z of the letters a to z, where they stand. */
function raise(message: Bytes): void {
  for (let i = 0; i < message.length; i++) {
    const letter = message[i];
    if (letter >= 0x61 && letter <= 0x7a) message[i] = letter - 0x20;
  }
}

function pass(out: Output): Result {
  passed.add(1);
  written.add(out.length);
  return Result.Pass;
}

function drop(): Result {
  dropped.add(1);
  return Result.Drop;
}

function refuses(code: string, offset: i32): Result {
  refused.add(1);
  return refuse(code, offset);
}

serve(configure, transform);
