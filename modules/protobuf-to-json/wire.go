package main

// Wire types.
const (
	varintWire = 0
	fixed64    = 1
	bytesWire  = 2
	startGroup = 3
	endGroup   = 4
	fixed32    = 5
)

const numberLimit = 1<<29 - 1 // of a field

// wire reads bytes up to an end that its caller knows.
type wire struct {
	text []byte
	at   int
}

// varint reads a number of at most 64 bits, seven to the byte, the lowest first.
func (w *wire) varint(end int) (value uint64, ok bool) {
	text := w.text[:end]
	if w.at < end && text[w.at] < 0x80 {
		w.at++
		return uint64(text[w.at-1]), true
	}
	for shift := 0; w.at < end && shift < 64; shift += 7 {
		c := text[w.at]
		w.at++
		value |= uint64(c&0x7F) << shift
		if c < 0x80 {
			return value, shift < 63 || c < 2
		}
	}
	return 0, false
}

// tag reads a field's number and wire type.
func (w *wire) tag(end int) (number uint32, kind byte, ok bool) {
	value, ok := w.varint(end)
	if !ok || value>>3 == 0 || value>>3 > numberLimit || value&7 > fixed32 {
		return 0, 0, false
	}
	return uint32(value >> 3), byte(value & 7), true
}

// length reads the length of what comes, and gives where that ends.
func (w *wire) length(end int) (to int, ok bool) {
	length, ok := w.varint(end)
	if !ok || length > uint64(end-w.at) {
		return 0, false
	}
	return w.at + int(length), true
}

// fixed reads `size` bytes, the lowest first.
func (w *wire) fixed(size, end int) (value uint64, ok bool) {
	if end-w.at < size {
		return 0, false
	}
	for i := size - 1; i >= 0; i-- {
		value = value<<8 | uint64(w.text[w.at+i])
	}
	w.at += size
	return value, true
}

// skip goes over a value. A group ends with a tag of its own number.
func (w *wire) skip(number uint32, kind byte, end, levels int) (ok bool) {
	switch kind {
	case varintWire:
		_, ok = w.varint(end)
	case fixed64:
		_, ok = w.fixed(8, end)
	case fixed32:
		_, ok = w.fixed(4, end)
	case bytesWire:
		var to int
		if to, ok = w.length(end); ok {
			w.at = to
		}
	case startGroup:
		for levels > 0 {
			inner, kind, ok := w.tag(end)
			if !ok {
				return false
			}
			if kind == endGroup {
				return inner == number
			}
			if !w.skip(inner, kind, end, levels-1) {
				return false
			}
		}
	}
	return ok
}
