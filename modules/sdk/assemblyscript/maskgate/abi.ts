import { arenaStart, reserve } from "./arena";
import { Bytes, SLACK } from "./bytes";
import { Output } from "./output";
import { Result } from "./result";
import { forgetScratch } from "./scratch";
import { Setting, firstProblem, forgetProblem } from "./setting";
import { Value, parse } from "./value";

/** Reads a configuration. Called once for each instance; what is wrong is told to the setting (`settings.fail`). */
type Configure = (settings: Setting) => void;

/**
 * Takes one message and says what becomes of it. The message is the module's own for the length of the call, and gone after it.
 * Allocate little: garbage is collected sooner or later, and all of it counts against the sandbox's memory.
 */
type Transform = (message: Bytes, out: Output) => Result;

let configure: Configure | null = null;
let transform: Transform | null = null;
let configured = false;
let problem = Bytes.of("");
const message = new Bytes(0, 0);
const output = changetype<Output>(memory.data(offsetof<Output>(), 8));

/** Says how this module is configured and what it does. Call it once, outside of any function. */
export function serve(configures: Configure, transforms: Transform): void {
  configure = configures;
  transform = transforms;
}

/** Gives room for `length` bytes, which may be used again at the next call. 0: there is no such room. */
export function mg_alloc(length: u32): usize {
  return reserve(<u64>length + SLACK) ? arenaStart : 0;
}

/** Reads a configuration, UTF-8 JSON, that stands at the beginning of the arena. 0: accepted. */
export function mg_configure(_: usize, length: u32): i32 {
  forgetProblem();
  const settings = new Setting("", parse(new Bytes(arenaStart, length)));
  if (!settings.failed) configure!(settings);
  problem = Bytes.of(firstProblem);
  configured = !settings.failed;
  return configured ? 0 : 1;
}

/** Gives the place of what is wrong with the configuration, UTF-8. */
export function mg_error(): u64 {
  return pack(problem.start, <usize>problem.length);
}

/**
 * Transforms the messages of `u32 count | count × u32 end | bytes`, which stand at the beginning of the arena, and gives the
 * place of the frame with the results. It traps where only the host can be at fault: no configuration, no such frame.
 */
export function mg_transform(_: usize, length: u32): u64 {
  const batch = arenaStart; // the arena may begin anew on the way, and the batch stays readable where it is
  if (!configured || length < 4) unreachable();
  const count = load<u32>(batch);
  const messages = 4 + 4 * <u64>count;
  if (messages > length || !output.start(length, count)) unreachable();
  const most = length - <u32>messages;
  const works = transform!;
  let start: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const end = load<u32>(batch + 4 + 4 * <usize>i);
    if (end < start || end > most) unreachable();
    message.start = batch + <usize>messages + start;
    message.length = end - start;
    forgetScratch();
    output.next();
    output.settle(works(message, output));
    start = end;
  }
  const frame = output.finish();
  return pack(frame, output.at - frame);
}

function pack(start: usize, length: usize): u64 {
  return (<u64>start << 32) | <u64>length;
}
