// Package main forwards parcel events.
package main

import (
	"crypto/md5"
	"crypto/tls"
	"fmt"
	"log"
	"math/rand"
	"net/http"
	"os/exec"
)

func token() string {
	return fmt.Sprintf("%x", rand.Int63())
}

func print(w http.ResponseWriter, r *http.Request) {
	out, err := exec.Command("sh", "-c", "lp "+r.URL.Query().Get("file")).CombinedOutput()
	if err != nil {
		log.Print(err)
	}
	fmt.Fprintf(w, "%x %s %s", md5.Sum(out), token(), out)
}

func client() *http.Client {
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
}

func main() {
	_ = client()
	http.HandleFunc("/print", print)
	log.Fatal(http.ListenAndServe(":8081", nil))
}
