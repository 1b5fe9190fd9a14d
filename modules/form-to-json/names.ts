// Finding things by their names in a crit-bit tree: by the bits in which names differ, with no hash that a sender could make
// collide. A search looks at no more bits than the name has.
const LENGTH_BITS: u32 = 32; // the bits of a name are those of its length, then those of its bytes, lowest first

/** Something with a name of `length` bytes at `name`. */
@unmanaged
export class Named {
  name: usize;
  length: u32;
}

/**
 * Where names part: those with the bit clear, those with it set. Each is the address of a Named, or that of a Fork with its
 * lowest bit set.
 */
@unmanaged
export class Fork {
  bit: u32;
  clear: usize;
  set: usize;
}

const SET: usize = offsetof<Fork>("set");
const CLEAR: usize = offsetof<Fork>("clear");

function forkOf(tree: usize): Fork {
  return changetype<Fork>(tree - 1);
}

function isFork(tree: usize): bool {
  return (tree & 1) != 0;
}

function bitOf(name: usize, length: u32, bit: u32): bool {
  if (bit < LENGTH_BITS) return ((length >> bit) & 1) != 0;
  const index = (bit - LENGTH_BITS) >> 3;
  return index < length && ((load<u8>(name + index) >> <u8>(bit & 7)) & 1) != 0;
}

/** The one whose name is most like that one, 0 in an empty tree: where one is called so, it is that. */
export function nearest(tree: usize, name: usize, length: u32): usize {
  while (isFork(tree)) {
    const fork = forkOf(tree);
    tree = bitOf(name, length, fork.bit) ? fork.set : fork.clear;
  }
  return tree;
}

/** Whether something is called so. */
export function isCalled(named: Named, name: usize, length: u32): bool {
  return named.length == length && memory.compare(named.name, name, length) == 0;
}

/**
 * Puts something into the tree whose root stands at the address `slot`. `near` is what is `nearest` there, and called
 * otherwise; with 0, the tree is empty. `fork` is room for a Fork, which the tree keeps.
 */
export function insert(slot: usize, named: Named, near: usize, fork: Fork): void {
  if (!near) {
    store<usize>(slot, changetype<usize>(named));
    return;
  }
  const bit = firstDifference(named, changetype<Named>(near));
  while (isFork(load<usize>(slot)) && forkOf(load<usize>(slot)).bit < bit) {
    const passed = load<usize>(slot) - 1;
    const set = bitOf(named.name, named.length, changetype<Fork>(passed).bit);
    slot = passed + (set ? SET : CLEAR);
  }
  const set = bitOf(named.name, named.length, bit);
  fork.bit = bit;
  fork.set = set ? changetype<usize>(named) : load<usize>(slot);
  fork.clear = set ? load<usize>(slot) : changetype<usize>(named);
  store<usize>(slot, changetype<usize>(fork) | 1);
}

function firstDifference(one: Named, other: Named): u32 {
  const lengths = one.length ^ other.length;
  if (lengths) return ctz(lengths);
  let index: u32 = 0;
  while (load<u8>(one.name + index) == load<u8>(other.name + index)) index++;
  const bytes = <u32>(load<u8>(one.name + index) ^ load<u8>(other.name + index));
  return LENGTH_BITS + index * 8 + ctz(bytes);
}
