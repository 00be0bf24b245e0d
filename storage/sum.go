package storage

import (
	"hash/crc32"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
)

// Journals and events are kept with a checksum behind their JSON, so that a byte that the disk changed is noticed when
// they are read, and not carried out. JSON ends otherwise, so what was written without one is told apart.

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

const sumLength = 9 // # and eight digits

// summed gives a text with its checksum behind it.
func summed(text []byte) string {
	const digits = "0123456789abcdef"
	sum := crc32.Checksum(text, castagnoli)
	var b strings.Builder
	b.Grow(len(text) + sumLength)
	b.Write(text)
	b.WriteByte('#')
	for shift := 28; shift >= 0; shift -= 4 {
		b.WriteByte(digits[sum>>shift&15])
	}
	return b.String()
}

// unsummed takes the checksum off a text again. What does not fit it is Internal: the text was changed since it was
// written. A text without one is given as it is; where the mark itself was changed it is no JSON any more.
func unsummed(text string) ([]byte, error) {
	at := len(text) - sumLength
	if at < 0 || text[at] != '#' || strings.Trim(text[at+1:], "0123456789abcdef") != "" {
		return []byte(text), nil
	}
	if summed([]byte(text[:at])) != text {
		return nil, damaged()
	}
	return []byte(text[:at]), nil
}

func damaged() error {
	return fault.New(fault.Internal, "What is stored here is damaged: its checksum does not fit. Check the disk, and restore a backup.")
}
