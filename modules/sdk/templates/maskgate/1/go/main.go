// {{name}}: leaves comments out of lines of text, and puts a label before each other line.
//
// Everything here is meant to be changed. guest.go in the SDK says what there is to work with.
package main

import (
	"bytes"
	"unicode/utf8"

	"maskgate/guest"
)

// Counters are listed in the manifest.
var (
	lines    = guest.NewCounter("lines")
	comments = guest.NewCounter("comments")
)

func init() { guest.Serve(configure) }

func main() {} // Go wants one; nobody calls it

// configure reads what the policy says under `with`. What doesn't fit is reported with its place.
func configure(settings guest.Setting) guest.Transform {
	settings.Only("label", "comment", "longest")
	label := settings.Text("label", "")
	comment := []byte(settings.Text("comment", "#"))
	longest := settings.Int("longest", 1, 1<<20, 4096)
	if len(comment) == 0 {
		settings.At("comment").Fail("must not be empty")
	}

	// Called for each message. It is gone when the function returns: keep copies, not slices of it.
	return func(message []byte, out *guest.Output) guest.Result {
		line := bytes.TrimRight(message, "\r\n")
		if bytes.HasPrefix(line, comment) {
			comments.Add(1)
			return guest.Drop
		}
		if len(line) > longest {
			return guest.Refuse("line_too_long", longest)
		}
		if !utf8.Valid(line) {
			return guest.RefuseWhole("invalid_utf8")
		}
		lines.Add(1)
		out.PutText(label)
		out.Put(line)
		return guest.Pass
	}
}
