package main

// features are what a file's syntax or edition says of its fields, where they don't say otherwise themselves
// (google/protobuf/descriptor.proto, FeatureSet).
type features struct {
	presence  uint64
	enums     uint64
	encodings uint64
}

const (
	explicitPresence uint64 = 1
	implicitPresence uint64 = 2
	legacyRequired   uint64 = 3

	openEnums   uint64 = 1
	closedEnums uint64 = 2

	lengthPrefixed uint64 = 1
	delimitedGroup uint64 = 2
)

const (
	edition2023 = 1000
	edition2024 = 1001
)

// featuresOf gives a file's features by its syntax and its edition. False: it is an edition that isn't known here.
func featuresOf(syntax string, edition uint64) (features, bool) {
	switch syntax {
	case "", "proto2":
		return features{explicitPresence, closedEnums, lengthPrefixed}, true
	case "proto3":
		return features{implicitPresence, openEnums, lengthPrefixed}, true
	default:
		known := edition == edition2023 || edition == edition2024
		return features{explicitPresence, openEnums, lengthPrefixed}, known
	}
}

// with gives the features where an element's options have a FeatureSet of their own.
func (f features) with(set []byte) features {
	each(set, func(at item) {
		switch at.number {
		case 1:
			f.presence = at.value
		case 2:
			f.enums = at.value
		case 5:
			f.encodings = at.value
		}
	})
	return f
}
