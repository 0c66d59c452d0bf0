package digest

import (
	"crypto/md5"
	"crypto/sha1"
)

func sums(data []byte) ([16]byte, [20]byte) {
	// secplan-expect
	first := md5.Sum(data)
	// secplan-expect
	second := sha1.Sum(data)
	return first, second
}
