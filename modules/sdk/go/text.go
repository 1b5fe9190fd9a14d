package guest

import (
	"math/bits"
	"unsafe"
)

const (
	escapedAtOnce = 1024 // bytes, see Output.PutEscaped
	longestEscape = 6    // bytes of \u0000
	hex           = "0123456789abcdef"
)

// escapes says what stands for a byte in a JSON string: 0, the byte itself; 'u', a \u escape; else a backslash and this.
var escapes = func() (table [256]byte) {
	for c := range 0x20 {
		table[c] = 'u'
	}
	for i, c := range []byte("\b\t\n\f\r\"\\") {
		table[c] = `btnfr"\`[i]
	}
	return table
}()

// AppendJSON appends text as a JSON string (RFC 8259), in quotes. The text has to be UTF-8.
func AppendJSON(to, text []byte) []byte {
	return append(AppendEscaped(append(to, '"'), text), '"')
}

// AppendEscaped appends text as it stands within a JSON string. The text has to be UTF-8.
func AppendEscaped(to, text []byte) []byte {
	for {
		plain := plainLength(text)
		to = append(to, text[:plain]...)
		if plain == len(text) {
			return to
		}
		c := text[plain]
		if escaped := escapes[c]; escaped == 'u' {
			to = append(to, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		} else {
			to = append(to, '\\', escaped)
		}
		text = text[plain+1:]
	}
}

// plainLength is the number of bytes before the first that has to be escaped. It looks at eight at a time: in `found`, the
// lowest bit that is set is the top one of the first such byte.
func plainLength(text []byte) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	at := 0
	for ; len(text)-at >= 8; at += 8 {
		word := *(*uint64)(unsafe.Pointer(&text[at]))
		quote, backslash := word^ones*'"', word^ones*'\\'
		found := ((word-ones*0x20)&^word | (quote-ones)&^quote | (backslash-ones)&^backslash) & tops
		if found != 0 {
			return at + bits.TrailingZeros64(found)/8
		}
	}
	for at < len(text) && escapes[text[at]] == 0 {
		at++
	}
	return at
}
