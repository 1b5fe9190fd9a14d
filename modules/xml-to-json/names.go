package main

import (
	"bytes"

	"maskgate/guest"
)

// Bytes of names that are kept in all, an entry's own included; they stay from one document to the next.
const (
	namesLimit = 2 << 20
	entryBytes = 64
)

// name is a name as it was written, with its prefix.
type name struct {
	prefix    uint32 // number of the prefix's own name, 0: none
	declares  uint32 // number of the name of the prefix that an attribute called so declares
	xmlns     bool   // a declaration of a namespace
	element   uint32 // number of the key that an element called so has in JSON, 0: not looked up yet
	attribute uint32
	tag       uint32 // the last start tag that had an attribute called so
}

// key is a member's name in JSON.
type key struct {
	text  []byte
	json  []byte // the text in quotes, and a colon
	array bool   // always, wherever it stands

	// While an element's members are put in order:
	owner uint32 // the last element that had such a member,
	last  uint32 // and the last node of that member
}

// names gives numbers to names and to keys, from 1 on.
type names struct {
	settings *settings
	numbers  map[string]uint32
	list     []name
	keys     map[string]uint32
	keyList  []key
	used     int
	tags     uint32   // start tags and elements so far, so that each has a number of its own
	declared []uint16 // for each name, how many of the open elements declare it as a prefix

	textKey, xml, xmlns uint32
}

func newNames(settings *settings) *names {
	n := &names{settings: settings}
	n.clear()
	return n
}

func (n *names) clear() {
	n.numbers, n.list = map[string]uint32{}, make([]name, 1)
	n.keys, n.keyList = map[string]uint32{}, make([]key, 1)
	n.used, n.tags, n.declared = 0, 0, nil
	n.textKey = n.key(n.settings.textKey)
	n.xml, n.xmlns = n.number([]byte("xml")), n.number([]byte("xmlns"))
}

// full says that there are too many names.
func (n *names) full() bool { return n.used > namesLimit }

// number gives the number of a name.
func (n *names) number(text []byte) uint32 {
	if known, ok := n.numbers[string(text)]; ok {
		return known
	}
	kept := string(text)
	n.used += len(kept) + entryBytes
	number := uint32(len(n.list))
	n.numbers[kept] = number
	n.list = append(n.list, name{})
	n.declared = append(n.declared, make([]uint16, len(n.list)-len(n.declared))...)
	prefix, local, both := bytes.Cut(text, []byte(":"))
	entry := name{xmlns: string(prefix) == "xmlns"}
	if both && entry.xmlns {
		entry.declares = n.number(local)
	}
	if both && !entry.xmlns {
		entry.prefix = n.number(prefix)
	}
	n.list[number] = entry
	return number
}

func (n *names) key(text string) uint32 {
	if known, ok := n.keys[text]; ok {
		return known
	}
	n.used += 2*len(text) + entryBytes
	number := uint32(len(n.keyList))
	n.keys[text] = number
	n.keyList = append(n.keyList, key{text: []byte(text), json: append(guest.AppendJSON(nil, []byte(text)), ':')})
	return number
}

// elementKey gives the number of the key that elements of a name have.
func (n *names) elementKey(number uint32, text []byte) uint32 {
	if n.list[number].element == 0 {
		key := n.key(n.shown(text))
		n.keyList[key].array = n.settings.arrayNames[string(n.keyList[key].text)]
		n.list[number].element = key
	}
	return n.list[number].element
}

// attributeKey gives the number of the key that attributes of a name have.
func (n *names) attributeKey(number uint32, text []byte) uint32 {
	if n.list[number].attribute == 0 {
		n.list[number].attribute = n.key(n.settings.attributePrefix + n.shown(text))
	}
	return n.list[number].attribute
}

func (n *names) shown(text []byte) string {
	if n.settings.strip {
		return string(text[bytes.IndexByte(text, ':')+1:])
	}
	return string(text)
}

// tag gives the next number of a start tag or an element.
func (n *names) tag() uint32 {
	n.tags++
	return n.tags
}
