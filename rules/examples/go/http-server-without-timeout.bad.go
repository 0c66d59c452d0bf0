package web

import (
	"log"
	"net/http"
)

func serve(handler http.Handler) {
	// secplan-expect
	server := &http.Server{Addr: "127.0.0.1:8080", Handler: handler}
	go server.ListenAndServe()
	// secplan-expect
	log.Fatal(http.ListenAndServe("127.0.0.1:8081", handler))
}
