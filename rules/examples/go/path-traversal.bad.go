package web

import (
	"net/http"
	"os"
	"path/filepath"
)

func download(w http.ResponseWriter, r *http.Request) {
	name := filepath.Join("/srv/reports", r.URL.Query().Get("file"))
	// secplan-expect
	data, err := os.ReadFile(name)
	if err == nil {
		_, _ = w.Write(data)
	}
	// secplan-expect
	http.ServeFile(w, r, "static/"+r.PathValue("name"))
}
