import { find, invalidUtf8 } from "./text";

/** How many bytes behind a text may be read, so that a loop over 16 at a time needs no other for the rest. */
export const SLACK: i32 = 16;

/**
 * Bytes somewhere in memory. `start` and `length` are for a module that reads them with `load`; 16 bytes behind them may be
 * read too. A message is the module's own for the length of a call, and may be changed; it is gone after it, with all its
 * slices: `copy` keeps bytes.
 */
@final
export class Bytes {
  constructor(public start: usize, public length: i32, private owner: ArrayBuffer | null = null) {}

  /** A text as UTF-8. */
  static of(text: string): Bytes {
    const length = String.UTF8.byteLength(text);
    const buffer = new ArrayBuffer(length + SLACK);
    String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, changetype<usize>(buffer));
    return new Bytes(changetype<usize>(buffer), length, buffer);
  }

  /** The byte at a place; there has to be one. */
  @operator("[]")
  private __at(index: i32): u8 {
    if (<u32>index >= <u32>this.length) throw new RangeError("no byte stands there");
    return load<u8>(this.start + <usize>index);
  }

  @operator("[]=")
  private __put(index: i32, byte: u8): void {
    if (<u32>index >= <u32>this.length) throw new RangeError("no byte stands there");
    store<u8>(this.start + <usize>index, byte);
  }

  /** The bytes from a place up to another, of the same memory. Both have to be within. */
  slice(from: i32, to: i32 = this.length): Bytes {
    if (from < 0 || to < from || to > this.length) throw new RangeError("no bytes stand there");
    return new Bytes(this.start + <usize>from, to - from, this.owner);
  }

  /** The same bytes in memory of their own. */
  copy(): Bytes {
    const buffer = new ArrayBuffer(this.length + SLACK);
    memory.copy(changetype<usize>(buffer), this.start, <usize>this.length);
    return new Bytes(changetype<usize>(buffer), this.length, buffer);
  }

  /** Without the line feed, or carriage return and line feed, at the end, if there is one. */
  withoutLineEnd(): Bytes {
    let length = this.length;
    if (length > 0 && this[length - 1] == 0x0a) {
      length--;
      if (length > 0 && this[length - 1] == 0x0d) length--;
    }
    return length == this.length ? this : this.slice(0, length);
  }

  startsWith(other: Bytes): bool {
    return this.length >= other.length && memory.compare(this.start, other.start, <usize>other.length) == 0;
  }

  /** Where the first such byte is at or behind a place; -1: there is none. */
  indexOf(byte: u8, from: i32 = 0): i32 {
    const end = this.start + <usize>this.length;
    const found = find(byte, this.start + <usize>max(from, 0), end);
    return found < end ? <i32>(found - this.start) : -1;
  }

  @operator("==")
  private static __equal(one: Bytes, other: Bytes): bool {
    return one.length == other.length && one.startsWith(other);
  }

  @operator("!=")
  private static __different(one: Bytes, other: Bytes): bool {
    return !(one == other);
  }

  /** Where the first byte is that isn't part of valid UTF-8; -1: there is none. */
  invalidUtf8(): i32 {
    return invalidUtf8(this.start, this.length);
  }

  /** The text that they are in UTF-8. They have to be (see `invalidUtf8`). */
  toString(): string {
    if (this.invalidUtf8() >= 0) throw new Error("not UTF-8");
    return String.UTF8.decodeUnsafe(this.start, <usize>this.length);
  }
}
