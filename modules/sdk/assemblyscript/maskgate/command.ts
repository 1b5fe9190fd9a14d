/**
 * For modules of the kind `wasi-command` in AssemblyScript: index.ts is run from its first line to its last for each message.
 *
 *     import { config, input, output, refuse } from "maskgate/command";
 *
 *     const message = input();
 *     if (message.length == 0) refuse("empty", 0);               one of the manifest's `refusals`, and a byte offset; ends here
 *     output(message);                                           what is written leaves; nothing written: the message is dropped
 *     output(config().bytes("mark", "!"));
 *
 * Bytes and Setting are those of index.ts, and so are the functions of text.ts. A throw ends the program, and costs the whole
 * batch: whatever a message has in it, refuse it.
 */
import { Bytes, SLACK } from "./bytes";
import { Setting } from "./setting";
import { parse } from "./value";

export { Bytes } from "./bytes";
export { Setting } from "./setting";

const REFUSED: i32 = 65; // EX_DATAERR of sysexits.h
const PIECE: usize = 65536; // bytes

@external("wasi_snapshot_preview1", "args_sizes_get")
declare function argsSizes(count: usize, size: usize): i32;
@external("wasi_snapshot_preview1", "args_get")
declare function argsGet(arguments: usize, texts: usize): i32;
@external("wasi_snapshot_preview1", "fd_read")
declare function fdRead(descriptor: i32, vectors: usize, count: i32, done: usize): i32;
@external("wasi_snapshot_preview1", "fd_write")
declare function fdWrite(descriptor: i32, vectors: usize, count: i32, done: usize): i32;
@external("wasi_snapshot_preview1", "proc_exit")
declare function exit(code: i32): void;

const vector = memory.data(8); // a piece of memory: address, bytes
const done = memory.data(4);

/** The configuration, which the manifest's schema has checked: `{}` where the policy gives none. */
export function config(): Setting {
  assert(argsSizes(vector, done) == 0);
  const count = load<u32>(vector);
  const places = new ArrayBuffer(<i32>(4 * count));
  const texts = new ArrayBuffer(<i32>load<u32>(done) + SLACK);
  assert(argsGet(changetype<usize>(places), changetype<usize>(texts)) == 0);
  if (count < 2) return new Setting("", parse(Bytes.of("{}")));
  const start = <usize>load<u32>(changetype<usize>(places), 4);
  let end = start;
  while (load<u8>(end)) end++;
  return new Setting("", parse(new Bytes(start, <i32>(end - start), texts)));
}

/** The message: standard input to its end. */
export function input(): Bytes {
  let buffer = new ArrayBuffer(<i32>PIECE + SLACK);
  let length: usize = 0;
  while (true) {
    store<u32>(vector, changetype<usize>(buffer) + length);
    store<u32>(vector, <usize>buffer.byteLength - SLACK - length, 4);
    assert(fdRead(0, vector, 1, done) == 0);
    const got = <usize>load<u32>(done);
    if (!got) return new Bytes(changetype<usize>(buffer), <i32>length, buffer);
    length += got;
    if (length + SLACK < <usize>buffer.byteLength) continue;
    const larger = new ArrayBuffer(<i32>(2 * length) + SLACK);
    memory.copy(changetype<usize>(larger), changetype<usize>(buffer), length);
    buffer = larger;
  }
}

/** Writes to what leaves. */
export function output(bytes: Bytes): void {
  write(1, bytes);
}

/** Refuses the message, and ends. */
export function refuse(code: string, offset: i32): void {
  write(2, Bytes.of(code + " " + offset.toString()));
  exit(REFUSED);
}

function write(descriptor: i32, bytes: Bytes): void {
  store<u32>(vector, bytes.start);
  store<u32>(vector, bytes.length, 4);
  assert(fdWrite(descriptor, vector, 1, done) == 0);
}
