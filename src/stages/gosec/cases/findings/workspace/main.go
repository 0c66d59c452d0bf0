package main

import (
	"crypto/md5"
	"fmt"
	"os/exec"
)

func main() {
	fmt.Printf("%x", md5.Sum([]byte("x"))) // #nosec G401
	out, _ := exec.Command("sh", "-c", "ls "+fmt.Sprint(1)).Output()
	fmt.Println(out)
}
