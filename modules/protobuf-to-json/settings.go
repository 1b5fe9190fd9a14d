package main

import (
	"encoding/base64"
	"strings"

	"maskgate/guest"
)

// settings is the configuration; the manifest says what each key means.
type settings struct {
	schema      *schema
	message     *message
	delimited   bool
	dropUnknown bool
	defaults    bool
}

func read(configuration guest.Setting) *settings {
	configuration.Only("descriptor_set", "message", "delimited", "unknown", "names", "defaults")
	configuration.Need("descriptor_set")
	configuration.Need("message")
	s := &settings{
		delimited:   configuration.Bool("delimited", false),
		dropUnknown: configuration.Choice("unknown", "refuse", "drop") == "drop",
		defaults:    configuration.Choice("defaults", "omit", "write") == "write",
	}
	text, name := configuration.Text("descriptor_set", ""), configuration.Text("message", "")
	protoNames := configuration.Choice("names", "json", "proto") == "proto"
	if configuration.Failed() {
		return s
	}
	place := configuration.At("descriptor_set")
	set, err := base64.StdEncoding.Strict().DecodeString(strings.TrimSpace(text))
	if err != nil {
		place.Fail("is not base64")
		return s
	}
	files, ok := readSet(set)
	if !ok {
		place.Fail("is not a FileDescriptorSet")
		return s
	}
	var problem string
	if s.schema, problem = link(files, protoNames); problem != "" {
		place.Fail(problem)
		return s
	}
	s.message = s.schema.messages["."+name]
	if s.message == nil {
		configuration.At("message").Fail("the message `" + name + "` is not in the descriptor set")
		return s
	}
	if s.message.problem != "" {
		place.Fail(s.message.problem)
	}
	return s
}
