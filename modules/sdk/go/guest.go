// Package guest is the guest side of the ABI maskgate/1 in Go: a module is one function from a message to its result.
//
//	package main
//
//	import "maskgate/guest"
//
//	var shouted = guest.NewCounter("shouted")
//
//	func init() { guest.Serve(configure) }
//
//	func main() {} // Go wants one; nobody calls it
//
//	func configure(settings guest.Setting) guest.Transform {
//		settings.Only("mark")
//		mark := settings.Text("mark", "!")
//		return func(message []byte, out *guest.Output) guest.Result {
//			if len(message) == 0 {
//				return guest.Refuse("empty", 0)
//			}
//			shouted.Add(1)
//			out.Put(message)
//			out.PutText(mark)
//			return guest.Pass
//		}
//	}
//
// Framing, memory, configuration and the report are done here:
//
//	abi.go      the exports: allocate, configure, transform, error
//	memory.go   the buffers that messages come in by and results go out by
//	output.go   results
//	result.go   what a transform answers
//	setting.go  the configuration, with errors that name the place
//	value.go    the JSON that it is written in
//	counter.go  counts of the report
//	secret.go   secrets that the host grants
//	trap.go     how a panic ends
//	text.go     JSON strings, for modules that write JSON
//	buffered.go output in small pieces
//	pages.go    many small values, in memory that is used again
//	frame.go    the frame that results go back in
//
// A module is one thread, and one function at a time: no export is called from within another.
package guest

// Transform takes one message and says what becomes of it. The message is the module's own for the length of the call,
// and gone after it: keep copies, not slices. Allocate little: what is garbage after a message is collected sooner or later,
// and all of it counts against the sandbox's memory.
type Transform func(message []byte, out *Output) Result

// Configure reads a configuration, and gives the Transform that works by it. It is called once for each instance. Anything
// wrong is told to the setting (Setting.Fail), and the configuration is then refused whatever the function gives.
type Configure func(settings Setting) Transform

// Serve says how this module is configured. Call it once, in an init function.
func Serve(configure Configure) { served = configure }

var served Configure
