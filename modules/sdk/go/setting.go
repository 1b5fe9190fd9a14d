package guest

import (
	"slices"
	"strconv"
	"strings"
)

// Setting is a value of the configuration, and knows its place in it (such as `columns[2].name`).
//
// What doesn't fit is told with its place to whoever wrote the policy: the first such thing, and the configuration is refused.
// A read that didn't fit gives the default, so nothing needs to be checked on the way; Failed says whether there was any.
// A Setting that isn't there (see At) is read like one that is null.
type Setting struct {
	place   string
	value   value
	problem *string
}

// Fail refuses the configuration because of what stands here.
func (s Setting) Fail(what string) {
	if *s.problem != "" {
		return
	}
	place := s.place
	if place == "" {
		place = "configuration"
	}
	*s.problem = place + ": " + what
}

// Failed says whether the configuration is refused, for this or for what was read before.
func (s Setting) Failed() bool { return *s.problem != "" }

// Only refuses members that aren't called one of `known`, a name that comes twice, and what isn't an object.
func (s Setting) Only(known ...string) {
	if !s.is(object) {
		return
	}
	for i, name := range s.value.names {
		if !slices.Contains(known, name) {
			s.Fail("has no key `" + name + "`; it has " + strings.Join(known, ", "))
		}
		if slices.Contains(s.value.names[:i], name) {
			s.Fail("has the key `" + name + "` twice")
		}
	}
}

// Has says whether there is a member called `name`.
func (s Setting) Has(name string) bool { return slices.Contains(s.value.names, name) }

// Need refuses an object without a member called `name`.
func (s Setting) Need(name string) {
	if !s.Has(name) {
		s.Fail("needs the key `" + name + "`")
	}
}

// At gives the member called `name`.
func (s Setting) At(name string) Setting {
	place := s.place
	if place != "" {
		place += "."
	}
	found := Setting{place: place + name, problem: s.problem}
	if i := slices.Index(s.value.names, name); i >= 0 {
		found.value = s.value.items[i]
	}
	return found
}

// Text reads a member that is a string.
func (s Setting) Text(name, otherwise string) string {
	if member := s.At(name); s.Has(name) && member.is(text) {
		return member.value.text
	}
	return otherwise
}

// Bool reads a member that is true or false.
func (s Setting) Bool(name string, otherwise bool) bool {
	if member := s.At(name); s.Has(name) && member.is(boolean) {
		return member.value.text == "true"
	}
	return otherwise
}

// Int reads a member that is an integer from `least` to `most`, written without fraction and exponent.
func (s Setting) Int(name string, least, most, otherwise int) int {
	member := s.At(name)
	if !s.Has(name) {
		return otherwise
	}
	read, err := strconv.Atoi(member.value.text)
	if member.value.kind != number || err != nil || read < least || read > most {
		member.Fail("must be an integer from " + strconv.Itoa(least) + " to " + strconv.Itoa(most))
		return otherwise
	}
	return read
}

// Choice reads a member that is one of the texts `choices`. Where there is none, it is the first.
func (s Setting) Choice(name string, choices ...string) string {
	member := s.At(name)
	if !s.Has(name) {
		return choices[0]
	}
	if member.value.kind != text || !slices.Contains(choices, member.value.text) {
		member.Fail("must be one of " + strings.Join(choices, ", "))
		return choices[0]
	}
	return member.value.text
}

// Items gives the items of a member that is an array.
func (s Setting) Items(name string) []Setting {
	member := s.At(name)
	if !s.Has(name) || !member.is(array) {
		return nil
	}
	items := make([]Setting, len(member.value.items))
	for i, item := range member.value.items {
		items[i] = Setting{place: member.place + "[" + strconv.Itoa(i) + "]", value: item, problem: s.problem}
	}
	return items
}

// Texts reads a member that is an array of strings.
func (s Setting) Texts(name string) []string {
	var read []string
	for _, item := range s.Items(name) {
		if item.is(text) {
			read = append(read, item.value.text)
		}
	}
	return read
}

// Names gives the names of an object's members, in the order in which they were written.
func (s Setting) Names() []string { return s.value.names }

func (s Setting) is(wanted kind) bool {
	if s.value.kind == wanted {
		return true
	}
	s.Fail("must be " + kinds[wanted])
	return false
}

func notJSON(offset int) string { return "not JSON at byte " + strconv.Itoa(offset) }
