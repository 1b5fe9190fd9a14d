package main

import "maskgate/guest"

const (
	depthLimit = 512 // messages in messages, and levels of JSON
	pageLimit  = 24  // 390,000 nodes, 6 MB
)

// reader reads one body. A message becomes a tree of nodes first: since of a field that comes twice the last value counts,
// messages that come twice are one, and repeated fields may come in parts.
type reader struct {
	wire
	guest.Buffered
	settings *settings
	out      *guest.Output
	tree     guest.Pages[node]
	start    int      // of the message
	entries  []uint32 // of the maps that are being written

	forgotten int // unknown fields

	code   string
	offset int
}

// node is a field that a message has, or one of the values of a repeated field. Nodes are called by numbers from 1 on.
type node struct {
	place uint32 // of a field in its message's type; of a repeated value: `packed` or 0
	next  uint32 // the message's next field, by place; the field's next value
	a, b  uint32
}

// What a and b are:
//
//	a number, an enum's value, a bool   the value: low half, high half
//	a string, bytes, packed numbers     where they begin and end in the body
//	a message                           its first and last field
//	a repeated field                    its first and last value
const packed = 1

func (n *node) value() uint64 { return uint64(n.a) | uint64(n.b)<<32 }

func (r *reader) bytes(n *node) []byte { return r.text[n.a:n.b] }

func (r *reader) begin(body []byte, out *guest.Output) {
	r.text, r.at, r.out = body, 0, out
}

// root begins a tree, and gives the node of the message as a whole.
func (r *reader) root() uint32 {
	r.tree.Clear()
	return r.tree.New(node{})
}

// fail refuses the message. It gives false, for its callers to give on.
func (r *reader) fail(code string, offset int) bool {
	r.code, r.offset = code, offset
	return false
}

// fields reads the fields of a message up to `end`, or to the end of the group of that number, into the node `owner`.
func (r *reader) fields(of *message, owner uint32, end int, group uint32, depth int) bool {
	for r.at < end {
		start := r.at
		number, wire, ok := r.tag(end)
		if !ok || wire == endGroup && number != group {
			return r.fail(malformed, start)
		}
		if wire == endGroup {
			return true
		}
		f := of.field(number)
		switch {
		case f != nil && wire == f.wire:
			ok = r.field(f, owner, start, end, depth)
		case f != nil && f.repeated && f.packable && wire == bytesWire:
			ok = r.packed(f, owner, start, end)
		default:
			ok = r.unknown(number, wire, start, end, depth)
		}
		if !ok {
			return false
		}
	}
	return group == 0 || r.fail(malformed, r.at)
}

// unknown goes over a field that the type hasn't, or that has another wire type there.
func (r *reader) unknown(number uint32, wire byte, start, end, depth int) bool {
	if !r.skip(number, wire, end, depthLimit-depth) {
		return r.fail(malformed, start)
	}
	return r.forget(start)
}

func (r *reader) forget(start int) bool {
	if !r.settings.dropUnknown {
		return r.fail(unknownField, start)
	}
	dropped.Add(1)
	r.forgotten++
	return true
}

// field reads one value of a field, whose tag began at `start`.
func (r *reader) field(f *field, owner uint32, start, end, depth int) bool {
	switch f.kind {
	case stringKind, bytesKind:
		to, ok := r.length(end)
		if !ok {
			return r.fail(malformed, start)
		}
		from := r.at
		r.at = to
		if f.kind == stringKind {
			if invalid := firstInvalid(r.text[from:to]); invalid >= 0 {
				return r.fail(notUTF8, from+invalid)
			}
		}
		return r.set(f, owner, uint32(from), uint32(to), start)
	case messageKind:
		to, ok := r.length(end)
		if !ok {
			return r.fail(malformed, start)
		}
		return r.inner(f, owner, start, to, 0, depth)
	case groupKind:
		return r.inner(f, owner, start, end, f.number, depth)
	}
	value, ok := r.scalar(f.kind, end)
	if !ok {
		return r.fail(malformed, start)
	}
	if f.kind == enumKind && f.enum.closed && f.enum.names[int32(value)] == nil {
		return r.forget(start)
	}
	return r.set(f, owner, uint32(value), uint32(value>>32), start)
}

