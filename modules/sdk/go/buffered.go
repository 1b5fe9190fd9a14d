package guest

const (
	spillAt = 4 << 10 // bytes
	longest = 1 << 10 // bytes of a text that is collected with others
)

// Buffered collects what is written in small pieces, on the way to an Output: append to To, and call Spill now and then.
// Appending to a slice at hand costs a fraction of a call.
type Buffered struct {
	To  []byte
	out *Output
}

// Begin starts anew, for an Output.
func (b *Buffered) Begin(out *Output) { b.To, b.out = b.To[:0], out }

// Flush passes on all that was collected.
func (b *Buffered) Flush() {
	b.out.Put(b.To)
	b.To = b.To[:0]
}

// Spill passes on what was collected, if it is much.
func (b *Buffered) Spill() {
	if len(b.To) > spillAt {
		b.Flush()
	}
}

// Escaped writes text as it stands within a JSON string. The text has to be UTF-8.
func (b *Buffered) Escaped(text []byte) {
	if len(text) <= longest {
		b.To = AppendEscaped(b.To, text)
		b.Spill()
		return
	}
	b.Flush()
	b.out.PutEscaped(text)
}
