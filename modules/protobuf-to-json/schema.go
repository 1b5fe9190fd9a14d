package main

import (
	"cmp"
	"slices"
	"strings"

	"maskgate/guest"
)

// message is a message's type.
type message struct {
	name     string   // google.protobuf.Timestamp
	fields   []*field // by number
	dense    []*field // those with small numbers, at their number
	mapEntry bool
	required bool // some field is
	known    wellKnown
	problem  string // why messages of this type, or those that it may have in it, can't be read
}

// field is a field of a message, or an extension of it.
type field struct {
	name     string // as the descriptors have it
	key      []byte // in JSON, with quotes and a colon
	number   uint32
	in       *message
	place    uint32 // in its message's fields
	extends  bool
	kind     kind
	wire     byte
	repeated bool
	required bool
	presence bool // whether a value that is 0 or empty is written, if it is there
	packable bool
	oneof    int32 // -1: none
	message  *message
	enum     *enum
}

type enum struct {
	names  map[int32][]byte // in quotes
	first  int32
	closed bool
	null   bool // google.protobuf.NullValue
}

// field gives the field of a number, nil: there is none.
func (m *message) field(number uint32) *field {
	if number < uint32(len(m.dense)) {
		return m.dense[number]
	}
	place, ok := slices.BinarySearchFunc(m.fields, number, func(f *field, number uint32) int { return cmp.Compare(f.number, number) })
	if !ok {
		return nil
	}
	return m.fields[place]
}

// schema is all types of a descriptor set, by their names with a dot before them.
type schema struct {
	protoNames bool
	messages   map[string]*message
	enums      map[string]*enum
	order      []*message
	pending    []pending
}

// pending is a field that waits for all types to be known.
type pending struct {
	message  string // that it is a field of
	field    fieldDescriptor
	features features
	oneofs   int
}

// link makes a schema of files. It gives what is wrong with them, if anything is.
func link(files []fileDescriptor, protoNames bool) (s *schema, problem string) {
	s = &schema{protoNames: protoNames, messages: map[string]*message{}, enums: map[string]*enum{}}
	for _, file := range files {
		features, ok := featuresOf(file.syntax, file.edition)
		if !ok {
			return nil, "the file `" + file.name + "` is of an edition that is not known here"
		}
		features = features.with(file.features)
		scope := ""
		if file.pack != "" {
			scope = "." + file.pack
		}
		s.extend(scope, file.extensions, features)
		for _, each := range file.messages {
			s.addMessage(scope, each, features)
		}
		for _, each := range file.enums {
			s.addEnum(scope, each, features)
		}
	}
	for _, each := range s.pending {
		s.addField(each)
	}
	for _, each := range s.order {
		each.complete()
	}
	for s.spread() {
	}
	return s, ""
}

// spread makes a problem of each message a problem of those that have it in them. True: there was one to spread.
func (s *schema) spread() (found bool) {
	for _, each := range s.order {
		for _, field := range each.fields {
			if each.problem == "" && field.message != nil && field.message.problem != "" {
				each.problem, found = field.message.problem, true
			}
		}
	}
	return found
}

func (m *message) fail(what string) {
	if m.problem == "" {
		m.problem = "`" + m.name + "` " + what
	}
}

func (s *schema) addMessage(scope string, from messageDescriptor, features features) {
	name := scope + "." + from.name
	features = features.with(from.features)
	made := &message{name: name[1:], mapEntry: from.mapEntry}
	if s.messages[name] != nil {
		made.fail("comes twice")
	}
	if from.messageSet {
		made.fail("is a message set, which is not read")
	}
	s.messages[name] = made
	s.order = append(s.order, made)
	for _, each := range from.fields {
		s.pending = append(s.pending, pending{name, each, features.with(each.features), from.oneofs})
	}
	s.extend(name, from.extensions, features)
	for _, each := range from.messages {
		s.addMessage(name, each, features)
	}
	for _, each := range from.enums {
		s.addEnum(name, each, features)
	}
}

// extend takes extensions, which are written under their full name in brackets.
func (s *schema) extend(scope string, extensions []fieldDescriptor, features features) {
	for _, each := range extensions {
		each.name = "[" + strings.TrimPrefix(scope+"."+each.name, ".") + "]"
		each.jsonName, each.oneof = each.name, -1
		extended := features.with(each.features)
		if extended.presence == implicitPresence {
			extended.presence = explicitPresence
		}
		s.pending = append(s.pending, pending{each.extends, each, extended, 0})
	}
}

