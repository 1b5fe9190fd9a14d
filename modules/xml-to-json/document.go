package main

import (
	"bytes"

	"maskgate/guest"
)

const depthLimit = 512 // elements in elements

// document reads one message. Texts are decoded where they stand, in the message itself, since no text gets longer by it.
type document struct {
	settings       *settings
	names          *names
	tree           tree
	out            *guest.Output
	guest.Buffered // what goes there next

	text []byte
	at   int

	open     []element // those that are open, the root first
	prefixes []uint32  // numbers of the prefixes that the open elements declare
	used     []use     // names of one start tag whose prefixes have to be declared
	matched  int       // how many of the open elements, from the root, are on the path of `split`

	code   string
	offset int
}

// element is one that is open.
type element struct {
	name     uint32
	start    int    // where its tag begins
	node     uint32 // in the tree, 0: it isn't kept
	prefixes int    // how many prefixes were declared before it
	text     bool   // whether it has text
	end      []byte // its name as it was written
}

func (d *document) begin(message []byte, out *guest.Output) {
	for _, prefix := range d.prefixes { // of a document that was refused halfway
		d.names.declared[prefix] = 0
	}
	if d.names.full() || d.names.tags > 1<<31 {
		d.names.clear()
	}
	d.tree.Clear()
	d.text, d.at, d.out = message, 0, out
	d.open, d.prefixes, d.matched = d.open[:0], d.prefixes[:0], 0
}

// fail refuses the document. It gives false, for its callers to give on.
func (d *document) fail(code string, offset int) bool {
	d.code, d.offset = code, offset
	return false
}

// next is the byte that comes; 0, which no document may have, at the end.
func (d *document) next() byte {
	if d.at < len(d.text) {
		return d.text[d.at]
	}
	return 0
}

func (d *document) comes(text string) bool {
	return len(d.text)-d.at >= len(text) && string(d.text[d.at:d.at+len(text)]) == text
}

// space skips white space, and says whether there was any.
func (d *document) space() bool {
	start := d.at
	for d.at < len(d.text) && bytesOf[d.text[d.at]]&blank != 0 {
		d.at++
	}
	return d.at > start
}

// read reads all of the document. False: it is refused, for `code` at `offset`.
func (d *document) read() bool {
	if !d.prolog() {
		return false
	}
	for rooted := false; ; {
		if len(d.open) > 0 {
			if !d.content() {
				return false
			}
			continue
		}
		d.space()
		switch {
		case d.at == len(d.text):
			return rooted || d.fail(malformed, d.at)
		case d.comes("<?"), d.comes("<!"):
			if !d.aside() {
				return false
			}
		case d.next() == '<' && !rooted:
			rooted = true
			if !d.startTag() {
				return false
			}
		default:
			return d.fail(malformed, d.at)
		}
	}
}

// content reads what comes in an element up to its next tag, that tag included.
func (d *document) content() bool {
	switch {
	case d.next() != '<':
		return d.characters()
	case d.comes("</"):
		return d.endTag()
	case d.comes("<![CDATA["):
		return d.cdata()
	case d.comes("<?"), d.comes("<!"):
		return d.aside()
	default:
		return d.startTag()
	}
}

// aside reads a comment or a processing instruction, neither of which says anything.
func (d *document) aside() bool {
	start := d.at
	switch {
	case d.comes("<!--"):
		d.at += len("<!--")
		if !d.skipTo("--") {
			return d.fail(malformed, start)
		}
		if !d.comes("-->") {
			return d.fail(malformed, d.at)
		}
		d.at += len("-->")
	case d.comes("<?"):
		d.at += len("<?")
		target, ok := d.name()
		if !ok {
			return false
		}
		if bytes.EqualFold(target, []byte("xml")) || bytes.IndexByte(target, ':') >= 0 {
			return d.fail(malformed, start)
		}
		if !d.space() && !d.comes("?>") {
			return d.fail(malformed, d.at)
		}
		if !d.skipTo("?>") {
			return d.fail(malformed, start)
		}
		d.at += len("?>")
	case d.comes("<!DOCTYPE"):
		return d.fail(doctype, start)
	default:
		return d.fail(malformed, start)
	}
	return d.checked(start)
}

// skipTo goes to the next `end`.
func (d *document) skipTo(end string) bool {
	length := bytes.Index(d.text[d.at:], []byte(end))
	if length < 0 {
		return false
	}
	d.at += length
	return true
}

// prolog reads a byte order mark and the XML declaration.
func (d *document) prolog() bool {
	if bytes.HasPrefix(d.text, []byte("\xFE\xFF")) || bytes.HasPrefix(d.text, []byte("\xFF\xFE")) {
		return d.fail(otherEncoding, 0)
	}
	if d.comes("\xEF\xBB\xBF") {
		d.at += len("\xEF\xBB\xBF")
	}
	if !d.comes("<?xml") || len(d.text) == d.at+5 || bytesOf[d.text[d.at+5]]&blank == 0 {
		return true
	}
	d.at += len("<?xml")
	version, at, ok := d.declared("version")
	if !ok {
		return d.fail(malformed, d.at)
	}
	if version != "1.0" {
		return d.fail(malformed, at)
	}
	if encoding, at, ok := d.declared("encoding"); ok && encoding != "UTF-8" && encoding != "US-ASCII" {
		return d.fail(otherEncoding, at)
	}
	if standalone, at, ok := d.declared("standalone"); ok && standalone != "YES" && standalone != "NO" {
		return d.fail(malformed, at)
	}
	d.space()
	if !d.comes("?>") {
		return d.fail(malformed, d.at)
	}
	d.at += len("?>")
	return true
}

// declared reads `what="…"` of the declaration, if it comes: its value in capitals, and where it stands.
func (d *document) declared(what string) (value string, at int, ok bool) {
	start := d.at
	if d.space() && d.comes(what) {
		d.at += len(what)
		d.space()
		if d.next() == '=' {
			d.at++
			d.space()
			at = d.at
			if quote := d.next(); quote == '"' || quote == '\'' {
				d.at++
				if d.skipTo(string(quote)) {
					d.at++
					return string(bytes.ToUpper(d.text[at+1 : d.at-1])), at, true
				}
			}
		}
	}
	d.at = start
	return "", start, false
}
