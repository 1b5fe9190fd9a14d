package main

import (
	"bytes"
	"unicode/utf8"
)

const nameLimit = 1000 // bytes of one name

// use is a name in a start tag, and where it stands.
type use struct {
	name uint32
	at   int
}

// name reads a name. It may have a prefix: one colon, with a name on both sides.
func (d *document) name() (text []byte, ok bool) {
	start, colon := d.at, -1
	first := true // of the name, or of what follows the colon
	for d.at < len(d.text) {
		c, size := d.text[d.at], 1
		if c == ':' {
			if first || colon >= 0 {
				return nil, d.fail(wrongNamespace, d.at)
			}
			colon, first = d.at, true
			d.at++
			continue
		}
		if c < utf8.RuneSelf {
			if bytesOf[c]&follows == 0 || first && bytesOf[c]&starts == 0 {
				break
			}
		} else {
			var scalar rune
			scalar, size = utf8.DecodeRune(d.text[d.at:])
			if size == 1 {
				return nil, d.fail(notUTF8, d.at)
			}
			if !inName(scalar, first) {
				break
			}
		}
		d.at += size
		first = false
	}
	switch {
	case d.at == start:
		return nil, d.fail(malformed, d.at)
	case first:
		return nil, d.fail(wrongNamespace, colon)
	case d.at-start > nameLimit:
		return nil, d.fail(tooLarge, start)
	}
	return d.text[start:d.at], true
}

// numbered reads a name, and gives its number too.
func (d *document) numbered() (text []byte, number uint32, ok bool) {
	start := d.at
	if text, ok = d.name(); !ok {
		return nil, 0, false
	}
	number = d.names.number(text)
	if d.names.full() {
		return nil, 0, d.fail(tooLarge, start)
	}
	return text, number, true
}

func (d *document) startTag() bool {
	start := d.at
	d.at++
	text, number, ok := d.numbered()
	if !ok {
		return false
	}
	if len(d.open) == depthLimit {
		return d.fail(tooDeep, start)
	}
	if d.names.list[number].declares != 0 {
		return d.fail(wrongNamespace, start)
	}
	d.open = append(d.open, element{name: number, start: start, prefixes: len(d.prefixes), end: text})
	if !d.keep(number, text) {
		return false
	}
	d.used = append(d.used[:0], use{number, start + 1})
	tag := d.names.tag()
	for {
		spaced := d.space()
		switch c := d.next(); {
		case c == '>':
			d.at++
			return d.prefixesDeclared()
		case c == '/':
			if !d.comes("/>") {
				return d.fail(malformed, d.at)
			}
			d.at += len("/>")
			return d.prefixesDeclared() && d.close()
		case !spaced:
			return d.fail(malformed, d.at)
		}
		if !d.attribute(tag) {
			return false
		}
	}
}

// keep puts the element that was just opened into the tree, if it will be a part of a message.
func (d *document) keep(number uint32, text []byte) bool {
	depth, split := len(d.open), d.settings.split
	parent := uint32(0)
	if depth > 1 {
		parent = d.open[depth-2].node
	}
	key := d.names.elementKey(number, text)
	if d.matched == depth-1 && depth <= len(split) && string(d.names.keyList[key].text) == split[depth-1] {
		d.matched = depth
	}
	if parent == 0 && len(split) > 0 && (d.matched < depth || depth < len(split)) {
		return true
	}
	node, ok := d.tree.addElement(parent, key)
	d.open[depth-1].node = node
	return ok || d.fail(tooLarge, d.open[depth-1].start)
}

func (d *document) attribute(tag uint32) bool {
	start := d.at
	text, number, ok := d.numbered()
	if !ok {
		return false
	}
	if d.names.list[number].tag == tag {
		return d.fail(duplicate, start)
	}
	d.names.list[number].tag = tag
	d.space()
	if d.next() != '=' {
		return d.fail(malformed, d.at)
	}
	d.at++
	d.space()
	where := inDouble
	switch d.next() {
	case '\'':
		where = inSingle
	case '"':
	default:
		return d.fail(malformed, d.at)
	}
	quote := d.text[d.at]
	d.at++
	from, to, ok := d.decode(where)
	if !ok {
		return false
	}
	if d.next() != quote { // the end of the document, or `<`
		return d.fail(malformed, d.at)
	}
	d.at++
	return d.declare(number, start, d.text[from:to]) && d.addAttribute(number, text, from, to)
}

// The namespace of the prefix xml, which needs no declaration and may not have another one.
const xmlNamespace = "http://www.w3.org/XML/1998/namespace"

// declare takes note of what an attribute says about prefixes.
func (d *document) declare(number uint32, at int, value []byte) bool {
	entry := &d.names.list[number]
	if !entry.xmlns {
		d.used = append(d.used, use{number, at})
		return true
	}
	isXML := entry.declares == d.names.xml
	if isXML != (string(value) == xmlNamespace) || string(value) == "http://www.w3.org/2000/xmlns/" {
		return d.fail(wrongNamespace, at)
	}
	if entry.declares == 0 || isXML {
		return true
	}
	if len(value) == 0 || entry.declares == d.names.xmlns {
		return d.fail(wrongNamespace, at)
	}
	d.prefixes = append(d.prefixes, entry.declares)
	d.names.declared[entry.declares]++
	return true
}

// prefixesDeclared looks at the names of the start tag that was just read.
func (d *document) prefixesDeclared() bool {
	for _, used := range d.used {
		prefix := d.names.list[used.name].prefix
		if prefix != 0 && prefix != d.names.xml && d.names.declared[prefix] == 0 {
			return d.fail(wrongNamespace, used.at)
		}
	}
	return true
}

func (d *document) addAttribute(number uint32, text []byte, from, to int) bool {
	parent := d.open[len(d.open)-1].node
	if parent == 0 || d.settings.strip && d.names.list[number].xmlns {
		return true
	}
	key := d.names.attributeKey(number, text)
	return d.tree.add(parent, node{key: key | attributeNode, a: uint32(from), b: uint32(to)}) || d.fail(tooLarge, from)
}

func (d *document) endTag() bool {
	start := d.at
	d.at += len("</")
	open := d.open[len(d.open)-1]
	if !bytes.HasPrefix(d.text[d.at:], open.end) {
		return d.fail(malformed, start)
	}
	d.at += len(open.end)
	d.space()
	if d.next() != '>' {
		return d.fail(malformed, d.at)
	}
	d.at++
	return d.close()
}

// close ends the innermost element, and writes it if it is a message.
func (d *document) close() bool {
	depth := len(d.open)
	last := d.open[depth-1]
	for _, prefix := range d.prefixes[last.prefixes:] {
		d.names.declared[prefix]--
	}
	d.prefixes = d.prefixes[:last.prefixes]
	d.open = d.open[:depth-1]
	if last.node != 0 && !d.order(last) {
		return false
	}
	if last.node != 0 && (depth == 1 || d.open[depth-2].node == 0) {
		d.write(last.node)
		d.tree.Clear()
	}
	d.matched = min(d.matched, depth-1)
	return true
}
