package web

import "crypto/tls"

func configs() []*tls.Config {
	// secplan-expect
	first := &tls.Config{MinVersion: tls.VersionTLS10}
	second := &tls.Config{}
	// secplan-expect
	second.MinVersion = tls.VersionTLS11
	return []*tls.Config{first, second}
}
