package guest

import (
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"unsafe"
)

// stop ends the guest if its function panicked: the host answers the request with a code of its own, and nobody else
// notices. Deferred by every export.
//
// Where the module is granted `log`, the gateway's log has the function, file and line of the panic, innermost first. The
// text is there for Go's own errors only (an index out of range): what a panic was given may hold a value of a message.
func stop() {
	if cause := recover(); cause != nil {
		log("panic: " + describe(cause) + "\n" + stack())
		trap()
	}
}

func describe(cause any) string {
	if known, ok := cause.(runtime.Error); ok {
		return known.Error()
	}
	return "a value of type " + reflect.TypeOf(cause).String()
}

// stack is a line for each function that was under way, but for those of Go and this package.
func stack() string {
	var lines strings.Builder
	counters := make([]uintptr, 64)
	frames := runtime.CallersFrames(counters[:runtime.Callers(0, counters)])
	for {
		frame, more := frames.Next()
		if !strings.HasPrefix(frame.Function, "runtime.") && !strings.HasPrefix(frame.Function, "maskgate/guest.") {
			lines.WriteString("    " + frame.Function + " " + frame.File + ":" + strconv.Itoa(frame.Line) + "\n")
		}
		if !more {
			return lines.String()
		}
	}
}

// log writes to standard error, which is the gateway's log where the module is granted `log`, and nowhere else.
func log(text string) {
	const standardError = 2
	var written uint32
	vector := [2]uint32{uint32(uintptr(unsafe.Pointer(unsafe.StringData(text)))), uint32(len(text))}
	fdWrite(standardError, unsafe.Pointer(&vector), 1, unsafe.Pointer(&written))
	runtime.KeepAlive(text)
}

//go:wasmimport wasi_snapshot_preview1 fd_write
func fdWrite(file int32, vectors unsafe.Pointer, count uint32, written unsafe.Pointer) uint32

// trap is WebAssembly's `unreachable`.
func trap()
