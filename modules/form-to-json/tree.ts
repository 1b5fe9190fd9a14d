// The object that the fields make, in memory of the message's own.
import { isInteger, isNumber, refuse, refuseWhole, scratch } from "maskgate";

import { Fork, Named, insert, isCalled, nearest } from "./names";
import { Part, firstPart, isLastPart, nextPart, partEnd, partStart } from "./path";
import { Empty, Repeated, Shape, Type, depth, empty, indexesAreArrays, nested, repeated, shapes } from "./settings";

export enum Kind {
  /** Nothing was put there yet. */
  New,
  Value,
  /** Values that came under one name. */
  Several,
  /** Values that came with []. */
  List,
  /** What came with [0], [1] and so on. */
  Indexed,
  Object,
}

@unmanaged
@final
export class Node extends Named {
  kind: Kind;
  /** How many nodes stand in it, the first and the last of them, and the one that follows it in its own. */
  count: u32;
  first: Node | null;
  last: Node | null;
  next: Node | null;
  /** Those of them that have names. */
  members: usize;
  shape: Shape | null;
  /** A value, decoded. */
  text: usize;
  textLength: u32;

  get type(): Type {
    const shape = this.shape;
    return shape ? shape.type : Type.Text;
  }

  /** Whether it is a value that has to be left out. */
  get omitted(): bool {
    return this.kind == Kind.Value && this.textLength == 0 && empty == Empty.Omit;
  }
}

const TRUE: u32 = 0x65757274; // true, and the beginning of false, little endian
const FALS: u32 = 0x736c6166;
const MEMBERS: usize = offsetof<Node>("members");

export const root = changetype<Node>(memory.data(offsetof<Node>(), 8));
/** How many values were left out because their name came again. */
export let leftOut = 0;

let message: usize = 0;

/** Begins a message, which stands at an address. */
export function clear(start: usize): void {
  message = start;
  leftOut = 0;
  memory.fill(changetype<usize>(root), 0, offsetof<Node>());
  root.kind = Kind.Object;
  root.shape = shapes;
}

/**
 * Puts a field where its name says; name and value are decoded, and reach from where they stood in the message up to their
 * ends. False: it is refused.
 */
export function put(name: usize, nameEnd: usize, value: usize, valueEnd: usize): bool {
  const node = nested ? byPath(name, nameEnd) : member(root, name, <u32>(nameEnd - name), name);
  return node != null && take(node, name, value, <u32>(valueEnd - value));
}

/** Refuses the message for what stands at an address. */
function wrong(code: string, at: usize): bool {
  refuse(code, <i32>(at - message));
  return false;
}

function nowhere(code: string, at: usize): Node | null {
  wrong(code, at);
  return null;
}

function byPath(name: usize, nameEnd: usize): Node | null {
  if (!firstPart(name, nameEnd)) return nowhere("form_bad_name", name);
  let node = member(root, partStart, <u32>(partEnd - partStart), name);
  for (let brackets = 1; node; brackets++) {
    const part = nextPart();
    if (part == Part.None) return node;
    if (part == Part.Wrong || (part == Part.Item && !isLastPart())) return nowhere("form_bad_name", name);
    if (brackets > depth) return nowhere("too_deep", name);
    if (part == Part.Item) node = item(node, Kind.List, name);
    else if (part == Part.Index && indexesAreArrays) node = indexed(node, name);
    else node = member(node, partStart, <u32>(partEnd - partStart), name);
  }
  return null;
}

/** The member with a name, made where there is none; `at` is where its field stands. */
function member(node: Node, name: usize, length: u32, at: usize): Node | null {
  if (!becomes(node, Kind.Object)) return nowhere("form_conflict", at);
  const near = nearest(node.members, name, length);
  if (near && isCalled(changetype<Named>(near), name, length)) return changetype<Node>(near);
  const shape = node.shape;
  return addNamed(node, name, length, near, shape ? shape.member(name, length) : null);
}

