package main

import (
	"bytes"

	"maskgate/guest"
)

const (
	blanks  = " \t\r\n"
	atOnce  = 4 << 10 // bytes that are written together
	longest = 1 << 10 // of a text that is written with others
)

// write writes an element as a message: an object with it alone.
func (d *document) write(number uint32) {
	paths := d.settings.arrayPaths
	for _, open := range d.open { // with `split`, the elements around it
		paths = d.below(paths, d.names.list[open.name].element)
	}
	d.to = append(d.to[:0], '{')
	d.member(number, paths)
	d.to = append(d.to, '}')
	d.flush()
	d.out.Pass()
	records.Add(1)
}

func (d *document) flush() {
	d.out.Put(d.to)
	d.to = d.to[:0]
}

func (d *document) spill() {
	if len(d.to) > atOnce {
		d.flush()
	}
}

// put writes a piece of a string.
func (d *document) put(text []byte) {
	d.spill()
	if len(text) <= longest {
		d.to = guest.AppendEscaped(d.to, text)
		return
	}
	d.flush()
	d.out.PutEscaped(text)
}

func (d *document) below(paths *step, key uint32) *step {
	if paths == nil || paths.below == nil {
		return nil
	}
	return paths.below[string(d.names.keyList[key].text)]
}

// member writes an element's key and value, with those that are linked to it.
func (d *document) member(first uint32, paths *step) {
	node := d.tree.at(first)
	key := &d.names.keyList[node.key]
	paths = d.below(paths, node.key)
	d.to = append(d.to, key.json...)
	if node.same == 0 && !key.array && (paths == nil || !paths.array) {
		d.value(first, paths)
		return
	}
	separator := byte('[')
	for at := first; at != 0; at = d.tree.at(at).same {
		d.to = append(d.to, separator)
		d.value(at, paths)
		separator = ','
	}
	d.to = append(d.to, ']')
}

// value writes an element: its text, if that is all it has, else an object.
func (d *document) value(number uint32, paths *step) {
	d.spill()
	first := d.tree.at(number).a
	separator, elements := byte('{'), false
	for at := first; at != 0 && !d.out.Full(); {
		node := d.tree.at(at)
		switch {
		case node.key == textNode:
		case node.key&attributeNode != 0:
			d.spill()
			d.to = append(d.to, separator)
			d.to = append(d.to, d.names.keyList[node.key&keyNumber].json...)
			d.to = append(d.to, '"')
			d.put(d.text[node.a:node.b])
			d.to = append(d.to, '"')
			separator = ','
		default:
			elements = true
			if node.key&laterNode == 0 {
				d.to = append(d.to, separator)
				d.member(at, paths)
				separator = ','
			}
		}
		at = node.next
	}
	has := d.hasText(first, elements)
	switch {
	case separator == '{' && has:
		d.joined(first)
		return
	case separator == '{' && d.settings.emptyNull:
		d.to = append(d.to, "null"...)
		return
	case separator == '{':
		d.to = append(d.to, `""`...)
		return
	case has:
		d.to = append(d.to, separator)
		d.to = append(d.to, d.names.keyList[d.names.textKey].json...)
		d.joined(first)
	}
	d.to = append(d.to, '}')
}

// joined writes the pieces of text from the node `at` on as one string.
func (d *document) joined(at uint32) {
	last := uint32(0)
	if d.settings.trim {
		last = d.lastText(at)
	}
	d.to = append(d.to, '"')
	for begun := false; at != 0; at = d.tree.at(at).next {
		node := d.tree.at(at)
		if node.key != textNode {
			continue
		}
		text := d.text[node.a:node.b]
		if d.settings.trim && !begun {
			text = bytes.TrimLeft(text, blanks)
		}
		begun = begun || len(text) > 0
		if at == last {
			d.put(bytes.TrimRight(text, blanks))
			break
		}
		d.put(text)
	}
	d.to = append(d.to, '"')
}
