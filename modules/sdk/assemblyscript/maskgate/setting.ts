import { Bytes } from "./bytes";
import { Secret } from "./secret";
import { Kind, Value, parseStopped } from "./value";

/** The first thing that is wrong with the configuration, and its place; empty: nothing is. */
export let firstProblem: string = "";

export function forgetProblem(): void {
  firstProblem = "";
}

/**
 * A value of the configuration, which knows its place in it (such as `columns[2].name`).
 *
 * What doesn't fit is told with its place to whoever wrote the policy: the first such thing, and the configuration is refused. A
 * read that didn't fit gives the default, so nothing needs to be checked on the way; `failed` says whether there was any.
 */
@final
export class Setting {
  private value: Value;

  /** Without a value, the configuration isn't JSON. */
  constructor(public place: string, value: Value | null) {
    this.value = value ? value : new Value(Kind.Null);
    if (!value) this.fail("not JSON at byte " + parseStopped.toString());
  }

  /** Refuses the configuration because of what stands here. */
  fail(what: string): void {
    if (!this.failed) firstProblem = (this.place.length ? this.place : "configuration") + ": " + what;
  }

  /** Whether the configuration is refused, for this or for what was read before. */
  get failed(): bool {
    return firstProblem.length > 0;
  }

  /** Refuses members that aren't called one of `known`, a name that comes twice, and what isn't an object. */
  only(known: string[]): void {
    const names = this.names();
    for (let i = 0; i < names.length; i++) {
      if (!known.includes(names[i])) this.fail("has no key `" + names[i] + "`; it has " + known.join(", "));
    }
  }

  /** The names of an object's members, as they were written. Refuses a name that comes twice, and what isn't an object. */
  names(): string[] {
    if (!this.is(Kind.Object)) return [];
    const seen = new Set<string>();
    for (let i = 0; i < this.value.names.length; i++) {
      const name = this.value.names[i];
      if (seen.has(name)) this.fail("has the key `" + name + "` twice");
      seen.add(name);
    }
    return this.value.names;
  }

  /** Whether there is a member of that name. */
  has(name: string): bool {
    return this.value.names.includes(name);
  }

  /** Refuses an object without a member of that name. */
  need(name: string): void {
    if (!this.has(name)) this.fail("needs the key `" + name + "`");
  }

  /** The member of that name. One that isn't there reads like one that is null. */
  at(name: string): Setting {
    const place = this.place.length ? this.place + "." + name : name;
    const index = this.value.names.indexOf(name);
    return new Setting(place, index < 0 ? new Value(Kind.Null) : this.value.items[index]);
  }

  /** A member that is a string. */
  text(name: string, otherwise: string = ""): string {
    const member = this.at(name);
    return this.has(name) && member.is(Kind.Text) ? member.value.text : otherwise;
  }

  /** A member that is a string, as UTF-8. */
  bytes(name: string, otherwise: string = ""): Bytes {
    return Bytes.of(this.text(name, otherwise));
  }

  /** A member that is true or false. */
  bool(name: string, otherwise: bool): bool {
    const member = this.at(name);
    return this.has(name) && member.is(Kind.Boolean) ? member.value.text == "true" : otherwise;
  }

  /** A member that is an integer from `least` to `most`, written without fraction and exponent. */
  int(name: string, least: i32, most: i32, otherwise: i32): i32 {
    if (!this.has(name)) return otherwise;
    const member = this.at(name);
    const text = member.value.text;
    // No number of 32 bits has more characters, and 64 bits hold whatever has as many.
    if (member.value.kind == Kind.Number && text.length <= 11 && !text.includes(".") && !text.toLowerCase().includes("e")) {
      const read = I64.parseInt(text, 10);
      if (read >= least && read <= most) return <i32>read;
    }
    member.fail("must be an integer from " + least.toString() + " to " + most.toString());
    return otherwise;
  }

  /** A member that is one of the texts `choices`. Where there is none, it is the first. */
  choice(name: string, choices: string[]): string {
    if (!this.has(name)) return choices[0];
    const member = this.at(name);
    if (member.value.kind == Kind.Text && choices.includes(member.value.text)) return member.value.text;
    member.fail("must be one of " + choices.join(", "));
    return choices[0];
  }

  /** The items of a member that is an array. */
  items(name: string): Setting[] {
    const items: Setting[] = [];
    const member = this.at(name);
    if (!this.has(name) || !member.is(Kind.List)) return items;
    for (let i = 0; i < member.value.items.length; i++) {
      items.push(new Setting(member.place + "[" + i.toString() + "]", member.value.items[i]));
    }
    return items;
  }

  /** A member that is an array of strings. */
  texts(name: string): string[] {
    const texts: string[] = [];
    const items = this.items(name);
    for (let i = 0; i < items.length; i++) {
      if (items[i].is(Kind.Text)) texts.push(items[i].value.text);
    }
    return texts;
  }

  /**
   * The secret that a member names: bytes that the policy grants this module. Null where there is no such member. Whatever
   * else keeps it from being read (it isn't granted, it has more than 4096 bytes) is told. For a `configure`.
   */
  secret(name: string): Bytes | null {
    const named = this.text(name);
    if (!this.has(name) || this.failed) return null;
    const secret = new Secret(named);
    if (!secret.bytes) this.at(name).fail(secret.problem);
    return secret.bytes;
  }

  private is(wanted: Kind): bool {
    if (this.value.kind == wanted) return true;
    this.fail("must be " + KINDS[wanted]);
    return false;
  }
}

const KINDS = ["null", "a boolean", "a number", "a string", "an array", "an object"];
