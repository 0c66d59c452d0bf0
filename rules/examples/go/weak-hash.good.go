package digest

import "crypto/sha256"

func sum(data []byte) [32]byte {
	return sha256.Sum256(data)
}
