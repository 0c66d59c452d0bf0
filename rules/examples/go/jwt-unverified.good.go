package session

import "github.com/golang-jwt/jwt/v5"

func claims(text string, secret []byte) (jwt.MapClaims, error) {
	found := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(text, found, func(*jwt.Token) (any, error) {
		return secret, nil
	}, jwt.WithValidMethods([]string{"HS256"}))
	return found, err
}
