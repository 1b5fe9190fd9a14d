package guest

import (
	"encoding/binary"
	"unsafe"
)

var (
	held      []byte // the arena that the host writes to
	transform Transform
	output    Output
	problem   []byte // why the configuration was refused
)

// alloc gives room for `length` bytes, which may be used again at the next call. 0: there is no such room.
//
//go:wasmexport mg_alloc
func alloc(length uint32) uint32 {
	defer stop()
	size, most := int(length), steps[len(steps)-1]
	if size > most {
		return 0
	}
	if roomy := max(1, min(2*size+size/8, most)); roomy > len(held) { // results are about the size of the messages
		output, held = Output{}, nil // so that the collector may have them
		held = arena(roomy, 0)
	}
	return address(held)
}

// configure reads a configuration, UTF-8 JSON. 0: accepted.
//
//go:wasmexport mg_configure
func configure(_, length uint32) uint32 {
	defer stop()
	var first string
	transform = nil
	value, offset := parse(held[:length])
	setting := Setting{value: value, problem: &first}
	if offset != nowhere {
		setting.Fail(notJSON(offset))
	}
	if first == "" {
		transform = served(setting)
	}
	problem = []byte(first)
	if first == "" {
		return 0
	}
	transform = nil
	return 1
}

// explain gives the place of what is wrong with the configuration, UTF-8.
//
//go:wasmexport mg_error
func explain() uint64 {
	defer stop()
	return pack(problem)
}

// batch transforms the messages of `u32 count | count × u32 end | bytes`, and gives the place of the frame with the results.
// It traps where only the host can be at fault: no configuration, no such frame.
//
//go:wasmexport mg_transform
func batch(_, length uint32) uint64 {
	defer stop()
	in := held[:length]
	count := int(binary.LittleEndian.Uint32(in))
	ends, messages := in[wordSize:wordSize+4*count], in[wordSize+4*count:]
	output = Output{}
	if transform == nil || !output.start(held, len(in), count) {
		trap()
	}
	start := 0
	for i := range count {
		end := int(binary.LittleEndian.Uint32(ends[4*i:]))
		output.one(transform, messages[start:end:end])
		start = end
	}
	held = output.base
	return pack(output.finish())
}

func address(bytes []byte) uint32 { return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(bytes)))) }

func pack(bytes []byte) uint64 { return uint64(address(bytes))<<32 | uint64(len(bytes)) }
