package guest

import (
	"runtime"
	"unsafe"
)

const (
	secretLimit = 4096 // bytes
	notGranted  = -1
)

//go:wasmimport maskgate secret
func hostSecret(name unsafe.Pointer, nameLength uint32, out unsafe.Pointer, room uint32) int32

// Secret reads a setting that names a secret, and gives the secret: bytes that the policy grants this module. False where
// there is no such setting. Whatever else keeps it from being read (it isn't granted, it has more than 4096 bytes) is told
// to the setting. For a Configure function.
func (s Setting) Secret(name string) ([]byte, bool) {
	if !s.Has(name) {
		return nil, false
	}
	secret := s.Text(name, "")
	if s.Failed() {
		return nil, false
	}
	buffer := make([]byte, secretLimit)
	text := []byte(secret + "\x00") // so that an empty name has an address too
	length := hostSecret(unsafe.Pointer(&text[0]), uint32(len(secret)), unsafe.Pointer(&buffer[0]), secretLimit)
	runtime.KeepAlive(text)
	if length >= 0 && length <= secretLimit {
		return buffer[:length], true
	}
	if length == notGranted {
		s.At(name).Fail("the secret `" + secret + "` is not granted")
	} else {
		s.At(name).Fail("the secret `" + secret + "` has more than 4096 bytes")
	}
	return nil, false
}
