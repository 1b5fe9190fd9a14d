import { Bytes } from "./bytes";

const LIMIT: i32 = 4096; // bytes
const NOT_GRANTED: i32 = -1;

@external("maskgate", "secret")
declare function hostSecret(name: usize, nameLength: i32, out: usize, room: i32): i32;

/** A secret by its name, or why there is none. */
@final
export class Secret {
  bytes: Bytes | null = null;
  problem: string = "";

  constructor(name: string) {
    const asked = Bytes.of(name);
    const buffer = Bytes.of(" ".repeat(LIMIT));
    const length = hostSecret(asked.start, asked.length, buffer.start, LIMIT);
    if (length >= 0 && length <= LIMIT) this.bytes = buffer.slice(0, length);
    else if (length == NOT_GRANTED) this.problem = "the secret `" + name + "` is not granted";
    else this.problem = "the secret `" + name + "` has more than 4096 bytes";
  }
}
