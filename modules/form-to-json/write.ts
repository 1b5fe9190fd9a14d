// The object as JSON (RFC 8259), without white space.
import { Output } from "maskgate";

import { Empty, Type, empty } from "./settings";
import { Kind, Node } from "./tree";

const NULL: u32 = 0x6c6c756e; // null, little endian

export function write(node: Node, out: Output): void {
  if (node.kind == Kind.Value) writeValue(node, out);
  else writeAll(node, node.kind == Kind.Object, out);
}

/** Writes an object or an array. */
function writeAll(node: Node, named: bool, out: Output): void {
  let separator: u8 = 0;
  out.putByte(named ? 0x7b : 0x5b); // { [
  let next = node.first;
  while (next && !out.full) {
    const inner = next;
    next = inner.next;
    if (inner.omitted) continue;
    if (separator) out.putByte(separator);
    separator = 0x2c; // ,
    if (named) {
      out.putJsonRaw(inner.name, inner.length);
      out.putByte(0x3a); // :
    }
    write(inner, out);
  }
  out.putByte(named ? 0x7d : 0x5d); // } ]
}

function writeValue(node: Node, out: Output): void {
  if (node.textLength == 0 && empty == Empty.Null) {
    if (!out.room(4)) return;
    store<u32>(out.at, NULL);
    out.at += 4;
  } else if (node.type == Type.Text) {
    out.putJsonRaw(node.text, node.textLength);
  } else {
    out.putRaw(node.text, node.textLength);
  }
}
