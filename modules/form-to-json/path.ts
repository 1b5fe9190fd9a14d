// Names with brackets, a[b][0][], part by part.
import { find } from "maskgate";

const OPEN: u8 = 0x5b;
const CLOSE: u8 = 0x5d;

export enum Part {
  /** The name is at its end. */
  None,
  /** What stands between the brackets, from `partStart` up to `partEnd`. */
  Name,
  /** The same, where it is all digits. */
  Index,
  /** There is nothing between the brackets. */
  Item,
  /** No bracket comes, or it isn't closed, or another one stands within. */
  Wrong,
}

export let partStart: usize = 0;
export let partEnd: usize = 0;

let at: usize = 0;
let end: usize = 0;

/** Takes the part before all brackets. False: there is none, or a bracket is closed in it. */
export function firstPart(name: usize, nameEnd: usize): bool {
  partStart = name;
  partEnd = find(OPEN, name, nameEnd);
  at = partEnd;
  end = nameEnd;
  return find(CLOSE, name, partEnd) == partEnd && (partEnd > name || at == end);
}

/** Takes the next brackets. */
export function nextPart(): Part {
  if (at == end) return Part.None;
  if (load<u8>(at) != OPEN) return Part.Wrong;
  partStart = at + 1;
  partEnd = find(CLOSE, partStart, end);
  if (partEnd == end || find(OPEN, partStart, partEnd) < partEnd) return Part.Wrong;
  at = partEnd + 1;
  if (partStart == partEnd) return Part.Item;
  for (let digit = partStart; digit < partEnd; digit++) {
    if (<u32>load<u8>(digit) - 0x30 >= 10) return Part.Name;
  }
  return Part.Index;
}

/** Whether no brackets follow. */
export function isLastPart(): bool {
  return at == end;
}
