package main

// write writes a message at a level of JSON.
func (r *reader) write(of *message, number uint32, level int) bool {
	if level > depthLimit {
		return r.fail(tooDeep, r.start)
	}
	if of.known != nil {
		return of.known(r, of, number, level)
	}
	r.To = append(r.To, '{')
	return r.members(of, number, level, '{') && r.end('}')
}

func (r *reader) end(c byte) bool {
	r.To = append(r.To, c)
	r.Spill()
	return true
}

// members writes a message's fields, the first of them without a comma if `before` is a brace.
func (r *reader) members(of *message, number uint32, level int, before byte) bool {
	if !of.required && !r.settings.defaults {
		for at := r.tree.At(number).a; at != 0; at = r.tree.At(at).next {
			f := of.fields[r.tree.At(at).place]
			if !r.writes(f, at) {
				continue
			}
			if !r.member(f, at, level, before) {
				return false
			}
			before = ','
		}
		return true
	}
	at := r.tree.At(number).a
	for place, f := range of.fields {
		found := uint32(0)
		if at != 0 && r.tree.At(at).place == uint32(place) {
			found, at = at, r.tree.At(at).next
		}
		switch {
		case found == 0 && f.required:
			return r.fail(missingField, r.start)
		case found == 0 && !r.hasDefault(f), found != 0 && !r.writes(f, found):
			continue
		}
		if !r.member(f, found, level, before) {
			return false
		}
		before = ','
	}
	return true
}

// hasDefault says whether a field goes over that isn't there.
func (r *reader) hasDefault(f *field) bool {
	return r.settings.defaults && !f.extends && (f.repeated || !f.presence)
}

// writes says whether a field that is there goes over: not a list of nothing, nor a 0 where being there says no more than that.
func (r *reader) writes(f *field, number uint32) bool {
	at := r.tree.At(number)
	switch {
	case r.settings.defaults:
		return true
	case f.repeated:
		return at.a != 0
	case f.presence:
		return true
	case f.kind == stringKind || f.kind == bytesKind:
		return at.a != at.b
	}
	return at.value() != 0
}

// member writes a field that a message has, or (0) its default.
func (r *reader) member(f *field, number uint32, level int, before byte) bool {
	if before == ',' {
		r.To = append(r.To, ',')
	}
	r.To = append(r.To, f.key...)
	switch {
	case f.repeated && f.message != nil && f.message.mapEntry:
		return r.entriesOf(f.message, number, level+1)
	case f.repeated:
		return r.list(f, number, level+1)
	case number == 0:
		r.zero(f)
		return true
	}
	return r.single(f, r.tree.At(number), number, level)
}

// single writes one value.
func (r *reader) single(f *field, at *node, number uint32, level int) bool {
	switch f.kind {
	case messageKind, groupKind:
		return r.write(f.message, number, level+1)
	case stringKind:
		r.To = append(r.To, '"')
		r.Escaped(r.bytes(at))
		return r.end('"')
	case bytesKind:
		r.base64(r.bytes(at))
	default:
		r.number(f, at.value())
	}
	return true
}

// zero writes the value of a field that isn't there.
func (r *reader) zero(f *field) {
	switch f.kind {
	case stringKind, bytesKind:
		r.To = append(r.To, `""`...)
	case enumKind:
		r.enumValue(f.enum, f.enum.first)
	default:
		r.number(f, 0)
	}
}

func (r *reader) list(f *field, number uint32, level int) bool {
	if level > depthLimit {
		return r.fail(tooDeep, r.start)
	}
	r.To = append(r.To, '[')
	first := uint32(0)
	if number != 0 {
		first = r.tree.At(number).a
	}
	for at := first; at != 0; at = r.tree.At(at).next {
		if at != first {
			r.To = append(r.To, ',')
		}
		if value := r.tree.At(at); value.place == packed {
			r.numbers(f, value)
		} else if !r.single(f, value, at, level) {
			return false
		}
		if r.out.Full() {
			return r.fail(tooLarge, r.start)
		}
	}
	return r.end(']')
}

// numbers writes those that stand together.
func (r *reader) numbers(f *field, of *node) {
	packed := reader{wire: wire{text: r.text, at: int(of.a)}}
	for packed.at < int(of.b) && !r.out.Full() {
		if packed.at > int(of.a) {
			r.To = append(r.To, ',')
		}
		value, _ := packed.scalar(f.kind, int(of.b))
		r.number(f, value)
		r.Spill()
	}
}
