package guest

import "strconv"

// Counter is a number of the report. Its name is one of the manifest's `counters`: it says what was counted, and never what
// was in a message.
type Counter struct {
	name  string
	count uint64
}

var counters []*Counter

// NewCounter makes a Counter; call it for a variable of the package, once a name. Lowercase letters, digits and `_`.
func NewCounter(name string) *Counter {
	counter := &Counter{name: name}
	counters = append(counters, counter)
	return counter
}

// Add counts. What a message that was refused had counted is not taken back.
func (c *Counter) Add(count int) { c.count += uint64(count) }

// reportRoom is the length in bytes that no report exceeds.
func reportRoom() int {
	room := len("{}")
	for _, counter := range counters {
		room += len(`"":,`) + len(counter.name) + 20 // digits of the largest number
	}
	return room
}

// report appends the counts that aren't 0, as a JSON object, and starts them anew. Nothing at all where all are 0.
func report(to []byte) []byte {
	start := len(to)
	for _, counter := range counters {
		if counter.count == 0 {
			continue
		}
		separator := byte(',')
		if len(to) == start {
			separator = '{'
		}
		to = append(append(append(to, separator, '"'), counter.name...), '"', ':')
		to = strconv.AppendUint(to, counter.count, 10)
		counter.count = 0
	}
	if len(to) > start {
		to = append(to, '}')
	}
	return to
}
