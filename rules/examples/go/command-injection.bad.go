package web

import (
	"net/http"
	"os/exec"
)

func ping(w http.ResponseWriter, r *http.Request) {
	host := r.URL.Query().Get("host")
	// secplan-expect
	out, _ := exec.Command("sh", "-c", "ping -c 1 "+host).Output()
	_, _ = w.Write(out)
	// secplan-expect
	_ = exec.CommandContext(r.Context(), r.FormValue("tool"), "--version").Run()
}
