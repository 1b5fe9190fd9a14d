package main

import (
	"bytes"
	"math"
	"strings"

	"maskgate/guest"
)

// wellKnown writes a message in a way of its own, at a level of JSON.
type wellKnown func(r *reader, of *message, number uint32, level int) bool

// shape is a field that a well-known message has to have: of which type, and whether it is repeated.
type shape struct {
	kind     kind
	repeated bool
}

// knownMessages have their fields from number 1 on, and no others.
var knownMessages map[string]struct {
	write  wellKnown
	fields []shape
}

func init() { // it would refer to itself
	type known = struct {
		write  wellKnown
		fields []shape
	}
	moment := []shape{{kind: int64Kind}, {kind: int32Kind}}
	knownMessages = map[string]known{
		"Timestamp": {timestamp, moment},
		"Duration":  {duration, moment},
		"FieldMask": {fieldMask, []shape{{stringKind, true}}},
		"Struct":    {structure, []shape{{messageKind, true}}},
		"ListValue": {listValue, []shape{{messageKind, true}}},
		"Value": {value, []shape{
			{kind: enumKind}, {kind: doubleKind}, {kind: stringKind}, {kind: boolKind}, {kind: messageKind}, {kind: messageKind},
		}},
		"Any": {anything, []shape{{kind: stringKind}, {kind: bytesKind}}},
	}
	for name, kind := range map[string]kind{
		"Double": doubleKind, "Float": floatKind, "Int64": int64Kind, "UInt64": uint64Kind, "Int32": int32Kind,
		"UInt32": uint32Kind, "Bool": boolKind, "String": stringKind, "Bytes": bytesKind,
	} {
		knownMessages[name+"Value"] = known{wrapped, []shape{{kind: kind}}}
	}
}

// recognise finds out whether a message is one of those, and a problem if it is one by name alone.
func (m *message) recognise() {
	name, ours := strings.CutPrefix(m.name, "google.protobuf.")
	known, ok := knownMessages[name]
	if !ours || !ok {
		return
	}
	m.known = known.write
	right := len(m.fields) == len(known.fields)
	for i := 0; right && i < len(m.fields); i++ {
		f, wanted := m.fields[i], known.fields[i]
		right = f.number == uint32(i+1) && f.kind == wanted.kind && f.repeated == wanted.repeated
	}
	if !right {
		m.fail("is not the message that is known by this name")
	}
}

// only gives the first field of a message's node, nil: it has none.
func (r *reader) only(number uint32) (at *node, first uint32) {
	if first = r.tree.At(number).a; first == 0 {
		return nil, 0
	}
	return r.tree.At(first), first
}

func wrapped(r *reader, of *message, number uint32, level int) bool {
	f := of.fields[0]
	at, first := r.only(number)
	if at == nil {
		r.zero(f)
		return true
	}
	return r.single(f, at, first, level)
}

func structure(r *reader, of *message, number uint32, level int) bool {
	entry := of.fields[0].message
	_, first := r.only(number)
	if !entry.mapEntry {
		return r.fail(badValue, r.start)
	}
	return r.entriesOf(entry, first, level)
}

func listValue(r *reader, of *message, number uint32, level int) bool {
	_, first := r.only(number)
	return r.list(of.fields[0], first, level)
}

func value(r *reader, of *message, number uint32, level int) bool {
	at, first := r.only(number)
	if at == nil {
		return r.fail(badValue, r.start)
	}
	f := of.fields[at.place]
	if f.kind == doubleKind {
		if held := math.Float64frombits(at.value()); math.IsNaN(held) || math.IsInf(held, 0) {
			return r.fail(badValue, r.start)
		}
	}
	if f.message != nil {
		return r.write(f.message, first, level)
	}
	return r.single(f, at, first, level)
}

// fieldMask writes the paths with commas between them, in camel case: if they can be told from it again.
func fieldMask(r *reader, _ *message, number uint32, _ int) bool {
	at, _ := r.only(number)
	r.To = append(r.To, '"')
	for path := firstValue(at); path != 0; path = r.tree.At(path).next {
		if path != at.a {
			r.To = append(r.To, ',')
		}
		text := r.bytes(r.tree.At(path))
		for i := 0; i < len(text); i++ {
			c := text[i]
			if c == '_' {
				i++
				if i == len(text) || text[i] < 'a' || text[i] > 'z' {
					return r.fail(badValue, r.start)
				}
				c = text[i] - ('a' - 'A')
			} else if c >= 'A' && c <= 'Z' || c == ',' {
				return r.fail(badValue, r.start)
			}
			r.To = guest.AppendEscaped(r.To, []byte{c})
		}
		r.Spill()
	}
	return r.end('"')
}

func firstValue(field *node) uint32 {
	if field == nil {
		return 0
	}
	return field.a
}

// anything writes the message that an Any holds, if its type is in the descriptor set.
func anything(r *reader, of *message, number uint32, level int) bool {
	url, _ := r.part(of.fields[0], number)
	held, _ := r.part(of.fields[1], number)
	if url == nil && held == nil {
		r.To = append(r.To, "{}"...)
		return true
	}
	slash := bytes.LastIndexByte(r.textOf(url), '/')
	if slash < 0 {
		return r.fail(unknownType, r.start)
	}
	inner := r.settings.schema.messages["."+string(r.bytes(url)[slash+1:])]
	if inner == nil || inner.problem != "" || inner.mapEntry {
		return r.fail(unknownType, int(url.a))
	}
	root := r.tree.New(node{})
	if root == 0 {
		return r.fail(tooLarge, r.start)
	}
	if held != nil {
		r.at = int(held.a)
		if !r.fields(inner, root, int(held.b), 0, level) {
			return false
		}
	}
	r.To = append(r.To, `{"@type":"`...)
	r.Escaped(r.bytes(url))
	r.To = append(r.To, '"')
	if inner.known == nil {
		return r.members(inner, root, level, ',') && r.end('}')
	}
	r.To = append(r.To, `,"value":`...)
	return r.write(inner, root, level+1) && r.end('}')
}
