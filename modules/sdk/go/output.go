package guest

// Output is what the results of a batch are written to. They stand where they were written, and become a part of the frame
// there: see frame.go.
type Output struct {
	frame
	from  int // where the result that is being written begins, in bytes from the first result
	begin int // where the results of the message that is being worked on begin …
	first int // … and how many entries there were before its own
	full  bool
}

// Put adds bytes to the result that is being written.
func (o *Output) Put(bytes []byte) {
	if o.room(len(bytes)) {
		o.buffer = append(o.buffer, bytes...)
	}
}

// PutText adds text to the result that is being written.
func (o *Output) PutText(text string) {
	if o.room(len(text)) {
		o.buffer = append(o.buffer, text...)
	}
}

// PutByte adds a byte to the result that is being written.
func (o *Output) PutByte(c byte) {
	if o.room(1) {
		o.buffer = append(o.buffer, c)
	}
}

// PutJSON adds text as a JSON string, in quotes. The text has to be UTF-8.
func (o *Output) PutJSON(text []byte) {
	o.PutByte('"')
	o.PutEscaped(text)
	o.PutByte('"')
}

// PutEscaped adds text as it stands within a JSON string. The text has to be UTF-8.
func (o *Output) PutEscaped(text []byte) {
	for len(text) > 0 {
		piece := text[:min(len(text), escapedAtOnce)]
		if o.room(longestEscape * len(piece)) {
			o.buffer = AppendEscaped(o.buffer, piece)
		}
		text = text[len(piece):]
	}
}

// Write makes an Output an io.Writer. It never fails: see Full.
func (o *Output) Write(bytes []byte) (int, error) {
	o.Put(bytes)
	return len(bytes), nil
}

// Append is for functions in the manner of strconv.AppendInt: `write` gets a slice with room for `most` bytes, may append
// as many and gives the longer slice back.
func (o *Output) Append(most int, write func(to []byte) []byte) {
	if o.room(most) {
		o.buffer = write(o.buffer)
	}
}

// Written says how many bytes the result that is being written has so far.
func (o *Output) Written() int { return o.written() - o.from }

// Truncate takes back what the result that is being written has beyond `written` bytes.
func (o *Output) Truncate(written int) { o.cut(min(o.from+written, o.written())) }

// Full says that there was no room for what was to be written. The message will be refused as `too_large`, whatever its
// Transform answers: nothing needs to be done, but long work can be cut short.
func (o *Output) Full() bool { return o.full }

// Pass ends a result, where a message has several.
func (o *Output) Pass() { o.end(passes) }

// Refuse ends one of several results with a refusal; the others stay. See the function Refuse.
func (o *Output) Refuse(code string, offset int) { o.refuse(Refuse(code, offset)) }

func (o *Output) refuse(result Result) {
	o.cut(o.from)
	if o.room(len(result.code) + 21) { // with a space and the digits of an offset
		o.buffer = result.reason(o.buffer)
	}
	o.end(refuses)
}

// room makes sure of `more` bytes. Where there are none, the output is full, and what comes is ignored.
func (o *Output) room(more int) bool {
	return len(o.buffer)+more <= o.limit || o.more(more)
}

func (o *Output) more(bytes int) bool {
	if o.full || !o.grow(bytes, 0) {
		o.fill()
	}
	return !o.full
}

func (o *Output) fill() { o.full, o.limit = true, 0 }

// end writes the entry of what was written since the last one.
func (o *Output) end(status uint32) {
	if o.full || !o.hasEntry() && !o.widen() {
		o.fill()
		return
	}
	o.enter(status)
	o.from = o.written()
}

// one works on the next message of the batch.
func (o *Output) one(transform Transform, message []byte) {
	o.begin, o.first = o.written(), o.entries
	o.from = o.begin
	o.settle(transform(message, o))
	if o.full {
		o.forget()
		o.buffer = append(o.buffer, tooLarge...) // for which, and for its entry, room was kept
		o.enter(refuses)
	}
	o.source++
	o.bound()
}

func (o *Output) settle(result Result) {
	switch result.kind {
	case passes:
		o.end(passes)
	case refuses:
		if !o.full {
			o.forget()
		}
		o.refuse(result)
	default:
		o.cut(o.from)
		if result.kind == drops && !o.full {
			o.forget()
		}
		if o.entries == o.first {
			o.end(drops)
		}
	}
}

// forget takes back all results of the message that is being worked on.
func (o *Output) forget() {
	o.cut(o.begin)
	o.entries, o.from, o.full = o.first, o.begin, false
	o.bound()
}
