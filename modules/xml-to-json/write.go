package main

// write writes an element as a message: an object with it alone.
func (d *document) write(number uint32) {
	paths := d.settings.arrayPaths
	for _, open := range d.open { // with `split`, the elements around it
		paths = d.below(paths, d.names.list[open.name].element)
	}
	d.Begin(d.out)
	d.To = append(d.To, '{')
	d.member(number, paths)
	d.To = append(d.To, '}')
	d.Flush()
	d.out.Pass()
	records.Add(1)
}

func (d *document) below(paths *step, key uint32) *step {
	if paths == nil || paths.below == nil {
		return nil
	}
	return paths.below[string(d.names.keyList[key].text)]
}

// member writes an element's key and value, with those that are linked to it.
func (d *document) member(first uint32, paths *step) {
	node := d.tree.At(first)
	key := &d.names.keyList[node.key]
	paths = d.below(paths, node.key)
	d.To = append(d.To, key.json...)
	if node.same == 0 && !key.array && (paths == nil || !paths.array) {
		d.value(first, paths)
		return
	}
	separator := byte('[')
	for at := first; at != 0; at = d.tree.At(at).same {
		d.To = append(d.To, separator)
		d.value(at, paths)
		separator = ','
	}
	d.To = append(d.To, ']')
}

// value writes an element: its text, if that is all it has, else an object.
func (d *document) value(number uint32, paths *step) {
	d.Spill()
	first := d.tree.At(number).a
	separator, elements, text := byte('{'), false, false
	for at := first; at != 0 && !d.out.Full(); {
		node := d.tree.At(at)
		switch {
		case node.key == textNode:
			text = true
		case node.key&attributeNode != 0:
			d.Spill()
			d.To = append(d.To, separator)
			d.To = append(d.To, d.names.keyList[node.key&keyNumber].json...)
			d.To = append(d.To, '"')
			d.Escaped(d.text[node.a:node.b])
			d.To = append(d.To, '"')
			separator = ','
		default:
			elements = true
			if node.key&laterNode == 0 {
				d.To = append(d.To, separator)
				d.member(at, paths)
				separator = ','
			}
		}
		at = node.next
	}
	text = d.hasText(first, text, elements)
	switch {
	case separator == '{' && text:
		d.joined(first)
		return
	case separator == '{' && d.settings.emptyNull:
		d.To = append(d.To, "null"...)
		return
	case separator == '{':
		d.To = append(d.To, `""`...)
		return
	case text:
		d.To = append(d.To, separator)
		d.To = append(d.To, d.names.keyList[d.names.textKey].json...)
		d.joined(first)
	}
	d.To = append(d.To, '}')
}

// joined writes the pieces of text from the node `at` on as one string.
func (d *document) joined(at uint32) {
	last := uint32(0)
	if d.settings.trim {
		last = d.lastText(at)
	}
	d.To = append(d.To, '"')
	for begun := false; at != 0; at = d.tree.At(at).next {
		node := d.tree.At(at)
		if node.key != textNode {
			continue
		}
		text := d.text[node.a:node.b]
		if d.settings.trim && !begun {
			text = trimLeft(text)
		}
		begun = begun || len(text) > 0
		if at == last {
			d.Escaped(trimRight(text))
			break
		}
		d.Escaped(text)
	}
	d.To = append(d.To, '"')
}
