// xml-to-json: an XML 1.0 document in, a JSON object out (see README.md for the shape).
//
// Go's encoding/xml reads more than XML: it lets undeclared prefixes, duplicate attributes and most of what stands in a
// prolog pass, and says no byte offset. So the reader is written here, after https://www.w3.org/TR/xml (fifth edition) and
// https://www.w3.org/TR/xml-names:
//
//	settings.go    the configuration
//	characters.go  which characters there may be, and which make names
//	names.go       names, each kept once
//	document.go    the document: prolog, elements, what stands around them
//	tag.go         start tags and end tags
//	text.go        text, references, CDATA
//	tree.go        the elements that were read, until they are written
//	write.go       and how they are written
package main

import "maskgate/guest"

func init() { guest.Serve(configure) }

func main() {}

// Refusals of the manifest.
const (
	badCharacter   = "xml_bad_character"
	duplicate      = "xml_duplicate_attribute"
	doctype        = "xml_doctype"
	otherEncoding  = "xml_encoding"
	unknownEntity  = "xml_entity"
	malformed      = "xml_malformed"
	mixed          = "xml_mixed"
	nameConflict   = "xml_name_conflict"
	wrongNamespace = "xml_namespace"
	notUTF8        = "invalid_utf8"
	tooDeep        = "too_deep"
	tooLarge       = "too_large"
)

var records = guest.NewCounter("records")

func configure(configuration guest.Setting) guest.Transform {
	settings := read(configuration)
	if configuration.Failed() {
		return nil
	}
	reader := &document{settings: settings, names: newNames(settings)}
	reader.tree.Limit = pageLimit
	return func(message []byte, out *guest.Output) guest.Result {
		reader.begin(message, out)
		if !reader.read() {
			return guest.Refuse(reader.code, reader.offset)
		}
		return guest.Several
	}
}