func (s *schema) addEnum(scope string, from enumDescriptor, features features) {
	name := scope + "." + from.name
	made := &enum{
		names:  map[int32][]byte{},
		closed: features.with(from.features).enums == closedEnums,
		null:   name == ".google.protobuf.NullValue",
	}
	for i, value := range from.values {
		if i == 0 {
			made.first = value.number
		}
		if made.names[value.number] == nil { // of several, the first
			made.names[value.number] = guest.AppendJSON(nil, []byte(value.name))
		}
	}
	s.enums[name] = made
}

func (s *schema) addField(from pending) {
	owner := s.messages[from.message]
	if owner == nil {
		return // an extension of a message that isn't here
	}
	fail := func(what string) { owner.fail("has the field `" + from.field.name + "`, " + what) }
	descriptor := from.field
	shown := descriptor.jsonName
	if shown == "" {
		shown = camelCase(descriptor.name)
	}
	if s.protoNames {
		shown = descriptor.name
	}
	made := &field{
		name:     descriptor.name,
		in:       owner,
		extends:  descriptor.extends != "",
		key:      append(guest.AppendJSON(nil, []byte(shown)), ':'),
		number:   uint32(descriptor.number),
		repeated: descriptor.label == 3,
		required: descriptor.label == 2 || from.features.presence == legacyRequired,
		oneof:    int32(descriptor.oneof),
		kind:     kind(descriptor.kind),
	}
	owner.fields = append(owner.fields, made)
	owner.required = owner.required || made.required
	switch {
	case descriptor.number == 0 || descriptor.number > numberLimit:
		fail("whose number is none")
	case descriptor.kind == 0 || descriptor.kind > uint64(kindLimit):
		fail("whose type is not known")
	case descriptor.oneof >= from.oneofs:
		fail("of a oneof that there isn't")
	}
	if made.kind == messageKind && from.features.encodings == delimitedGroup && !owner.mapEntry {
		made.kind = groupKind
	}
	made.presence = from.features.presence != implicitPresence || made.oneof >= 0
	made.wire, made.packable = made.kind.wire()
	switch made.kind {
	case messageKind, groupKind:
		made.presence = true
		if made.message = s.messages[descriptor.typeName]; made.message == nil {
			fail("whose type `" + descriptor.typeName + "` is not in the set (protoc: --include_imports)")
		} else if made.message.mapEntry {
			made.kind, made.wire = messageKind, bytesWire
		}
	case enumKind:
		if made.enum = s.enums[descriptor.typeName]; made.enum == nil {
			fail("whose type `" + descriptor.typeName + "` is not in the set (protoc: --include_imports)")
		}
	}
}

// complete puts a message's fields in order.
func (m *message) complete() {
	slices.SortStableFunc(m.fields, func(a, b *field) int { return cmp.Compare(a.number, b.number) })
	keys := map[string]bool{}
	for i, each := range m.fields {
		each.place = uint32(i)
		if i > 0 && m.fields[i-1].number == each.number {
			m.fail("has two fields with the number of `" + each.name + "`")
		}
		if keys[string(each.key)] {
			m.fail("has two fields with the JSON name of `" + each.name + "`")
		}
		keys[string(each.key)] = true
		if each.number < uint32(4*len(m.fields)+16) {
			m.dense = append(m.dense, make([]*field, int(each.number)+1-len(m.dense))...)
			m.dense[each.number] = each
		}
	}
	if m.mapEntry && !m.isEntry() {
		m.fail("is an entry of a map without key and value")
	}
	m.recognise()
}

func (m *message) isEntry() bool {
	return len(m.fields) == 2 && m.field(1) != nil && m.field(2) != nil && m.field(1).kind.isKey() &&
		!m.field(1).repeated && !m.field(2).repeated
}

// camelCase is a field's name in JSON, where the descriptor doesn't say it: without `_`, and a capital behind each.
func camelCase(name string) string {
	made := make([]byte, 0, len(name))
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c == '_' {
			continue
		}
		if i > 0 && name[i-1] == '_' && 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		made = append(made, c)
	}
	return string(made)
}
