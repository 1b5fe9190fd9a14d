import { arenaEnd, arenaStart, begin, extend, reserve } from "./arena";
import { reportRoom, writeReport } from "./counter";
import { SLACK } from "./bytes";

/** The code of a message whose results don't fit into the sandbox's memory. Every manifest lists it. */
export const TOO_LARGE = "too_large";
const TOO_LARGE_BYTES: usize = 9;

const WORD: usize = 4; // bytes
const ENTRY: usize = 12; // u32 source, u32 status, u32 end

/**
 * The answer to a batch, little endian:
 *
 *     u32 count | count × { u32 source, u32 status, u32 end } | u32 report_len | report | results
 *
 * Results are written from `head` on, before which there is room for all the rest. Entries are written upwards from `front`, and
 * moved up to the results when all is done. Nothing else is moved, unless there are more entries than messages, or the
 * arena begins anew.
 *
 * However full it is, there is room for each message that is still to come to be refused as too large: so a batch that
 * doesn't fit costs what doesn't fit, and not the guest.
 */
@unmanaged
export class Frame {
  /** Where the next byte goes. */
  at: usize;
  /** Nothing may be written here or behind it. */
  limit: usize;
  front: usize;
  head: usize;
  report: usize; // bytes of the longest report
  count: u32; // messages of the batch
  source: u32; // the message that is being worked on
  entries: u32;

  /** Begins a batch of `count` messages in the first `used` bytes of the arena. False: no memory for its entries. */
  start(used: u32, count: u32): bool {
    this.report = reportRoom();
    this.count = count;
    this.source = 0;
    this.entries = 0;
    const front = (<u64>used + SLACK + WORD - 1) & ~(<u64>WORD - 1);
    const head = <u64>(2 * WORD + this.report) + <u64>count * ENTRY;
    if (!reserve(front + head + this.kept())) return false;
    this.front = arenaStart + <usize>front;
    this.head = this.front + <usize>head;
    this.at = this.head;
    this.bound();
    return true;
  }

  /** The number of bytes of all results. */
  get written(): usize {
    return this.at - this.head;
  }

  /** The number of bytes in which this message and those behind it can be refused. */
  private kept(): u64 {
    return <u64>(this.count - this.source) * TOO_LARGE_BYTES;
  }

  bound(): void {
    this.limit = arenaEnd - <usize>this.kept();
  }

  private get entriesEnd(): usize {
    return this.front + WORD + <usize>this.entries * ENTRY;
  }

  /** Whether there is room for an entry more, with those behind this message. */
  get hasEntry(): bool {
    return this.entriesEnd + <usize>(this.count - this.source) * ENTRY + WORD + this.report <= this.head;
  }

  /** Makes room for `more` bytes at `at`. False: there is none, and nothing changed. */
  grow(more: usize): bool {
    const kept = this.kept();
    if (!extend(<u64>(this.at - arenaStart) + more + kept)) {
      const front = this.front;
      // As much again, since what is left behind can't be used any more.
      const least = <u64>(this.at - front) + more + kept;
      if (!begin(2 * least) && !begin(least)) return false;
      const moved = arenaStart - front;
      memory.copy(arenaStart, front, this.at - front);
      this.front += moved;
      this.head += moved;
      this.at += moved;
    }
    this.bound();
    return true;
  }

  /** Makes room for more entries. False: there is none, and nothing changed. */
  widen(): bool {
    const more = <usize>(this.entries + 16) * ENTRY;
    if (this.at > this.limit || more > this.limit - this.at) {
      if (!this.grow(more)) return false;
    }
    memory.copy(this.head + more, this.head, this.written);
    this.head += more;
    this.at += more;
    return true;
  }

  /** Writes an entry of this message for all that was written since the last one. There has to be room for it. */
  enter(status: u32): void {
    const entry = this.entriesEnd;
    store<u32>(entry, this.source);
    store<u32>(entry, status, 4);
    store<u32>(entry, <u32>this.written, 8);
    this.entries++;
  }

  /** Completes the frame, and gives where it begins; `at` is its end. */
  finish(): usize {
    const entries = <usize>this.entries * ENTRY;
    const counts = this.head - this.report;
    const length = writeReport(counts) - counts;
    let at = this.head - length;
    memory.copy(at, counts, length);
    at -= WORD;
    store<u32>(at, <u32>length);
    at -= entries;
    memory.copy(at, this.front + WORD, entries);
    at -= WORD;
    store<u32>(at, this.entries);
    return at;
  }
}
