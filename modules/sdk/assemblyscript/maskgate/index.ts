/**
 * The guest side of the ABI maskgate/1 in AssemblyScript: a module is one function from a message to its result.
 *
 *     import { Bytes, Counter, Output, Result, Setting, refuse, serve } from "maskgate";
 *
 *     const shouted = new Counter("shouted");                    one of the manifest's `counters`
 *     let mark = "";
 *
 *     function configure(settings: Setting): void {              called once for each instance
 *       settings.only(["mark"]);                                 what doesn't fit is told with its place; nothing to check here
 *       mark = settings.text("mark", "!");
 *     }
 *
 *     function transform(message: Bytes, out: Output): Result {  called for each message
 *       if (message.length == 0) return refuse("empty", 0);      one of the manifest's `refusals`, and a byte offset
 *       shouted.add(1);
 *       out.put(message);
 *       out.putText(mark);
 *       return Result.Pass;
 *     }
 *
 *     serve(configure, transform);
 *
 * What there is to work with:
 *
 *     Bytes    message[i], .length, .slice(from, to), .withoutLineEnd(), .startsWith(other), .indexOf(byte, from), ==,
 *              .invalidUtf8(), .toString(), .copy(), Bytes.of(text); .start for `load` and SIMD, 16 bytes past the end too
 *     Output   .put(bytes), .putText(text), .putByte(byte), .putNumber(number), .putJson(bytes) as a JSON string, .length,
 *              .truncate(length); in a hurry .room(bytes) and then `store` at .at; .full: no room, cut long work short
 *     Result   Pass; Drop; refuse(code, offset) or refuseWhole(code); Several, after out.pass() and out.refuse(code, offset),
 *              each of which ends one of several results
 *     Setting  .only(names), .has, .need, .text, .bytes, .bool, .int, .choice, .texts, .items, .at(name) and .names() for
 *              objects, .secret(name) that the policy grants, .fail(what) for what is wrong otherwise, .failed
 *     Counter  .add(number), into the report
 *     and      find, invalidUtf8, isNumber, isInteger: of bytes from an address; scratch(bytes): memory until the next message
 *
 * A message is gone after the call, with its slices: copy what is kept. What the functions allocate is garbage, collected
 * sooner or later, and counts against the sandbox's memory: so make objects outside of `transform`, and few within. Whatever
 * a message has in it, refuse it and don't throw: a throw ends the instance, and costs the whole batch.
 *
 * abi.ts has the exports, arena.ts and frame.ts the memory, and the others what their names say. A module is one thread, and
 * one function at a time: no export is called from within another.
 */
export { serve } from "./abi";
export { Bytes } from "./bytes";
export { Counter } from "./counter";
export { Output } from "./output";
export { Result, refuse, refuseWhole } from "./result";
export { scratch } from "./scratch";
export { Setting } from "./setting";
export { find, invalidUtf8, isInteger, isNumber } from "./text";
