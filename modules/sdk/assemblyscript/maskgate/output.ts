import { Bytes, SLACK } from "./bytes";
import { writeNumber } from "./counter";
import { Frame, TOO_LARGE } from "./frame";
import { NOWHERE, Result, refusedCode, refusedOffset } from "./result";
import { escapeLetter, escapedOf, hexDigit } from "./text";

const ESCAPED_AT_ONCE: usize = 4096; // bytes; of each may become six
const LONGEST_ESCAPE: usize = 6; // bytes of \u0000
const SHORT: usize = 64; // bytes that are copied faster by a loop than by the host

/**
 * What the results of a batch are written to. They stand where they were written, and become a part of the frame there.
 *
 * Code in a hurry asks for `room`, stores at `at` itself and moves `at`.
 */
@unmanaged
@final
export class Output extends Frame {
  private from: usize; // where the result that is being written begins, in bytes from the first result
  private begin: usize; // where the results of the message that is being worked on begin …
  private first: u32; // … and how many entries there were before its own
  /**
   * There was no room for what was to be written. The message will be refused as `too_large`, whatever its transform answers:
   * nothing needs to be done, but long work can be cut short.
   */
  full: bool;

  /** Makes sure of room for `bytes` at `at`. False: there is none, the output is full, and what comes is ignored. */
  @inline
  room(bytes: usize): bool {
    return (this.limit > this.at && bytes <= this.limit - this.at) || this.more(bytes);
  }

  private more(bytes: usize): bool {
    if (this.full || !this.grow(bytes)) this.fill();
    return !this.full;
  }

  private fill(): void {
    this.full = true;
    this.limit = 0;
  }

  /** Adds bytes to the result that is being written. */
  put(bytes: Bytes): void {
    this.putRaw(bytes.start, <usize>bytes.length);
  }

  /** Adds `length` bytes from an address. Of 16 bytes behind them, any may be read. */
  putRaw(start: usize, length: usize): void {
    if (!this.room(length + <usize>SLACK)) return;
    const to = this.at;
    if (length <= SHORT) {
      for (let i: usize = 0; i < length; i += 16) v128.store(to + i, v128.load(start + i));
    } else {
      memory.copy(to, start, length);
    }
    this.at = to + length;
  }

  /** Adds a text, as UTF-8. */
  putText(text: string): void {
    if (!this.room(<usize>text.length * 3)) return;
    this.at += String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, this.at);
  }

  /** Adds a byte. */
  @inline
  putByte(byte: u8): void {
    if (!this.room(1)) return;
    store<u8>(this.at, byte);
    this.at++;
  }

  /** Adds a number, in decimal. */
  putNumber(number: i64): void {
    if (!this.room(21)) return;
    if (number < 0) store<u8>(this.at++, 0x2d); // -
    this.at = writeNumber(this.at, <u64>(number < 0 ? -number : number));
  }

  /** Adds bytes as a JSON string, in quotes. They have to be UTF-8. */
  putJson(bytes: Bytes): void {
    this.putJsonRaw(bytes.start, <usize>bytes.length);
  }

  /** Adds `length` bytes from an address as a JSON string, in quotes. They have to be UTF-8; 16 bytes behind may be read. */
  putJsonRaw(start: usize, length: usize): void {
    this.putByte(0x22);
    const end = start + length;
    for (let at = start; at < end; at += ESCAPED_AT_ONCE) this.putEscaped(at, min(end, at + ESCAPED_AT_ONCE));
    this.putByte(0x22);
  }

  private putEscaped(at: usize, end: usize): void {
    if (!this.room((end - at) * LONGEST_ESCAPE + <usize>SLACK)) return;
    let to = this.at;
    while (at < end) {
      const bytes = v128.load(at);
      v128.store(to, bytes);
      const escaped = escapedOf(bytes);
      const plain = min(escaped ? <usize>ctz(escaped) : <usize>16, end - at);
      at += plain;
      to += plain;
      if (escaped && at < end) to = escape(load<u8>(at++), to);
    }
    this.at = to;
  }

  /** How many bytes the result that is being written has so far. */
  get length(): i32 {
    return <i32>(this.written - this.from);
  }

  /** Takes back what the result that is being written has beyond `length` bytes. */
  truncate(length: i32): void {
    if (length < this.length) this.at = this.head + this.from + <usize>max(length, 0);
  }

  /** Ends a result, where a message has several. */
  pass(): void {
    this.end(Result.Pass);
  }

  /** Ends one of several results with a refusal; the others stay. Code and offset are as in the function `refuse`. */
  refuse(code: string, offset: i32): void {
    this.at = this.head + this.from;
    this.putText(code);
    if (offset != NOWHERE) {
      this.putByte(0x20);
      this.putNumber(offset);
    }
    this.end(Result.Refuse);
  }

  /** Writes the entry of what was written since the last one. */
  private end(status: u32): void {
    if (this.full || (!this.hasEntry && !this.widen())) {
      this.fill();
      return;
    }
    this.enter(status);
    this.from = this.written;
  }

  /** Before the next message of the batch. */
  next(): void {
    this.begin = this.written;
    this.from = this.begin;
    this.first = this.entries;
  }

  /** After it: what its transform answered. */
  settle(result: Result): void {
    if (!this.full) this.answer(result);
    if (this.full) {
      this.forget();
      this.putText(TOO_LARGE); // for which, and for its entry, room was kept
      this.enter(Result.Refuse);
    }
    this.source++;
    this.bound();
  }

  private answer(result: Result): void {
    if (result == Result.Pass) return this.end(Result.Pass);
    if (result == Result.Refuse) {
      this.forget();
      return this.refuse(refusedCode, refusedOffset);
    }
    if (result == Result.Drop) this.forget();
    this.at = this.head + this.from;
    if (this.entries == this.first) this.end(Result.Drop);
  }

  /** Takes back all results of the message that is being worked on. */
  private forget(): void {
    this.at = this.head + this.begin;
    this.entries = this.first;
    this.from = this.begin;
    this.full = false;
    this.bound();
  }
}

/** Writes what stands for a byte in a JSON string, and gives its end. */
function escape(byte: u8, to: usize): usize {
  const letter = escapeLetter(byte);
  store<u8>(to, 0x5c);
  if (letter) {
    store<u8>(to, letter, 1);
    return to + 2;
  }
  store<u32>(to, 0x30303075, 1); // u000
  store<u8>(to, 0x30 + (byte >> 4), 4);
  store<u8>(to, hexDigit(byte & 15), 5);
  return to + 6;
}
