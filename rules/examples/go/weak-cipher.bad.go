package vault

import (
	"crypto/des"
	"crypto/rc4"
)

func ciphers(key []byte) {
	// secplan-expect
	_, _ = des.NewCipher(key)
	// secplan-expect
	_, _ = rc4.NewCipher(key)
}
