// protobuf-to-json: a binary Protocol Buffers message in, its ProtoJSON out (see README.md), by the descriptors of the
// configuration.
//
// The reader is written here, after https://protobuf.dev/programming-guides/encoding and …/json, and not taken from Go's
// library: that one keeps what it doesn't know, says no byte offset, and would make the module four times as large.
//
//	settings.go    the configuration
//	wire.go        varints, tags, lengths
//	descriptors.go what a FileDescriptorSet says, as it says it
//	features.go    what its syntax or edition makes of it
//	schema.go      messages, fields and enums, linked to one another
//	decode.go      a message into a tree
//	scalars.go     numbers and texts, in and out
//	write.go       the tree as JSON
//	maps.go        maps
//	known.go       messages that ProtoJSON writes in a way of their own
//	times.go       of these, Timestamp and Duration
package main

import "maskgate/guest"

func init() { guest.Serve(configure) }

func main() {}

// Refusals of the manifest.
const (
	notUTF8      = "invalid_utf8"
	badValue     = "protobuf_bad_value"
	malformed    = "protobuf_malformed"
	missingField = "protobuf_missing_field"
	unknownField = "protobuf_unknown_field"
	unknownType  = "protobuf_unknown_type"
	tooDeep      = "too_deep"
	tooLarge     = "too_large"
)

var (
	records = guest.NewCounter("records")
	dropped = guest.NewCounter("unknown_fields")
)

func configure(configuration guest.Setting) guest.Transform {
	settings := read(configuration)
	if configuration.Failed() {
		return nil
	}
	reader := &reader{settings: settings}
	reader.tree.Limit = pageLimit
	if settings.delimited {
		return reader.several
	}
	return reader.one
}

// one takes a message that is the whole body.
func (r *reader) one(body []byte, out *guest.Output) guest.Result {
	r.begin(body, out)
	if !r.message(0, len(body)) {
		return guest.Refuse(r.code, r.offset)
	}
	records.Add(1)
	return guest.Pass
}

// several takes messages with their lengths before them. One that is refused leaves the others; where a length is wrong, nothing
// behind it can be told, and is refused with it.
func (r *reader) several(body []byte, out *guest.Output) guest.Result {
	r.begin(body, out)
	for r.at < len(body) && !out.Full() {
		start := r.at
		length, ok := r.varint(len(body))
		if !ok || length > uint64(len(body)-r.at) {
			out.Refuse(malformed, start)
			break
		}
		from, to := r.at, r.at+int(length)
		if r.message(from, to) {
			records.Add(1)
			out.Pass()
		} else {
			out.Refuse(r.code, r.offset)
		}
		r.at = to
	}
	return guest.Several
}

// message takes the bytes from `from` to `to` as a message.
func (r *reader) message(from, to int) bool {
	r.start, r.at, r.entries = from, from, r.entries[:0]
	r.Begin(r.out)
	root := r.root()
	if !r.fields(r.settings.message, root, to, 0, 1) || !r.write(r.settings.message, root, 1) {
		return false
	}
	r.Flush()
	return true
}
