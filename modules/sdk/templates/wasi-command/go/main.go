// {{name}}: leaves comments out of lines of text, and puts a label before each other line.
//
// Everything here is meant to be changed. A command is run for each message: it reads that from standard input, and writes
// what leaves to standard output. If it writes nothing, the message is dropped.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"unicode/utf8"
)

const refused = 65 // EX_DATAERR of sysexits.h

// settings are what the policy says under `with`, which is the argument. The manifest's schema has checked it.
type settings struct {
	Label   string `json:"label"`
	Comment string `json:"comment"`
	Longest int    `json:"longest"`
}

// refusal has a code that the manifest lists, and a byte's place in the message.
type refusal struct {
	code   string
	offset int
}

// transform gives what leaves of a message; nil: it is dropped.
func transform(s settings, message []byte) ([]byte, *refusal) {
	line := bytes.TrimRight(message, "\r\n")
	if bytes.HasPrefix(line, []byte(s.Comment)) {
		return nil, nil
	}
	if len(line) > s.Longest {
		return nil, &refusal{"line_too_long", s.Longest}
	}
	for at := 0; at < len(line); {
		char, size := utf8.DecodeRune(line[at:])
		if char == utf8.RuneError && size == 1 {
			return nil, &refusal{"invalid_utf8", at}
		}
		at += size
	}
	return fmt.Appendf(nil, "%s%s\n", s.Label, line), nil
}

func main() {
	s := settings{Comment: "#", Longest: 4096}
	if len(os.Args) > 1 {
		if err := json.Unmarshal([]byte(os.Args[1]), &s); err != nil {
			panic("the schema is another")
		}
	}
	message, err := io.ReadAll(os.Stdin)
	if err != nil {
		panic(err)
	}
	line, refusal := transform(s, message)
	if refusal != nil {
		fmt.Fprintln(os.Stderr, refusal.code, refusal.offset)
		os.Exit(refused)
	}
	if _, err := os.Stdout.Write(line); err != nil {
		panic(err)
	}
}
