// {{name}}: leaves comments out of lines of text, and puts a label before each other line.
//
// Everything here is meant to be changed. The page at the top of the SDK's maskgate/index.ts says what there is to work with.
import { Bytes, Counter, Output, Result, Setting, refuse, serve } from "maskgate";

// Counters are listed in the manifest.
const lines = new Counter("lines");
const comments = new Counter("comments");

let label = Bytes.of("");
let comment = Bytes.of("");
let longest = 0; // bytes that a line may have

/** Reads what the policy says under `with`. What doesn't fit is reported with its place. */
function configure(settings: Setting): void {
  settings.only(["label", "comment", "longest"]);
  label = settings.bytes("label");
  comment = settings.bytes("comment", "#");
  longest = settings.int("longest", 1, 1 << 20, 4096);
  if (comment.length == 0) settings.at("comment").fail("must not be empty");
}

/** Called for each message. It is gone when the function returns: keep copies, not slices of it. */
function transform(message: Bytes, out: Output): Result {
  const line = message.withoutLineEnd();
  if (line.startsWith(comment)) {
    comments.add(1);
    return Result.Drop;
  }
  if (line.length > longest) return refuse("line_too_long", longest);
  const invalid = line.invalidUtf8();
  if (invalid >= 0) return refuse("invalid_utf8", invalid);
  lines.add(1);
  out.put(label);
  out.put(line);
  return Result.Pass;
}

serve(configure, transform);