// inner reads a message in a message.
func (r *reader) inner(f *field, owner uint32, start, end int, group uint32, depth int) bool {
	if depth == depthLimit {
		return r.fail(tooDeep, start)
	}
	at, ok := r.slot(f, owner, start)
	if !ok {
		return false
	}
	list, before := at, r.tree.At(at).b
	if f.repeated {
		if at, ok = r.value(list, node{}, start); !ok {
			return false
		}
	}
	forgotten := r.forgotten
	if !r.fields(f.message, at, end, group, depth+1) {
		return false
	}
	if f.message.mapEntry && r.forgotten > forgotten && r.lacks(f.message.fields[1], at) {
		r.takeBack(list, before)
	}
	return true
}

// takeBack makes `last`, 0: none, the last value of a repeated field again.
func (r *reader) takeBack(field, last uint32) {
	list := r.tree.At(field)
	list.b = last
	if last == 0 {
		list.a = 0
	} else {
		r.tree.At(last).next = 0
	}
}

// lacks says whether a map's entry has lost a value that its enum doesn't have: then the entry is lost.
func (r *reader) lacks(value *field, entry uint32) bool {
	at, _ := r.part(value, entry)
	return at == nil && value.kind == enumKind && value.enum.closed
}

// packed reads numbers that stand together. They are looked at one by one and kept as they are.
func (r *reader) packed(f *field, owner uint32, start, end int) bool {
	to, ok := r.length(end)
	if !ok {
		return r.fail(malformed, start)
	}
	from := r.at
	known := from // where the numbers that may be kept begin
	for r.at < to {
		at := r.at
		value, ok := r.scalar(f.kind, to)
		if !ok {
			return r.fail(malformed, at)
		}
		if f.kind == enumKind && f.enum.closed && f.enum.names[int32(value)] == nil {
			if !r.forget(at) || !r.run(f, owner, known, at, start) {
				return false
			}
			known = r.at
		}
	}
	return r.run(f, owner, known, to, start)
}

func (r *reader) run(f *field, owner uint32, from, to, start int) bool {
	if from == to {
		return true
	}
	at, ok := r.slot(f, owner, start)
	if ok {
		_, ok = r.value(at, node{place: packed, a: uint32(from), b: uint32(to)}, start)
	}
	return ok
}

// set keeps a value of a field.
func (r *reader) set(f *field, owner, a, b uint32, start int) bool {
	at, ok := r.slot(f, owner, start)
	if !ok {
		return false
	}
	if f.repeated {
		_, ok = r.value(at, node{a: a, b: b}, start)
		return ok
	}
	kept := r.tree.At(at)
	kept.a, kept.b = a, b
	return true
}

// value adds a value to a repeated field.
func (r *reader) value(field uint32, of node, start int) (number uint32, ok bool) {
	number = r.tree.New(of)
	if number == 0 {
		return 0, r.fail(tooLarge, start)
	}
	list := r.tree.At(field)
	if list.a == 0 {
		list.a = number
	} else {
		r.tree.At(list.b).next = number
	}
	list.b = number
	return number, true
}

// slot gives the node of a message's field, which is made where there is none. Fields mostly come in order.
func (r *reader) slot(f *field, owner uint32, start int) (number uint32, ok bool) {
	message := r.tree.At(owner)
	before := message.b
	if before != 0 && r.tree.At(before).place == f.place {
		return before, true
	}
	if before != 0 && r.tree.At(before).place > f.place {
		before = 0
		for at := message.a; r.tree.At(at).place <= f.place; at = r.tree.At(at).next {
			before = at
		}
		if before != 0 && r.tree.At(before).place == f.place {
			return before, true
		}
	}
	number = r.tree.New(node{place: f.place})
	if number == 0 {
		return 0, r.fail(tooLarge, start)
	}
	made := r.tree.At(number)
	if before == 0 {
		made.next, message.a = message.a, number
	} else {
		made.next, r.tree.At(before).next = r.tree.At(before).next, number
	}
	if made.next == 0 {
		message.b = number
	}
	if f.oneof >= 0 {
		r.alone(f, message)
	}
	return number, true
}

// alone takes out the field of the same oneof that was there before: of several, the last counts.
func (r *reader) alone(f *field, message *node) {
	before := uint32(0)
	for at := message.a; at != 0; at = r.tree.At(at).next {
		found := r.tree.At(at)
		if found.place == f.place || f.in.fields[found.place].oneof != f.oneof {
			before = at
			continue
		}
		if before == 0 {
			message.a = found.next
		} else {
			r.tree.At(before).next = found.next
		}
		if found.next == 0 {
			message.b = before
		}
		return
	}
}
