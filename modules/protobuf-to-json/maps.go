package main

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
)

// entriesOf writes a map, by its keys in order; of entries with one key, the last.
func (r *reader) entriesOf(entry *message, number uint32, level int) bool {
	if level > depthLimit {
		return r.fail(tooDeep, r.start)
	}
	key, value := entry.field(1), entry.field(2)
	from := len(r.entries)
	if number != 0 {
		for at := r.tree.At(number).a; at != 0; at = r.tree.At(at).next {
			r.entries = append(r.entries, at)
		}
	}
	to := len(r.entries)
	slices.SortFunc(r.entries[from:to], func(a, b uint32) int {
		if order := r.compare(key, a, b); order != 0 {
			return order
		}
		return cmp.Compare(a, b)
	})
	r.To = append(r.To, '{')
	separated := false
	for i := from; i < to; i++ {
		at := r.entries[i]
		if i+1 < to && r.compare(key, at, r.entries[i+1]) == 0 {
			continue
		}
		if separated {
			r.To = append(r.To, ',')
		}
		separated = true
		r.key(key, at)
		if !r.entryValue(value, at, level) {
			return false
		}
		if r.out.Full() {
			return r.fail(tooLarge, r.start)
		}
	}
	r.entries = r.entries[:from]
	return r.end('}')
}

// part gives the node of an entry's key or value, nil and 0: it isn't there, and has its default.
func (r *reader) part(f *field, entry uint32) (at *node, number uint32) {
	for number = r.tree.At(entry).a; number != 0; number = at.next {
		if at = r.tree.At(number); at.place == f.place {
			return at, number
		}
	}
	return nil, 0
}

// compare orders two entries by their keys: texts by their bytes, numbers as numbers.
func (r *reader) compare(f *field, a, b uint32) int {
	first, _ := r.part(f, a)
	second, _ := r.part(f, b)
	if f.kind == stringKind {
		return bytes.Compare(r.textOf(first), r.textOf(second))
	}
	x, y := valueOf(first), valueOf(second)
	switch f.kind {
	case uint64Kind, fixed64Kind:
		return cmp.Compare(x, y)
	}
	return cmp.Compare(int64(x), int64(y))
}

func (r *reader) textOf(at *node) []byte {
	if at == nil {
		return nil
	}
	return r.bytes(at)
}

func valueOf(at *node) uint64 {
	if at == nil {
		return 0
	}
	return at.value()
}

func (r *reader) key(f *field, entry uint32) {
	at, _ := r.part(f, entry)
	r.To = append(r.To, '"')
	switch f.kind {
	case stringKind:
		r.Escaped(r.textOf(at))
	case boolKind:
		r.To = strconv.AppendBool(r.To, valueOf(at) != 0)
	case uint64Kind, fixed64Kind:
		r.To = strconv.AppendUint(r.To, valueOf(at), 10)
	default:
		r.To = strconv.AppendInt(r.To, int64(valueOf(at)), 10)
	}
	r.To = append(r.To, '"', ':')
}

// entryValue writes an entry's value; a message that isn't there is an empty one.
func (r *reader) entryValue(f *field, entry uint32, level int) bool {
	at, number := r.part(f, entry)
	if at != nil {
		return r.single(f, at, number, level)
	}
	if f.message == nil {
		r.zero(f)
		return true
	}
	empty := r.tree.New(node{})
	if empty == 0 {
		return r.fail(tooLarge, r.start)
	}
	return r.write(f.message, empty, level+1)
}
