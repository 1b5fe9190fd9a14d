package main

import "maskgate/guest"

// What a node's key may say beside the number of the key.
const (
	textNode      = 0xFFFFFFFF
	attributeNode = 1 << 31
	laterNode     = 1 << 30 // not the first of its parent's with this key
	keyNumber     = laterNode - 1
)

// node is an element, an attribute or a piece of text. Nodes are called by numbers from 1 on; 0 is none.
type node struct {
	key  uint32
	a, b uint32 // of an element, its first node and its last; else where the text stands in the message
	next uint32 // the next one in its parent
	same uint32 // the next one with the same key in its parent
}

const pageLimit = 24 // 390,000 nodes, 8 MB

type tree struct{ guest.Pages[node] }

// add puts a node at the end of an element. False: there are too many.
func (t *tree) add(parent uint32, of node) bool {
	number := t.New(of)
	if number != 0 {
		t.append(parent, number)
	}
	return number != 0
}

// addElement puts an element at the end of `parent`, if that isn't 0, and gives its number.
func (t *tree) addElement(parent, key uint32) (number uint32, ok bool) {
	number = t.New(node{key: key})
	if number != 0 && parent != 0 {
		t.append(parent, number)
	}
	return number, number != 0
}

func (t *tree) append(parent, number uint32) {
	element := t.At(parent)
	if element.a == 0 {
		element.a = number
	} else {
		t.At(element.b).next = number
	}
	element.b = number
}

// order links the elements of an element that have the same key. False, and a refusal, where members have the same key that
// aren't both elements, and where there is text beside elements if that is refused.
func (d *document) order(of element) bool {
	owner, list := d.names.tag(), d.names.keyList
	elements, text := false, false
	for number := d.tree.At(of.node).a; number != 0; {
		node := d.tree.At(number)
		if node.key != textNode {
			key := &list[node.key&keyNumber]
			if key.owner == owner {
				before := d.tree.At(key.last)
				if (before.key|node.key)&attributeNode != 0 {
					return d.fail(nameConflict, of.start)
				}
				before.same = number
				node.key |= laterNode
			}
			key.owner, key.last = owner, number
			elements = elements || node.key&attributeNode == 0
		} else {
			text = true
		}
		number = node.next
	}
	text = d.hasText(d.tree.At(of.node).a, text, elements)
	if text && elements && d.settings.refuseMixed {
		return d.fail(mixed, of.start)
	}
	if text && list[d.names.textKey].owner == owner {
		return d.fail(nameConflict, of.start)
	}
	return true
}

// lastText gives the last piece of text, from the node `at` on, that isn't white space alone. 0: there is none.
func (d *document) lastText(at uint32) (last uint32) {
	for at != 0 {
		node := d.tree.At(at)
		if node.key == textNode && !isBlank(d.text[node.a:node.b]) {
			last = at
		}
		at = node.next
	}
	return last
}

// hasText says whether an element whose first node is `at` has text that goes over: any that there is, but white space alone
// beside elements. (Where texts are trimmed, there is none that is white space alone.)
func (d *document) hasText(at uint32, text, elements bool) bool {
	return text && (d.settings.trim || !elements || d.lastText(at) != 0)
}
