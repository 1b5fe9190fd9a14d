package guest

const (
	escapedAtOnce = 1024 // bytes, see Output.PutJSON
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
	return append(escape(append(to, '"'), text), '"')
}

func escape(to, text []byte) []byte {
	plain := 0
	for i, c := range text {
		escaped := escapes[c]
		if escaped == 0 {
			continue
		}
		to = append(to, text[plain:i]...)
		plain = i + 1
		if escaped == 'u' {
			to = append(to, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		} else {
			to = append(to, '\\', escaped)
		}
	}
	return append(to, text[plain:]...)
}
