package main

import "unicode/utf8"

// What a byte can be in markup. Bytes from 0x80 on are looked at as characters.
const (
	starts  byte = 1 << iota // a name
	follows                  // in a name
	blank                    // white space
)

var bytesOf = func() (table [256]byte) {
	for c := 'a'; c <= 'z'; c++ {
		table[c], table[c-'a'+'A'] = starts|follows, starts|follows
	}
	table['_'], table[':'] = starts|follows, starts|follows
	for _, c := range "-.0123456789" {
		table[c] = follows
	}
	for _, c := range " \t\r\n" {
		table[c] = blank
	}
	return table
}()

// nameStarts are the characters beyond ASCII that a name may begin with (NameStartChar), from and to.
var nameStarts = [...][2]rune{
	{0xC0, 0xD6}, {0xD8, 0xF6}, {0xF8, 0x2FF}, {0x370, 0x37D}, {0x37F, 0x1FFF}, {0x200C, 0x200D}, {0x2070, 0x218F},
	{0x2C00, 0x2FEF}, {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
}

// nameFollows are those that may come later only (NameChar).
var nameFollows = [...][2]rune{{0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}}

func within(ranges [][2]rune, c rune) bool {
	for _, r := range ranges {
		if c <= r[1] {
			return c >= r[0]
		}
	}
	return false
}

// inName says whether a character beyond ASCII may stand in a name.
func inName(c rune, first bool) bool {
	return within(nameStarts[:], c) || !first && within(nameFollows[:], c)
}

// isCharacter says whether a document may have this character at all, be it by a reference (Char).
func isCharacter(c rune) bool {
	switch {
	case c < 0x20:
		return c == '\t' || c == '\n' || c == '\r'
	case c < 0xD800:
		return true
	default:
		return c >= 0xE000 && c <= 0xFFFD || c >= 0x10000 && c <= 0x10FFFF
	}
}

// isName says whether an element could be called so.
func isName(text string) bool {
	if !utf8.ValidString(text) {
		return false
	}
	for i, c := range text {
		if c < utf8.RuneSelf {
			if bytesOf[c]&follows == 0 || i == 0 && bytesOf[c]&starts == 0 {
				return false
			}
		} else if !inName(c, i == 0) {
			return false
		}
	}
	return text != ""
}
