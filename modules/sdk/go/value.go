package guest

import (
	"strconv"
	"unicode/utf8"
)

type kind byte

const (
	null kind = iota
	boolean
	number
	text
	array
	object
)

var kinds = [...]string{"null", "a boolean", "a number", "a string", "an array", "an object"}

// value is a JSON value. `text` is a string's text, a number's digits as they were written, or `true`; `names` are an
// object's, for each of `items`.
type value struct {
	kind  kind
	text  string
	names []string
	items []value
}

const depthLimit = 64 // levels of a configuration

// parse reads a JSON text (RFC 8259). The offset is that of the first byte that doesn't fit, or `nowhere`.
func parse(json []byte) (read value, offset int) {
	p := parser{json: json}
	read = p.value(depthLimit)
	p.space()
	if p.at < len(json) {
		p.wrong = true
	}
	if p.wrong {
		return value{}, p.at
	}
	return read, nowhere
}

// parser stops where `wrong` is set: what is read from there on means nothing.
type parser struct {
	json  []byte
	at    int
	wrong bool
}

// next is the byte that comes, 0 at the end.
func (p *parser) next() byte {
	if p.at < len(p.json) && !p.wrong {
		return p.json[p.at]
	}
	return 0
}

func (p *parser) space() {
	for c := p.next(); c == ' ' || c == '\t' || c == '\n' || c == '\r'; c = p.next() {
		p.at++
	}
}

// take reads `word`, which has to come.
func (p *parser) take(word string) {
	for i := range len(word) {
		if p.next() != word[i] {
			p.wrong = true
			return
		}
		p.at++
	}
}

// follows reads `c` and white space around it, if it comes.
func (p *parser) follows(c byte) bool {
	p.space()
	if p.next() != c {
		return false
	}
	p.at++
	p.space()
	return true
}

func (p *parser) value(levels int) value {
	p.space()
	switch c := p.next(); {
	case c == '{' || c == '[':
		if levels == 0 {
			p.wrong = true
			return value{}
		}
		return p.container(c, levels-1)
	case c == '"':
		return value{kind: text, text: p.string()}
	case c == 't':
		p.take("true")
		return value{kind: boolean, text: "true"}
	case c == 'f':
		p.take("false")
		return value{kind: boolean}
	case c == 'n':
		p.take("null")
		return value{}
	default:
		return value{kind: number, text: p.number()}
	}
}

func (p *parser) container(open byte, levels int) value {
	read, end := value{kind: array}, byte(']')
	if open == '{' {
		read, end = value{kind: object}, '}'
	}
	p.follows(open)
	if p.follows(end) {
		return read
	}
	for !p.wrong {
		if read.kind == object {
			read.names = append(read.names, p.string())
			p.space()
			p.take(":")
		}
		read.items = append(read.items, p.value(levels))
		if p.follows(end) {
			return read
		}
		p.take(",")
		p.space()
	}
	return read
}

func (p *parser) digits() {
	if c := p.next(); c < '0' || c > '9' {
		p.wrong = true
	}
	for c := p.next(); c >= '0' && c <= '9'; c = p.next() {
		p.at++
	}
}

func (p *parser) number() string {
	start := p.at
	if p.next() == '-' {
		p.at++
	}
	if p.next() == '0' {
		p.at++
	} else {
		p.digits()
	}
	if p.next() == '.' {
		p.at++
		p.digits()
	}
	if c := p.next(); c == 'e' || c == 'E' {
		p.at++
		if c = p.next(); c == '+' || c == '-' {
			p.at++
		}
		p.digits()
	}
	return string(p.json[start:p.at])
}

func (p *parser) string() string {
	p.take(`"`)
	var read []byte
	for !p.wrong {
		c := p.next()
		switch {
		case c == '"':
			p.at++
			return string(read)
		case c < 0x20:
			p.wrong = true
		case c == '\\':
			p.at++
			read = p.escaped(read)
		default:
			_, size := utf8.DecodeRune(p.json[p.at:])
			if size == 1 && c >= utf8.RuneSelf {
				p.wrong = true
				break
			}
			read = append(read, p.json[p.at:p.at+size]...)
			p.at += size
		}
	}
	return ""
}

// escaped reads what stands behind a backslash.
func (p *parser) escaped(to []byte) []byte {
	c := p.next()
	if c == 'u' {
		p.at++
		return utf8.AppendRune(to, p.scalar())
	}
	for plain, escape := range escapes {
		if escape == c && c != 'u' && c != 0 {
			p.at++
			return append(to, byte(plain))
		}
	}
	p.take("/")
	return append(to, '/')
}

// scalar reads the digits of a \u escape, and of the one behind it where they are the halves of a surrogate pair.
func (p *parser) scalar() rune {
	unit := p.unit()
	if unit < 0xD800 || unit > 0xDFFF {
		return unit
	}
	p.take(`\u`)
	low := p.unit()
	if unit > 0xDBFF || low < 0xDC00 || low > 0xDFFF {
		p.wrong = true
	}
	return (unit-0xD800)<<10 + (low - 0xDC00) + 0x10000
}

func (p *parser) unit() rune {
	if p.wrong || len(p.json)-p.at < 4 {
		p.wrong = true
		return 0
	}
	digits := p.json[p.at : p.at+4]
	read, err := strconv.ParseUint(string(digits), 16, 16)
	if err != nil {
		p.wrong = true
		return 0
	}
	p.at += 4
	return rune(read)
}
