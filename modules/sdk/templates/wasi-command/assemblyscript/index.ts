// {{name}}: leaves comments out of lines of text, and puts a label before each other line.
//
// Everything here is meant to be changed. A command is run for each message: it reads that from standard input, and writes
// what leaves to standard output. If it writes nothing, the message is dropped. The page at the top of the SDK's
// maskgate/command.ts says what there is to work with.
import { Bytes, config, input, output, refuse } from "maskgate/command";

// What the policy says under `with`. The manifest's schema has checked it.
const settings = config();
const label = settings.bytes("label");
const comment = settings.bytes("comment", "#");
const longest = settings.int("longest", 1, 1 << 20, 4096); // bytes that a line may have
assert(!settings.failed);

function transform(line: Bytes): void {
  if (line.startsWith(comment)) return;
  if (line.length > longest) refuse("line_too_long", longest);
  const invalid = line.invalidUtf8();
  if (invalid >= 0) refuse("invalid_utf8", invalid);
  output(label);
  output(line);
  output(Bytes.of("\n"));
}

transform(input().withoutLineEnd());
