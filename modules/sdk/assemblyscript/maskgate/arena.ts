/**
 * The arena: one piece of memory with the batch at its beginning and its results behind it.
 *
 * It takes its pages from the host itself, at the end of memory. There it grows without a copy, and where there is no memory
 * left that is an answer: AssemblyScript's allocator would end the guest. If that allocator has taken pages behind the arena, the
 * arena begins anew at the end; what it had is lost, and stays readable. That happens seldom, since both double when they grow.
 */
const PAGE: u64 = 65536; // bytes
const LEAST: u64 = PAGE;

/** Where the arena begins, and the first byte behind it. */
export let arenaStart: usize = 0;
export let arenaEnd: usize = 0;

// The allocator takes all memory that there is when it is first used: that has to be before there is an arena.
heap.free(heap.alloc(1));

/** Whether the arena has, or now has, `size` bytes from where it begins. */
export function reserve(size: u64): bool {
  return size <= <u64>(arenaEnd - arenaStart) || extend(size) || begin(size);
}

/** Whether the arena has `size` bytes now, where it is. */
export function extend(size: u64): bool {
  if (!arenaEnd || arenaEnd != <usize>(<u64>memory.size() * PAGE)) return false;
  const room = <u64>(arenaEnd - arenaStart);
  if (!grow(max(size - room, room / 2)) && !grow(size - room)) return false;
  arenaEnd = <usize>(<u64>memory.size() * PAGE);
  return true;
}

/** Whether there is an arena of `size` bytes at the end of memory now. Where there is none, the old one stays. */
export function begin(size: u64): bool {
  const end = <u64>memory.size() * PAGE;
  if (!grow(max(size, LEAST))) return false;
  arenaStart = <usize>end;
  arenaEnd = <usize>(<u64>memory.size() * PAGE);
  return true;
}

function grow(size: u64): bool {
  const pages = (size + PAGE - 1) / PAGE;
  // Of the last page the end would be 2^32, which isn't an address.
  return <u64>memory.size() + pages < 65536 && memory.grow(<i32>pages) >= 0;
}
