// The conformance module in Go: every way a message can go, alike in each language of the SDKs (../vectors.yaml).
package main

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"maskgate/guest"
)

var (
	passed  = guest.NewCounter("passed")
	dropped = guest.NewCounter("dropped")
	refused = guest.NewCounter("refused")
	written = guest.NewCounter("bytes")
)

func init() { guest.Serve(configure) }

func main() {}

type conformance struct {
	prefix, secret []byte
	secretive      bool
	upper          bool
}

func configure(settings guest.Setting) guest.Transform {
	settings.Only("prefix", "secret", "upper")
	module := &conformance{prefix: []byte(settings.Text("prefix", "")), upper: settings.Bool("upper", false)}
	module.secret, module.secretive = settings.Secret("secret")
	return module.message
}

func (c *conformance) message(message []byte, out *guest.Output) guest.Result {
	message = bytes.TrimSuffix(message, []byte("\n"))
	if len(message) == 0 {
		dropped.Add(1)
		return guest.Drop
	}
	switch {
	case message[0] == '!':
		return refuse("conformance_refused", 1)
	case message[0] == '*' && len(message) > 2 && '0' <= message[1] && message[1] <= '9' && message[2] == ':':
		return c.several(int(message[1]-'0'), message[3:], out)
	case message[0] == '#':
		return count(message, out)
	case string(message) == "?":
		panic("asked to")
	case string(message) == "$":
		if !c.secretive {
			refused.Add(1)
			return guest.RefuseWhole("conformance_no_secret")
		}
		out.PutText(strconv.Itoa(len(c.secret)))
		return pass(out)
	}
	if c.upper {
		raise(message)
	}
	out.Put(c.prefix)
	out.Put(message)
	return pass(out)
}

func (c *conformance) several(times int, rest []byte, out *guest.Output) guest.Result {
	if times == 0 {
		dropped.Add(1)
	}
	for range times {
		out.Put(c.prefix)
		out.Put(rest)
		pass(out)
		out.Pass()
	}
	return guest.Several
}

// raise makes A to Z of the letters a to z.
func raise(message []byte) {
	for i, letter := range message {
		if 'a' <= letter && letter <= 'z' {
			message[i] = letter - ('a' - 'A')
		}
	}
}

// count writes how many Unicode scalars stand behind the first byte.
func count(message []byte, out *guest.Output) guest.Result {
	scalars := 0
	for at := 1; at < len(message); scalars++ {
		_, size := utf8.DecodeRune(message[at:])
		if size == 1 && message[at] >= utf8.RuneSelf {
			return refuse("conformance_invalid_utf8", at)
		}
		at += size
	}
	out.PutText(strconv.Itoa(scalars))
	return pass(out)
}

func pass(out *guest.Output) guest.Result {
	passed.Add(1)
	written.Add(out.Written())
	return guest.Pass
}

func refuse(code string, offset int) guest.Result {
	refused.Add(1)
	return guest.Refuse(code, offset)
}
