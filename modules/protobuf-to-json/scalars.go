package main

import (
	"encoding/base64"
	"math"
	"strconv"
	"unicode/utf8"
)

// kind is a field's type, by FieldDescriptorProto's numbers.
type kind byte

const (
	doubleKind kind = iota + 1
	floatKind
	int64Kind
	uint64Kind
	int32Kind
	fixed64Kind
	fixed32Kind
	boolKind
	stringKind
	groupKind
	messageKind
	bytesKind
	uint32Kind
	enumKind
	sfixed32Kind
	sfixed64Kind
	sint32Kind
	sint64Kind
	kindLimit = sint64Kind
)

// wire gives the wire type of a value, and whether several of them may stand together as bytes.
func (k kind) wire() (wire byte, packable bool) {
	switch k {
	case doubleKind, fixed64Kind, sfixed64Kind:
		return fixed64, true
	case floatKind, fixed32Kind, sfixed32Kind:
		return fixed32, true
	case stringKind, bytesKind, messageKind:
		return bytesWire, false
	case groupKind:
		return startGroup, false
	default:
		return varintWire, true
	}
}

// isKey says whether a map may have keys of this type.
func (k kind) isKey() bool {
	switch k {
	case doubleKind, floatKind, groupKind, messageKind, bytesKind, enumKind:
		return false
	}
	return true
}

// scalar reads a number, an enum's value or a bool, in 64 bits: signed ones with their sign in all of them, floating ones as
// they stand.
func (r *reader) scalar(k kind, end int) (value uint64, ok bool) {
	switch wire, _ := k.wire(); wire {
	case fixed64:
		return r.fixed(8, end)
	case fixed32:
		value, ok = r.fixed(4, end)
	default:
		value, ok = r.varint(end)
	}
	switch k {
	case int32Kind, sfixed32Kind, enumKind:
		value = uint64(int64(int32(value)))
	case uint32Kind:
		value = uint64(uint32(value))
	case sint32Kind:
		value = uint64(int64(int32(uint32(value)>>1) ^ -int32(value&1)))
	case sint64Kind:
		value = value>>1 ^ -(value & 1)
	case boolKind:
		if value != 0 {
			value = 1
		}
	}
	return value, ok
}

// number writes a scalar.
func (r *reader) number(f *field, value uint64) {
	switch f.kind {
	case doubleKind:
		r.floating(math.Float64frombits(value), 64)
	case floatKind:
		r.floating(float64(math.Float32frombits(uint32(value))), 32)
	case int64Kind, sint64Kind, sfixed64Kind:
		r.To = append(strconv.AppendInt(append(r.To, '"'), int64(value), 10), '"')
	case uint64Kind, fixed64Kind:
		r.To = append(strconv.AppendUint(append(r.To, '"'), value, 10), '"')
	case uint32Kind, fixed32Kind:
		r.To = strconv.AppendUint(r.To, value, 10)
	case boolKind:
		r.To = strconv.AppendBool(r.To, value != 0)
	case enumKind:
		r.enumValue(f.enum, int32(value))
	default:
		r.To = strconv.AppendInt(r.To, int64(value), 10)
	}
}

func (r *reader) enumValue(e *enum, value int32) {
	if e.null {
		r.To = append(r.To, "null"...)
	} else if name := e.names[value]; name != nil {
		r.To = append(r.To, name...)
	} else {
		r.To = strconv.AppendInt(r.To, int64(value), 10)
	}
}

// floating writes the shortest digits that give the same number when they are read with as many bits. Zeros that are no digits
// of the number's own are not written behind them: a reader might take it for an integer, and for another one.
func (r *reader) floating(value float64, bits int) {
	size := math.Abs(value)
	switch {
	case math.IsNaN(value):
		r.To = append(r.To, `"NaN"`...)
	case math.IsInf(value, 1):
		r.To = append(r.To, `"Infinity"`...)
	case math.IsInf(value, -1):
		r.To = append(r.To, `"-Infinity"`...)
	case size == 0 && math.Signbit(value):
		r.To = append(r.To, "-0.0"...) // what reads -0 as an integer loses the sign
	case size != 0 && (size < 1e-6 || size >= 1e16):
		r.To = strconv.AppendFloat(r.To, value, 'e', -1, bits)
	default:
		r.To = strconv.AppendFloat(r.To, value, 'f', -1, bits)
	}
}

// base64 writes bytes, in pieces of a whole number of groups.
func (r *reader) base64(bytes []byte) {
	const piece = 3 << 10
	r.To = append(r.To, '"')
	for len(bytes) > piece {
		r.To = base64.StdEncoding.AppendEncode(r.To, bytes[:piece])
		bytes = bytes[piece:]
		r.Spill()
	}
	r.To = append(base64.StdEncoding.AppendEncode(r.To, bytes), '"')
	r.Spill()
}

// firstInvalid gives the offset of the first byte that isn't part of valid UTF-8, -1: there is none.
func firstInvalid(text []byte) int {
	if utf8.Valid(text) {
		return -1
	}
	for at := 0; ; {
		scalar, size := utf8.DecodeRune(text[at:])
		if scalar == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
}
