package guest

import "encoding/binary"

// tooLarge is the code of a message whose results don't fit into the sandbox's memory.
const tooLarge = "too_large"

const (
	wordSize  = 4  // bytes
	entrySize = 12 // u32 source, u32 status, u32 end
)

// frame is the answer to a batch, little endian:
//
//	u32 count | count × { u32 source, u32 status, u32 end } | u32 report_len | report | results
//
// Results are written behind `head`, before which there is room for all the rest. Entries are written upwards from `front`
// and moved up to the results when all is done. Nothing else is moved, unless there are more entries than messages.
//
// However full it is, there is room for each message that is still to come to be refused as too large: so a batch that
// doesn't fit costs what doesn't fit, and not the guest.
type frame struct {
	base    []byte // the arena
	buffer  []byte // a slice of it; its length says where the next byte goes
	limit   int    // the length that it may have
	front   int
	head    int
	report  int // bytes of the longest report
	count   int // messages of the batch
	source  int // the message that is being worked on
	entries int
}

// start begins a batch of `count` messages that stands in the first `used` bytes of `base`. False: there is no memory for
// its entries.
func (f *frame) start(base []byte, used, count int) bool {
	report := reportRoom()
	front := (used + wordSize - 1) &^ (wordSize - 1)
	head := 2*wordSize + count*entrySize + report
	*f = frame{base: base, front: front, head: front + head, report: report, count: count}
	if f.head+f.kept() > len(base) {
		f.front, f.head = 0, head
		f.base = arena(head+f.kept(), len(base))
	}
	if f.base == nil {
		return false
	}
	f.buffer = f.base[:f.head]
	f.bound()
	return true
}

// written is the number of bytes of all results.
func (f *frame) written() int { return len(f.buffer) - f.head }

func (f *frame) cut(written int) { f.buffer = f.buffer[:f.head+written] }

// kept is the number of bytes in which this message and those behind it can be refused.
func (f *frame) kept() int { return (f.count - f.source) * len(tooLarge) }

func (f *frame) bound() { f.limit = cap(f.buffer) - f.kept() }

// hasEntry says whether there is room for an entry more, with those behind this message.
func (f *frame) hasEntry() bool {
	return f.entriesEnd()+(f.count-f.source)*entrySize+wordSize+f.report <= f.head
}

func (f *frame) entriesEnd() int { return f.front + wordSize + f.entries*entrySize }

// grow moves all into a larger arena with room for `more` bytes of results and `wider` bytes of entries. False: there is
// none, and nothing changed.
func (f *frame) grow(more, wider int) bool {
	to := arena(len(f.buffer)-f.front+more+wider+f.kept(), len(f.base))
	if to == nil {
		return false
	}
	copy(to, f.buffer[f.front:f.entriesEnd()])
	head := f.head - f.front + wider
	f.buffer = append(to[:head], f.buffer[f.head:]...)
	f.base, f.front, f.head = to, 0, head
	f.bound()
	return true
}

// widen makes room for more entries. False: there is no memory for them, and nothing changed.
func (f *frame) widen() bool {
	more := (f.entries + 16) * entrySize
	if len(f.buffer)+more > f.limit {
		return f.grow(0, more)
	}
	results := f.buffer[f.head:]
	f.buffer = f.buffer[:len(f.buffer)+more]
	f.head += more
	copy(f.buffer[f.head:], results)
	return true
}

// enter writes an entry of this message for all that was written since the last one. There has to be room for it.
func (f *frame) enter(status uint32) {
	entry := f.buffer[f.entriesEnd():][:entrySize]
	binary.LittleEndian.PutUint32(entry, uint32(f.source))
	binary.LittleEndian.PutUint32(entry[wordSize:], status)
	binary.LittleEndian.PutUint32(entry[2*wordSize:], uint32(f.written()))
	f.entries++
}

// finish completes the frame and gives it.
func (f *frame) finish() []byte {
	entries := f.buffer[f.front+wordSize : f.entriesEnd()]
	counts := report(make([]byte, 0, f.report))
	start := f.head - len(counts) - wordSize - len(entries) - wordSize
	copy(f.buffer[start+wordSize:], entries)
	binary.LittleEndian.PutUint32(f.buffer[start:], uint32(f.entries))
	behind := f.buffer[start+wordSize+len(entries):]
	binary.LittleEndian.PutUint32(behind, uint32(len(counts)))
	copy(behind[wordSize:], counts)
	return f.buffer[start:]
}
