/** What a transform answers. The first three are the ABI's statuses. */
export enum Result {
  /** What was written is the result. */
  Pass = 0,
  /** The message is left out on purpose; what was written is forgotten. */
  Drop = 1,
  /** Made by `refuse` and `refuseWhole`. */
  Refuse = 2,
  /**
   * The results were ended one by one with `out.pass()` or `out.refuse(…)`; what was written after the last is forgotten.
   * With none of them, the message is dropped.
   */
  Several = 3,
}

/** No place in the message. */
export const NOWHERE: i32 = -1;

export let refusedCode: string = "";
export let refusedOffset: i32 = NOWHERE;

/**
 * Refuses the message: all its results are forgotten. The code is one of the manifest's `refusals`; the offset is in bytes
 * from the message's first, and at most its length. Nothing else goes out, so that no value can.
 */
export function refuse(code: string, offset: i32): Result {
  refusedCode = code;
  refusedOffset = offset;
  return Result.Refuse;
}

/** Refuses the message for something that has no place in it. */
export function refuseWhole(code: string): Result {
  return refuse(code, NOWHERE);
}
