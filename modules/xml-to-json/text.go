package main

import "unicode/utf8"

// Where a text stands, and so what ends it and what it may have.
const (
	inElement byte = 1 << iota
	inDouble       // "…"
	inSingle       // '…'
	inCDATA
)

// special says where a byte needs a look; all others are text as they stand.
var special = func() (table [256]byte) {
	for c := range table {
		if c < 0x20 && c != '\t' && c != '\n' || c >= utf8.RuneSelf {
			table[c] = 0xFF
		}
	}
	table['\t'], table['\n'] = inDouble|inSingle, inDouble|inSingle // they become spaces
	table['&'] = inElement | inDouble | inSingle
	table['<'] = table['&']
	table[']'] = inElement | inCDATA
	table['"'], table['\''] = inDouble, inSingle
	return table
}()

// decode reads a text up to what ends it, which stays to be read, and moves it together over what it decodes: line ends,
// references, and white space in attributes. It gives where the text then stands.
func (d *document) decode(where byte) (start, end int, ok bool) {
	text, at := d.text, d.at
	start, end = at, at
	for {
		plain := at
		for at < len(text) && special[text[at]]&where == 0 {
			at++
		}
		if end != plain {
			copy(text[end:], text[plain:at])
		}
		end += at - plain
		if at == len(text) {
			d.at = at
			return start, end, true
		}
		switch c := text[at]; {
		case c >= utf8.RuneSelf:
			scalar, size := utf8.DecodeRune(text[at:])
			if size == 1 {
				return 0, 0, d.fail(notUTF8, at)
			}
			if !isCharacter(scalar) {
				return 0, 0, d.fail(badCharacter, at)
			}
			if end != at {
				copy(text[end:], text[at:at+size])
			}
			at += size
			end += size
		case c == '&':
			d.at = at
			scalar, ok := d.reference()
			if !ok {
				return 0, 0, false
			}
			at = d.at
			end += utf8.EncodeRune(text[end:at], scalar)
		case c == '\t' || c == '\n' || c == '\r':
			if c == '\r' && at+1 < len(text) && text[at+1] == '\n' {
				at++
			}
			at++
			text[end] = '\n'
			if where&(inDouble|inSingle) != 0 {
				text[end] = ' '
			}
			end++
		case c == ']':
			if at+2 < len(text) && text[at+1] == ']' && text[at+2] == '>' {
				d.at = at
				return start, end, true
			}
			text[end] = c
			at++
			end++
		case c < 0x20:
			return 0, 0, d.fail(badCharacter, at)
		default: // a quote or `<`
			d.at = at
			return start, end, true
		}
	}
}

// checked looks at the characters from `start` on, where there is nothing to decode.
func (d *document) checked(start int) bool {
	for at := start; at < d.at; {
		c := d.text[at]
		if c < utf8.RuneSelf {
			if c < 0x20 && bytesOf[c]&blank == 0 {
				return d.fail(badCharacter, at)
			}
			at++
			continue
		}
		scalar, size := utf8.DecodeRune(d.text[at:])
		if size == 1 {
			return d.fail(notUTF8, at)
		}
		if !isCharacter(scalar) {
			return d.fail(badCharacter, at)
		}
		at += size
	}
	return true
}

// reference reads `&…;`: one of the five entities that every document has, or a character by its number.
func (d *document) reference() (scalar rune, ok bool) {
	start := d.at
	d.at++
	if d.next() == '#' {
		return d.number(start)
	}
	name, ok := d.name()
	if !ok {
		return 0, d.fail(malformed, start)
	}
	if d.next() != ';' {
		return 0, d.fail(malformed, start)
	}
	d.at++
	switch string(name) {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "apos":
		return '\'', true
	case "quot":
		return '"', true
	}
	return 0, d.fail(unknownEntity, start)
}

// number reads `#…;` behind the ampersand at `start`.
func (d *document) number(start int) (scalar rune, ok bool) {
	d.at++
	base := rune(10)
	if d.next() == 'x' {
		d.at++
		base = 16
	}
	for first := d.at; ; d.at++ {
		digit := rune(16)
		switch c := d.next(); {
		case c >= '0' && c <= '9':
			digit = rune(c - '0')
		case c >= 'a' && c <= 'f':
			digit = rune(c-'a') + 10
		case c >= 'A' && c <= 'F':
			digit = rune(c-'A') + 10
		}
		if digit < base {
			scalar = min(scalar*base+digit, 0x110000) // which is none; and no number is too long
			continue
		}
		if d.at == first || d.next() != ';' {
			return 0, d.fail(malformed, start)
		}
		d.at++
		if !isCharacter(scalar) {
			return 0, d.fail(badCharacter, start)
		}
		return scalar, true
	}
}

// characters reads text between tags.
func (d *document) characters() bool {
	start, end, ok := d.decode(inElement)
	if !ok {
		return false
	}
	if d.next() != '<' { // the end of the document, or ]]>
		return d.fail(malformed, d.at)
	}
	return d.addText(start, end)
}

func (d *document) cdata() bool {
	began := d.at
	d.at += len("<![CDATA[")
	start, end, ok := d.decode(inCDATA)
	if !ok {
		return false
	}
	if !d.comes("]]>") {
		return d.fail(malformed, began)
	}
	d.at += len("]]>")
	return d.addText(start, end)
}

// addText keeps a piece of text. White space before any other text of an element isn't kept where it would be trimmed.
func (d *document) addText(start, end int) bool {
	parent := &d.open[len(d.open)-1]
	if parent.node == 0 || start == end || d.settings.trim && !parent.text && isBlank(d.text[start:end]) {
		return true
	}
	parent.text = true
	return d.tree.add(parent.node, node{key: textNode, a: uint32(start), b: uint32(end)}) || d.fail(tooLarge, start)
}

func isBlank(text []byte) bool {
	for _, c := range text {
		if bytesOf[c]&blank == 0 {
			return false
		}
	}
	return true
}

func trimLeft(text []byte) []byte {
	for len(text) > 0 && bytesOf[text[0]]&blank != 0 {
		text = text[1:]
	}
	return text
}

func trimRight(text []byte) []byte {
	for len(text) > 0 && bytesOf[text[len(text)-1]]&blank != 0 {
		text = text[:len(text)-1]
	}
	return text
}
