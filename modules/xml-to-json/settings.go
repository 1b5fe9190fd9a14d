package main

import (
	"strings"

	"maskgate/guest"
)

// settings is the configuration; the manifest says what each key means.
type settings struct {
	attributePrefix string
	textKey         string
	strip           bool // namespaces
	trim            bool
	refuseMixed     bool
	emptyNull       bool
	split           []string        // names from the root down; empty: the document is one message
	arrayNames      map[string]bool // elements that are arrays wherever they stand
	arrayPaths      *step           // and those at a path
}

// step is an element on a path of `arrays`.
type step struct {
	array bool
	below map[string]*step
}

func read(configuration guest.Setting) *settings {
	configuration.Only("attribute_prefix", "text_key", "arrays", "split", "namespaces", "trim", "mixed", "empty")
	s := &settings{
		attributePrefix: configuration.Text("attribute_prefix", "@"),
		textKey:         configuration.Text("text_key", "#text"),
		strip:           configuration.Choice("namespaces", "keep", "strip") == "strip",
		trim:            configuration.Bool("trim", true),
		refuseMixed:     configuration.Choice("mixed", "join", "refuse") == "refuse",
		emptyNull:       configuration.Choice("empty", "string", "null") == "null",
		arrayNames:      map[string]bool{},
		arrayPaths:      &step{},
	}
	if s.textKey == "" {
		configuration.At("text_key").Fail("must not be empty")
	}
	if configuration.Has("split") {
		s.split = path(configuration.At("split"), configuration.Text("split", ""))
	}
	for i, name := range configuration.Texts("arrays") {
		place := configuration.Items("arrays")[i]
		if !strings.HasPrefix(name, "/") {
			checkName(place, name)
			s.arrayNames[name] = true
			continue
		}
		at := s.arrayPaths
		for _, element := range path(place, name) {
			at = at.child(element)
		}
		at.array = true
	}
	return s
}

func (s *step) child(name string) *step {
	if s.below == nil {
		s.below = map[string]*step{}
	}
	if s.below[name] == nil {
		s.below[name] = &step{}
	}
	return s.below[name]
}

// path reads `/orders/order`: names from the root down.
func path(place guest.Setting, text string) []string {
	if !strings.HasPrefix(text, "/") {
		place.Fail("must be a path such as /orders/order")
		return nil
	}
	steps := strings.Split(text[1:], "/")
	for _, name := range steps {
		checkName(place, name)
	}
	return steps
}

func checkName(place guest.Setting, name string) {
	if !isName(name) {
		place.Fail("has `" + name + "`, which cannot be the name of an element")
	}
}
