package web

import (
	"net/http"
	// secplan-expect
	_ "net/http/pprof"
)

var handler = http.DefaultServeMux
