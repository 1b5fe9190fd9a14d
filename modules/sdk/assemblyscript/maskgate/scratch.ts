/**
 * Memory for the length of a message: pieces of which none is freed, and all are before the next message.
 *
 * It takes its pages from the host itself: where there is none left that is an answer, and AssemblyScript's allocator would end
 * the guest. Pages are kept for the messages that follow.
 */
const PAGE: usize = 65536; // bytes
const HEADER: usize = 8; // bytes of a page: the address of the next one

let first: usize = 0;
let page: usize = 0;
let at: usize = 0;
let end: usize = 0;

/**
 * Gives the address of `bytes` bytes, at most 65528, of no certain content; a multiple of 8. 0: there is no room, and the
 * message should be refused as `too_large`.
 */
export function scratch(bytes: usize): usize {
  const size = (bytes + 7) & ~7;
  if (size > end - at && !turn(size)) return 0;
  const given = at;
  at += size;
  return given;
}

/** Goes on in the next page. */
function turn(size: usize): bool {
  if (size > PAGE - HEADER) return false;
  let next = page ? load<usize>(page) : first;
  if (!next) {
    const pages = memory.size();
    // Of the last page the end would be 2^32, which isn't an address.
    if (pages >= 65535 || memory.grow(1) < 0) return false;
    next = <usize>pages * PAGE;
    store<usize>(next, 0);
    if (page) store<usize>(page, next);
    else first = next;
  }
  page = next;
  at = next + HEADER;
  end = next + PAGE;
  return true;
}

/** Frees all of it. */
export function forgetScratch(): void {
  page = 0;
  at = 0;
  end = 0;
}
