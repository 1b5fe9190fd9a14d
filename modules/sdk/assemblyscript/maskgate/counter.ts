import { Bytes } from "./bytes";

const DIGITS: usize = 20; // of the largest number

/**
 * A number of the report. Its name is one of the manifest's `counters`, or that of one of the configuration's rules: it says
 * what was counted, and never what was in a message. Make one for each name, outside of `transform`.
 */
@final
export class Counter {
  private name: Bytes;
  private count: u64 = 0;

  /** Lowercase letters, digits and `_`. */
  constructor(name: string) {
    this.name = Bytes.of(name);
    counters.push(this);
  }

  /** Counts. What a message that was refused had counted is not taken back. */
  add(count: i32): void {
    this.count += <u64>count;
  }

  /** How many bytes `report` needs at most. */
  get room(): usize {
    return <usize>this.name.length + DIGITS + 4; // with quotes, colon and comma
  }

  /** Writes `"name":number`, and starts anew. Gives where the next byte goes; `at`, where there is nothing to say. */
  report(at: usize, separator: u8): usize {
    const count = this.count;
    if (!count) return at;
    this.count = 0;
    const length = <usize>this.name.length;
    store<u8>(at, separator);
    store<u8>(at, 0x22, 1);
    memory.copy(at + 2, this.name.start, length);
    store<u8>(at + length, 0x22, 2);
    store<u8>(at + length, 0x3a, 3);
    return writeNumber(at + length + 4, count);
  }
}

const counters: Counter[] = [];

/** How many bytes no report exceeds. */
export function reportRoom(): usize {
  let room: usize = 2;
  for (let i = 0; i < counters.length; i++) room += counters[i].room;
  return room;
}

/** Writes the counts that aren't 0 as a JSON object, and starts them anew. Nothing at all where all are. Gives its end. */
export function writeReport(start: usize): usize {
  let at = start;
  for (let i = 0; i < counters.length; i++) at = counters[i].report(at, at == start ? 0x7b : 0x2c); // { ,
  if (at > start) store<u8>(at++, 0x7d); // }
  return at;
}

/** Writes a number in decimal, and gives its end. At most 20 bytes. */
export function writeNumber(at: usize, number: u64): usize {
  let digits: usize = 1;
  for (let rest = number / 10; rest; rest /= 10) digits++;
  for (let i = digits; i > 0; number /= 10) store<u8>(at + --i, <u8>(0x30 + (number % 10)));
  return at + digits;
}
