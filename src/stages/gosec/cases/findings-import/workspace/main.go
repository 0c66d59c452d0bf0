package main

import (
	"crypto/md5"

	"github.com/example/dep"
)

func main() {
	dep.Use(md5.New())
}
