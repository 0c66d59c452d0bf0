package web

import (
	"crypto/tls"
	"net/http"
)

func client() *http.Client {
	// secplan-expect
	config := &tls.Config{InsecureSkipVerify: true}
	transport := &http.Transport{TLSClientConfig: config}
	// secplan-expect
	transport.TLSClientConfig.InsecureSkipVerify = true
	return &http.Client{Transport: transport}
}