/** The item whose index is the part that was taken last. New ones come in their order, so that none is missing. */
function indexed(node: Node, at: usize): Node | null {
  if (!becomes(node, Kind.Indexed)) return nowhere("form_conflict", at);
  const length = <u32>(partEnd - partStart);
  const near = nearest(node.members, partStart, length);
  if (near && isCalled(changetype<Named>(near), partStart, length)) return changetype<Node>(near);
  if (!isNumeral(partStart, partEnd, node.count)) return nowhere("form_bad_index", at);
  return addNamed(node, partStart, length, near, itemShape(node));
}

/** Whether the digits are those of a number, without noughts before it. */
function isNumeral(start: usize, end: usize, number: u32): bool {
  do {
    if (end == start || load<u8>(--end) != 0x30 + <u8>(number % 10)) return false;
    number /= 10;
  } while (number);
  return end == start;
}

/** A new item behind the others. */
function item(node: Node, kind: Kind, at: usize): Node | null {
  if (!becomes(node, kind)) return nowhere("form_conflict", at);
  return add(node, kind == Kind.Several ? node.shape : itemShape(node));
}

function itemShape(node: Node): Shape | null {
  const shape = node.shape;
  return shape ? shape.items : null;
}

function becomes(node: Node, kind: Kind): bool {
  if (node.kind == Kind.New) node.kind = kind;
  return node.kind == kind;
}

function addNamed(node: Node, name: usize, length: u32, near: usize, shape: Shape | null): Node | null {
  const fork = scratch(offsetof<Fork>());
  const added = fork ? add(node, shape) : noRoom();
  if (!added) return null;
  added.name = name;
  added.length = length;
  insert(changetype<usize>(node) + MEMBERS, added, near, changetype<Fork>(fork));
  return added;
}

function add(node: Node, shape: Shape | null): Node | null {
  const room = scratch(offsetof<Node>());
  if (!room) return noRoom();
  memory.fill(room, 0, offsetof<Node>());
  const added = changetype<Node>(room);
  added.shape = shape;
  const last = node.last;
  if (last) last.next = added;
  else node.first = added;
  node.last = added;
  node.count++;
  return added;
}

function noRoom(): Node | null {
  refuseWhole("too_large");
  return null;
}

/** Puts a value there. `at` is where its field stands. False: it is refused. */
function take(node: Node, at: usize, value: usize, length: u32): bool {
  const shape = node.shape;
  const array = repeated == Repeated.Array || (shape != null && shape.array);
  if (node.kind == Kind.New) {
    if (shape && shape.array) return takeItem(node, at, value, length);
    return set(node, value, length);
  }
  if (node.kind == Kind.Several) return takeItem(node, at, value, length);
  if (node.kind != Kind.Value) return wrong("form_conflict", at);
  if (array) return makeSeveral(node) && takeItem(node, at, value, length);
  if (repeated == Repeated.Refuse) return wrong("form_repeated", at);
  leftOut++;
  return repeated == Repeated.First ? fits(node, value, length) : set(node, value, length);
}

function takeItem(node: Node, at: usize, value: usize, length: u32): bool {
  const added = item(node, Kind.Several, at);
  return added != null && set(added, value, length);
}

/** Makes of a value an array with the value in it. */
function makeSeveral(node: Node): bool {
  node.kind = Kind.Several;
  const added = add(node, node.shape);
  if (!added) return false;
  added.kind = Kind.Value;
  added.text = node.text;
  added.textLength = node.textLength;
  return true;
}

function set(node: Node, value: usize, length: u32): bool {
  if (!fits(node, value, length)) return false;
  node.kind = Kind.Value;
  node.text = value;
  node.textLength = length;
  return true;
}

/** Whether the value is of the type that its name has. */
function fits(node: Node, value: usize, length: u32): bool {
  return isOf(node.type, value, length) || wrong("form_bad_type", value);
}

function isOf(type: Type, value: usize, length: u32): bool {
  if (type == Type.Text || (length == 0 && empty != Empty.Text)) return true;
  if (type == Type.Number) return isNumber(value, length);
  if (type == Type.Integer) return isInteger(value, length);
  if (length == 4) return load<u32>(value) == TRUE;
  return length == 5 && load<u32>(value) == FALS && load<u8>(value, 4) == 0x65;
}
