package enrol

import (
	"math/rand"
	"strconv"
)

func newToken() string {
	// secplan-expect
	return strconv.FormatUint(rand.Uint64(), 36)
}

func invite() int {
	// secplan-expect
	otp := rand.Intn(1000000)
	return otp
}
