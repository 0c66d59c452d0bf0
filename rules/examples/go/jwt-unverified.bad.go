package session

import "github.com/golang-jwt/jwt/v5"

func claims(text string) (jwt.MapClaims, error) {
	found := jwt.MapClaims{}
	// secplan-expect
	_, _, err := jwt.NewParser().ParseUnverified(text, found)
	return found, err
}

func key(token *jwt.Token) (any, error) {
	// secplan-expect
	return jwt.UnsafeAllowNoneSignatureType, nil
}
