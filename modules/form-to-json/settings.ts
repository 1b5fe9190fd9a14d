// The configuration.
import { Bytes, Setting } from "maskgate";

import { Fork, Named, insert, isCalled, nearest } from "./names";
import { Part, firstPart, nextPart, partEnd, partStart } from "./path";

export enum Repeated {
  Refuse,
  Array,
  First,
  Last,
}

export enum Empty {
  Text,
  Null,
  Omit,
}

export enum Type {
  Text,
  Number,
  Integer,
  Boolean,
}

/** What the configuration says of the values with a name, and of what stands in them. */
@unmanaged
@final
export class Shape extends Named {
  type: Type;
  /** Values are in an array even where there is one. */
  array: bool;
  /** The shapes of an object's members: a tree of names. */
  members: usize;
  /** The shape of all items of an array. */
  items: Shape | null;

  /** What it says of the member with a name; null: nothing. */
  member(name: usize, length: u32): Shape | null {
    const near = changetype<Shape | null>(nearest(this.members, name, length));
    return near && isCalled(near, name, length) ? near : null;
  }
}

export let percentLiteral = false;
export let repeated = Repeated.Refuse;
export let nested = false;
export let indexesAreArrays = true;
export let empty = Empty.Text;
export let limit = 0; // fields
export let depth = 0; // pairs of brackets in a name
export const shapes = newShape(0, 0);

const kept: Bytes[] = []; // names that shapes have
const TYPES = ["string", "number", "integer", "boolean"];

export function read(settings: Setting): void {
  settings.only(["repeated", "arrays", "nested", "indexes", "types", "empty", "percent", "fields", "depth"]);
  percentLiteral = settings.choice("percent", ["refuse", "literal"]) == "literal";
  repeated = choose<Repeated>(settings, "repeated", ["refuse", "array", "first", "last"]);
  nested = settings.bool("nested", false);
  indexesAreArrays = settings.choice("indexes", ["array", "member"]) == "array";
  empty = choose<Empty>(settings, "empty", ["string", "null", "omit"]);
  limit = settings.int("fields", 1, 10_000, 1000);
  depth = settings.int("depth", 1, 64, 8);
  if (settings.has("types")) readTypes(settings.at("types"));
  const arrays = settings.texts("arrays");
  for (let i = 0; i < arrays.length; i++) readArray(arrays[i], settings.at("arrays"));
}

function choose<T>(settings: Setting, name: string, choices: string[]): T {
  return <T>choices.indexOf(settings.choice(name, choices));
}

function readTypes(types: Setting): void {
  const names = types.names();
  for (let i = 0; i < names.length; i++) {
    const shape = shapeOf(names[i], types.at(names[i]));
    if (shape) shape.type = choose<Type>(types, names[i], TYPES);
  }
}

function readArray(name: string, arrays: Setting): void {
  const shape = shapeOf(name, arrays);
  if (!shape) return;
  if (shape.array) arrays.fail("names `" + name + "` twice");
  if (nested && name.endsWith("[]")) arrays.fail("names `" + name + "`, whose brackets make it an array already");
  shape.array = true;
}

/** The shape of a name, made where there is none. Null: there can't be one, and the setting knows why. */
function shapeOf(text: string, setting: Setting): Shape | null {
  const name = Bytes.of(text);
  const end = name.start + <usize>name.length;
  kept.push(name);
  if (!nested) return memberOf(shapes, name.start, name.length);
  let right = firstPart(name.start, end);
  let shape = memberOf(shapes, partStart, <u32>(partEnd - partStart));
  for (let part = nextPart(); right && part != Part.None; part = nextPart()) {
    if (part == Part.Item) {
      shape = itemsOf(shape);
    } else if (part == Part.Wrong) {
      right = false;
    } else if (part == Part.Index && indexesAreArrays) {
      setting.fail("has `" + text + "`, in which an index of an array must be written []");
      return null;
    } else {
      shape = memberOf(shape, partStart, <u32>(partEnd - partStart));
    }
  }
  if (right) return shape;
  setting.fail("has `" + text + "`, whose brackets don't make a name");
  return null;
}

function memberOf(shape: Shape, name: usize, length: u32): Shape {
  const known = shape.member(name, length);
  if (known) return known;
  const member = newShape(name, length);
  const near = nearest(shape.members, name, length);
  insert(changetype<usize>(shape) + offsetof<Shape>("members"), member, near, changetype<Fork>(heap.alloc(offsetof<Fork>())));
  return member;
}

function itemsOf(shape: Shape): Shape {
  const items = shape.items;
  if (items) return items;
  return (shape.items = newShape(0, 0));
}

function newShape(name: usize, length: u32): Shape {
  const shape = changetype<Shape>(heap.alloc(offsetof<Shape>()));
  memory.fill(changetype<usize>(shape), 0, offsetof<Shape>());
  shape.name = name;
  shape.length = length;
  return shape;
}
