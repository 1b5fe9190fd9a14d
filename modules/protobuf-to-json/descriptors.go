package main

// The descriptors of google/protobuf/descriptor.proto, as far as they matter here. Names of types have a dot before them.

type fileDescriptor struct {
	name, pack, syntax string
	edition            uint64
	features           []byte
	messages           []messageDescriptor
	enums              []enumDescriptor
	extensions         []fieldDescriptor
}

type messageDescriptor struct {
	name       string
	fields     []fieldDescriptor
	messages   []messageDescriptor
	enums      []enumDescriptor
	extensions []fieldDescriptor
	oneofs     int
	mapEntry   bool
	messageSet bool
	features   []byte
}

type fieldDescriptor struct {
	name, extends, typeName, jsonName string
	number, label, kind               uint64
	oneof                             int // -1: none
	features                          []byte
}

type enumDescriptor struct {
	name     string
	values   []enumValue
	features []byte
}

type enumValue struct {
	name   string
	number int32
}

// item is a field of a descriptor.
type item struct {
	number uint32
	value  uint64
	bytes  []byte
}

// each gives all fields of a message to `take`. False: it isn't a message.
func each(message []byte, take func(item)) bool {
	w := wire{text: message}
	for w.at < len(message) {
		number, kind, ok := w.tag(len(message))
		if !ok {
			return false
		}
		found := item{number: number}
		switch kind {
		case varintWire:
			found.value, ok = w.varint(len(message))
		case bytesWire:
			var to int
			if to, ok = w.length(len(message)); ok {
				found.bytes = message[w.at:to]
				w.at = to
			}
		default:
			if kind == endGroup || !w.skip(number, kind, len(message), depthLimit) {
				return false
			}
			continue
		}
		if !ok {
			return false
		}
		take(found)
	}
	return true
}

// readSet reads a FileDescriptorSet. False: it isn't one.
func readSet(set []byte) (files []fileDescriptor, ok bool) {
	sound := true
	ok = each(set, func(at item) {
		if at.number == 1 {
			file, ok := readFile(at.bytes)
			sound = sound && ok
			files = append(files, file)
		}
	})
	return files, ok && sound && len(files) > 0
}

func readFile(descriptor []byte) (file fileDescriptor, sound bool) {
	sound = true
	ok := each(descriptor, func(at item) {
		switch at.number {
		case 1:
			file.name = string(at.bytes)
		case 2:
			file.pack = string(at.bytes)
		case 4:
			file.messages = append(file.messages, readMessage(at.bytes, depthLimit, &sound))
		case 5:
			file.enums = append(file.enums, readEnum(at.bytes, &sound))
		case 7:
			file.extensions = append(file.extensions, readField(at.bytes, &sound))
		case 8:
			file.features = option(at.bytes, 50, &sound)
		case 12:
			file.syntax = string(at.bytes)
		case 14:
			file.edition = at.value
		}
	})
	return file, ok && sound
}

func readMessage(descriptor []byte, levels int, sound *bool) (message messageDescriptor) {
	*sound = *sound && levels > 0 && each(descriptor, func(at item) {
		switch at.number {
		case 1:
			message.name = string(at.bytes)
		case 2:
			message.fields = append(message.fields, readField(at.bytes, sound))
		case 3:
			message.messages = append(message.messages, readMessage(at.bytes, levels-1, sound))
		case 4:
			message.enums = append(message.enums, readEnum(at.bytes, sound))
		case 6:
			message.extensions = append(message.extensions, readField(at.bytes, sound))
		case 7:
			message.features = option(at.bytes, 12, sound)
			*sound = *sound && each(at.bytes, func(at item) {
				message.messageSet = message.messageSet || at.number == 1 && at.value != 0
				message.mapEntry = message.mapEntry || at.number == 7 && at.value != 0
			})
		case 8:
			message.oneofs++
		}
	})
	return message
}

func readField(descriptor []byte, sound *bool) fieldDescriptor {
	field := fieldDescriptor{oneof: -1}
	*sound = *sound && each(descriptor, func(at item) {
		switch at.number {
		case 1:
			field.name = string(at.bytes)
		case 2:
			field.extends = string(at.bytes)
		case 3:
			field.number = at.value
		case 4:
			field.label = at.value
		case 5:
			field.kind = at.value
		case 6:
			field.typeName = string(at.bytes)
		case 8:
			field.features = option(at.bytes, 21, sound)
		case 9:
			field.oneof = int(uint32(at.value))
		case 10:
			field.jsonName = string(at.bytes)
		}
	})
	return field
}

func readEnum(descriptor []byte, sound *bool) (enum enumDescriptor) {
	*sound = *sound && each(descriptor, func(at item) {
		switch at.number {
		case 1:
			enum.name = string(at.bytes)
		case 2:
			var value enumValue
			*sound = *sound && each(at.bytes, func(at item) {
				switch at.number {
				case 1:
					value.name = string(at.bytes)
				case 2:
					value.number = int32(at.value)
				}
			})
			enum.values = append(enum.values, value)
		case 3:
			enum.features = option(at.bytes, 7, sound)
		}
	})
	return enum
}

// option gives the message that options have in a field.
func option(options []byte, number uint32, sound *bool) (found []byte) {
	*sound = *sound && each(options, func(at item) {
		if at.number == number {
			found = append(found, at.bytes...) // two that follow one another are one message
		}
	})
	return found
}
