package guest

import _ "unsafe" // go:linkname

// Messages come in and results go out by one arena of the Go heap: the batch at its start, the results behind it. It grows
// in few steps, since what it leaves behind is garbage that may lie in the way of the next one. The last step leaves room
// for the rest of the heap in a sandbox of 64 MiB (the default of a stream's `limits.memory`): a result that doesn't fit
// is refused, before Go's allocator is asked for what nobody has. It would end the guest.
var steps = []int{64 << 10, 512 << 10, 3 << 20, 40 << 20} // bytes

// The collector starts early, so that an instance stays small enough to be kept between requests (8 MiB); and it starts
// whatever the heap grew by once this much memory is used.
const (
	collectAt   = 50       // per cent that the heap may grow by
	memoryLimit = 56 << 20 // bytes
)

func init() {
	setGCPercent(collectAt)
	setMemoryLimit(memoryLimit)
}

// The functions of runtime/debug. The package itself would bring the package os, whose start asks the host about standard
// input and output: no module has these, and the decision's record would count the attempts.

//go:linkname setGCPercent runtime/debug.setGCPercent
func setGCPercent(percent int32) int32

//go:linkname setMemoryLimit runtime/debug.setMemoryLimit
func setMemoryLimit(bytes int64) int64

// arena gives a buffer of at least `size` bytes, larger than the one of `above` bytes that is still needed beside it. Nil:
// there is none.
func arena(size, above int) []byte {
	for _, step := range steps {
		if step >= size && step > above {
			return make([]byte, step)
		}
	}
	return nil
}
