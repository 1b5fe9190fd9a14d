package guest

import "strconv"

// Result is what a Transform answers: Pass, Drop, Several, or a refusal made by Refuse or RefuseWhole.
type Result struct {
	kind   uint32
	code   string
	offset int
}

const (
	passes uint32 = iota // the ABI's statuses
	drops
	refuses
	severalTimes
)

const nowhere = -1

var (
	// Pass: what was written is the result.
	Pass = Result{kind: passes}
	// Drop: the message is left out on purpose; what was written is forgotten.
	Drop = Result{kind: drops}
	// Several: the results were ended one by one with Output.Pass or Output.Refuse. With none of them, the message is dropped.
	// What was written after the last is forgotten.
	Several = Result{kind: severalTimes}
)

// Refuse refuses the message: all its results are forgotten. The code is one of the manifest's `refusals`; the offset is in
// bytes from the message's first, and at most its length. Nothing else goes out, so that no value can.
func Refuse(code string, offset int) Result { return Result{kind: refuses, code: code, offset: offset} }

// RefuseWhole refuses the message for something that has no place in it.
func RefuseWhole(code string) Result { return Result{kind: refuses, code: code, offset: nowhere} }

func (r Result) reason(to []byte) []byte {
	to = append(to, r.code...)
	if r.offset == nowhere {
		return to
	}
	return strconv.AppendInt(append(to, ' '), int64(r.offset), 10)
}
